"""The parts of a lesson: each ends at a resting place, the last one with the lesson."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from coursework.authoring.form.finding import Finding
from coursework.authoring.form.reading import sections
from coursework.course.lesson import Lesson, with_texts

__all__ = ["Part", "broken_parts", "parts", "with_rests"]

SHORTEST, LONGEST = 45, 60
"""Minutes of a part."""
MOST = 3
_TOLERANCE = 5

_TAKES = re.compile(r"^\*\*It takes\*\*(.*)$", re.MULTILINE)
_COUNT = re.compile(r"\b(one|two|three|\d+) parts?\b")
_MINUTES = re.compile(r"\b(\d+(?:(?:, | and )(?:about )?\d+)*) minutes")
_COUNTS = {"one": 1, "two": 2, "three": 3}


@dataclass(frozen=True)
class Part:
    """What is between two resting places.

    Attributes
    ----------
    line : int
        Where it ends, counted from 1.
    index : int
        Of the cell that ends it.
    minutes : int
        The sum of its headings' minutes.
    """

    line: int
    index: int
    minutes: int


def parts(lesson: Lesson) -> tuple[Part, ...]:
    """Return the parts of a lesson, in order."""
    ends = [(cell.line, n) for n, cell in enumerate(lesson.cells) if cell.kind == "rest"]
    ends.append((lesson.cells[-1].line, len(lesson.cells)))
    found, start = [], 0
    timed = sections(lesson)
    for line, end in ends:
        minutes = sum(one.minutes or 0 for one in timed if start <= one.index < end)
        found.append(Part(line, end, minutes))
        start = end
    return tuple(found)


def with_rests(lesson: Lesson) -> Lesson:
    """Return a lesson whose resting places say which part is over, and how long it took."""
    found = parts(lesson)
    texts = {}
    for number, part in enumerate(found[:-1], start=1):
        said = f"(part {number} of {len(found)}, {part.minutes} minutes)"
        text = lesson.cells[part.index].source.strip()
        texts[part.index] = f"---\n\n**A good place to rest** {said}.\n{text}"
    return with_texts(lesson, texts)


def broken_parts(lesson: Lesson) -> Iterator[Finding]:
    """Find parts that are too short or too long, and an opening that says something else."""
    found = parts(lesson)
    for number, part in enumerate(found, start=1):
        if not SHORTEST <= part.minutes <= LONGEST:
            text = (
                f"part {number} of {len(found)} takes {part.minutes} minutes by its headings, "
                f"not {SHORTEST} to {LONGEST}: move or add <!-- #region rest -->"
            )
            yield Finding("parts", part.line, text)
    if len(found) > MOST:
        text = f"the lesson has {len(found)} parts, more than {MOST}: make two lessons of it"
        yield Finding("parts", found[-1].line, text)
    yield from _head(lesson, found)


def _head(lesson: Lesson, found: tuple[Part, ...]) -> Iterator[Finding]:
    minutes = [part.minutes for part in found]
    remedy = f"write **It takes** {_told(minutes)}"
    for cell in lesson.of_kind("prose"):
        if said := _TAKES.search(cell.source):
            line = cell.line + cell.source.count("\n", 0, said.start())
            if not _agrees(said[1], minutes):
                text = f"the opening states a different time from the headings: {remedy}"
                yield Finding("parts", line, text)
            return
    yield Finding("parts", 1, f"the opening does not say how long the lesson takes: {remedy}")


def _agrees(said: str, minutes: list[int]) -> bool:
    count = _COUNT.search(said)
    if (_COUNTS.get(count[1]) or int(count[1]) if count else 1) != len(minutes):
        return False
    times = _MINUTES.search(said)
    named = [int(one) for one in re.findall(r"\d+", times[1])] if times else []
    if len(named) == 1:
        named *= len(minutes)
    return len(named) == len(minutes) and all(
        abs(one - other) <= _TOLERANCE for one, other in zip(named, minutes, strict=True)
    )


def _told(minutes: list[int]) -> str:
    words = {value: word for word, value in _COUNTS.items()}
    if len(minutes) == 1:
        return f"about {minutes[0]} minutes"
    count = words.get(len(minutes), len(minutes))
    if max(minutes) - min(minutes) <= _TOLERANCE:
        return f"{count} parts of about {round(sum(minutes) / len(minutes))} minutes"
    listed = ", ".join(map(str, minutes[:-1]))
    return f"{count} parts, of about {listed} and {minutes[-1]} minutes"
