"""Rank pairs of submissions by the structure that they share and nothing else explains.

Pieces of the release or the solution do not count, and pieces that many students have count for
little. The rest is compared as search engines compare texts: by the cosine of the angle between
two submissions, in which a piece that few students have is a long coordinate.
"""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.preprocessing import normalize

from coursework.batch.structure import pieces_by_exercise
from coursework.course.layout import Course
from coursework.errors import ConfigError
from coursework.gradebook.read import fully_graded
from coursework.gradebook.write import open_book
from coursework.grading.outcomes import read_graded
from coursework.nbgrader_bridge.settings import Settings, read_settings

__all__ = ["NOTE", "Pair", "similar"]

NOTE = (
    "This accuses nobody. Short exercises have few answers, and people learn together: "
    "read both submissions, and talk with both students, before you think anything of it."
)
_MIN_SHARED = 10  # pieces; any two programs share a few
_BLOCK = 256
_FEATURES = 2**20


@dataclass(frozen=True)
class Pair:
    """Two submissions with similar structure.

    Attributes
    ----------
    students : tuple of str
    score : float
        From 0, nothing alike, to 1, everything alike, apart from release and solution.
    n_shared : int
        Number of pieces, of eight tokens each, that both have.
    exercises : tuple of str
        Where they are in the first of the two, exercises with most of them first.
    """

    students: tuple[str, str]
    score: float
    n_shared: int
    exercises: tuple[str, ...]


def similar(
    course: Course,
    assignment: str,
    most: int = 20,
    progress: Callable[[int, int], None] = lambda _, __: None,
) -> tuple[Pair, ...]:
    """Return the pairs of graded submissions that are most alike, the most alike first.

    Parameters
    ----------
    course : Course
    assignment : str
    most : int
        Maximum number of pairs.
    progress : callable
        Called with the number of submissions, and of those that have been read.

    Raises
    ------
    ConfigError
        The gradebook cannot be used, or fewer than two submissions are graded.
    """
    settings = read_settings(course.root, assignment)
    with open_book(settings.db_url, settings.course_id, assignment) as book:
        students, notebooks = sorted(fully_graded(book)), book.notebooks
    if len(students) <= 1:
        msg = f"{assignment} has no two graded submissions: run `coursework grade {assignment}`"
        raise ConfigError(msg)
    reader = _Reader(settings, notebooks)

    def pieces() -> Iterator[set[str]]:
        for done, student in enumerate(students):
            progress(len(students), done)
            yield set().union(*reader.own(student).values())

    found = _ranked(pieces(), most)
    progress(len(students), len(students))
    return tuple(
        Pair(pair, score, n_shared, reader.where(*pair))
        for score, n_shared, pair in (
            (score, n_shared, (students[i], students[j])) for score, n_shared, i, j in found
        )
    )


class _Reader:
    """Reads what students wrote that was not handed out."""

    def __init__(self, settings: Settings, notebooks: tuple[str, ...]) -> None:
        self._settings, self._notebooks = settings, notebooks
        known = (settings.release, settings.source)
        self._known = set().union(*(pieces for one in known for pieces in self._in(one).values()))

    def own(self, student: str) -> dict[str, set[str]]:
        """Return a student's pieces by exercise, without those of the release or the solution."""
        found = self._in(self._settings.autograded_folder(student))
        return {exercise: pieces - self._known for exercise, pieces in found.items()}

    def where(self, student: str, other: str) -> tuple[str, ...]:
        """Return the exercises in which a student has pieces that another has anywhere."""
        theirs = set().union(*self.own(other).values())
        shared = {name: len(pieces & theirs) for name, pieces in self.own(student).items()}
        return tuple(name for name in sorted(shared, key=lambda one: -shared[one]) if shared[name])

    def _in(self, folder: Path) -> dict[str, set[str]]:
        return {
            f"{name}/{exercise}": pieces
            for name in self._notebooks
            for exercise, pieces in pieces_by_exercise(
                read_graded(folder / f"{name}.ipynb")
            ).items()
        }


def _ranked(submissions: Iterator[set[str]], most: int) -> list[tuple[float, int, int, int]]:
    """Return the pairs that are most alike: score, number of shared pieces, and both indices."""
    hashed = HashingVectorizer(
        analyzer=lambda pieces: pieces,
        n_features=_FEATURES,
        binary=True,
        norm=None,
        alternate_sign=False,
    )
    has = hashed.transform(submissions)
    n = has.shape[0]
    n_having = np.maximum(np.bincount(has.indices, minlength=_FEATURES), 1)
    weighted = normalize(has.multiply(np.log((1 + n) / n_having)).tocsr())
    return heapq.nlargest(most, _pairs(has, weighted))


def _pairs(has: Any, weighted: Any) -> Iterator[tuple[float, int, int, int]]:
    """Yield the pairs with enough in common, a block of submissions at a time."""
    for start in range(0, has.shape[0], _BLOCK):
        block = slice(start, start + _BLOCK)
        shared = (has[block] @ has.T).toarray()
        scores = (weighted[block] @ weighted.T).toarray()
        for i, j in np.argwhere(shared >= _MIN_SHARED):
            if start + i < j:
                yield min(float(scores[i, j]), 1.0), int(shared[i, j]), int(start + i), int(j)
