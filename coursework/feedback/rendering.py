"""What a page shows of texts, code and outputs, within a time limit: after it, all is as typed."""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from coursework.feedback.markdown import (
    highlight_python,
    plain_code,
    plain_markdown,
    render_markdown,
)
from coursework.feedback.outputs import plain_outputs, render_outputs
from coursework.judge.time_limit import cpu_limit

__all__ = ["Rendering"]

_SECONDS = 10.0  # of CPU time; a lesson's page takes less than one


class _Spent(BaseException):
    """The time is up; parsers catch every `Exception`."""


class Rendering:
    """Renders the contents of one page."""

    def __init__(self) -> None:
        self._left = _SECONDS

    def markdown(self, source: str, attachments: Mapping[str, Any] | None = None) -> str:
        """Return Markdown as safe HTML."""
        rich = partial(render_markdown, source, attachments)
        return self._within_time(rich, partial(plain_markdown, source))

    def code(self, source: str) -> str:
        """Return Python source as the content of a `<pre>`."""
        return self._within_time(partial(highlight_python, source), partial(plain_code, source))

    def outputs(self, outputs: Sequence[Mapping[str, Any]]) -> str:
        """Return the outputs of a cell as safe HTML."""
        return self._within_time(partial(render_outputs, outputs), partial(plain_outputs, outputs))

    def _within_time(self, rich: Callable[[], str], plain: Callable[[], str]) -> str:
        start = time.process_time()
        try:
            if self._left > 0:
                with cpu_limit(self._left, _Spent()):
                    return rich()
        except _Spent:
            pass
        finally:
            self._left -= time.process_time() - start
        return plain()
