"""What readers see of the teaching order: a lesson's opening, README's table, the course map."""

import re
from collections.abc import Iterator
from pathlib import Path

from coursework.course.layout import Course, lesson_key
from coursework.course.lesson import Lesson, with_texts
from coursework.course.order import Entry, Order
from coursework.errors import LessonError

__all__ = ["MAP", "pages", "titles", "with_head"]

MAP = Path("docs") / "course-map.md"
_BEGIN, _END = "<!-- lessons: written by coursework build -->", "<!-- end of lessons -->"
_HEADING = re.compile(r"^# +(.+?)[ #]*$", re.MULTILINE)
_PLANNED = "Lessons in italics are planned."
_MAP = """# Course map

An arrow leads from a lesson to those that build on it.

```mermaid
flowchart TD
{chart}
```

| lesson | builds on |
|---|---|
{rows}

Made by `coursework build` of `lessons/order.toml`: change that, not this page.
"""


def titles(course: Course, order: Order) -> dict[str, str]:
    """Return the title of each lesson: the first heading, or what the order calls it."""
    written = {lesson_key(path): _title(path) for path in course.lesson_files()}
    return {entry.key: entry.planned for entry in order.entries} | written


def with_head(lesson: Lesson, order: Order, named: dict[str, str]) -> Lesson:
    """Return a lesson that says below its title which lessons it builds on, with links.

    Parameters
    ----------
    lesson : Lesson
    order : Order
    named : dict of str to str
        The title of each lesson.
    """
    before = order.builds_on(lesson.key)
    if not before or not lesson.cells or lesson.cells[0].kind != "prose":
        return lesson
    planned = {entry.key for entry in order.entries if entry.planned}
    links = ", ".join(
        f"{named[key]} (planned)" if key in planned else f"[{named[key]}]({_from(lesson, key)})"
        for key in before
    )
    first = lesson.cells[0].source
    head = _HEADING.sub(lambda m: f"{m[0]}\n\n*Before this lesson:* {links}", first, 1)
    return with_texts(lesson, {0: head})


def _from(lesson: Lesson, key: str) -> str:
    """Return the path to another lesson's notebook in the same tree."""
    assignment, _, name = key.partition("/")
    return f"{name}.ipynb" if assignment == lesson.assignment else f"../{key}.ipynb"


def pages(course: Course, order: Order) -> dict[Path, str]:
    """Return the pages that show the order, as they should be, by path below the course.

    A course without a stated order, or without the folder or file for them, has none.

    Raises
    ------
    LessonError
        README has no place for the table.
    """
    if not order.is_stated:
        return {}
    named, found = titles(course, order), dict[Path, str]()
    if (course.root / MAP).parent.is_dir():
        found[MAP] = _course_map(order, named)
    readme = course.root / "README.md"
    if readme.exists():
        found[Path("README.md")] = _with_table(readme, _table(order, named))
    return found


def _title(path: Path) -> str:
    found = _HEADING.search(path.read_bytes().decode(errors="replace"))
    return found[1] if found else path.stem


def _with_table(readme: Path, table: str) -> str:
    text = readme.read_text(encoding="utf-8")
    before, begin, rest = text.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not (begin and end):
        raise LessonError(readme, 0, f"write {_BEGIN} and {_END} around the table of lessons")
    return f"{before}{begin}\n{table}\n{end}{after}"


def _table(order: Order, named: dict[str, str]) -> str:
    rows = [
        f"| `{assignment}` | {', '.join(_link(e, named, 'solutions') for e in entries)} |"
        for assignment, entries in _by_assignment(order).items()
    ]
    return "\n".join(["| assignment | lessons |", "|---|---|", *rows, *_legend(order)])


def _course_map(order: Order, named: dict[str, str]) -> str:
    entries = {entry.key: entry for entry in order.entries}
    rows = [
        f"| {_link(entry, named, '../solutions')} | "
        f"{', '.join(_link(entries[key], named, '../solutions') for key in entry.builds_on)} |"
        for entry in order.entries
    ]
    chart = "\n".join(_chart(order, named))
    return _MAP.format(chart=chart, rows="\n".join([*rows, *_legend(order)]))


def _chart(order: Order, named: dict[str, str]) -> Iterator[str]:
    """Return the lines of a Mermaid chart; its nodes are numbered in teaching order."""
    nodes = {entry.key: f"n{index}" for index, entry in enumerate(order.entries)}
    for number, (assignment, entries) in enumerate(_by_assignment(order).items()):
        yield f'    subgraph a{number}["{_label(assignment)}"]'
        for entry in entries:
            style = ":::planned" if entry.planned else ""
            yield f'        {nodes[entry.key]}["{_label(named[entry.key])}"]{style}'
        yield "    end"
    for entry in order.entries:
        for key in entry.builds_on:
            yield f"    {nodes[key]} --> {nodes[entry.key]}"
    yield "    classDef planned stroke-dasharray: 4"


def _label(text: str) -> str:
    """Return a text as it is quoted in a Mermaid chart."""
    return text.replace('"', "#quot;")


def _by_assignment(order: Order) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in order.entries:
        found.setdefault(entry.key.partition("/")[0], []).append(entry)
    return found


def _link(entry: Entry, named: dict[str, str], tree: str) -> str:
    """Return a link to a solved lesson; a planned one has none."""
    title = named[entry.key]
    return f"*{title}*" if entry.planned else f"[{title}]({tree}/{entry.key}.ipynb)"


def _legend(order: Order) -> list[str]:
    return ["", _PLANNED] if any(entry.planned for entry in order.entries) else []
