"""A reader's own check of a notebook against the course at hand, without a gradebook."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from coursework.course.layout import Course
from coursework.judge.report import Outcome, Part, by_exercise, sums
from coursework.learner.checker import Checked, Checker
from coursework.submissions.safe_file import printable_lines

__all__ = ["Checked", "as_lines", "check_notebook", "to_json"]


def check_notebook(course: Course, path: Path, test: str = "") -> Checked:
    """Read, repair and judge a notebook, as grading does except for the random inputs.

    Parameters
    ----------
    course : Course
        Built: the lesson is found in its `source/`.
    path : Path
        A notebook with any name, anywhere.
    test : str
        If given, no cell is judged after those of this test's exercise.

    Raises
    ------
    ConfigError
        The notebook belongs to no lesson of the course.
    LessonError
        The lesson does not run.
    JudgeError
        The judge cannot work on this host.
    """
    with Checker(course) as checker:
        return checker.check(path, test)


# -- show


def as_lines(checked: Checked) -> RenderableType:
    """Return the points of each exercise, with the causes of lost points."""
    report = checked.report
    lines: list[RenderableType] = [_text(f"{report.assignment}/{report.notebook}", style="bold")]
    lines += [_text(f"note: {note}", style="yellow") for note in checked.notes]
    for exercise, outcomes in by_exercise(report):
        points, possible = sums(outcomes)
        mark = "✓" if points == possible else "✗"
        style = "green" if points == possible else "red"
        lines.append(_text(f"{mark} {exercise}  {points:g}/{possible:g}", style=style))
        lines += [
            Padding(line, (0, 0, 0, 4), expand=False) for one in outcomes for line in _causes(one)
        ]
    lines.append(_text(f"{report.points:g} of {report.max_points:g} points", style="bold"))
    if checked.by_hand:
        lines.append(_text(f"and {checked.by_hand:g} for questions, which a person marks"))
    return Group(*lines)


def _causes(outcome: Outcome) -> Iterator[Text]:
    if outcome.parts:
        for part in outcome.parts:
            yield from _cause(part, f"{outcome.id}, {part.name}")
    else:
        yield from _cause(outcome, outcome.id)


def _cause(one: Outcome | Part, name: str) -> Iterator[Text]:
    if one.status != "passed":
        yield _text(f"{name}: {one.status}", style="bold")
        yield _text(one.message)
    yield from (_text(f"Hint: {hint}", style="cyan") for hint in one.hints)
    if one.diagnosis:
        yield _text(one.diagnosis, style="cyan")
    if one.credit:
        yield _text(f"{name}: {one.credit}", style="green")


def _text(text: str, style: str = "") -> Text:
    """Return text to print: a student's may contain something that acts on a terminal."""
    return Text(printable_lines(text), style=style)


def to_json(checked: Checked) -> str:
    """Return the result as JSON."""
    report = checked.report
    return json.dumps(
        {
            "lesson": f"{report.assignment}/{report.notebook}",
            "points": report.points,
            "max_points": report.max_points,
            "by_hand": checked.by_hand,
            "notes": checked.notes,
            "exercises": [_entry(*found) for found in by_exercise(report)],
        }
    )


def _entry(exercise: str, outcomes: list[Outcome]) -> dict[str, object]:
    points, possible = sums(outcomes)
    tests = [asdict(outcome) for outcome in outcomes]
    return {"exercise": exercise, "points": points, "max_points": possible, "tests": tests}
