"""Digits: what differs in a message looks different."""

import numpy as np
import pytest

from coursework import check
from coursework.check import Call, CheckFailed
from coursework.check.describe import describe_call

EPS = np.finfo(float).eps


def lines_of(**inputs: object) -> dict[str, str]:
    """Return how a message shows the inputs of a call."""
    _, *lines = describe_call([Call("f", tuple(inputs.items()))]).splitlines()
    return dict(line.strip().split(" = ") for line in lines)


@pytest.mark.parametrize("step", [1e-7, 1e-9, 2 * EPS])
def test_inputs_that_differ_look_different(step: float) -> None:
    """Two arrays, entries of one, scalars, and arrays in lists."""
    y, y_hat = np.full(3, 2.0), np.array([2.0, 2.0 + step, 2.0])
    shown = lines_of(y=y, y_hat=y_hat)
    assert shown["y"] != shown["y_hat"]
    shown = lines_of(y_hat=y_hat)
    assert len(set(shown["y_hat"].partition("]")[0].strip("[").split(", "))) == 2
    shown = lines_of(a=2.0, b=2.0 + step)
    assert shown["a"] != shown["b"]
    shown = lines_of(a=[y], b=[y_hat])
    assert shown["a"] != shown["b"]


def test_inputs_are_short_where_they_are_told_apart() -> None:
    """Six digits do where no two numbers look the same, or those that do are the same."""
    shown = lines_of(x=np.array([1 / 3, 2 / 3, 1 / 3]), y=np.array([1 / 3, np.nan, np.inf]))
    assert shown["x"].startswith("[0.333333, 0.666667, 0.333333]")
    single = np.array([0.1], dtype=np.float32)
    assert lines_of(x=single, y=1 / 3)["x"].startswith("[0.1]")


@pytest.mark.parametrize("step", [1e-8, 1e-11, EPS])
def test_got_looks_other_than_expected(step: float) -> None:
    """A difference below the usual digits is shown: of scalars, entries, and of a sequence."""
    with pytest.raises(CheckFailed) as caught:
        check.equal(1.0 + step, 1.0)
    got, expected = caught.value.message.rstrip(".").rpartition("Got ")[2].split(", expected ")
    assert got != expected
    with pytest.raises(CheckFailed) as caught:
        check.equal(np.array([1.0, 1.0 + step]), [1.0, 1.0])
    *_, text, got, expected = caught.value.message.splitlines()
    assert "got 1.0" in text
    assert got.split()[1:] != expected.split()[1:]
    with pytest.raises(CheckFailed) as caught:
        check.decreasing([1.0, 1.0 + step])
    assert "from 1 at 0 to 1.0" in caught.value.message
