"""Figures: each says what it shows, is crisp on any screen, and small."""

import ast
import base64
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from coursework.authoring import names
from coursework.authoring.form.finding import Finding
from coursework.lesson import Cell, Lesson

__all__ = ["broken_calls", "broken_outputs"]

MIN_WORDS = 6
"""Of an alt text."""
MAX_BYTES = 100_000
"""Of a picture that does not move, as it stands in the solved notebook."""

_SCALE = 2
_SAYS = {"show": 0, "animation": None, "explore": None}
"""Calls of `plot` that show a figure, and where they may take the alt text without its name."""
_PICTURES = ("image/svg+xml", "image/png", "image/jpeg", "image/gif")
_FORM = 'end the cell with plot.show("what is to be seen, in a sentence")'


def broken_calls(lesson: Lesson) -> Iterator[Finding]:
    """Find cells that show a figure without saying what there is to see."""
    for cell in lesson.cells:
        if cell.is_code:
            yield from _wrong_calls(cell)


def _wrong_calls(cell: Cell) -> Iterator[Finding]:
    tree = ast.parse(names.plain(cell.source))
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        line = cell.line + call.lineno - 1
        name = ast.unparse(call.func)
        if name == "plt.show":
            yield Finding("alt text", line, f"plt.show() says nothing of the figure: {_FORM}")
        elif name.startswith("plot.") and name[5:] in _SAYS:
            yield from _wrong_text(call, name, line)


def _wrong_text(call: ast.Call, name: str, line: int) -> Iterator[Finding]:
    place = _SAYS[name[5:]]
    given = next((keyword.value for keyword in call.keywords if keyword.arg == "alt"), None)
    if given is None and place is not None and len(call.args) > place:
        given = call.args[place]
    if given is None or len(_literal(given).split()) < MIN_WORDS:
        text = f"{name} has an alt text of fewer than {MIN_WORDS} words: say what is to be seen"
        yield Finding("alt text", line, text)


def _literal(node: ast.expr) -> str:
    """Return the words of a text; what an f-string fills in counts as a word."""
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
    """Find pictures of a solved notebook that are without alt text, blurred or too large.

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
        return  # what is no notebook is named as stale
    for cell, found in zip(lesson.cells, outputs, strict=False):
        for output in found:
            for mime in _PICTURES:
                if mime in output.get("data", {}):
                    about = output.get("metadata", {}).get(mime, {})
                    yield from _wrong_picture(cell, mime, output["data"][mime], about)


def _wrong_picture(
    cell: Cell, mime: str, data: str | list[str], about: dict[str, Any]
) -> Iterator[Finding]:
    text = "".join(data)
    # Where the call says nothing, that is said of the call.
    if len(str(about.get("alt", "")).split()) < MIN_WORDS and not any(_wrong_calls(cell)):
        yield Finding("alt text", cell.line, f"a picture of this cell has no alt text: {_FORM}")
    if mime == "image/svg+xml":
        size, is_moving = len(text.encode()), False
    else:
        content = base64.b64decode(text)
        with Image.open(io.BytesIO(content)) as image:
            size, is_moving, width = len(content), getattr(image, "n_frames", 1) > 1, image.width
        if not is_moving and not about.get("width", width) <= width / _SCALE:
            remedy = "show it by plot.show, which draws it at twice the size"
            yield Finding("resolution", cell.line, f"a picture of this cell is blurred: {remedy}")
    if size > MAX_BYTES and not is_moving:
        remedy = "draw fewer points or colours, or a smaller figure"
        text = f"a picture of this cell takes {size / 1000:.0f} KB of {MAX_BYTES / 1000:.0f}"
        yield Finding("figure size", cell.line, f"{text}: {remedy}")
