"""Landlock closes what it says, with every version of it, and leaves nothing behind."""

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from tiny import make_lesson, make_notebook

from coursework.errors import IsolationError
from coursework.ipc import landlock
from coursework.ipc.limits import Limits
from coursework.judge.judge import Judge
from coursework.sandbox import bubblewrap

pytestmark = pytest.mark.skipif(
    bool(bubblewrap.landlock_problems()), reason="; ".join(bubblewrap.landlock_problems())
)

_RESTRICT = """
import os, sys
from coursework.student import confine
from coursework.ipc import landlock
landlock.version = lambda: int(sys.argv[1])
confine.give_up_privileges()
landlock.restrict([sys.argv[2] + "/read", "/nowhere"], [sys.argv[2] + "/list"], [sys.argv[2] + "/own"])
os.chdir(sys.argv[2])

def told(action):
    try:
        return str(action())
    except PermissionError:
        return "refused"

print(told(lambda: open("read/a").read()))
print(told(lambda: open("read/a", "a").write("x")))
print(told(lambda: os.listdir("list")))
print(told(lambda: open("list/a").read()))
print(told(lambda: open("own/b", "w").write("xyz")))
print(told(lambda: open("own/b").read()))
print(told(lambda: os.remove("own/b")))
print(told(lambda: os.listdir("other")))
print(told(lambda: open("other/a", "w")))
print(told(lambda: os.mkdir("other/c")))
print(told(lambda: os.remove("other/a")))
print(told(lambda: os.kill(os.getppid(), 0)))
"""


@pytest.mark.parametrize("version", range(1, landlock.version() + 1))
def test_restricted_process_reads_lists_and_writes_what_it_may(
    version: int, tmp_path: Path
) -> None:
    """Each version's rules are accepted, and close what the first one closes."""
    for folder in ("read", "list", "own", "other"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a").write_text("text")
    command = [sys.executable, "-c", _RESTRICT, str(version), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    expected = ["text", "refused", "['a']", "refused", "3", "xyz", "None", *["refused"] * 4]
    expected += ["refused" if version >= landlock.SCOPED else "None"]
    assert done.stdout.splitlines() == expected, done.stderr
    assert (tmp_path / "other/a").read_text() == "text"


def test_student_has_a_folder_of_their_own_until_the_end() -> None:
    """Files can be written and read there, by their name too; it is gone afterwards."""
    answer = """
import os, tempfile
with open("notes.txt", "w") as file:
    file.write("kept")
with tempfile.NamedTemporaryFile("w", delete=False) as file:
    file.write("kept")
print(os.getcwd() == os.path.expanduser("~") == tempfile.gettempdir(), open("notes.txt").read())
print(os.getcwd())
def f(x):
    return open("notes.txt").read() and x
"""
    source = make_notebook({"f": "def f(x):\n    return x"}, {"f": "check.equal(f(1), 1)"})
    lesson = make_lesson(source)
    source.cells[1].source = answer
    with Judge(Limits(), b"s", isolation="landlock") as judge:
        report = judge.grade(lesson, source, "s")
        first, folder = report.runs[1].outputs[0]["text"].splitlines()
    assert report.points == 1
    assert first == "True kept"
    assert Path(folder).is_relative_to(tempfile.gettempdir())
    assert not Path(folder).exists()


def test_auto_takes_landlock_where_bubblewrap_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """And says what is missing; where Landlock is missing, too, limits alone are left."""
    monkeypatch.setenv("PATH", str(tmp_path))
    bubblewrap.isolation_problems.cache_clear()
    bubblewrap.landlock_problems.cache_clear()
    try:
        found = bubblewrap.make_sandbox("auto")
        assert found.level == "landlock"
        assert "bubblewrap is not installed" in found.missing[0]
        bubblewrap.landlock_problems.cache_clear()
        monkeypatch.setattr(landlock, "version", lambda: 0)
        assert bubblewrap.make_sandbox("auto").level == "process"
        with pytest.raises(IsolationError, match="Landlock is demanded, but the kernel has no"):
            bubblewrap.make_sandbox("landlock")
    finally:
        bubblewrap.isolation_problems.cache_clear()
        bubblewrap.landlock_problems.cache_clear()
