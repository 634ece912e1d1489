"""A page takes a bounded time and size, whatever its notebook holds, and nothing of it is lost."""

import time
from pathlib import Path

import pytest
from graded import exercise, given, make_course, page_of, png, question, write_graded
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_output

from coursework.course.layout import Course
from coursework.feedback import rendering
from coursework.feedback.markdown import render_markdown
from coursework.submissions.sanitize import clean_html

pytestmark = [
    # nbgrader adds a submission to its session in a way that SQLAlchemy warns of.
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning"),
    # The alarm may come in Hypothesis' callback of the garbage collector: then it comes again.
    pytest.mark.filterwarnings(
        "ignore:Exception ignored in.*gc_callback:pytest.PytestUnraisableExceptionWarning"
    ),
]

OPEN = "\\\\[" * 6500


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """Return an empty course."""
    return make_course(tmp_path)


def formulas() -> list[NotebookNode]:
    """Return cells that begin thousands of formulas."""
    return [new_markdown_cell(f"text {i} {OPEN}") for i in range(30)]


def latex() -> list[NotebookNode]:
    """Return the like as outputs of cells."""
    outputs = [new_output("display_data", {"text/latex": f"{i} {OPEN}"}) for i in range(30)]
    return [given("show()", outputs)]


def markup() -> list[NotebookNode]:
    """Return outputs of elements in elements, and of elements with thousands of attributes."""
    deep = "<div>" * 19_000
    many = "<div " + " ".join(f"a{i}=1" for i in range(11_000)) + ">"
    outputs = [new_output("display_data", {"text/html": html}) for html in [deep, many] * 15]
    return [given("show()", outputs)]


def code() -> list[NotebookNode]:
    """Return long cells of code."""
    return [given(f"x = {i}\n" + "f(x)\n" * 9000) for i in range(60)]


def answer() -> list[NotebookNode]:
    """Return an answer and a comment below slow texts."""
    return [*formulas(), question("why", f"Because. {OPEN}", 2)]


@pytest.mark.parametrize("cells", [formulas, latex, markup, code, answer])
def test_page_that_would_take_minutes(
    course: Course, monkeypatch: pytest.MonkeyPatch, cells: object
) -> None:
    """What is late is shown as it was typed; what came before and what is short, as always."""
    monkeypatch.setattr(rendering, "_SECONDS", 1.0)
    first = new_markdown_cell("A *first* text.")
    write_graded(course, [first, *cells(), exercise("mse", "answer = 1")])
    start = time.process_time()
    page = page_of(course)
    # One output may be at work when the time is up; what is not the budget's takes some, too.
    assert time.process_time() - start < 8
    assert "<em>first</em>" in page
    assert "answer" in page
    assert len(page) < 20_000_000


def test_page_shows_late_texts_as_they_were_typed(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No text is lost: not of cells, answers, code or outputs."""
    monkeypatch.setattr(rendering, "_SECONDS", 0.0)
    outputs = [
        new_output("display_data", {"text/html": "<b>x</b>", "text/plain": "a table"}),
        new_output("stream", text="printed"),
        new_output("error", ename="E", evalue="raised", traceback=["E: raised"]),
    ]
    cells = [
        new_markdown_cell("Some *text* <b>."),
        exercise("mse", "answer = '<b>'", outputs),
        question("why", "Since $a < b$.", 2),
    ]
    write_graded(course, cells, manual={"why": (1, "A *comment*.")})
    page = page_of(course)
    for text in ("Some *text* &lt;b&gt;.", "answer = &#x27;&lt;b&gt;&#x27;", "a table", "printed"):
        assert text in page
    for text in ("E: raised", "Since $a &lt; b$.", "A *comment*."):
        assert text in page
    assert "<b>" not in page


def test_attachment_shown_hundreds_of_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is looked at once, and the text stays small."""
    looked = []
    monkeypatch.setattr(
        "coursework.feedback.markdown.is_safe_image", lambda uri: looked.append(uri) or True
    )
    picture = {"image/png": png(300, 300) + "A" * 400_000}
    text = render_markdown("![one](attachment:a.png)\n" * 400, {"a.png": picture})
    assert len(looked) == 1
    assert len(text) < 1_500_000
    assert text.count("picture left out: one") >= 397
    assert "![one]" not in text


@pytest.mark.parametrize("size", [500, 700_000])
def test_html_of_a_table_or_a_picture_is_shown(size: int) -> None:
    """What students do show is far from the limits: long tables, and pictures in HTML."""
    rows = "<tr><td>1.25</td><td>2.5</td></tr>\n" * 2000
    picture = f'<img src="data:image/png;base64,{png(size // 40, 400)}" alt="x">'
    assert clean_html(f"<table>{rows}</table>").count("<td>") == 4000
    assert "<img" in clean_html(picture)
