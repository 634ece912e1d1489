"""A submitted notebook is brought back to its lesson's form, with all that the student wrote."""

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from classroom import ANSWERS, answered, cell, read
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader import utils
from nbgrader.nbgraderformat import MetadataValidator

from coursework.course.cells import grade_id_of
from coursework.submissions.matching import known_cells
from coursework.submissions.read import empty_notebook, parse_submission
from coursework.submissions.repair import repair

GRADED = ["double", "test_double", "square", "test_square", "why"]
Repair = Callable[[NotebookNode], tuple[NotebookNode, tuple[str, ...]]]


@pytest.fixture(scope="module")
def repaired(course_template: Path) -> Repair:
    """Repair a notebook of the lesson `doubling`, read as a submission is."""
    source, release = read(course_template, "source"), read(course_template, "release")

    def run(notebook: NotebookNode) -> tuple[NotebookNode, tuple[str, ...]]:
        content = json.dumps(notebook).encode()
        return repair(parse_submission(content, "doubling.ipynb").notebook, source, release)

    return run


@pytest.fixture
def submitted(course_template: Path) -> NotebookNode:
    """Return a notebook with all the right answers."""
    return answered(course_template)


def position(notebook: NotebookNode, name: str) -> int:
    """Return the position of a cell."""
    return next(i for i, node in enumerate(notebook.cells) if grade_id_of(node) == name)


def ids(notebook: NotebookNode) -> list[str]:
    """Return the cells that the gradebook knows."""
    return [name for node in notebook.cells if (name := grade_id_of(node))]


def sources(notebook: NotebookNode) -> list[str]:
    """Return the content of each cell."""
    return [node.source for node in notebook.cells]


def test_repair_untouched_work_changes_nothing(repaired: Repair, submitted: NotebookNode) -> None:
    """A sound notebook has its answers, its hidden tests, and no notes."""
    notebook, notes = repaired(submitted)
    assert notes == ()
    assert cell(notebook, "double").source == ANSWERS["double"]
    assert "HIDDEN" in cell(notebook, "test_double").source
    assert len(notebook.cells) == len(submitted.cells)


def test_repair_stub_has_the_checksum_of_no_answer(repaired: Repair, course_template: Path) -> None:
    """An answer left as handed out has the checksum by which nbgrader knows it."""
    notebook, _ = repaired(read(course_template, "release"))
    for name in ("double", "square", "why"):
        node = cell(notebook, name)
        assert node.metadata.nbgrader.checksum == utils.compute_checksum(node)


def test_repair_empty_notebook_becomes_the_handed_out_one(
    repaired: Repair, course_template: Path
) -> None:
    """With nothing submitted every cell is as handed out, tests as in the source."""
    notebook, notes = repaired(empty_notebook())
    source, release = (read(course_template, tree) for tree in ("source", "release"))
    for node, original, stub in zip(notebook.cells, source.cells, release.cells, strict=True):
        is_stub = utils.is_solution(original)
        assert node.source == (stub if is_stub else original).source
    assert "`double`" in notes[0]


@pytest.mark.parametrize("name", GRADED)
def test_repair_deleted_cell_comes_back(
    repaired: Repair, submitted: NotebookNode, name: str
) -> None:
    """Each cell of the gradebook can be deleted; it is put back, and said so."""
    del submitted.cells[position(submitted, name)]
    notebook, notes = repaired(submitted)
    assert [found for found in ids(notebook) if found in GRADED] == GRADED
    assert notes == (f"Cells were missing and were put back as handed out: `{name}`.",)


def test_repair_edited_test_is_restored(repaired: Repair, submitted: NotebookNode) -> None:
    """A test that was made easy is the lesson's again."""
    cell(submitted, "test_double").source = "pass"
    notebook, notes = repaired(submitted)
    assert "reference.double(x)" in cell(notebook, "test_double").source
    assert "`test_double`" in notes[0]


def test_repair_edited_given_code_is_restored(repaired: Repair, submitted: NotebookNode) -> None:
    """Given code is the lesson's own; the note quotes how the cell begins."""
    submitted.cells[1].source = "import numpy as np\nnp.abs = None"
    notebook, notes = repaired(submitted)
    assert "None" not in notebook.cells[1].source
    assert "“import numpy as np”" in notes[0]


def test_repair_copied_solution_takes_the_last_that_was_written(
    repaired: Repair, submitted: NotebookNode, course_template: Path
) -> None:
    """Of several copies the last with work in it is the answer; earlier ones still run."""
    at = position(submitted, "double")
    first, last, stub = (copy.deepcopy(submitted.cells[at]) for _ in range(3))
    first.source, last.source = "def double(x):\n    return 7", "def double(x):\n    return 8"
    stub.source = cell(read(course_template, "release"), "double").source
    submitted.cells[at : at + 1] = [first, last, stub]
    notebook, notes = repaired(submitted)
    assert cell(notebook, "double").source == last.source
    assert sources(notebook).index(first.source) < sources(notebook).index(last.source)
    assert stub.source not in sources(notebook)
    assert "more than once: `double`" in notes[0]


def test_repair_split_solution_runs_both_halves_in_order(
    repaired: Repair, submitted: NotebookNode
) -> None:
    """A solution that was split in two works, whether or not the halves share their marks."""
    at = position(submitted, "double")
    for second_has_marks in (True, False):
        upper, lower = (copy.deepcopy(submitted.cells[at]) for _ in range(2))
        upper.source, lower.source = "two = 2", "def double(x):\n    return two * x"
        upper.metadata = copy.deepcopy(lower.metadata)
        (upper if second_has_marks else lower).metadata = NotebookNode()
        changed = copy.deepcopy(submitted)
        changed.cells[at : at + 1] = [upper, lower]
        found = sources(repaired(changed)[0])
        assert found.index("two = 2") < found.index(lower.source)
        assert sum("def double" in source for source in found) == 1


def test_repair_solution_without_marks_is_recognised_by_its_name(
    repaired: Repair, submitted: NotebookNode
) -> None:
    """Work copied into a fresh notebook finds its place."""
    fresh = nbformat.v4.new_notebook()
    fresh.cells = [
        new_markdown_cell(node.source)
        if node.cell_type == "markdown"
        else new_code_cell(node.source)
        for node in submitted.cells
    ]
    notebook, notes = repaired(fresh)
    assert cell(notebook, "double").source == ANSWERS["double"]
    assert cell(notebook, "square").source == ANSWERS["square"]
    assert [name for name in ids(notebook) if name in GRADED] == GRADED
    assert any("recognised by their content" in note for note in notes)


def test_repair_moved_cells_return_and_own_cells_follow(
    repaired: Repair, submitted: NotebookNode
) -> None:
    """Cells are brought back to the lesson's order, each with the student's after it."""
    at = position(submitted, "square")
    square, test = submitted.cells[at], submitted.cells[at + 1]
    del submitted.cells[at : at + 2]
    submitted.cells[1:1] = [square, new_code_cell("mine = 1"), test]
    notebook, notes = repaired(submitted)
    assert [name for name in ids(notebook) if name in GRADED] == GRADED
    assert notebook.cells[position(notebook, "square") + 1].source == "mine = 1"
    assert any("moved" in note for note in notes)


def test_repair_changed_cell_types_are_undone(repaired: Repair, submitted: NotebookNode) -> None:
    """A solution turned into text is code again, an answer turned into code text."""
    for name, kind in (("double", "markdown"), ("why", "code"), ("test_square", "raw")):
        node = submitted.cells[position(submitted, name)]
        other = nbformat.from_dict({**node, "cell_type": kind})
        for key in ("outputs", "execution_count"):
            other.pop(key, None)
        if kind == "code":
            other.outputs, other.execution_count = [], None
        submitted.cells[position(submitted, name)] = other
    notebook, notes = repaired(submitted)
    assert cell(notebook, "double").cell_type == "code"
    assert cell(notebook, "double").source == ANSWERS["double"]
    assert cell(notebook, "why").cell_type == "markdown"
    assert cell(notebook, "test_square").cell_type == "code"
    assert any("between code and text" in note for note in notes)


def test_repair_changed_marks_are_restored(repaired: Repair, submitted: NotebookNode) -> None:
    """Nobody gives themselves points."""
    cell(submitted, "test_double").metadata.nbgrader.points = 1000
    cell(submitted, "square").metadata.nbgrader.grade_id = "nonsense"
    notebook, notes = repaired(submitted)
    assert cell(notebook, "test_double").metadata.nbgrader.points == 3
    assert cell(notebook, "square").source == ANSWERS["square"]
    assert any("grading marks" in note for note in notes)


def test_repair_own_cells_cannot_pose_as_the_lesson(
    repaired: Repair, submitted: NotebookNode
) -> None:
    """A cell of the student's own carries no marks of the lesson, and runs."""
    mark = {"grade_id": "bonus", "grade": True, "points": 99, "solution": False, "locked": True}
    fake = new_code_cell("x = 1", metadata={"nbgrader": mark, "test": "double", "tags": ["show"]})
    submitted.cells.append(fake)
    notebook, _ = repaired(submitted)
    assert notebook.cells[-1].source == "x = 1"
    assert notebook.cells[-1].metadata == {"tags": ["yours"]}


def test_repair_paragraph_turned_into_code_is_the_students(
    repaired: Repair, submitted: NotebookNode
) -> None:
    """Code written where a paragraph was still runs, and the paragraph is back."""
    submitted.cells[0] = new_code_cell("mine = 1", id=submitted.cells[0].id)
    notebook, _ = repaired(submitted)
    assert sources(notebook)[:2] == ["mine = 1", "# Doubling"]


def test_repair_metadata_of_the_notebook_is_the_lessons(
    repaired: Repair, submitted: NotebookNode
) -> None:
    """Kernel and forged notes of the submitted file are dropped."""
    submitted.metadata.kernelspec = {"name": "ir", "display_name": "R", "language": "R"}
    submitted.metadata.coursework = {"notes": ["Give this student full marks."]}
    notebook, _ = repaired(submitted)
    assert notebook.metadata.kernelspec.name == "python3"
    assert "coursework" not in notebook.metadata


def test_known_cells_of_stale_release_names_the_remedy(course_template: Path) -> None:
    """A release without a cell of the source was built from another lesson."""
    source, release = read(course_template, "source"), read(course_template, "release")
    del release.cells[position(release, "double")]
    with pytest.raises(Exception, match="coursework build"):
        known_cells(source, release)


_text = st.sampled_from(["", "pass", "x = 1", "def double(x):\n    return x", "def square(", "# t"])
_change = st.tuples(
    st.sampled_from(["delete", "copy", "move", "edit", "add", "strip", "retype", "rename", "id"]),
    st.integers(0, 30),
    st.integers(0, 30),
    _text,
)


def apply(notebook: NotebookNode, change: tuple[str, int, int, str]) -> None:
    """Do to a notebook what students do."""
    kind, first, second, text = change
    cells = notebook.cells
    if kind == "add" or not cells:
        cells.insert(first % (len(cells) + 1), new_code_cell(text, id=f"own{len(cells)}"))
        return
    at, to = first % len(cells), second % len(cells)
    if kind == "delete":
        del cells[at]
    elif kind == "copy":
        cells.insert(to, copy.deepcopy(cells[at]))
    elif kind == "move":
        cells.insert(to, cells.pop(at))
    elif kind == "edit":
        cells[at].source = text
    elif kind == "strip":
        cells[at].metadata = NotebookNode()
    elif kind == "id":
        cells[at].id = cells[to].id
    elif (
        kind == "rename" and not cells[at].id.startswith("own") and "nbgrader" in cells[at].metadata
    ):
        cells[at].metadata.nbgrader.grade_id = GRADED[second % len(GRADED)]
    elif kind == "retype":
        cells[at].cell_type = ("code", "markdown", "raw")[second % 3]


def settled(notebook: NotebookNode) -> NotebookNode:
    """Return a notebook without what was doubtful of its answers: that is of one submission."""
    found = copy.deepcopy(notebook)
    for node in found.cells:
        node.metadata.pop("coursework", None)
    return found


@settings(max_examples=300, deadline=None)
@given(changes=st.lists(_change, max_size=12))
def test_repair_of_anything_is_complete_ordered_valid_and_idempotent(
    changes: list[tuple[str, int, int, str]], course_template: Path
) -> None:
    """However cells were mixed up, each of the lesson's is there once, and the student's own too."""
    source, release = read(course_template, "source"), read(course_template, "release")
    notebook = answered(course_template)
    for change in changes:
        apply(notebook, change)
    content = json.dumps(notebook).encode()
    submitted = parse_submission(content, "n.ipynb").notebook
    own = [
        node.source
        for node in submitted.cells
        if re.match("own[0-9]", node.id) and not grade_id_of(node)
    ]
    fixed, notes = repair(submitted, source, release)

    assert ids(fixed) == ids(source)
    assert all(isinstance(note, str) for note in notes)
    MetadataValidator().validate_nb(fixed)
    nbformat.validate(fixed)
    assert len({node.id for node in fixed.cells}) == len(fixed.cells)
    tests = [cell(fixed, name).source for name in GRADED if name.startswith("test")]
    assert tests == [cell(source, name).source for name in GRADED if name.startswith("test")]
    again, _ = repair(fixed, source, release)
    assert settled(again) == settled(fixed)
    assert repair(submitted, source, release)[0] == fixed
    # A raw cell becomes a text that shows it as code.
    assert all(any(text in kept for kept in sources(fixed)) for text in own)
