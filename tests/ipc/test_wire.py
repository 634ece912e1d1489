"""Values cross the wire unchanged, and bytes from a hostile process do no harm."""

import contextlib
import math
import re
import socket
import struct
import threading
import time
from collections.abc import Iterator
from typing import Any

import msgpack
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from coursework.ipc.channel import Channel
from coursework.ipc.codec import Codec
from coursework.ipc.wire import Closed, Code, Handle, Late, Malformed, TooLarge

DTYPES = st.one_of(
    npst.boolean_dtypes(),
    npst.integer_dtypes(endianness="?"),
    npst.floating_dtypes(endianness="?"),
    npst.complex_number_dtypes(endianness="?"),
    npst.unicode_string_dtypes(max_len=5),
    npst.byte_string_dtypes(max_len=5),
)


def has_characters(array: np.ndarray) -> bool:
    """Whether texts in an array are of characters: half of a pair comes as a mark for it."""
    text = "".join(array.ravel().tolist()) if array.dtype.kind == "U" else ""
    return not re.search("[\ud800-\udfff]", text)


ARRAYS = DTYPES.flatmap(
    lambda dtype: npst.arrays(dtype, npst.array_shapes(min_dims=0, max_dims=3, min_side=0))
).filter(has_characters)
HASHABLE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.binary(),
    st.complex_numbers(),
)
VALUES = st.recursive(
    st.one_of(HASHABLE, ARRAYS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(HASHABLE, inner, max_size=4),
        st.sets(HASHABLE, max_size=4),
        st.frozensets(HASHABLE, max_size=4),
    ),
    max_leaves=8,
)


def make_codec(**options: Any) -> Codec:
    """Return a codec that lends nothing."""

    def lend(value: object) -> Handle:
        raise TypeError(type(value).__name__)

    settings = {"array_elements": 10_000, "message_bytes": 100_000, **options}
    return Codec(settings["array_elements"], settings["message_bytes"], lend, lambda handle: handle)


def there_and_back(value: Any) -> Any:
    """Encode and decode."""
    codec = make_codec()
    payload, buffers = codec.encode(value)
    return codec.decode(payload, [bytearray(buffer) for buffer in buffers])


def is_same(one: Any, other: Any) -> bool:
    """Whether two values are the same in type and content; NaN is NaN."""
    if isinstance(one, np.ndarray):
        return (
            isinstance(other, np.ndarray)
            and one.dtype == other.dtype
            and one.shape == other.shape
            and one.tobytes() == other.tobytes()
        )
    if type(one) is not type(other):
        return False
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(is_same, one, other))
    if isinstance(one, dict):
        return len(one) == len(other) and is_same(list(one.items()), list(other.items()))
    if isinstance(one, set | frozenset):
        return {repr(item) for item in one} == {repr(item) for item in other}
    if isinstance(one, float):
        return struct.pack("d", one) == struct.pack("d", other) or math.isnan(one)
    return repr(one) == repr(other)


@given(VALUES)
@settings(deadline=None)
def test_value_crosses_unchanged(value: Any) -> None:
    """What is decoded is what was encoded: same types, same bits."""
    assert is_same(value, there_and_back(value))


@given(ARRAYS.filter(lambda array: array.ndim > 1))
def test_array_crosses_from_any_layout(array: np.ndarray) -> None:
    """A transposed or strided array arrives with its values in place."""
    for view in (array.T, array[::2], array[::-1]):
        assert is_same(np.ascontiguousarray(view), there_and_back(view))


def test_array_large_crosses_beside_the_payload() -> None:
    """A large array is not copied into the payload."""
    array = np.arange(10_000.0)
    payload, buffers = make_codec().encode(array)
    assert len(payload) < 100
    assert [len(buffer) for buffer in buffers] == [80_000]


@pytest.mark.parametrize("value", [np.float32(1.5), np.int8(-3), np.bool_(True), np.complex64(1j)])
def test_scalar_crosses_with_its_dtype(value: np.generic) -> None:
    """A NumPy scalar keeps its type."""
    assert type(there_and_back(value)) is type(value)


class Liar(int):
    """An int that equals everything."""

    __hash__ = int.__hash__

    def __eq__(self, other: object) -> bool:
        return True


class Text(str):
    """A str that prints as another one."""

    __slots__ = ()

    def __str__(self) -> str:
        return "other"


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Liar(3), 3),
        (Text("a"), "a"),
        (np.array([[1, 2]]).view(np.matrix), np.array([[1, 2]])),
        (np.ma.array([1.0, 2.0]), np.array([1.0, 2.0])),
        (range(3), [0, 1, 2]),
        ({1: 2}.keys(), [1]),
        (10**40, 10**40),
        (-(2**63) - 1, -(2**63) - 1),
        (slice(1, None, 2), slice(1, None, 2)),
        (..., ...),
    ],
)
def test_subclass_crosses_as_plain_data(value: Any, plain: Any) -> None:
    """Nothing of a subclass's behaviour crosses, only its data."""
    came = there_and_back(value)
    assert is_same(plain, came)


def test_generator_crosses_with_its_state() -> None:
    """A random generator draws the same numbers on the other side."""
    rng = np.random.default_rng(3)
    rng.normal(size=7)
    assert np.array_equal(there_and_back(rng).normal(size=5), rng.normal(size=5))


def test_object_crosses_as_handle() -> None:
    """An object that is not data is lent, never copied."""
    handle = Handle(7, "object", ("Dual",))
    codec = Codec(100, 1000, lambda _: handle, lambda came: came)
    assert codec.decode(*codec.encode([object()])) == [handle]


@pytest.mark.parametrize(
    "value",
    [np.zeros(10_001), "a" * 200_000, list(range(90_000)), 1 << 900_000],
    ids=["array", "str", "list", "int"],
)
def test_value_too_large_is_refused_by_the_sender(value: Any) -> None:
    """The sender says what is too large."""
    with pytest.raises(TooLarge):
        make_codec().encode(value)


def test_value_nested_too_deep_is_refused() -> None:
    """Depth is limited on both sides."""
    value: Any = ()
    for _ in range(100):
        value = (value,)
    with pytest.raises(TooLarge, match="deep"):
        make_codec().encode(value)
    payload = msgpack.packb([])
    for _ in range(100):
        payload = msgpack.packb(msgpack.ExtType(Code.TUPLE, payload))
    with pytest.raises(Malformed):
        make_codec().decode(payload, [])


def array_ext(dtype: bytes, shape: list[int], data: bytes | int) -> bytes:
    """Return the payload of an array as a forger would write it."""
    apart = isinstance(data, int)
    rest = struct.pack("!BI", 1, data) if apart else b"\0" + data
    axes = struct.pack(f"!B{len(shape)}Q", len(shape), *shape)
    fields = bytes([len(dtype)]) + dtype + axes + rest
    return msgpack.packb(msgpack.ExtType(Code.ARRAY, fields))


@pytest.mark.parametrize(
    "payload",
    [
        array_ext(b"|O", [1], b"12345678"),
        array_ext(b"<f8", [2**40], b""),
        array_ext(b"<f8", [2**64 - 1], b""),
        array_ext(b"<f8", [2], b"1234"),
        array_ext(b"<f8", [1], 3),
        array_ext(b"f8,O", [1], b"1234567812345678"),
        array_ext(b"(2,)f8", [1], b"1234567812345678"),
        msgpack.packb(msgpack.ExtType(Code.ARRAY, b"\x03<f8\x05")),
        msgpack.packb(msgpack.ExtType(Code.ARRAY, b"\xff<f8")),
        msgpack.packb(msgpack.ExtType(Code.SCALAR, b"\x03<f81234")),
        msgpack.packb(msgpack.ExtType(Code.NAMED, msgpack.packb(["os", "system"]))),
        msgpack.packb(msgpack.ExtType(Code.NAMED, msgpack.packb(["builtins", "eval"]))),
        msgpack.packb(msgpack.ExtType(99, b"")),
        msgpack.packb(msgpack.ExtType(Code.SET, msgpack.packb([[1]]))),
        msgpack.packb(msgpack.ExtType(Code.COMPLEX, b"abc")),
        msgpack.packb({"a": 1})[:-1],
        b"\xdf\xff\xff\xff\xff",
        b"\xc1",
        b"",
    ],
)
def test_forged_payload_is_refused(payload: bytes) -> None:
    """Bytes that no codec writes end as Malformed: nothing is built or run."""
    with pytest.raises(Malformed):
        make_codec().decode(payload, [])


@given(st.binary(max_size=300))
@settings(deadline=None, max_examples=300)
def test_random_bytes_are_refused_or_plain(payload: bytes) -> None:
    """Random bytes give plain data or Malformed, never another exception."""
    with contextlib.suppress(Malformed):
        make_codec().decode(payload, [])


@pytest.fixture
def channels() -> Iterator[tuple[Channel, Channel]]:
    """Two connected channels."""
    made = [Channel(sock, 100_000, 10_000_000) for sock in socket.socketpair()]
    yield made[0], made[1]
    for channel in made:
        channel.close()


def test_channel_carries_payload_and_buffers(channels: tuple[Channel, Channel]) -> None:
    """A message larger than the socket's buffer arrives whole."""
    one, other = channels
    buffer = np.random.default_rng(0).bytes(5_000_000)
    sender = threading.Thread(target=one.send, args=(b"payload", [memoryview(buffer)], None))
    sender.start()
    assert other.receive(time.monotonic() + 60) == (b"payload", [bytearray(buffer)])
    sender.join()


@pytest.mark.parametrize(
    "header",
    [struct.pack("!II", 2**31, 0), struct.pack("!II", 1, 10_000), struct.pack("!IIQ", 1, 1, 2**50)],
)
def test_channel_refuses_announced_sizes(header: bytes) -> None:
    """Sizes over the limit are refused before memory is taken."""
    one, other = socket.socketpair()
    with one:
        one.sendall(header)
        channel = Channel(other, 100_000, 10_000_000)
        with pytest.raises(Malformed):
            channel.receive(time.monotonic() + 60)
        channel.close()


def test_channel_late_and_closed(channels: tuple[Channel, Channel]) -> None:
    """Silence ends at the deadline; a closed end is noticed at once."""
    one, other = channels
    with pytest.raises(Late):
        one.receive(time.monotonic() + 0.05)
    other.close()
    with pytest.raises(Closed):
        one.receive(time.monotonic() + 60)


# -- bytes made to harm


def pack(code: int, fields: Any) -> bytes:
    """Return the bytes of an extension of the protocol."""
    data = fields if isinstance(fields, bytes) else msgpack.packb(fields)
    return msgpack.packb(msgpack.ExtType(code, data))


STATE = {"state": 1, "inc": 1}
HARMFUL = {
    "dtype that NumPy evaluates": array_ext(b"(,)i4,i4", [1], b"12345678"),
    "dtype of objects": array_ext(b"|O", [1], b"12345678"),
    "dtype without a size": array_ext(b"<U0", [3], b""),
    "dtype with entries of gigabytes": array_ext(b"<U500000000", [0], b""),
    "axes without end": array_ext(b"<f8", [2**62] * 250, b""),
    "empty array with an endless axis": array_ext(b"<f8", [0, 10**12], b""),
    "buffer that did not come": array_ext(b"<f8", [1], 3),
    "integer of a megabit": pack(Code.BIGINT, b"\x7f" * 100_000),
    "handle with a float for a number": pack(Code.HANDLE, [1.5, "object", []]),
    "handle with a list for a kind": pack(Code.HANDLE, [1, [], []]),
    "handle with numbers for names": pack(Code.HANDLE, [1, "object", [1]]),
    "generator that stands still": pack(Code.GENERATOR, {"bit_generator": "PCG64", "state": {"state": 0, "inc": 0}, "has_uint32": 0, "uinteger": 0}),
    "generator of another kind": pack(Code.GENERATOR, {"bit_generator": "MT19937", "state": {"key": [0] * 624, "pos": 10**6}}),
    "unknown code": pack(99, b""),
    "keys that collide": pack(Code.SET, [msgpack.ExtType(Code.COMPLEX, struct.pack("!dd", -1_000_003.0 * n, n)) for n in range(1, 2000)]),
    "text that is no text": b"\xd9\x02\xff\xfe",
}  # fmt: skip


@pytest.mark.parametrize("payload", HARMFUL.values(), ids=HARMFUL)
def test_harmful_bytes_are_refused(payload: bytes) -> None:
    """Each is refused, by the one exception that ends the conversation."""
    with pytest.raises(Malformed):
        make_codec().decode(payload, [])


def test_dict_with_colliding_keys_is_refused() -> None:
    """Keys chosen to have one hash would make a dict of them take minutes."""
    keys = [complex(-1_000_003.0 * n, n) for n in range(1, 2000)]
    assert len(set(map(hash, keys))) == 1
    payload, _ = make_codec().encode([[1, 2]])
    pairs = b"".join(pack(Code.COMPLEX, struct.pack("!dd", z.real, z.imag)) + b"\xc0" for z in keys)
    payload = b"\xde" + struct.pack("!H", len(keys)) + pairs
    with pytest.raises(Malformed, match="same hash"):
        make_codec().decode(payload, [])


@pytest.mark.parametrize("sizes", [[3_000_000], [5, 2_000_000, 1_000_001], [100]])
def test_buffers_of_every_size_arrive(sizes: list[int]) -> None:
    """Each byte arrives, of message after message."""
    ours, theirs = socket.socketpair()
    one, other = Channel(ours, 100, 10**8), Channel(theirs, 100, 10**8)
    rng = np.random.default_rng(0)
    sent = [rng.bytes(size) for size in sizes]
    came: list[bytes] = []
    receiver = threading.Thread(target=lambda: [came.extend(other.receive()[1]) for _ in "12"])
    receiver.start()
    for _ in "12":
        one.send(b"payload", [memoryview(buffer) for buffer in sent], time.monotonic() + 60)
    receiver.join()
    one.close()
    other.close()
    assert [bytes(buffer) for buffer in came] == sent * 2


def test_too_many_buffers_are_refused() -> None:
    """Nothing is made for as many as a student's process only announces."""
    ours, theirs = socket.socketpair()
    with theirs:
        channel = Channel(ours, 100, 10**8)
        theirs.sendall(struct.pack("!IIQ", 1, 1 | 1 << 31, 2_000_000) + b"x")
        with pytest.raises(Malformed):
            channel.receive(time.monotonic() + 60)
        channel.close()


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("code", [0x110000, 0x7FFFFFFF, 0xD800, 0xDFFF])
@pytest.mark.parametrize("count", [1, 3, 9000])
def test_texts_with_code_points_that_do_not_exist(order: str, code: int, count: int) -> None:
    """They come as marks for them, alone and in arrays of every size, and the rest as it was."""
    codes = np.array([ord("a"), code] * count, dtype=f"{order}u4")
    came = there_and_back(codes.view(f"{order}U2").reshape(count, 1))
    assert came.shape == (count, 1)
    assert set(came.ravel().tolist()) == {"a\ufffd"}
    assert came.flags.writeable
    assert there_and_back(np.str_("a\ud800")) == "a\ufffd"
