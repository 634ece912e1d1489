"""The demo is the whole course at work: what it prints holds for real lessons."""

import io
import json
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from pages import dangers, text_of
from rich.console import Console

from coursework.cli import main
from coursework.course.layout import Course, find_course
from coursework.course.lesson import read_lesson
from coursework.demo import Demo, StudentVerdict, as_table, places, run_demo, to_json
from coursework.demo.cheats import CHEATS
from coursework.demo.site import alone_in, make_site
from coursework.demo.submissions import class_of, read_handouts
from coursework.errors import ConfigError
from coursework.feedback.report import gather
from coursework.feedback.report.write import render

pytestmark = [
    pytest.mark.slow,
    # nbgrader's sessions and kernels warn, and the demo runs all of them.
    pytest.mark.filterwarnings("default"),
]

COURSE = find_course(Path(__file__).parents[1])
HONEST = ("solved", "unusual", "warns", "copied")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Run the demo once."""
    return run_demo(COURSE, tmp_path_factory.mktemp("demo") / "site")


def points_of(demo: Demo, student: str) -> float:
    """Return all points of a student."""
    return sum(verdict_of(demo, student).points.values())


def verdict_of(demo: Demo, student: str) -> StudentVerdict:
    """Return the verdict on a student."""
    return next(verdict for verdict in demo.verdicts if verdict.student == student)


def test_demo_grades_everything_that_was_submitted(demo: Demo) -> None:
    """Every submission has its verdict, in gradebook, graded notebooks and pages."""
    submissions = class_of(read_handouts(Course(demo.root), demo.assignment))
    assert len(submissions) >= 12
    assert [one.student for one in submissions] == [one.student for one in demo.verdicts]
    for tree, suffix in (("autograded", "ipynb"), ("feedback", "html")):
        found = {path.parent.parent.name for path in demo.root.glob(f"{tree}/*/*/*.{suffix}")}
        assert found == {one.student for one in submissions}


def test_demo_releases_through_nbgraders_exchange(demo: Demo) -> None:
    """What students would fetch is the release, in an exchange of the demo's own."""
    released = {path.name: path.read_bytes() for path in demo.root.glob("release/*/*.ipynb")}
    outbound = demo.root / "exchange" / "ml-from-scratch" / "outbound" / demo.assignment
    assert {path.name: path.read_bytes() for path in outbound.glob("*.ipynb")} == released
    assert released


@pytest.mark.parametrize("student", HONEST)
def test_demo_right_answers_lose_nothing_in_tests(demo: Demo, student: str) -> None:
    """The model solution, unusual right answers, noisy ones and copied ones pass every test."""
    exercises = {
        cell.exercise
        for path in COURSE.lesson_files(demo.assignment)
        for cell in read_lesson(path).of_kind("exercise")
    }
    lost = [loss for loss in verdict_of(demo, student).losses if exercises & set(loss.exercises)]
    assert lost == []


@pytest.mark.parametrize("student", ["untouched", *(cheat.name for cheat in CHEATS)])
def test_demo_nothing_written_earns_nothing(demo: Demo, student: str) -> None:
    """An untouched notebook has no point, whatever is done to the grader beside it."""
    assert points_of(demo, student) == 0


def test_demo_mistakes_cost_points_and_have_causes(demo: Demo) -> None:
    """Each known mistake loses points, fewer than all, and every loss names its cause."""
    mistaken = [one for one in demo.verdicts if one.student.startswith("mistake-")]
    assert len(mistaken) >= 5
    for verdict in mistaken:
        assert 0 < sum(verdict.points.values()) < points_of(demo, "solved")
        assert all(loss.cause for loss in verdict.losses)
        assert all(a.points >= b.points for a, b in pairwise(verdict.losses))


def test_demo_shows_notebooks_as_they_are_taught(demo: Demo) -> None:
    """Columns of marks are in the order of the lessons, not of their names."""
    taught = [path.stem for path in COURSE.lesson_files(demo.assignment)]
    assert list(demo.max_points) == taught
    assert taught != sorted(taught)


@pytest.mark.parametrize("student", ["infinite-loop", "os-exit", "fills-memory", "broken-json"])
def test_demo_a_broken_notebook_costs_its_own_points_only(demo: Demo, student: str) -> None:
    """What breaks one notebook leaves the student's other one with all its points."""
    names = list(demo.max_points)
    solved, broken = verdict_of(demo, "solved").points, verdict_of(demo, student).points
    assert [name for name in names if broken[name] < solved[name]] == names[:1]


def test_demo_points_and_losses_add_up(demo: Demo) -> None:
    """Earned, lost and open points are all the points there are."""
    for verdict in demo.verdicts:
        lost = sum(loss.points for loss in verdict.losses)
        total = sum(verdict.points.values()) + lost + verdict.open_points
        assert total == pytest.approx(sum(demo.max_points.values())), verdict.student


def test_demo_pages_are_safe_and_hide_tests(demo: Demo) -> None:
    """No page can act, and none shows a line of a hidden test that is not shown elsewhere."""
    pages = list(demo.root.glob("feedback/*/*/*.html"))
    for page in pages:
        html = page.read_text(encoding="utf-8")
        assert dangers(html) == [], page
        shown = {line.strip() for line in text_of(html).splitlines()}
        assert shown.isdisjoint(_hidden_lines(demo.assignment, page.stem)), page


def _hidden_lines(assignment: str, name: str) -> set[str]:
    """Return the lines of a lesson that occur only in hidden tests."""
    hidden, visible, inside = set(), set(), False
    lesson = COURSE.lessons / assignment / f"{name}.md"
    for line in lesson.read_text(encoding="utf-8").splitlines():
        if "HIDDEN TESTS" in line:
            inside = "BEGIN" in line
        (hidden if inside else visible).add(line.strip())
    return {line for line in hidden - visible if len(line) > 20}


def test_demo_report_tells_what_the_class_did(demo: Demo) -> None:
    """Hints of the known mistakes, the questions, and who cheated with cells, in taught order."""
    found = gather(Course(demo.root), demo.assignment)
    points = {one.student: points_of(demo, one.student) for one in demo.verdicts}
    assert {one.student: one.points for one in found.standings} == pytest.approx(points)
    taught = list(demo.max_points)
    assert list(dict.fromkeys(item.notebook for item in found.items)) == taught
    assert all(item.earned is not None for item in found.items if not item.is_question)
    hints = {one.text for one in found.mistakes if one.is_known}
    first = {
        m.hint for one in read_handouts(Course(demo.root), demo.assignment) for m in one.mistakes
    }
    assert len(hints) >= 5
    assert hints <= first
    changed = {one.student for one in found.changes}
    assert {"cheat-edited-tests", "cheat-duplicated-cell"} <= changed
    assert changed.isdisjoint({"solved", "untouched", "unusual"})
    assert {one.student for one in found.costs} == {one.student for one in demo.verdicts}
    waiting = {(one.notebook, one.question) for one in found.waiting if "solved" in one.students}
    assert waiting == {(item.notebook, item.name) for item in found.items if item.is_question}
    page = render(found, datetime(2030, 1, 1, tzinfo=UTC))
    assert set(dangers(page)) == {"<svg>"}
    shown = {line.strip() for line in text_of(page).splitlines()}
    assert all(shown.isdisjoint(_hidden_lines(demo.assignment, name)) for name in taught)


def test_demo_leaves_the_real_course_alone(demo: Demo) -> None:
    """The demo has its own gradebook, and its folder is where everything happened."""
    assert demo.gradebook.is_relative_to(demo.root)
    assert demo.gradebook.is_file()
    assert demo.autograded.is_file()
    assert demo.feedback.is_file()
    assert not (COURSE.root / "submitted" / "solved").exists()


def test_demo_shows_what_it_found(demo: Demo) -> None:
    """The JSON holds the points of the verdicts, the table each student; paths are whole."""
    found = json.loads(to_json(demo))
    assert [one["points"] for one in found["verdicts"]] == [one.points for one in demo.verdicts]
    console = Console(file=io.StringIO(), width=80)
    console.print(as_table(demo))
    shown = console.file.getvalue()
    assert [one for one in demo.verdicts if f"\n{one.student} " not in shown] == []
    assert str(demo.feedback) in places(demo)


def test_site_is_not_made_over_other_files(tmp_path: Path) -> None:
    """A folder that holds anything that no demo has made is refused and left as it is."""
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(ConfigError, match="something else"):
        make_site(COURSE, tmp_path, "01-linear-regression")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_demo_runs_once_at_a_time_in_a_folder(tmp_path: Path) -> None:
    """A second demo would remove what the first one makes, so it is refused."""
    with alone_in(tmp_path), pytest.raises(ConfigError, match="is running"):
        run_demo(COURSE, tmp_path)


def test_demo_command_refuses_with_exit_code_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Wrong use ends with code 2 and the remedy."""
    (tmp_path / "thesis.txt").write_text("years of work")
    monkeypatch.chdir(COURSE.root)
    with pytest.raises(SystemExit) as ended:
        main(["demo", "--keep", str(tmp_path)])
    assert ended.value.code == 2
    assert "empty or new" in capsys.readouterr().err
