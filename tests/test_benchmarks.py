"""What the benchmarks promise: fair turns, honest arithmetic, and a class that is always the same."""

import json
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import marks
import meter
import nbformat
import numpy as np
import pytest
from classroom import ASSIGNMENT, make_course, submit_all
from endurance import growth
from grading import median_run, turns
from multiply import copy_lessons
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook
from rivals import RIVALS, Run, seconds_between
from school import answers_of, choose
from tables import ratio

from coursework.batch.grade import grade
from coursework.course.layout import Course
from coursework.course.lesson import Cell, Lesson
from coursework.course.mistakes import Mistake

ROOT = Path(__file__).parent.parent
_N_SUBMISSIONS = 90  # the first fifty are the warm-up


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A tiny course, entered."""
    root = make_course(tmp_path / "course")
    monkeypatch.chdir(root)
    return Course(root)


def mistake(*, right: bool, code: str) -> Mistake:
    """Return one way to write the exercise `f`."""
    hint = "" if right else "h"
    return Mistake("f", code, "", "", hint, right, Path("mistakes.toml"), 1)


def test_turns_slow_graders_have_each_submission_once() -> None:
    """Over all rounds a slow grader grades its sample once, a fast one the class in each round."""
    slow, fast = RIVALS["nbgrader"], RIVALS["judge"]
    found = list(turns([slow, fast], size=30, rounds=3, sample=20))
    assert [rival.key for rival, _ in found] == ["nbgrader", "judge"] * 3
    slow_ones = [student for rival, share in found if rival is slow for student in share]
    assert slow_ones == list(range(20))
    assert [list(share) for rival, share in found if rival is fast] == [list(range(30))] * 3


def test_seconds_between_leaves_out_the_start() -> None:
    """What passes before the first submission is done says nothing of the others."""
    assert seconds_between([107.0, 103.0, 105.0]) == 2.0


def test_median_run_of_three_is_the_middle() -> None:
    """One disturbed turn does not show."""
    runs = [Run(1.0, 2.0, 3.0, {"judge": 5}), Run(9.0, 9.0, 9.0, {"judge": 7}), Run(2.0, 1.0, 4.0)]
    found = median_run(runs)
    assert (found.seconds, found.cpu, found.start) == (2.0, 2.0, 4.0)
    assert found.peaks == {"judge": 6}


def test_ratio_says_how_many_times_longer() -> None:
    """Without one of the two there is nothing to say."""
    assert ratio(Run(3.0, 0, 0), Run(1.5, 0, 0)) == "2.0x"
    assert ratio(None, Run(1.5, 0, 0)) == ""


def test_growth_begins_after_the_warm_up() -> None:
    """Memory that is taken once, at the start, is not a leak."""
    assert growth([1, 100, 100, 110], warm_up=1) == pytest.approx(0.1)
    assert growth([100], warm_up=50) == 0


@pytest.mark.slow
def test_long_run_neither_grows_nor_leaves_anything(course: Course) -> None:
    """Memory stays what it was after the first few submissions; no process, no file is left."""
    for number in range(_N_SUBMISSIONS):
        submit_all(course.root, f"student-{number:03}")
    command = [sys.executable, str(ROOT / "benchmarks" / "endurance.py"), ASSIGNMENT]
    done = subprocess.run(command, cwd=course.root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["submissions"], found["processes"], found["files"]) == (_N_SUBMISSIONS, 0, 0)
    assert found["judge_growth"] < 0.1
    assert found["forkserver_growth"] < 0.1


def test_limit_hears_nothing_of_what_cells_print(course: Course) -> None:
    """C libraries print past Python; what the benchmark prints is its times alone."""
    noisy = "import os\nos.write(1, b'out')\nos.write(2, b'err')\nprint('out')"
    for path in submit_all(course.root, "student").glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        notebook.cells.insert(0, new_code_cell(noisy))
        nbformat.write(notebook, path)
    command = [sys.executable, str(ROOT / "benchmarks" / "limit.py"), ASSIGNMENT]
    done = subprocess.run(command, cwd=course.root, capture_output=True, text=True, check=True)
    assert len(json.loads(done.stdout)) == 1
    assert "err" not in done.stderr


def test_answers_are_right_wrong_or_unwritten() -> None:
    """A class has right answers, known mistakes and unwritten exercises, always the same ones."""
    solution = Cell("exercise", "f", "def f(): return 1", exercise="f")
    lesson = Lesson("a", "n", Path("n.md"), (solution,))
    wrong, unusual = "def f(): return 2", "f = lambda: 1"
    mistakes = (mistake(right=False, code=wrong), mistake(right=True, code=unusual))
    answers = answers_of(lesson, mistakes)
    assert answers == {"f": ([solution.source, unusual], [wrong])}
    chosen = [choose(answers, np.random.default_rng(number)).get("f") for number in range(100)]
    assert set(chosen) == {solution.source, unusual, wrong, None}
    assert chosen == [choose(answers, np.random.default_rng(n)).get("f") for n in range(100)]


def test_meter_counts_time_and_memory_of_children(tmp_path: Path) -> None:
    """What a command's children use is its use, too."""
    child = "import time; x = bytearray(60_000_000); end = time.process_time() + 0.5\n"
    child += "while time.process_time() < end: pass"
    command = [
        sys.executable,
        "-c",
        f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])",
    ]
    used = meter.run(command, tmp_path)
    assert used.code == 0
    assert used.cpu > 0.4
    assert used.wall > 0.5
    assert max(used.peaks.values()) > 60_000_000


def test_meter_tells_a_failure(tmp_path: Path) -> None:
    """A command that fails is not measured as one that was fast."""
    used = meter.run([sys.executable, "-c", "raise SystemExit('no')"], tmp_path)
    assert (used.code, used.log.strip()) == (1, "no")


def test_copied_lessons_have_names_of_their_own(tmp_path: Path) -> None:
    """A copy makes and imports a module of its own, has a test, and builds on copies."""
    files = {
        "lessons/01-a/one.md": 'module="maker"\nfrom coursework.built.maker import f',
        "lessons/01-a/one.mistakes.toml": "# 01-a",
        "lessons/01-a/two.md": "from coursework.built import maker",
        "lessons/order.toml": '[[01-a]]\nlesson = "one"\n[[01-a]]\nlesson = "two"\nbuilds_on = ["01-a/one"]\n',
        "source/01-a/one.ipynb": '{"module": "maker"}',
        "coursework/built/maker.py": "makes = 1",
        "tests/lessons/test_01_one.py": 'solve("01-a", "one")',
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    copy_lessons(tmp_path, 5)
    expected = {
        "lessons/21-a/one.md": 'module="maker_1"\nfrom coursework.built.maker_1 import f',
        "lessons/21-a/one.mistakes.toml": "# 21-a",
        "lessons/21-a/two.md": "from coursework.built import maker_1 as maker",
        "lessons/41-a/one.md": 'module="maker_2"\nfrom coursework.built.maker_2 import f',
        "source/21-a/one.ipynb": '{"module": "maker_1"}',
        "coursework/built/maker_1.py": "makes = 1",
        "tests/lessons/test_21_one.py": 'solve("21-a", "one")',
    }
    assert {name: (tmp_path / name).read_text() for name in expected} == expected
    order = tomllib.loads((tmp_path / "lessons/order.toml").read_text())
    assert order["21-a"][1] == {"lesson": "two", "builds_on": ["21-a/one"]}
    assert [one["lesson"] for one in order["41-a"]] == ["one"]


def test_marks_that_differ_are_counted(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """Two gradebooks of the same grading agree; a changed score, and a lost student, show."""
    before, after = course.root / "gradebook.db", course.root / "after.db"
    submit_all(course.root, "ada")
    grade(course, ASSIGNMENT)
    shutil.copy(before, after)
    assert marks.compare(before, after) == 0
    with Gradebook(f"sqlite:///{after}") as gradebook:
        found = gradebook.find_submission(ASSIGNMENT, "ada").notebooks[0].grades[0]
        found.manual_score = found.score - 1
        name = found.name
        gradebook.db.commit()
    assert marks.compare(before, after) == 1
    assert f" / {name}: " in capsys.readouterr().out
    with Gradebook(f"sqlite:///{after}") as gradebook:
        gradebook.remove_student("ada")
    assert marks.compare(before, after) == len(marks.read(before)) > 1
