"""Outputs of a student's cells as safe HTML."""

import html
from collections.abc import Iterable, Mapping
from typing import Any

from coursework.feedback.markdown import render_markdown
from coursework.submissions.drawing import svg_uri
from coursework.submissions.sanitize import clean_html, clean_text, image_uri

__all__ = ["plain_outputs", "render_outputs"]

MAX_OUTPUTS = 60

_SVG = "image/svg+xml"
_IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp")


def render_outputs(outputs: Iterable[Mapping[str, Any]]) -> str:
    """Return the outputs of a cell as HTML, each in the safest form that it offers.

    Scripts and widgets are not shown; a note replaces an output that has no other form. SVG is
    shown as a picture, with only what draws.
    """
    shown = list(outputs)
    parts = [_render(output) for output in shown[:MAX_OUTPUTS]]
    if len(shown) > MAX_OUTPUTS:
        parts.append(_note(f"{len(shown) - MAX_OUTPUTS} more outputs are not shown."))
    return "\n".join(part for part in parts if part)


def plain_outputs(outputs: Iterable[Mapping[str, Any]]) -> str:
    """Return the outputs of a cell as HTML, only the texts."""
    return render_outputs(map(_text_alone, outputs))


def _text_alone(output: Mapping[str, Any]) -> Mapping[str, Any]:
    data = output.get("data") or {}
    return {**output, "data": {mime: data[mime] for mime in data if mime == "text/plain"}}


def _render(output: Mapping[str, Any]) -> str:
    kind = output.get("output_type")
    if kind == "stream":
        text = clean_text(output.get("text", ""))
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return f'<pre class="{name}">{html.escape(text)}</pre>' if text.strip() else ""
    if kind == "error":
        lines = output.get("traceback") or []
        text = clean_text("\n".join(map(str, lines)))
        if not text.strip():
            text = clean_text(f"{output.get('ename', 'Error')}: {output.get('evalue', '')}")
        return f'<pre class="error">{html.escape(text)}</pre>'
    return _render_data(output.get("data") or {}, output.get("metadata") or {})


def _render_data(data: Mapping[str, Any], metadata: Mapping[str, Any]) -> str:
    for mime in _IMAGES:
        if mime in data and (uri := image_uri(mime, data[mime])):
            return f'<img src="{uri}" alt="{html.escape(_alt(data, metadata.get(mime)))}">'
    if _SVG in data and (uri := svg_uri(data[_SVG])):
        return f'<img src="{uri}" alt="{html.escape(_alt(data, metadata.get(_SVG)))}">'
    if "text/html" in data:
        cleaned = clean_html(_text(data["text/html"]))
        if cleaned.strip():
            return f'<div class="html">{cleaned}</div>'
    for mime in ("text/markdown", "text/latex"):
        if mime in data:
            return f'<div class="html">{render_markdown(_text(data[mime]))}</div>'
    if "text/plain" in data:
        return f"<pre>{html.escape(clean_text(data['text/plain']))}</pre>"
    kinds = ", ".join(sorted(clean_text(mime, 60) for mime in data))
    return _note(f"An output is not shown here ({kinds or 'empty'}).")


def _alt(data: Mapping[str, Any], about: object) -> str:
    given = about.get("alt") if isinstance(about, Mapping) else ""
    text = clean_text(given or "", 2000).strip()
    return text or f"Output of this cell: {clean_text(data.get('text/plain', 'Figure'), 200)}"


def _text(value: object) -> str:
    return "".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _note(text: str) -> str:
    return f'<p class="note">{html.escape(text)}</p>'
