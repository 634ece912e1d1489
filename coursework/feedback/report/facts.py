"""The contents of the report on a class, as data; the template only lays them out."""

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
    """The result of a student who submitted.

    Attributes
    ----------
    points, max_points : float
        As in the gradebook; the penalty for lateness is already deducted.
    penalty : float
        Points that were deducted.
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
        """The points as a share of the maximum, from 0 to 1."""
        return min(max(self.points / self.max_points, 0.0), 1.0) if self.max_points else 0.0


@dataclass(frozen=True)
class Item:
    """An exercise or a question, and how the class did in it.

    Attributes
    ----------
    n : int
        Students with a final mark on it.
    n_open : int
        Students whose answer waits for a final mark.
    n_full, n_none : int
        Students with all of its points, and with none.
    earned : float or None
        Its difficulty, the mean share of its points that was earned: 0 if nobody earned any, 1
        if everybody earned all. None if nobody has a mark.
    discrimination : float or None
        The correlation, over students, of its points with those of all others. None if there
        are too few students, or no differences.
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
        """Students with some of its points."""
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
        "" if the whole notebook is concerned.
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
    """A question with answers that a person has to mark or review.

    Attributes
    ----------
    students : tuple of str
    reasons : dict
        Student → reason, if there is more to say than that the answer has no mark.
    """

    notebook: str
    question: str
    points: float
    students: tuple[str, ...]
    reasons: dict[str, str]


@dataclass(frozen=True)
class Credit:
    """Points that count despite a wrong earlier answer."""

    notebook: str
    exercise: str
    reason: str
    points: float
    students: tuple[str, ...]


@dataclass(frozen=True)
class Change:
    """A change that was not the student's to make; `kind` is one of `CHANGES`."""

    student: str
    notebook: str
    kind: str
    note: str


@dataclass(frozen=True)
class Cost:
    """How long a submission takes to judge, and how large it is.

    Attributes
    ----------
    seconds : float or None
        Wall time that judging took; None if unknown.
    slowest : str
        The notebook that took longest.
    n_bytes, n_files : int
        Size and number of its files, as submitted.
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
    """Everything in the report.

    Attributes
    ----------
    standings : tuple of Standing
        Those of all who submitted and are graded.
    absent : tuple of str
        Students who submitted nothing.
    ungraded : tuple of str
        Students whose submission is not in the gradebook.
    lost : tuple of str
        Graded notebooks, as student/notebook, that cannot be read: only their marks are known.
    items : tuple of Item
        In teaching order.
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
