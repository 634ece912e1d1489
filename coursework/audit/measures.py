"""What is counted about the answers to an exercise, each in a column of the table.

A further measure is an entry of `MEASURES`, with a kind of case if it needs one.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Self, cast, get_args

from coursework.audit.cases import Case, CaseVerdict, Kind

__all__ = ["MEASURES", "Count", "Found", "Measure"]

Found = tuple[Case, CaseVerdict]


@dataclass(frozen=True)
class Count:
    """How many of all are as they should be."""

    good: int = 0
    all: int = 0

    @classmethod
    def of(cls, text: str) -> Self:
        """Return the count that `str` writes this way.

        Raises
        ------
        ValueError
            It is written in another way.
        """
        if text == "-":
            return cls()
        good, every = text.split("/")
        return cls(int(good), int(every))

    def is_share(self, share: float) -> bool:
        """Whether at least this share is good; of nothing, everything is."""
        return self.good >= share * self.all

    def __add__(self, other: "Count") -> "Count":
        return Count(self.good + other.good, self.all + other.all)

    def __str__(self) -> str:
        return f"{self.good}/{self.all}" if self.all else "-"


@dataclass(frozen=True)
class Measure:
    """One thing that is counted.

    Attributes
    ----------
    name : str
        In records.
    head : str
        Of its column.
    kinds : frozenset of Kind
        The cases that are counted; an answer that several students give counts once.
    is_good : callable
        Case, verdict → whether it is as it should be, or a count if it says several things, or
        None if it was not examined.
    share : float
        Share of a lesson's cases that must be good.
    unmet : str
        What they are and should do, in a sentence that begins with "only 3/4".
    proof : str
        Head of its column in README; "" if it has none.
    """

    name: str
    head: str
    kinds: frozenset[Kind]
    is_good: Callable[[Case, CaseVerdict], "Count | bool | None"]
    share: float
    unmet: str
    proof: str = ""

    def count(self, found: Iterable[Found]) -> Count:
        """Count the answers that are of its kinds."""
        counts: dict[tuple, Count] = {}
        for case, verdict in found:
            is_good = self.is_good(case, verdict) if case.kind in self.kinds else None
            if is_good is None:
                continue
            count = is_good if isinstance(is_good, Count) else Count(int(is_good), 1)
            answer = case.label, case.cells
            counts[answer] = min(count, counts.get(answer, count), key=lambda one: one.good)
        return sum(counts.values(), Count())


def _loses(_: Case, verdict: CaseVerdict) -> bool:
    return not verdict.is_full


def _is_hinted(case: Case, verdict: CaseVerdict) -> bool:
    return case.hint in verdict.hints


def _is_full(_: Case, verdict: CaseVerdict) -> bool:
    return verdict.is_full


def _is_alike(_: Case, verdict: CaseVerdict) -> bool | None:
    return None if verdict.unlike is None else not verdict.unlike


def _kept(_: Case, verdict: CaseVerdict) -> Count | None:
    if verdict.later is None:
        return None
    return Count(sum(not lost for _, lost in verdict.later), len(verdict.later))


def _is_true(_: Case, verdict: CaseVerdict) -> bool | None:
    return not verdict.refuted if verdict.hints else None


_MISTAKES = cast("frozenset[Kind]", frozenset({"mistake"}))

MEASURES = (
    Measure(
        *("caught", "caught", _MISTAKES, _loses, 1.0),
        unmet="mistakes lose points",
        proof="known mistakes that lose points",
    ),
    Measure(
        *("hinted", "hint", _MISTAKES, _is_hinted, 1.0),
        unmet="mistakes get their own hint",
        proof="and get their own hint",
    ),
    Measure(
        *(
            "true",
            "true",
            cast("frozenset[Kind]", frozenset({"mistake", "mutant", "behaviour", "slip"})),
            _is_true,
            1.0,
        ),
        unmet="hints that are shown are true",
        proof="hints that are true, of those shown for wrong answers",
    ),
    Measure(
        *(
            "accepted",
            "right",
            cast("frozenset[Kind]", frozenset({"right", "whole"})),
            _is_full,
            1.0,
        ),
        unmet="right answers get full marks",
        proof="unusual right answers that get full marks",
    ),
    Measure(
        *("killed", "killed", cast("frozenset[Kind]", frozenset({"mutant"})), _loses, 0.97),
        unmet="mutants are killed",
        proof="mutants that lose points",
    ),
    Measure(
        *("behaved", "behaviour", cast("frozenset[Kind]", frozenset({"behaviour"})), _loses, 0.97),
        unmet="behavioural mutants are killed",
        proof="behavioural mutants that lose points",
    ),
    Measure(
        *("parity", "parity", frozenset(get_args(Kind)), _is_alike, 1.0),
        unmet="answers get the same points in a notebook",
        proof="answers that a plain notebook grades alike",
    ),
    Measure(
        *("credit", "credit", _MISTAKES, _kept, 1.0),
        unmet="right answers behind a mistake keep their points",
        proof="right answers behind a mistake that keep their points",
    ),
)
