"""The form of a lesson, as far as a program can check it.

A lesson keeps the form, or its mistakes file says that it will do so later::

    [[later]]
    measure = "form"
    reason = "It is older than the form."

Then departures from the form are warnings, one for each rule.
"""

from collections.abc import Iterable, Iterator

from coursework.authoring.form.figures import broken_calls, broken_outputs
from coursework.authoring.form.finding import Finding
from coursework.authoring.form.folds import missing_hints
from coursework.authoring.form.links import Places, broken_links, with_links
from coursework.authoring.form.markdown import broken_markdown
from coursework.authoring.form.parts import broken_parts, with_rests
from coursework.authoring.form.reading import broken_minutes, broken_opening
from coursework.course.lesson import Lesson
from coursework.errors import LessonError

__all__ = [
    "FORM",
    "Finding",
    "Places",
    "broken_form",
    "broken_outputs",
    "errors_of",
    "summary",
    "with_links",
    "with_rests",
]

FORM = "form"
"""The measure that a lesson may postpone."""


def broken_form(lesson: Lesson, places: Places) -> Iterator[Finding]:
    """Find where a lesson, as written, departs from the form, by line."""
    if not any(lesson.of_kind("exercise")):
        return
    found = [
        *broken_opening(lesson),
        *broken_minutes(lesson),
        *broken_parts(lesson),
        *broken_links(lesson, places),
        *broken_markdown(lesson),
        *missing_hints(lesson),
        *broken_calls(lesson),
    ]
    yield from sorted(found, key=lambda one: one.line)


def errors_of(lesson: Lesson, found: Iterable[Finding]) -> list[LessonError]:
    """Return each finding as an error."""
    return [LessonError(lesson.path, one.line, one.message) for one in found]


def summary(lesson: Lesson, found: Iterable[Finding]) -> Iterator[LessonError]:
    """Return findings as warnings, one for each rule."""
    by_rule: dict[str, list[Finding]] = {}
    for one in found:
        by_rule.setdefault(one.rule, []).append(one)
    for rule, ones in by_rule.items():
        count = f"{rule}, {len(ones)} places, the first: " if len(ones) > 1 else f"{rule}: "
        yield LessonError(lesson.path, ones[0].line, count + ones[0].message)
