"""The line from judge to forkserver: commands go out, and answers come back in the same order."""

import socket
from collections.abc import Sequence

from coursework.errors import JudgeError
from coursework.ipc.wire import ANSWER, COMMAND

__all__ = ["Control"]

# A student who starts processes without end leaves little time to whoever is to kill them.
_SECONDS = 60.0


class Control:
    """Sends commands, and waits for an answer only when somebody wants it.

    A child is started, or killed, while the judge goes on with something else. No time limit
    cuts off what stands here (`judge.time_limit`): an answer that is left unread would be taken
    for the next.

    Parameters
    ----------
    sock : socket.socket
        Connected to the forkserver; the control owns it.

    Attributes
    ----------
    resident_pages : int
        The forkserver's memory, as it last said.
    cpu_seconds : float
        Of all children that have ended, as far as it has said.
    """

    def __init__(self, sock: socket.socket) -> None:
        sock.settimeout(_SECONDS)
        self._sock = sock
        self._sent = self._heard = 0
        self._answers: dict[int, tuple[int, float]] = {}
        self.resident_pages = 0
        self.cpu_seconds = 0.0

    def wait_for_start(self) -> None:
        """Wait until the forkserver says that it is ready.

        Raises
        ------
        JudgeError
            It could not start.
        """
        self._receive()

    def send(self, command: bytes, number: int = 0, descriptors: Sequence[int] = ()) -> int:
        """Send a command; return the number of its answer.

        Raises
        ------
        JudgeError
            The forkserver has died.
        """
        try:
            socket.send_fds(self._sock, [COMMAND.pack(command, number)], descriptors)
        except OSError as error:
            raise JudgeError("the forkserver has died") from error
        self._sent += 1
        return self._sent

    def answer(self, number: int) -> tuple[int, float]:
        """Return the answer of that number: a pid or a status, and seconds of CPU time.

        Raises
        ------
        JudgeError
            The forkserver does not answer, or has died.
        """
        self._hear(number)
        return self._answers.pop(number)

    def settle(self) -> None:
        """Wait until everything that was commanded is done.

        Raises
        ------
        JudgeError
            As in `answer`.
        """
        self._hear(self._sent)

    def _hear(self, number: int) -> None:
        while self._heard < number:
            answer = self._receive()
            self._heard += 1
            self._answers[self._heard] = answer

    def _receive(self) -> tuple[int, float]:
        try:
            data = self._sock.recv(ANSWER.size, socket.MSG_WAITALL)
        except OSError as error:
            raise JudgeError("the forkserver does not answer") from error
        if len(data) < ANSWER.size:
            raise JudgeError("the forkserver could not start or has died; see the lines above")
        number, self.resident_pages, seconds = ANSWER.unpack(data)
        self.cpu_seconds += seconds
        return number, seconds

    def close(self) -> None:
        """Close the line: the forkserver ends its children and itself."""
        self._sock.close()
