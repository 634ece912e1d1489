"""How much memory the student's processes use together, seen from outside the sandbox.

A limit on address space holds for each process by itself; a student who starts sixteen has
sixteen times as much. The kernel's way to limit them together, cgroups, needs rights that
most hosts of a judge do not give.
"""

from pathlib import Path

__all__ = ["Exhausted", "MemoryWatch", "process_tree", "status_of"]

_PROC = Path("/proc")


class Exhausted(Exception):
    """The student's processes use more memory than they may."""


class MemoryWatch:
    """Adds up the memory of the children of a zygote; sees nothing where there is no `/proc`.

    Parameters
    ----------
    root : int
        Process that the judge has started; all below it now belong to the sandbox.
    limit : int
        Bytes that all later processes together may use, beyond what each shares with the
        zygote.
    """

    def __init__(self, root: int, limit: int) -> None:
        self._root, self._limit = root, limit
        self._own = frozenset(process_tree(root))
        self._shared = max(map(_memory, self._own), default=0)

    def check(self) -> None:
        """Look once.

        Raises
        ------
        Exhausted
            It is too much.
        """
        students = set(process_tree(self._root)) - self._own
        used = sum(max(_memory(pid) - self._shared, 0) for pid in students)
        if used > self._limit:
            raise Exhausted(f"{len(students)} processes with {used:,} bytes")


def process_tree(root: int) -> list[int]:
    """Return a process and all below it."""
    found = [root]
    for pid in found:
        found += _children(pid)
    return found


def _children(pid: int) -> list[int]:
    try:
        tasks = list((_PROC / str(pid) / "task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:  # it has ended, or the system has no such files
        return []


def status_of(pid: int) -> dict[str, str]:
    """Return the fields of proc(5)'s status of a process; none where it has ended."""
    try:
        lines = (_PROC / str(pid) / "status").read_text().splitlines()
    except OSError:
        return {}
    return {name: value for name, _, value in (line.partition(":") for line in lines)}


def _memory(pid: int) -> int:
    """Return the bytes in memory that are in no file: its own, and what it shares of such."""
    status = status_of(pid)
    sizes = (status.get(kind, "0") for kind in ("RssAnon", "RssShmem"))
    return sum(int(size.split()[0]) * 1024 for size in sizes)
