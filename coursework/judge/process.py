"""The judge's hold on the student's process: start, ask within a time limit, kill."""

import contextlib
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict
from types import TracebackType
from typing import Any, Self

from coursework.errors import JudgeError
from coursework.judge.limits import Limits
from coursework.judge.peer import Answer, Peer, Raised
from coursework.judge.sandbox import MODULES, Sandbox, syscall_filter
from coursework.judge.watch import Exhausted, MemoryWatch
from coursework.judge.wire import Channel, Closed, Codec, Handle, Late, Malformed

__all__ = ["Lost", "StudentProcess", "Zygote"]

_PID = struct.Struct("!i")
_ANSWER = struct.Struct("!iIf")
_START_SECONDS = 60.0
_ANSWER_SECONDS = 10.0
_MOST = 0.7
PRELOAD = ("numpy", "matplotlib.pyplot", "coursework.check", "coursework.data", "coursework.plot")


class Lost(BaseException):
    """The student's process is of no use any more. No test may catch it.

    Attributes
    ----------
    status : str
        "timeout" or "died".
    args : tuple of str
        What it did, to follow the name of what was running.
    """

    def __init__(self, status: str, message: str) -> None:
        super().__init__(message)
        self.status = status


class Zygote:
    """Starts student processes in milliseconds.

    Parameters
    ----------
    limits : Limits
    sandbox : Sandbox
    preload : sequence of str
        Modules imported once, for all.

    Attributes
    ----------
    started : int
        Student processes so far.
    resident_pages : int
        The zygote's memory, as it last said.
    """

    def __init__(self, limits: Limits, sandbox: Sandbox, preload: Sequence[str] = PRELOAD) -> None:
        self._limits = limits
        self._control, theirs = socket.socketpair()
        config = {
            "limits": asdict(limits),
            "preload": list(preload),
            "modules": MODULES,
            "is_full": sandbox.is_full,
            "filter": syscall_filter() if sandbox.is_full else "",
        }
        fd = theirs.fileno()
        command = [sys.executable, "-m", "coursework.judge.zygote", str(fd), json.dumps(config)]
        self._process = subprocess.Popen(
            sandbox.command(command),
            pass_fds=[fd],
            stdin=subprocess.DEVNULL,
            env=sandbox.environment(),
            start_new_session=True,
        )
        theirs.close()
        self._control.settimeout(_START_SECONDS)
        self.started = 0
        self.resident_pages = 0
        self._answer()
        self._control.settimeout(_ANSWER_SECONDS)
        self.first_resident_pages = self.resident_pages
        self._watch = MemoryWatch(self._process.pid, limits.memory_bytes)

    def spawn(
        self,
        answer: Answer,
        lend: Callable[[Any], Handle],
        resolve: Callable[[Handle], Any],
        hidden: Collection[str] = (),
    ) -> "StudentProcess":
        """Start a fresh student process.

        Parameters
        ----------
        hidden : collection of str
            Those of `sandbox.MODULES` that it may not see.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                bits = sum(1 << i for i, name in enumerate(MODULES) if name in hidden)
                self._command(b"S" + _PID.pack(bits), [theirs.fileno()])
                pid, _ = self._answer()
            except JudgeError:
                ours.close()
                raise
        self.started += 1
        limits = self._limits
        codec = Codec(limits.array_elements, limits.message_bytes, lend, resolve)
        channel = Channel(ours, limits.message_bytes, 16 * limits.array_elements, self._watch.check)
        return StudentProcess(self, pid, channel, codec, answer, limits)

    def end(self, pid: int, *, by_itself: bool = False) -> tuple[int, float]:
        """Kill a student process and all that it started.

        Parameters
        ----------
        by_itself : bool
            Whether it has seemed to end already: then it gets a moment to do so.

        Returns
        -------
        status : int
            How it ended, as from `os.wait`.
        seconds : float
            CPU time that it used.
        """
        self._command((b"W" if by_itself else b"K") + _PID.pack(pid), [])
        return self._answer()

    def close(self) -> None:
        """End the zygote and its children."""
        self._control.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _command(self, message: bytes, descriptors: list[int]) -> None:
        try:
            socket.send_fds(self._control, [message], descriptors)
        except OSError as error:
            raise JudgeError("the zygote has died") from error

    def _answer(self) -> tuple[int, float]:
        try:
            data = self._control.recv(_ANSWER.size, socket.MSG_WAITALL)
        except OSError as error:
            raise JudgeError("the zygote does not answer") from error
        if len(data) < _ANSWER.size:
            raise JudgeError("the zygote could not start or has died; see the lines above")
        number, self.resident_pages, seconds = _ANSWER.unpack(data)
        return number, seconds

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class StudentProcess:
    """A running student process."""

    def __init__(
        self,
        zygote: Zygote,
        pid: int,
        channel: Channel,
        codec: Codec,
        answer: Answer,
        limits: Limits,
    ) -> None:
        self._zygote = zygote
        self._pid = pid
        self._seconds = 0.0
        self._limits = limits
        self._channel = channel
        self._peer = Peer(self._channel, codec, answer, _describe, is_strict=True)

    def set_deadline(self, seconds: float) -> None:
        """Let everything asked from now on be answered within so many seconds."""
        self._seconds = seconds
        self._peer.deadline = time.monotonic() + seconds
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
        try:
            return self._peer.ask(operation, *arguments)
        except Late:
            text = f"was still running after {self._seconds:.3g} s and was stopped."
            raise Lost("timeout", f"{text} Is there a loop that never ends?") from None
        except Closed:
            raise Lost("died", self._cause_of_end()) from None
        except Exhausted:
            size = self._limits.memory_bytes / 2**20
            text = f"used more than {size:,.0f} MiB of memory in all its processes."
            raise Lost("died", text) from None
        except Malformed as error:
            raise Lost("died", f"broke the protocol: {error}.") from None

    def _cause_of_end(self) -> str:
        try:
            status, seconds = self._zygote.end(self._pid, by_itself=True)
        except JudgeError:
            return "ended its process, and the one that had started it."
        limit = self._limits.cpu_seconds
        # The kernel counts the time for its limit in ticks, and for the sum more exactly.
        if seconds > _MOST * limit:
            return f"used up its {limit:g} s of CPU time and was stopped."
        if os.WIFSIGNALED(status):
            name = signal.Signals(os.WTERMSIG(status)).name
            return f"ended its process by {name}: a crash, or it killed itself."
        return f"ended its process with exit code {os.waitstatus_to_exitcode(status)}: os._exit?"

    def close(self) -> None:
        """Kill the process."""
        self._channel.close()
        # With a zygote that has died, its children have too; the judge starts another one.
        with contextlib.suppress(JudgeError):
            self._zygote.end(self._pid)


def _describe(error: BaseException) -> tuple[list[str], str, str]:
    if isinstance(error, Raised):
        return list(error.names), error.message, error.trace
    if isinstance(error, AssertionError):
        # A check in a function of the test: its message says what was expected.
        return ["AssertionError"], "", ""
    return [kind.__name__ for kind in type(error).__mro__[:-2]], str(error)[:2000], ""
