"""The checks: what holds, what fails, and what the message says."""

import re
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from coursework import check
from coursework.check import Call, CheckFailed, reference
from coursework.check.describe import describe_call, describe_value


def scaled(x: np.ndarray, factor: float) -> np.ndarray:
    """Return a multiple; the checks below name this call."""
    return factor * x


def message_of(action: Callable[[], object]) -> str:
    """Return the message of the check that fails."""
    with pytest.raises(CheckFailed) as caught:
        action()
    return caught.value.message


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (3, 3.0),
        (np.float32(0.5), 0.5),
        (np.array(2.0), 2),
        (np.array([2.0]), 2.0),
        ([[2.0]], 2.0),
        ([1, 2], np.array([1.0, 2.0])),
        ((1.0, 2.0), [1, 2]),
        ([1.0, 2.0], (1, 2)),
        (1.0 + 5e-10, 1.0),
        (np.nan, np.nan),
        ([np.inf, 1], [np.inf, 1]),
        ((1, np.ones(3)), (1.0, [1, 1, 1])),
        ({"a": 1}, {"a": 1.0}),
        (True, 1),
        (1j, 1j),
        ("a", "a"),
        ({1, 2}, {2, 1}),
        (None, None),
        ([], []),
    ],
)
def test_close_holds_by_value(actual: object, expected: object) -> None:
    """Equal values are equal in whatever type they come."""
    check.close(actual, expected)


@pytest.mark.parametrize(
    ("actual", "expected", "message"),
    [
        (1.1, 1.0, "Got 1.1, expected 1."),
        (None, 1.0, "Expected a number, got None"),
        (np.nan, 1.0, "Got nan"),
        (np.inf, -np.inf, "Got inf, expected -inf."),
        (np.ones((3, 1)), np.ones(3), "(n, 1) is not (n,)"),
        (np.ones(3), np.ones((3, 1)), "(n,) is not (n, 1)"),
        (np.ones((2, 3)), np.ones((3, 2)), "transposed"),
        (np.ones(3), np.ones(4), "The shape is (3,), expected (4,)."),
        (np.ones(3), 1.0, "The shape is (3,), expected ()."),
        (1.0, np.ones(3), "The shape is (), expected (3,)."),
        ("1", 1.0, "Expected scalar, float64"),
        (object(), 1.0, "Expected a number, got"),
        (len, 1.0, "the function len"),
        ({}, 1.0, "dict"),
        ((1, 2), (1, 2, 3), "Expected 3 values, got 2."),
        (5, (1, 2), "Expected 2 values, got 5"),
        ((1, np.ones(2)), (1, np.zeros(2)), "In value 2 of 2: 2 of 2 entries differ"),
        ({"a": 1}, {"b": 1}, "Expected the keys ['b']"),
        ({"a": 1}, {"a": 2}, "At 'a': Got 1"),
        ([[1], [2, 3]], np.ones(2), "list"),
        ({1}, {2}, "Expected the set {2}, got {1}."),
    ],
)
def test_close_says_how_values_differ(actual: object, expected: object, message: str) -> None:
    """The message names the difference."""
    assert message in message_of(lambda: check.close(actual, expected))


def test_close_tolerance_is_that_of_isclose() -> None:
    """Allowed is atol + rtol |expected|."""
    check.close(100.09, 100.0, rtol=1e-3, atol=0)
    message_of(lambda: check.close(100.11, 100.0, rtol=1e-3, atol=0))


def test_equal_allows_no_difference() -> None:
    """Equal means equal, except in type."""
    check.equal(np.int64(3), 3.0)
    message_of(lambda: check.equal(1.0 + 1e-12, 1.0))


def test_message_shows_call_and_inputs() -> None:
    """In a notebook the call is read off the source, its inputs off the frame."""
    x = np.array([1.0, 2.0])
    lines = message_of(lambda: check.close(scaled(x, 3.0), x)).splitlines()
    assert lines[:3] == [
        "scaled(x, factor)",
        "  x = [1., 2.]  (shape (2,), float64)",
        "  factor = 3.0",
    ]


def test_message_shows_unpacked_arguments_as_they_are_written() -> None:
    """Which parameter gets which of them is not read off the source."""
    arguments = np.array([1.0]), 3.0
    lines = message_of(lambda: check.close(scaled(*arguments), 0.0)).splitlines()
    assert lines[:2] == ["scaled(argument 1)", "  argument 1 = *arguments"]


def test_message_names_no_call_of_the_library() -> None:
    """A builtin function or one of NumPy is not what failed, and has no inputs worth showing."""
    x = np.ones(2)
    assert message_of(lambda: check.equal(len(x), 3)) == "len(x): Got 2, expected 3."
    message = message_of(lambda: check.close(float(np.sum(x)), 3))
    assert message == "np.sum(x): Got 2, expected 3."


def test_message_names_what_is_compared() -> None:
    """If it is not simply what a call returned, the expression comes before the difference."""
    x, seen = np.ones(2), [1.0, 2.0]

    def texts() -> Iterator[str]:
        yield message_of(lambda: check.close(scaled(x, 3.0)[0], 0))
        yield message_of(lambda: check.close(seen, [1.0]))
        yield message_of(lambda: check.close(np.sum(scaled(x, 3.0)), 0))
        yield message_of(lambda: check.shape(scaled(x, 3.0).T, (3,)))
        yield message_of(lambda: check.decreasing(seen))
        long = message_of(
            lambda: check.equal(
                [value for value in seen if 1.0 < value < 3.0] + seen[2:] + seen[3:], []
            )
        )
        yield long
        yield message_of(
            lambda: check.close(scaled(np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]), 3.0)[0], 0)
        )

    subjects = ["".join(re.findall(r"^(?! )(.*): ", text, re.MULTILINE)) for text in texts()]
    assert subjects == [
        *("scaled(x, 3.0)[0]", "seen", "np.sum(scaled(x, 3.0))", "scaled(x, 3.0).T", "seen"),
        *("a value that the test computes", "scaled(…)[0]"),
    ]


def test_message_of_a_call_alone_names_it_once() -> None:
    """What a call returned needs no other name, nor what only converts it, nor named parts."""
    x = np.ones(2)
    for compare in (
        lambda: check.close(scaled(x, 3.0), 0.0),
        lambda: check.close(list(scaled(x, 3.0)), 0.0),
        lambda: check.close({"sum": 1.0}, {"sum": 2.0}),
    ):
        assert "): The" not in message_of(compare)


def test_method_is_shown_with_how_its_object_was_made() -> None:
    """Settings are shown in the call, arrays below it, and no constructor by itself."""
    made = Call("Sgd", (("params", np.ones(2)), ("lr", 0.5)))
    step = Call("Sgd.step", (("grads", [np.ones(2)]),), made=made)
    assert describe_call([made, made, step]).splitlines() == [
        "Sgd(params, lr=0.5).step(grads)",
        "  params = [1., 1.]  (shape (2,), float64)",
        "  grads = [array([1., 1.])]  (shape (2,))",
    ]
    assert describe_call([made]).splitlines()[0] == "Sgd(params, lr)"
    called = Call("Model", (("x", 1.0),), made=Call("Model", (("argument 1", 3),)))
    assert describe_call([called]).splitlines() == ["Model(3)(x)", "  x = 1"]


def test_failed_check_shows_the_line_of_the_cell_alone() -> None:
    """IPython shows where the check is and its message, but no line of the checks themselves."""
    try:
        check.close(scaled(1.0, 3.0), 1.0)
    except check.CheckFailed as failed:
        shown = failed._render_traceback_()
    assert "check.close(scaled(1.0, 3.0), 1.0)" in shown[0]
    assert "Got 3, expected 1" in shown[1]
    assert "assertions.py" not in "".join(shown)


def test_that_says_the_claim() -> None:
    """What holds passes, whatever kind of truth it is; a failure says what was claimed."""
    for truth in (True, np.True_, np.array([True]), 1):
        check.that(truth, "it holds")
    for falsehood in (False, np.False_, 0, None, "no", [True, False], object()):
        text = message_of(lambda value=falsehood: check.that(value, "the output comes last"))
        assert text.startswith("This should be true, and is not: the output comes last.")


def test_equal_names_the_parts_that_differ() -> None:
    """Each named part that differs is reported; if there are many, the first ones."""
    message = message_of(lambda: check.equal({"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 0, "c": 0}))
    assert message.splitlines() == ["At 'b': Got 2, expected 0.", "At 'c': Got 3, expected 0."]
    many = message_of(lambda: check.equal(dict.fromkeys(range(9), 1), dict.fromkeys(range(9), 0)))
    assert many.splitlines()[-1] == "… and 4 more that differ."


@pytest.mark.parametrize("shape", [(2, 3, 4), (40,), (5, 3), (1, 1, 1)])
def test_large_arrays_are_summarised(shape: tuple[int, ...]) -> None:
    """Of many entries, or more than two axes, the message says where they differ first."""
    x = np.arange(np.prod(shape), dtype=float).reshape(shape)
    message = message_of(lambda: check.close(scaled(x, 2.0), x + 1))
    *_, text = lines = message.splitlines()
    assert f"of {x.size} entries of shape {shape} differ, the first at [" in text
    assert len(lines) == 4
    assert f"(shape {shape}, float64)" in lines[1]


class Point:
    """Has no `__repr__`."""

    def __init__(self, x: float) -> None:
        self.x, self._hidden, self.others = x, 1, [self]


def test_objects_are_shown_by_their_attributes() -> None:
    """An object without a `__repr__` is its public attributes; no address is shown anywhere."""
    assert describe_value(Point(2.0)) == "<Point object: x=2, others=list of 1>"
    assert describe_value([Point(2.0)]) == "[<Point object>]"


def test_many_calls_are_shown_from_their_end() -> None:
    """In a series of calls, the last ones show what they were given."""
    text = describe_call([Call("step", (("by", i),)) for i in range(9)])
    assert text.splitlines()[0] == "… after other calls:"
    assert [line for line in text.splitlines() if "by =" in line] == [
        f"  by = {i}" for i in (6, 7, 8)
    ]


def test_shape_names_the_shape() -> None:
    """A wrong shape is named, and so is a value that is not an array."""
    check.shape(np.ones((2, 3)), (2, 3))
    assert "(2,)" in message_of(lambda: check.shape([1, 2], (2, 3)))
    message_of(lambda: check.shape(None, (2, 3)))


def test_gradient_by_central_differences() -> None:
    """A right gradient passes at any shape, a wrong one fails."""
    x = np.array([[1.0, 2.0, -1.0], [0.5, 3.0, 2.0]])
    check.gradient(3 * x**2, lambda v: np.sum(v**3), at=x)
    assert "central differences" in message_of(
        lambda: check.gradient(x**2, lambda v: np.sum(v**3), at=x)
    )


@pytest.mark.parametrize("values", [[1, 2], [], [np.nan], None, "ab", [[1]], [3, 2, 2.5]])
def test_decreasing_fails(values: object) -> None:
    """A rise, no numbers or no finite numbers fail."""
    message_of(lambda: check.decreasing(values))


def test_decreasing_strictly() -> None:
    """A plateau is not a fall."""
    check.decreasing([3, 2, 2])
    message_of(lambda: check.decreasing([3, 2, 2], strictly=True))


def test_unchanged_gives_the_result() -> None:
    """The result comes back; a changed array, list or dict is named."""
    assert check.unchanged(scaled, np.ones(2), 2).tolist() == [2, 2]
    assert "modifies its input" in message_of(lambda: check.unchanged(list.append, [1], 2))
    assert "counts is not what it was" in message_of(lambda: check.unchanged(_empty, {"a": 1}))
    # It tells nobody what its parameters are called.
    assert "argument 1" in message_of(lambda: check.unchanged(dict.update, {"a": 1}, {"b": 2}))


def _empty(counts: dict[str, int]) -> None:
    counts.clear()


def test_raises_wants_the_exception() -> None:
    """Nothing raised or another exception is a failure."""
    check.raises(ZeroDivisionError, lambda: 1 / 0)
    assert "returns 1" in message_of(lambda: check.raises(ValueError, lambda: 1))
    assert "raises ZeroDivisionError" in message_of(lambda: check.raises(ValueError, lambda: 1 / 0))
    with pytest.raises(NotImplementedError):
        check.raises(ValueError, _unwritten)


def _unwritten() -> None:
    raise NotImplementedError


def test_rng_repeats_in_a_notebook() -> None:
    """Every call starts the same stream."""
    assert check.rng().random() == check.rng().random()


def test_reference_is_the_notebooks_own_function() -> None:
    """`reference.f` is the `f` of the namespace that asks."""
    assert reference.scaled is scaled
    with pytest.raises(AttributeError, match="defines no 'nothing'"):
        _ = reference.nothing


def test_describe_shows_large_numbers_to_their_last_digit() -> None:
    """1e9 + 1 is not shown as 1e9; a huge integer and deep nesting do no harm."""
    assert "1000000001" in describe_value(np.array([1e9 + 1, 1.0]))
    assert "cannot be shown" in describe_value(10**5000)
    nested: list = []
    for _ in range(100_000):
        nested = [nested]
    assert "..." in describe_value(nested)


def test_describe_nan_only_no_warning() -> None:
    """An array of NaN only is shown without a warning."""
    assert "nan" in describe_value(np.full(3, np.nan))


@pytest.mark.parametrize("expected", [{"a": 1}, {1}, (1, "a"), np.zeros(2), "text"])
def test_difference_none_says_where_it_may_come_from(expected: object) -> None:
    """A function without `return` is the usual reason, and not the only one."""
    with pytest.raises(CheckFailed, match=r"got None \(as from a function without return\)\."):
        check.equal(None, expected)


def test_unchanged_names_parameter_before_and_after() -> None:
    """A changed argument has its parameter's name, and both values their time."""

    def scale(factor: float, values: np.ndarray) -> None:
        values *= factor

    with pytest.raises(CheckFailed) as caught:
        check.unchanged(scale, 2.0, np.ones(2))
    text = str(caught.value)
    assert "It modifies its input: values" in text
    assert "before    [1., 1.]" in text
    assert "after     [2., 2.]" in text
    assert "expected" not in text


class _Named:
    """An object that says what it is by a set, and one whose `__repr__` raises."""

    def __init__(self, words: list[str]) -> None:
        self.words = words

    def __repr__(self) -> str:
        if not self.words:
            raise ValueError("no words")
        return f"Named({len(self.words)})"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b", "a", "c"}, "{'a', 'b', 'c'}"),
        ({10, 2, 1.5}, "{1.5, 2, 10}"),
        ({"b", 1, (2, "x")}, "{'b', (2, 'x'), 1}"),
        (frozenset({"b", "a"}), "frozenset({'a', 'b'})"),
        ([{"b", "a"}, {frozenset("ba"): {"d", "c"}}], None),
        ((set(), frozenset(), {}), "(set(), frozenset(), {})"),
        (Counter({"b": 2}), "Counter({'b': 2})"),
        (OrderedDict(b=1, z={"d", "c"}), "OrderedDict({'b': 1, 'z': {'c', 'd'}})"),
        (_Named(["a"]), "Named(1)"),
        ([_Named(["a"]), None], "[Named(1), None]"),
        ([print, object()], "[<built-in function print>, <object object>]"),
        ([lambda: 0], None),
        (np.array([{"b", "a"}, object()]), None),
        ({1: np.arange(3)}, "{1: array([0, 1, 2])}"),
        ([np.zeros(1000)], "[array of shape (1000,), float64]"),
    ],
)
def test_describe_repeats(value: object, text: str | None) -> None:
    """What is shown contains no address and no order of a set, even inside containers."""
    found = describe_value(value)
    assert "0x" not in found
    assert found == (text or found)
    for one, other in [("'a'", "'b'"), ("'c'", "'d'")]:
        assert one not in found or other not in found or found.index(one) < found.index(other)


def _aliased() -> list:
    value: list = [0] * 60
    for _ in range(7):
        value = [value] * 60
    return value


@pytest.mark.parametrize(
    "make",
    [
        lambda: list(range(10**6)),
        lambda: dict.fromkeys(range(10**6)),
        lambda: {str(i) for i in range(10**5)},
        lambda: "x" * 10**7,
        lambda: b"x" * 10**7,
        lambda: ["x" * 10**7] * 50,
        lambda: np.array(["x" * 10**6] * 12),
        lambda: {"x" * 10**6: "y" * 10**6},
        lambda: 10**4000,
        _aliased,
    ],
)
def test_describe_is_bounded(make: Callable[[], object]) -> None:
    """However large a value is, what is shown of it is short."""
    assert len(describe_value(make())) < 1500


def test_keys_shown_are_bounded() -> None:
    """For a dict with other keys, the first ones are named."""
    many = {f"key {i}": i for i in range(10**5)}
    assert len(message_of(lambda: check.equal(many, {"a": 1}))) < 1000
    assert len(message_of(lambda: check.equal({"x" * 10**6: 1}, {"x" * 10**6: 2}))) < 1000


def test_raises_names_parameters() -> None:
    """The call that should have raised is shown with the names of its parameters."""
    text = message_of(lambda: check.raises(ValueError, scaled, np.ones(2), 3.0))
    assert "scaled(x, factor)" in text
    assert "argument" not in text
