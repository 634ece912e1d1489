"""From an autograded notebook to a feedback page."""

import html
import re
from collections.abc import Iterable, Mapping
from typing import Any

from nbformat import NotebookNode

from coursework.course.cells import (
    grade_id_of,
    is_exercise,
    is_graded_by_hand,
    is_test,
    nbgrader_of,
)
from coursework.feedback.checks import checks_of, owner_of
from coursework.feedback.page import Fold, Page, Section
from coursework.feedback.rendering import Rendering
from coursework.grading.outcomes import is_adjusted, is_of_grading, points_of
from coursework.submissions.sanitize import clean_text

__all__ = ["NO_COMMENT", "assemble", "with_code"]

# What nbgrader writes as the comment, and the release as the answer, if none was given.
NO_COMMENT = "No response."
NO_ANSWER = "YOUR ANSWER HERE"
MAX_NOTE = 1_000


def assemble(notebook: NotebookNode, about: Mapping[str, Any]) -> Page:
    """Return the page of an autograded notebook.

    Parameters
    ----------
    notebook : NotebookNode
        With grades and comments in its cells, and without hidden tests.
    about : mapping
        nbgrader's `resources["nbgrader"]`: student, assignment, notebook, score,
        max_score, late_penalty.
    """
    notes = _notes(notebook)
    return Page(
        student=clean_text(about["student"], 200),
        assignment=clean_text(about["assignment"], 200),
        notebook=clean_text(about["notebook"], 200),
        points=float(about["score"]),
        max_points=float(about["max_score"]),
        late_penalty=float(about.get("late_penalty", 0)),
        notes_html=tuple(with_code(clean_text(note, MAX_NOTE)) for note in notes),
        items=tuple(_items(_without_repeats(notebook.cells, " ".join(notes)), Rendering())),
    )


def _notes(notebook: NotebookNode) -> list[str]:
    found = notebook.metadata.get("coursework", {})
    return list(map(str, found.get("notes", ()))) if isinstance(found, dict) else []


def with_code(text: str) -> str:
    """Return text as HTML, in which what stands between backticks is code."""
    return re.sub(r"`([^`\n]+)`", r"<code>\1</code>", html.escape(text))


def _without_repeats(cells: list[NotebookNode], notes: str) -> list[NotebookNode]:
    """Drop comments that only repeat what was noted before grading."""
    for cell in cells:
        found = nbgrader_of(cell)
        if notes and found.get("comment") == notes:
            found["comment"] = NO_COMMENT
    return cells


def _items(cells: list[NotebookNode], render: Rendering) -> Iterable[Section | Fold]:
    tests = _tests_by_exercise(cells)
    between: list[NotebookNode] = []
    number = 0
    for cell in cells:
        is_heading = is_exercise(cell) or is_graded_by_hand(cell)
        if is_heading or (is_test(cell) and grade_id_of(cell) in tests):
            number += 1
            yield from _fold(between, render)
            between = []
            own = tests.get(grade_id_of(cell), [])
            yield _section(cell, f"part-{number}", own, render)
        elif not is_test(cell) and not is_of_grading(cell):
            between.append(cell)
    yield from _fold(between, render)


def _tests_by_exercise(cells: list[NotebookNode]) -> dict[str, list[NotebookNode]]:
    """Return the test cells of each exercise; a test without an exercise stands for itself."""
    exercises: list[str] = []
    tests: dict[str, list[NotebookNode]] = {}
    for cell in cells:
        if is_exercise(cell):
            exercises.append(grade_id_of(cell))
        elif is_test(cell):
            owner = owner_of(cell, exercises) or grade_id_of(cell)
            tests.setdefault(owner, []).append(cell)
    return tests


def _section(
    cell: NotebookNode, anchor: str, tests: list[NotebookNode], render: Rendering
) -> Section:
    name, by_hand = grade_id_of(cell), is_graded_by_hand(cell)
    found = nbgrader_of(cell)
    comment = str(found.get("comment") or "")
    is_code = cell.cell_type == "code" and not is_test(cell)
    earned = [points_of(graded) for graded in ([cell] if by_hand else tests)]
    return Section(
        anchor=anchor,
        title=clean_text(name, 200),
        is_question=by_hand,
        points=sum(points for points, _ in earned),
        max_points=sum(most for _, most in earned),
        pending=by_hand and bool(found.get("needs_manual_grade")),
        adjusted=any(is_adjusted(test) for test in tests),
        checks=tuple(check for test in tests for check in checks_of(test, name)),
        code_html=render.code(cell.source) if is_code else "",
        outputs_html=render.outputs(cell.outputs) if is_code else "",
        answer_html="" if cell.cell_type == "code" else _answer(cell, comment, render),
        comment_html="" if comment == NO_COMMENT else render.markdown(comment),
    )


def _answer(cell: NotebookNode, comment: str, render: Rendering) -> str:
    if comment == NO_COMMENT or cell.source.strip() in ("", NO_ANSWER):
        return ""
    return render.markdown(cell.source, cell.get("attachments"))


def _fold(cells: list[NotebookNode], render: Rendering) -> Iterable[Fold]:
    shown = [cell for cell in cells if cell.source.strip()]
    if shown:
        kinds = dict.fromkeys(map(_kind, shown))
        texts = (_folded(cell, render) for cell in shown)
        yield Fold(", ".join(kinds).capitalize(), "\n".join(texts))


def _kind(cell: NotebookNode) -> str:
    if cell.cell_type != "code":
        return "lesson text"
    return "given code" if grade_id_of(cell) else "other code"


def _folded(cell: NotebookNode, render: Rendering) -> str:
    if cell.cell_type != "code":
        text = render.markdown(cell.source, cell.get("attachments"))
        return f'<div class="prose">{text}</div>'
    outputs = render.outputs(cell.outputs)
    return f'<pre class="code">{render.code(cell.source)}</pre>\n{outputs}'
