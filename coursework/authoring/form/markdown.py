r"""Markdown that JupyterLab, nbconvert and GitHub do not read alike.

A text is read as each of them reads it. Where the readings differ, the remedy is that of the first
kind of trouble that is found.
"""

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt

from coursework.authoring.form.finding import Finding
from coursework.authoring.form.readings import READERS, shielded
from coursework.authoring.form.text import without_fences, without_formulas
from coursework.course.lesson import Cell, Lesson

__all__ = ["broken_markdown"]

_FORMULA = r"(?<![\\$])\$(?!\$)[^$\n]*"
_CODE_BESIDE = "a dollar beside a backtick: put a space or a word between formula and code"
_TROUBLES = (
    (r"(?<!\\)\$`|`\$", _CODE_BESIDE),
    (
        r"^ *\|.*(\$[^$|]*\|[^$]*\$|`[^`|]*\|[^`]*`)",
        r"a | inside a table: write \mid or \lvert … \rvert in formulas, and no | in code",
    ),
    (r"^[^$\n]*\\begin\{", r"\begin outside $$: put $$ around it"),
    (r"\$\$", "this displayed formula: no line of it is empty or begins with +, -, * or #"),
    (rf"{_FORMULA}\\[{{}}]", r"\{ and \} in an inline formula: write \lbrace and \rbrace"),
    (rf"{_FORMULA}\\\|", r"\| in an inline formula: write \lVert … \rVert"),
    (
        rf"{_FORMULA}\\[,;:!]",
        r"\, or the like in an inline formula: leave it out, or write \thinspace",
    ),
    (rf"{_FORMULA}\\[^\w\s$]", "a backslash before a mark in an inline formula: display it"),
    (rf"{_FORMULA}\*", r"* in an inline formula: write \ast or \star"),
    (rf"{_FORMULA}<[A-Za-z/]", "< before a letter in an inline formula: put a space after it"),
    (rf"{_FORMULA}\]\(", "a formula that reads as a link: put a space between ] and ("),
    (rf"{_FORMULA}_", "_ in an inline formula: put a space on either side"),
    (r"\$[^$\n]*\n[^$]*\$", "a formula that is broken over lines: keep it in one"),
    (r"[\w\s\\]\$|\$[\w\s]", "a dollar beside a letter, a digit or a space: $x$ stands by itself"),
    (r"~", "a ~: write about, or ~~ to strike out"),
    (r"^#+[^# \n]", "a # without a space after it: write one"),
)
# These go wrong only in some places, but cannot be trusted anywhere.
_FRAGILE = (
    (re.compile(r"(?<![`\\])\$`|`\$(?![`$])"), _CODE_BESIDE),
    (re.compile(r"(?<!~)~(?![~\s])[^~\n]*(?<!\s)~(?!~)"), "a single ~: write ~~ to strike out"),
    (re.compile(r"\bwww\."), "an address without https://: write [text](https://…)"),
)
_AGREE = "pages do not agree on {}"
_CODE = re.compile(r"(`+)[^`\n]+\1")
_HTML = re.compile(r"<(?!/?(?:details|summary)\b)/?[A-Za-z][^<>]*>")


def broken_markdown(lesson: Lesson) -> Iterator[Finding]:
    """Find texts that readers see differently, and HTML."""
    for cell in lesson.cells:
        if cell.is_code:
            continue
        yield from _html(cell)
        yield from (_differences if differing(cell.source) else _fragile)(cell)


def differing(source: str) -> tuple[str, ...]:
    """Return the readers that see a text differently from the first."""
    text = shielded(source)
    readings = {name: read(text) for name, read in READERS.items()}
    first = next(iter(readings.values()))
    return tuple(name for name, reading in readings.items() if reading != first)


def _html(cell: Cell) -> Iterator[Finding]:
    for found in _HTML.finditer(without_formulas(cell.source)):
        text = f"{found[0]} is HTML, of which each page shows what it likes: write Markdown"
        yield Finding("HTML", _line(cell, found.start()), text)


def _fragile(cell: Cell) -> Iterator[Finding]:
    visible = _CODE.sub(lambda found: f"`{'x' * (len(found[0]) - 2)}`", without_fences(cell.source))
    for pattern, remedy in _FRAGILE:
        if found := pattern.search(visible):
            yield Finding("Markdown", _line(cell, found.start()), _AGREE.format(remedy))


def _line(cell: Cell, position: int) -> int:
    return cell.line + cell.source.count("\n", 0, position)


def _differences(cell: Cell) -> Iterator[Finding]:
    lines = without_fences(cell.source).split("\n")
    alone = [(n, line) for n, line in enumerate(lines) if line.strip() and differing(line)]
    for offset, text in alone or [_block(cell.source)]:
        yield _difference(cell, offset, text)


def _block(source: str) -> tuple[int, str]:
    """Return the first paragraph, list or table that differs by itself, or everything."""
    lines = source.split("\n")
    for token in MarkdownIt("commonmark").enable("table").parse(source):
        if token.level == 0 and token.map:
            text = "\n".join(lines[slice(*token.map)])
            if differing(text):
                return token.map[0], text
    return 0, source


def _difference(cell: Cell, offset: int, text: str) -> Finding:
    whole = shielded(text)
    for pattern, remedy in _TROUBLES:
        if found := re.search(pattern, whole, re.MULTILINE):
            line = cell.line + offset + whole.count("\n", 0, found.start())
            return Finding("Markdown", line, _AGREE.format(remedy))
    readers = " and ".join(differing(text) or differing(cell.source))
    text = f"{next(iter(READERS))} reads this differently from {readers}: reword it"
    return Finding("Markdown", cell.line + offset, text)
