"""Show what was collected: line by line for people, as JSON for programs."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from coursework.batch.collect import Collected
from coursework.submissions.safe_file import printable

__all__ = ["lines", "summary", "to_json"]

_SHOWN = 100
_LETTERS = 160


def lines(found: Collected, *, adopts: bool) -> list[str]:
    """Return what somebody should look at; names in it cannot act on a terminal."""
    return [*map(_short, _told(found, adopts=adopts)), *_strays(found)]


def _told(found: Collected, *, adopts: bool) -> Iterator[str]:
    for student, why in found.late.items():
        yield f"late: {student} ({why})"
    for student, names in found.repeated.items():
        yield f"repeated: {student}: a later or better named file counts, not {_some(names)}"
    done = "renamed" if adopts else "grading takes it; --adopt renames it"
    for student, one in found.delivered.items():
        for name, notebook in one.renamed:
            yield f"other name: {student}: “{name}” is {notebook}.ipynb ({done})"
        if one.kept:
            yield f"kept: {student}: {_some(one.kept)} from the submission before"
        if one.state == "older":
            yield f"older: {student}: what was submitted later stays"
    if found.absent:
        yield f"nothing submitted: {len(found.absent)} of the class list: {_some(found.absent)}"
    if found.unread:
        yield f"times that could not be read: {len(found.unread)}: {_some(found.unread)}"


def _strays(found: Collected) -> list[str]:
    if not found.strays:
        return []
    shown = [_short(f"  {one.name}: {one.reason}") for one in found.strays[:_SHOWN]]
    rest = len(found.strays) - len(shown)
    more = [f"  … and {rest} more: --json lists all"] if rest else []
    folder = printable(str(found.folder))
    return [f"not matched: {len(found.strays)}; what was unpacked lies in {folder}", *shown, *more]


def _some(names: Sequence[str], most: int = 10) -> str:
    return ", ".join(names[:most]) + (", …" if len(names) > most else "")


def _short(text: str) -> str:
    shown = printable(text)
    return shown if len(shown) <= 2 * _LETTERS else f"{shown[:_LETTERS]} … {shown[-_LETTERS:]}"


def to_json(found: Collected) -> str:
    """Return everything as JSON."""
    return json.dumps(asdict(found) | {"folder": str(found.folder)})


def summary(found: Collected) -> str:
    """Return a line on what was done, and what to do next."""
    states = Counter(one.state for one in found.delivered.values())
    told = ", ".join(f"{states[state]} {state}" for state in ("new", "replaced", "unchanged"))
    entered = f"; {found.n_new} students entered" if found.n_new else ""
    changed = f"; {found.n_changed} known by other names or addresses now" * bool(found.n_changed)
    news = states["new"] + states["replaced"]
    then = f": run `coursework grade {found.assignment}`" if news else ""
    return f"{told}{entered}{changed}{then}"
