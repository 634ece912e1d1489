"""Figures: each says what it shows, is crisp on any screen, and small."""

import ast
import base64
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from PIL import Image

from coursework.authoring.form.finding import Finding
from coursework.course import names
from coursework.course.lesson import Cell, Lesson

__all__ = ["broken_calls", "broken_outputs"]

MIN_WORDS = 6
"""Of an alt text."""
MAX_BYTES = 60_000
"""Of a picture that does not move, as in the solved notebook."""

_SCALE = 2
_SHOW = ("show", "animation", "explore")
"""Calls of `plot` that show a figure; the first takes its alt text without a name, too."""
_PICTURES = ("image/svg+xml", "image/png", "image/jpeg", "image/gif")
_DATA = re.compile(r"data:(image/[\w+]+);base64,([A-Za-z0-9+/=\s]+)")
_FORM = 'end the cell with plot.show("what is to be seen, in a sentence")'


def broken_calls(lesson: Lesson) -> Iterator[Finding]:
    """Find cells that show a figure without saying what there is to see."""
    for cell in lesson.cells:
        if cell.is_code:
            yield from _wrong_calls(cell)


def _wrong_calls(cell: Cell) -> Iterator[Finding]:
    if "plt.show" not in cell.source and "plot." not in cell.source:
        return
    nodes = names.parsed(names.plain(cell.source))
    for call in sorted((n for n in nodes if isinstance(n, ast.Call)), key=lambda n: n.lineno):
        line = cell.line + call.lineno - 1
        name = ast.unparse(call.func)
        if name == "plt.show":
            yield Finding("alt text", line, f"plt.show() says nothing of the figure: {_FORM}")
        elif name.startswith("plot.") and name[5:] in _SHOW:
            yield from _wrong_text(call, name, line)


def _wrong_text(call: ast.Call, name: str, line: int) -> Iterator[Finding]:
    given = [keyword.value for keyword in call.keywords if keyword.arg == "alt"]
    given += call.args[:1] if name == "plot.show" else []
    if not given or len(_literal(given[0]).split()) < MIN_WORDS:
        text = f"{name} has an alt text of fewer than {MIN_WORDS} words: say what is to be seen"
        yield Finding("alt text", line, text)


def _literal(node: ast.expr) -> str:
    """Return the words of a text; each value that an f-string fills in counts as a word."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_literal(one) for one in node.values)
    if isinstance(node, ast.FormattedValue):
        return "1"
    if isinstance(node, ast.BinOp):
        return _literal(node.left) + _literal(node.right)
    return ""


def broken_outputs(lesson: Lesson, solution: Path) -> Iterator[Finding]:
    """Find pictures in a solved notebook that lack alt text, are blurred or are too large.

    Parameters
    ----------
    lesson : Lesson
    solution : Path
        Its solved notebook.
    """
    try:
        notebook = json.loads(solution.read_text(encoding="utf-8"))
        outputs = [cell.get("outputs", []) for cell in notebook["cells"]]
    except (OSError, ValueError, KeyError):
        return  # a file that is not a notebook is reported as stale
    for cell, found in zip(lesson.cells, outputs, strict=False):
        for output in found:
            for picture in _pictures(output):
                yield from _wrong_picture(cell, picture)
            if output.get("name") == "stderr":
                said = "".join(output["text"]).strip().split("\n")[0]
                text = f"running this cell warns readers: {said}. Mend what it warns of"
                yield Finding("warnings", cell.line, text)


@dataclass(frozen=True)
class _Picture:
    mime: str
    content: bytes
    alt: str
    width: float  # as it is shown; 0 if not stated


def _pictures(output: dict[str, Any]) -> Iterator[_Picture]:
    """Yield the pictures that an output shows, in HTML or directly."""
    data = output.get("data", {})
    if "text/html" in data:
        reader = _Pictures()
        reader.feed("".join(data["text/html"]))
        yield from reader.found
        return
    for mime in _PICTURES:
        if mime in data:
            about = output.get("metadata", {}).get(mime, {})
            text = "".join(data[mime])
            content = text.encode() if mime == "image/svg+xml" else base64.b64decode(text)
            alt = str(about.get("alt", ""))
            yield _Picture(mime, content, alt, float(about.get("width", 0)))


class _Pictures(HTMLParser):
    """Finds the pictures in a piece of HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[_Picture] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "img" and (data := _DATA.fullmatch(said.get("src", ""))):
            content, width = base64.b64decode(data[2]), said.get("width", "")
            shown = float(width) if width.isdecimal() else 0.0
            self.found.append(_Picture(data[1], content, said.get("alt", ""), shown))


def _wrong_picture(cell: Cell, picture: _Picture) -> Iterator[Finding]:
    # If the call says nothing, the call is reported.
    if len(picture.alt.split()) < MIN_WORDS and not any(_wrong_calls(cell)):
        yield Finding("alt text", cell.line, f"a picture of this cell has no alt text: {_FORM}")
    if picture.mime != "image/svg+xml":
        with Image.open(io.BytesIO(picture.content)) as image:
            n_frames, width = getattr(image, "n_frames", 1), image.width
        if n_frames > 1:
            return
        if not 0 < picture.width <= width / _SCALE:
            remedy = "show it by plot.show, which draws it at twice the size"
            yield Finding("resolution", cell.line, f"a picture of this cell is blurred: {remedy}")
    if (size := len(picture.content)) > MAX_BYTES:
        text = f"a picture of this cell takes {size / 1000:.0f} KB of {MAX_BYTES / 1000:.0f}"
        remedy = "draw fewer points or colours, or a smaller figure"
        yield Finding("figure size", cell.line, f"{text}: {remedy}")
