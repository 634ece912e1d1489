"""From a release to the feedback that a student reads, each step by the button that is for it."""

import shutil
from pathlib import Path

import pytest
from grader import Assignments, Formgrader, watched
from jupyter import PATIENCE, Notebook, jupyterlab
from playwright.sync_api import Browser, expect
from serving import Server

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(1800)]

NAME, LESSON = "00-trial", "trial"
DRAWING = "plt.plot([0, 1], [0, 2])\nplot.show('What I drew for question 1.')"


def release(browser: Browser, office: Server) -> None:
    """Make the students' version, and release it."""
    with watched(browser) as page:
        formgrader = Formgrader(page, office)
        formgrader.press(NAME, "assign")
        formgrader.press(NAME, "release")


def work(browser: Browser, room: Server) -> None:
    """Fetch the assignment, solve it, validate it, and hand it in."""
    with watched(browser) as page:
        Assignments(page, room).press("Fetch", then="Submit")
        notebook = Notebook(page, room, f"{NAME}/{LESSON}.ipynb")
        notebook.run(notebook.cell("import numpy"))
        stub = notebook.cell("def double")
        notebook.write(stub, "def double(x):\n    return 2 * x")
        notebook.run(stub)
        answer = notebook.cell("Your answer")
        answer.dblclick()
        notebook.write(answer, "By two.")
        page.keyboard.press("Shift+Enter")  # renders it, and opens a cell behind the last one
        drawing = notebook.cell_at(page.locator(".jp-Notebook .jp-Cell").count() - 1)
        notebook.write(drawing, DRAWING)
        notebook.run(drawing)
        notebook.save()
        assert "Your notebook passes all the tests" in notebook.validate()
        Assignments(page, room).press("Submit", then="Fetch Feedback")


def mark(browser: Browser, office: Server) -> None:
    """Collect, autograde, mark the question by its scheme, and give feedback."""
    with watched(browser) as page:
        formgrader = Formgrader(page, office)
        formgrader.press(NAME, "collect")
        page.reload()
        page.locator(".num-submissions a").click()
        formgrader.press("needs autograding", "autograde")
        formgrader.open(NAME, LESSON, "Submission #1")
        expect(page.get_by_text("1 point for 2, 1 point for a reason")).to_be_visible()
        expect(page.get_by_text("By 2, since")).to_be_visible()
        drawing = page.locator(".code_cell", has_text="What I drew").locator("img, svg").first
        expect(drawing).to_be_visible()
        formgrader.mark("growth", "2", "Right, and short.")
        formgrader = Formgrader(page, office)
        formgrader.press(NAME, "generate-feedback")
        formgrader.press(NAME, "release-feedback")


def read(browser: Browser, room: Server) -> None:
    """Fetch the feedback and read it; it reveals nothing that students may not see."""
    with watched(browser) as page:
        Assignments(page, room).press("Fetch Feedback", then="view feedback").click()
        page.locator(".jp-DirListing-itemText", has_text=f"{LESSON}.html").dblclick()
        feedback = page.frame_locator(".jp-HTMLViewer iframe").locator("body")
        expect(feedback).to_contain_text("3 of 3 points", timeout=PATIENCE)
        expect(feedback).to_contain_text("Right, and short.")
        expect(feedback).not_to_contain_text("a reason that holds")
        expect(feedback).not_to_contain_text("By 2, since")


def test_walk_from_release_to_feedback(
    browser: Browser, lesson_course: Path, tmp_path: Path
) -> None:
    """Instructor and student do all that a term needs, and no page shows an error."""
    course, desk = shutil.copytree(lesson_course, tmp_path / "course"), tmp_path / "desk"
    desk.mkdir()
    with jupyterlab(course, tmp_path) as office, jupyterlab(desk, tmp_path) as room:
        release(browser, office)
        work(browser, room)
        mark(browser, office)
        read(browser, room)
