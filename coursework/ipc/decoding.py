"""Bytes to values. Decoding executes nothing, and checks each size before it takes memory."""

import math
import re
import struct
from collections import Counter
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import msgpack
import numpy as np

from coursework.ipc.wire import (
    MAX_AXES,
    MAX_DEPTH,
    MAX_INTEGER,
    NAMED_MODULES,
    Buffer,
    Code,
    Handle,
    Malformed,
    named,
)

__all__ = ["Decoder"]

_MAX_ITEM = 4096
_MAX_ALIKE = 32
_ARRAY, _SCALAR = int(Code.ARRAY), int(Code.SCALAR)
_NUMBERED_ARRAY, _NUMBERED = int(Code.NUMBERED_ARRAY), int(Code.NUMBERED)
_HANDLE = int(Code.HANDLE)
_NUMBERS = struct.Struct("!qq")
_LAST_CODE, _SURROGATES, _REPLACEMENT = 0x10FFFF, (0xD800, 0xDFFF), 0xFFFD  # of Unicode
_DTYPE = re.compile(rb"[<>|=]?[biufcSU][0-9]{1,9}")


class Decoder:
    """Decodes messages.

    Parameters
    ----------
    array_elements : int
        Limit, see `Limits`.
    resolve : callable
        Handle → object.
    admit : callable
        The two integers and the content of a `Numbered` → object.
    trusts_names : bool
        Whether the other side may name functions of NumPy and Python.
    """

    def __init__(
        self,
        array_elements: int,
        resolve: Callable[[Handle], Any],
        admit: Callable[[int, int, Any], Any],
        *,
        trusts_names: bool,
    ) -> None:
        self._array_elements = array_elements
        self._resolve = resolve
        self._admit = admit
        self._admitted: dict[int, tuple[bytes, Any]] = {}
        self._trusts_names = trusts_names
        self._depth = 0

    def decode(self, payload: bytes, buffers: list[Buffer]) -> Any:
        """Return the message.

        Raises
        ------
        Malformed
            The bytes are not a message of this protocol.
        """
        self._depth, self._admitted = 0, {}
        try:
            return self._unpack(payload, buffers)
        except Malformed:
            raise
        except Exception as error:
            # Whatever hostile bytes make NumPy, msgpack or Python raise.
            raise Malformed(f"{type(error).__name__}: {error}"[:300]) from error

    def _unpack(self, payload: bytes, buffers: list[Buffer]) -> Any:
        return msgpack.unpackb(
            payload,
            ext_hook=partial(self._nested, buffers),
            object_pairs_hook=_mapping,
            strict_map_key=False,
        )

    def _nested(self, buffers: list[Buffer], code: int, data: bytes) -> Any:
        # Most values are of these kinds, which do not nest.
        if code == _NUMBERED_ARRAY:
            return self._numbered(data, buffers, self._array)
        if code == _ARRAY:
            return self._array(data, buffers)
        if code == _SCALAR:
            kind, start = _kind(data)
            if kind.kind == "U":
                return np.frombuffer(_existing(data[start:], kind), kind, count=1)[0]
            return np.frombuffer(data, kind, count=1, offset=start)[0]
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Malformed("nested too deep")
        try:
            return self._extension(code, data, buffers)
        finally:
            self._depth -= 1

    def _extension(  # noqa: PLR0911  (a table of codes reads best flat)
        self, code: int, data: bytes, buffers: list[Buffer]
    ) -> Any:
        if code == _NUMBERED:
            return self._numbered(data, buffers, self._unpack)
        if code == _HANDLE:
            return self._resolve(_handle(*self._unpack(data, buffers)))
        if code == Code.BIGINT and len(data) <= MAX_INTEGER:
            return int.from_bytes(data, "little", signed=True)
        if code == Code.COMPLEX:
            return complex(*struct.unpack("!dd", data))
        if code == Code.ELLIPSIS:
            return ...
        fields = self._unpack(data, buffers)
        if code == Code.TUPLE:
            return tuple(_listed(fields))
        if code == Code.SET:
            return set(_spread(_listed(fields)))
        if code == Code.FROZENSET:
            return frozenset(_spread(_listed(fields)))
        if code == Code.SLICE:
            return slice(*fields)
        if code == Code.GENERATOR:
            return _generator(fields)
        if code == Code.NAMED and self._trusts_names and fields[0] in NAMED_MODULES:
            return named(*fields)
        raise Malformed(f"unknown type code {code}")

    def _numbered(
        self, data: bytes, buffers: list[Buffer], decode: Callable[[bytes, list[Buffer]], Any]
    ) -> Any:
        """Return the object of a number, the same one wherever it occurs in the message.

        It has one content in all places: no object can be made to contain itself, or be
        larger, taken apart, than the bytes that came.
        """
        number, mark = _NUMBERS.unpack_from(data)
        known = self._admitted.get(number or mark)
        if known is None:
            content = decode(data[_NUMBERS.size :], buffers)
            known = data, self._admit(number, mark, content)
            if (number or mark) in self._admitted:
                raise Malformed("an object that contains itself")
            self._admitted[number or mark] = known
        elif known[0] != data:
            raise Malformed("an object with two contents")
        return known[1]

    def _array(self, data: bytes, buffers: list[Buffer]) -> np.ndarray:
        n_axes = data[1 + data[0]]
        end = data[0] + 8 * n_axes + 3
        kind, shape, is_apart = _head(data[:end])
        # An empty array may have a long axis too, and a result computed from it need not be empty.
        if shape and max(shape) > self._array_elements:
            raise Malformed("an array with a length that no array has")
        raw = buffers[struct.unpack("!I", data[end:])[0]] if is_apart else memoryview(data)[end:]
        size = math.prod(shape)
        if size > self._array_elements or size * kind.itemsize != len(raw):
            raise Malformed("an array whose size is not its shape's")
        if not raw:
            return _empty(shape, kind)
        array = np.ndarray(shape, kind, _existing(raw, kind))
        return array if is_apart else array.copy()


def _existing(raw: Buffer | bytes, kind: np.dtype) -> Buffer | bytes:
    """Return the bytes of an array; in texts, a mark replaces each invalid code point."""
    if kind.kind != "U":
        return raw
    codes = np.frombuffer(raw, np.dtype(np.uint32).newbyteorder(kind.byteorder))
    is_none = (codes > _LAST_CODE) | ((codes >= _SURROGATES[0]) & (codes <= _SURROGATES[1]))
    if not is_none.any():
        return raw
    return bytearray(np.where(is_none, _REPLACEMENT, codes).astype(codes.dtype).tobytes())


def _empty(shape: tuple[int, ...], kind: np.dtype) -> np.ndarray:
    # Many entries of size zero would take no bytes here, but they do elsewhere.
    if 0 not in shape or kind.itemsize > _MAX_ITEM:
        raise Malformed("an array without entries, of a shape or kind that has some")
    return np.empty(shape, kind)


@lru_cache(maxsize=256)
def _head(data: bytes) -> tuple[np.dtype, tuple[int, ...], int]:
    """Return dtype, shape, and whether the entries are in a buffer of their own."""
    kind, start = _kind(data)
    n_axes = data[start]
    if n_axes > MAX_AXES:
        raise Malformed("an array with too many axes")
    *shape, is_apart = struct.unpack_from(f"!{n_axes}QB", data, start + 1)
    return kind, tuple(shape), is_apart


def _kind(data: bytes) -> tuple[np.dtype, int]:
    """Return the dtype at the beginning of the data, and where it ends."""
    end = 1 + data[0]
    return _dtype(data[1:end]), end


@lru_cache(maxsize=64)
def _dtype(text: bytes) -> np.dtype:
    # NumPy accepts much more than this in a text, and evaluates parts of it.
    if not _DTYPE.fullmatch(text):
        raise Malformed("a dtype that may not cross")
    return np.dtype(text.decode())


def _handle(number: Any, kind: Any, names: Any) -> Handle:
    are_texts = isinstance(kind, str) and all(isinstance(name, str) for name in _listed(names))
    if type(number) is not int or not are_texts:
        raise Malformed("no handle")
    return Handle(number, kind, tuple(names))


def _mapping(pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
    _spread([key for key, _ in pairs])
    return dict(pairs)


def _spread(keys: list[Any]) -> list[Any]:
    """Refuse keys chosen to have the same hash: a table of them takes quadratic time."""
    if len(keys) > _MAX_ALIKE and max(Counter(map(hash, keys)).values()) > _MAX_ALIKE:
        raise Malformed("too many keys with the same hash")
    return keys


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise Malformed("a list is missing")
    return value


def _generator(state: Any) -> np.random.Generator:
    inner = state["state"]
    # With an even increment the generator falls into a short cycle, in which a draw may not end.
    is_sound = inner["inc"] % 2 == 1 and state["has_uint32"] in (0, 1)
    if state["bit_generator"] != "PCG64" or not is_sound:
        raise Malformed("no state of a random generator")
    bits = np.random.PCG64(0)
    bits.state = state
    return np.random.Generator(bits)
