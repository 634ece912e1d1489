"""Student processes for judges with different limits: one zygote, replaced before it is old."""

from collections.abc import Callable, Collection, Sequence
from typing import Any, Protocol

from coursework.errors import JudgeError
from coursework.ipc.limits import Limits
from coursework.ipc.wire import Handle
from coursework.sandbox.bubblewrap import Sandbox
from coursework.sandbox.forkserver_client import Zygote
from coursework.sandbox.process import StudentProcess

__all__ = ["Nursery", "Side"]

_GROWTH = 1.5


class Side(Protocol):
    """The judge's side of one student's process: what answers for its own objects."""

    def answer(self, operation: str, arguments: list[Any]) -> Any:
        """Answer a question of the student's process."""

    def lend(self, value: Any) -> Handle:
        """Return what stands for an object of the judge's."""

    def resolve(self, handle: Handle) -> Any:
        """Return what an object of the student's process is here."""

    def admit(self, number: int, content: int, value: Any) -> Any:
        """Return the object that a number names."""


class Nursery:
    """Keeps a zygote.

    Parameters
    ----------
    limits : Limits
        Of the zygote's children; one of them may be given less CPU time.
    sandbox : Sandbox
    preload : sequence of str
        Modules that the zygote imports once.
    renew_after : int
        Student processes that a zygote starts before it is replaced by a fresh one.
    """

    def __init__(
        self, limits: Limits, sandbox: Sandbox, preload: Sequence[str], renew_after: int
    ) -> None:
        self._start: Callable[[], Zygote] = lambda: Zygote(limits, sandbox, preload)
        self._renew_after = renew_after
        self._zygote: Zygote | None = None
        self._cpu_seconds = 0.0  # of what zygotes that are gone have started

    @property
    def zygote(self) -> Zygote:
        """The running zygote, started at first use and renewed before it grows old."""
        if self._zygote and self._is_old(self._zygote):
            self.close()
        if self._zygote is None:
            self._zygote = self._start()
        return self._zygote

    def _is_old(self, zygote: Zygote) -> bool:
        has_grown = zygote.resident_pages > _GROWTH * zygote.first_resident_pages
        return zygote.started >= self._renew_after or has_grown

    def spawn(self, side: Side, hidden: Collection[str], limits: Limits) -> StudentProcess:
        """Start a student's process; a zygote that has died is replaced once.

        Raises
        ------
        JudgeError
            No zygote can be started.
        """
        hooks: tuple[Any, ...] = side.answer, side.lend, side.resolve
        try:
            return self.zygote.spawn(*hooks, hidden, side.admit, limits=limits)
        except JudgeError:
            self.close()
            return self.zygote.spawn(*hooks, hidden, side.admit, limits=limits)

    def cpu_seconds(self) -> float:
        """Return the CPU time of all student processes that have ended; wait for those that do."""
        if self._zygote is None:
            return self._cpu_seconds
        self._zygote.settle()
        return self._cpu_seconds + self._zygote.cpu_seconds

    def close(self) -> None:
        """End the zygote."""
        if self._zygote:
            self._cpu_seconds += self._zygote.cpu_seconds
            self._zygote.close()
            self._zygote = None
