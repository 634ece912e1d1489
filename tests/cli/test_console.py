"""What commands show while they work: on a terminal, and nothing where nobody looks."""

import logging
import os
import pty
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from coursework.cli.console import bar, counter, log_to_stderr, pace


@contextmanager
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Let stderr be a terminal of 120 columns; in the end the list holds what was shown."""
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("TERM", "xterm")
    ours, theirs = pty.openpty()
    pieces: list[bytes] = []

    def listen() -> None:
        with suppress(OSError):  # the other end is closed
            while piece := os.read(ours, 65536):
                pieces.append(piece)

    listener = threading.Thread(target=listen)
    listener.start()
    found: list[str] = []
    with os.fdopen(theirs, "w") as file, monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", file)
        yield found
    listener.join()
    os.close(ours)
    found.append(re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", b"".join(pieces).decode()))


def test_counter_shows_rate_time_left_and_failures(monkeypatch: pytest.MonkeyPatch) -> None:
    """How many are done, how fast, how long the rest will take, and how many have failed."""
    with terminal(monkeypatch) as shown, counter("grade") as progress:
        for done in range(3):
            progress(300, done)
        progress.fail("ada")
        progress.fail("bob")
    (text,) = shown
    assert "grade" in text
    assert "2/300" in text
    assert re.search(r"[0-9.]+/(s|min)", text)
    assert re.search(r"left +[0-9:-]+", text)
    assert "2 failed" in text


def test_counter_says_nothing_of_failures_where_there_are_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A line that is always there is read by nobody."""
    with terminal(monkeypatch) as shown, counter("grade") as progress:
        progress(3, 3)
    (text,) = shown
    assert "3/3" in text
    assert "failed" not in text


def test_counter_shows_nothing_in_a_pipe(capfd: pytest.CaptureFixture[str]) -> None:
    """A log holds no bars."""
    with counter("grade") as progress:
        progress(3, 1)
        progress.fail("ada")
    with bar() as shown:
        shown.add_task("feedback", total=3)
    assert capfd.readouterr() == ("", "")


def test_log_stands_above_the_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    """A message has a line of its own, also while a bar is shown."""
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    with terminal(monkeypatch) as shown:
        log_to_stderr()
        with counter("grade") as progress:
            progress(3, 1)
            logging.getLogger("coursework").warning("ada could not be [red]graded")
    (text,) = shown
    lines = [line.strip() for line in re.split(r"[\r\n]+", text)]
    assert "ada could not be [red]graded" in lines


@pytest.mark.parametrize(
    ("speed", "said"), [(3.21, "3.2/s"), (1.0, "1.0/s"), (0.5, "30.0/min"), (0.002, "0.1/min")]
)
def test_pace(speed: float, said: str) -> None:
    """What takes more than a second is told by the minute."""
    assert pace(speed) == said
