"""Arguments kept as they are at a call."""

from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from coursework.check.context import Source
from coursework.check.describe import describe_value
from coursework.check.snapshot import as_now


class Node:
    """As a notebook would define it."""

    __module__ = "__main__"

    def __init__(self, data: Any) -> None:
        self.data = data


class Slotted:
    """Without a `__dict__`."""

    __module__ = "__main__"
    __slots__ = ("data",)

    def __init__(self, data: Any) -> None:
        self.data = data


def _fill(array: np.ndarray) -> None:
    array[...] = 9


CHANGES: dict[str, tuple[Callable[[], Any], Callable[[Any], Any]]] = {
    "array": (lambda: np.zeros(2), _fill),
    "number in an array": (lambda: np.array(0.0), _fill),
    "view": (lambda: np.zeros(4)[::2], _fill),
    "list of arrays": (lambda: [np.zeros(2), np.zeros(1)], lambda v: _fill(v[1])),
    "tuple of arrays": (lambda: (np.zeros(2),), lambda v: _fill(v[0])),
    "list": (lambda: [1, 2], lambda v: v.append(3)),
    "nested list": (lambda: [[1], [2]], lambda v: v[0].clear()),
    "dict": (lambda: {"w": np.zeros(2)}, lambda v: _fill(v["w"])),
    "keys": (lambda: {"w": 1}, lambda v: v.pop("w")),
    "nested dict": (lambda: {"a": {"w": [np.zeros(2)]}}, lambda v: _fill(v["a"]["w"][0])),
    "defaultdict": (lambda: defaultdict(list, a=[1]), lambda v: v["a"].append(2)),
    "ordered dict": (lambda: OrderedDict(a=[1]), lambda v: v["a"].append(2)),
    "set": (lambda: {1}, lambda v: v.add(2)),
    "deque": (lambda: deque([[1]], maxlen=3), lambda v: v[0].append(2)),
    "bytes": (lambda: bytearray(b"a"), lambda v: v.extend(b"b")),
    "array of objects": (lambda: np.array([[1], None], dtype=object), lambda v: v[0].append(2)),
    "attribute": (lambda: Node(1), lambda v: setattr(v, "data", 2)),
    "array of an object": (lambda: Node(np.zeros(2)), lambda v: _fill(v.data)),
    "objects in a list": (lambda: [Node([1])], lambda v: v[0].data.append(2)),
    "slot": (lambda: Slotted(np.zeros(2)), lambda v: _fill(v.data)),
    "namespace": (lambda: SimpleNamespace(w=[1]), lambda v: v.w.append(2)),
}


def _told(value: Any) -> str:
    """Return all that there is to an object, where a text shows only its kind."""
    if isinstance(value, Node | Slotted):
        return f"{type(value).__name__}({_told(value.data)})"
    return str([_told(item) for item in value]) if type(value) is list else describe_value(value)


@pytest.mark.parametrize("name", CHANGES)
def test_arguments_are_as_at_the_call(name: str) -> None:
    """Whatever a function does to an argument, what is kept of it stays, and is of its kind."""
    make, change = CHANGES[name]
    value = make()
    before = _told(value)
    (kept,) = as_now(value)
    change(value)
    assert _told(value) != before
    assert _told(kept) == before
    assert type(kept) is type(value)


def test_one_object_stays_one() -> None:
    """What is in two arguments, or holds itself, is so in the copies."""
    w = np.zeros(2)
    node = Node(w)
    ring: list[Any] = [w]
    ring.append(ring)
    kept_w, kept_node, kept_ring = as_now(w, node, ring)
    assert kept_node.data is kept_w
    assert kept_w is not w
    assert kept_ring[1] is kept_ring


def test_copies_are_bounded() -> None:
    """Of large arrays the description is kept; of much else the beginning is copied."""
    large = np.zeros((1001, 1001))
    (kept,) = as_now(large)
    large[0] = 1
    assert isinstance(kept, Source)
    assert kept == "numbers from 0 to 0  (shape (1001, 1001), float64)"
    many = [[i] for i in range(5000)]
    (copied,) = as_now(many)
    assert copied == many
    assert copied is not many
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert as_now(deep)[0] is not deep


def test_copying_runs_no_code_of_the_object() -> None:
    """A class that says how it is copied, or counts its objects, is not asked."""

    class Sly(Node):
        __module__ = "__main__"
        n_made = 0

        def __init__(self, data: Any) -> None:
            Sly.n_made += 1
            super().__init__(data)

        def __copy__(self) -> None:
            raise AssertionError

        __deepcopy__ = __getstate__ = __reduce__ = __setattr__ = None  # type: ignore[assignment]

    sly = object.__new__(Sly)
    vars(sly)["data"] = [1]
    (kept,) = as_now(sly)
    assert type(kept) is Sly
    assert kept.data == [1]
    assert kept.data is not sly.data
    assert Sly.n_made == 0


def test_what_cannot_be_copied_is_kept() -> None:
    """Functions, classes, generators and objects of libraries stay what they are."""
    values = [len, Node, (i for i in range(2)), np.random.default_rng(0), ValueError("x"), None]
    assert all(one is other for one, other in zip(values, as_now(*values), strict=True))
