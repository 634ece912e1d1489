"""Questions and answers over a channel; either side may ask while it is being asked.

The judge asks the student's process to run a cell or call a function; while that runs, the
student's code may call back a function that the judge passed to it.
"""

import secrets
import struct
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from typing import Any

from coursework.ipc.channel import Channel
from coursework.ipc.codec import Codec
from coursework.ipc.wire import Closed, Late, Malformed

__all__ = ["Answer", "Peer", "Raised", "question", "raised"]

_ASK, _RETURN, _RAISE = 0, 1, 2
_LENGTHS = {_ASK: 4, _RETURN: 3, _RAISE: 5}
_DRAWN = 64
_MAX_NESTING = 64


class Raised(Exception):
    """The other side's code raised.

    Attributes
    ----------
    names : tuple of str
        Names of the exception's type and its bases, nearest first.
    message : str
    trace : str
        Where in the student's cells, a line a frame.
    """

    def __init__(self, names: tuple[str, ...], message: str, trace: str) -> None:
        super().__init__(f"{names[0] if names else 'Exception'}: {message}")
        self.names = names
        self.message = message
        self.trace = trace


Answer = Callable[[str, list[Any]], Any]


def question(number: int, operation: str, *arguments: Any) -> list[Any]:
    """Return the message that asks for an operation; its answer has the same number."""
    return [_ASK, number, operation, list(arguments)]


class Peer:
    """One end of the conversation.

    Parameters
    ----------
    answer : callable
        (operation, arguments) → value; answers what the other side asks.
    describe : callable
        Exception → (names, message, trace), as the other side is told of it.
    is_strict : bool
        Whether anything unexpected ends the conversation: the judge's side.
    """

    def __init__(
        self,
        channel: Channel,
        codec: Codec,
        answer: Answer,
        describe: Callable[[BaseException], tuple[list[str], str, str]],
        *,
        is_strict: bool,
    ) -> None:
        self._channel = channel
        self._codec = codec
        self._answer = answer
        self._describe = describe
        self._is_strict = is_strict
        # Nobody can answer a future question without its number.
        self._number = partial(next, _secret_numbers() if is_strict else count())
        self._nesting = 0
        self.deadline: float | None = None

    def ask(self, operation: str, *arguments: Any) -> Any:
        """Ask the other side and return its answer.

        Raises
        ------
        Raised
            Its code raised.
        Malformed, Closed, Late
            See `wire`.
        TooLarge
            The question is too large to send.
        """
        if self._is_strict and self._channel.has_unread():
            raise Malformed("an answer came before its question")
        number = self._number()
        self._send(question(number, operation, *arguments))
        self._nesting += 1
        try:
            while True:
                message = self._receive()
                if message[0] == _ASK:
                    self._serve(message)
                elif message[1] == number:
                    return _result(message)
                else:
                    raise Malformed("an answer to another question")
        finally:
            self._nesting -= 1

    def serve_forever(self) -> None:
        """Answer questions until the other side closes."""
        while True:
            message = self._receive()
            if message[0] == _ASK:
                self._serve(message)

    def _serve(self, message: list[Any]) -> None:
        _, number, operation, arguments = message
        if self._nesting > _MAX_NESTING:
            raise Malformed("calls nested too deep")
        try:
            reply = [_RETURN, number, self._answer(operation, arguments)]
            encoded = self._codec.encode(reply)
        except (Malformed, Closed, Late):
            raise
        except BaseException as error:
            if self._is_strict and not isinstance(error, Exception):
                raise
            encoded = self._codec.encode([_RAISE, number, *self._describe(error)])
        self._channel.send(*encoded, self.deadline)

    def _send(self, message: list[Any]) -> None:
        self._channel.send(*self._codec.encode(message), self.deadline)

    def _receive(self) -> list[Any]:
        message = self._codec.decode(*self._channel.receive(self.deadline))
        if (
            not isinstance(message, list)
            or not message
            or type(message[0]) is not int
            or _LENGTHS.get(message[0]) != len(message)
            or type(message[1]) is not int
        ):
            raise Malformed("no message of this protocol")
        if message[0] == _ASK and not (
            isinstance(message[2], str) and isinstance(message[3], list)
        ):
            raise Malformed("no question of this protocol")
        return message


def _secret_numbers() -> Iterator[int]:
    """Yield numbers that nobody can predict; the system is asked for many at once."""
    while True:
        for (number,) in struct.iter_unpack("!Q", secrets.token_bytes(8 * _DRAWN)):
            yield number >> 1  # as large as msgpack's signed integers


def _result(message: list[Any]) -> Any:
    if message[0] == _RETURN:
        return message[2]
    raise raised(message[2:])


def raised(fields: Any) -> Raised:
    """Return the exception that names, message and trace describe.

    Raises
    ------
    Malformed
        They do not.
    """
    is_whole = isinstance(fields, list | tuple) and len(fields) == 3  # noqa: PLR2004
    if not is_whole or [type(one) for one in fields] != [list, str, str]:
        raise Malformed("no exception of this protocol")
    names, text, trace = fields
    return Raised(tuple(str(name) for name in names), text, trace)
