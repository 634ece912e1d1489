"""A written answer outside its cell is not a final zero: a person decides."""

from collections.abc import Callable
from pathlib import Path

import pytest
from classroom import (
    ASSIGNMENT,
    DOUBLING,
    cell,
    generate_assignment,
    make_course,
    read,
    submit,
    write_lesson,
)
from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell

from coursework.batch.export import Row, rows
from coursework.batch.grade import grade
from coursework.course.cells import grade_id_of
from coursework.course.layout import Course

# One question before an exercise, then two under a heading, and a paragraph at the end.
_QUESTION = """
{prompt}

<!-- #region question="{name}" points=2 -->
*Your answer:*

<!-- BEGIN SOLUTION -->
The model answer.
<!-- END SOLUTION -->
<!-- BEGIN MARK SCHEME -->
2 points.
<!-- END MARK SCHEME -->
<!-- #endregion -->
"""
_BEFORE = _QUESTION.format(prompt="## Think first\n\nWhat is twice a thing?", name="twice")
_AFTER = _QUESTION.format(prompt="And what is a square?", name="what")
QUESTIONS = DOUBLING.replace("## Twice", f"{_BEFORE}\n## Twice").replace(
    "Why is a square", "## Think again\n\nWhy is a square"
)
QUESTIONS += f"{_AFTER}\n## Further reading\n\nA book.\n"
NAMES = ["twice", "why", "what"]
TEXT = "Because minus times minus is plus."


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a course with several questions."""
    root = make_course(tmp_path_factory.mktemp("questions") / "course")
    write_lesson(root, "doubling", QUESTIONS)
    generate_assignment(root)
    return root


def place(notebook: NotebookNode, name: str) -> int:
    """Return the position of a question's cell."""
    return next(i for i, node in enumerate(notebook.cells) if grade_id_of(node) == name)


def below(notebook: NotebookNode) -> None:
    """Write below the cell."""
    notebook.cells.insert(place(notebook, "why") + 1, new_markdown_cell(TEXT))


def above(notebook: NotebookNode) -> None:
    """Write between the question and the cell."""
    notebook.cells.insert(place(notebook, "why"), new_raw_cell(TEXT))


def in_prompt(notebook: NotebookNode) -> None:
    """Write into the question itself."""
    notebook.cells[place(notebook, "why") - 1].source += f"\n\n**Mine:** {TEXT}"


def in_code(notebook: NotebookNode) -> None:
    """Write into a cell of code."""
    notebook.cells.insert(place(notebook, "why") + 1, new_code_cell(f"# {TEXT}"))


def at_the_end(notebook: NotebookNode) -> None:
    """Write behind the whole lesson."""
    notebook.cells.append(new_markdown_cell(TEXT))


def into_the_last_paragraph(notebook: NotebookNode) -> None:
    """Write into the lesson's own text behind the questions."""
    notebook.cells[-1].source += f"\n{TEXT}"


def deleted(notebook: NotebookNode) -> None:
    """Delete the cell, and write nothing."""
    del notebook.cells[place(notebook, "why")]


def retyped(notebook: NotebookNode) -> None:
    """Delete the cell, and write one of one's own."""
    notebook.cells[place(notebook, "why")] = new_markdown_cell(TEXT)


def merged(notebook: NotebookNode) -> None:
    """Merge the cell with its question, whose id stays."""
    at = place(notebook, "why")
    notebook.cells[at - 1].source += "\n\n" + notebook.cells[at].source
    del notebook.cells[at]


def marks_lost(notebook: NotebookNode) -> None:
    """Answer in a copy without marks and ids."""
    notebook.cells[place(notebook, "why")].source = TEXT
    for number, node in enumerate(notebook.cells):
        node.metadata, node.id = NotebookNode(), f"c{number}"


def became_code(notebook: NotebookNode) -> None:
    """Make a cell of code of the answer's."""
    at = place(notebook, "why")
    node = {**notebook.cells[at], "cell_type": "code", "source": TEXT}
    notebook.cells[at] = from_dict({**node, "outputs": [], "execution_count": None})


def nothing(notebook: NotebookNode) -> None:
    """Answer nothing."""
    del notebook


def empty_cells(notebook: NotebookNode) -> None:
    """Leave cells without a letter."""
    for name in NAMES:
        notebook.cells.insert(place(notebook, name) + 1, new_markdown_cell(" \n"))


def copies(notebook: NotebookNode) -> None:
    """Copy what the lesson has itself."""
    at = place(notebook, "why")
    notebook.cells[at:at] = [new_markdown_cell(notebook.cells[at - 1].source)]


def tries(notebook: NotebookNode) -> None:
    """Try the exercise after its test."""
    notebook.cells.insert(place(notebook, "test_square") + 1, new_code_cell("square(3)"))


def notes_elsewhere(notebook: NotebookNode) -> None:
    """Take notes beside an exercise."""
    notebook.cells.insert(place(notebook, "test_double"), new_markdown_cell("I double it."))


OUTSIDE = {
    below: ["why", "what"],
    above: ["why", "what"],
    in_prompt: ["why", "what"],
    in_code: ["why", "what"],
    at_the_end: ["what"],
    into_the_last_paragraph: ["what"],
    deleted: ["why"],
    retyped: ["why", "what"],
    merged: ["why"],
    marks_lost: ["why"],
    became_code: ["why"],
}
BLANK = (nothing, empty_cells, copies, tries, notes_elsewhere)


def graded(root: Path, changes: list[Callable[[NotebookNode], None]]) -> dict[str, list[Row]]:
    """Grade a class of which each did this to an empty notebook; return the questions' rows."""
    for change in changes:
        submit(root, change.__name__, change=change, double="def double(x):\n    return 2 * x")
    result = grade(Course(root), ASSIGNMENT, n_workers=1)
    assert result.failures == ()
    found: dict[str, list[Row]] = {change.__name__: [] for change in changes}
    for row in rows(root, ASSIGNMENT):
        if row.cell in NAMES:
            found[row.student].append(row)
    return found


def open_ones(found: list[Row]) -> list[str]:
    """Return the questions that a person still has to mark."""
    return [name for name in NAMES for row in found if row.cell == name and not row.is_final]


def test_grade_answers_outside_of_their_cells_are_left_to_a_person(template: Path) -> None:
    """Wherever the text is, its question is open, and row, comment and note say why."""
    found = graded(template, [*OUTSIDE, *BLANK])
    for change, wanted in OUTSIDE.items():
        told = {row.cell: row.cause for row in found[change.__name__]}
        is_open = open_ones(found[change.__name__])
        assert set(wanted) <= set(is_open), change.__name__
        assert "twice" not in is_open, change.__name__
        unanswered = is_open if change not in (became_code, marks_lost) else []
        assert all("a person" in told[name] for name in unanswered), change.__name__
    for change in BLANK:
        assert open_ones(found[change.__name__]) == [], change.__name__
        assert {row.cause for row in found[change.__name__]} == {"No response."}


def test_repair_doubt_of_an_answer_ends_with_the_answer(template: Path) -> None:
    """A student who answers in the cell may also write beside it: nothing is said about that."""
    notebook = read(template, "release")
    for name in NAMES:
        cell(notebook, name).source = TEXT
    below(notebook)
    in_prompt(notebook)
    submit(template, "both", change=lambda node: node.update(notebook))
    result = grade(Course(template), ASSIGNMENT, student="both", n_workers=1)
    assert result.notes.get(("both", "doubling"), ()) == ()
