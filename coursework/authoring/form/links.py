"""Links: to lessons, to headings of the notebook, to files.

Authors link to the Markdown of a lesson, which GitHub and an editor follow; notebooks link to
notebooks. A link to a planned lesson leads nowhere yet, and becomes its text.
"""

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from coursework.authoring.form.finding import Finding
from coursework.authoring.form.text import heading_of, masked, without_fences
from coursework.course.lesson import Cell, Lesson, with_texts
from coursework.course.order import Order

__all__ = ["Places", "anchors", "broken_links", "with_links"]

_LINK = re.compile(r"(?<!!)\[(?P<text>(?:[^\[\]]|\[[^\[\]]*\])*)\]\((?P<url>[^()\s]*)\)")
_IMAGE = re.compile(r"!\[[^\]]*\]\(([^()\s]*)\)")
_CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_ELSEWHERE = re.compile(r"(?i)(https?:|mailto:)")
_NO_FILE = "{} is not a lesson, and no other file comes with a notebook: link to what is published"
_BUILDS_ON = "**It builds on**"
# JupyterLab compares anchors in the browser's form, which encodes other characters.
_FOLLOWED = re.compile(r"[\w.,:;!?'()*+=/~&@-]+", re.ASCII)
_MARKS = re.compile(r"[*_`]|\]\([^)]*\)|\[")


@dataclass(frozen=True)
class Places:
    """Where a link can lead.

    Attributes
    ----------
    lessons : Path
        The folder of all lessons.
    order : Order
    """

    lessons: Path
    order: Order

    def lesson(self, lesson: Lesson, url: str) -> str:
        """Return the key of the lesson that a link in a lesson leads to; "" if to none."""
        path = url.partition("#")[0]
        if not path.endswith((".md", ".ipynb")) or _ELSEWHERE.match(path):
            return ""
        place = posixpath.normpath(posixpath.join(lesson.assignment, path))
        return "/".join(place.rpartition(".")[0].split("/")[-2:])

    def is_planned(self, key: str) -> bool:
        """Whether a lesson is still to be written."""
        return any(entry.key == key and entry.planned for entry in self.order.entries)

    def is_written(self, key: str) -> bool:
        """Whether a link can lead to a lesson."""
        return (self.lessons / f"{key}.md").exists()


def anchors(lesson: Lesson) -> tuple[str, ...]:
    """Return the anchors of a lesson's headings, as notebooks make them."""
    return tuple(
        _MARKS.sub("", heading[1]).replace(" ", "-")
        for cell in lesson.of_kind("prose")
        for line in without_fences(cell.source).split("\n")
        if (heading := heading_of(line))
    )


def with_links(lesson: Lesson, places: Places) -> Lesson:
    """Return a lesson as notebooks show it: linked to notebooks, planned lessons as text."""

    def built(found: re.Match[str]) -> str:
        text, url = found["text"], found["url"]
        key = places.lesson(lesson, url)
        if not key or not (places.is_planned(key) or places.is_written(key)):
            return found[0]
        return text if places.is_planned(key) else f"[{text}]({_notebook(url)})"

    texts = {
        index: _replaced(cell.source, built)
        for index, cell in enumerate(lesson.cells)
        if not cell.is_code
    }
    return with_texts(lesson, texts)


def _notebook(url: str) -> str:
    path, mark, anchor = url.partition("#")
    return f"{path.removesuffix('.md').removesuffix('.ipynb')}.ipynb{mark}{anchor}"


def _replaced(source: str, built: Callable[[re.Match[str]], str]) -> str:
    """Replace the links of a text; in code there are none."""
    visible = masked(source)
    return _LINK.sub(
        lambda found: built(found) if visible[found.start()] == "[" else found[0], source
    )


def broken_links(lesson: Lesson, places: Places) -> Iterator[Finding]:
    """Find links that lead nowhere, and lessons that are named without a link."""
    named = anchors(lesson)
    for cell in lesson.cells:
        if cell.is_code:
            continue
        visible = masked(cell.source)
        for found in _LINK.finditer(cell.source):
            if visible[found.start()] != "[":
                continue
            if text := _broken(lesson, found["url"], named, places):
                yield Finding("links", _line(cell, found.start()), text)
        for found in _IMAGE.finditer(visible):
            if not _ELSEWHERE.match(found[1]):
                yield Finding("links", _line(cell, found.start()), _NO_FILE.format(found[1]))
        yield from _unlinked(lesson, cell, places)
    yield from _prerequisites(lesson, places)


def _line(cell: Cell, position: int) -> int:
    return cell.line + cell.source.count("\n", 0, position)


def _broken(lesson: Lesson, url: str, named: tuple[str, ...], places: Places) -> str:
    if not url:
        return "this link leads nowhere: write where, or no link"
    if _ELSEWHERE.match(url):
        return ""
    if url.startswith("#"):
        return _broken_anchor(url[1:], named)
    if key := places.lesson(lesson, url):
        if not (places.is_written(key) or places.is_planned(key)):
            return f"there is no lesson {key}, and order.toml plans none: mend the link"
        if url.partition("#")[0].endswith(".ipynb"):
            written = url.replace(".ipynb", ".md")
            return f"link to the lesson's Markdown, {written}: the build turns it into a notebook's"
        anchor = url.partition("#")[2]
        return f"leave out #{anchor}: a link leads to a lesson as a whole" if anchor else ""
    return _NO_FILE.format(url)


def _broken_anchor(anchor: str, named: tuple[str, ...]) -> str:
    followed = [f"#{name}" for name in named if _FOLLOWED.fullmatch(name)]
    if f"#{anchor}" in followed:
        return ""
    if any(name.startswith(anchor) for name in named):
        return "JupyterLab follows no link to a heading with · in it: say where, without a link"
    return f"no heading here has the anchor #{anchor}; there are {', '.join(followed) or 'none'}"


def _unlinked(lesson: Lesson, cell: Cell, places: Places) -> Iterator[Finding]:
    """Find lessons that are named as code, without a link."""
    text = without_fences(cell.source)
    linked = [found.span() for found in _LINK.finditer(text)]
    for found in _CODE.finditer(text):
        key = _named(lesson, found[1], places.order)
        if key and not any(start <= found.start() < end for start, end in linked):
            remedy = f"write [its title]({_way(lesson, key)})"
            text = f"the lesson `{found[1]}` is named without a link: {remedy}"
            yield Finding("links", _line(cell, found.start()), text)


def _named(lesson: Lesson, name: str, order: Order) -> str:
    """Return the key of the lesson that a piece of code names; "" if it is code."""
    keys = [entry.key for entry in order.entries if entry.key != lesson.key]
    if name in keys:
        return name
    # A word may be code: `momentum` is a lesson and a parameter.
    if name.isidentifier() and any(
        cell.is_code and re.search(rf"\b{name}\b", cell.source) for cell in lesson.cells
    ):
        return ""
    found = [key for key in keys if key.partition("/")[2] == name]
    own = [key for key in found if key.startswith(f"{lesson.assignment}/")]
    return (own or found or [""])[0]


def _way(lesson: Lesson, key: str) -> str:
    assignment, _, name = key.partition("/")
    return f"{name}.md" if assignment == lesson.assignment else f"../{key}.md"


def _prerequisites(lesson: Lesson, places: Places) -> Iterator[Finding]:
    """Find prerequisites in the opening that are taught later, or not yet written."""
    before = [entry.key for entry in places.order.entries]
    before = before[: before.index(lesson.key)] if lesson.key in before else before
    for cell in lesson.of_kind("prose"):
        start = cell.source.find(_BUILDS_ON)
        if start < 0:
            continue
        paragraph = cell.source[start:].partition("\n\n")[0]
        for found in _LINK.finditer(paragraph):
            key = places.lesson(lesson, found["url"])
            line = _line(cell, start + found.start())
            if key and key not in before and places.order.is_stated:
                text = f"it builds on {key}, which is not taught before it: see order.toml"
                yield Finding("prerequisites", line, text)
            elif key and places.is_planned(key):
                text = f"it builds on {key}, which is not written: say here what is needed of it"
                yield Finding("prerequisites", line, text)
