"""Values to bytes: what may cross between judge and student, and nothing else."""

import struct
from collections import deque
from collections.abc import Callable
from functools import lru_cache
from types import EllipsisType
from typing import Any

import msgpack
import numpy as np

from coursework.ipc.wire import (
    INLINE_BYTES,
    KINDS,
    MAX_DEPTH,
    MAX_INTEGER,
    NAMED_MODULES,
    Code,
    Handle,
    Numbered,
    TooLarge,
    named,
)

__all__ = ["Encoder"]

_BUFFER_BYTES = 1024
_ARRAY, _SCALAR = int(Code.ARRAY), int(Code.SCALAR)
_NUMBERED_ARRAY, _NUMBERS = int(Code.NUMBERED_ARRAY), struct.Struct("!qq")
_VIEWS = frozenset(map(type, ({}.keys(), {}.values(), {}.items())))


def _ext(code: int, data: bytes) -> msgpack.ExtType:
    """Return a value of a type that msgpack lacks, without msgpack's checks of its code."""
    return tuple.__new__(msgpack.ExtType, (code, data))


class Encoder:
    """Encodes messages.

    Parameters
    ----------
    array_elements, message_bytes : int
        Limits, see `Limits`.
    lend : callable
        Object that is not plain data → its handle.
    names_functions : bool
        Whether functions of NumPy and Python cross by their names.
    """

    def __init__(
        self,
        array_elements: int,
        message_bytes: int,
        lend: Callable[[Any], Handle],
        *,
        names_functions: bool,
    ) -> None:
        self._array_elements = array_elements
        self._message_bytes = message_bytes
        self._lend = lend
        self._names_functions = names_functions
        self._buffers: list[memoryview] = []
        self._depth = 0
        # Making one takes longer than packing most messages; a nested value needs another.
        self._packers: list[msgpack.Packer] = []

    def encode(self, message: Any) -> tuple[bytes, list[memoryview]]:
        """Return the payload and the buffers of a message.

        Raises
        ------
        TooLarge
            An array or the payload is over the limit.
        """
        self._buffers, self._depth = [], 0
        payload = self._pack(message)
        if len(payload) > self._message_bytes:
            text = f"a value of {len(payload):,} bytes; at most {self._message_bytes:,} may cross"
            raise TooLarge(text)
        return payload, self._buffers

    def _pack(self, value: Any) -> bytes:
        packer = self._packers.pop() if self._packers else self._new_packer()
        try:
            packed: bytes = packer.pack(value)
            return packed
        finally:
            self._packers.append(packer)

    def _new_packer(self) -> msgpack.Packer:
        # A buffer of msgpack's usual size is taken from the system each time, and given back.
        return msgpack.Packer(
            default=self._extend,
            strict_types=True,
            unicode_errors="replace",
            buf_size=_BUFFER_BYTES,
        )

    def _extend(self, value: Any) -> Any:
        # Most values that msgpack does not know are of these kinds, which do not nest.
        kind = type(value)
        if kind is Numbered and type(value.content) is np.ndarray:
            return self._numbered_array(value)
        if kind is np.ndarray:
            return self._array(value)
        if kind in _STARTS:
            return _ext(_SCALAR, _STARTS[kind] + value.tobytes())
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise TooLarge(f"a value nested more than {MAX_DEPTH} deep")
        try:
            return self._extended(value)
        finally:
            self._depth -= 1

    def _extended(self, value: Any) -> Any:  # noqa: PLR0911  (a table of types reads best flat)
        kind = type(value)
        if kind is Numbered:
            return self._numbered(value)
        if isinstance(value, np.ndarray):
            return self._array(np.asarray(value))
        if isinstance(value, np.generic) and value.dtype.kind in KINDS:
            return _ext(_SCALAR, _start(value.dtype) + value.tobytes())
        if isinstance(value, bool):
            return bool(value)
        if isinstance(value, int):
            return self._integer(int(value))
        if isinstance(value, float):
            return float(value)
        if isinstance(value, complex):
            return _ext(Code.COMPLEX, struct.pack("!dd", value.real, value.imag))
        if isinstance(value, str):
            return str.__str__(value)
        if isinstance(value, tuple):
            return _ext(Code.TUPLE, self._pack(list(tuple.__iter__(value))))
        if isinstance(value, list | range | deque) or kind in _VIEWS:
            if len(value) > self._array_elements:
                raise TooLarge(f"a {kind.__name__} of {len(value):,} items")
            return list(value)
        if isinstance(value, dict):
            return dict(value.items())
        if isinstance(value, set | frozenset):
            code = Code.SET if isinstance(value, set) else Code.FROZENSET
            return _ext(code, self._pack(list(value)))
        if kind is slice:
            return _ext(Code.SLICE, self._pack([value.start, value.stop, value.step]))
        if kind is EllipsisType:
            return _ext(Code.ELLIPSIS, b"")
        if kind is np.random.Generator and type(value.bit_generator) is np.random.PCG64:
            return _ext(Code.GENERATOR, self._pack(value.bit_generator.state))
        return self._lent(value)

    def _numbered(self, value: Numbered) -> msgpack.ExtType:
        if value.packed is None:
            start = _NUMBERS.pack(value.number, value.mark)
            value.packed = start + self._pack(value.content)
        return _ext(Code.NUMBERED, value.packed)

    def _numbered_array(self, value: Numbered) -> msgpack.ExtType:
        if value.packed is None:
            start = _NUMBERS.pack(value.number, value.mark)
            value.packed = start + self._array(value.content).data
        return _ext(_NUMBERED_ARRAY, value.packed)

    def _lent(self, value: Any) -> msgpack.ExtType:
        if self._names_functions:
            module = "numpy" if isinstance(value, np.ufunc) else getattr(value, "__module__", None)
            name = getattr(value, "__name__", None) if module in NAMED_MODULES else None
            if isinstance(module, str) and isinstance(name, str) and named(module, name) is value:
                return _ext(Code.NAMED, self._pack([module, name]))
        return _handle(self._lend(value))

    def _integer(self, value: int) -> Any:
        if -(2**63) <= value < 2**63:
            return value
        size = value.bit_length() // 8 + 1
        if size > MAX_INTEGER:
            raise TooLarge(f"an integer of {value.bit_length():,} bits")
        return _ext(Code.BIGINT, value.to_bytes(size, "little", signed=True))

    def _array(self, array: np.ndarray) -> msgpack.ExtType:
        if array.dtype.kind not in KINDS:
            return self._lent(array)
        if array.size > self._array_elements:
            raise TooLarge(
                f"an array of {array.size:,} entries; at most {self._array_elements:,} may cross"
            )
        is_apart = array.nbytes > INLINE_BYTES
        head = _head(array.dtype, array.shape, is_apart)
        if not is_apart:
            return _ext(_ARRAY, head + array.tobytes())
        flat = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
        self._buffers.append(flat.data)
        return _ext(_ARRAY, head + struct.pack("!I", len(self._buffers) - 1))


@lru_cache(maxsize=256)
def _handle(handle: Handle) -> msgpack.ExtType:
    fields = [handle.id, handle.kind, list(handle.names)]
    return _ext(Code.HANDLE, msgpack.packb(fields, unicode_errors="replace"))


@lru_cache(maxsize=256)
def _head(dtype: np.dtype, shape: tuple[int, ...], is_apart: bool) -> bytes:  # noqa: FBT001
    n_axes = len(shape)
    return _start(dtype) + struct.pack(f"!B{n_axes}QB", n_axes, *shape, is_apart)


@lru_cache(maxsize=64)
def _start(dtype: np.dtype) -> bytes:
    text = dtype.str.encode()
    return bytes((len(text),)) + text


# For scalars whose type says everything.
_STARTS = {np.dtype(code).type: _start(np.dtype(code)) for code in "?bhilqBHILQefdFD"}
