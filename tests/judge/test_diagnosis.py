"""What is said about wrong values that no known mistake explains: only what is true of all."""

import numpy as np
import pytest

from coursework.judge.hints.diagnosis import diagnose
from coursework.judge.hints.fingerprint import Problem, Record
from coursework.judge.hints.value import freeze

RNG = np.random.default_rng(0)
X = RNG.normal(size=(5, 3))
PATH = RNG.normal(size=(7, 2))


def failed(came: object, expected: object, **sizes: int) -> Record:
    """Return the record of a check that did not hold."""
    named = tuple((name.replace("_", " "), size) for name, size in sizes.items())
    return Record(1, "", holds=False, value=freeze(came), expected=freeze(expected), sizes=named)


CASES = {
    "transposed": (X.T, X, "It is the transpose"),
    "sign": (-X, X, "The sign is the opposite"),
    "factor 2": (2 * X, X, "times 2 in every entry."),
    "factor 1/2": (0.5 * X, X, "times 1/2 in every entry."),
    "factor 5, which is the length by chance": (5 * X, X, "times 5 in every entry."),
    "other factor": (1.7 * X, X, "times 1.7 in every entry"),
    "axis too many": (PATH[:, :1], PATH[:, 0], "an axis too many"),
    "axis too few": (PATH[:, 0], PATH[:, :1], "an axis too few"),
    "other shape": (X.reshape(3, 5), X, "an array of a different shape"),
    "one step too many": (PATH, PATH[:-1], "one entry too many"),
    "start included": (PATH, PATH[1:], "one entry too many"),
    "one step too few": (PATH[:-1], PATH, "one entry too few"),
    "shifted": (PATH[1:], PATH[:-1], "one step off"),
    "whole path": (PATH, PATH[-1], "Its last entry is what is expected"),
    "running sum": (np.cumsum(X[:, 0]), X[:, 0], "the running sum"),
    "differences": (X[:, 0], np.cumsum(X[:, 0]), "the change from entry to entry"),
    "degrees": (np.degrees(X), X, "what a radian is in degrees"),
    "radians": (np.radians(X), X, "what a degree is in radians"),
    "log2": (np.log2([3.0, 5.0]), np.log([3.0, 5.0]), "base 2"),
    "log10": (np.log10([3.0, 5.0]), np.log([3.0, 5.0]), "base 10"),
    "NaN": ([np.nan, 1.0], [2.0, 1.0], "It gives NaN"),
    "infinity": ([np.inf, 1.0], [2.0, 1.0], "It gives infinity"),
    "truncated": (np.array([1, -2, 0]), np.array([1.5, -2.7, 0.3]), "without its decimals"),
    "imprecise": (X * (1 + 1e-8), X, "right to a millionth"),
    "imprecise, and its own sum": ([0.0, 0.5 + 1e-9, 1.0], [0.0, 0.5, 1.0], "to a millionth"),
    "swapped results": ((1.0, X), (X, 1.0), "in the opposite order"),
    "one of several": ((1.0, -X), (1.0, X), "Of each result that differs: the sign is the opp"),
}
SILENT = {
    "unrelated": (RNG.normal(size=(5, 3)), X),
    "one number twice as large": (4.0, 2.0),
    "one number with another sign": (-2.5, 2.5),
    "zeros": (np.zeros(3), np.ones(3)),
    "zeros expected": (np.ones(3), np.zeros(3)),
    "text": ("a", "b"),
    "text for numbers": ("a", 1.0),
    "None": (None, X),
    "nothing expected": (1.0, None),
    "both infinite": (np.inf, -np.inf),
    "other number": (1.0, 3.7),
    "dict": ({"a": 1}, {"a": 2}),
    "empty": ([], [1.0]),
    "ragged": ([[1], [2, 3]], X),
    "lengths": ((1.0,), (1.0, 2.0)),
    "truth for truth": ([True, True], [True, False]),
    "huge": ([1e300, 1.0], [1e-300, 1.0]),
    "tiny and unrelated": (1e-20 * X.T, 1e-20 * np.ones((5, 3))),
    "too large to keep": (np.ones((100, 100)), 2 * np.ones((100, 100))),
}


@pytest.mark.parametrize(("came", "expected", "text"), CASES.values(), ids=CASES)
def test_rule_names_the_difference(came: object, expected: object, text: str) -> None:
    """Each way to be wrong is named."""
    assert text in diagnose([failed(came, expected)])


@pytest.mark.parametrize(("came", "expected"), SILENT.values(), ids=SILENT)
def test_no_rule_speaks_by_chance(came: object, expected: object) -> None:
    """Where no rule fits, or one number alone does, nothing is said, and nothing is raised."""
    assert diagnose([failed(came, expected)]) == ""


@pytest.mark.parametrize(("came", "expected", "text"), CASES.values(), ids=CASES)
def test_rule_is_silent_where_one_check_differs(came: object, expected: object, text: str) -> None:
    """A sentence that is false of one failed check is not said about the others."""
    others = (failed(X + 0.1, X), Record(2, "", holds=False, problem=Problem("ValueError", "?")))
    for other in others:
        assert diagnose([failed(came, expected), other]) == "", text
        assert diagnose([other, failed(came, expected)]) == "", text


def test_factor_between_single_numbers() -> None:
    """Several numbers tell what one does not."""
    assert "opposite" in diagnose([failed(-2.5, 2.5), failed(1.25, -1.25)])
    assert "times 2 in every" in diagnose([failed(4.0, 2.0), failed(-3.0, -1.5)])
    assert diagnose([failed(4.0, 2.0), failed(-4.5, -1.5)]) == ""


def test_factor_is_a_size_only_where_it_changes_with_it() -> None:
    """A factor n is recognised if n differs each time."""
    rows = X[:4]
    sizes = ({"the_length_of_X": 5, "the_length_of_w": 3}, {"the_length_of_X": 4})
    records = failed(5 * X, X, **sizes[0]), failed(4 * rows, rows, **sizes[1])
    assert diagnose(records) == "It is the expected value times the length of X."
    records = failed(X / 5, X, **sizes[0]), failed(rows / 4, rows, **sizes[1])
    assert diagnose(records) == "It is the expected value times 1/the length of X."
    assert "times 5 in" in diagnose(
        [failed(5 * X, X, **sizes[0]), failed(5 * rows, rows, **sizes[0])]
    )
    assert diagnose([failed(5 * X, X, **sizes[0]), failed(3 * rows, rows, **sizes[1])]) == ""


def test_reversed_results_are_not_seen_in_equal_ones() -> None:
    """Results that are all alike are in no order."""
    assert "opposite order" not in diagnose([failed((1.0 + 1e-8, 1.0), (1.0, 1.0 + 1e-8))])
