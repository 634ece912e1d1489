"""The vocabulary of the wire between judge and student: what may cross, and how it is named.

A message is a header, a msgpack payload and the raw buffers of large arrays. `encoding` and
`decoding` turn values into payloads and back, a `Channel` carries them, `Peer` asks and answers.
Objects that are not plain data cross as handles: numbers that only their owner can resolve.
"""

import importlib
import struct
from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

__all__ = [
    "ANSWER",
    "BEGIN",
    "COMMAND",
    "INLINE_BYTES",
    "KINDS",
    "MAX_AXES",
    "MAX_DEPTH",
    "MAX_INTEGER",
    "NAMED_MODULES",
    "Buffer",
    "Closed",
    "Code",
    "Handle",
    "Late",
    "Malformed",
    "Numbered",
    "TooLarge",
    "begin",
    "named",
]

MAX_DEPTH = 64
MAX_INTEGER = 8192  # bytes
MAX_AXES = 32
INLINE_BYTES = 16_384  # of an array in the payload; a larger one has a buffer of its own
KINDS = frozenset("biufcSU")  # of dtypes
NAMED_MODULES = frozenset({"builtins", "math", "numpy", "operator"})

Buffer = bytearray | memoryview

# Between judge and forkserver: a letter and a number; a number, pages of memory, seconds.
COMMAND = struct.Struct("!ci")
ANSWER = struct.Struct("!iIf")
# From judge to student's process, before anything else: its core, its seconds of CPU time, and
# the size of a text that follows.
BEGIN = struct.Struct("!idI")


class Code(IntEnum):
    """Types that msgpack does not have, by their extension code."""

    BIGINT = 1
    COMPLEX = 2
    TUPLE = 3
    SET = 4
    FROZENSET = 5
    ARRAY = 6
    SCALAR = 7
    HANDLE = 8
    SLICE = 9
    ELLIPSIS = 10
    NAMED = 11
    GENERATOR = 12
    NUMBERED = 13
    NUMBERED_ARRAY = 14


class Malformed(Exception):
    """Bytes that are not a message, or a value that the other side may not send."""


class TooLarge(Exception):
    """A value is larger than the limits allow."""


class Closed(Exception):
    """The other process has closed its end."""


class Late(Exception):
    """The other process did not answer in time."""


@dataclass(frozen=True)
class Handle:
    """An object that stays with its owner.

    Attributes
    ----------
    id : int
        The owner's number for the object.
    kind : str
        "function", "class", "iterator", "callable" (an object that can be called), "object"
        or, of the judge's functions, "callback".
    names : tuple of str
        Names of its type and that type's bases, nearest first (for a function: its own name).
    """

    id: int
    kind: str
    names: tuple[str, ...]


def begin(hidden: Collection[str], core: int, cpu_seconds: float) -> bytes:
    """Return the bytes that let a student's process begin; the modules to be hidden go by name."""
    text = " ".join(hidden).encode()
    return BEGIN.pack(core, cpu_seconds, len(text)) + text


class Numbered:
    """An object that has a number, so that it can stay the same one.

    Attributes
    ----------
    number : int
        By which the judge knows the object; 0 if the student's side knows none.
    mark : int
        From the judge: what its content is, see `identity`. From the student's side: the
        negative number by which it will know the object.
    content : object
        The object itself, or what stands for it.
    packed : bytes or None
        All of this as bytes: the same wherever the object occurs in a message.
    """

    __slots__ = ("content", "mark", "number", "packed")

    def __init__(self, number: int, mark: int, content: Any) -> None:
        self.number, self.mark, self.content = number, mark, content
        self.packed: bytes | None = None


def named(module: str, name: str) -> Any:
    """Return what has this name in a module of `NAMED_MODULES`."""
    return getattr(importlib.import_module(module), name, None)
