"""Show what the demo did: as a table for people, as JSON for programs."""

import json
from dataclasses import asdict
from pathlib import Path

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from coursework.demo.run import Demo, Loss, Verdict

__all__ = ["as_table", "as_text"]

MAX_LOSSES = 3


def as_text(demo: Demo) -> str:
    """Return the result as JSON."""
    return json.dumps(asdict(demo), default=str, indent=1)


def as_table(demo: Demo) -> RenderableType:
    """Return the marks as a table, then where to look further."""
    total = sum(demo.seconds.values())
    steps = ", ".join(f"{name} {seconds:.1f}" for name, seconds in demo.seconds.items())
    n_notebooks = demo.n_pages
    return Group(
        _marks(demo),
        "",
        f"{len(demo.verdicts)} submissions, {n_notebooks} notebooks of {demo.assignment}",
        _place("a graded notebook", demo.autograded),
        _place("its feedback page", demo.feedback),
        _place("the gradebook", demo.gradebook),
        f"{total:.1f} s ({steps})",
    )


def _marks(demo: Demo) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("student", no_wrap=True)
    for name, points in demo.max_points.items():
        table.add_column(f"{name}\nof {points:g}", justify="right")
    table.add_column("to mark\nby hand", justify="right")
    table.add_column("what was handed in, and what cost points", ratio=1)
    for verdict in demo.verdicts:
        points = (f"{verdict.points.get(name, 0.0):g}" for name in demo.max_points)
        table.add_row(verdict.student, *points, f"{verdict.open_points:g}", _story(verdict))
    return table


def _story(verdict: Verdict) -> Text:
    story = Text(verdict.about, style="dim")
    for loss in verdict.losses[:MAX_LOSSES]:
        story.append(f"\n{-loss.points:g} {_where(loss)}: {loss.cause}", style="not dim")
    rest = verdict.losses[MAX_LOSSES:]
    if rest:
        points = sum(loss.points for loss in rest)
        story.append(f"\n{-points:g} for {len(rest)} other causes", style="not dim")
    return story


def _where(loss: Loss) -> str:
    first, *others = loss.exercises
    return f"{first} and {len(others)} more" if others else first


def _place(what: str, path: Path) -> Text:
    here = Path.cwd()
    shown = path.relative_to(here) if path.is_relative_to(here) else path
    return Text(f"{what}: {shown}")
