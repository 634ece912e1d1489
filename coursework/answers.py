"""Find answers that stand elsewhere than in their own cell.

Students merge cells, split them, paste all of their work into one, and write where there was
room. An answer is known by the names that it defines; it counts wherever it stands.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from nbformat import NotebookNode

from coursework.definitions import Definitions, stub_names
from coursework.matching import Known, is_same, normal

__all__ = ["Homes", "answers_elsewhere", "find_answers", "part_merged"]

_TOLD = "# The answer to `{}` stands in the cell of `{}`."

Owners = list[int | None]
"""For each submitted cell the index of the known cell that it is; None for the student's own."""


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
    cells: Sequence[NotebookNode],
    knowns: Sequence[Known],
    owners: Sequence[int | None],
    names_in: Definitions,
) -> Homes:
    """Find the answers to exercises that have none in their own cell."""
    homes = Homes(list(owners))
    places = _holding(cells, knowns, owners, names_in)
    answering = {p for p in places if _is_answer(cells[p], owners[p], knowns, names_in)}
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


def _is_answer(
    cell: NotebookNode, owner: int | None, knowns: Sequence[Known], names_in: Definitions
) -> bool:
    """Whether a cell is that of an exercise, and answers it."""
    if owner is None or knowns[owner].kind != "exercise":
        return False
    is_stub = is_same(cell.source, knowns[owner].handed_out)
    return not is_stub and _names_of(knowns[owner]) <= names_in(cell.source)


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


def answers_elsewhere(
    cells: Sequence[NotebookNode], knowns: Sequence[Known], homes: Homes, chosen: dict[int, int]
) -> dict[int, str]:
    """Return what stands in the cells of exercises whose answers stand in those of others.

    No stub is put there that would undo the answer; what a student wrote there stays.

    Parameters
    ----------
    cells, knowns : sequence
    homes : Homes
    chosen : dict
        Position of a submitted cell → index of the known one that it stands for.
    """
    written = {
        index: cells[position].source
        for position, index in chosen.items()
        if cells[position].source.strip()
        and not is_same(cells[position].source, knowns[index].handed_out)
    }
    told = {
        index: _TOLD.format(knowns[index].grade_id, knowns[home].grade_id)
        for index, home in homes.told.items()
    }
    copied = {
        index: "\n\n".join((*filter(None, [written.get(index)]), cells[position].source))
        for index, position in homes.copies.items()
    }
    return {index: written.get(index, text) for index, text in told.items()} | copied


def part_merged(
    cells: Sequence[NotebookNode],
    knowns: Sequence[Known],
    owners: Sequence[int | None],
    names_in: Definitions,
) -> tuple[list[NotebookNode], Owners]:
    """Part answers from locked cells that they were merged with, or written into.

    Returns
    -------
    tuple
        The cells and their owners, with a cell of the student's own for each such answer.
    """
    holding = _holding(cells, knowns, owners, names_in)
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
    cells: Sequence[NotebookNode],
    knowns: Sequence[Known],
    owners: Sequence[int | None],
    names_in: Definitions,
) -> dict[int, frozenset[str]]:
    """Return the exercises whose cell is gone, or without an answer, with the names they ask."""
    answered = {
        owner
        for cell, owner in zip(cells, owners, strict=True)
        if _is_answer(cell, owner, knowns, names_in)
    }
    return {
        index: names
        for index, known in enumerate(knowns)
        if known.kind == "exercise" and index not in answered and (names := _names_of(known))
    }


def _names_of(known: Known) -> frozenset[str]:
    """Return the names that an answer defines: the exercise's own, if its stub has that."""
    names = stub_names(known.handed_out)
    return names & {known.grade_id} or names


def _holding(
    cells: Sequence[NotebookNode],
    knowns: Sequence[Known],
    owners: Sequence[int | None],
    names_in: Definitions,
) -> dict[int, list[int]]:
    """Return the cells in which work of the student's answers exercises that lack an answer."""
    wanted = _unanswered(cells, knowns, owners, names_in)
    stubs = {normal(known.handed_out) for known in knowns if known.kind == "exercise"}
    found = {}
    for position, (cell, owner) in enumerate(zip(cells, owners, strict=True)):
        if wanted and cell.cell_type == "code" and not _is_handed_out(cell, knowns, owner, stubs):
            names = names_in(cell.source)
            found[position] = [index for index, asked in wanted.items() if asked <= names]
    return {position: indexes for position, indexes in found.items() if indexes}


def _is_handed_out(
    cell: NotebookNode, knowns: Sequence[Known], owner: int | None, stubs: set[tuple[str, ...]]
) -> bool:
    if owner is None:
        return normal(cell.source) in stubs
    known = knowns[owner]
    return any(is_same(cell.source, text) for text in (known.handed_out, known.node.source))
