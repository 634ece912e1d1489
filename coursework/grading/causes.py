"""Why points were lost, in a few words."""

import re
from typing import Literal, cast, get_args

from coursework.judge.report import Outcome, Part, Status

__all__ = ["CAUSES", "short_cause", "shortened", "status_of"]

MAX_CAUSE = 110

# "failed" has no fixed text: the message says it.
CAUSES: dict[Status, str] = {
    "unwritten": "not written yet",
    "timeout": "took too long",
    "died": "ended its Python process",
    "broken": "its cell did not run",
}

# The student's own object may be in the place of the function.
_CALL = re.compile(r"(?:[\w.\[\]]+|<.*>)\(.*\)")


def short_cause(verdict: Outcome | Part) -> str:
    """Return why points were lost, as a phrase for a table; "" if none were.

    The misconception, if a known mistake reveals it; else the kind of difference; else what the
    check found.
    """
    if verdict.points >= verdict.max_points:
        return ""
    if verdict.status == "unwritten" and "not written" not in verdict.message:
        # Nothing could be read: the message says why.
        return shortened(_finding(verdict.message)) or CAUSES["unwritten"]
    if verdict.status in CAUSES:
        return CAUSES[verdict.status]
    told = (*verdict.hints[:1], verdict.diagnosis, _finding(verdict.message), "a check failed")
    return shortened(next(text for text in told if text))


def status_of(value: object, default: Literal["passed", "failed"]) -> Status:
    """Return a status that is read from a file, or the default if it is unknown."""
    return cast("Status", value) if value in get_args(Status) else default


def _finding(message: str) -> str:
    """Return the sentence of a check's message: the first that describes no call."""
    lines = [line for line in message.splitlines() if line.strip()]
    while len(lines) > 1 and (lines[0].startswith("  ") or _CALL.fullmatch(lines[0])):
        del lines[0]
    return lines[0].strip().rstrip(" :") if lines else ""


def shortened(text: str) -> str:
    """Return the beginning of a text that is too long for a table."""
    if len(text) <= MAX_CAUSE:
        return text
    return text[:MAX_CAUSE].rsplit(" ", 1)[0].rstrip(",;:") + " …"
