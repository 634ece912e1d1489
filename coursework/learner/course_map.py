"""The map of a course, for display."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from itertools import groupby

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from coursework.learner.status import Exercise, Progress, Status

__all__ = ["as_lines", "to_json"]


def as_lines(found: Status) -> RenderableType:
    """Return the map for people to read; for a single lesson, its exercises."""
    if len(found.lessons) == 1 and found.lessons[0].is_begun:
        return Group(*_lesson(found.lessons[0]), _next_line(found))
    rows: list[RenderableType] = []
    names = [(one.title, one.key.partition("/")[2]) for one in found.lessons]
    widths = [max(map(len, column)) for column in zip(*names, strict=True)]
    for assignment, group in groupby(found.lessons, key=lambda one: one.key.partition("/")[0]):
        table = Table(box=None, show_header=False, padding=(0, 1))
        table.add_column()
        for width in widths:
            table.add_column(min_width=width)
        for one in group:
            mark, style = _mark(one)
            name = one.key.partition("/")[2]
            table.add_row(Text(f" {mark}", style), Text(one.title), Text(name, "dim"), _state(one))
        rows += [Text(assignment, style="bold"), table]
    return Group(*rows, _next_line(found))


def _next_line(found: Status) -> Text:
    return Text(f"Next: {found.next}", style="bold")


def _mark(one: Progress) -> tuple[str, str]:
    if one.problem:
        return "✗", "red"
    if one.is_done:
        return "✓", "green"
    return ("▸", "yellow") if one.is_begun else ("·", "dim")


def _state(one: Progress) -> Text:
    if one.is_planned:
        return Text("planned", style="dim italic")
    if one.problem:
        return Text("cannot be read", style="red")
    if not one.is_begun:
        return Text(f"{one.max_points:g} points", style="dim")
    answered = sum(exercise.is_answered for exercise in one.exercises)
    parts = [f"{one.points:g} of {one.max_points:g} points"]
    if not one.is_done:
        parts.append(f"{answered} of {len(one.exercises)} answered")
    if one.is_saved_since and answered:
        parts.append("saved since the last check")
    return Text(", ".join(parts))


def _lesson(one: Progress) -> Iterator[Text]:
    yield Text(f"{one.key}: {one.title}", style="bold")
    if one.problem:
        yield Text(one.problem, style="red")
    for exercise in one.exercises:
        mark = "✓" if exercise.is_done else "▸" if exercise.is_answered else "·"
        yield Text(f" {mark} {exercise.name}  {_points_of(exercise)}")


def _points_of(one: Exercise) -> str:
    if one.is_question:
        return f"question, {one.max_points:g} points by hand"
    if one.points is None:
        return f"not checked, {one.max_points:g} points"
    return f"{one.points:g} of {one.max_points:g} points"


def to_json(found: Status) -> str:
    """Return the map as JSON."""
    lessons = [
        asdict(one) | {"points": one.points, "is_done": one.is_done} for one in found.lessons
    ]
    return json.dumps({"lessons": lessons, "next": found.next})
