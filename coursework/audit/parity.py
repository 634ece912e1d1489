"""Parity: the judge says the same about an answer as its own notebook.

Each case is run once more in one process, without a wire (see `plain`). Points must agree, test by
test and part by part; for a mutant, whether it loses any. What cannot agree is listed, with the
reason, in the file of the lesson's known mistakes.

Behavioural mutants that change what the caller holds are not compared: in a notebook they spoil
the very data that the later lines of a test compare with, while the judge's stay intact.
"""

from collections.abc import Iterable

from coursework.audit.cases import Case
from coursework.audit.plain import Points, points_of
from coursework.judge.report import Outcome

__all__ = ["disagreement", "is_compared"]

_SPOILING = ("aliasing.changes_input(", "aliasing.returns_input(", "aliasing.changes_answer(")


def is_compared(case: Case) -> bool:
    """Whether a notebook and the judge should agree on a case."""
    return not (case.kind == "behaviour" and case.label.startswith(_SPOILING))


def disagreement(case: Case, judged: Iterable[Outcome], plain: Points) -> str:
    """Say where a notebook and the judge disagree.

    Parameters
    ----------
    case : Case
    judged : iterable of Outcome
        Of the judge.
    plain : dict
        What the tests earned in the notebook.

    Returns
    -------
    str
        "" if they agree.
    """
    outcomes = [one for one in judged if case.tested in ("", one.exercise)]
    found = {key: points for one in outcomes for key, points in points_of(one).items()}
    if case.is_mutant:
        return _of_mutant(sum(one.max_points for one in outcomes), found, plain)
    unlike = [
        f"{' '.join(filter(None, key))}: {points:g} graded, {plain.get(key, 0.0):g} in a notebook"
        for key, points in found.items()
        if points != plain.get(key, 0.0)
    ]
    return "; ".join(unlike)


def _of_mutant(full: float, judged: Points, plain: Points) -> str:
    judged_full, plain_full = (
        sum(points.get(key, 0.0) for key in judged) == full for points in (judged, plain)
    )
    if judged_full == plain_full:
        return ""
    return "only graded it loses points" if plain_full else "only in a notebook it loses points"
