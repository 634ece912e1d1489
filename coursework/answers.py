"""Find answers that stand elsewhere than in their own cell.

Students merge cells, split them, paste all of their work into one, and write where there was
room. An answer is known by the names that it defines; it counts wherever it stands.
"""

import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from nbformat import NotebookNode

from coursework.authoring.names import bound_names
from coursework.matching import Known, is_same

__all__ = ["Homes", "defines", "find_answers", "part_merged"]

Owners = list[int | None]
"""For each submitted cell the index of the known cell that it is; None for the student's own."""

_LARGE = 200_000  # letters: to parse more may take the judge's memory
_RUN_AT_ONCE = re.compile(r"\A\s*%%(?:time|capture|prun)\b.*")
_MAGIC = re.compile(r"^[%!?].*|^.*\?\s*$", re.MULTILINE)
_DEFINED = re.compile(
    r"^(?:async\s+)?(?:def|class)\s+(\w+)|^(\w+)\s*(?::[^=\n]+)?=(?!=)", re.MULTILINE
)


@dataclass
class Homes:
    """Where answers stand.

    Attributes
    ----------
    owners : list of int or None
        As `match` gives it; an answer's cell is the exercise's.
    told : dict
        Exercise → the exercise in whose cell its answer stands, too.
    copies : dict
        Exercise → the submitted cell of a later exercise in which its answer stands, too.
    found : set
        Exercises whose cells are known by their answers alone.
    adopted : set
        Those of them that were cells of others.
    """

    owners: Owners
    told: dict[int, int] = field(default_factory=dict)
    copies: dict[int, int] = field(default_factory=dict)
    found: set[int] = field(default_factory=set)
    adopted: set[int] = field(default_factory=set)


def find_answers(
    cells: Sequence[NotebookNode], knowns: Sequence[Known], owners: Sequence[int | None]
) -> Homes:
    """Find the answers to exercises that have none in their own cell."""
    homes = Homes(list(owners))
    places = dict(_holding(cells, knowns, owners, _unanswered(cells, knowns, owners)))
    answering = {p for p in places if _is_answer(cells[p], owners[p], knowns)}
    for position in sorted(places.keys() - answering):
        found = places[position]
        homes.told |= dict.fromkeys(found[1:], found[0])
        homes.found.add(found[0])
        if owners[position] is not None:
            homes.adopted.add(found[0])
        homes.owners[position] = found[0]
    homes.told = {index: home for index, home in homes.told.items() if index not in homes.found}
    for position in sorted(answering):
        _share(position, owners[position], places[position], homes)
    return homes


def _is_answer(cell: NotebookNode, owner: int | None, knowns: Sequence[Known]) -> bool:
    """Whether a cell is that of an exercise, and answers it."""
    if owner is None or knowns[owner].kind != "exercise":
        return False
    is_stub = is_same(cell.source, knowns[owner].handed_out)
    return not is_stub and _names_of(knowns[owner]) <= defines(cell.source)


def _share(position: int, owner: int, found: list[int], homes: Homes) -> None:
    """Let a cell that answers its own exercise answer others as well."""
    others = [i for i in found if i not in {*homes.found, *homes.told, *homes.copies}]
    if not others:
        return
    first = min(owner, others[0])
    if first != owner:
        # The tests in between need it earlier; what else the cell does may need its own place.
        homes.copies[first] = position
    homes.told |= dict.fromkeys((i for i in others if i != first), first)


def part_merged(
    cells: Sequence[NotebookNode], knowns: Sequence[Known], owners: Sequence[int | None]
) -> tuple[list[NotebookNode], Owners]:
    """Part answers from locked cells that they were merged with, or written into.

    Returns
    -------
    tuple
        The cells and their owners, with a cell of the student's own for each such answer.
    """
    wanted = _unanswered(cells, knowns, owners)
    holding = {position for position, _ in _holding(cells, knowns, owners, wanted)}
    absent = [k.handed_out for i, k in enumerate(knowns) if k.kind == "test" and i not in owners]
    parted, new_owners = [], []
    for position, (cell, owner) in enumerate(zip(cells, owners, strict=True)):
        known = None if owner is None else knowns[owner]
        is_locked = known is not None and known.is_locked
        if is_locked and position in holding:
            parted.append(NotebookNode(cell, source=known.handed_out))
            new_owners.append(owner)
            texts = (known.handed_out, *absent)
            cell, owner = NotebookNode(cell, metadata=NotebookNode()), None  # noqa: PLW2901
            cell.source = _without(cell.source, texts)
        elif not is_locked and cell.cell_type == "code":
            cell = NotebookNode(cell, source=_without(cell.source, absent))  # noqa: PLW2901
        parted.append(cell)
        new_owners.append(owner)
    return parted, new_owners


def _without(source: str, texts: Iterable[str]) -> str:
    """Return a source without texts of the lesson that stand in it among other lines."""
    for text in filter(None, map(str.strip, texts)):
        if source.strip() != text:
            source = re.sub(rf"^{re.escape(text)}\s*$\n*", "", source, flags=re.MULTILINE)
    return source


def _unanswered(
    cells: Sequence[NotebookNode], knowns: Sequence[Known], owners: Sequence[int | None]
) -> dict[int, frozenset[str]]:
    """Return the exercises whose cell is gone, or without an answer, with the names they ask."""
    answered = {
        owner for cell, owner in zip(cells, owners, strict=True) if _is_answer(cell, owner, knowns)
    }
    return {
        index: names
        for index, known in enumerate(knowns)
        if known.kind == "exercise" and index not in answered and (names := _names_of(known))
    }


def _names_of(known: Known) -> frozenset[str]:
    """Return the names that an answer defines: the exercise's own, if its stub has that."""
    names = defines(known.handed_out)
    return names & {known.grade_id} or names


def _holding(
    cells: Sequence[NotebookNode],
    knowns: Sequence[Known],
    owners: Sequence[int | None],
    wanted: dict[int, frozenset[str]],
) -> Iterator[tuple[int, list[int]]]:
    """Yield the cells in which work of the student's answers wanted exercises, with these."""
    if not wanted:
        return
    for position, (cell, owner) in enumerate(zip(cells, owners, strict=True)):
        if cell.cell_type != "code" or _is_handed_out(cell, knowns, owner):
            continue
        names = defines(cell.source)
        if found := [index for index, asked in wanted.items() if asked <= names]:
            yield position, found


def _is_handed_out(cell: NotebookNode, knowns: Sequence[Known], owner: int | None) -> bool:
    if owner is not None:
        texts = [knowns[owner].handed_out, knowns[owner].node.source]
    else:
        texts = [known.handed_out for known in knowns if known.kind == "exercise"]
    return any(is_same(cell.source, text) for text in texts)


def defines(source: str) -> frozenset[str]:
    """Return the names that a cell binds at its top level, even where it does not parse."""
    code = _RUN_AT_ONCE.sub("", source)
    if code.lstrip().startswith("%%"):
        return frozenset()  # not Python, or text of a file
    try:
        if len(code) <= _LARGE:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return bound_names(_MAGIC.sub("pass", code))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        pass
    return frozenset(function or variable for function, variable in _DEFINED.findall(code))
