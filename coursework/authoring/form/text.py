"""What is text in Markdown: without code, formulas and markup."""

import functools
import re

__all__ = ["heading_of", "masked", "n_equations", "n_words", "without_fences", "without_formulas"]

_FENCE = re.compile(r"^([ >]*)(`{3,}|~{3,})[^\n]*\n(?:.*\n)*?[ >]*\2[`~]*[ ]*$", re.MULTILINE)
_CODE = re.compile(r"(?<!`)(`+)(?!`)((?:[^\n]|\n(?!\n))*?[^`])\1(?!`)")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_DISPLAYED = re.compile(r"\$\$.+?\$\$|\\\[.+?\\\]", re.DOTALL)
_INLINE = re.compile(r"\$[^$\n]+(?:\n[^$\n]+)*\$")
_TARGET = re.compile(r"\]\([^)\n]*\)")
_WORD = re.compile(r"[^\W_](?:[\w\u2019'.,%/-]*[^\W_])?")
_HEADING = re.compile(r"(#{1,6})[ \t]+(.*?)[ \t#]*")


def _blank(found: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", found[0])


@functools.lru_cache(maxsize=4096)  # many rules ask for the same cells
def without_fences(source: str) -> str:
    """Return Markdown whose fenced code and comments are blank; everything else stays in place."""
    return _COMMENT.sub(_blank, _FENCE.sub(_blank, source))


@functools.lru_cache(maxsize=4096)
def masked(source: str) -> str:
    """Return Markdown whose code is blank, inline code too; everything else stays in place."""
    return _CODE.sub(_blank, without_fences(source))


def without_formulas(source: str) -> str:
    """Return Markdown whose code and formulas are blank; everything else stays in place."""
    return _INLINE.sub(_blank, _DISPLAYED.sub(_blank, masked(source)))


def heading_of(line: str) -> tuple[int, str] | None:
    """Return level and text of a heading; None if the line is not one."""
    found = _HEADING.fullmatch(line)
    return (len(found[1]), found[2]) if found else None


def n_equations(source: str) -> int:
    """Count the displayed formulas of a text."""
    return len(_DISPLAYED.findall(masked(source)))


def n_words(source: str) -> int:
    """Count the words that are read: an inline formula is one, a displayed one none."""
    text = _CODE.sub(" x ", without_fences(source))
    text = _INLINE.sub(" x ", _DISPLAYED.sub(" ", text))
    return len(_WORD.findall(_TARGET.sub("]", text)))
