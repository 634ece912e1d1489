"""How long a lesson takes: what its headings say, and what reading and writing need at least."""

import ast
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile

from coursework.authoring.folds import answered
from coursework.authoring.form.finding import Finding
from coursework.authoring.form.text import heading_of, n_equations, n_words, without_fences
from coursework.course.lesson import Cell, Lesson
from coursework.course.regions import scan

__all__ = ["Section", "broken_minutes", "broken_opening", "sections"]

MAX_WORDS = 300
MAX_EQUATIONS = 2
"""Before the first exercise's stub."""
MAX_FIRST = 5
"""Minutes of the first exercise."""

_WORDS_A_MINUTE = 180
_MINUTES_AN_EQUATION = 0.5
_MINUTES_A_LINE = 0.5
_MINUTES = re.compile(r"· (\d+) minutes?\b")


@dataclass(frozen=True)
class Section:
    """A part of a lesson from one heading to the next that has minutes or is of level two.

    Attributes
    ----------
    title : str
        The heading, with minutes and all.
    line : int
    index : int
        Of the cell with the heading.
    minutes : int or None
        What the heading says.
    need : float
        Minutes that its words, formulas and exercises need at least.
    """

    title: str
    line: int
    index: int
    minutes: int | None
    need: float


def sections(lesson: Lesson) -> tuple[Section, ...]:
    """Return the sections of a lesson, without what comes before the first."""
    found: list[Section] = []
    for index, cell in enumerate(lesson.cells):
        for start, title, text in _pieces(cell):
            if title:
                minutes = _MINUTES.search(title)
                said = int(minutes[1]) if minutes else None
                found.append(Section(title, cell.line + start, index, said, 0.0))
            if found:
                last = found[-1]
                need = last.need + _time(cell, text)
                found[-1] = Section(last.title, last.line, last.index, last.minutes, need)
    return tuple(found)


def _pieces(cell: Cell) -> Iterator[tuple[int, str, str]]:
    """Split a cell at its headings: the first line, the heading or "", and the text."""
    if cell.kind != "prose":
        yield 0, "", cell.source
        return
    lines, plain = cell.source.split("\n"), without_fences(cell.source).split("\n")
    starts = [n for n, line in enumerate(plain) if _begins_section(line)]
    for start, end in zip([0, *starts], [*starts, len(lines)], strict=True):
        if start < end:
            heading = heading_of(plain[start]) if start in starts else None
            yield start, heading[1] if heading else "", "\n".join(lines[start:end])


def _begins_section(line: str) -> bool:
    level, title = heading_of(line) or (0, "")
    return level == 2 or (level > 2 and bool(_MINUTES.search(title)))  # noqa: PLR2004


def _time(cell: Cell, text: str) -> float:
    """Return the minutes that a piece of a cell needs; folded text is optional and takes none."""
    if cell.kind == "exercise":
        regions = scan(cell.source).of("SOLUTION")
        n_lines = sum(bool(line.strip()) for region in regions for line in region.lines)
        return _docstring_words(cell.source) / _WORDS_A_MINUTE + _MINUTES_A_LINE * n_lines
    if cell.is_code or cell.kind in ("hint", "why"):
        return 0.0
    if cell.kind == "question":
        text = "\n".join(takewhile(lambda line: "BEGIN" not in line, text.split("\n")))
    return n_words(text) / _WORDS_A_MINUTE + _MINUTES_AN_EQUATION * n_equations(text)


def _docstring_words(source: str) -> int:
    tree = ast.parse(source)
    kinds = (ast.FunctionDef, ast.ClassDef)
    texts = (ast.get_docstring(n) or "" for n in ast.walk(tree) if isinstance(n, kinds))
    return sum(len(text.split()) for text in texts)


def broken_minutes(lesson: Lesson) -> Iterator[Finding]:
    """Find headings whose minutes are missing, or too few for what is below them."""
    for section in sections(lesson):
        least = math.floor(section.need + 0.5)
        if section.minutes is None and least > 1:
            text = f"this section takes about {least} minutes: write · {least} minutes into it"
            yield Finding("minutes", section.line, text)
        elif section.minutes is not None and section.minutes < least:
            text = (
                f"the heading says {section.minutes} where the words, formulas and code below it "
                f"take {least} at least, in minutes: say more, or write less"
            )
            yield Finding("minutes", section.line, text)


def broken_opening(lesson: Lesson) -> Iterator[Finding]:
    """Find what keeps a reader from the first exercise: words, formulas, a long exercise."""
    first = next(lesson.of_kind("exercise"), None)
    if first is None:
        return
    before = list(takewhile(lambda cell: cell is not first, lesson.cells))
    texts = [text for cell in before if (text := _read(cell))]
    words, equations = sum(map(n_words, texts)), sum(map(n_equations, texts))
    if words > MAX_WORDS:
        text = f"{words} words come before the first exercise, {MAX_WORDS} at most: move some down"
        yield Finding("opening", first.line, text)
    if equations > MAX_EQUATIONS:
        text = (
            f"{equations} displayed formulas come before the first exercise, {MAX_EQUATIONS} at "
            "most: move them to where they are needed"
        )
        yield Finding("opening", first.line, text)
    index = lesson.cells.index(first)
    heading = [one for one in sections(lesson) if one.index < index][-1:]
    if heading and (heading[0].minutes or 0) > MAX_FIRST:
        text = f"the first exercise takes {MAX_FIRST} minutes at most, reading included: split it"
        yield Finding("opening", heading[0].line, text)


def _read(cell: Cell) -> str:
    """Return what everybody reads of a cell of text."""
    if cell.kind == "predict":
        found = answered(cell.source)
        return found.question if found else ""
    return cell.source if cell.kind in ("prose", "rest") else ""
