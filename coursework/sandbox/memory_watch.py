"""What the student's processes use together, seen from outside the sandbox.

A limit on address space holds for each process by itself; a student who starts sixteen has
sixteen times as much. The kernel's way to limit them together, cgroups, needs rights that
most hosts of a judge do not give. Outside of a user namespace the kernel's limit on processes
counts whatever else the same user runs: it cannot tell a student's sixteenth thread from the
instructor's browser.
"""

from coursework.ipc.limits import Limits
from coursework.ipc.procfs import (
    largest_buffer,
    memory_of,
    process_tree,
    sockets_of,
    tasks_of,
)

__all__ = ["Exhausted", "Watch"]

_MIB = 2**20


class Exhausted(Exception):
    """The student's processes use more than they may; says of what, as an answer's message."""


class Watch:
    """Adds up what the children of a forkserver use; sees nothing where there is no `/proc`.

    Parameters
    ----------
    root : int
        Process that the judge has started; all below it now belong to the sandbox.
    limits : Limits
        All later processes together may use so much memory, beyond what each shares with the
        forkserver, and be so many, threads included.
    counts_tasks : bool
        Whether nobody else counts processes and threads.
    """

    def __init__(self, root: int, limits: Limits, *, counts_tasks: bool) -> None:
        self._root, self._limits, self._counts_tasks = root, limits, counts_tasks
        self._own = frozenset(process_tree(root))
        self._shared = max(map(memory_of, self._own), default=0)
        self._buffer = largest_buffer()

    def check(self) -> None:
        """Look once.

        Raises
        ------
        Exhausted
            It is too much.
        """
        most = self._limits.processes
        # No further than it takes: a bomb has left little time to look at each of a thousand.
        found = process_tree(self._root, len(self._own) + most if self._counts_tasks else None)
        students = set(found) - self._own
        if self._counts_tasks and (len(students) > most or sum(map(tasks_of, students)) > most):
            raise Exhausted(f"ran more than {most:,} processes and threads at once.")
        used = sum(max(memory_of(pid) - self._shared, 0) for pid in students)
        # What waits in a socket is in nobody's memory: each counts as full.
        used += self._buffer * len(frozenset().union(*map(sockets_of, students)))
        if used > self._limits.memory_bytes:
            size = self._limits.memory_bytes / _MIB
            raise Exhausted(f"used more than {size:,.0f} MiB of memory in all its processes.")
