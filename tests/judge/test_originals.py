"""The judge's table of objects: numbers that a student's process claims, limits, dead objects."""

import weakref
from typing import Any

import msgpack
import numpy as np
import pytest

from coursework.ipc.codec import Codec
from coursework.ipc.identity import KEEP, TAKE, is_same, refill
from coursework.ipc.wire import Code, Handle, Malformed, Numbered
from coursework.judge import originals
from coursework.judge.crossing import Crossing
from coursework.judge.originals import Originals
from coursework.student.counterparts import Counterparts


def test_numbers_are_counters() -> None:
    """A number reveals only how many objects came before it in this test cell."""
    table = Originals(1000)
    for _ in range(2):
        labels = table.label([np.ones(2), [1], {"a": [2]}])
        inner = labels[2].content["a"]
        assert [label.number for label in (*labels, inner)] == [1, 2, 3, 4]
        table.clear()


def test_number_of_a_dead_object_is_not_given_again() -> None:
    """An object that has another's `id`, when that one is gone, has a number of its own."""
    table, numbers = Originals(1000), set()
    for k in range(1000):
        (label,) = table.label([[k, k]])
        table.stale()
        numbers.add(label.number)
    assert len(numbers) == 1000


@pytest.mark.parametrize("number", [1, 2, -1, 0, 2**63 - 1])
def test_claimed_number_of_an_object_that_is_not_lent(number: int) -> None:
    """Whatever number is claimed, an object that is not lent is not touched, and not given."""
    table, x, y = Originals(1000), np.ones(2), [1]
    table.label([x, y])
    before = table.lend([y])
    table.lend_only(before)
    for content in (np.zeros(2), [0]):
        came = table.admit(number, -1, content)
        assert came is content
    assert x.tolist() == [1, 1]
    assert y == [1]


def test_lent_objects_take_what_comes() -> None:
    """All that is in a lent object is lent with it, also more than is known otherwise."""
    table, x = Originals(1000), np.ones(2)
    things = {"all": [x, (x[:1], {3})]}
    table.lend([things])
    (label,) = table.label([things])
    number = label.content["all"].content[0].number
    assert table.admit(number, 0, np.zeros(2)) is x
    assert x.tolist() == [0, 0]
    assert table.admit(label.number, 0, {}) is things
    assert things == {}


@pytest.mark.parametrize(
    "content", [np.ones(3), np.array(["a", "b"]), [1, 1], {1}, np.ones(2, complex)]
)
def test_lent_object_takes_no_other_kind(content: Any) -> None:
    """What cannot be the content of an object comes as one of its own."""
    table, x = Originals(1000), np.zeros(2)
    table.lend([x])
    (label,) = table.label([x])
    assert table.admit(label.number, 0, content) is content
    assert x.tolist() == [0, 0]


@pytest.mark.parametrize("content", [1, "text", None, (1, 2), 1.5, frozenset(), object()])
def test_only_objects_have_numbers(content: Any) -> None:
    """A number of a value breaks the protocol."""
    with pytest.raises(Malformed):
        Originals(1000).admit(1, -1, content)


def test_what_came_is_kept_until_it_changes() -> None:
    """The student's side is told whether the test has changed what came from there."""
    table, came = Originals(1000), np.zeros(2)
    table.admit(0, -5, came)
    assert [(label.number, label.mark) for label in table.label([came])] == [(-5, KEEP)]
    came += 1
    assert [(label.number, label.mark) for label in table.label([came])] == [(-5, TAKE)]
    assert [(label.number, label.mark) for label in table.label([came])] == [(-5, KEEP)]


def test_table_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limits objects have no number; dead ones make room, and lent ones have it."""
    monkeypatch.setattr(originals, "_MAX_OBJECTS", 10)
    table = Originals(1000)
    mine = [[k] for k in range(12)]
    labels = table.label(mine)
    assert [type(label) for label in labels] == [Numbered] * 10 + [list] * 2
    table.lend([mine[11]])
    assert type(table.label([mine[11]])[0]) is Numbered
    table.lend_only({})
    del mine[:], labels
    table.stale()
    assert type(table.label([[1]])[0]) is Numbered


def test_bytes_of_the_table_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """An array that would take too much memory there is known by no number."""
    monkeypatch.setattr(originals, "_MAX_BYTES", 1000)
    large, small = np.zeros(200), np.zeros(100)
    labels = Originals(1000).label([large, small])
    assert [type(label) for label in labels] == [np.ndarray, Numbered]


def test_dead_objects_are_dropped_in_time() -> None:
    """Numbers of dead objects are reported once there are many, or they hold much."""
    table = Originals(10**7)
    for k in range(100):
        table.label([[k]])
        table.stale()
    assert sorted(table.dropped()) == list(range(1, 101))
    assert table.dropped() == []
    table.label([np.zeros(3_000_000)])
    table.stale()
    assert table.dropped() == [101]


def test_table_keeps_no_object_alive() -> None:
    """An array that the test has no more is gone at the next call, and not before."""
    table, x = Originals(1000), np.ones(2)
    gone = weakref.ref(x)
    table.label([x])
    table.stale()
    del x
    assert gone() is not None
    table.stale()
    assert gone() is None


def test_view_made_for_a_call_sees_its_memory_change() -> None:
    """A view that nobody has is reported as changed while the test has the memory, then as gone."""
    table, x = Originals(1000), np.arange(6.0)
    gone = weakref.ref(x)
    table.label([x[:3]])
    assert table.stale() == []
    x += 1
    table.label([])
    changed = table.stale()
    assert any(np.array_equal(one, [1, 2, 3]) for one in changed)
    del x, changed
    for _ in range(2):  # the view, then the memory that it held
        table.label([])
        table.stale()
    assert gone() is None


def test_views_made_for_calls_are_few() -> None:
    """Of a thousand views of one memory only the latest are known; the others take no space."""
    table, x, dropped = Originals(10**7), np.arange(2000.0), []
    for k in range(1000):
        table.label([x[k : k + 3]])
        table.stale()
        dropped += table.dropped()
    assert len(dropped) == len(set(dropped)) > 600


def codecs() -> tuple[Codec, Codec, Originals, Counterparts]:
    """Return the judge's and the student's end, each with its table."""

    def lend(value: object) -> Handle:
        raise TypeError(type(value).__name__)

    table, counterparts = Originals(1000), Counterparts()
    limits = 100_000, 10_000_000, lend, lambda handle: handle
    return Codec(*limits, table.admit), Codec(*limits, counterparts.admit), table, counterparts


def test_object_crosses_and_comes_back() -> None:
    """Both ends know one object by one number, in memory of their own."""
    ours, theirs, table, counterparts = codecs()
    x = np.arange(30_000.0)
    made = []
    for _ in range(2):
        payload, buffers = ours.encode(table.label([x, [x, x]]))
        made.append(theirs.decode(payload, [bytearray(buffer) for buffer in buffers]))
        x += 1
    (one, others), (again, _) = made
    assert one is again is others[0] is others[1]
    assert one[0] == 1.0
    table.lend([x])
    one[:] = 7.0
    came = ours.decode(*theirs.encode(counterparts.label([one, one[:2], one])))
    assert came[0] is came[2] is x
    assert x[5] == 7.0
    assert came[1].base is None


def numbered(number: int, mark: int, content: bytes) -> msgpack.ExtType:
    """Return an object as a forger would write it."""
    data = number.to_bytes(8, "big", signed=True) + mark.to_bytes(8, "big", signed=True)
    return msgpack.ExtType(Code.NUMBERED, data + content)


FORGED = {
    "two contents": [numbered(0, -1, msgpack.packb([])), numbered(0, -1, msgpack.packb([1]))],
    "contains itself": [numbered(0, -1, msgpack.packb([numbered(0, -1, msgpack.packb([]))]))],
    "contains itself by its number": [numbered(1, -1, msgpack.packb([numbered(1, -2, msgpack.packb([]))]))],
    "no content": [numbered(1, -1, b"")],
    "no numbers": [msgpack.ExtType(Code.NUMBERED, b"1234")],
    "number in a number": [numbered(1, -1, msgpack.packb(numbered(2, -2, msgpack.packb(1))))],
    "a view": [numbered(1, 1, msgpack.packb(msgpack.ExtType(Code.TUPLE, msgpack.packb([[], True]))))],
}  # fmt: skip


@pytest.mark.parametrize("message", FORGED.values(), ids=FORGED)
def test_forged_object_is_refused(message: list) -> None:
    """An object that cannot be, or would have no end, breaks the protocol."""
    ours, _, table, _ = codecs()
    own = [[]]
    table.lend([own])
    table.label([own])
    with pytest.raises(Malformed):
        ours.decode(msgpack.packb(message), [])


def test_forged_bomb_is_no_larger_than_its_bytes() -> None:
    """What a list of lists contains, taken apart, has come in full."""
    ours, _, _, _ = codecs()
    content = msgpack.packb([])
    for k in range(1, 12):
        content = msgpack.packb([numbered(0, -k, content)] * 2)
    assert len(content) > 2**11
    value = ours.decode(content, [])
    assert value[0] is value[1]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ([1, float("nan")], [1, float("nan")], True),
        ([1], [1.0], False),
        ([True], [1], False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, False),
        ({1, 2}, {2, 1}, True),
        ((1, (2,)), (1, (2,)), True),
        ([1, 2], (1, 2), False),
        ([np.float32(1)], [np.float32(1)], True),
        ([object()], [object()], False),
        (np.array([np.nan]), np.array([np.nan]), True),
        (np.array([1]), np.array([1.0]), False),
    ],
)
def test_sameness_of_contents(one: Any, other: Any, *, same: bool) -> None:
    """Contents are the same in type, order and value."""
    assert is_same(one, other) is same


def test_refill_writes_what_cannot_be_written() -> None:
    """A read-only array gets its content, and stays read-only."""
    x = np.zeros(4)
    view = x[::2]
    for array in (view, x):
        array.flags.writeable = False
    assert refill(view, np.ones(2))
    assert x.tolist() == [1, 0, 1, 0]
    assert not x.flags.writeable
    assert not view.flags.writeable
    assert not refill(np.frombuffer(b"12345678"), np.ones(1))


def test_crossing_without_a_wire() -> None:
    """A replayed mistake gets what the student's code was given."""
    crossing, x, things = Crossing(), np.asfortranarray(np.ones((2, 3))), [1]
    first, also = crossing.of(x, (x, things))
    assert first is also[0] is not x
    assert first.flags.f_contiguous
    first[...] = 0
    things.append(2)
    again, column = crossing.of(x, x[:, 1])
    assert again is first
    assert np.shares_memory(column, first)
    assert first.all()
    assert also[1] == [1, 2]
