"""Tracebacks of a notebook: the student's own lines, each once.

IPython shows them in its own way; a line says what is left out between two of them.
`%xmode Verbose` shows everything.
"""

import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Any, cast

__all__ = ["shorten_tracebacks"]

_PACKAGE = Path(__file__).parents[2]
_LIBRARIES = tuple(
    {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
)
_MAX_NAMED = 3

_Place = tuple[str, int]


@dataclass
class _Shown:
    """A frame that is shown, and what was left out after it."""

    step: TracebackType
    notes: list[str]


def shorten_tracebacks(shell: Any) -> None:
    """Make an IPython shell show only the student's own lines."""
    formatter = shell.InteractiveTB
    usual = formatter.structured_traceback

    def structured_traceback(
        etype: Any = None, evalue: Any = None, etb: Any = None, tb_offset: Any = None, **more: Any
    ) -> list[str]:
        if formatter.mode != "Verbose" and isinstance(etb, TracebackType):
            shown = _shown(etb, shell.user_ns)
            if shown:
                _cut_causes(evalue, shell.user_ns)
                lines = usual(etype, evalue, _chain(shown), tb_offset=0, **more)
                return _with_notes(lines, shown)
        return cast("list[str]", usual(etype, evalue, etb, tb_offset=tb_offset, **more))

    formatter.structured_traceback = structured_traceback


def _shown(tb: TracebackType, namespace: dict[str, Any]) -> list[_Shown]:
    """Return a traceback's own frames; those that repeat, once."""
    shown: list[_Shown] = []
    seen: set[object] = set()
    repeated: list[_Place] = []
    for package, group in groupby(_steps(tb), lambda step: _package(step, namespace)):
        steps = list(group)
        if package:
            if shown and not repeated:
                calls = "one call" if len(steps) == 1 else f"{len(steps)} calls"
                shown[-1].notes.append(f"… {calls} inside {package}")
            continue
        for step in steps:
            key = step.tb_frame.f_code, step.tb_lineno
            if key in seen:
                repeated.append((step.tb_frame.f_code.co_name, step.tb_lineno))
                continue
            _fold(shown, repeated)
            seen.add(key)
            shown.append(_Shown(step, []))
    _fold(shown, repeated)
    return shown


def _fold(shown: list[_Shown], repeated: list[_Place]) -> None:
    """Say how many frames repeat."""
    if repeated:
        places = [f"{name} (line {line})" for name, line in dict.fromkeys(repeated)]
        if len(places) > _MAX_NAMED:
            places[_MAX_NAMED:] = [f"{len(places) - _MAX_NAMED} other lines"]
        text = " and ".join(filter(None, (", ".join(places[:-1]), places[-1])))
        calls = "call" if len(repeated) == 1 else "calls"
        shown[-1].notes.append(f"… {len(repeated):,} more {calls} of {text}")
        repeated.clear()


def _steps(tb: TracebackType | None) -> Iterator[TracebackType]:
    while tb is not None:
        yield tb
        tb = tb.tb_next


def _package(step: TracebackType, namespace: dict[str, Any]) -> str:
    """Return the package that a frame is in; "" for the student's own."""
    frame = step.tb_frame
    if frame.f_globals is namespace:
        return ""
    path = frame.f_code.co_filename
    is_own = not path.startswith((*_LIBRARIES, str(_PACKAGE), "<"))
    name = str(frame.f_globals.get("__name__") or "Python").partition(".")[0]
    return "" if is_own else name


def _chain(shown: list[_Shown]) -> TracebackType | None:
    chain: TracebackType | None = None
    for one in reversed(shown):
        chain = TracebackType(chain, one.step.tb_frame, one.step.tb_lasti, one.step.tb_lineno)
    return chain


def _cut_causes(error: BaseException | None, namespace: dict[str, Any]) -> None:
    """Cut the tracebacks of the exceptions behind this one, too."""
    known = {id(error)}
    while error := error and (error.__cause__ or error.__context__):
        if id(error) in known:
            return
        known.add(id(error))
        shown = _shown(error.__traceback__, namespace) if error.__traceback__ else []
        if shown:
            error.__traceback__ = _chain(shown)


def _with_notes(lines: list[str], shown: list[_Shown]) -> list[str]:
    """Put what is said about omitted frames below the frames shown before them.

    The last lines are frames and the exception; before them are a heading, and the cause.
    """
    first = len(lines) - 1 - len(shown)
    if first < 0:
        return lines
    noted = lines[:first]
    for line, one in zip(lines[first:-1], shown, strict=True):
        noted.append(line.rstrip("\n") + "".join(f"\n    {note}" for note in one.notes) + "\n")
    return [*noted, lines[-1]]
