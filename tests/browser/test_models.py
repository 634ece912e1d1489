"""The two model lessons, worked through in JupyterLab as they are released."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from commands import ROOT
from jupyter import PATIENCE, Notebook, jupyterlab, slide
from playwright.sync_api import Page, expect

from coursework.course.lesson import Lesson, read_lesson
from coursework.course.mistakes import apply, mistakes_path, read_mistakes

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(1800)]

MODELS = ["01-linear-regression/least-squares", "09-optimizers/adaptive-rates"]
PARTS = ("lessons", "source", "release", "solutions")


@dataclass(frozen=True)
class Desk:
    """A copy of one assignment, its first exercise open and all others answered.

    Attributes
    ----------
    root : Path
    path : str
        The released notebook, below the root.
    stub, test, played : int
        The cells of the first exercise, of its first test, and of the figure to play with.
    right, wrong : str
        An answer to the first exercise, and one with a known mistake.
    hint : str
        What is said of the mistake.
    """

    root: Path
    path: str
    stub: int
    test: int
    played: int
    right: str
    wrong: str
    hint: str


@pytest.fixture(params=MODELS)
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Desk:
    """Lay out what somebody who studies alone has of a lesson."""
    assignment = request.param.partition("/")[0]
    root = tmp_path / "desk"
    for part in PARTS:
        shutil.copytree(ROOT / part / assignment, root / part / assignment)
    shutil.copy(ROOT / "course_config.py", root)
    lesson = read_lesson(root / f"lessons/{request.param}.md")
    path = f"release/{request.param}.ipynb"
    notebook = nbformat.read(root / path, as_version=4)
    first, *others = lesson.of_kind("exercise")
    answers = {cell.exercise: solved(cell.source) for cell in (first, *others)}
    places = {kind: [] for kind in ("exercise", "test", "played")}
    for number, cell in enumerate(notebook.cells):
        for kind in ("exercise", "test"):
            if cell.metadata.get(kind) == first.exercise:
                places[kind].append(number)
        if "plot.explore(" in cell.source:
            places["played"].append(number)
        if cell.metadata.get("exercise") in {other.exercise for other in others}:
            cell.source = answers[cell.metadata["exercise"]]
    nbformat.write(notebook, root / path)
    wrong, hint = first_mistake(lesson, first.exercise, first.source)
    numbers = (places[kind][0] for kind in ("exercise", "test", "played"))
    return Desk(root, path, *numbers, answers[first.exercise], wrong, hint)


def first_mistake(lesson: Lesson, exercise: str, source: str) -> tuple[str, str]:
    """Return the cell of an exercise's first mistake, and its hint."""
    found = read_mistakes(mistakes_path(lesson.path))
    mistake = next(one for one in found if one.exercise == exercise and not one.right)
    return solved(apply(mistake, source)), mistake.hint


def solved(source: str) -> str:
    """Return an answer without the lines that mark it."""
    return "\n".join(line for line in source.split("\n") if "### " not in line)


def test_model_is_worked_through(page: Page, desk: Desk, tmp_path: Path) -> None:
    """A wrong answer gets its hint, a right one its tick; hints and proofs unfold, the slider moves."""
    with jupyterlab(desk.root, tmp_path) as server:
        notebook = Notebook(page, server, desk.path)
        stub, test = notebook.cell_at(desk.stub), notebook.cell_at(desk.test)
        for number in range(desk.stub):
            if notebook.is_code(number):
                notebook.run(notebook.cell_at(number))

        notebook.write(stub, desk.wrong)
        notebook.run(stub)
        expect(notebook.run(test)).to_contain_text(desk.hint, timeout=PATIENCE)

        notebook.write(stub, desk.right)
        notebook.run(stub)
        expect(notebook.run(test)).to_contain_text("✓ ")

        for summary in ("Hint 1", "Why this is so"):
            folded = page.locator("details").filter(has=page.locator("summary", has_text=summary))
            folded.first.locator("summary").click()
            expect(folded.first).to_have_attribute("open", "")
        expect(folded.first.locator("mjx-container").first).to_be_visible(timeout=PATIENCE)

        notebook.run_all()
        slide(notebook.cell_at(desk.played))


def test_solution_of_a_model_has_its_figures_without_a_kernel(
    page: Page, desk: Desk, tmp_path: Path
) -> None:
    """Every figure of the solved lesson is there, whole, with a text; so is the strip."""
    with jupyterlab(desk.root, tmp_path) as server:
        notebook = Notebook(page, server, desk.path.replace("release", "solutions"))
        notebook.stop_kernel()
        pictures = page.locator(".jp-OutputArea img")
        count = pictures.count()
        assert count > 5
        for number in range(count):
            picture = pictures.nth(number)
            assert len(picture.get_attribute("alt").split()) > 6
            assert picture.evaluate("each => each.complete && each.naturalWidth") > 300
        expect(page.locator("img.coursework-strip")).to_have_count(1)
