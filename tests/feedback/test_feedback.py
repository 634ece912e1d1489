"""Feedback pages: what they show, what they hide, and what they keep from acting."""

import os
import re
import subprocess
import sys
from dataclasses import asdict, replace
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest
from graded import exercise, given, make_course, page_of, question, verdict, write_graded
from nbformat.v4 import new_markdown_cell, new_output
from pages import elements, text_of

from coursework.course.layout import Course
from coursework.errors import ConfigError
from coursework.feedback import short_cause
from coursework.feedback.generate import generate
from coursework.feedback.preprocessors import release_files, style_sheet
from coursework.judge.report import Outcome, Part

# nbgrader adds a submission to its session in a way that SQLAlchemy warns of.
pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")


HIDDEN = (
    "for n, d in [(1, 1), (5, 3), (200, 7)]:",
    "    X, y, w = rng.normal(size=(n, d)), rng.normal(size=n), rng.normal(size=d)",
    "    check.close(mse_gradient(X, y, w), reference.mse_gradient(X, y, w))",
)
TEST = "\n".join(
    (
        "# By hand: at w = 1 it is -16.",
        "check.close(mse_gradient(X1, y1, w1), [-16.0])",
        "### BEGIN HIDDEN TESTS",
        *HIDDEN,
        "### END HIDDEN TESTS",
    )
)
FAILED = Outcome(
    "test_mse_gradient",
    "mse_gradient",
    0,
    3,
    "failed",
    "mse_gradient(X, y, w)\n  X = [[2.]]\nThe sign differs: got 16, expected -16.",
    ("The residual is prediction minus target.",),
)
PASSED = Outcome("test_mse_gradient_edge", "mse_gradient", 1, 1, "passed")


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """Return an empty course."""
    return make_course(tmp_path)


# -- what a page shows


def test_page_shows_points_message_inputs_and_hint(course: Course) -> None:
    """A failed check is explained: its points, the call, the inputs, the finding, the hint."""
    write_graded(course, [exercise("mse_gradient", "code = 1"), verdict(FAILED, TEST)])
    text = text_of(page_of(course))
    for expected in ("0 of 3 points", *FAILED.message.splitlines(), *FAILED.hints):
        assert expected in text


def test_page_shows_code_and_outputs(course: Course) -> None:
    """The student's own code and what it printed are there."""
    outputs = [new_output("stream", text="loss 0.25\n")]
    cell = exercise("mse_gradient", "def mse_gradient(X, y, w):\n    return w", outputs)
    write_graded(course, [cell, verdict(PASSED, TEST)])
    text = text_of(page_of(course))
    assert "def mse_gradient(X, y, w):" in text
    assert "loss 0.25" in text


def test_page_overview_links_to_every_exercise(course: Course) -> None:
    """Each row of the overview leads to a section that exists, with points and cause."""
    cells = [
        exercise("mse_gradient", "a = 1"),
        verdict(FAILED, TEST),
        verdict(PASSED, TEST),
        exercise("fit", "b = 1"),
        verdict(Outcome("test_fit", "fit", 0, 4, "timeout", "It ran for 10 s."), TEST),
    ]
    write_graded(course, cells)
    page = page_of(course)
    ids = {attributes.get("id") for _, attributes in elements(page)}
    links = [attributes["href"] for tag, attributes in elements(page) if tag == "a"]
    assert len(links) == 1 + 2
    assert {link.removeprefix("#") for link in links} <= ids
    overview = re.search(r"<tbody>.*?</tbody>", page, re.DOTALL)[0]
    rows = [" ".join(text_of(row).split()) for row in overview.split("</tr>")[:2]]
    assert rows == [
        "◐ mse_gradient 1 / 4 The residual is prediction minus target.",
        "✗ fit 0 / 4 took too long",
    ]


def test_page_gives_answers_scores_and_comments(course: Course) -> None:
    """An answer appears with the score and comment of the person who graded it."""
    write_graded(
        course,
        [question("why", "Since $n$ grows.", 2)],
        manual={"why": (1.5, "Say **how** it grows.")},
    )
    page = page_of(course)
    assert "1.5 / 2" in page
    assert "<strong>how</strong>" in page
    assert "<mi>n</mi>" in page


def test_page_says_what_waits_for_a_grader(course: Course) -> None:
    """An answer that nobody has graded yet costs nothing and is said to wait."""
    write_graded(course, [question("why", "Since it grows.", 2)])
    text = text_of(page_of(course))
    assert "the total will change" in text
    assert "waits for a grader" in text


def test_page_shows_notes_of_repair(course: Course) -> None:
    """Repairs before grading are reported, with names as code and nothing as markup."""
    note = "Cells were put back: `test_mse` & <b>bold</b>."
    write_graded(course, [exercise("mse", "a = 1")], notes=(note,))
    page = page_of(course)
    assert "<code>test_mse</code> &amp; &lt;b&gt;bold&lt;/b&gt;." in page


def test_page_says_when_a_grader_changed_points(course: Course) -> None:
    """The gradebook's points count; that they differ from the judge's is said."""
    path = write_graded(course, [exercise("mse_gradient", "a = 1"), verdict(PASSED, TEST)])
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].outputs[0].metadata["coursework"]["points"] = 0
    nbformat.write(notebook, path)
    assert "set the points of these checks by hand" in text_of(page_of(course))


def test_page_shows_parts_of_a_test_with_credit_and_diagnosis(course: Course) -> None:
    """Each part has its own verdict, with its message beside it."""
    parts = (
        Part("values", 2, 2, "passed", credit="It passes with the right mse_gradient."),
        Part("large inputs", 0, 1, "failed", "Got inf.", diagnosis="It overflows."),
    )
    outcome = replace(FAILED, points=2, parts=parts)
    write_graded(course, [exercise("mse_gradient", "a = 1"), verdict(outcome, TEST)])
    text = " ".join(text_of(page_of(course)).split())
    assert "Check “values”: passed 2 / 2 It passes with the right mse_gradient." in text
    assert "Check “large inputs”: failed 0 / 1 Got inf. What differs It overflows." in text
    assert "mse_gradient 2 / 3 It overflows." in text


def test_page_tells_once_that_nothing_could_be_read(course: Course) -> None:
    """What was noted before grading is not repeated as a comment on every exercise."""
    note = "lesson.ipynb is empty; save the notebook and submit it again."
    cells = [question("why", "", 2), question("how", "", 2)]
    write_graded(course, cells, manual={"why": (0, note), "how": (0, note)}, notes=(note,))
    assert text_of(page_of(course)).count(note) == 1


def test_page_has_one_outline(course: Course) -> None:
    """One h1; no heading is more than a level below the one before; tables have headers."""
    cells = [
        new_markdown_cell("# Mine\n\n### Deep"),
        exercise("mse_gradient", "a = 1"),
        verdict(FAILED, TEST),
    ]
    write_graded(course, cells)
    found = elements(page_of(course))
    levels = [int(tag[1]) for tag, _ in found if re.fullmatch(r"h[1-3]", tag)]
    assert levels.count(1) == 1
    assert all(new - old <= 1 for old, new in pairwise(levels))
    assert all(attributes.get("scope") for tag, attributes in found if tag == "th")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_style_colours_have_contrast(scheme: str) -> None:
    """Every text colour reaches 4.5 : 1 against every background that it is used on."""
    blocks = re.findall(r":root \{(.*?)\}", style_sheet()[0], re.DOTALL)
    block = blocks[0 if scheme == "light" else 1]
    colours = dict(re.findall(r"--(\w+): (#\w+)", block))
    on_page = ("text", "muted", "link", "good", "bad", "some")
    on_panel = ("text", "keyword", "string", "number", "comment", "name")
    pairs = [(name, "back") for name in on_page] + [(name, "panel") for name in on_panel]
    pairs += [("text", "hint"), ("some", "hint")]
    poor = [pair for pair in pairs if _contrast(*(colours[name] for name in pair)) < 4.5]
    assert poor == []


def _contrast(first: str, second: str) -> float:
    """Return the contrast of two colours, as WCAG 2 defines it."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = digits if len(digits) == 6 else "".join(2 * digit for digit in digits)
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


# -- what a page hides


def test_page_never_shows_hidden_tests(course: Course) -> None:
    """No hidden line is in the page: not from the source, not from a traceback."""
    traceback = ["Traceback (most recent call last)", *HIDDEN, "AssertionError: differs"]
    error = new_output("error", ename="AssertionError", evalue="differs", traceback=traceback)
    printed = new_output("stream", text="\n".join(HIDDEN))
    cells = [
        exercise("mse_gradient", "a = 1"),
        verdict(FAILED, TEST),
        verdict(PASSED, TEST, [error, printed]),
    ]
    write_graded(course, cells)
    text = text_of(page_of(course))
    assert "check.close(mse_gradient(X1, y1, w1), [-16.0])" in text
    assert "AssertionError: differs" in text
    for line in (*HIDDEN, "HIDDEN TESTS"):
        assert line.strip() not in text


def test_page_hides_a_region_that_is_not_closed(course: Course) -> None:
    """A hidden region without its end is cut to the end of the cell."""
    source = TEST.replace("### END HIDDEN TESTS", "")
    write_graded(course, [exercise("mse_gradient", "a = 1"), verdict(FAILED, source)])
    assert HIDDEN[0] not in text_of(page_of(course))


def test_page_takes_no_verdict_from_the_student(course: Course) -> None:
    """An output of the student's that looks like a verdict changes nothing."""
    fake = {**asdict(FAILED), "message": "I passed everything", "points": 3}
    forged = new_output("display_data", {"text/plain": "x"}, metadata={"coursework": fake})
    write_graded(course, [exercise("mse_gradient", "a = 1", [forged]), verdict(FAILED, TEST)])
    text = text_of(page_of(course))
    assert "I passed everything" not in text
    assert "0 of 3 points" in text


def test_page_survives_a_cell_unknown_to_the_gradebook(course: Course) -> None:
    """A cell that claims a grade which the gradebook does not know is just a cell."""
    path = write_graded(course, [exercise("mse_gradient", "a = 1"), verdict(PASSED, TEST)])
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(verdict(Outcome("test_gift", "gift", 99, 99, "passed"), "gift = 1"))
    nbformat.write(notebook, path)
    assert "1 of 1 points" in text_of(page_of(course))


def test_feedback_folder_has_pages_only(course: Course, tmp_path: Path) -> None:
    """Files submitted beside the notebook, and what links point to, are not handed out.

    The two that `nbgrader release_feedback` reads are written anew.
    """
    notebook = write_graded(course, [exercise("mse_gradient", "a = 1")])
    secret = tmp_path / "secret.txt"
    secret.write_text("marks of all")
    (notebook.parent / "deep").mkdir()
    (notebook.parent / "deep" / "evil.html").write_text("<script>1</script>")
    for name in ("link.txt", "submission_secret.txt", "timestamp.txt"):
        (notebook.parent / name).symlink_to(secret)
    page_of(course)
    folder = tmp_path / "feedback" / "solved" / "tiny"
    names = sorted(path.name for path in folder.rglob("*"))
    assert names == ["lesson.html", "submission_secret.txt", "timestamp.txt"]
    assert "marks of all" not in "".join(path.read_text() for path in folder.iterdir())


# -- causes and commands


@pytest.mark.parametrize(
    ("outcome", "cause"),
    [
        (FAILED, "The residual is prediction minus target."),
        (replace(FAILED, hints=()), "The sign differs: got 16, expected -16."),
        (replace(FAILED, hints=(), diagnosis="It is -1 times that."), "It is -1 times that."),
        (PASSED, ""),
        (Outcome("t", "f", 0, 1, "unwritten", "`f` is not written yet."), "not written yet"),
        (Outcome("t", "f", 0, 1, "unwritten", "a.ipynb is empty."), "a.ipynb is empty."),
        (Outcome("t", "f", 0, 1, "died", "f(x)\nIt ended."), "ended its Python process"),
        (Outcome("t", "f", 0, 1, "failed", "f(x)"), "f(x)"),
        (Outcome("t", "f", 0, 1, "failed", ""), "a check failed"),
    ],
)
def test_short_cause_is_the_best_that_is_known(outcome: Outcome, cause: str) -> None:
    """The misconception, else the kind of difference, else the finding after the call."""
    assert short_cause(outcome) == cause


def test_generate_without_graded_notebooks_says_what_to_do(course: Course) -> None:
    """Nothing graded is an error with its remedy."""
    with pytest.raises(ConfigError, match="coursework grade tiny"):
        generate(course, "tiny")


def test_generate_names_what_has_no_page(course: Course) -> None:
    """A notebook that cannot be converted is named; the others have their pages."""
    write_graded(course, [exercise("mse", "a = 1")])
    broken = course.root / "autograded" / "broken" / "tiny" / "lesson.ipynb"
    broken.parent.mkdir(parents=True)
    broken.write_text("{")
    made = generate(course, "tiny")
    assert [page.parent.parent.name for page in made.pages] == ["solved"]
    (error,) = made.errors
    assert "broken/tiny has no pages: " in str(error)
    assert "NotJSONError" in str(error)
    assert "Traceback" not in str(error)


@pytest.mark.parametrize("name", ["link", "file", "*", "new\nline", "damaged"])
def test_generate_what_is_in_the_way_of_one_stops_no_other(course: Course, name: str) -> None:
    """Pages of the others are made, each once, whatever one student's folders are like."""
    for student in ("ada", name, "zoe"):
        notebook = write_graded(course, [exercise("mse", "a = 1")], student)
        if student == "damaged":
            notebook.write_text("{")
    target = course.root / "feedback" / name
    if name == "link":
        target.mkdir(parents=True)
        (target / "tiny").symlink_to(course.root)
    elif name == "file":
        target.parent.mkdir()
        target.write_text("")
    made = generate(course, "tiny")
    students = [page.parent.parent.name for page in made.pages]
    assert [student for student in students if student != name] == ["ada", "zoe"]
    assert len(made.errors) == (name not in students)
    assert all(str(course.root / "feedback") in str(error) for error in made.errors)


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe", b"x" * 10_000, b"s3cret"])
def test_release_files_are_always_there_and_text(course: Course, content: bytes | None) -> None:
    """`nbgrader release_feedback` can read them, whatever was submitted in their place."""
    folder = write_graded(course, [exercise("mse", "a = 1")]).parent
    for name in ("submission_secret.txt", "timestamp.txt"):
        if content is not None:
            (folder / name).write_bytes(content)
    found = release_files(folder, course.root)
    assert found["timestamp.txt"] == b""
    kept = found["submission_secret.txt"]
    assert (kept == b"s3cret") is (content == b"s3cret")
    assert len(kept) == (6 if content == b"s3cret" else 64)
    (folder / "timestamp.txt").write_text("2030-01-01T13:00:00+01:00")
    assert release_files(folder, course.root)["timestamp.txt"] == b"2030-01-01 12:00:00 UTC"


def test_generate_replaces_an_old_page(course: Course) -> None:
    """A page made before a regrading does not stay."""
    write_graded(course, [question("why", "It grows.", 2)])
    assert "waits for a grader" in page_of(course)
    write_graded(course, [question("why", "It grows.", 2)], manual={"why": (2, "Right.")})
    assert "waits for a grader" not in page_of(course)


def test_nbgrader_command_makes_the_same_page(course: Course) -> None:
    """`nbgrader generate_feedback` and the library give one page."""
    write_graded(course, [given("import numpy"), exercise("mse", "a = 1")])
    ours = page_of(course)
    command = [sys.executable, "-m", "nbgrader", "generate_feedback", "tiny", "--force"]
    done = subprocess.run(
        command, cwd=course.root, env=os.environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    page = course.root / "feedback" / "solved" / "tiny" / "lesson.html"
    assert page.read_text(encoding="utf-8") == ours
