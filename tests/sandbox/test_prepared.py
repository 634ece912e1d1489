"""The next student's process is made ready while a notebook is graded, and the last one ended."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from waiting import until

from coursework.errors import JudgeError
from coursework.ipc.cores import make_way
from coursework.ipc.limits import Limits
from coursework.ipc.procfs import process_tree, status_of
from coursework.ipc.wire import ANSWER
from coursework.judge.exchange import StandIns
from coursework.judge.judge import Judge
from coursework.sandbox.control import Control
from coursework.sandbox.memory_watch import Exhausted, Watch
from coursework.sandbox.process import StudentProcess

_REHEARSED = """
import numpy, coursework.check
from coursework.ipc.limits import Limits
from coursework.student.warmup import rehearse
from coursework.student.shell import make_shell

shell = make_shell()
before = dict(shell.user_ns)
rehearse(shell, Limits())
assert shell.user_ns == before, set(shell.user_ns) ^ set(before)
rehearse(shell, Limits())
"""


@pytest.fixture
def full_judge() -> Iterator[Judge]:
    """A judge with a sandbox, in which processes are made ready ahead."""
    with Judge(secret=b"s") as judge:
        if not judge.sandbox.is_full:
            pytest.skip("without a sandbox no process waits for its notebook")
        yield judge


def test_rehearsal_leaves_no_name_behind() -> None:
    """A notebook that forgets an import does not find it; a rehearsal can be had twice."""
    subprocess.run([sys.executable, "-c", _REHEARSED], check=True)


def test_next_process_waits_while_one_works(full_judge: Judge) -> None:
    """A child more than is in use; it takes its notebook's place among them."""
    first = _spawn(full_judge)
    assert len(_students(full_judge)) == 2
    first.close()
    second = _spawn(full_judge)
    assert until(lambda: len(_students(full_judge)) == 2)
    assert second.ask("lookup", "__name__") == "__main__"
    second.close()
    left = _students(full_judge)
    assert left
    full_judge.close()
    assert until(lambda: all(_is_dead(pid) for pid in left))


def test_none_waits_where_students_see_each_other() -> None:
    """Without a sandbox a student could stop or trace the process of the next one."""
    with Judge(secret=b"s", isolation="process") as judge:
        process = _spawn(judge)
        assert len(_students(judge)) == 1
        process.close()


def test_waiting_process_that_was_killed_costs_nobody_anything(full_judge: Judge) -> None:
    """The judge notices when the next notebook comes, and starts anew."""
    process = _spawn(full_judge)
    process.close()
    assert until(lambda: len(_students(full_judge)) == 1)
    for pid in _students(full_judge):
        os.kill(pid, signal.SIGKILL)
    assert until(lambda: all(_is_dead(pid) for pid in _students(full_judge)))
    later = _spawn(full_judge)
    assert later.ask("lookup", "__name__") == "__main__"
    later.close()


def test_memory_of_one_that_is_being_killed_does_not_count(
    full_judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory over the limit counts only when all that was to be killed has been."""
    looks, settled = [], []

    def check(_: Watch) -> None:
        looks.append(len(settled))
        if not settled:
            raise Exhausted("one that is being killed")

    settle = Control.settle
    monkeypatch.setattr(Watch, "check", check)
    monkeypatch.setattr(Control, "settle", lambda control: settled.append(True) or settle(control))
    process = _spawn(full_judge)
    answer = process.ask("run", "cell", "import time; time.sleep(0.4); print('awake')", False)
    process.close()
    assert looks[:2] == [0, 1]
    assert "awake" in str(answer)


def test_answers_are_had_in_any_order() -> None:
    """They come in the order of the commands; one that nobody wants yet is kept."""
    ours, theirs = socket.socketpair()
    control = Control(ours)
    numbers = [control.send(command, 7) for command in (b"S", b"K", b"W")]
    for pid in (11, 12, 13):
        theirs.sendall(ANSWER.pack(pid, 100 + pid, 0.5))
    assert control.answer(numbers[2]) == (13, 0.5)
    assert control.resident_pages == 113
    assert control.answer(numbers[0]) == (11, 0.5)
    theirs.close()
    with pytest.raises(JudgeError, match="has died"):
        control.send(b"S")
    control.close()


@pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity") or len(os.sched_getaffinity(0)) == 1,
    reason="there is no other core",
)
def test_a_process_makes_way() -> None:
    """What ends does so on another core than its own; where that is all, it stays."""
    core, *_ = cores = sorted(os.sched_getaffinity(0))
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        os.sched_setaffinity(process.pid, {core})
        make_way(process.pid)
        assert os.sched_getaffinity(process.pid) == set(cores) - {core}
        os.sched_setaffinity(process.pid, cores)
        make_way(process.pid)
        assert os.sched_getaffinity(process.pid) == set(cores)
        process.kill()


def _spawn(judge: Judge) -> StudentProcess:
    standins = StandIns(lambda *_: None, {}, {}, lambda: None, Limits().array_elements)
    process = judge.spawn(standins)
    process.set_deadline(60.0)
    process.ask("forget")
    return process


def _students(judge: Judge) -> list[int]:
    """Return what has been started below the forkserver, and not ended."""
    judge.forkserver.settle()
    watch: Any = judge.forkserver._watch  # noqa: SLF001  (it knows which processes were there before)
    return sorted(set(process_tree(watch._root)) - watch._own)  # noqa: SLF001


def _is_dead(pid: int) -> bool:
    return status_of(pid).get("State", "Z").strip()[0] in "ZX"
