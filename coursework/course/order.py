"""The teaching order of a course, and what each of its lessons builds on.

It is in `lessons/order.toml`, a table for each lesson, named by its assignment::

    [[01-linear-regression]]
    lesson = "gradient-descent"
    builds_on = ["01-linear-regression/least-squares"]

    [[01-linear-regression]]
    lesson = "multivariate"
    planned = "Many features"
    builds_on = ["01-linear-regression/gradient-descent"]

A lesson that is not written yet has `planned`, its title. A course without the file teaches
its lessons in the order of their names.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from coursework.course.toml_tables import Table, read_tables
from coursework.errors import LessonError

__all__ = ["Entry", "Order", "broken_order", "read_order"]

_FORM = 'write lesson = "name", builds_on = ["A/n", …] and, until it is written, planned = "Title"'
_KEYS = frozenset({"lesson", "builds_on", "planned"})


@dataclass(frozen=True)
class Entry:
    """One lesson in the order.

    Attributes
    ----------
    key : str
        `A/n`, its assignment and name.
    builds_on : tuple of str
        The keys of lessons that a reader should know.
    planned : str
        Its title if it is not written yet; else "".
    line : int
        Where it is, counted from 1.
    """

    key: str
    builds_on: tuple[str, ...]
    planned: str
    line: int


@dataclass(frozen=True)
class Order:
    """The teaching order, as its file states it.

    Attributes
    ----------
    path : Path
    entries : tuple of Entry
        Empty if there is no such file.
    """

    path: Path
    entries: tuple[Entry, ...]

    @property
    def is_stated(self) -> bool:
        """Whether the course has such a file."""
        return bool(self.entries)

    def builds_on(self, key: str) -> tuple[str, ...]:
        """Return the keys of lessons that a lesson builds on."""
        return next((entry.builds_on for entry in self.entries if entry.key == key), ())

    def sorted(self, keys: Iterable[str]) -> list[str]:
        """Return the keys of lessons as they are taught; those not listed come last, by name."""
        position = {entry.key: index for index, entry in enumerate(self.entries)}
        return sorted(keys, key=lambda key: (position.get(key, len(position)), key))


def read_order(path: Path) -> Order:
    """Read the teaching order; a missing file states none.

    Raises
    ------
    LessonError
        The file cannot be read, or an entry is malformed.
    """
    return Order(path, tuple(_entry(table) for table in read_tables(path)))


def _entry(table: Table) -> Entry:
    keys, builds_on = table.entry, table.entry.get("builds_on", [])
    name, planned = keys.get("lesson"), keys.get("planned", "")
    texts = isinstance(name, str) and isinstance(planned, str) and isinstance(builds_on, list)
    if set(keys) - _KEYS or not texts or not name or not all(isinstance(b, str) for b in builds_on):
        raise LessonError(table.path, table.line, f"this is not an entry of the order: {_FORM}")
    if "planned" in keys and not planned.strip():
        raise LessonError(table.path, table.line, "planned has no text: give the lesson's title")
    return Entry(f"{table.name}/{name}", tuple(builds_on), planned, table.line)


def broken_order(order: Order, written: Iterable[str]) -> list[LessonError]:
    """Return what is wrong with the order of a course.

    Parameters
    ----------
    order : Order
    written : iterable of str
        The keys of lessons whose Markdown exists.
    """
    if not order.is_stated:
        return []
    found, seen = [], dict[str, Entry]()
    lessons = set(written)
    known = {entry.key for entry in order.entries}
    for entry in order.entries:
        texts = [*_broken_entry(entry, lessons, seen), *_broken_prerequisites(entry, known, seen)]
        found += [LessonError(order.path, entry.line, text) for text in texts]
        seen[entry.key] = entry
    for key in sorted(lessons - known):
        path = order.path.parent / f"{key}.md"
        text = f"{order.path.name} does not list this lesson: add it where it is taught"
        found.append(LessonError(path, 1, text))
    return found


def _broken_entry(entry: Entry, lessons: set[str], seen: dict[str, Entry]) -> Iterator[str]:
    if entry.key in seen:
        yield f"{entry.key} is already in line {seen[entry.key].line}: remove one of them"
    if entry.planned and entry.key in lessons:
        yield f"{entry.key} is written: remove planned, its title is in its Markdown"
    if not entry.planned and entry.key not in lessons:
        yield f'there is no lesson {entry.key}.md: mend the name, or say planned = "Title"'


def _broken_prerequisites(entry: Entry, known: set[str], seen: dict[str, Entry]) -> Iterator[str]:
    for key in entry.builds_on:
        if key not in known:
            yield f"{entry.key} builds on {key!r}, which this file does not list: mend the name"
        elif key not in seen:
            yield f"{entry.key} builds on {key}, which is not taught before it: move one of them"
