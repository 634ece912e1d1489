"""The report on a class: what it counts, whom it names, and what nobody can make it do."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from classroom import ASSIGNMENT, cell, submit, submit_all
from graded import exercise, make_course, question, verdict, write_graded
from hypothesis import given
from hypothesis import strategies as st
from nbgrader.api import Gradebook
from pages import SCRIPTS, dangers, elements, text_of

from coursework.batch.grade import grade
from coursework.cli import main
from coursework.course.layout import Course
from coursework.errors import ConfigError
from coursework.feedback.report import gather, write_report
from coursework.feedback.report.costs import costs_of
from coursework.feedback.report.facts import ClassReport, Mistake, Standing
from coursework.feedback.report.figures import histogram_of
from coursework.feedback.report.items import Place, items_of
from coursework.feedback.report.write import MOST, render
from coursework.judge.report import Outcome, Part
from coursework.nbgrader_bridge.settings import read_settings
from coursework.submissions.findings import _SENTENCES, CHANGES, Findings, kind_of
from coursework.submissions.matching import Known

# nbgrader adds a submission to its session in a way that SQLAlchemy warns of.
pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")

HINT = "The residual is prediction minus `target`."
NOW = datetime(2030, 1, 2, 3, 4, tzinfo=UTC)
RIGHT = Outcome("test_slope", "slope", 3, 3, "passed")
WRONG = replace(
    RIGHT, points=0, status="failed", message="slope(2)\nGot 16, expected -16.", hints=(HINT,)
)
OTHER = replace(WRONG, message="slope(3)\nGot 24, expected -24.", hints=())


@pytest.fixture
def tiny(tmp_path: Path) -> Course:
    """Return an empty course."""
    return make_course(tmp_path)


def hand_in(course: Course, student: str, outcome: Outcome, **options: object) -> Path:
    """Record a graded notebook of an exercise and a question."""
    answer = question("why", "Because.", 2)
    cells = [exercise("slope", "slope = 1"), verdict(outcome, "slope"), answer]
    path = write_graded(course, cells, student, **options)
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        found = gradebook.find_grade("why", "lesson", "tiny", student)
        found.needs_manual_grade = found.manual_score is None
        gradebook.db.commit()
    return path


def command(*arguments: str) -> int:
    """Run the command line and return its exit code."""
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return int(ended.value.code or 0)


# -- what it counts


def test_report_counts_a_class(tiny: Course) -> None:
    """Marks, mistakes by hint with one example, and who waits, as gradebook and notebooks have them."""
    hand_in(tiny, "ada", RIGHT, manual={"why": (2, "Well said.")})
    hand_in(tiny, "bob", WRONG)
    hand_in(tiny, "carol", WRONG, manual={"why": (1, "")})
    hand_in(tiny, "dan", OTHER)
    with Gradebook(f"sqlite:///{tiny.root}/gradebook.db") as gradebook:
        gradebook.add_student("eve")
    found = gather(tiny, "tiny")
    assert [(one.student, one.points, one.open_points) for one in found.standings] == [
        ("ada", 5, 0),
        ("bob", 0, 2),
        ("carol", 1, 0),
        ("dan", 0, 2),
    ]
    assert found.absent == ("eve",)
    slope, why = found.items
    assert (slope.name, slope.n, slope.n_full, slope.n_none, slope.earned) == (
        "slope",
        4,
        1,
        3,
        0.25,
    )
    assert (why.name, why.is_question, why.n, why.n_part, why.earned) == ("why", True, 2, 1, 0.75)
    first, second = found.mistakes
    assert (first.text, first.is_known, first.students, first.points) == (
        HINT,
        True,
        ("bob", "carol"),
        6,
    )
    assert (first.example.student, first.example.message) == ("bob", WRONG.message)
    assert (second.is_known, second.students) == (False, ("dan",))
    (waiting,) = found.waiting
    assert (waiting.question, waiting.points, waiting.students) == ("why", 2, ("bob", "dan"))


def test_report_shows_what_it_counts(tiny: Course) -> None:
    """The page has the numbers of the facts, the hint with its code, and an example."""
    hand_in(tiny, "ada", RIGHT)
    hand_in(tiny, "bob", WRONG)
    page = render(gather(tiny, "tiny"), NOW)
    text = " ".join(text_of(page).split())
    assert "Made 2 January 2030, 03:04 UTC" in text
    assert "The residual is prediction minus <code>target</code>." in page
    assert "1 student, 3 points lost" in text
    assert "Got 16, expected -16." in text
    assert "2 answers to be marked" in text
    assert "1 with all points, 0 with some, 1 with none" in page
    (title, about) = (
        page.split(f'id="marks-{end}">')[1].split("<")[0] for end in ("title", "text")
    )
    assert title == "How many students have which share of the points"
    assert about.startswith("0 to 10 %: 1; ")
    assert "60 to 70 %: 1; " in about


def test_report_counts_each_part_of_a_test(tiny: Course) -> None:
    """A part that fails has its own hint and points; one that counts by a second try its reason."""
    parts = (
        Part("one", 0, 1, "failed", "f(1)", (HINT,)),
        Part("two", 2, 2, "passed", credit="Counted: with the right `f`."),
    )
    hand_in(tiny, "ada", replace(RIGHT, points=2, credit="Counted.", parts=parts))
    found = gather(tiny, "tiny")
    (mistake,) = found.mistakes
    assert (mistake.text, mistake.points, mistake.example.test) == (HINT, 1, "test_slope: one")
    (credit,) = found.credits
    assert (credit.reason, credit.points, credit.students) == (parts[1].credit, 2, ("ada",))


def test_report_test_that_does_not_count_is_no_fair_credit(tiny: Course) -> None:
    """What is void says why in the same place."""
    void = Outcome("test_slope", "slope", 0, 0, "passed", credit="Does not count: too strict.")
    hand_in(tiny, "ada", void)
    found = gather(tiny, "tiny")
    assert found.credits == ()
    assert [item.name for item in found.items] == ["why"]


def test_report_notebook_that_could_not_be_read_is_one_cause(tiny: Course) -> None:
    """Not one for each of its exercises."""
    unread = "lesson.ipynb was not submitted, so it gets 0."
    outcomes = [
        Outcome(f"test_{name}", name, 0, 1, "unwritten", unread) for name in ("one", "two", "three")
    ]
    write_graded(tiny, [verdict(outcome, "x") for outcome in outcomes], notes=(unread,))
    (mistake,) = gather(tiny, "tiny").mistakes
    assert (mistake.notebook, mistake.exercise, mistake.points) == ("lesson", "", 3)
    assert "could not be read" in mistake.text


def test_report_without_a_graded_notebook_knows_the_marks(tiny: Course) -> None:
    """A notebook that is lost is named; its marks count."""
    hand_in(tiny, "ada", WRONG)
    hand_in(tiny, "bob", RIGHT).write_text("{")
    found = gather(tiny, "tiny")
    assert found.lost == ("bob/lesson",)
    assert {one.student: one.points for one in found.standings} == {"ada": 0, "bob": 3}
    assert "These graded notebooks cannot be read" in render(found, NOW)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50))
def test_histogram_counts_each_student_once(shares: list[float]) -> None:
    """In the bar of their share; the highest bar is as high as there is room."""
    bars = histogram_of([Standing("s", share, 1.0, 0.0, 0.0) for share in shares]).bars
    assert sum(bar.count for bar in bars) == len(shares)
    for bar in bars:
        assert bar.count >= sum(bar.low + 1e-6 < 100 * share < bar.high - 1e-6 for share in shares)
    assert max(bar.height for bar in bars) == 162
    assert all(bar.y + bar.height == pytest.approx(190) for bar in bars)


@given(st.lists(st.lists(st.integers(0, 4), min_size=3, max_size=3), min_size=3, max_size=30))
def test_discrimination_is_the_correlation_with_the_rest(marks: list[list[int]]) -> None:
    """Of each exercise with the sum of the others; none where one of both does not vary."""
    points = np.array(marks, dtype=float)
    places = [Place("n", name, name, False, 4.0) for name in "abc"]
    for number, item in enumerate(items_of(places, points)):
        own, rest = points[:, number], points.sum(axis=1) - points[:, number]
        assert item.earned == pytest.approx(own.mean() / 4)
        if own.std() == 0 or rest.std() == 0:
            assert item.discrimination is None
        else:
            assert item.discrimination == pytest.approx(np.corrcoef(own, rest)[0, 1], abs=1e-9)


def test_items_leave_out_marks_that_are_not_final() -> None:
    """The tests of an exercise are one item; who waits for a mark is not counted in it."""
    points = np.array([[1, 1, 2], [1, 0, np.nan], [0, 0, 0], [1, 1, 1]], dtype=float)
    places = [
        Place("n", "test_f", "f", False, 1.0),
        Place("n", "test_f_edge", "f", False, 1.0),
        Place("n", "why", "why", True, 2.0),
    ]
    f, why = items_of(places, points)
    assert (f.n, f.n_full, f.n_part, f.n_none, f.max_points) == (4, 2, 1, 1, 2)
    assert (f.n_open, why.n_open) == (0, 1)
    assert (why.n, why.n_full, why.n_part, why.n_none) == (3, 1, 1, 1)


@pytest.mark.parametrize("kind", sorted(_SENTENCES))
def test_note_tells_its_kind(kind: str) -> None:
    """Whatever cells it names; only some kinds are changes of what is not the student's."""
    node = exercise("cells_were_missing", "x = 1")
    findings = Findings()
    findings.add(kind, Known("exercise", node, "x = 1", is_locked=False))
    (note,) = findings.notes()
    assert kind_of(note) == kind
    assert kind_of(note, CHANGES) == (kind if kind in CHANGES else "")


# -- what it costs


def test_costs_are_summed_over_notebooks(tiny: Course) -> None:
    """A student of whom no time is known has none, and is not among the slowest."""
    for student in ("ada", "bob"):
        hand_in(tiny, student, RIGHT)
        (tiny.root / "submitted" / student / "tiny").mkdir(parents=True)
    times = [("ada", "lesson", 1.5), ("ada", "other", 2.25), ("eve", "lesson", 9.0)]
    found = gather(tiny, "tiny", times)
    assert [(cost.student, cost.seconds, cost.slowest) for cost in found.costs] == [
        ("ada", 3.75, "other"),
        ("bob", None, ""),
    ]
    assert "Slowest, by the time" in render(found, NOW)
    assert "No times are known" in render(gather(tiny, "tiny"), NOW)


def test_costs_follow_no_link(tiny: Course) -> None:
    """A link counts as itself, not as what it leads to; names may be anything."""
    folder = tiny.root / "submitted" / "ada" / "tiny"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "<b>.csv").write_bytes(b"x" * 5000)
    (folder / "lesson.ipynb").write_bytes(b"{}")
    (folder / "far").symlink_to("/usr")
    (folder / "gradebook").symlink_to(tiny.root / "gradebook.db")
    (cost,) = costs_of(read_settings(tiny.root, "tiny"), ["ada"], {})
    assert (cost.n_files, cost.largest, cost.seconds) == (3, "data/<b>.csv", None)
    assert 5002 <= cost.n_bytes < 6000


# -- through the real grader


def test_report_on_a_class_that_was_graded(
    course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """After `coursework grade`: who took how long, whose tests were edited, what is not graded."""
    submit_all(course, "ada")
    submit(course, "bob", double="def double(x):\n    return 3 * x")
    submit(course, "carol", change=lambda one: cell(one, "test_double").update(source="pass"))
    grade(Course(course), ASSIGNMENT, n_workers=1)
    submit(course, "dan")
    found = gather(Course(course), ASSIGNMENT)
    assert [(one.student, one.kind) for one in found.changes] == [("carol", "edited")]
    assert found.ungraded == ("dan",)
    assert found.absent == ()
    assert [(item.notebook, item.name) for item in found.items] == [
        ("doubling", "double"),
        ("doubling", "square"),
        ("doubling", "why"),
        ("mean", "mean"),
    ]
    monkeypatch.chdir(course)
    assert command("report", ASSIGNMENT, "--json") == 0
    costs = json.loads(capsys.readouterr().out)["costs"]
    assert {one["student"] for one in costs if one["seconds"]} == {"ada", "bob", "carol"}
    assert command("report", ASSIGNMENT) == 0
    page = Path(capsys.readouterr().out.strip())
    assert page == course / "reports" / f"{ASSIGNMENT}.html"
    text = " ".join(text_of(page.read_text()).split())
    assert "Locked cells edited: 1 notebook carol" in text
    assert "Handed in and not graded: dan. Run coursework grade a1." in text


# -- the command


def test_command_writes_where_it_is_told(
    tiny: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --json all that the page tells is on stdout, and nothing else."""
    hand_in(tiny, "ada", WRONG)
    monkeypatch.chdir(tiny.root)
    target = tiny.root / "new" / "page.html"
    assert command("report", "tiny", "--to", str(target), "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["written"] == str(target)
    assert found["mistakes"][0]["text"] == HINT
    assert [path.name for path in target.parent.iterdir()] == ["page.html"]


def test_command_says_what_is_lost(
    tiny: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The page is written of what is left, and the command ends with 1 and the remedy."""
    hand_in(tiny, "ada", WRONG).unlink()
    monkeypatch.chdir(tiny.root)
    assert command("report", "tiny") == 1
    captured = capsys.readouterr()
    assert Path(captured.out.strip()).is_file()
    assert "ada/lesson: the graded notebook cannot be read" in captured.err
    assert "run `coursework grade tiny`" in captured.err


def test_command_refuses_in_one_line(
    tiny: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An assignment that nobody knows, one that nobody submitted, a place that is a folder."""
    monkeypatch.chdir(tiny.root)
    assert command("report", "nothing") == 2
    assert "does not know the assignment nothing: run `nbgrader" in capsys.readouterr().err
    with Gradebook(f"sqlite:///{tiny.root}/gradebook.db") as gradebook:
        gradebook.add_assignment("tiny")
    assert command("report", "tiny") == 2
    error = "tiny has no graded submission: run `coursework grade tiny`\n"
    assert capsys.readouterr().err == error
    hand_in(tiny, "ada", RIGHT)
    assert command("report", "tiny", "--to", "autograded") == 2
    assert "autograded cannot be written: it is a folder; name another" in capsys.readouterr().err


def test_page_that_cannot_be_written_leaves_the_old_one(
    tiny: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the disk is full the page of yesterday stays, and nothing half-written."""
    hand_in(tiny, "ada", RIGHT)
    found = gather(tiny, "tiny")
    page = write_report(tiny, found)
    before = page.read_text()

    def full(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(ConfigError, match="No space left"):
        write_report(tiny, found)
    assert page.read_text() == before
    assert list(page.parent.iterdir()) == [page]


# -- what nobody can make it do


@pytest.mark.parametrize("payload", SCRIPTS)
def test_report_with_hostile_content_cannot_act(tiny: Course, payload: str) -> None:
    """Names, messages, hints, reasons, notes and files are text, wherever a student puts it."""
    name = payload.replace("/", "\u2215")
    outcome = replace(
        WRONG, message=payload, hints=(payload,), diagnosis=payload, credit=payload, points=1
    )
    note = _SENTENCES["edited"].format(payload)
    hand_in(tiny, name, outcome, notes=(note,))
    hand_in(tiny, "bob", replace(outcome, hints=()), notes=(note,), manual={"why": (1, payload)})
    with Gradebook(f"sqlite:///{tiny.root}/gradebook.db") as gradebook:
        gradebook.find_grade("why", "lesson", "tiny", "bob").needs_manual_grade = True
        gradebook.db.commit()
    folder = tiny.root / "submitted" / "bob" / "tiny"
    folder.mkdir(parents=True)
    (folder / name[:100]).write_text("x")
    found = gather(tiny, "tiny")
    page = render(found, NOW)
    drawn = sum(item.n > 0 for item in found.items) + 1
    assert dangers(page) == ["<svg>"] * drawn
    assert payload not in page
    assert page.count("<style>") == page.count("<body") == page.count("</html>") == 1
    assert text_of(page).count(payload) >= 6


def test_report_shows_no_control_characters(tiny: Course) -> None:
    """Nothing reorders the text around it, or acts on a terminal that shows the page."""
    hand_in(tiny, "ada\u202egnp", replace(WRONG, message="\x1b[31mred\x1b[0m \u202eoops"))
    page = render(gather(tiny, "tiny"), NOW)
    assert not {"\u202e", "\x1b"} & set(page)
    assert "red" in text_of(page)


def test_report_needs_nothing_but_itself(tiny: Course) -> None:
    """There is no script, and the policy lets nothing in but the page's own style."""
    hand_in(tiny, "ada", RIGHT)
    page = render(gather(tiny, "tiny"), NOW)
    (policy,) = [found["content"] for _, found in elements(page) if "http-equiv" in found]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "http://" not in page
    assert "https://" not in page
    assert "url(" not in page
    ids = [found["id"] for _, found in elements(page) if "id" in found]
    assert len(ids) == len(set(ids))
    links = {found["href"][1:] for tag, found in elements(page) if tag == "a"}
    assert links <= set(ids)


def test_report_on_a_large_class_stays_a_page(tiny: Course) -> None:
    """However many students and causes there are, the page names some, and how many more."""
    hand_in(tiny, "ada", WRONG)
    found = gather(tiny, "tiny")
    students = tuple(f"student-{number}" for number in range(30_000))
    mistakes = tuple(
        Mistake(
            "lesson", "slope", f"Hint {number}.", True, students, 1.0, found.mistakes[0].example
        )
        for number in range(300)
    )
    standings = tuple(replace(found.standings[0], student=name) for name in students)
    page = render(_with(found, mistakes=mistakes, standings=standings), NOW)
    assert len(page) < 500_000
    assert f"And {300 - MOST} more hints" in page
    assert "and 29,940 more" in page


def _with(found: ClassReport, **fields: object) -> ClassReport:
    return replace(found, **fields)
