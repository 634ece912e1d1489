"""What the student's processes use together, seen from outside the sandbox.

A limit on address space holds for each process by itself; a student who starts sixteen has
sixteen times as much. The kernel's way to limit them together, cgroups, needs rights that
most hosts of a judge do not give. Outside of a user namespace the kernel's limit on processes
counts whatever else the same user runs: it cannot tell a student's sixteenth thread from the
instructor's browser.
"""

import contextlib
import os
from pathlib import Path

from coursework.judge.limits import Limits

__all__ = ["Exhausted", "Watch", "children_of", "process_tree", "status_of"]

_PROC = Path("/proc")
_SEND_BUFFER = _PROC / "sys/net/core/wmem_max"
_USUAL_BUFFER = 212_992
_MIB = 2**20


class Exhausted(Exception):
    """The student's processes use more than they may; says of what, as an answer's message."""


class Watch:
    """Adds up what the children of a zygote use; sees nothing where there is no `/proc`.

    Parameters
    ----------
    root : int
        Process that the judge has started; all below it now belong to the sandbox.
    limits : Limits
        All later processes together may use so much memory, beyond what each shares with the
        zygote, and be so many, threads included.
    counts_tasks : bool
        Whether nobody else counts processes and threads.
    """

    def __init__(self, root: int, limits: Limits, *, counts_tasks: bool) -> None:
        self._root, self._limits, self._counts_tasks = root, limits, counts_tasks
        self._own = frozenset(process_tree(root))
        self._shared = max(map(_memory, self._own), default=0)
        self._buffer = _largest_buffer()

    def check(self) -> None:
        """Look once.

        Raises
        ------
        Exhausted
            It is too much.
        """
        students = set(process_tree(self._root)) - self._own
        used = sum(max(_memory(pid) - self._shared, 0) for pid in students)
        # What waits in a socket is in nobody's memory: each counts as full.
        used += self._buffer * len(frozenset().union(*map(_sockets, students)))
        if used > self._limits.memory_bytes:
            size = self._limits.memory_bytes / _MIB
            raise Exhausted(f"used more than {size:,.0f} MiB of memory in all its processes.")
        if self._counts_tasks and sum(map(_tasks, students)) > self._limits.processes:
            most = self._limits.processes
            raise Exhausted(f"ran more than {most:,} processes and threads at once.")


def process_tree(root: int) -> list[int]:
    """Return a process and all below it."""
    found = [root]
    for pid in found:
        found += children_of(pid)
    return found


def children_of(pid: int) -> list[int]:
    """Return what a process has started and not waited for."""
    try:
        tasks = list((_PROC / str(pid) / "task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:  # it has ended, or the system has no such files
        return []


def _tasks(pid: int) -> int:
    """Return how many threads a process has; a process that has ended waits with one."""
    return int(status_of(pid).get("Threads", "0"))


def status_of(pid: int) -> dict[str, str]:
    """Return the fields of proc(5)'s status of a process; none where it has ended."""
    try:
        lines = (_PROC / str(pid) / "status").read_text().splitlines()
    except OSError:
        return {}
    return {name: value for name, _, value in (line.partition(":") for line in lines)}


def _sockets(pid: int) -> frozenset[str]:
    """Return the sockets that a process has open, by their names in the kernel."""
    folder, found = _PROC / str(pid) / "fd", set()
    try:
        for descriptor in os.scandir(folder):
            with contextlib.suppress(OSError):
                found.add(str(Path(descriptor.path).readlink()))
    except OSError:  # it has ended, or is not ours to look into
        pass
    return frozenset(name for name in found if name.startswith("socket:"))


def _largest_buffer() -> int:
    """Return the bytes that can wait in a socket; the kernel counts twice what it is told."""
    try:
        return 2 * int(_SEND_BUFFER.read_text())
    except (OSError, ValueError):
        return 2 * _USUAL_BUFFER


def _memory(pid: int) -> int:
    """Return the bytes in memory that are in no file: its own, and what it shares of such."""
    status = status_of(pid)
    sizes = (status.get(kind, "0") for kind in ("RssAnon", "RssShmem"))
    return sum(int(size.split()[0]) * 1024 for size in sizes)
