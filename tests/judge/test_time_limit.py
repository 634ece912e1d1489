"""A time limit holds whatever the code in it does."""

import importlib
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from coursework.errors import JudgeError
from coursework.ipc.wire import ANSWER
from coursework.judge.time_limit import cpu_limit, time_limit
from coursework.sandbox.control import Control


class Late(BaseException):
    """The time is over."""


class Slow:
    """Takes its time when it is deleted, where Python swallows exceptions."""

    def __del__(self) -> None:
        end = time.monotonic() + 0.3
        while time.monotonic() < end:
            pass


def never_ending(
    seconds: float, begin: Callable[[], object] = bool, limit: Callable = time_limit
) -> None:
    """Run a loop without end under a limit."""
    with limit(seconds, Late()):
        begin()
        while True:
            pass


def test_limit_ends_a_loop() -> None:
    """Code that would never end is stopped, and the handler of before is back."""
    handler = signal.getsignal(signal.SIGALRM)
    with pytest.raises(Late):
        never_ending(0.1)
    assert signal.getsignal(signal.SIGALRM) is handler


def test_limit_ends_a_loop_though_the_first_alarm_comes_in_a_finaliser() -> None:
    """What is raised in a finaliser is lost, with a word on stderr: it is raised later."""
    with pytest.raises(Late):
        never_ending(0.1, Slow)  # deleted at once


def test_outer_limit_goes_on_behind_an_inner_one() -> None:
    """Two limits, one in the other: the outer one still holds."""

    def inner() -> None:
        with time_limit(5.0, KeyError()):
            pass

    with pytest.raises(Late):
        never_ending(0.4, inner)


def test_limit_of_cpu_time_ends_a_loop() -> None:
    """Code that works without end is stopped, and the handler of before is back."""
    handler = signal.getsignal(signal.SIGPROF)
    with pytest.raises(Late):
        never_ending(0.1, limit=cpu_limit)
    assert signal.getsignal(signal.SIGPROF) is handler


def test_limit_of_cpu_time_counts_no_waiting() -> None:
    """Who waits uses no CPU time: on a busy machine the limit is no other."""
    with cpu_limit(0.1, Late()):
        time.sleep(0.3)


def test_limit_cuts_off_no_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that takes longer than the limit is there as a whole, for whoever comes later."""
    (tmp_path / "slow_to_import.py").write_text(
        "import time\nend = time.monotonic() + 0.5\n"
        "while time.monotonic() < end:\n    pass\nvalue = 1\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(Late):
        never_ending(0.1, lambda: importlib.import_module("slow_to_import"))
    assert sys.modules.pop("slow_to_import").value == 1


@pytest.fixture
def line() -> Iterator[tuple[socket.socket, socket.socket]]:
    """The judge's end of a line to a forkserver, and the other end."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_limit_cuts_off_no_answer_of_the_forkserver(
    line: tuple[socket.socket, socket.socket],
) -> None:
    """What is asked while the time runs out is heard, and each later answer is its own."""
    ours, theirs = line
    control = Control(ours)
    answers = threading.Timer(0.5, theirs.sendall, [ANSWER.pack(1, 0, 0.0)])
    answers.start()
    with pytest.raises(Late):
        never_ending(0.1, lambda: control.answer(control.send(b"W", 7)))
    answers.join()
    theirs.sendall(ANSWER.pack(2, 0, 0.0))
    assert control.answer(control.send(b"W", 7)) == (2, 0.0)


def test_late_answer_is_not_taken_for_the_next(line: tuple[socket.socket, socket.socket]) -> None:
    """Of a forkserver on a busy machine each answer keeps its number."""
    ours, theirs = line
    control = Control(ours)
    ours.settimeout(0.05)
    with pytest.raises(JudgeError, match="does not answer"):
        control.answer(control.send(b"W", 7))
    theirs.sendall(ANSWER.pack(1, 0, 0.0) + ANSWER.pack(2, 0, 0.0))
    assert control.answer(control.send(b"W", 7)) == (2, 0.0)
