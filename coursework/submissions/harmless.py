r"""A student's text, escaped so that it acts on no page that shows a graded notebook.

Formgrader and nbconvert put Markdown into their pages as it is, HTML included, and raw cells
too. So each text is rendered as they render it, and the result is compared with what a browser
may see of it. Nearly all texts pass, and stay letter for letter. In others the dangerous parts
are escaped, so that they are shown and not obeyed; if that is not enough, the text is shown as
it was typed, as code.
"""

import re
from collections.abc import Collection, Mapping
from html.parser import HTMLParser
from typing import Any

import nbformat
import nh3
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.filters.strings import strip_files_prefix
from nbformat import NotebookNode
from pygments.token import STANDARD_TYPES

from coursework.submissions.sanitize import TAGS, clean_text, image_uri, is_safe_image, is_safe_link

__all__ = ["MAX_MARKDOWN", "TextCleaner", "harmless_markdown", "has_macros"]

MAX_MARKDOWN = 20_000
MAX_RENDERED = 100_000
MAX_BRACKETS = 1_000  # finding the links takes time quadratic in their number

# MathJax macros that load, link, or pose as part of the page.
_MACRO = re.compile(
    r"\\(?=(?:href|url|require|unicode|class|style|cssId|data|html\w*|mmlToken|includegraphics)"
    r"(?![A-Za-z]))"
)
_CLASSES = frozenset(STANDARD_TYPES.values()) | {
    "highlight",
    "anchor-link",
    "mermaid",
    "jp-Mermaid",
    "task-list-item",
    "task-list-item-checkbox",
}
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_ATTRIBUTES = {
    "a": {"href", "title", "class"},
    "code": {"class"},
    "div": {"class"},
    "img": {"src", "alt", "title"},
    "input": {"type", "disabled", "checked", "class"},
    "li": {"class"},
    "ol": {"start"},
    "pre": {"class"},
    "span": {"class"},
    "td": {"style", "colspan", "rowspan"},
    "th": {"style", "colspan", "rowspan"},
    **{tag: {"id"} for tag in _HEADINGS},
}
# Among these pages, Formgrader finds its fields for marks and comments by their ids.
_FIELDS = ("", "-comment", "_extra_credit")

_BARE = r"</?(?:{})(?:\s+[\w-]+\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'|[^\s\"'<>=]+))*\s*/?>"
_PARTS = re.compile(
    rf"""
    (?P<kept>
        ^\ {{0,3}}(?P<fence>`{{3,}}|~{{3,}})[^\n]*\n(?:.*\n)*?\ {{0,3}}(?P=fence)[`~]*[ ]*$
      | (?<!`)(?P<ticks>`+)[^`\n]+(?P=ticks)(?!`)
    )
  | (?P<math> \$\$[^$]+\$\$ | \$[^$\n]+\$ )
  | (?P<macro> {_MACRO.pattern} )
  | (?P<link> (?P<image>!?) \[(?P<text>[^\[\]\n]*)\] \(\s*<?(?P<url>[^\s()<>]*) )
  | (?P<tag> {_BARE.format("|".join(sorted(TAGS - {"a", "img"})))} )
  | (?P<bracket> <(?=[A-Za-z/!?]) )
    """,
    re.VERBOSE | re.MULTILINE,
)

_View = list[tuple[Any, ...]]


class TextCleaner:
    """Cleans the texts of one notebook.

    Parameters
    ----------
    reserved : collection of str
        The `grade_id`s of the notebook, which no heading may claim.
    """

    def __init__(self, reserved: Collection[str]) -> None:
        self._reserved = frozenset(reserved)
        self._left = MAX_RENDERED

    def clean(self, cell: NotebookNode) -> None:
        """Make a Markdown or raw cell harmless, in place; a raw cell becomes Markdown."""
        attachments = _pictures(cell.pop("attachments", {}))
        if cell.cell_type == "raw":
            cell.cell_type, cell.source = "markdown", _as_code(cell.source)
            return
        if attachments:
            cell.attachments = nbformat.from_dict(attachments)
        self._left -= len(cell.source)
        if self._left < 0:
            cell.source = _as_code(cell.source)
        else:
            cell.source = harmless_markdown(cell.source, attachments, self._reserved)


def harmless_markdown(
    source: str, attachments: Mapping[str, Any] | None = None, reserved: Collection[str] = ()
) -> str:
    """Return Markdown that acts on no page that shows it.

    Parameters
    ----------
    source : str
    attachments : mapping, optional
        The cell's attached pictures.
    reserved : collection of str
        As in `TextCleaner`.

    Returns
    -------
    str
        The source itself if it does no harm. Applied to its own result, this changes nothing.
    """
    text = _plain(source)
    if len(text) <= MAX_MARKDOWN and text.count("[") <= MAX_BRACKETS:
        for candidate in (text, _PARTS.sub(_spelled, text)):
            if _is_harmless(candidate, attachments or {}, reserved):
                return candidate
    return _as_code(text)


def _pictures(attachments: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    found = {
        name: {mime: data for mime, data in bundle.items() if image_uri(mime, data)}
        for name, bundle in attachments.items()
    }
    return {name: bundle for name, bundle in found.items() if bundle}


def _as_code(text: str) -> str:
    """Return Markdown that shows a text as it was typed."""
    text = _plain(text)
    found = re.fullmatch(r"(`{3,})text\n(.*)\n\1", text, re.DOTALL)
    if not text.strip() or (found and found[1] == _fence(found[2])):
        return text
    return f"{_fence(text)}text\n{text}\n{_fence(text)}"


def _fence(text: str) -> str:
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    return "`" * max(3, longest + 1)


def has_macros(page: str) -> bool:
    """Whether MathJax would load or link something in a piece of HTML."""
    return bool(_MACRO.search(_view(page)[1]))


def _plain(text: str) -> str:
    """Return text without anything that acts on a terminal or reorders letters."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return clean_text(lines, len(lines))


def _spelled(found: re.Match[str]) -> str:
    """Return part of a text, escaped so that it is shown."""
    if found["kept"]:
        return found[0]
    if found["math"] or found["macro"]:
        return _MACRO.sub(r"\\ ", found[0])
    if found["link"]:
        return _spelled_link(found)
    if found["tag"]:
        name = re.match(r"</?\w+", found[0])
        return f"{name[0]}>" if name else "&lt;"
    return "&lt;"


def _spelled_link(found: re.Match[str]) -> str:
    url, is_link = found["url"], is_safe_link(found["url"])
    if found["image"]:
        if url.startswith("attachment:") or is_safe_image(url):
            return found[0]
        # A remote picture tells its owner who looks at it, and when; a link does not.
        return rf"\{found[0]}" if is_link else rf"\!\{found[0][1:]}"
    return found[0] if is_link else rf"\{found[0]}"


def _is_harmless(source: str, attachments: Mapping[str, Any], reserved: Collection[str]) -> bool:
    try:
        renderer = IPythonRenderer(escape=False, attachments=dict(attachments))
        page = strip_files_prefix(MarkdownWithMath(renderer=renderer).render(source))
        view, _ = _view(page)
    except Exception:  # noqa: BLE001  (the parsers fail in many ways on hostile text)
        return False
    # A browser's parser sees the same in it, and nothing that is not allowed.
    if view != _view(_ALLOWED.clean(page))[0]:
        return False
    taken = {f"{name}{field}" for name in reserved for field in _FIELDS}
    starts = [(event[1], dict(event[2])) for event in view if event[0] == "start"]
    return not (
        any(attributes.get("id") in taken for _, attributes in starts)
        or any(tag == "input" and found.get("type") != "checkbox" for tag, found in starts)
        or has_macros(page)
    )


class _Viewer(HTMLParser):
    """Lists what is in a piece of HTML, even comments; whitespace does not count."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.events: _View = []
        self.texts: list[str] = []
        self._verbatim = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.events.append(("start", tag, tuple(sorted((n, v or "") for n, v in attrs))))
        self._verbatim += tag in ("pre", "code")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.events.append(("start", tag, tuple(sorted((n, v or "") for n, v in attrs))))

    def handle_endtag(self, tag: str) -> None:
        self.events.append(("end", tag))
        self._verbatim -= tag in ("pre", "code")

    def handle_data(self, data: str) -> None:
        if not self._verbatim:
            self.texts.append(data)
        text = "".join(data.split())
        if self.events and self.events[-1][0] == "text":
            text = self.events.pop()[1] + text
        if text:
            self.events.append(("text", text))

    def handle_comment(self, data: str) -> None:
        self.events.append(("other", data))

    handle_decl = handle_pi = unknown_decl = handle_comment  # type: ignore[assignment]  # by position


def _view(page: str) -> tuple[_View, str]:
    """Return what is in a piece of HTML, and the text in which MathJax looks for formulas."""
    viewer = _Viewer()
    viewer.feed(page)
    viewer.close()
    return viewer.events, "".join(viewer.texts)


def _filter(tag: str, attribute: str, value: str) -> str | None:
    is_good = {
        "class": lambda: all(name in _CLASSES or _is_language(name) for name in value.split()),
        "href": lambda: is_safe_link(value),
        "src": lambda: is_safe_image(value),
        "style": lambda: re.fullmatch(r"text-align:(left|right|center)", value),
    }.get(attribute, lambda: True)
    del tag
    return value if is_good() else None


def _is_language(name: str) -> bool:
    return re.fullmatch(r"language-[\w+#.-]{1,40}", name) is not None


_ALLOWED = nh3.Cleaner(
    tags={*TAGS, *_HEADINGS, "input"},
    clean_content_tags={"script", "style"},
    attributes=_ATTRIBUTES,
    attribute_filter=_filter,
    url_schemes={"http", "https", "mailto", "data"},
    link_rel=None,
    strip_comments=True,
)
