"""What Linux says of processes in `/proc`; nothing of those that it hides, and on other systems."""

import contextlib
import os
import signal
from collections.abc import Callable, Collection
from pathlib import Path

__all__ = [
    "children_of",
    "largest_buffer",
    "memory_of",
    "process_tree",
    "signal_all",
    "sockets_of",
    "status_of",
    "stop_trees",
    "tasks_of",
]

_PROC = Path("/proc")
_SEND_BUFFER = _PROC / "sys/net/core/wmem_max"
_USUAL_BUFFER = 212_992
_MOST_PASSES = 10_000


def process_tree(root: int, most: int | None = None) -> list[int]:
    """Return a process and all below it, or somewhat more than so many of them."""
    found = [root]
    for pid in found:
        if most is not None and len(found) > most:
            break
        found += children_of(pid)
    return found


def stop_trees(roots: Callable[[], Collection[int]]) -> set[int]:
    """Stop processes and all below them, and return them: each that is killed makes room to fork.

    Parameters
    ----------
    roots : callable
        Returns the processes as they are by now: those whose parent ends get another one.
    """
    stopped = set[int]()
    for _ in range(_MOST_PASSES):
        found = {pid for root in roots() for pid in process_tree(root)} - stopped
        if not found:
            break
        signal_all(found, signal.SIGSTOP)
        stopped |= found
    return stopped


def signal_all(pids: Collection[int], number: signal.Signals) -> None:
    """Send a signal to processes; one that has ended, or is not ours, does not get it."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def children_of(pid: int) -> list[int]:
    """Return what a process has started and not waited for."""
    try:
        tasks = list((_PROC / str(pid) / "task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:  # it has ended, or the system has no such files
        return []


def tasks_of(pid: int) -> int:
    """Return how many threads a process has; a process that has ended waits with one."""
    return int(status_of(pid).get("Threads", "0"))


def status_of(pid: int) -> dict[str, str]:
    """Return the fields of proc(5)'s status of a process; none where it has ended."""
    try:
        lines = (_PROC / str(pid) / "status").read_text().splitlines()
    except OSError:
        return {}
    return {name: value for name, _, value in (line.partition(":") for line in lines)}


def sockets_of(pid: int) -> frozenset[str]:
    """Return the sockets that a process has open, by their names in the kernel."""
    folder, found = _PROC / str(pid) / "fd", set()
    try:
        for descriptor in os.scandir(folder):
            with contextlib.suppress(OSError):
                found.add(str(Path(descriptor.path).readlink()))
    except OSError:  # it has ended, or is not ours to look into
        pass
    return frozenset(name for name in found if name.startswith("socket:"))


def largest_buffer() -> int:
    """Return the bytes that can wait in a socket; the kernel counts twice what it is told."""
    try:
        return 2 * int(_SEND_BUFFER.read_text())
    except (OSError, ValueError):
        return 2 * _USUAL_BUFFER


def memory_of(pid: int) -> int:
    """Return the bytes in memory that are in no file: its own, and what it shares of such."""
    status = status_of(pid)
    sizes = (status.get(kind, "0") for kind in ("RssAnon", "RssShmem"))
    return sum(int(size.split()[0]) * 1024 for size in sizes)
