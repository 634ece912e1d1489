r"""Markdown as read by the programs that show lessons: JupyterLab, nbconvert and GitHub.

nbconvert itself gives its reading. The two others are CommonMark with tables, which markdown-it
reads as they do, and differ in how formulas are kept from it: JupyterLab takes them out first;
GitHub finds them in the result, so that Markdown changes inline formulas.
"""

import html
import re
from collections.abc import Callable
from functools import cache
from html.parser import HTMLParser

from markdown_it import MarkdownIt
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

__all__ = ["READERS", "Reading", "shielded"]

Reading = list[tuple[str, str]]
"""What is seen, in order: tags, text, code and formulas."""

# As in JupyterLab's latex.ts: what begins and ends formulas, and what is between.
_SPLIT = re.compile(
    r"(\$\$?|\\(?:begin|end)\{[a-z]*\*?\}|\\[{}$]|[{}]|(?:\n\s*)+|\\\\[()\[\]])", re.IGNORECASE
)
_FENCED = re.compile(r"^(`{3,}|(?:~T){3,})[^`\n]*\n(?:[\s\S]*?)^\1`*$", re.MULTILINE)
_SPAN = re.compile(r"(^|[^\\])(`+)([^\n]*?[^`\n])\2(?!`)", re.MULTILINE)

_MATHJAX = re.compile(
    r"\$\$(.+?)\$\$|(?<!\\)\$(.+?)(?<!\\)\$|\\begin\{(\w+\*?)\}.*?\\end\{\3\}", re.DOTALL
)
# An inline formula stands by itself, and neither begins nor ends with a space.
_GITHUB = re.compile(r"\$\$(.+?)\$\$|(?<![\w$\\])\$(?![\s$])([^$]*?[^\s$])\$(?![\w$])", re.DOTALL)
_DISPLAYED = re.compile(r"\$\$.+?\$\$", re.DOTALL)
_BACKTICKED = re.compile(r"\$<code>(.*?)</code>\$", re.DOTALL)
_ADDRESS = re.compile(r"(?<![(<\w])https?://[^\s)>]+")
_TASK = re.compile(r"^(\s*[-*+] )\[[ xX]\]", re.MULTILINE)
_HAS_MEANING = re.compile(r"[\\*_<>\[\]`|~]")

_SILENT = frozenset({"p", "thead", "tbody", "div", "span", "pre", "br", "hr", "img", "input"})


@cache
def _commonmark() -> MarkdownIt:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"])


class _Uncoloured(IPythonRenderer):
    def block_code(self, code: str, info: str | None = None) -> str:
        del info
        return f"<pre><code>{html.escape(code)}</code></pre>"


@cache
def _nbconvert() -> MarkdownWithMath:
    return MarkdownWithMath(renderer=_Uncoloured(escape=False, exclude_anchor_links=True))


def read_by_jupyterlab(source: str) -> Reading:
    """Read Markdown as JupyterLab does."""
    text, formulas = _without_formulas(source)
    page = _commonmark().render(text)
    page = re.sub(r"@@(\d+)@@", lambda found: _escaped(formulas[int(found[1])]), page)
    return _seen(page, _MATHJAX)


def read_by_nbconvert(source: str) -> Reading:
    """Read Markdown as nbconvert does."""
    return _seen(_nbconvert().render(source), _MATHJAX)


def read_by_github(source: str) -> Reading:
    """Read Markdown as GitHub does."""
    page = _commonmark().render(source)
    return _seen(_BACKTICKED.sub(r" $\1$ ", page), _GITHUB)


READERS: dict[str, Callable[[str], Reading]] = {
    "JupyterLab": read_by_jupyterlab,
    "nbconvert": read_by_nbconvert,
    "GitHub": read_by_github,
}
"""The readers by name; texts are `shielded` first."""


def shielded(source: str) -> str:
    """Return Markdown without what all readers know and markdown-it does not.

    Displayed formulas then contain nothing that Markdown could interpret, except at the beginning
    of a line; addresses and task boxes become words.
    """
    text = _DISPLAYED.sub(lambda found: _HAS_MEANING.sub("x", found[0]), source)
    return _TASK.sub(r"\1box", _ADDRESS.sub("address", text))


def _without_formulas(source: str) -> tuple[str, list[str]]:
    """Take the formulas out of a text, as JupyterLab does before it reads Markdown."""
    text = source
    if "`" in text or "~~~" in text:
        text = _FENCED.sub(_hidden, text.replace("~", "~T"))
        # The character before a code span is hidden with it, even if it ends a formula.
        text = _SPAN.sub(_hidden, text)
    taken = _Formulas(_SPLIT.split(text))
    return _shown("".join(taken.blocks)), [_shown(formula) for formula in taken.formulas]


class _Formulas:
    """Takes formulas out of a text that is split at their marks, which are at odd positions."""

    def __init__(self, blocks: list[str]) -> None:
        self.blocks, self.formulas = blocks, list[str]()
        self._start = self._last = -1  # of the formula that began; its last end inside braces
        self._end, self._braces = "", 0
        index = 1
        while index < len(blocks):
            index = (self._before if self._start < 0 else self._inside)(index) + 2
        if self._start >= 0 and self._last >= 0:
            self._take(self._last)

    def _before(self, index: int) -> int:
        block = self.blocks[index]
        if block in ("$", "$$", r"\\(", r"\\[") or block.startswith(r"\begin"):
            self._start, self._last, self._braces = index, -1, 0
            self._end = block.replace("(", ")").replace("[", "]").replace(r"\begin", r"\end")
        return index

    def _inside(self, index: int) -> int:
        block = self.blocks[index]
        if block == self._end and not self._braces:
            self._take(index)
        elif block == self._end:
            self._last = index
        elif block.count("\n") > 1:
            # No formula continues after an empty line.
            index = self._last if self._last >= 0 else index
            if self._last >= 0:
                self._take(index)
            self._start = -1
        elif block == "{":
            self._braces += 1
        elif block == "}" and self._braces:
            self._braces -= 1
        return index

    def _take(self, end: int) -> None:
        self.formulas.append("".join(self.blocks[self._start : end + 1]))
        place = [f"@@{len(self.formulas) - 1}@@", *[""] * (end - self._start)]
        self.blocks[self._start : end + 1] = place
        self._start = -1


def _hidden(found: re.Match[str]) -> str:
    return found[0].replace("$", "~D")


def _shown(text: str) -> str:
    return text.replace("~D", "$").replace("~T", "~")


def _escaped(formula: str) -> str:
    return formula.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _seen(page: str, formula: re.Pattern[str]) -> Reading:
    viewer = _Viewer(formula)
    viewer.feed(page)
    viewer.close()
    return viewer.reading()


class _Viewer(HTMLParser):
    """Lists what is seen of a piece of HTML."""

    def __init__(self, formula: re.Pattern[str]) -> None:
        super().__init__(convert_charrefs=True)
        self._formula, self._found = formula, list[tuple[str, str]]()
        self._text, self._code = "", 0

    def reading(self) -> Reading:
        """Return what was seen, after the page is closed."""
        self._flush()
        return self._found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._flush()
        self._code += tag in ("code", "pre")
        if tag not in _SILENT:
            self._found.append(("begin", tag))

    def handle_endtag(self, tag: str) -> None:
        self._flush()
        self._code -= tag in ("code", "pre")
        if tag not in _SILENT:
            self._found.append(("end", tag))

    def handle_data(self, data: str) -> None:
        self._text += data

    def _flush(self) -> None:
        text, self._text = self._text, ""
        if self._code:
            self._add("code", text)
            return
        position = 0
        for found in self._formula.finditer(text):
            self._add("text", text[position : found.start()])
            self._add("formula", found[0].strip("$"))
            position = found.end()
        self._add("text", text[position:])

    def _add(self, kind: str, text: str) -> None:
        text = " ".join(text.split())
        if text and kind == "text" and self._found and self._found[-1][0] == "text":
            text = f"{self._found.pop()[1]} {text}"
        if text:
            self._found.append((kind, text))
