"""Calls are heard of as they begin, from outside alone, and nothing is left behind."""

import sys
from types import FrameType

import pytest

from coursework.check.notebook import calling
from coursework.check.notebook.calling import Listener


def countdown(n: int) -> int:
    """Call itself."""
    return n and countdown(n - 1)


def failing(n: int) -> int:
    """Raise from within another."""
    return countdown(n) + 1 // 0


def heard(*numbers: int) -> list[tuple[str, int]]:
    """Return the calls that a listener hears, with their argument."""
    found = []

    def hear(frame: FrameType) -> None:
        found.append((frame.f_code.co_name, frame.f_locals["n"]))

    listener = Listener({countdown.__code__: "", failing.__code__: ""}, hear)
    listener.start()
    try:
        for n in numbers:
            countdown(n)
            with pytest.raises(ZeroDivisionError):
                failing(n)
        assert listener.is_on
    finally:
        listener.stop()
    countdown(9)
    return found


@pytest.mark.parametrize("has_monitoring", [True, False])
def test_calls_from_outside(monkeypatch: pytest.MonkeyPatch, has_monitoring: bool) -> None:  # noqa: FBT001
    """No call from within another is heard, also behind one that raises; both ways agree."""
    if not has_monitoring:
        monkeypatch.setattr(calling, "_TOOLS", ())
    before = sys.getprofile()
    assert heard(3, 0) == [("countdown", 3), ("failing", 3), ("countdown", 0), ("failing", 0)]
    assert heard(1) == [("countdown", 1), ("failing", 1)]
    assert sys.getprofile() is before
