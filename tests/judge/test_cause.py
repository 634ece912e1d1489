"""To name the inputs of a call takes a bounded time and memory, whatever they are."""

import time

import numpy as np
import pytest

from coursework.check import Call
from coursework.judge import cause
from coursework.judge.cause import with_calls

# The alarm may come in Hypothesis' callback of the garbage collector: then it comes again.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Exception ignored in.*gc_callback:pytest.PytestUnraisableExceptionWarning"
)

ROW = [0.0] * 10_000
NOT_A_LETTER = np.array([0x7FFFFFFF, 1], dtype=np.uint32).view("U1")


class Raises:
    """An object that cannot be shown."""

    def __repr__(self) -> str:
        raise MemoryError


@pytest.mark.parametrize(
    "value",
    [
        [np.zeros((4,) * 9)],
        [np.zeros((2,) * 18)],
        {"a": (np.zeros((3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3)),)},
        [[ROW] * 10_000] * 10,
        [NOT_A_LETTER],
        Raises(),
    ],
    ids=["axes of 4", "axes of 2", "axes of 3", "one row often", "no code point", "raises"],
)
def test_call_whose_inputs_take_too_much_to_name(
    monkeypatch: pytest.MonkeyPatch, value: object
) -> None:
    """The cause is still given, soon, and without using the memory."""
    monkeypatch.setattr(cause, "_SECONDS", 0.2)
    monkeypatch.setattr(cause, "_BYTES", 64 * 2**20)
    start = time.process_time()
    text = with_calls([Call("f", (("x", value),))], "`f` ended its process.")
    assert text.endswith("`f` ended its process.")
    assert len(text) < 1000
    assert time.process_time() - start < 5


def test_call_that_is_short_to_name() -> None:
    """It comes above what happened."""
    assert with_calls([Call("f", (("x", 1.0),))], "It ended.") == "f(x)\n  x = 1\nIt ended."
