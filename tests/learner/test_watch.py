"""`coursework check --watch`: a check at once and after each save, until Ctrl-C."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest
from classroom import answered
from waiting import until

from coursework.ipc.procfs import process_tree
from coursework.learner.checks import saves

COMMAND = Path(sys.executable).with_name("coursework")


@contextmanager
def watching(course: Path, log: Path) -> Iterator[subprocess.Popen]:
    """Watch as on a terminal: in a process group of its own, which Ctrl-C ends."""
    with log.open("w") as file:
        command = [COMMAND, "check", "a1/doubling", "--watch"]
        # Tests that run in the background of a shell ignore Ctrl-C, and so would what they start.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        process = subprocess.Popen(command, cwd=course, stdout=file, stderr=file, process_group=0)
        signal.signal(signal.SIGINT, before)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()


def is_forkserver(pid: int) -> bool:
    """Whether a process is one that starts students' processes."""
    try:
        return "coursework.student.forkserver" in Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:  # it has ended
        return False


@pytest.mark.parametrize("is_full", [True, False])
def test_watch_checks_each_save_until_ctrl_c(
    course: Path, tmp_path: Path, *, is_full: bool
) -> None:
    """Each save is judged once; Ctrl-C ends without a traceback, with the last check's code."""
    path, log = course / "work/a1/doubling.ipynb", tmp_path / "log"
    subprocess.run([COMMAND, "start", "a1/doubling"], cwd=course, check=True, capture_output=True)
    with watching(course, log) as process:
        assert until(lambda: "0 of 5 points" in log.read_text(), 120)
        half = answered(course, double="def double(x):\n    return x + x")
        nbformat.write(half, path)
        assert until(lambda: "3 of 5 points" in log.read_text(), 120)
        if is_full:
            nbformat.write(answered(course), path)
            assert until(lambda: "5 of 5 points" in log.read_text(), 120)
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(60) == (0 if is_full else 1)
    text = log.read_text()
    assert text.count(" of 5 points") == 2 + is_full
    assert "Traceback" not in text
    assert "no longer watching" in text


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="it looks for children in /proc")
def test_ctrl_c_while_it_judges(course: Path, tmp_path: Path) -> None:
    """A check that is under way ends at once, and leaves no process behind."""
    path, log = course / "work/a1/doubling.ipynb", tmp_path / "log"
    path.parent.mkdir(parents=True)
    endless = "while True:\n    pass"
    nbformat.write(answered(course, double=endless), path)
    with watching(course, log) as process:
        assert until(lambda: any(map(is_forkserver, process_tree(process.pid))), 120)
        started = set(process_tree(process.pid)) - {process.pid}
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(60) == 0
    assert until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in started))
    assert "Traceback" not in log.read_text()


def test_saves_waits_until_a_file_is_written(tmp_path: Path) -> None:
    """What changes while one looks is not yielded before it stays."""
    path = tmp_path / "n.ipynb"
    path.write_text("0")
    times = iter([5, 6, 6, 6, 7, 7, 7])
    waits = []

    def wait(_seconds: float) -> None:
        waits.append(1)
        os.utime(path, ns=(0, next(times) * 10**9))

    os.utime(path, ns=(0, 4 * 10**9))
    found = saves(path, wait=wait)
    assert [next(found) // 10**9 for _ in range(3)] == [4, 6, 7]
    assert len(waits) == 6


def test_saves_once(tmp_path: Path) -> None:
    """Without watching there is one check."""
    path = tmp_path / "n.ipynb"
    path.touch()
    assert len(list(saves(path, once=True))) == 1
