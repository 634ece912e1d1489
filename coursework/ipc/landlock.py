"""Landlock: the kernel closes files, TCP, signals and abstract sockets to a process.

It needs no privilege and no namespace, only Linux 5.13 or later; each version closes more. It
leaves open what the system-call filter closes: owners, permissions and times of files, and sockets.

This module runs in the student's process, before any of the student's code.
"""

import ctypes
import os
import stat
import sys
from collections.abc import Iterable
from functools import cache

__all__ = ["SCOPED", "TCP", "restrict", "version"]

TCP, SCOPED = 4, 6
"""The first versions that close TCP, and signals and abstract sockets."""

_CREATE, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION = 1
_PATH_BENEATH = 1
_EXECUTE, _WRITE, _READ, _LIST = 1, 2, 4, 8
# By version: removing and making of all kinds, linking elsewhere, truncating, device ioctl.
_FILES = ((1, 0x1FFF), (2, 1 << 13), (3, 1 << 14), (5, 1 << 15))
_OF_A_FILE = _EXECUTE | _WRITE | _READ | 1 << 14 | 1 << 15
_BIND_AND_CONNECT = 3
_SOCKETS_AND_SIGNALS = 3

_libc = ctypes.CDLL(None, use_errno=True)


class _Ruleset(ctypes.Structure):
    _fields_ = [("files", ctypes.c_uint64), ("tcp", ctypes.c_uint64), ("scoped", ctypes.c_uint64)]


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32)]


@cache
def version() -> int:
    """Return the kernel's version of Landlock; 0 if it has none."""
    if not sys.platform.startswith("linux"):
        return 0
    found: int = _libc.syscall(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION))
    return max(0, found)


def restrict(readable: Iterable[str], listable: Iterable[str], writable: Iterable[str]) -> None:
    """Close everything but these files and folders to this process and all that it starts.

    Parameters
    ----------
    readable, listable, writable : iterable of str
        Folders include everything below them. `listable` ones show only names; everything in
        `writable` ones may be changed. What does not exist is left out.

    Raises
    ------
    OSError
        The kernel refuses; privileges must have been given up before.
    """
    handled = sum(bits for since, bits in _FILES if since <= version())
    tcp = _BIND_AND_CONNECT if version() >= TCP else 0
    scoped = _SOCKETS_AND_SIGNALS if version() >= SCOPED else 0
    rules = _Ruleset(handled, tcp, scoped)
    size = 24 if scoped else 16 if tcp else 8
    ruleset = _call(_CREATE, ctypes.byref(rules), ctypes.c_size_t(size), ctypes.c_uint32(0))
    try:
        for paths, rights in (
            (readable, _EXECUTE | _READ | _LIST),
            (listable, _LIST),
            (writable, handled & ~_EXECUTE),
        ):
            for path in paths:
                _allow(ruleset, path, rights & handled)
        _call(_RESTRICT_SELF, ruleset, ctypes.c_uint32(0))
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(parent).st_mode):
            rights &= _OF_A_FILE
        beneath = _Beneath(rights, parent)
        _call(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(beneath), ctypes.c_uint32(0))
    finally:
        os.close(parent)


def _call(number: int, *arguments: object) -> int:
    result: int = _libc.syscall(number, *arguments)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"landlock: {os.strerror(code)}")
    return result
