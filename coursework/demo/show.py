"""Show what the demo did: as a table for people, as JSON for programs."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from coursework.demo.run import Demo, Loss, StudentVerdict

__all__ = ["as_table", "places", "to_json"]

MAX_LOSSES = 3
_INDENT = (0, 0, 0, 4)


_WIDTH = 80  # from which on notebooks are numbered in the table's head
_GAP = 2


def to_json(demo: Demo) -> str:
    """Return the result as JSON."""
    return json.dumps(asdict(demo), default=str, indent=1)


def as_table(demo: Demo) -> RenderableType:
    """Return the marks, with what cost points below each."""
    total = sum(demo.seconds.values())
    steps = ", ".join(f"{name} {seconds:.1f}" for name, seconds in demo.seconds.items())
    return Group(
        *_marks(demo),
        "",
        f"{len(demo.verdicts)} submissions, {demo.n_pages} notebooks of {demo.assignment}",
        f"{total:.1f} s ({steps})",
    )


def _marks(demo: Demo) -> Iterator[RenderableType]:
    """Yield the head and the rows, with what cost points in full width between them."""
    names = list(demo.max_points)
    head = ["student", *names, "by hand"]
    best = ["", *(f"of {points:g}" for points in demo.max_points.values()), ""]
    widest = max(len(verdict.student) for verdict in demo.verdicts)
    if widest + sum(len(name) + _GAP for name in head[1:]) > _WIDTH:
        yield Text(", ".join(f"{n} {name}" for n, name in enumerate(names, 1)), style="dim")
        head[1:-1] = [f"({n})".rjust(len("of 00")) for n in range(1, len(names) + 1)]
    widths = [widest, *map(len, head[1:])]
    yield _row(widths, head, "bold")
    yield _row(widths, best, "dim")
    for verdict in demo.verdicts:
        points = [f"{verdict.points.get(name, 0.0):g}" for name in demo.max_points]
        yield _row(widths, [verdict.student, *points, f"{verdict.open_points:g}"], "")
        yield Padding(_story(verdict), _INDENT)


def _row(widths: list[int], cells: list[str], style: str) -> Table:
    row = Table.grid(padding=(0, _GAP, 0, 0))
    for index, width in enumerate(widths):
        row.add_column(width=width, justify="right" if index else "left", no_wrap=True)
    row.add_row(*(Text(cell, style=style) for cell in cells))
    return row


def _story(verdict: StudentVerdict) -> Text:
    lines = [Text(verdict.about, style="dim")]
    shown, rest = verdict.losses[:MAX_LOSSES], verdict.losses[MAX_LOSSES:]
    lines += [Text(f"{-loss.points:g} {_where(loss)}: {loss.cause}") for loss in shown]
    if rest:
        points = sum(loss.points for loss in rest)
        lines.append(Text(f"{-points:g} for {len(rest)} other causes"))
    return Text("\n").join(lines)


def _where(loss: Loss) -> str:
    first, *others = loss.exercises
    return f"{first} and {len(others)} more" if others else first


def places(demo: Demo) -> str:
    """Return where to look further, one line each."""
    found = {
        "a graded notebook": demo.autograded,
        "its feedback page": demo.feedback,
        "the gradebook": demo.gradebook,
    }
    return "\n".join(f"{what}: {_short(path)}" for what, path in found.items())


def _short(path: Path) -> Path:
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
