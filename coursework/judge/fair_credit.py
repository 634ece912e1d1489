"""Fair credit: an early mistake is not punished twice.

A test that fails is run again with the answers to earlier wrong exercises replaced by the
instructor's (see `world`). If it then passes, it counts. Only exercises that the instructor's
answer uses are replaced: otherwise an answer that merely calls another exercise's function
would be right although the student has written neither.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from coursework.course.lesson import Cell
from coursework.course.names import defined_names, loaded_names
from coursework.judge.instructor import Instructor
from coursework.judge.report import Outcome, Part
from coursework.judge.sharing import companions

__all__ = ["credited", "replaced", "used_by"]


def used_by(instructor: Instructor, test: Cell, exercises: Collection[str]) -> list[str]:
    """Return the exercises that must be right for a test, or for the solution that it tests."""
    used = _used(instructor, [test, *_cells_of(instructor, test.exercise)]) - {test.exercise}
    return [exercise for exercise in exercises if exercise in used]


def replaced(
    instructor: Instructor, test: Cell, wrong: Sequence[str], right: Sequence[str]
) -> list[str]:
    """Return the exercises whose answers are replaced so that a test can be tried again.

    Besides the wrong ones, these are the right ones that the test needs, since the student's
    would have to work on lent objects with a question for each step, and those that change the
    same lists.

    Parameters
    ----------
    instructor : Instructor
    test : Cell
    wrong : sequence of str
        Of the exercises that the test needs.
    right : sequence of str
        All that have passed their tests so far.
    """
    found = [*wrong, *used_by(instructor, test, right)]
    others = [one for one in right if one not in (*found, test.exercise)]
    return [*found, *companions(instructor, found, others)]


def _cells_of(instructor: Instructor, exercise: str) -> list[Cell]:
    return [c for c in instructor.lesson.of_kind("exercise") if c.exercise == exercise]


def _used(instructor: Instructor, cells: list[Cell]) -> set[str]:
    """Return the exercises of cells, and all whose names these cells and given cells use."""
    others = tuple(instructor.lesson.of_kind("given", "exercise"))
    home = {name: cell for cell in others for name in defined_names(cell.source)}
    found = list(cells)
    for cell in found:
        more = (home[name] for name in sorted(loaded_names(cell.source) & home.keys()))
        found += [one for one in more if one not in found]
    return {cell.exercise for cell in found}


def credited(outcome: Outcome, again: Outcome, earlier: Sequence[str]) -> Outcome:
    """Return the outcome with the points that the second run adds, and the reason.

    Parameters
    ----------
    outcome, again : Outcome
        Of the same test: with the student's notebook as it is, and with answers replaced.
    earlier : sequence of str
        The exercises whose answers were replaced.
    """
    if again.points <= outcome.points:
        return outcome
    names = " and ".join(f"`{name}`" for name in earlier)
    reason = f"Counted: with the right {names} in place of yours this test passes."
    if not outcome.parts:
        return replace(again, credit=reason)
    pairs = zip(outcome.parts, again.parts, strict=True)
    parts = tuple(_better(part, other, reason) for part, other in pairs)
    failed = [part for part in parts if part.status != "passed"]
    return replace(
        outcome,
        points=sum(part.points for part in parts),
        status=failed[0].status if failed else "passed",
        message="\n\n".join(f"{part.name}: {part.message}" for part in failed),
        credit=reason,
        parts=parts,
    )


def _better(part: Part, other: Part, reason: str) -> Part:
    return replace(other, credit=reason) if other.points > part.points else part
