"""Regrading after a change of tests: what changes is shown first, and nothing else changes."""

import io
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from classroom import ASSIGNMENT, DOUBLING, generate_assignment, submit, submit_all, write_lesson
from nbgrader.api import Gradebook

from coursework.batch.compare import Change
from coursework.batch.grade import grade
from coursework.batch.journal import FOLDER
from coursework.batch.regrade import Regrading, regrading
from coursework.cli import main
from coursework.course.layout import Course
from coursework.course.secret import FILE_NAME
from coursework.errors import ConfigError
from coursework.grading.task import Task

VISIBLE = "check.equal(double(1), 2)\n"
STRICTER = DOUBLING.replace(VISIBLE, VISIBLE + "check.equal(double(2.5), 5.0)\n")
TRUNCATED = "def double(x):\n    return 2 * int(x)"
HINT = "The argument need not be whole."
MISTAKE = f"""
[[double]]
code = '''
def double(x):
    return 2 * int(x)
'''
hint = "{HINT}"
"""
State = dict[tuple[str, ...], object]


def regrade(root: Path, *, record: bool = True, **options: object) -> Regrading:
    """Regrade the course's assignment."""
    with regrading(Course(root), ASSIGNMENT, **options) as found:
        if record:
            found.record()
    return found


def shown(found: Regrading) -> list[tuple[str, str, float | None, float | None]]:
    """Return what changes, without the reasons."""
    return [(one.student, one.cell, one.old, one.new) for one in found.changes]


def only(found: Regrading) -> Change:
    """Return the one change."""
    (change,) = found.changes
    return change


def state(root: Path) -> State:
    """Return all marks and comments, and every graded file with the time of its writing."""
    found: State = {
        ("file", str(path)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in (root / "autograded").rglob("*")
        if path.is_file()
    }
    with Gradebook(f"sqlite:///{root}/gradebook.db", "ml-from-scratch") as gradebook:
        for submission in gradebook.assignment_submissions(ASSIGNMENT):
            student = submission.student.id
            found["total", student] = submission.score - submission.late_submission_penalty
            for entry in submission.notebooks:
                for mark in entry.grades:
                    marks = mark.auto_score, mark.manual_score, mark.extra_credit
                    found["mark", student, mark.name] = (*marks, mark.needs_manual_grade)
                for comment in entry.comments:
                    found["comment", student, comment.name] = comment.comment
    return found


def mark_by_hand(root: Path, student: str, cell: str, points: float, **fields: object) -> None:
    """Mark a cell as Formgrader does."""
    with Gradebook(f"sqlite:///{root}/gradebook.db", "ml-from-scratch") as gradebook:
        mark = gradebook.find_grade(cell, "doubling", ASSIGNMENT, student)
        mark.manual_score, mark.needs_manual_grade = points, False
        mark.extra_credit = fields.get("extra")
        if comment := fields.get("comment"):
            found = gradebook.find_comment(cell, "doubling", ASSIGNMENT, student)
            found.manual_comment = comment
        gradebook.db.commit()


@pytest.fixture(scope="module")
def graded_template(course_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Grade a class of two: ada is right, bob's `double` is right for integers."""
    root = shutil.copytree(course_template, tmp_path_factory.mktemp("graded") / "course")
    # What takes long on a busy machine may have run out of time, and is judged each time.
    limits = ("cell_seconds", "notebook_seconds", "cpu_seconds")
    configure(root, *(f"c.RunJudge.{name} = 900.0" for name in limits))
    for student in ("ada", "bob"):
        submit_all(root, student)
    submit(root, "bob", double=TRUNCATED, square="def square(x):\n    return x * x", why="So.")
    assert grade(Course(root), ASSIGNMENT).graded == 2
    return root


@pytest.fixture
def graded(graded_template: Path, tmp_path: Path) -> Path:
    """Give the test a graded class of its own."""
    return shutil.copytree(graded_template, tmp_path / "graded")


def test_regrade_unchanged_class_is_untouched(graded: Path) -> None:
    """With the tests as they were nothing changes, and nothing is written."""
    before = state(graded)
    found = regrade(graded)
    assert (found.n_judged, found.n_affected, found.n_recorded) == (2, 0, 0)
    assert (found.changes, found.failures) == ((), ())
    assert state(graded) == before
    assert list((graded / "autograded").glob(".*")) == []


def asked(root: Path, monkeypatch: pytest.MonkeyPatch, **options: object) -> list[str]:
    """Return the students whose submissions a regrading would judge; nobody judges them."""
    seen: list[str] = []

    def run(tasks: Iterable[Task], _start: object, _n_workers: int) -> Iterator[tuple[Task, str]]:
        for task in tasks:
            seen.append(task.student)
            yield task, "nobody judges in this test"

    with monkeypatch.context() as patch:
        patch.setattr("coursework.batch.regrade.run", run)
        found = regrade(root, record=False, **options)
    assert found.n_settled == found.n_judged
    assert len(found.failures) == len(seen)
    return sorted(seen)


def automatic(root: Path, student: str, points: float) -> None:
    """Change the grader's mark, as somebody may in the database."""
    with Gradebook(f"sqlite:///{root}/gradebook.db", "ml-from-scratch") as gradebook:
        mark = gradebook.find_grade("test_double", "doubling", ASSIGNMENT, student)
        mark.auto_score = points
        gradebook.db.commit()


def late(root: Path) -> None:
    """Move the due date, so that everybody was late."""
    configure(root, "c.LateSubmissionPlugin.penalty_method = 'zero'")
    with Gradebook(f"sqlite:///{root}/gradebook.db", "ml-from-scratch") as gradebook:
        due = datetime(2029, 12, 31, 12)  # noqa: DTZ001  (UTC without saying so)
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate=due)


def edit(path: Path, old: str, new: str) -> None:
    """Replace a text in a file, whatever its rights."""
    path.chmod(0o644)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def configure(root: Path, *lines: str) -> None:
    """Add to the course's configuration."""
    with (root / "course_config.py").open("a") as file:
        file.write("".join(f"\n{line}\n" for line in lines))


def journal(root: Path) -> Path:
    """Return the file by which a regrading knows what was judged."""
    return root / FOLDER / f"{ASSIGNMENT}.jsonl"


def test_regrade_unchanged_class_is_not_judged(
    graded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What would get the same verdict is not judged again, unless it is asked for."""
    assert asked(graded, monkeypatch) == []
    found = regrade(graded)
    assert (found.n_judged, found.n_settled, found.n_affected) == (2, 2, 0)
    assert asked(graded, monkeypatch, force=True) == ["ada", "bob"]
    assert asked(graded, monkeypatch, student="bob", force=True) == ["bob"]


@pytest.mark.parametrize(
    ("who", "act"),
    [
        ("ada bob", lambda root: write_lesson(root, "doubling", STRICTER)),
        ("ada bob", lambda root: (root / FILE_NAME).write_text("ab" * 32)),
        (
            "ada bob",
            lambda root: configure(root, "c.RunJudge.questions = 9"),
        ),
        ("ada bob", lambda root: (root / "release" / ASSIGNMENT / "data.csv").write_text("1")),
        ("ada bob", lambda root: journal(root).unlink()),
        ("ada bob", lambda root: edit(journal(root), '"basis": "', '"basis": "0')),
        ("ada bob", late),
        ("ada", lambda root: automatic(root, "ada", 1.0)),
        ("bob", lambda root: edit(journal(root), '["bob"', '["rob"')),
        ("bob", lambda root: edit(root / "autograded/bob/a1/doubling.ipynb", "passed", "failed")),
        ("bob", lambda root: (root / "submitted/bob/a1/more.docx").write_text("")),
    ],
    ids=[
        *("test", "secret", "configuration", "file handed out"),
        *("journal lost", "journal of other grounds", "late", "mark in the gradebook"),
        *("line lost", "graded notebook", "file beside the notebook"),
    ],
)
def test_regrade_judges_what_may_get_another_verdict(
    graded: Path, monkeypatch: pytest.MonkeyPatch, who: str, act: Callable[[Path], object]
) -> None:
    """Whatever has changed, those are judged whom it concerns."""
    act(graded)
    assert asked(graded, monkeypatch) == who.split()


def test_regrade_knows_afterwards_what_it_has_judged(
    graded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it recorded, and what it found to be the same; not what it only showed."""
    journal(graded).unlink()
    assert regrade(graded, record=False).n_settled == 0
    assert asked(graded, monkeypatch) == []
    write_lesson(graded, "doubling", STRICTER)
    before = state(graded)
    assert shown(regrade(graded, record=False)) == [("bob", "test_double", 3.0, 0.0)]
    assert asked(graded, monkeypatch) == ["ada", "bob"]
    assert regrade(graded).n_recorded == 2
    assert asked(graded, monkeypatch) == []
    assert state(graded)["total", "bob"] == before["total", "bob"] - 3
    write_lesson(graded, "doubling", DOUBLING)
    assert asked(graded, monkeypatch) == ["ada", "bob"]


def test_regrade_judges_again_what_a_limit_of_time_has_ended(
    graded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A busy machine may have had its say, and a process that ended may have been killed."""
    configure(graded, "c.RunJudge.cell_seconds = 60.0", "c.RunJudge.notebook_seconds = 4.0")
    submit(graded, "ada", double="def double(x):\n    while True: pass")
    submit(graded, "bob", double="import os\ndef double(x): os._exit(1)")
    assert grade(Course(graded), ASSIGNMENT).graded == 2
    assert asked(graded, monkeypatch) == ["ada", "bob"]


def test_regrade_stricter_test_and_back(graded: Path) -> None:
    """A stricter test costs who fails it, with the hint of the mistake; undone, all is as it was."""
    (graded / "lessons" / ASSIGNMENT / "doubling.mistakes.toml").write_text(MISTAKE)
    before = state(graded)
    write_lesson(graded, "doubling", STRICTER)
    found = regrade(graded)
    assert shown(found) == [("bob", "test_double", 3.0, 0.0)]
    assert only(found).reason == HINT
    assert (found.n_affected, found.n_recorded) == (2, 2)  # ada's notebooks hold the new test
    after = state(graded)
    assert after["total", "bob"] == before["total", "bob"] - 3
    assert after["total", "ada"] == before["total", "ada"]
    assert regrade(graded).n_affected == 0

    write_lesson(graded, "doubling", DOUBLING)
    found = regrade(graded)
    assert shown(found) == [("bob", "test_double", 0.0, 3.0)]
    assert only(found).reason == "now passes"
    again = state(graded)
    marks = [key for key in before if key[0] != "file"]
    assert [again[key] for key in marks] == [before[key] for key in marks]


def test_regrade_fair_credit_is_a_reason(graded: Path) -> None:
    """Points that fair credit gives under the present tests say so."""
    answers = {
        "double": "def double(x):\n    return 3 * x",
        "square": "def square(x):\n    return double(x) * x / 2",
    }
    submit(graded, "bob", **answers)
    grade(Course(graded), ASSIGNMENT, student="bob", force=True)
    write_lesson(graded, "doubling", DOUBLING.replace("return x * x", "return double(x) * x / 2"))
    found = regrade(graded, record=False)
    assert shown(found) == [("bob", "test_square", 0.0, 2.0)]
    assert "with the right `double`" in only(found).reason


def test_regrade_keeps_what_people_gave(graded: Path) -> None:
    """A person's marks, extra credit and comments stay; review is asked for where needed."""
    mark_by_hand(graded, "bob", "test_double", 2.5, extra=1.0)
    mark_by_hand(graded, "bob", "why", 1.5, comment="Nearly.")
    before = state(graded)
    write_lesson(graded, "doubling", STRICTER)
    found = regrade(graded)
    assert shown(found) == [("bob", "test_double", 3.0, 0.0)]
    assert only(found).manual == 2.5
    assert only(found).is_for_review
    after = state(graded)
    assert after["mark", "bob", "test_double"] == (0.0, 2.5, 1.0, True)
    assert after["mark", "bob", "why"] == before["mark", "bob", "why"] == (None, 1.5, None, False)
    assert after["comment", "bob", "why"] == "Nearly."
    assert after["total", "bob"] == before["total", "bob"]


def test_regrade_records_nothing_unless_asked(graded: Path) -> None:
    """To look changes neither marks nor files, and leaves nothing lying about."""
    before = state(graded)
    write_lesson(graded, "doubling", STRICTER)
    assert shown(regrade(graded, record=False)) == [("bob", "test_double", 3.0, 0.0)]
    assert state(graded) == before
    assert list((graded / "autograded").glob(".*")) == []


def test_regrade_one_student(graded: Path) -> None:
    """Only who was asked for is judged and recorded."""
    write_lesson(graded, "doubling", STRICTER)
    before = state(graded)
    found = regrade(graded, student="ada")
    assert (found.n_judged, found.n_recorded, found.changes) == (1, 1, ())
    assert state(graded)["total", "bob"] == before["total", "bob"]
    with pytest.raises(ConfigError, match="by 'adda'"):
        regrade(graded, student="adda")


def test_regrade_in_several_processes_gives_the_same(graded: Path) -> None:
    """Changes are in order, whichever process judged them."""
    write_lesson(graded, "doubling", STRICTER.replace("square(1), 1)", "square(1), 2)"))
    alone = regrade(graded, record=False, n_workers=1).changes
    assert [(one.student, one.cell) for one in alone] == [
        ("ada", "test_square"),
        ("bob", "test_double"),
        ("bob", "test_square"),
    ]
    assert regrade(graded, record=False, n_workers=2).changes == alone


def test_regrade_submission_that_is_damaged_or_gone_keeps_its_marks(graded: Path) -> None:
    """What could be read when it was graded is not taken for an empty notebook later."""
    (graded / "submitted/ada" / ASSIGNMENT / "doubling.ipynb").write_text("{")
    shutil.rmtree(graded / "submitted/bob")
    before = state(graded)
    write_lesson(graded, "doubling", STRICTER)
    found = regrade(graded)
    assert found.changes == ()
    reasons = {failure.student: failure.reason for failure in found.failures}
    assert set(reasons) == {"ada", "bob"}
    assert "damaged" in reasons["ada"]
    assert "`coursework grade --force`" in reasons["ada"]
    assert "nothing is left" in reasons["bob"]
    assert state(graded) == before


def test_regrade_submission_that_never_could_be_read_changes_nothing(graded: Path) -> None:
    """Its points are 0 by any tests, for the reason that was given."""
    submit(graded, "bob").write_text("{")
    grade(Course(graded), ASSIGNMENT, student="bob", force=True)
    write_lesson(graded, "doubling", STRICTER)
    found = regrade(graded)
    assert (found.n_judged, found.changes, found.failures) == (2, (), ())


def test_regrade_leaves_new_submissions_to_grading(graded: Path) -> None:
    """What came in after the grading is not regraded: not before asking, nor while asking."""
    submit_all(graded, "carol")
    submit_all(graded, "ada", "2031-01-01 12:00:00 UTC")
    write_lesson(graded, "doubling", STRICTER)
    before = state(graded)
    with regrading(Course(graded), ASSIGNMENT) as found:
        assert (found.n_judged, found.n_ungraded) == (1, 2)
        submit_all(graded, "bob", "2031-01-01 12:00:00 UTC")
        found.record()
    assert [failure.student for failure in found.failures] == ["bob"]
    assert state(graded) == before
    assert grade(Course(graded), ASSIGNMENT).graded == 3


def test_regrade_changed_points_need_the_gradebook_first(graded: Path) -> None:
    """Other points in source/ than in the gradebook stop with the remedy, and then count."""
    write_lesson(graded, "doubling", DOUBLING.replace("points=3", "points=4"))
    with pytest.raises(ConfigError, match=r"`test_double`.* generate_assignment a1 --force"):
        regrade(graded)
    generate_assignment(graded)
    found = regrade(graded)
    assert shown(found) == [(name, "test_double", 3.0, 4.0) for name in ("ada", "bob")]
    assert {one.reason for one in found.changes} == {"the cell has 4 points, not 3"}
    assert regrade(graded).n_affected == 0


def test_regrade_points_of_a_question_leave_its_mark(graded: Path) -> None:
    """That a question is worth more is said; what a person gave for it stays."""
    mark_by_hand(graded, "bob", "why", 1.5)
    write_lesson(graded, "doubling", DOUBLING.replace('"why" points=2', '"why" points=3'))
    generate_assignment(graded)
    found = regrade(graded)
    change = found.changes[1]
    assert (change.student, change.cell, change.manual) == ("bob", "why", 1.5)
    assert (change.old_max, change.new_max) == (2.0, 3.0)
    assert not change.is_for_review
    assert state(graded)["mark", "bob", "why"] == (None, 1.5, None, False)


def test_regrade_added_test_is_refused(graded: Path) -> None:
    """nbgrader takes no new cells once there are submissions, and that is said."""
    added = '\n```python test="square" part="zero" points=1\ncheck.equal(square(0), 0)\n```\n'
    write_lesson(graded, "doubling", DOUBLING + added)
    with pytest.raises(ConfigError, match="only in one of them"):
        regrade(graded)


def test_regrade_late_penalty_follows_the_score(graded: Path) -> None:
    """The configured plugin is asked again, with the new score."""
    late(graded)
    write_lesson(graded, "doubling", STRICTER)
    regrade(graded)
    totals = {key[1]: value for key, value in state(graded).items() if key[0] == "total"}
    assert totals == {"ada": 0, "bob": 0}


_KILLED = """
import os, signal, sys
from pathlib import Path
from coursework.course.layout import Course
from coursework.batch.regrade import regrading

def kill(total, done):
    if done == 1:
        os.kill(os.getpid(), signal.SIGKILL)

stage = {sys.argv[2]: kill}
with regrading(Course(Path(sys.argv[1])), "a1", n_workers=1, progress=stage.get("judge", print)) as found:
    found.record(stage.get("record", print))
"""


@pytest.mark.parametrize("stage", ["judge", "record"])
def test_regrade_killed_is_finished_by_running_again(graded: Path, stage: str) -> None:
    """SIGKILL loses no mark: what was not recorded yet is as it was, and found again."""
    before = state(graded)
    write_lesson(graded, "doubling", STRICTER)
    command = [sys.executable, "-c", _KILLED, str(graded), stage]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    n_recorded = 1 if stage == "record" else 0
    after = state(graded)
    assert after["total", "bob"] == before["total", "bob"]
    found = regrade(graded)
    assert found.n_recorded == 2 - n_recorded
    assert state(graded)["total", "bob"] == before["total", "bob"] - 3
    assert list((graded / "autograded").glob(".*")) == []


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_cli_regrade(
    graded: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Shown on stdout; recorded after a yes on a terminal or with --yes, else the code is 1."""
    monkeypatch.chdir(graded)

    def call(*options: str, answer: io.StringIO | None = None) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", answer or io.StringIO())
        with pytest.raises(SystemExit) as end:
            main(["regrade", ASSIGNMENT, "--workers", "1", *options])
        return end.value.code or 0, *capsys.readouterr()

    code, out, err = call()
    assert (code, out) == (0, "")
    assert "2 judged by the tests in source/ (2 of them before); nothing changes" in err
    code, _, err = call("--force")
    assert code == 0
    assert "2 judged by the tests in source/; nothing changes" in err
    write_lesson(graded, "doubling", STRICTER)
    before = state(graded)
    code, out, err = call()
    assert code == 1
    assert "test_double" in out
    assert "3/3" in out
    assert "points: 0 up, 1 down, 1 the same" in err
    assert "--yes" in err
    assert call(answer=_Terminal("n\n"))[0] == 1
    code, out, _ = call("--json", answer=_Terminal("y\n"))
    assert code == 1
    assert json.loads(out)["recorded"] == 0
    assert state(graded) == before
    code, out, _ = call("--json", "--yes")
    assert code == 0
    assert json.loads(out)["recorded"] == 2
    assert json.loads(out)["changes"][0]["student"] == "bob"
    write_lesson(graded, "doubling", DOUBLING)
    code, _, err = call(answer=_Terminal("y\n"))
    assert code == 0
    assert "Record this?" in err
    assert "2 recorded" in err
