"""Assignments that were made without this project: nbgrader's own, of asserts and hidden tests.

In such a notebook only nbgrader's metadata say what a cell is. Graded cells without a solution
are tests; solution cells, and what is computed from their names, are the student's; an `assert`
is a check. The same judge grades them. `grading.judgeable` finds those that it cannot grade.
"""

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

from nbformat import NotebookNode
from nbgrader import utils

from coursework.course.cells import grade_id_of
from coursework.course.lesson import Cell, Kind, Lesson, from_notebook
from coursework.course.names import defined_names, loaded_names, without_magics
from coursework.errors import LessonError

__all__ = ["lesson_of"]

_ROLES = ("exercise", "test", "question")
_NAMED = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign)


def lesson_of(notebook: NotebookNode, path: Path) -> Lesson:
    """Return the lesson that an instructor's notebook holds, whoever made it.

    Raises
    ------
    LessonError
        A code cell of a plain assignment is not Python.
    """
    if not _is_plain(notebook):
        return from_notebook(notebook, path)
    cells = _with_definitions(_cells(notebook.cells, path))
    return Lesson(path.parent.name, path.stem, path, tuple(cells), is_plain=True)


def _is_plain(notebook: NotebookNode) -> bool:
    """Whether only nbgrader's metadata say what the cells are."""
    has_roles = any(role in cell.metadata for cell in notebook.cells for role in _ROLES)
    return not has_roles and any(map(grade_id_of, notebook.cells))


def _cells(nodes: Sequence[NotebookNode], path: Path) -> Iterator[Cell]:
    """Yield the cells; a test belongs to the latest answer before it whose names it uses."""
    answers: dict[str, frozenset[str]] = {}
    for node in nodes:
        name = grade_id_of(node) or node.id
        used = _used(node, name, path)
        kind = _kind(node, used, frozenset().union(*answers.values()))
        exercise = name if kind in ("exercise", "question") else ""
        if kind == "exercise":
            answers[name] = defined_names(node.source)
        elif kind == "test":
            tested = [answer for answer, names in answers.items() if names & used]
            exercise = (tested or list(answers) or [name])[-1]
        points = float(node.metadata.get("nbgrader", {}).get("points") or 0)
        yield Cell(kind, name, node.source, exercise, points=points)


def _used(node: NotebookNode, name: str, path: Path) -> frozenset[str]:
    try:
        return loaded_names(node.source) if node.cell_type == "code" else frozenset()
    except SyntaxError as error:
        text = f"the cell `{name}` is not Python (its line {error.lineno}: {error.msg})"
        raise LessonError(path, 0, text) from error


def _kind(node: NotebookNode, used: frozenset[str], own: frozenset[str]) -> Kind:
    """Return the role of a cell that uses some names, when the answers so far define `own`.

    What a cell computes from an answer, at once or when it is called, is the student's, too.
    """
    is_graded = utils.is_grade(node) or utils.is_task(node)
    if node.cell_type != "code":
        return "question" if is_graded or utils.is_solution(node) else "prose"
    if utils.is_solution(node):
        return "exercise"
    if is_graded:
        return "test"
    return "exercise" if own & used else "given"


def _with_definitions(cells: Iterator[Cell]) -> Iterator[Cell]:
    """Put before each test what it uses of earlier tests: their imports, functions and values.

    In a notebook they would still be there; the judge gives each test a namespace of its own.
    """
    earlier: list[ast.stmt] = []
    for cell in cells:
        if cell.kind != "test":
            yield cell
            continue
        body = ast.parse(without_magics(cell.source)).body
        needed = _needed(earlier, body)
        source = "\n".join([*map(ast.unparse, needed), cell.source])
        yield Cell(cell.kind, cell.id, source, cell.exercise, points=cell.points)
        earlier += [node for node in body if isinstance(node, _NAMED)]


def _needed(earlier: Sequence[ast.stmt], body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """Return the earlier statements that define what others use, in order."""
    wanted, needed = _loads(body), list[ast.stmt]()
    for node in reversed(earlier):
        if _names(node) & wanted:
            needed.insert(0, node)
            wanted |= _loads([node])
    return needed


def _loads(body: Sequence[ast.stmt]) -> set[str]:
    nodes = (node for statement in body for node in ast.walk(statement))
    return {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def _names(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    return set(defined_names(ast.unparse(node)))
