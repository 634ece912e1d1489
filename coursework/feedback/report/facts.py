"""What the report on a class tells, as data; the template only lays it out."""

from dataclasses import dataclass

__all__ = [
    "Change",
    "ClassReport",
    "Cost",
    "Credit",
    "Example",
    "Item",
    "Mistake",
    "Standing",
    "Waiting",
]


@dataclass(frozen=True)
class Standing:
    """What a student has, of those who submitted.

    Attributes
    ----------
    points, max_points : float
        As the gradebook has them; what is taken off for lateness is taken off.
    penalty : float
        What was taken off.
    open_points : float
        Points of answers that a person has not marked yet.
    """

    student: str
    points: float
    max_points: float
    penalty: float
    open_points: float

    @property
    def share(self) -> float:
        """The points as a share of all, from 0 to 1."""
        return min(max(self.points / self.max_points, 0.0), 1.0) if self.max_points else 0.0


@dataclass(frozen=True)
class Item:
    """An exercise or a question, and how the class did in it.

    Attributes
    ----------
    n : int
        Students with a final mark on it.
    n_open : int
        Students whose answer waits for one.
    n_full, n_none : int
        Those with all of its points, and with none.
    earned : float or None
        The mean share of its points that was earned, its difficulty: from 0, which nobody
        solved, to 1, which everybody did. None where nobody has a mark.
    discrimination : float or None
        The correlation of its points with those of all others, over students. None where
        there are too few students, or no differences.
    """

    notebook: str
    name: str
    is_question: bool
    max_points: float
    n: int
    n_open: int
    n_full: int
    n_none: int
    earned: float | None
    discrimination: float | None

    @property
    def n_part(self) -> int:
        """Students with a part of its points."""
        return self.n - self.n_full - self.n_none


@dataclass(frozen=True)
class Example:
    """What one student was told."""

    student: str
    test: str
    message: str


@dataclass(frozen=True)
class Mistake:
    """A cause for which points were lost.

    Attributes
    ----------
    exercise : str
        "" where the whole notebook is concerned.
    is_known : bool
        Whether `text` is the hint of a known mistake.
    """

    notebook: str
    exercise: str
    text: str
    is_known: bool
    students: tuple[str, ...]
    points: float
    example: Example


@dataclass(frozen=True)
class Waiting:
    """A question that a person has to mark or to look at again.

    Attributes
    ----------
    students : tuple of str
    reasons : dict
        Student → why, where there is more to say than that the answer has no mark.
    """

    notebook: str
    question: str
    points: float
    students: tuple[str, ...]
    reasons: dict[str, str]


@dataclass(frozen=True)
class Credit:
    """Points that count although an earlier answer was wrong."""

    notebook: str
    exercise: str
    reason: str
    points: float
    students: tuple[str, ...]


@dataclass(frozen=True)
class Change:
    """What a student changed that was not theirs to change; `kind` is one of `CHANGES`."""

    student: str
    notebook: str
    kind: str
    note: str


@dataclass(frozen=True)
class Cost:
    """What a submission costs to judge and to keep.

    Attributes
    ----------
    seconds : float or None
        Wall time of its judging; None where that is unknown.
    slowest : str
        The notebook that took longest.
    n_bytes, n_files : int
        As it was submitted.
    largest : str
        Its largest file.
    """

    student: str
    seconds: float | None
    slowest: str
    n_bytes: int
    n_files: int
    largest: str


@dataclass(frozen=True)
class ClassReport:
    """All that the report tells.

    Attributes
    ----------
    standings : tuple of Standing
        Of all who submitted.
    absent : tuple of str
        Students of whom nothing is in the gradebook.
    ungraded : tuple of str
        Students whose submission is not in the gradebook.
    lost : tuple of str
        Graded notebooks, as student/notebook, that cannot be read: of these nothing is known
        but marks.
    items : tuple of Item
        In the order in which they are taught.
    mistakes : tuple of Mistake
        Most common first.
    """

    assignment: str
    standings: tuple[Standing, ...]
    absent: tuple[str, ...]
    ungraded: tuple[str, ...]
    lost: tuple[str, ...]
    items: tuple[Item, ...]
    mistakes: tuple[Mistake, ...]
    waiting: tuple[Waiting, ...]
    credits: tuple[Credit, ...]
    changes: tuple[Change, ...]
    costs: tuple[Cost, ...]
