"""A released lesson is worked through in JupyterLab, and a solved one read there."""

from pathlib import Path

import nbformat
import pytest
from jupyter import PATIENCE, Notebook, slide
from playwright.sync_api import Page, expect
from serving import Server

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(1800)]

RELEASED, SOLVED = (f"{tree}/00-trial/trial.ipynb" for tree in ("release", "solutions"))
ALT = "A line that tilts up as its slope grows."


def answer(path: Path) -> None:
    """Write the right answer into a released notebook."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.metadata.get("exercise") == "double":
            cell.source = "def double(x):\n    return 2 * x"
    nbformat.write(notebook, path)


def test_learner_works_through_a_released_lesson(page: Page, server: Server) -> None:
    """A wrong answer is met by a message and a hint, a right one by a tick; what is folded unfolds."""
    notebook = Notebook(page, server, RELEASED)
    notebook.run(notebook.cell("import numpy"))
    stub, test = notebook.cell("def double"), notebook.cell("check.close")

    notebook.write(stub, "def double(x):\n    return x * x")
    notebook.run(stub)
    failure = notebook.run(test)
    expect(failure).to_contain_text("double(1.5)")
    expect(failure).to_contain_text("2.25")
    expect(failure).to_contain_text("This is the square", timeout=PATIENCE)

    notebook.write(stub, "def double(x):\n    return 2 * x")
    notebook.run(stub)
    expect(notebook.run(test)).to_have_text("✓ double: 2 checks")


def test_learner_unfolds_hints_and_proofs(page: Page, server: Server) -> None:
    """Hints, answers and proofs are hidden until they are asked for; then their formulas are set."""
    notebook = Notebook(page, server, RELEASED)
    for summary in ("Hint 1", "Answer", "Why this is so"):
        folded = page.locator("details").filter(has=page.locator("summary", has_text=summary))
        formula = folded.locator("mjx-container").first
        expect(formula).to_be_attached(timeout=PATIENCE)
        expect(formula).to_be_hidden()
        expect(notebook.unfold(summary).locator("mjx-container").first).to_be_visible()
    code = notebook.unfold("Hint 3").locator("pre")
    expect(code).to_contain_text("return 2 * ...")


# In Notebook 7 the arrow keys go from cell to cell, wherever the focus is.
@pytest.mark.parametrize(("view", "key"), [("doc/tree", "ArrowRight"), ("notebooks", "PageDown")])
def test_slider_changes_the_figure(
    page: Page, server: Server, desk: Path, view: str, key: str
) -> None:
    """In JupyterLab and Notebook 7 a key moves the slider and the picture follows; no strip beside."""
    answer(desk / RELEASED)
    notebook = Notebook(page, server, RELEASED, view)
    notebook.run_all()
    cell = notebook.cell("plot.explore")

    slide(cell, key)
    expect(cell.locator(".widget-html img")).to_have_attribute("alt", ALT)
    expect(cell.get_by_text("slope", exact=True)).to_be_visible()
    expect(cell.locator(".coursework-strip")).to_be_hidden()


def test_reader_of_a_solution_needs_no_kernel(page: Page, server: Server) -> None:
    """A solved notebook shows figures and strip with their texts, though nobody trusts or runs it."""
    notebook = Notebook(page, server, SOLVED)
    notebook.stop_kernel()
    figure = notebook.cell("Two lines leave").locator("img")
    strip = notebook.cell("plot.explore").locator("img")

    expect(figure).to_be_visible()
    expect(figure).to_have_attribute(
        "alt", "Two lines leave the origin; the solid one rises twice as fast."
    )
    expect(strip).to_be_visible()
    expect(strip).to_have_attribute("alt", ALT)
    for picture in (figure, strip):
        assert picture.evaluate("each => each.complete && each.naturalWidth") > 300
    expect(page.locator(".widget-slider")).to_have_count(0)


def test_learner_finds_the_strip_in_a_saved_notebook(
    page: Page, server: Server, desk: Path
) -> None:
    """Who has played, saved and comes back later sees the strip, and no complaint."""
    answer(desk / RELEASED)
    notebook = Notebook(page, server, RELEASED)
    notebook.run_all()
    slide(notebook.cell("plot.explore"))
    notebook.save()
    notebook.stop_kernel()
    notebook.reload()

    cell = notebook.cell("plot.explore")
    expect(cell.locator(".coursework-strip")).to_be_visible()
    complaint = cell.get_by_text("Error displaying widget")
    expect(complaint).to_have_count(1, timeout=PATIENCE)
    expect(complaint).to_be_hidden()


def test_narrow_screen_shows_whole_figures(page: Page, server: Server) -> None:
    """On a phone a figure is as wide as there is room, and keeps its shape."""
    page.set_viewport_size({"width": 390, "height": 800})
    notebook = Notebook(page, server, SOLVED)
    figure = notebook.cell("Two lines leave").locator("img")
    box = figure.evaluate(
        "e => [e.getBoundingClientRect().right, e.clientWidth / e.clientHeight,"
        " e.naturalWidth / e.naturalHeight]"
    )

    assert box[0] <= 390
    assert box[1] == pytest.approx(box[2], rel=0.02)
