"""An answer counts wherever it is: cells are merged, split, deleted and pasted elsewhere."""

from collections.abc import Callable
from pathlib import Path

import pytest
from classroom import (
    ANSWERS,
    ASSIGNMENT,
    DOUBLING,
    answered,
    generate_assignment,
    read,
    submit,
    write_lesson,
)
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from coursework.batch.grade import grade
from coursework.course.cells import grade_id_of
from coursework.course.layout import Course
from coursework.submissions.definitions import Definitions, defines
from coursework.submissions.repair import repair

BOTH = f"{ANSWERS['double']}\n\n\n{ANSWERS['square']}"
# `square` with the help of `double`: it must find the student's own.
LATE_SQUARE = "@staticmethod\ndef square(x, factor=FACTOR):\n    return factor * x * x"
HELPED = "def square(x):\n    return double(x) * x / 2"


def at(notebook: NotebookNode, name: str) -> int:
    """Return the position of a cell."""
    return next(i for i, node in enumerate(notebook.cells) if grade_id_of(node) == name)


def write(notebook: NotebookNode, name: str, source: str) -> None:
    """Write into a cell."""
    notebook.cells[at(notebook, name)].source = source


def delete(notebook: NotebookNode, *names: str) -> None:
    """Delete cells."""
    notebook.cells = [node for node in notebook.cells if grade_id_of(node) not in names]


def merge(notebook: NotebookNode, *names: str) -> None:
    """Merge cells as JupyterLab does: the first keeps its marks and its id."""
    write(notebook, names[0], "\n\n".join(notebook.cells[at(notebook, n)].source for n in names))
    delete(notebook, *names[1:])


def all_in_the_first(notebook: NotebookNode) -> None:
    """Merge both exercises into the first."""
    merge(notebook, "double", "square")


def all_in_the_last(notebook: NotebookNode) -> None:
    """Paste both answers into the last exercise, and delete the first."""
    write(notebook, "square", BOTH)
    delete(notebook, "double")


def all_in_the_last_beside_a_stub(notebook: NotebookNode) -> None:
    """Paste both answers into the last exercise, and leave the first as it was."""
    write(notebook, "square", BOTH)


def all_in_the_last_beside_an_empty_cell(notebook: NotebookNode) -> None:
    """Cut the first answer out, and paste it into the last exercise."""
    write(notebook, "square", BOTH)
    write(notebook, "double", "")


def all_in_the_first_beside_a_stub(notebook: NotebookNode) -> None:
    """Paste both answers into the first exercise, and leave the last as it was."""
    write(notebook, "double", BOTH)


def all_at_the_top(notebook: NotebookNode) -> None:
    """Paste both into a cell of one's own before anything else."""
    notebook.cells.insert(0, new_code_cell(BOTH))


def all_at_the_end(notebook: NotebookNode) -> None:
    """Paste both into a cell of one's own behind everything, and delete the exercises."""
    notebook.cells.append(new_code_cell(BOTH))
    delete(notebook, "double", "square")


def all_in_the_scratch_cell(notebook: NotebookNode) -> None:
    """Write where the lesson says that things can be tried."""
    notebook.cells[2].source = BOTH


def all_under_a_condition(notebook: NotebookNode) -> None:
    """Define both in a block."""
    indented = "\n".join(f"    {line}" for line in BOTH.splitlines())
    notebook.cells.append(new_code_cell(f"if True:\n{indented}"))
    delete(notebook, "double", "square")


def all_as_values(notebook: NotebookNode) -> None:
    """Define both by assignment and import, timed by a magic."""
    code = (
        "%%time\nfrom operator import pow as power\ndouble, square = (2).__mul__, lambda x: x * x"
    )
    notebook.cells.append(new_code_cell(code))
    delete(notebook, "double", "square")


def swapped(notebook: NotebookNode) -> None:
    """Write each answer into the other's cell."""
    write(notebook, "double", ANSWERS["square"])
    write(notebook, "square", ANSWERS["double"])


def one_needs_the_other(notebook: NotebookNode) -> None:
    """Merge two of which the later calls the earlier."""
    write(notebook, "square", f"{HELPED}\n\n{ANSWERS['double']}")
    delete(notebook, "double")


def merged_with_its_test(notebook: NotebookNode) -> None:
    """Merge an exercise, its test and the next exercise."""
    merge(notebook, "double", "test_double", "square")


def merged_behind_a_test(notebook: NotebookNode) -> None:
    """Merge an exercise with the locked test above it, whose marks the cell keeps."""
    merge(notebook, "test_double", "square")


def merged_behind_given_code(notebook: NotebookNode) -> None:
    """Merge an exercise with the locked code above it."""
    merge(notebook, grade_id_of(notebook.cells[1]), "double")


def written_into_a_test(notebook: NotebookNode) -> None:
    """Write an answer into a test that was changed, too, and leave the stub."""
    write(notebook, "test_double", f"{ANSWERS['square']}\ncheck.equal(double(3), 6)")


def merged_with_all_tests(notebook: NotebookNode) -> None:
    """Merge all code of the lesson into one cell."""
    merge(notebook, "double", "test_double", "square", "test_square")


def split_with_marks_above(notebook: NotebookNode) -> None:
    """Split a helper from the answer; the marks stay with the helper."""
    write(notebook, "double", "two = 2")
    notebook.cells.insert(
        at(notebook, "double") + 1, new_code_cell("def double(x): return two * x")
    )


LEFT_AS_STUBS = (
    all_in_the_first_beside_a_stub,
    all_in_the_last_beside_a_stub,
    all_at_the_top,
    all_in_the_scratch_cell,
)
SOLVED = (
    all_in_the_first,
    all_in_the_last,
    all_in_the_last_beside_an_empty_cell,
    all_at_the_end,
    all_under_a_condition,
    all_as_values,
    swapped,
    one_needs_the_other,
    merged_with_its_test,
    merged_behind_a_test,
    merged_behind_given_code,
    merged_with_all_tests,
    split_with_marks_above,
)


def arranged(root: Path, change: Callable[[NotebookNode], None]) -> NotebookNode:
    """Return a notebook with right answers, arranged anew."""
    notebook = answered(root) if change in SOLVED else read(root, "release")
    if change is written_into_a_test:
        write(notebook, "double", ANSWERS["double"])
    change(notebook)
    return notebook


def test_grade_answers_wherever_they_stand(course: Path) -> None:
    """Right answers have all their points, however the cells were merged, split or deleted."""
    changes = (*SOLVED, *LEFT_AS_STUBS, written_into_a_test)
    for change in changes:
        # Whole, so that the course's own notebook takes its place in the arrangement.
        submit(course, change.__name__, change=lambda n, c=change: n.update(arranged(course, c)))
    result = grade(Course(course), ASSIGNMENT, n_workers=1)
    points = {one.student: one.points for one in result.scores if one.notebook == "doubling"}
    assert points == {change.__name__: 5.0 for change in changes}
    notes = {change: result.notes.get((change.__name__, "doubling"), ()) for change in changes}
    accusing = ("edited", "grading marks of cells had been changed", "moved", "more than once")
    assert [n for found in notes.values() for n in found if any(a in n for a in accusing)] == []


@pytest.mark.parametrize("change", [*SOLVED, *LEFT_AS_STUBS, written_into_a_test])
def test_repair_of_merged_cells_is_idempotent(
    course_template: Path, change: Callable[[NotebookNode], None]
) -> None:
    """A graded notebook that comes in again is as it was."""
    source, release = read(course_template, "source"), read(course_template, "release")
    fixed, _ = repair(arranged(course_template, change), source, release)
    assert repair(fixed, source, release)[0] == fixed


def test_repair_says_where_the_answer_stands(course_template: Path) -> None:
    """A cell that lost its answer to another names it, and the note says that it counts."""
    notebook = arranged(course_template, all_in_the_first)
    source, release = read(course_template, "source"), read(course_template, "release")
    fixed, notes = repair(notebook, source, release)
    told = fixed.cells[at(fixed, "square")].source
    assert told == "# The answer to `square` stands in the cell of `double`."
    (note,) = notes
    assert note.startswith("Answers were found outside their own cells, and count: `square`.")


def test_repair_keeps_a_stub_where_nothing_answers(course_template: Path) -> None:
    """A use, an attribute or a text is not a definition, and a copy of the stub not an answer."""
    notebook = read(course_template, "release")
    stub = notebook.cells[at(notebook, "square")].source
    delete(notebook, "square")
    texts = ("y = [square]", "np.square = 3", '"""\ndef square(x): pass\n"""', stub)
    notebook.cells += [new_code_cell(text) for text in texts]
    source, release = read(course_template, "source"), read(course_template, "release")
    fixed, notes = repair(notebook, source, release)
    assert fixed.cells[at(fixed, "square")].source == stub
    assert "`square`" in notes[0]


LATE = DOUBLING.replace("## Squares", "## Squares\n\n```python\nFACTOR = 1\n```\n")
LATE = LATE.replace("def square(x):", "def square(x, factor=FACTOR):")
LATE_ANSWERS = {"double": ANSWERS["double"], "square": LATE_SQUARE}


@pytest.mark.parametrize("change", [all_in_the_first, all_in_the_last, all_at_the_end])
def test_grade_merged_answer_that_needs_what_is_given_later(
    course: Path, change: Callable[[NotebookNode], None]
) -> None:
    """An answer that stops its merged cell, since the lesson gives what it needs later, counts."""
    write_lesson(course, "doubling", LATE)
    generate_assignment(course)

    def solve(notebook: NotebookNode) -> None:
        for name, source in LATE_ANSWERS.items():
            write(notebook, name, source)
        if change is all_in_the_first:
            merge(notebook, "double", "square")
            return
        both = "\n\n".join(LATE_ANSWERS.values())
        delete(notebook, "double")
        if change is all_at_the_end:
            delete(notebook, "square")
            notebook.cells.append(new_code_cell(both))
        else:
            write(notebook, "square", both)

    submit(course, "ada", change=solve)
    result = grade(Course(course), ASSIGNMENT, n_workers=1)
    assert {one.points for one in result.scores if one.notebook == "doubling"} == {5.0}


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("def f(x):\n    g = 1", {"f"}),
        ("async def f(): pass\nclass G: pass", {"f", "G"}),
        ("f, (g, *h) = x\nk: int = 3\nn += 1", {"f", "g", "h", "k", "n"}),
        ("for f in x:\n    g = 1\nwith x as h:\n    pass", {"f", "g", "h"}),
        ("try:\n    def f(): pass\nexcept E:\n    f = 3", {"f"}),
        ("import a.b, c as d\nfrom e import g as h", {"a", "d", "h"}),
        ("def f():\n    global g\n    g = 1", {"f", "g"}),
        ("(f := 3)", {"f"}),
        ("%matplotlib inline\n!ls\nf = 1\nf?", {"f"}),
        ("%%time\ndef f(): pass", {"f"}),
        ("%%writefile x.py\ndef f(): pass", set()),
        ("def f(x):\n    return (x", {"f"}),
        ("f = 1\0", {"f"}),
        ("f = " + "(" * 100_000, {"f"}),
        ("f = '\\d'", {"f"}),
        ("x.f = 1\nx[g] = 2\nh(k)", set()),
    ],
)
def test_defines_what_a_cell_binds(code: str, names: set[str]) -> None:
    """Every way to bind a name counts, and so does a cell that does not parse."""
    assert defines(code) == names


def test_definitions_of_a_huge_notebook_are_read_at_a_glance() -> None:
    """Beyond some letters a notebook's cells are not parsed any more; plain answers still count."""
    names_in = Definitions()
    names_in("x = 1\n" * 40_000)
    assert names_in("if True:\n    def f(): pass") == set()
    assert names_in("def f(): pass") == {"f"}
