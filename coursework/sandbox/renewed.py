"""Student processes for judges with different limits: forkservers, replaced as they age.

Lessons whose given cells import libraries have a forkserver that has imported them. Processes of
other lessons do not have them.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any, Protocol

from coursework.errors import JudgeError
from coursework.ipc.limits import Limits
from coursework.ipc.wire import Handle
from coursework.sandbox.bubblewrap import Sandbox
from coursework.sandbox.forkserver_client import Forkserver
from coursework.sandbox.process import StudentProcess

__all__ = ["Forkservers", "RenewedForkserver", "Side"]

_GROWTH = 1.5
_MOST = 4  # forkservers at once


class Side(Protocol):
    """The judge's side of one student's process: what answers for its own objects."""

    def answer(self, operation: str, arguments: list[Any]) -> Any:
        """Answer a question of the student's process."""

    def lend(self, value: Any) -> Handle:
        """Return what stands for an object of the judge's."""

    def resolve(self, handle: Handle) -> Any:
        """Return what an object of the student's process is here."""

    def admit(self, number: int, tag: int, content: Any) -> Any:
        """Return the object that a number names."""


class RenewedForkserver:
    """Keeps a forkserver.

    Parameters
    ----------
    limits : Limits
        Of the forkserver's children; each of them may be given less CPU time.
    sandbox : Sandbox
    preload : sequence of str
        Modules that the forkserver imports once.
    libraries : sequence of str
        Others, which may be missing.
    renew_after : int
        Student processes that a forkserver starts before it is replaced by a fresh one.
    """

    def __init__(
        self,
        limits: Limits,
        sandbox: Sandbox,
        preload: Sequence[str],
        libraries: Sequence[str],
        renew_after: int,
    ) -> None:
        self._start: Callable[[], Forkserver] = lambda: Forkserver(
            limits, sandbox, preload, libraries
        )
        self._renew_after = renew_after
        self._forkserver: Forkserver | None = None
        self._cpu_seconds = 0.0  # of processes started by earlier forkservers

    @property
    def forkserver(self) -> Forkserver:
        """The running forkserver, started at first use and renewed before it grows old."""
        if self._forkserver and self._is_old(self._forkserver):
            self.close()
        if self._forkserver is None:
            self._forkserver = self._start()
        return self._forkserver

    def _is_old(self, forkserver: Forkserver) -> bool:
        has_grown = forkserver.resident_pages > _GROWTH * forkserver.first_resident_pages
        return forkserver.started >= self._renew_after or has_grown

    def spawn(self, side: Side, hidden: Collection[str], limits: Limits) -> StudentProcess:
        """Start a student's process; if the forkserver has died, replace it once.

        Raises
        ------
        JudgeError
            No forkserver can be started.
        """
        try:
            return self._spawn(side, hidden, limits)
        except JudgeError:
            self.close()
            return self._spawn(side, hidden, limits)

    def _spawn(self, side: Side, hidden: Collection[str], limits: Limits) -> StudentProcess:
        hooks = side.answer, side.lend, side.resolve
        return self.forkserver.spawn(*hooks, hidden, side.admit, limits)

    def cpu_seconds(self) -> float:
        """Return the CPU time of all ended student processes; wait for those that are ending."""
        if self._forkserver is None:
            return self._cpu_seconds
        self._forkserver.settle()
        return self._cpu_seconds + self._forkserver.cpu_seconds

    def close(self) -> None:
        """End the forkserver."""
        if self._forkserver:
            self._cpu_seconds += self._forkserver.cpu_seconds
            self._forkserver.close()
            self._forkserver = None


class Forkservers:
    """Keeps a forkserver for each choice of libraries, enough for lessons that take turns.

    Parameters are those of `RenewedForkserver`.
    """

    def __init__(
        self, limits: Limits, sandbox: Sandbox, preload: Sequence[str], renew_after: int
    ) -> None:
        self._make: Callable[[Sequence[str]], RenewedForkserver] = lambda libraries: (
            RenewedForkserver(limits, sandbox, preload, libraries, renew_after)
        )
        self._kept: dict[tuple[str, ...], RenewedForkserver] = {}  # the last used one at the end
        self._cpu_seconds = 0.0  # of processes started by those that have ended

    def of(self, libraries: tuple[str, ...] = ()) -> RenewedForkserver:
        """Return the one that has imported these; the least recently used may end for it."""
        found = self._kept.pop(libraries, None) or self._make(libraries)
        while len(self._kept) >= _MOST:
            self._end(next(iter(self._kept)))
        self._kept[libraries] = found
        return found

    def _end(self, libraries: tuple[str, ...]) -> None:
        gone = self._kept.pop(libraries)
        gone.close()
        self._cpu_seconds += gone.cpu_seconds()

    def cpu_seconds(self) -> float:
        """Return the CPU time of all ended student processes; wait for those that are ending."""
        return self._cpu_seconds + sum(kept.cpu_seconds() for kept in self._kept.values())

    def close(self) -> None:
        """End all of them."""
        for libraries in tuple(self._kept):
            self._end(libraries)
