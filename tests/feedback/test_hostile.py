"""Nothing that a student writes acts in a page."""

from pathlib import Path

import pytest
from graded import exercise, make_course, page_of, png, question, verdict, write_graded
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from pages import SCRIPTS, dangers, elements

from coursework.course.layout import Course
from coursework.feedback.generate import generate
from coursework.feedback.preprocessors import style_sheet
from coursework.judge.report import Outcome

# nbgrader adds a submission to its session in a way that SQLAlchemy warns of.
pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """Return an empty course."""
    return make_course(tmp_path)


@pytest.mark.parametrize("payload", SCRIPTS)
def test_page_with_hostile_content_cannot_act(course: Course, payload: str) -> None:
    """Whatever place a student puts it in, nothing in the page runs or loads."""
    tex = rf"$\text{{{payload}}}$ $${payload}$$ ![$\text{{ onerror=alert(1) }}$]({payload})"
    outputs = [
        new_output("display_data", {"text/html": payload, "image/svg+xml": payload}),
        new_output("display_data", {"text/markdown": f"{payload} {tex}", "text/latex": payload}),
        new_output("display_data", {"application/javascript": payload, payload: payload}),
        new_output("display_data", {"image/png": payload, "text/plain": payload}),
        new_output("stream", text=payload),
        new_output("error", ename=payload, evalue=payload, traceback=[f"\x1b[31m{payload}\x1b[0m"]),
        new_output("error", ename=payload, evalue=payload, traceback=[]),
    ]
    outcome = Outcome("test_mse_gradient", "mse_gradient", 0, 3, "failed", payload, (payload,))
    cells = [
        new_markdown_cell(f"# {payload}\n\n{tex}\n\n```{payload}\n{payload}\n```"),
        new_code_cell(payload, outputs=outputs),
        exercise("mse_gradient", payload, outputs),
        verdict(outcome, payload),
        question("why", f"{payload}\n\n{tex}", 2),
    ]
    write_graded(course, cells, notes=(payload,), manual={"why": (1, payload)})
    page = page_of(course)
    assert dangers(page) == []
    assert page.count("<style>") == page.count("<body>") == page.count("</html>") == 1


def test_page_of_a_hostile_student_id(course: Course) -> None:
    """A folder's name is not markup, either."""
    student = "<img src=x onerror=alert(1)>\u202egnp"
    write_graded(course, [exercise("mse", "a = 1")], student=student)
    page = generate(course, "tiny").pages[0].read_text(encoding="utf-8")
    assert dangers(page) == []
    assert "\u202e" not in page


def test_page_policy_forbids_scripts_and_allows_its_style(course: Course) -> None:
    """The policy has no source but the page's own style, and raster data."""
    write_graded(course, [exercise("mse", "a = 1")])
    page = page_of(course)
    policies = [a["content"] for tag, a in elements(page) if a.get("http-equiv")]
    digest = style_sheet()[1]
    assert policies == [
        (
            f"default-src 'none'; style-src '{digest}'; img-src data:; "
            "base-uri 'none'; form-action 'none'"
        )
    ]
    assert f"<style>{style_sheet()[0]}</style>" in page
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_page_keeps_pictures_tables_and_links(course: Course) -> None:
    """What is harmless survives: a figure, a table, an ordinary link."""
    outputs = [
        new_output("display_data", {"image/png": png(), "text/plain": "<Figure>"}),
        new_output("execute_result", {"text/html": "<table><tr><td>7</td></tr></table>"}),
    ]
    link = new_markdown_cell("[source](https://example.org/paper)")
    write_graded(course, [link, exercise("mse", "a = 1", outputs)])
    page = page_of(course)
    assert f'src="data:image/png;base64,{png()}"' in page
    assert "<td>7</td>" in page
    assert 'href="https://example.org/paper"' in page
