"""Text that readers unfold: hints, proofs, answers to questions before a figure.

Authors write a region; readers get `<details>`, which JupyterLab, GitHub, nbconvert and the
feedback pages all show. The blank lines inside make Markdown and formulas work there.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from coursework.course.lesson import Cell, Lesson, with_texts

__all__ = ["HINTS", "Answered", "answered", "broken_folds", "folded", "hints", "with_folds"]

HINTS = ("a question", "an idea", "the first line")
"""The titles of a hint's steps, in order."""

_ITEM = re.compile(r"^(\d+)\. +(?=\S)")
_INDENT = re.compile(r"^ {1,3}")
_ANSWER = re.compile(
    r"(?P<question>.*?)^<!-- BEGIN ANSWER -->\n(?P<answer>.*?)^<!-- END ANSWER -->\s*\Z",
    re.DOTALL | re.MULTILINE,
)
_PROSE_START = re.compile(r"[\w$*`“\"'(]")
_NOT_IN_TITLE = re.compile(r"[$`<>\n]")
_HINT_FORM = "write a numbered list of three: a question, the idea, the first line"
_PREDICT_FORM = "write the question, then <!-- BEGIN ANSWER -->, the answer, <!-- END ANSWER -->"


@dataclass(frozen=True)
class Answered:
    """A question before a figure, and the answer that a reader unfolds."""

    question: str
    answer: str


def folded(summary: str, text: str) -> str:
    """Return Markdown that shows its summary, and its text when it is unfolded."""
    # Without the blank lines the text would be HTML, without Markdown and formulas.
    return f"<details><summary>{html.escape(summary)}</summary>\n\n{text.strip()}\n\n</details>"


def hints(source: str) -> tuple[str, ...]:
    """Return the items of a numbered list, without number and indentation.

    It is empty if the text is anything but one list, numbered from 1.
    """
    items: list[list[str]] = []
    for line in source.strip().split("\n"):
        if found := _ITEM.match(line):
            if int(found[1]) != len(items) + 1:
                return ()
            items.append([line[found.end() :]])
        elif not items or (line.strip() and not _INDENT.match(line)):
            return ()
        else:
            items[-1].append(_INDENT.sub("", line))
    return tuple("\n".join(lines).strip() for lines in items)


def answered(source: str) -> Answered | None:
    """Split a question from its answer; None unless there is one of each."""
    found = _ANSWER.fullmatch(source.strip())
    parts = [found[name].strip() for name in ("question", "answer")] if found else []
    return Answered(*parts) if all(parts) and parts else None


def with_folds(lesson: Lesson) -> Lesson:
    """Return a lesson with hints, proofs and questions before figures in the form for readers."""
    build = {"hint": _hint, "why": _why, "predict": _predict}
    return with_texts(
        lesson,
        {
            index: build[cell.kind](cell)
            for index, cell in enumerate(lesson.cells)
            if cell.kind in build
        },
    )


def _hint(cell: Cell) -> str:
    steps = enumerate(zip(HINTS, hints(cell.source), strict=True), start=1)
    return "\n\n".join(folded(f"Hint {n}: {what}", text) for n, (what, text) in steps)


def _why(cell: Cell) -> str:
    return folded(f"Why this is so (optional): {cell.title}", cell.source)


def _predict(cell: Cell) -> str:
    found = answered(cell.source)
    assert found is not None  # noqa: S101  (the rules have asked for it)
    between = " " if _PROSE_START.match(found.question) else "\n\n"
    return f"**Predict first.**{between}{found.question}\n\n{folded('Answer', found.answer)}"


def broken_folds(lesson: Lesson) -> Iterator[tuple[Cell, str]]:
    """Yield which regions of a lesson cannot be built: the cell, and a text."""
    exercises = {cell.exercise for cell in lesson.of_kind("exercise")}
    for cell in lesson.cells:
        if text := _broken_hint(cell, exercises) or _broken_answer(cell) or _broken_text(cell):
            yield cell, text


def _broken_hint(cell: Cell, exercises: set[str]) -> str:
    if cell.kind != "hint":
        return ""
    if cell.exercise not in exercises:
        return f"there is no exercise {cell.exercise!r} to give hints for: mend the name"
    is_whole = len(hints(cell.source)) == len(HINTS)
    return "" if is_whole else f"the hints for {cell.exercise!r} are not three: {_HINT_FORM}"


def _broken_answer(cell: Cell) -> str:
    if cell.kind == "predict" and answered(cell.source) is None:
        return f"the question {cell.title!r} has no answer, or two: {_PREDICT_FORM}"
    if cell.kind != "predict" and "<!-- BEGIN ANSWER" in cell.source:
        return 'an answer to unfold belongs in <!-- #region predict="name" -->: begin one'
    return ""


def _broken_text(cell: Cell) -> str:
    if cell.kind in ("why", "rest") and not cell.source.strip():
        return f"this region of {cell.kind} is empty: write its text, or remove it"
    if cell.kind == "why" and _NOT_IN_TITLE.search(cell.title):
        return f'why="{cell.title}" is shown as it is: say it without formulas and code'
    return ""
