"""Markdown, of a lesson, a student or a grader, as safe HTML with MathML."""

import html
import re
import secrets
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from mistune.util import striptags
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from coursework.feedback.mathml import to_mathml
from coursework.submissions.harmless import MAX_MARKDOWN
from coursework.submissions.sanitize import MAX_HTML, clean_html, clean_text, is_safe_image

__all__ = ["highlight_python", "plain_code", "plain_markdown", "render_markdown"]

MAX_CODE = 50_000

_PLACEHOLDER = re.compile(r'<span data-math="([^"]*)"></span>')

# The page itself has headings down to the third level.
_SHIFT = 3


def render_markdown(source: str, attachments: Mapping[str, Any] | None = None) -> str:
    """Return Markdown as HTML that is safe in a page.

    Parameters
    ----------
    source : str
        Markdown with `$formulas$`; HTML in it is sanitised.
    attachments : mapping, optional
        The cell's attached pictures, as notebooks hold them.
    """
    return _render(source, attachments) if attachments else _render_shared(source)


@lru_cache(maxsize=1024)
def _render_shared(source: str) -> str:
    """Render what may occur in many notebooks: the lesson's text."""
    return _render(source, {})


def _render(source: str, attachments: Mapping[str, Any]) -> str:
    if len(source) > MAX_MARKDOWN:
        return plain_markdown(source)
    renderer = _Renderer(attachments)
    try:
        cleaned = clean_html(MarkdownWithMath(renderer=renderer).render(source))
    except Exception:  # noqa: BLE001  (the parser fails in many ways on hostile text)
        return plain_markdown(source)
    return _PLACEHOLDER.sub(lambda found: renderer.formulas.get(found[1], ""), cleaned)


@lru_cache(maxsize=1024)
def highlight_python(source: str) -> str:
    """Return Python source as the content of a `<pre>`, with Pygments' classes."""
    code = clean_text(source, MAX_CODE)
    if len(code) >= MAX_CODE:
        return plain_code(source)
    return highlight(code, PythonLexer(stripnl=False), HtmlFormatter(nowrap=True))


def plain_code(source: str) -> str:
    """Return source as the content of a `<pre>`, as it was typed."""
    return html.escape(clean_text(source, MAX_CODE))


def plain_markdown(source: str) -> str:
    """Return Markdown as it was typed."""
    return f"<pre>{html.escape(clean_text(source))}</pre>"


class _Renderer(IPythonRenderer):
    """Renders formulas as empty elements, which are filled after the HTML is sanitised.

    MathML does not pass the sanitiser. The element is written so that nothing like it can occur
    in an attribute (where quotes are escaped) or in text (where brackets are), and it carries a
    number that nobody can guess.
    """

    def __init__(self, attachments: Mapping[str, Any]) -> None:
        super().__init__(escape=False, exclude_anchor_links=True, attachments=dict(attachments))
        self.formulas: dict[str, str] = {}
        self._left = MAX_HTML
        self._are_safe: dict[str, bool] = {}

    def _formula(self, source: str, *, block: bool) -> str:
        rendered = to_mathml(source, block=block)
        if rendered is None:
            rendered = f"<code>{html.escape(clean_text(source))}</code>"
        if block:
            rendered = f'<span class="formula">{rendered}</span>'
        token = secrets.token_hex(16)
        self.formulas[token] = rendered
        return f'<span data-math="{token}"></span>'

    def inline_math(self, body: str) -> str:
        return self._formula(body, block=False)

    def block_math(self, body: str) -> str:
        return self._formula(body, block=True)

    def latex_environment(self, name: str, body: str) -> str:
        return self._formula(f"\\begin{{{name}}}{body}\\end{{{name}}}", block=True)

    def heading(self, text: str, level: int, **_attributes: object) -> str:
        level = min(level + _SHIFT, 6)
        return f"<h{level}>{text}</h{level}>\n"

    def block_code(self, code: str, info: str | None = None) -> str:
        # The sanitiser drops classes, so that highlighting would be lost anyway.
        del info
        return f"<pre>{html.escape(code)}</pre>\n"

    def image(self, text: str, url: str, title: str | None = None) -> str:
        del title
        kept = self._attached(url)
        alt = html.escape(striptags(text or ""))
        if not self._is_shown(kept):
            return f"<em>[picture left out: {alt}]</em>"
        return f'<img src="{kept}" alt="{alt}">'

    def _is_shown(self, uri: str) -> bool:
        """Whether this is a picture, and there is room for it among the pictures of its cell."""
        self._left -= len(uri)
        if self._left < 0:
            return False
        if uri not in self._are_safe:
            self._are_safe[uri] = is_safe_image(uri)
        return self._are_safe[uri]

    def _attached(self, url: str) -> str:
        if not url.startswith("attachment:"):
            return url
        bundle = self.attachments.get(url.removeprefix("attachment:"), {})
        return next((f"data:{mime};base64,{data}" for mime, data in bundle.items()), "")
