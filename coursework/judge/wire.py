"""Values as bytes: what may cross between judge and student, and nothing else.

A message is a header, a msgpack payload and the raw buffers of large arrays. Decoding
executes nothing and allocates nothing that the header's checked sizes do not announce.
Objects that are no plain data cross as handles: numbers that only their owner can resolve.
"""

import importlib
import math
import re
import select
import socket
import struct
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from types import EllipsisType
from typing import Any

import msgpack
import numpy as np

__all__ = ["Channel", "Closed", "Codec", "Handle", "Late", "Malformed", "TooLarge"]

_HEADER = struct.Struct("!II")
_MAX_BUFFERS = 256
_MAX_DEPTH = 64
_MAX_MESSAGES = 8
_WATCH_SECONDS = 0.25
_MAX_INTEGER = 8192
_MAX_AXES = 32
_MAX_ITEM = 4096
_MAX_ALIKE = 32
_INLINE_BYTES = 16_384
_BUFFER_BYTES = 1024
_AHEAD_BYTES = 32_768
_KINDS = frozenset("biufcSU")
_DTYPE = re.compile(r"[<>|=]?[biufcSU][0-9]{1,9}")
_NAMED_MODULES = frozenset({"builtins", "math", "numpy", "operator"})

(
    _BIGINT,
    _COMPLEX,
    _TUPLE,
    _SET,
    _FROZENSET,
    _ARRAY,
    _SCALAR,
    _HANDLE,
    _CALLBACK,
    _SLICE,
    _ELLIPSIS,
    _NAMED,
    _GENERATOR,
) = range(1, 14)


Buffer = bytearray | memoryview


class Malformed(Exception):
    """Bytes that are no message, or a value that the other side may not send."""


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
        Names of its type and that type's bases, nearest first (of a function: its own).
    """

    id: int
    kind: str
    names: tuple[str, ...]


@dataclass
class Codec:
    """Encodes and decodes values.

    Parameters
    ----------
    array_elements, message_bytes : int
        Limits, see `Limits`.
    lend : callable
        Object that is no plain data → ext code's fields (handle or callback).
    resolve : callable
        Handle → object, when decoding.
    """

    array_elements: int
    message_bytes: int
    lend: Callable[[Any], Handle]
    resolve: Callable[[Handle], Any]
    trusts_names: bool = False
    _buffers: list[memoryview] = field(default_factory=list, init=False)
    _depth: int = field(default=0, init=False)

    def encode(self, message: Any) -> tuple[bytes, list[memoryview]]:
        """Return the payload and the buffers of a message.

        Raises
        ------
        TooLarge
            An array or the payload is over the limit.
        """
        self._buffers, self._depth = [], 0
        payload = self._pack(message)
        if len(payload) > self.message_bytes:
            text = f"a value of {len(payload):,} bytes; at most {self.message_bytes:,} may cross"
            raise TooLarge(text)
        return payload, self._buffers

    def decode(self, payload: bytes, buffers: list[Buffer]) -> Any:
        """Return the message.

        Raises
        ------
        Malformed
            The bytes are no message of this protocol.
        """
        self._depth = 0
        try:
            return self._unpack(payload, buffers)
        except Malformed:
            raise
        except Exception as error:
            # Whatever hostile bytes make NumPy, msgpack or Python raise.
            raise Malformed(f"{type(error).__name__}: {error}"[:300]) from error

    # -- encoding

    def _pack(self, value: Any) -> bytes:
        # A buffer of msgpack's usual size is taken from the system, and given back, every time.
        return msgpack.packb(
            value,
            default=self._extend,
            strict_types=True,
            unicode_errors="replace",
            buf_size=_BUFFER_BYTES,
        )

    def _extend(self, value: Any) -> Any:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise TooLarge(f"a value nested more than {_MAX_DEPTH} deep")
        try:
            return self._extended(value)
        finally:
            self._depth -= 1

    def _extended(self, value: Any) -> Any:  # noqa: PLR0911  (a table of types reads best flat)
        kind = type(value)
        if isinstance(value, np.ndarray):
            return self._array(np.asarray(value))
        if isinstance(value, np.generic) and value.dtype.kind in _KINDS:
            code = _SCALAR
            return msgpack.ExtType(code, self._pack([value.dtype.str, value.tobytes()]))
        if isinstance(value, bool):
            return bool(value)
        if isinstance(value, int):
            return self._integer(int(value))
        if isinstance(value, float):
            return float(value)
        if isinstance(value, complex):
            return msgpack.ExtType(_COMPLEX, struct.pack("!dd", value.real, value.imag))
        if isinstance(value, str):
            return str.__str__(value)
        if isinstance(value, tuple):
            return msgpack.ExtType(_TUPLE, self._pack(list(tuple.__iter__(value))))
        if isinstance(value, list | range | deque) or kind in _VIEWS:
            if len(value) > self.array_elements:
                raise TooLarge(f"a {kind.__name__} of {len(value):,} items")
            return list(value)
        if isinstance(value, dict):
            return dict(value.items())
        if isinstance(value, set | frozenset):
            code = _SET if isinstance(value, set) else _FROZENSET
            return msgpack.ExtType(code, self._pack(list(value)))
        if kind is slice:
            return msgpack.ExtType(_SLICE, self._pack([value.start, value.stop, value.step]))
        if kind is EllipsisType:
            return msgpack.ExtType(_ELLIPSIS, b"")
        if kind is np.random.Generator and type(value.bit_generator) is np.random.PCG64:
            return msgpack.ExtType(_GENERATOR, self._pack(value.bit_generator.state))
        return self._lent(value)

    def _lent(self, value: Any) -> msgpack.ExtType:
        module, name = getattr(value, "__module__", None), getattr(value, "__name__", None)
        if isinstance(value, np.ufunc):
            module, name = "numpy", value.__name__
        is_named = module in _NAMED_MODULES and isinstance(name, str) and not self.trusts_names
        if is_named and _named(module, name) is value:
            return msgpack.ExtType(_NAMED, self._pack([module, name]))
        handle = self.lend(value)
        return msgpack.ExtType(_HANDLE, self._pack([handle.id, handle.kind, list(handle.names)]))

    def _integer(self, value: int) -> Any:
        if -(2**63) <= value < 2**63:
            return value
        size = value.bit_length() // 8 + 1
        if size > _MAX_INTEGER:
            raise TooLarge(f"an integer of {value.bit_length():,} bits")
        return msgpack.ExtType(_BIGINT, value.to_bytes(size, "little", signed=True))

    def _array(self, array: np.ndarray) -> msgpack.ExtType:
        if array.dtype.kind not in _KINDS:
            return self._lent(array)
        if array.size > self.array_elements:
            raise TooLarge(
                f"an array of {array.size:,} entries; at most {self.array_elements:,} may cross"
            )
        shape = list(array.shape)
        if array.nbytes <= _INLINE_BYTES:
            fields = [array.dtype.str, shape, array.tobytes()]
        else:
            fields = [array.dtype.str, shape, len(self._buffers)]
            flat = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
            self._buffers.append(memoryview(flat))
        return msgpack.ExtType(_ARRAY, self._pack(fields))

    # -- decoding

    def _unpack(self, payload: bytes, buffers: list[Buffer]) -> Any:
        def extension(code: int, data: bytes) -> Any:
            self._depth += 1
            if self._depth > _MAX_DEPTH:
                raise Malformed("nested too deep")
            try:
                return self._extension(code, data, buffers)
            finally:
                self._depth -= 1

        return msgpack.unpackb(
            payload, ext_hook=extension, object_pairs_hook=_mapping, strict_map_key=False
        )

    def _extension(  # noqa: PLR0911  (a table of codes reads best flat)
        self, code: int, data: bytes, buffers: list[Buffer]
    ) -> Any:
        if code == _BIGINT and len(data) <= _MAX_INTEGER:
            return int.from_bytes(data, "little", signed=True)
        if code == _COMPLEX:
            return complex(*struct.unpack("!dd", data))
        if code == _ELLIPSIS:
            return ...
        fields = self._unpack(data, buffers)
        if code == _TUPLE:
            return tuple(_listed(fields))
        if code == _SET:
            return set(_spread(_listed(fields)))
        if code == _FROZENSET:
            return frozenset(_spread(_listed(fields)))
        if code == _ARRAY:
            return self._to_array(*fields, buffers)
        if code == _SCALAR:
            return np.frombuffer(fields[1], dtype=_dtype(fields[0]), count=1)[0]
        if code == _SLICE:
            return slice(*fields)
        if code == _HANDLE:
            return self.resolve(_handle(*fields))
        if code == _GENERATOR:
            return _generator(fields)
        if code == _NAMED and self.trusts_names and fields[0] in _NAMED_MODULES:
            return _named(*fields)
        raise Malformed(f"unknown type code {code}")

    def _to_array(
        self, dtype: str, shape: list[int], data: bytes | int, buffers: list[Buffer]
    ) -> np.ndarray:
        kind = _dtype(dtype)
        raw = buffers[data] if isinstance(data, int) else bytearray(data)
        lengths = _listed(shape)
        if len(lengths) > _MAX_AXES or kind.itemsize > max(len(raw), _MAX_ITEM):
            raise Malformed("an array with too many axes, or too large entries")
        # An empty array may have a long axis too: what is computed from it need not be empty.
        if any(type(n) is not int or not 0 <= n <= self.array_elements for n in lengths):
            raise Malformed("an array with a length that no array has")
        size = math.prod(lengths)
        if size > self.array_elements or size * kind.itemsize != len(raw):
            raise Malformed("an array whose size is not its shape's")
        return np.frombuffer(raw, dtype=kind).reshape(shape) if size else np.empty(shape, kind)


_VIEWS = frozenset(map(type, ({}.keys(), {}.values(), {}.items())))


def _dtype(text: Any) -> np.dtype:
    # NumPy reads much more than this from a text, and evaluates parts of it.
    if not isinstance(text, str) or not _DTYPE.fullmatch(text):
        raise Malformed("a dtype that may not cross")
    return np.dtype(text)


def _handle(number: Any, kind: Any, names: Any) -> Handle:
    are_texts = isinstance(kind, str) and all(isinstance(name, str) for name in _listed(names))
    if type(number) is not int or not are_texts:
        raise Malformed("no handle")
    return Handle(number, kind, tuple(names))


def _mapping(pairs: list[tuple[Any, Any]]) -> dict:
    _spread([key for key, _ in pairs])
    return dict(pairs)


def _spread(keys: list) -> list:
    """Refuse keys chosen to have one hash: a table of them takes quadratic time."""
    if len(keys) > _MAX_ALIKE and max(Counter(map(hash, keys)).values()) > _MAX_ALIKE:
        raise Malformed("too many keys with the same hash")
    return keys


def _listed(value: Any) -> list:
    if not isinstance(value, list):
        raise Malformed("a list is missing")
    return value


def _named(module: str, name: str) -> Any:
    return getattr(importlib.import_module(module), name, None)


def _generator(state: Any) -> np.random.Generator:
    inner = state["state"]
    # With an even increment the generator falls into a short cycle, where a draw may not end.
    is_sound = inner["inc"] % 2 == 1 and state["has_uint32"] in (0, 1)
    if state["bit_generator"] != "PCG64" or not is_sound:
        raise Malformed("no state of a random generator")
    bits = np.random.PCG64(0)
    bits.state = state
    return np.random.Generator(bits)


class Channel:
    """Sends and receives whole messages over a stream socket.

    Parameters
    ----------
    sock : socket.socket
        A connected stream socket; the channel owns it.
    message_bytes, buffer_bytes : int
        The largest payload and the largest sum of buffers that are received.
    watch : callable
        Called from time to time while a message with a deadline is awaited; may raise.

    Attributes
    ----------
    received : int
        Bytes received; who sets it to 0 allows as much again.
    """

    def __init__(
        self,
        sock: socket.socket,
        message_bytes: int,
        buffer_bytes: int,
        watch: Callable[[], None] = lambda: None,
    ) -> None:
        sock.settimeout(0)
        self._sock = sock
        self._message_bytes = message_bytes
        self._buffer_bytes = buffer_bytes
        self._watch = watch
        self._readable, self._writable = select.poll(), select.poll()
        self._readable.register(sock, select.POLLIN)
        self._writable.register(sock, select.POLLOUT)
        self._chunk = memoryview(bytearray(_AHEAD_BYTES))
        self._ahead = bytearray()  # what has come beyond what was asked for
        self.received = 0

    def send(self, payload: bytes, buffers: list[memoryview], deadline: float | None) -> None:
        """Send a message.

        Raises
        ------
        Closed, Late
            The other side is gone, or does not read before the deadline (monotonic seconds).
        """
        header = _HEADER.pack(len(payload), len(buffers))
        sizes = struct.pack(f"!{len(buffers)}Q", *(len(buffer) for buffer in buffers))
        self._write(memoryview(b"".join((header, sizes, payload))), deadline)
        for buffer in buffers:
            self._write(buffer, deadline)

    def receive(self, deadline: float | None = None) -> tuple[bytes, list[Buffer]]:
        """Receive a message; its sizes are checked before memory is taken.

        Raises
        ------
        Closed, Late
            As in `send`.
        Malformed
            The header announces more than the limits allow.
        """
        size, count = _HEADER.unpack(self._read(_HEADER.size, deadline))
        if size > self._message_bytes or count > _MAX_BUFFERS:
            raise Malformed(f"a message of {size:,} bytes and {count} buffers")
        sizes = struct.unpack(f"!{count}Q", self._read(8 * count, deadline)) if count else ()
        if sum(sizes) > self._buffer_bytes:
            raise Malformed(f"buffers of {sum(sizes):,} bytes")
        self.received += size + sum(sizes)
        if self.received > _MAX_MESSAGES * (self._message_bytes + self._buffer_bytes):
            raise Malformed(f"{self.received:,} bytes in all")
        payload = bytes(self._read(size, deadline))
        return payload, [self._read(length, deadline) for length in sizes]

    def has_unread(self) -> bool:
        """Whether bytes have come that nobody has asked for."""
        if self._ahead:
            return True
        try:
            return bool(self._sock.recv(1, socket.MSG_PEEK))
        except OSError:  # there are none, or the other side is gone
            return False

    def close(self) -> None:
        """Close the socket."""
        self._sock.close()

    def _write(self, data: memoryview, deadline: float | None) -> None:
        while data:
            try:
                data = data[self._sock.send(data) :]
            except BlockingIOError:
                self._await(self._writable, deadline)
            except OSError as error:
                raise Closed from error

    def _read(self, size: int, deadline: float | None) -> Buffer:
        while len(self._ahead) < size <= _AHEAD_BYTES:
            # The parts of a small message have mostly come together.
            self._ahead += self._read_some(self._chunk, deadline)
        data, self._ahead = self._ahead[:size], self._ahead[size:]
        if len(data) == size:
            return data
        whole = memoryview(np.empty(size, np.uint8))
        whole[: len(data)] = data
        done = len(data)
        while done < size:
            done += len(self._read_some(whole[done:], deadline))
        return whole

    def _read_some(self, target: memoryview, deadline: float | None) -> memoryview:
        """Fill a part of the target, which is returned."""
        while True:
            self._await(self._readable, deadline)
            try:
                count = self._sock.recv_into(target)
            except BlockingIOError:
                continue
            except OSError as error:
                raise Closed from error
            if not count:
                raise Closed
            return target[:count]

    def _await(self, event: select.poll, deadline: float | None) -> None:
        if deadline is None:
            event.poll()
            return
        while (left := deadline - time.monotonic()) > 0:
            if event.poll(1000 * min(left, _WATCH_SECONDS)):
                return
            self._watch()
        raise Late
