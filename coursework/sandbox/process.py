"""A student's process as the judge sees it: ask within a time limit, say why it ended, kill."""

import contextlib
import os
import signal
import time
from typing import Any, Literal, Protocol

from coursework.errors import JudgeError
from coursework.ipc.channel import Channel
from coursework.ipc.codec import Codec
from coursework.ipc.limits import Limits
from coursework.ipc.rpc import Answer, Peer, Raised
from coursework.ipc.wire import Closed, Late, Malformed
from coursework.sandbox.memory_watch import Exhausted

__all__ = ["Lost", "Parent", "StudentProcess"]

_MOST = 0.4


class Lost(BaseException):
    """The student's process can no longer be used. No test may catch this.

    Attributes
    ----------
    status : str
        "timeout" or "died".
    args : tuple of str
        What it did, a text that follows the name of what was running.
    """

    def __init__(self, status: Literal["timeout", "died"], message: str) -> None:
        super().__init__(message)
        self.status: Literal["timeout", "died"] = status


class Parent(Protocol):
    """What has started a student's process, and can end it."""

    def end(self, pid: int) -> tuple[int, float]:
        """Let it end by itself if it does so at once; return its wait status and CPU seconds."""

    def kill(self, pid: int) -> None:
        """Have it killed."""


class StudentProcess:
    """A running student process."""

    def __init__(
        self,
        parent: Parent,
        pid: int,
        channel: Channel,
        codec: Codec,
        answer: Answer,
        limits: Limits,
    ) -> None:
        self._parent = parent
        self._pid = pid
        self._most = ""
        self._asked = 0
        self._limits = limits
        self._channel = channel
        self._peer = Peer(self._channel, codec, answer, _describe, is_strict=True)

    def set_deadline(self, seconds: float, most: str = "") -> None:
        """Give all questions from now on this many seconds together, and count them anew.

        Parameters
        ----------
        seconds : float
        most : str
            Which limit that is, if it is not a fixed number of seconds.
        """
        self._most = most or f"{seconds:.3g} s"
        self._peer.deadline = time.monotonic() + seconds
        self._asked = 0
        self._channel.received = 0

    def ask(self, operation: str, *arguments: Any) -> Any:
        """Ask the student's process.

        Raises
        ------
        Raised
            The student's code raised.
        Lost
            The process is gone, stuck, or broke the protocol.
        TooLarge
            The question is too large.
        """
        self._asked += 1
        if self._asked > self._limits.questions:
            text = f"answered {self._limits.questions:,} questions of its test, without end."
            raise Lost("timeout", text)
        try:
            return self._peer.ask(operation, *arguments)
        except Late:
            text = f"was still running after {self._most} and was stopped."
            raise Lost("timeout", f"{text} Is there a loop that never ends?") from None
        except Closed:
            raise Lost("died", self._cause_of_end()) from None
        except Exhausted as error:
            raise Lost("died", str(error)) from None
        except Malformed as error:
            raise Lost("died", f"broke the protocol: {error}.") from None

    def _cause_of_end(self) -> str:
        try:
            status, seconds = self._parent.end(self._pid)
        except JudgeError:
            return "ended its process, and the one that had started it."
        limit = self._limits.cpu_seconds
        # The kernel counts CPU time in ticks for its limit, and more exactly for the sum.
        if seconds > _MOST * limit:
            return f"used up its {limit:g} s of CPU time and was stopped."
        if os.WIFSIGNALED(status):
            name = signal.Signals(os.WTERMSIG(status)).name
            return f"ended its process by {name}: a crash, or it killed itself."
        return f"ended its process with exit code {os.waitstatus_to_exitcode(status)}: os._exit?"

    def close(self) -> None:
        """Kill the process."""
        self._channel.close()
        # If a forkserver has died, so have its children; the judge starts another.
        with contextlib.suppress(JudgeError):
            self._parent.kill(self._pid)


def _describe(error: BaseException) -> tuple[list[str], str, str]:
    if isinstance(error, Raised):
        return list(error.names), error.message, error.trace
    if isinstance(error, AssertionError):
        # A check in a function of the test: its message says what was expected.
        return ["AssertionError"], "", ""
    return [kind.__name__ for kind in type(error).__mro__[:-2]], str(error)[:2000], ""
