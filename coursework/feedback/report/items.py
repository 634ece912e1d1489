"""How hard exercises are, and how well they tell students apart."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from coursework.feedback.report.facts import Item

__all__ = ["Place", "items_of"]

_MIN_STUDENTS = 3
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Place:
    """A marked cell: where it is, and the exercise or question that its points belong to."""

    notebook: str
    cell: str
    exercise: str
    is_question: bool
    max_points: float


def items_of(places: Sequence[Place], points: np.ndarray) -> tuple[Item, ...]:
    """Return how a class did in each exercise, in the order of its first cell.

    Parameters
    ----------
    places : sequence of Place
        The columns.
    points : ndarray, shape (n_students, n_places)
        NaN if there is no final mark.
    """
    columns: dict[tuple[str, str], list[int]] = {}
    for number, place in enumerate(places):
        columns.setdefault((place.notebook, place.exercise), []).append(number)
    total = np.nansum(points, axis=1)
    found = []
    for own in columns.values():
        first, earned = places[own[0]], points[:, own].sum(axis=1)
        most = sum(places[number].max_points for number in own)
        rest = total - np.nansum(points[:, own], axis=1)
        if most:
            found.append(_item(first, most, earned, rest))
    return tuple(found)


def _item(first: Place, most: float, earned: np.ndarray, rest: np.ndarray) -> Item:
    is_final = ~np.isnan(earned)
    earned, rest = earned[is_final], rest[is_final]
    return Item(
        notebook=first.notebook,
        name=first.exercise,
        is_question=first.is_question,
        max_points=most,
        n=len(earned),
        n_open=int((~is_final).sum()),
        n_full=int((earned >= most).sum()),
        n_none=int((earned <= 0).sum()),
        earned=float(earned.mean() / most) if len(earned) else None,
        discrimination=_correlation(earned, rest),
    )


def _correlation(x: np.ndarray, y: np.ndarray) -> float | None:
    """Return Pearson's correlation; None if there are too few students, or one side is constant."""
    if len(x) < _MIN_STUDENTS:
        return None
    x, y = x - x.mean(), y - y.mean()
    length = np.linalg.norm(x) * np.linalg.norm(y)
    return float(np.clip(x @ y / length, -1, 1)) if length > _ROUNDING else None
