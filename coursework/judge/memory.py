"""Copies large arrays straight into a student's process: one copy, where a socket makes two.

The student's end says where in its own memory it wants them. The kernel writes there or
refuses; no other process can be meant, and nothing is read from the student's.

The kernel copies page by page, and up to four times as fast where a buffer begins at the same
place in its page on both sides.
"""

import ctypes
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np

from coursework.judge.watch import process_tree, status_of

__all__ = ["Writer", "address_of", "empty_at", "place_of"]

_PAGE = 4096


class _Span(ctypes.Structure):
    """The C structure `iovec`."""

    _fields_ = (("address", ctypes.c_void_p), ("size", ctypes.c_size_t))


class Writer:
    """Writes into the memory of a process in a sandbox.

    Parameters
    ----------
    root : int
        Process that the judge has started, above that one.
    pid : int
        Its number as its own parent knows it.
    """

    def __init__(self, root: int, pid: int) -> None:
        self._root = root
        self._pid = pid
        self._outer_pid: int | None = None

    def write(self, buffers: Sequence[memoryview], addresses: Sequence[int]) -> bool:
        """Copy each buffer to its address; return whether all bytes were."""
        if self._outer_pid is None:
            self._outer_pid = _outer_pid(self._root, self._pid)
        function = _system_call()
        if function is None or not self._outer_pid:
            return False
        sizes = [len(buffer) for buffer in buffers]
        ours = _spans([address_of(buffer) for buffer in buffers], sizes)
        theirs = _spans(addresses, sizes)
        count = ctypes.c_ulong(len(buffers))
        written = function(self._outer_pid, ours, count, theirs, count, ctypes.c_ulong(0))
        return written == sum(sizes)


@cache
def _system_call() -> Callable[..., int] | None:
    function = getattr(ctypes.CDLL(None), "process_vm_writev", None)
    if function is not None:
        function.restype = ctypes.c_ssize_t
    return function


def _spans(addresses: Sequence[int], sizes: Sequence[int]) -> ctypes.Array:
    pairs = zip(addresses, sizes, strict=True)
    return (_Span * len(sizes))(*(_Span(address, size) for address, size in pairs))


def address_of(buffer: memoryview) -> int:
    """Return where the buffer begins."""
    return np.frombuffer(buffer, np.uint8).__array_interface__["data"][0]


def place_of(buffer: memoryview) -> int:
    """Return where in its page the buffer begins."""
    return address_of(buffer) % _PAGE


def empty_at(place: int, size: int) -> memoryview:
    """Return new memory that begins at that place in a page."""
    room = memoryview(np.empty(size + _PAGE, np.uint8))
    start = (place - place_of(room)) % _PAGE
    return room[start : start + size]


def _outer_pid(root: int, pid: int) -> int:
    """Return the number that this process's namespace has for another one's; 0 if none."""
    for outer in process_tree(root):
        # From the outermost namespace that we see to its own, in which a student's is 1.
        numbers = status_of(outer).get("NSpid", "").split()
        if numbers[-2:] == [str(pid), "1"]:
            return outer
    return 0
