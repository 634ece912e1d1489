"""Write what the judge found into the notebook that goes to `autograded/`.

The form is fixed: feedback and export read it.

`notebook.metadata["coursework"]`
    ``{"version": 1, "notes": [...], "is_readable": bool, "digest": "..."}``: what was wrong
    with the submitted file and what was repaired, a sentence each; whether the file could be
    read at all; and a digest of what was submitted, to see when that changes.
The cell of a question without an answer that may have one elsewhere
    ``{"coursework": {"doubt": "..."}}``: why a person decides.
The cell of a question that does not count after all
    ``{"coursework": {"void": "..."}}``: why.
Each test cell
    One output ``display_data`` with ``text/plain`` and ``text/html`` (escaped), and in its
    metadata ``{"coursework": {...}}``: the fields of `coursework.judge.report.Outcome`, with
    lists for tuples.
Each other code cell that was run
    The outputs of the student's cell; HTML is cleaned, scripts and the like are dropped.
Below each answer to a question of the lesson's
    Markdown with the model answer and the mark scheme (see `guide`); its metadata
    is ``{"coursework": {"role": "guide"}}``.
First cell, only if there are notes
    Markdown with the notes as plain escaped text; its metadata is
    ``{"coursework": {"role": "notes"}}``.
"""

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import nbformat
from nbformat import NotebookNode

from coursework.course.cells import grade_id_of
from coursework.course.lesson import Cell
from coursework.grading.guide import guide_to
from coursework.grading.outcomes import kept
from coursework.judge.report import CellRun, Outcome, Part, Report
from coursework.submissions.drawing import clean_svg
from coursework.submissions.harmless import has_macros
from coursework.submissions.metadata import KEY, notes_of
from coursework.submissions.repair import NOTES_ID
from coursework.submissions.sanitize import clean_html, clean_text, image_uri

__all__ = ["annotate"]

_SVG = "image/svg+xml"
_SHOWN = ("text/plain", "text/latex", "image/png", "image/jpeg")
_NAMES = {
    "passed": "Passed",
    "failed": "Not right yet",
    "unwritten": "Not written",
    "timeout": "Out of time",
    "died": "The process ended",
    "broken": "Could not be tested",
}
_COLOURS = {"passed": "#1b7837", "unwritten": "#666666"}
_FAILED_COLOUR = "#b2182b"


def annotate(notebook: NotebookNode, report: Report, questions: Iterable[Cell] = ()) -> None:
    """Write outputs and verdicts into a prepared notebook, in place.

    Parameters
    ----------
    notebook : NotebookNode
        The notebook that was graded; `report.runs` counts its cells.
    report : Report
    questions : iterable of Cell
        The lesson's questions, as in the source.
    """
    outcomes = {outcome.id: outcome for outcome in report.outcomes}
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        outcome = outcomes.get(grade_id_of(cell))
        cell.outputs = [_verdict(outcome)] if outcome else _outputs(report.runs.get(index))
    notebook.cells = list(_with_guides(notebook.cells, questions))
    if notes := notes_of(notebook):
        notebook.cells.insert(0, _notes_cell(notes))


def _with_guides(
    cells: Iterable[NotebookNode], questions: Iterable[Cell]
) -> Iterator[NotebookNode]:
    known = {question.id: question for question in questions}
    for cell in cells:
        yield cell
        question = known.get(grade_id_of(cell))
        if guide := question and guide_to(question):
            yield guide


def _outputs(run: CellRun | None) -> list[NotebookNode]:
    return [nbformat.from_dict(_harmless(output)) for output in run.outputs] if run else []


def _harmless(output: Mapping[str, Any]) -> dict[str, Any]:
    """Drop what could act in the browser of anybody who opens the graded notebook."""
    if "data" not in output:
        return dict(output)
    data = dict(_harmless_data(output["data"]))
    # Other metadata of an output may name a file to show, or a frame to show it in.
    about = {mime: _texts_of(output, mime) for mime in data if mime.startswith("image/")}
    return {
        **output,
        "data": data,
        "metadata": {mime: kept for mime, kept in about.items() if kept},
    }


def _texts_of(output: Mapping[str, Any], mime: str) -> dict[str, str]:
    """Return a picture's alt text, as metadata."""
    alt = clean_text(output["metadata"].get(mime, {}).get("alt", ""), 2000)
    return {"alt": alt} if alt else {}


def _harmless_data(data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for mime in filter(data.__contains__, _SHOWN):
        if _is_harmless(mime, data[mime]):
            yield mime, data[mime]
    if _SVG in data and (drawing := clean_svg(data[_SVG])):
        yield _SVG, drawing
    if "text/html" in data:
        cleaned = clean_html(data["text/html"])
        yield "text/html", f"<pre>{cleaned}</pre>" if has_macros(cleaned) else cleaned


def _is_harmless(mime: str, value: Any) -> bool:
    if mime.startswith("image/"):
        return image_uri(mime, value) is not None
    return mime != "text/latex" or not has_macros(html.escape("".join(map(str, value))))


def _verdict(outcome: Outcome) -> NotebookNode:
    data = {"text/plain": _plain(outcome), "text/html": _html(outcome)}
    found = {"output_type": "display_data", "data": data, "metadata": kept(outcome)}
    return nbformat.from_dict(found)


def _headline(verdict: Outcome | Part) -> str:
    return f"{_NAMES[verdict.status]}: {verdict.points:g} of {verdict.max_points:g} points"


def _remarks(verdict: Outcome | Part) -> list[str]:
    """Return the remarks besides the message, a sentence or two each."""
    hints = (f"Hint: {hint}" for hint in verdict.hints)
    return [text for text in (verdict.diagnosis, verdict.credit, *hints) if text]


def _plain(outcome: Outcome) -> str:
    lines = [_headline(outcome)]
    for verdict in outcome.parts or (outcome,):
        lines += [f"{verdict.name}: {_headline(verdict)}"] if isinstance(verdict, Part) else []
        lines += [verdict.message] if verdict.message else []
        lines += _remarks(verdict)
    return "\n".join(lines)


def _html(outcome: Outcome) -> str:
    lines = [f"<strong>{html.escape(_headline(outcome))}</strong>"]
    for verdict in outcome.parts or (outcome,):
        if isinstance(verdict, Part):
            text = html.escape(f"{verdict.name}: {_headline(verdict)}")
            lines.append(f"<div><strong>{text}</strong></div>")
        if verdict.message:
            style = "white-space: pre-wrap; margin: 0.4em 0"
            lines.append(f'<pre style="{style}">{html.escape(verdict.message)}</pre>')
        lines += [f"<div>{html.escape(remark)}</div>" for remark in _remarks(verdict)]
    colour = _COLOURS.get(outcome.status, _FAILED_COLOUR)
    style = f"border-left: 4px solid {colour}; padding: 0.2em 0.8em"
    return f'<div style="{style}">{"".join(lines)}</div>'


def _notes_cell(notes: Sequence[str]) -> NotebookNode:
    lines = ("**Notes on this submission**", "", *(f"- {_literal(note)}" for note in notes))
    return NotebookNode(
        cell_type="markdown",
        id=NOTES_ID,
        metadata=NotebookNode({KEY: NotebookNode(role="notes")}),
        source="\n".join(lines),
    )


def _literal(text: str) -> str:
    """Return Markdown that shows the text as it is: entities are never read as markup."""
    line = " ".join(text.split())
    return re.sub(r"[^\w\s.,:;'()“”…-]|_", lambda found: f"&#{ord(found[0])};", line)
