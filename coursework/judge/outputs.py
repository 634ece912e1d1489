"""What the student's process claims that a cell has shown: accepted only in the right form."""

from collections.abc import Iterator
from typing import Any

from coursework.ipc.limits import Limits
from coursework.sandbox.process import Lost

__all__ = ["checked_run", "error_output"]

_FIGURES = 20


def error_output(text: str) -> dict[str, Any]:
    """Return the output of a cell that was stopped."""
    return {"output_type": "error", "ename": "Stopped", "evalue": text, "traceback": [text]}


def checked_run(answer: Any, limits: Limits) -> tuple[list[dict[str, Any]], str]:
    """Accept the outputs that the student's process claims, if they have the right form."""
    if not (isinstance(answer, tuple) and len(answer) == 2):  # noqa: PLR2004
        raise Lost("died", "broke the protocol: no result of a cell came.")
    outputs, error = answer
    if not isinstance(outputs, list) or not isinstance(error, str):
        raise Lost("died", "broke the protocol: no result of a cell came.")
    return list(_within(outputs, limits)), error[:2000]


def _within(outputs: list[Any], limits: Limits) -> Iterator[dict[str, Any]]:
    """Yield the outputs that have the right form, up to a size.

    The student's process itself observes the limit for text; a figure may be larger.
    """
    left = _FIGURES * limits.output_bytes
    for item in outputs[:1000]:
        clean = _output(item, limits)
        left -= len(str(clean))
        if left < 0:
            yield {"output_type": "stream", "name": "stdout", "text": "[more is not kept]\n"}
            return
        if clean:
            yield clean


def _output(item: Any, limits: Limits) -> dict[str, Any] | None:
    if not isinstance(item, dict):
        return None
    kind, limit = _text(item.get("output_type"), 20), _FIGURES * limits.output_bytes
    if kind == "stream":
        name = "stderr" if _text(item.get("name"), 10) == "stderr" else "stdout"
        return {"output_type": kind, "name": name, "text": _text(item.get("text"), limit)}
    if kind == "error":
        trace = item.get("traceback")
        lines = [_text(line, 4000) for line in trace[:100]] if isinstance(trace, list) else []
        texts = {key: _text(item.get(key), 4000) for key in ("ename", "evalue")}
        return {"output_type": kind, **texts, "traceback": lines}
    if kind in ("display_data", "execute_result") and isinstance(item.get("data"), dict):
        data = {_text(k, 100): _text(v, limit) for k, v in list(item["data"].items())[:10]}
        metadata = {
            mime: {"alt": alt} for mime in data if (alt := _alt(item.get("metadata"), mime))
        }
        return {"output_type": "display_data", "data": data, "metadata": metadata}
    return None


def _alt(metadata: Any, mime: str) -> str:
    """Return a picture's alt text; its other metadata are dropped."""
    about = metadata.get(mime) if isinstance(metadata, dict) else None
    return _text(about.get("alt"), 2000) if isinstance(about, dict) else ""


def _text(value: Any, limit: int) -> str:
    # A stand-in would ask the student's object what it equals.
    return value[:limit] if isinstance(value, str) else ""
