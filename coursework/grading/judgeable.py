"""What in a plain assignment cannot be judged from outside the student's process.

Some tests reach into it: they delete a name there, replace a function, read what is printed.
Known tests of this kind are named; to find the rest, the instructor's own solution is judged
before anybody's: a test that it does not pass is not held against students.
"""

import ast
import copy
from collections.abc import Iterator
from itertools import chain

from nbformat import NotebookNode

from coursework.course.lesson import Cell, Lesson
from coursework.errors import ConfigError, LessonError
from coursework.judge.instructor import Instructor, quietly
from coursework.judge.judge import Judge

__all__ = ["demand_judgeable"]

_PRINTS = "reads what the student's code prints"
_REPLACES = "replaces functions in the student's process"
_LOOKS = "looks into the student's notebook"
_REACHES = {
    "get_ipython": "uses IPython's own commands",
    "globals": _LOOKS,
    "locals": _LOOKS,
    "vars": _LOOKS,
    "exec": "runs code in the student's notebook",
    "getsource": "reads the student's source",
    "inspect.getsource": "reads the student's source",
    "sys.stdout": _PRINTS,
    "sys.stderr": _PRINTS,
    "redirect_stdout": _PRINTS,
    "contextlib.redirect_stdout": _PRINTS,
    "contextlib.redirect_stderr": _PRINTS,
    "capture_output": _PRINTS,
    "patch": _REPLACES,
    "mock.patch": _REPLACES,
    "unittest.mock.patch": _REPLACES,
    "monkeypatch": _REPLACES,
}


def demand_judgeable(judge: Judge, lesson: Lesson, notebook: NotebookNode) -> None:
    """Refuse a plain assignment with a test that cannot be judged from outside.

    Parameters
    ----------
    judge : Judge
    lesson : Lesson
        Of any kind; only plain ones are looked at.
    notebook : NotebookNode
        The instructor's notebook with the solutions.

    Raises
    ------
    ConfigError
        With the test, or the cell that does not run, the reason and the remedy.
    """
    if not lesson.is_plain:
        return
    try:
        instructor = judge.instructor(lesson)
    except LessonError as error:
        raise ConfigError(_refusal(f"{error}, where the judge runs it", lesson)) from error
    for test, reason in chain(_known(instructor), _failing(judge, lesson, notebook)):
        raise ConfigError(_refusal(f"{lesson.path}: the test `{test}` {reason}", lesson))


def _refusal(cause: str, lesson: Lesson) -> str:
    return (
        f"{cause}: this cannot be judged from outside the student's process. To have nbgrader's "
        "own Execute run the tests of this assignment, unprotected, write "
        f'c.SubmissionExporter.executed = ["{lesson.assignment}"] into course_config.py '
        f"and use `nbgrader autograde {lesson.assignment}`"
    )


def _known(instructor: Instructor) -> Iterator[tuple[str, str]]:
    """Yield tests that reach into the student's process, with what they do."""
    for test in instructor.lesson.of_kind("test"):
        if reason := _reach(test, instructor):
            yield test.id, reason


def _reach(test: Cell, instructor: Instructor) -> str:
    if "AUTOTEST" in test.source:
        return "is to be written by nbgrader from AUTOTEST lines"
    if any(line.startswith(("%", "!")) for line in test.source.split("\n")):
        return _REACHES["get_ipython"]
    tree = ast.parse(test.source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and (reason := _rebinding(node, instructor)):
            return reason
        if isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node) in _REACHES:
            return _REACHES[ast.unparse(node)]
    return "gives points by its last value" if _ends_in_points(tree, instructor) else ""


def _rebinding(node: ast.Name, instructor: Instructor) -> str:
    """Return what a test does to a name of the student's without the student's knowledge."""
    if node.id not in instructor.exercise_names:
        return ""
    if isinstance(node.ctx, ast.Del):
        return f"deletes `{node.id}` in the student's notebook"
    is_replaced = isinstance(node.ctx, ast.Store) and callable(instructor.namespace.get(node.id))
    return f"replaces `{node.id}` in the student's notebook" if is_replaced else ""


def _ends_in_points(tree: ast.Module, instructor: Instructor) -> bool:
    """Whether a test ends in a value that nbgrader takes for a number of points."""
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, ast.Expr):
        return False
    before, value = ast.Module(tree.body[:-1], []), ast.Expression(last.value)
    namespace = dict(instructor.namespace)
    try:
        with quietly():
            exec(compile(before, "<test>", "exec"), namespace)  # noqa: S102  (the instructor's)
            float(repr(eval(compile(value, "<test>", "eval"), namespace)))  # noqa: S307
    except Exception:  # noqa: BLE001  (what fails here is told of when it is judged)
        return False
    return True


def _failing(judge: Judge, lesson: Lesson, notebook: NotebookNode) -> Iterator[tuple[str, str]]:
    """Yield tests that the instructor's own solution does not pass when it is judged."""
    report = judge.grade(lesson, copy.deepcopy(notebook), "instructor", explains=False)
    for outcome in report.outcomes:
        if outcome.points < outcome.max_points:
            said = " ".join(outcome.message.split())[:300]
            yield outcome.id, f"fails on the instructor's own solution when judged (“{said}”)"
