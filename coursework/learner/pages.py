"""What a check found, for display below a cell."""

import html

from rich.console import Console, RenderableType

from coursework.judge.report import Outcome, Part, by_exercise, sums
from coursework.learner.checker import Checked
from coursework.submissions.safe_file import printable_lines

__all__ = ["as_html", "as_plain", "hints_of"]

_WIDTH = 100
_TABLE = """<table><thead><tr><th></th><th>exercise</th><th>points</th><th style="text-align:left">\
what cost points</th></tr></thead><tbody>{rows}</tbody></table><p><b>{total}</b></p>"""
_ROW = """<tr><td>{mark}</td><td><code>{name}</code></td><td>{points}</td>\
<td style="text-align:left">{causes}</td></tr>"""
_OPEN = (
    "no known mistake explains it for certain: `%check {name}` shows the result and what was "
    "expected, and three folded hints are below the exercise"
)


def as_plain(lines: RenderableType) -> str:
    """Return lines as text without colours."""
    console = Console(width=_WIDTH, color_system=None, force_terminal=False)
    with console.capture() as capture:
        console.print(lines, soft_wrap=True)
    return capture.get().rstrip("\n")


def as_html(checked: Checked) -> str:
    """Return a table of points, with causes and hints: all text from answers is escaped."""
    report = checked.report
    rows = []
    for name, outcomes in by_exercise(report):
        points, possible = sums(outcomes)
        mark = "✓" if points == possible else "✗"
        causes = "".join(
            _cause(one) for outcome in outcomes for one in (outcome.parts or (outcome,))
        )
        shown = f"{points:g} of {possible:g}"
        rows.append(_ROW.format(mark=mark, name=_safe(name), points=shown, causes=causes))
    notes = "".join(f"<p>{_safe(note)}</p>" for note in checked.notes)
    total = f"{report.points:g} of {report.max_points:g} points"
    return notes + _TABLE.format(rows="".join(rows), total=total)


def _cause(one: Outcome | Part) -> str:
    texts = [f"<pre>{_safe(one.message)}</pre>"] if one.status != "passed" and one.message else []
    texts += [f"<p><b>Hint:</b> {_safe(hint)}</p>" for hint in one.hints]
    texts += [f"<p>{_safe(text)}</p>" for text in (one.diagnosis, one.credit) if text]
    return "".join(texts)


def _safe(text: str) -> str:
    return html.escape(printable_lines(text))


def hints_of(checked: Checked) -> str:
    """Return what is said about the first exercise that was tried and loses points."""
    for name, outcomes in by_exercise(checked.report):
        ones = [one for outcome in outcomes for one in (outcome.parts or (outcome,))]
        lost = [one for one in ones if one.status not in ("passed", "unwritten") and not one.credit]
        if lost:
            said = [text for one in lost for text in (*one.hints, one.diagnosis) if text]
            text = "\n".join(dict.fromkeys(said)) or _OPEN.format(name=name)
            return printable_lines(f"{name}: {text}")
    if any(one.status == "unwritten" for one in checked.report.outcomes):
        return "What is written is right; what is left has no answer yet."
    return "Every check passes."
