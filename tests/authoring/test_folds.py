"""Hints, proofs, questions before a figure and resting places: written as regions, read folded."""

import os
import re
import subprocess
from pathlib import Path

import nbformat
import pytest
from formed import LESSON, answered, write_course
from nbconvert import HTMLExporter
from nbformat import NotebookNode

from coursework.authoring.build import Built, build, check
from coursework.authoring.folds import broken_folds, folded, hints
from coursework.authoring.rules import broken_rules
from coursework.batch.grade import grade
from coursework.course.layout import Course
from coursework.course.lesson import REGIONS, read_lesson, read_source
from coursework.errors import LessonError
from coursework.feedback.markdown import render_markdown
from coursework.submissions.harmless import harmless_markdown
from coursework.submissions.repair import repair

RELEASE = Path("release") / "00-a" / "one.ipynb"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Course, Built]:
    """Build the lesson that keeps the form."""
    course = write_course(tmp_path_factory.mktemp("course"))
    return course, build(course)


@pytest.fixture
def release(built: tuple[Course, Built]) -> NotebookNode:
    """Return the lesson as students get it."""
    return nbformat.read(built[0].root / RELEASE, as_version=4)


def text_of(notebook: NotebookNode, key: str) -> str:
    """Return the first cell with this key in its metadata."""
    return next(cell.source for cell in notebook.cells if key in cell.metadata)


def test_build_keeps_the_form(built: tuple[Course, Built]) -> None:
    """A lesson that keeps the form is built without a word."""
    assert (built[1].errors, built[1].warnings) == ((), ())
    assert check(built[0]).errors == ()


def test_build_hint(release: NotebookNode) -> None:
    """Hints are three steps to unfold, one cell of Markdown below the exercise."""
    ids = [cell.id for cell in release.cells]
    assert ids.index("hint_double") == ids.index("double") + 1
    text = text_of(release, "hint")
    summaries = re.findall(r"<details><summary>(.*?)</summary>\n\n", text)
    assert summaries == ["Hint 1: a question", "Hint 2: an idea", "Hint 3: the first line"]
    assert text.count("\n\n</details>") == 3
    assert "\n\n```python\nreturn np.add(x, x, dtype=float)\n```\n\n" in text


def test_build_why(release: NotebookNode) -> None:
    """A proof is folded, and says that it is optional."""
    summary = "<summary>Why this is so (optional): two halves &amp; a whole</summary>\n\nBecause"
    assert summary in text_of(release, "why")


def test_build_predict(release: NotebookNode) -> None:
    """A question before a figure is seen, its answer unfolded."""
    assert text_of(release, "predict") == (
        "**Predict first.** Which *line* falls fastest?\n\n"
        "<details><summary>Answer</summary>\n\nThe third, because $x < 3$.\n\n</details>"
    )


def test_build_rest(release: NotebookNode) -> None:
    """A resting place says which part is over, and how long it took by its headings."""
    assert text_of(release, "rest") == (
        "---\n\n**A good place to rest** (part 1 of 2, 45 minutes).\nYou can double."
    )


def test_build_links(release: NotebookNode) -> None:
    """Links lead from notebook to notebook; one to a planned lesson is its text."""
    text = next(cell.source for cell in release.cells if "See " in cell.source)
    assert text.endswith(
        "See [the plain part](#Plain), [what comes next](../01-b/next-one.ipynb) and later."
    )
    assert "[first steps](first-steps.ipynb)" in release.cells[0].source


def test_source_reads_back(built: tuple[Course, Built]) -> None:
    """What is built reads as the lesson that was written: the same kinds, named alike."""
    written = read_lesson(built[0].lessons / "00-a" / "one.md")
    source = read_source(built[0].source / "00-a" / "one.ipynb")
    for one, other in zip(written.cells, source.cells, strict=True):
        assert (one.kind, one.exercise, one.title) == (other.kind, other.exercise, other.title)
    assert {cell.kind for cell in source.cells if cell.is_text} == {"prose", *REGIONS}
    assert len({cell.id for cell in source.cells}) == len(source.cells)


@pytest.mark.parametrize("key", ["hint", "why", "predict"])
def test_folds_survive_pages(release: NotebookNode, key: str) -> None:
    """What is folded is folded, and Markdown and formulas in it work, on each kind of page."""
    text = text_of(release, key)
    cells = [nbformat.v4.new_markdown_cell(text)]
    page, _ = HTMLExporter().from_notebook_node(nbformat.v4.new_notebook(cells=cells))
    feedback = render_markdown(text)
    n_folds = text.count("<details>")
    for shown in (page, feedback):
        assert shown.count("<details><summary>") == shown.count("</details>") == n_folds
    assert feedback.count("<math") == text.count("$$") // 2 + len(
        re.findall(r"(?<!\$)\$[^$]+\$(?!\$)", text)
    )
    assert "```" not in feedback
    # A student's text with the same folds is shown as it was written.
    assert harmless_markdown(text) == text


def test_hints_list() -> None:
    """A step continues in indented lines; anything but a list from 1 on has no steps."""
    assert hints("1. a\n   b\n\n   c\n2. d\n") == ("a\nb\n\nc", "d")
    assert hints("1. a\n3. b") == hints("a\n1. b") == hints("1. a\nb") == ()


def test_folded_summary_is_text() -> None:
    """A summary cannot end itself."""
    assert folded("a </summary><b>", "c").startswith(
        "<details><summary>a &lt;/summary&gt;&lt;b&gt;"
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2. Divide.\n", "", "the hints for 'halve' are not three"),
        ("2. Divide.", "2. Divide.\nBy two.", "the hints for 'halve' are not three"),
        ('hint="halve"', 'hint="have"', "there is no exercise 'have' to give hints for"),
        ('hint="halve"', 'hint="double"', "the hint 'hint_double' is already in line"),
        ("<!-- BEGIN ANSWER -->\n", "", "the question 'which' has no answer"),
        ("The third, because $x < 3$.\n", "", "the question 'which' has no answer"),
        ("Nothing.", "<!-- BEGIN ANSWER -->", 'belongs in <!-- #region predict="name" -->'),
        ("You can double.\n", "", "this region of rest is empty"),
        ('why="two halves', 'why="two $x$ halves', "say it without formulas"),
    ],
)
def test_folds_broken(tmp_path: Path, old: str, new: str, message: str) -> None:
    """A region that cannot be built is an error with its line, in every lesson."""
    assert old in LESSON
    path = tmp_path / "one.md"
    path.write_text(LESSON.replace(old, new))
    found = [(error.line, error.message) for error in broken_rules(read_lesson(path))]
    assert any(line > 1 and message in text for line, text in found), found


def test_folds_whole(tmp_path: Path) -> None:
    """Regions that can be built are not refused."""
    path = tmp_path / "one.md"
    path.write_text(LESSON)
    assert list(broken_folds(read_lesson(path))) == []


@pytest.mark.parametrize("region", ["resting", 'hint="f" rest', "hint=3", 'wy="title"'])
def test_region_misspelt(tmp_path: Path, region: str) -> None:
    """A region that nobody knows is named with its line."""
    path = tmp_path / "one.md"
    path.write_text(f"# One\n\n<!-- #region {region} -->\ntext\n<!-- #endregion -->\n")
    with pytest.raises(LessonError, match=r"region|unknown|no name") as caught:
        read_lesson(path)
    assert caught.value.line == 4


def test_hint_gives_one_line(tmp_path: Path) -> None:
    """A hint may give a line of its own exercise; another line is given away by it."""
    second = "    total = np.sum([x, x])\n    return np.add(total, total, dtype=float)\n"
    line = "    return np.add(x, x, dtype=float)\n"
    text = LESSON.replace(line, second, 1).replace(
        line[1:], f"   total = np.sum([x, x])\n{second.splitlines()[1][1:]}\n"
    )
    (error,) = build(write_course(tmp_path, text), "00-a/one").errors
    assert "this line of SOLUTION is also in the release" in str(error)


# -- a class that works without hints


def without_hints(course: Course) -> Course:
    """Set the trait that leaves hints out."""
    path = course.root / "course_config.py"
    text = path.read_text()
    assert "c.LeaveOutHints.enabled = False" in text
    path.write_text(text.replace("LeaveOutHints.enabled = False", "LeaveOutHints.enabled = True"))
    return course


def generate(course: Course) -> None:
    """Run nbgrader's own command."""
    command = ["nbgrader", "generate_assignment", "00-a"]
    home = {"HOME": str(course.root)}
    subprocess.run(command, cwd=course.root, env=os.environ | home, check=True, capture_output=True)


@pytest.mark.slow
def test_hints_left_out(tmp_path: Path) -> None:
    """Build and nbgrader leave hints out of release/ alike, and what is handed in is graded so.

    Notebooks with and without hints, and one whose student deleted and changed them, earn all.
    """
    course = write_course(tmp_path)
    assert build(course).errors == ()
    with_hints = answered(course.root / RELEASE)
    without_hints(course)
    assert [error.args for error in check(course).errors] != []
    assert build(course).errors == ()
    released = (course.root / RELEASE).read_text()
    assert "Hint 1" not in released
    generate(course)
    assert "Hint 1" not in (course.root / RELEASE).read_text()
    assert check(course).errors == ()
    assert "Hint 1" in (course.root / "solutions" / "00-a" / "one.ipynb").read_text()
    less = answered(course.root / RELEASE)
    changed = answered(course.root / RELEASE)
    changed.cells = [cell for cell in with_hints.cells if cell.id != "hint_double"]
    next(cell for cell in changed.cells if cell.id == "hint_halve").source = "I unfolded it."
    for student, notebook in {"with": with_hints, "less": less, "changed": changed}.items():
        folder = course.root / "submitted" / student / "00-a"
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / "one.ipynb")
    graded = grade(course, "00-a")
    assert graded.failures == ()
    assert {(one.student, one.points) for one in graded.scores if one.notebook == "one"} == {
        ("with", 2.0),
        ("less", 2.0),
        ("changed", 2.0),
    }


def test_hints_put_back(built: tuple[Course, Built], release: NotebookNode) -> None:
    """A hint that a student deleted comes back without a word, where the class has hints."""
    source = nbformat.read(built[0].source / "00-a" / "one.ipynb", as_version=4)
    submitted = nbformat.from_dict(release)
    submitted.cells = [cell for cell in release.cells if "hint" not in cell.metadata]
    repaired, notes = repair(submitted, source, release)
    assert notes == ()
    assert [cell.id for cell in repaired.cells] == [cell.id for cell in release.cells]
    # Where it has none, they are not handed out by grading.
    repaired, notes = repair(submitted, source, submitted)
    assert notes == ()
    assert not [cell for cell in repaired.cells if "hint" in cell.metadata]
