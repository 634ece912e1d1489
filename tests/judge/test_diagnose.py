"""What is said of a wrong value that no known mistake explains."""

import numpy as np
import pytest

from coursework.check import Call
from coursework.judge.diagnose import diagnose

RNG = np.random.default_rng(0)
X = RNG.normal(size=(5, 3))
PATH = RNG.normal(size=(7, 2))
CALLS = (Call("f", (("X", X), ("w", np.ones(3)))),)

CASES = {
    "transposed": (X.T, X, "It is the transpose"),
    "sign": (-X, X, "The sign is the opposite"),
    "sign of a scalar": (-2.5, 2.5, "The sign is the opposite"),
    "factor 2": (2 * X, X, "times 2."),
    "factor 1/2": (0.5 * X, X, "times 1/2."),
    "factor n": (5 * X, X, "times the length of X = 5."),
    "factor 1/n": (X / 5, X, "times 1/the length of X, the length of X = 5."),
    "factor d": (3 * X, X, "times the number of columns of X = 3."),
    "other factor": (1.7 * X, X, "times 1.7 in every entry"),
    "axis too many": (PATH[:, :1], PATH[:, 0], "an axis too many"),
    "axis too few": (PATH[:, 0], PATH[:, :1], "an axis too few"),
    "other shape": (X.reshape(3, 5), X, "an array of another shape"),
    "one step too many": (PATH, PATH[:-1], "one step too many"),
    "start included": (PATH, PATH[1:], "one step too many"),
    "one step too few": (PATH[:-1], PATH, "one step too few"),
    "shifted": (PATH[1:], PATH[:-1], "one step off"),
    "whole path": (PATH, PATH[-1], "only the last is asked for"),
    "running sum": (np.cumsum(X[:, 0]), X[:, 0], "the running sum"),
    "differences": (X[:, 0], np.cumsum(X[:, 0]), "the change from entry to entry"),
    "degrees": (np.degrees(X), X, "degrees where radians"),
    "radians": (np.radians(X), X, "radians where degrees"),
    "log2": (np.log2([3.0, 5.0]), np.log([3.0, 5.0]), "base 2"),
    "log10": (np.log10([3.0, 5.0]), np.log([3.0, 5.0]), "base 10"),
    "NaN": ([np.nan, 1.0], [2.0, 1.0], "It gives NaN"),
    "infinity": (np.inf, 2.0, "It overflows"),
    "None": (None, X, "It returns nothing"),
    "truncated": (np.array([1, -2, 0]), np.array([1.5, -2.7, 0.3]), "The decimals are cut off"),
    "imprecise": (X * (1 + 1e-8), X, "The first six digits"),
    "imprecise, and its own sum": ([0.0, 0.5 + 1e-9], [0.0, 0.5], "The first six digits"),
    "swapped results": ((1.0, X), (X, 1.0), "in the opposite order"),
    "one of several": ((1.0, -X), (1.0, X), "The sign is the opposite"),
}
SILENT = {
    "unrelated": (RNG.normal(size=(5, 3)), X),
    "zeros": (np.zeros(3), np.ones(3)),
    "zeros expected": (np.ones(3), np.zeros(3)),
    "text": ("a", "b"),
    "text for numbers": ("a", 1.0),
    "nothing expected": (1.0, None),
    "both infinite": (np.inf, -np.inf),
    "other number": (1.0, 3.7),
    "dict": ({"a": 1}, {"a": 2}),
    "empty": ([], [1.0]),
    "ragged": ([[1], [2, 3]], X),
    "lengths": ((1.0,), (1.0, 2.0)),
    "huge": (1e300, 1e-300),
}


@pytest.mark.parametrize(("came", "expected", "text"), CASES.values(), ids=CASES)
def test_rule_names_the_difference(came: object, expected: object, text: str) -> None:
    """Each way to be wrong is named."""
    assert text in diagnose(came, expected, CALLS)


@pytest.mark.parametrize(("came", "expected"), SILENT.values(), ids=SILENT)
def test_no_rule_speaks_by_chance(came: object, expected: object) -> None:
    """Where no rule fits nothing is said, and nothing is raised."""
    assert diagnose(came, expected, CALLS) == ""


def test_printing_instead_of_returning() -> None:
    """A function that prints and returns nothing is told to return."""
    assert "prints its result instead" in diagnose(None, 3.0, (), "3.0\n")
