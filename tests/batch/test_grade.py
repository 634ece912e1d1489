"""Grading a class: every submission gets its marks, whatever the others are like."""

import csv
import errno
import functools
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from unicodedata import normalize

import nbformat
import pytest
from classroom import ASSIGNMENT, NOTEBOOKS, read, submit, submit_all
from graded import png
from hypothesis import given
from hypothesis import strategies as st
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.apps.baseapp import NbGrader
from traitlets.config import Config

from coursework import pool
from coursework.batch.export import _WRITERS, _row, export
from coursework.batch.grade import Result, grade
from coursework.batch.publish import open_site
from coursework.batch.worker import Judged
from coursework.cli import main
from coursework.course.layout import Course
from coursework.course.secret import read_secret
from coursework.errors import ConfigError, CourseworkError
from coursework.gradebook.read import Entry
from coursework.grading.annotate import annotate
from coursework.grading.task import Task
from coursework.ipc.limits import Limits
from coursework.judge.report import CellRun, Outcome, Report
from coursework.nbgrader_bridge.autograde import RunJudge
from coursework.nbgrader_bridge.settings import Files
from coursework.submissions.metadata import mark_prepared
from coursework.submissions.safe_file import printable
from coursework.submissions.timestamps import read_timestamp


def run(root: Path, **options: object) -> Result:
    """Grade the course's assignment."""
    return grade(Course(root), ASSIGNMENT, **options)


def points(result: Result) -> dict[str, float]:
    """Return the points of each student, over all notebooks."""
    found: dict[str, float] = {}
    for score in result.scores:
        found[score.student] = found.get(score.student, 0.0) + score.points
    return found


def folder(root: Path, student: str) -> Path:
    """Return where a graded submission is."""
    return root / "autograded" / student / ASSIGNMENT


def snapshot(root: Path) -> dict[str, bytes]:
    """Return all that was written."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted((root / "autograded").rglob("*"))
        if path.is_file()
    }


def test_grade_class_with_broken_submissions(course: Path) -> None:
    """Each broken submission costs itself, and says why."""
    submit_all(course, "ada")
    submit(course, "bob", double="def double(x):\n    return 3 * x")
    (course / "submitted/bob" / ASSIGNMENT / "mean.ipynb").write_text("{")
    (course / "submitted/carol" / ASSIGNMENT).mkdir(parents=True)
    submit(course, "dan").unlink()
    (course / "submitted/dan" / ASSIGNMENT / "doubling.ipynb").symlink_to(course / "gradebook.db")
    submit(course, "eve", "mean", mean="import os\ndef mean(x): os._exit(0)")
    result = run(course)
    assert points(result) == {"ada": 10, "bob": 0, "carol": 0, "dan": 0, "eve": 0}
    assert result.failures == ()
    assert result.graded == 5
    assert "damaged" in result.notes["bob", "mean"][0]
    assert "not submitted" in result.notes["carol", "mean"][0]
    assert "is a link" in result.notes["dan", "doubling"][0]
    assert ("eve", "mean") not in result.notes
    for student in points(result):
        assert sorted(p.stem for p in folder(course, student).glob("*.ipynb")) == sorted(NOTEBOOKS)


def test_grade_again_does_nothing_until_something_is_newer(course: Path) -> None:
    """What is graded is skipped; a newer submission, a lost folder or --force grade it."""
    stamp = submit_all(course, "ada") / "timestamp.txt"
    assert run(course).graded == 1
    assert run(course).skipped == 1
    stamp.write_text("2031-01-01 12:00:00 UTC")
    assert run(course).graded == 1
    (folder(course, "ada") / "mean.ipynb").unlink()
    assert run(course).graded == 1
    again = run(course, force=True)
    assert (again.graded, again.skipped) == (1, 0)
    assert points(again) == points(run(course)) == {"ada": 10}


def test_grade_is_repeatable(course: Path) -> None:
    """The same submissions give the same files, byte for byte, with any number of workers."""
    for student in ("ada", "bob", "carol"):
        submit_all(course, student)
    run(course)
    first = snapshot(course)
    assert run(course, force=True, n_workers=2).graded == 3
    assert snapshot(course) == first


def test_grade_one_student_and_one_notebook(course: Path) -> None:
    """Only what was asked for is graded; the rest of a folder stays."""
    for student in ("ada", "bob"):
        submit_all(course, student)
    assert set(points(run(course, student="ada"))) == {"ada"}
    before = snapshot(course)
    submit(course, "ada", "mean", mean="def mean(x):\n    return 0")
    result = run(course, student="ada", notebook="mean", force=True)
    assert points(result) == {"ada": 0}
    after = snapshot(course)
    assert after["autograded/ada/a1/doubling.ipynb"] == before["autograded/ada/a1/doubling.ipynb"]
    assert after["autograded/ada/a1/mean.ipynb"] != before["autograded/ada/a1/mean.ipynb"]
    with pytest.raises(ConfigError, match="no notebook 'median'"):
        run(course, notebook="median")


def test_grade_nothing_submitted_is_wrong_use(course: Path) -> None:
    """A misspelt name is reported, not passed over."""
    with pytest.raises(ConfigError, match="nothing was submitted for a1"):
        run(course)
    submit_all(course, "ada")
    with pytest.raises(ConfigError, match="by 'adda'"):
        run(course, student="adda")


@pytest.mark.parametrize("name", ["[red]x", "*", "a b", "$(id)", "x..", "naïve", "new\nline"])
def test_grade_hostile_student_names(course: Path, name: str) -> None:
    """A folder's name is a name, never a pattern, a path, markup or code."""
    submit_all(course, "zoe")
    submit_all(course, name)
    assert points(run(course, student=name)) == {name: 10}
    assert points(run(course)) == {"zoe": 10, name: 10}


def test_grade_name_that_is_no_text_fails_alone(course: Path) -> None:
    """A folder whose name is not text cannot enter the gradebook; the others can."""
    submit_all(course, "ada")
    name = os.fsdecode(b"\xff\xfe")
    submit_all(course, name)
    result = run(course)
    assert points(result) == {"ada": 10}
    assert [failure.student for failure in result.failures] == [name]
    assert not folder(course, name).exists()


def test_grade_other_files_go_along_but_links_do_not(course: Path) -> None:
    """Files stay beside the notebook as with nbgrader; the lesson's own win."""
    data = course / "source" / ASSIGNMENT / "data.csv"
    data.write_text("1,2\n")
    mine = submit_all(course, "ada")
    (mine / "notes.txt").write_text("mine")
    (mine / "data.csv").mkdir()
    (mine / "data.csv" / "trap").write_text("x")
    (mine / "link").symlink_to(course / "gradebook.db")
    run(course)
    names = {path.name for path in folder(course, "ada").iterdir()}
    assert names == {"doubling.ipynb", "mean.ipynb", "timestamp.txt", "notes.txt", "data.csv"}
    assert (folder(course, "ada") / "data.csv").read_text() == "1,2\n"


BAD_TIMES = {
    "words": b"yesterday, at noon",
    "no decimal": b"1:599999999999999999999999999999999999",
    "before all time": b"0001-01-01T00:00:00+12:00",
    "after all time": b"9999-12-31T23:59:59-12:00",
    "too late to tell": b"9999-12-31 23:59:59 UTC",
    "no number": b"1" * 150,
    "no text": b"\xff\xfe",
    "nul": b"\x00",
    "long": b"2030-01-01 12:00:00 UTC" + b" " * 1000,
    "folder": None,
    "pipe": None,
    "link": None,
}


@pytest.mark.parametrize("kind", BAD_TIMES)
def test_timestamp_that_is_none_is_told_with_its_remedy(
    tmp_path: Path, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever lies there in place of a time of submission is said once, and passed over."""
    path = tmp_path / "timestamp.txt"
    if (content := BAD_TIMES[kind]) is not None:
        path.write_bytes(content)
    elif kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(tmp_path / "nothing")
    assert read_timestamp(tmp_path) is None
    (told,) = caplog.messages
    assert "timestamp.txt is ignored: " in told
    assert "write the time into it" in told
    assert read_timestamp(tmp_path / "nowhere") is None


def test_grade_class_with_what_is_no_submission(course: Path) -> None:
    """Files, dead links and names in place of submissions cost nobody else anything."""
    submit_all(course, "ada")
    (submit_all(course, "time") / "timestamp.txt").write_bytes(BAD_TIMES["no decimal"])
    submitted = course / "submitted"
    for name in ("file", "dead"):
        (submitted / name).mkdir()
    (submitted / "file" / ASSIGNMENT).write_text("x")
    (submitted / "dead" / ASSIGNMENT).symlink_to(course / "nothing")
    submit_all(course, "<img src=x onerror=alert(1)>")
    submit_all(course, os.fsdecode(b"\xff"))
    submit_all(course, "blocked")
    (course / "autograded").mkdir()
    (course / "autograded" / "blocked").write_text("a file where a folder is to be")
    submit_all(course, "zoe")
    result = run(course)
    assert points(result) == {"ada": 10, "time": 10, "zoe": 10}
    reasons = {failure.student: failure.reason for failure in result.failures}
    assert len(reasons) == 5
    assert "is not a folder; put the notebooks into a folder" in reasons["file"]
    assert "is a link to nothing" in reasons["dead"]
    assert "rename the folder" in reasons["<img src=x onerror=alert(1)>"]
    assert "rename the folder" in reasons[os.fsdecode(b"\xff")]
    assert "cannot be recorded: " in reasons["blocked"]
    assert all("submitted" in reason and "\n" not in reason for reason in reasons.values())
    again = run(course)
    assert (again.skipped, len(again.failures)) == (3, 5)


def in_this_process(
    tasks: Iterable[Task], start: pool.Start[Task, Judged], _: int
) -> Iterator[tuple[Task, Judged]]:
    """Judge where what the test has replaced is seen."""
    with start() as judge:
        for task in tasks:
            yield task, judge(task)


def test_grade_folder_that_nobody_may_look_into_fails_alone(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the system refuses, the student is named, not left out."""
    submit_all(course, "ada")
    for name in ("closed", "hidden"):
        submit_all(course, name)

    def refusing(call: Callable[..., object], part: str) -> Callable[..., object]:
        def refuse(path: object, *rest: object, **options: object) -> object:
            if part in str(path):
                raise PermissionError(errno.EACCES, "Permission denied")
            return call(path, *rest, **options)

        return refuse

    # Root may look into everything.
    monkeypatch.setattr(os, "listdir", refusing(os.listdir, f"closed/{ASSIGNMENT}"))
    monkeypatch.setattr(os, "lstat", refusing(os.lstat, f"hidden/{ASSIGNMENT}"))
    monkeypatch.setattr(os, "scandir", refusing(os.scandir, f"hidden/{ASSIGNMENT}"))
    monkeypatch.setattr(os, "listdir", refusing(os.listdir, f"hidden/{ASSIGNMENT}"))
    monkeypatch.setattr("coursework.batch.grade.run", in_this_process)
    result = run(course, n_workers=1)
    assert points(result) == {"ada": 10}
    assert [failure.student for failure in result.failures] == ["closed", "hidden"]
    assert all("cannot be looked into" in failure.reason for failure in result.failures)


def test_grade_text_that_no_file_can_hold(course: Path) -> None:
    """Half a letter, NUL and very long texts in answers, messages and outputs are recorded."""
    code = 'def double(x):\n    return "\\ud800\\x00" + "x" * 100_000\nprint("\\ud800\\x00")'
    submit(course, "ada", double=code, why="\ud800\x00" + "y" * 100_000)
    submit_all(course, "zoe")
    result = run(course)
    assert result.failures == ()
    assert points(result) == {"ada": 0, "zoe": 10}


def test_grade_stranger_fails_alone_where_students_are_not_created(course: Path) -> None:
    """`Autograde.create_student = False` refuses a student, not the class."""
    with Gradebook(f"sqlite:///{course}/gradebook.db", "ml-from-scratch") as gradebook:
        gradebook.update_or_create_student("zoe")
    with (course / "course_config.py").open("a") as file:
        file.write("\nc.Autograde.create_student = False\n")
    submit_all(course, "ada")
    submit_all(course, "zoe")
    result = run(course)
    assert points(result) == {"zoe": 10}
    assert "nbgrader db student add" in result.failures[0].reason


@pytest.mark.parametrize("text", ["yesterday", "1:599999999999999999999999999999999999"])
def test_nbgrader_goes_on_where_a_timestamp_is_none(course: Path, text: str) -> None:
    """`nbgrader autograde` and Formgrader's list take it as we do; both would end there."""
    for student in ("ada", "bob"):
        (submit_all(course, student) / "timestamp.txt").write_text(text)
    app = NbGrader()
    app.initialize([], root=str(course))
    api = NbGraderAPI(app.coursedir, app.authenticator, parent=app)
    run(course)
    found = api.get_submissions(ASSIGNMENT)
    assert [(one["student"], one["autograded"]) for one in found] == [("ada", True), ("bob", True)]
    assert app.coursedir.get_existing_timestamp(str(folder(course, "ada"))) is None


def test_grade_late_submission_with_nbgraders_plugin(course: Path) -> None:
    """The configured penalty for late submissions is nbgrader's own."""
    with (course / "course_config.py").open("a") as file:
        file.write("\nc.LateSubmissionPlugin.penalty_method = 'zero'\n")
    with Gradebook(f"sqlite:///{course}/gradebook.db", "ml-from-scratch") as gradebook:
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate="2029-12-31 12:00:00 UTC")
    submit_all(course, "ada")
    result = run(course)
    assert [(score.points, score.penalty) for score in result.scores] == [(5, 5), (5, 5)]


def test_grade_limits_are_configured_by_traits(course: Path) -> None:
    """`c.RunJudge.cell_seconds` reaches the judge."""
    with (course / "course_config.py").open("a") as file:
        file.write("\nc.RunJudge.cell_seconds = 0.5\n")
    submit(course, "ada", "mean", mean="def mean(x):\n    while True: pass")
    assert points(run(course)) == {"ada": 0}
    verdict = read(course, "autograded/ada", "mean").cells[-1].outputs[0].metadata.coursework
    assert verdict.status == "timeout"
    assert "0.5 s" in verdict.message


def test_judge_without_its_exporter_names_the_setting() -> None:
    """Half a configuration is refused with what is missing."""
    with pytest.raises(ConfigError, match=r"c\.Autograde\.exporter_class"):
        _ = RunJudge(parent=NotebookExporter()).exporter


def test_limits_are_the_fields_of_limits() -> None:
    """Every limit can be configured, without being repeated."""
    changed = RunJudge(config=Config(RunJudge={"output_bytes": 7}))
    assert changed.limits == replace(Limits(), output_bytes=7)


def test_grade_broken_configuration_is_told(course: Path) -> None:
    """A configuration that raises stops grading: defaults would give other marks."""
    (course / "course_config.py").write_text("1 / 0\n")
    with pytest.raises(ConfigError, match="division by zero"):
        run(course)


_KILLED = """
import sys
from pathlib import Path
from coursework.course.layout import Course
from coursework.batch.grade import grade
grade(Course(Path(sys.argv[1])), "a1", n_workers=int(sys.argv[2]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("n_workers", [1, 2])
def test_grade_killed_at_any_moment_is_finished_by_running_again(
    course: Path, n_workers: int
) -> None:
    """SIGKILL loses nothing: every folder is whole, and the next run grades the rest."""
    students = [f"s{number:02}" for number in range(12)]
    for student in students:
        submit_all(course, student)
    command = [sys.executable, "-c", _KILLED, str(course), str(n_workers)]
    for wanted in (2, 6):
        with subprocess.Popen(command) as process:
            while len(list((course / "autograded").glob("*/a1"))) < wanted:
                assert process.poll() is None
                time.sleep(0.01)
            process.send_signal(signal.SIGKILL)
        for path in (course / "autograded").glob("*/a1"):
            for name in NOTEBOOKS:
                nbformat.read(path / f"{name}.ipynb", as_version=4)
    result = run(course)
    assert result.skipped >= 6
    assert result.graded == len(students) - result.skipped
    assert points(result) == dict.fromkeys(students, 10)
    assert list((course / "autograded").glob(".*")) == []


def test_publish_failed_record_leaves_the_old_folder(tmp_path: Path) -> None:
    """When the marks cannot be recorded, the folder of the last grading stays."""
    target = tmp_path / "autograded/ada/a1"
    (tmp_path / "submitted").mkdir()

    def fail() -> None:
        raise OSError(28, "No space left on device")

    with open_site(tmp_path / "autograded", "a1", Files()) as site:
        site.publish(tmp_path / "submitted", target, {"n": "old"}, lambda: None)
        with pytest.raises(OSError, match="No space"):
            site.publish(tmp_path / "submitted", target, {"n": "new"}, fail)
    assert (target / "n.ipynb").read_text() == "old"
    assert (target / "n.ipynb").stat().st_mode & 0o777 == 0o444


def test_publish_two_gradings_at_once_are_refused(tmp_path: Path) -> None:
    """Two writers would undo each other."""
    with (
        open_site(tmp_path, "a1", Files()),
        pytest.raises(ConfigError, match="already"),
        open_site(tmp_path, "a1", Files()),
    ):
        pass


@contextmanager
def _worker(kind: str) -> Iterator:
    if kind == "cannot start":
        raise CourseworkError("no sandbox here")
    yield functools.partial(_work, kind)


def _work(kind: str, task: int) -> int:
    if kind == "dies" and task == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid() if kind == "where" else task * task


@pytest.mark.parametrize("n_workers", [1, 2])
def test_pool_gives_every_task_its_result(n_workers: int) -> None:
    """Results come with their tasks, in any order."""
    found = dict(pool.run(range(7), functools.partial(_worker, "works"), n_workers))
    assert found == {task: task * task for task in range(7)}


def test_pool_dead_process_costs_its_own_task() -> None:
    """Another process takes over where one was killed."""
    found = dict(pool.run(range(6), functools.partial(_worker, "dies"), 2))
    assert found.pop(2) == pool.Crash(-signal.SIGKILL)
    assert found == {task: task * task for task in (0, 1, 3, 4, 5)}


def test_pool_works_elsewhere() -> None:
    """A single worker has a process of its own, too."""
    ((_, where),) = pool.run([0], functools.partial(_worker, "where"), 1)
    assert where != os.getpid()


def test_aide_answers_again_after_its_process_ended() -> None:
    """What ends the process costs one answer."""
    aide = pool.Aide(functools.partial(_worker, "dies"))
    try:
        assert [aide.ask(task) for task in (1, 2, 3)] == [1, pool.Crash(-signal.SIGKILL), 9]
    finally:
        aide.close()


def test_aide_that_cannot_start_says_why_each_time() -> None:
    """Asking again gives the reason again."""
    aide = pool.Aide(functools.partial(_worker, "cannot start"))
    for task in range(2):
        with pytest.raises(CourseworkError, match="no sandbox here"):
            aide.ask(task)


@pytest.mark.parametrize("n_workers", [1, 2])
def test_pool_that_cannot_start_says_why(n_workers: int) -> None:
    """What stops one worker stops all, with its reason."""
    with pytest.raises(CourseworkError, match="no sandbox here"):
        list(pool.run(range(3), functools.partial(_worker, "cannot start"), n_workers))


OUTCOME = Outcome("test_f", "f", 1.0, 3.0, "failed", "f(<b>) gave 2", ("Look at <b>.",))


def annotated(*notes: str, **runs: object) -> NotebookNode:
    """Annotate a notebook of one student's cell and one test."""
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [
        nbformat.v4.new_code_cell("f = 1"),
        nbformat.v4.new_code_cell("check", metadata={"nbgrader": {"grade_id": "test_f"}}),
    ]
    mark_prepared(notebook, notes, is_readable=True)
    annotate(notebook, Report("ada", "a1", "n", (OUTCOME,), **runs))
    nbformat.validate(notebook)
    return notebook


def test_annotate_verdict_in_text_html_and_metadata() -> None:
    """A test's output says what came of it, escaped; programs read its metadata."""
    output = annotated().cells[1].outputs[0]
    assert output.data["text/plain"].splitlines() == [
        "Not right yet: 1 of 3 points",
        "f(<b>) gave 2",
        "Hint: Look at <b>.",
    ]
    assert "<b>" not in output.data["text/html"]
    verdict = output.metadata.coursework
    assert set(verdict) == {field.name for field in fields(Outcome)}
    assert (verdict.id, verdict.points, verdict.hints) == ("test_f", 1.0, ["Look at <b>."])


def test_annotate_outputs_cannot_act_in_a_browser() -> None:
    """Figures and text of the student stay; scripts do not."""
    data = {
        "text/html": "<table><tr><td>1</td></tr></table><script>alert(1)</script>",
        "application/javascript": "alert(1)",
        "image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        "image/png": png(),
        "image/jpeg": '" onerror=alert(1) x="',
        "text/latex": r"$\href{javascript:alert(1)}{x}$",
        "text/plain": "x",
    }
    metadata = {
        "text/html": {"isolated": True},
        "filenames": {"image/png": "http://evil.example/alert"},
    }
    shown = {"output_type": "display_data", "data": data, "metadata": metadata}
    output = annotated(runs={0: CellRun((shown,))}).cells[0].outputs[0]
    assert sorted(output.data) == ["image/png", "image/svg+xml", "text/html", "text/plain"]
    assert "alert" not in json.dumps(output)
    assert "<table>" in output.data["text/html"]


def test_annotate_formula_that_links_is_shown_as_text() -> None:
    """MathJax finds a formula even where an element that it passes over cuts a macro in two."""
    data = {"text/html": r"<b>x</b> $\hr<wbr>ef{javascript:alert(1)}{y}$", "text/latex": "$x^2$"}
    shown = {"output_type": "display_data", "data": data, "metadata": {}}
    output = annotated(runs={0: CellRun((shown,))}).cells[0].outputs[0]
    assert output.data["text/html"].startswith("<pre>")
    assert output.data["text/latex"] == "$x^2$"


@given(st.text())
def test_annotate_notes_are_text_and_no_markup(text: str) -> None:
    """A note may quote what a student wrote; nothing of it is Markdown or HTML."""
    note = annotated("x" + text).cells[0]
    lines = note.source.split("\n")
    assert len(lines) == 3
    assert not set(lines[2][2:].replace("&#", "")) & set("<>*_`$[]\\|~!")
    assert note.metadata == {"coursework": {"role": "notes"}}


def test_export_rows_and_formulas(course: Path) -> None:
    """Rows have causes and add up; what looks like a formula is text in the CSV alone."""
    submit_all(course, "=cmd()")
    submit(course, "bob", double="def double(x):\n    return 3 * x")
    run(course)
    assert export(course, ASSIGNMENT, course / "marks.json") == 8
    assert export(course, ASSIGNMENT, course / "marks.csv") == 8
    found = json.loads((course / "marks.json").read_text())
    assert sum(row["points"] for row in found if row["student"] == "=cmd()") == 10
    (failed,) = [row for row in found if row["student"] == "bob" and row["cell"] == "test_double"]
    assert failed["status"] == "failed"
    assert "expected 2" in failed["cause"]
    (absent,) = [row for row in found if row["student"] == "bob" and row["notebook"] == "mean"]
    assert "not submitted" in absent["cause"]
    text = (course / "marks.csv").read_text()
    assert "\n'=cmd()," in text
    with pytest.raises(ConfigError, match=r"\.csv and \.json"):
        export(course, ASSIGNMENT, course / "marks.xlsx")


@pytest.mark.parametrize("sign", "=+-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u207c\u208a")
@pytest.mark.parametrize("before", ["", " \t", "\n", "a;", "1; "])
def test_export_text_that_a_spreadsheet_would_compute(sign: str, before: str) -> None:
    """A formula's sign in any width, and one behind what separates cells elsewhere, is quoted."""
    entry = Entry("ada", "n", "c", 0.0, 1.0, True, "manual", f"{before}{sign}HYPERLINK(1)")
    file = io.StringIO(newline="")
    _WRITERS[".csv"](file, iter([_row(entry, "a1", {})]))
    (row,) = csv.DictReader(io.StringIO(file.getvalue()))
    for cell in row["cause"].split(";"):
        assert normalize("NFKC", cell.lstrip()[:1]) not in tuple("=+-@")
    assert row["points"] == "0.0"
    assert sign in row["cause"]


def test_secret_is_made_once_and_kept_private(tmp_path: Path) -> None:
    """The secret is random, the same ever after, and nobody else's to read."""
    secret = read_secret(tmp_path)
    assert len(secret) == 32
    assert read_secret(tmp_path) == secret
    (path,) = tmp_path.iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_text("00")
    with pytest.raises(ConfigError, match="too short"):
        read_secret(tmp_path)


def test_printable_shows_but_does_not_act() -> None:
    """Escapes of terminals, line breaks and marks of direction are shown as codes."""
    assert printable("naïve \x1b[2J\n\u202e名") == "naïve \\x1b[2J\\n\\u202e名"


def test_cli_grade_and_export(
    course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Marks on stdout, what was done on stderr, exit codes as agreed."""
    monkeypatch.chdir(course)
    submit_all(course, "ada")

    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            main(list(arguments))
        return end.value.code or 0, *capsys.readouterr()

    code, out, err = call("grade", ASSIGNMENT, "--workers", "1", "--json")
    assert code == 0
    assert [score["points"] for score in json.loads(out)["scores"]] == [5, 5]
    assert "1 graded" in err
    code, out, _ = call("grade", ASSIGNMENT)
    assert code == 0
    assert "ada" in out
    assert "to be marked by hand" in out
    submit_all(course, os.fsdecode(b"\xff"))
    code, _, err = call("grade", ASSIGNMENT, "--workers", "1")
    assert code == 1
    assert "1 could not be graded" in err
    assert call("grade", "other")[0] == 2
    assert call("export", ASSIGNMENT, "--to", "marks.csv")[:2] == (0, "marks.csv\n")
