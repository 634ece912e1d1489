"""Find answers outside their own cells.

Students merge cells, split them, paste all their work into one, and write wherever there is room.
An answer is recognised by the names that it defines; it counts wherever it is.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from nbformat import NotebookNode
from nbgrader import utils

from coursework.submissions.definitions import Definitions, definition_of, needs_at_once, stub_names
from coursework.submissions.matching import Known, is_same, normal

__all__ = ["Homes", "Matched", "answers_elsewhere", "find_answers", "part_merged"]

_TOLD = "# The answer to `{}` stands in the cell of `{}`."


@dataclass(frozen=True)
class Matched:
    """A submitted notebook whose cells have been matched with the lesson's.

    Parameters
    ----------
    cells : sequence of NotebookNode
    knowns : sequence of Known
    owners : sequence of int or None
        From `match`: for each cell the index of the known one that it is.
    names_in : Definitions
    """

    cells: Sequence[NotebookNode]
    knowns: Sequence[Known]
    owners: Sequence[int | None]
    names_in: Definitions

    def is_answer(self, position: int) -> bool:
        """Whether a cell is an exercise's own, and answers it."""
        owner, source = self.owners[position], self.cells[position].source
        if owner not in self._wanted or is_same(source, self.knowns[owner].handed_out):
            return False
        return self._wanted[owner] <= self.names_in(source)

    @cached_property
    def holding(self) -> dict[int, list[int]]:
        """The cells in which a student's work answers exercises whose own cells do not."""
        answered = {owner for position, owner in enumerate(self.owners) if self.is_answer(position)}
        wanted = {index: names for index, names in self._wanted.items() if index not in answered}
        found = {}
        for position, cell in enumerate(self.cells if wanted else ()):
            if cell.cell_type == "code" and not self._is_handed_out(position):
                names = self.names_in(cell.source)
                found[position] = [index for index, asked in wanted.items() if asked <= names]
        return {position: indexes for position, indexes in found.items() if indexes}

    @cached_property
    def _wanted(self) -> dict[int, frozenset[str]]:
        """The names that an answer to each exercise defines."""
        return {
            index: names
            for index, known in enumerate(self.knowns)
            if known.kind == "exercise"
            and utils.is_solution(known.node)
            and (names := _names_of(known))
        }

    @cached_property
    def _stubs(self) -> set[tuple[str, ...]]:
        return {normal(self.knowns[index].handed_out) for index in self._wanted}

    def _is_handed_out(self, position: int) -> bool:
        owner, source = self.owners[position], self.cells[position].source
        if owner is None:
            return normal(source) in self._stubs
        known = self.knowns[owner]
        return any(is_same(source, text) for text in (known.handed_out, known.node.source))


def _names_of(known: Known) -> frozenset[str]:
    """Return the names that an answer defines: only the exercise's own, if its stub has that."""
    names = stub_names(known.handed_out)
    return names & {known.grade_id} or names


def part_merged(matched: Matched) -> Matched:
    """Separate answers from locked cells that they were merged with, or written into.

    Each such answer becomes a cell of the student's own. Tests that were merged into other cells
    are cut out there, since they are put back in their place.
    """
    knowns, owners = matched.knowns, matched.owners
    absent = [k.handed_out for i, k in enumerate(knowns) if k.kind == "test" and i not in owners]
    parted: list[tuple[NotebookNode, int | None]] = []
    for position, (cell, owner) in enumerate(zip(matched.cells, owners, strict=True)):
        known = None if owner is None else knowns[owner]
        if known is not None and known.is_locked:
            if position in matched.holding:
                rest = _without(cell.source, (known.handed_out, *absent))
                parted.append((NotebookNode(cell, source=known.handed_out), owner))
                parted.append((NotebookNode(cell, source=rest, metadata=NotebookNode()), None))
            else:
                parted.append((cell, owner))
        elif cell.cell_type == "code":
            parted.append((NotebookNode(cell, source=_without(cell.source, absent)), owner))
        else:
            parted.append((cell, owner))
    cells, new_owners = zip(*parted, strict=True) if parted else ((), ())
    return replace(matched, cells=cells, owners=new_owners)


def _without(source: str, texts: Iterable[str]) -> str:
    """Return a source without the lesson's texts that it contains among other lines."""
    for text in filter(None, map(str.strip, texts)):
        if source.strip() != text:
            source = re.sub(rf"^{re.escape(text)}\s*$\n*", "", source, flags=re.MULTILINE)
    return source


@dataclass
class Homes:
    """Where answers are.

    Attributes
    ----------
    owners : list of int or None
        From `match`; an answer's cell is the exercise's.
    told : dict
        Exercise → the exercise whose cell also holds its answer.
    copies : dict
        Exercise → the submitted cell of a later exercise that also holds its answer.
    found : set
        Exercises whose cells were recognised only by their answers.
    adopted : set
        Those of them whose cells were other exercises'.
    """

    owners: list[int | None]
    told: dict[int, int] = field(default_factory=dict)
    copies: dict[int, int] = field(default_factory=dict)
    found: set[int] = field(default_factory=set)
    adopted: set[int] = field(default_factory=set)

    def adopt(self, position: int, exercises: Sequence[int]) -> None:
        """Give a cell without an answer of its own to the first exercise that it answers."""
        first, *others = exercises
        self.told |= dict.fromkeys(others, first)
        self.found.add(first)
        if self.owners[position] is not None:
            self.adopted.add(first)
        self.owners[position] = first

    def share(self, position: int, exercises: Sequence[int]) -> None:
        """Let a cell that answers its own exercise answer others as well."""
        others = [i for i in exercises if i not in {*self.found, *self.told, *self.copies}]
        own = self.owners[position]
        if own is None or not others:
            return
        first = min(own, others[0])
        if first != own:
            # Tests in between need it earlier; the rest of the cell may need its own place.
            self.copies[first] = position
        self.told |= dict.fromkeys((i for i in others if i != first), first)


def find_answers(matched: Matched) -> Homes:
    """Find the answers to exercises that have none in their own cell."""
    homes = Homes(list(matched.owners))
    answering = set(filter(matched.is_answer, matched.holding))
    for position in sorted(matched.holding.keys() - answering):
        homes.adopt(position, matched.holding[position])
    homes.told = {index: home for index, home in homes.told.items() if index not in homes.found}
    for position in sorted(answering):
        homes.share(position, matched.holding[position])
    return homes


def answers_elsewhere(matched: Matched, homes: Homes, best: dict[int, int]) -> dict[int, str]:
    """Return the contents of exercises' cells whose answers are in other exercises' cells.

    No stub goes there that would undo the answer; what a student wrote there stays.

    Parameters
    ----------
    matched : Matched
    homes : Homes
    best : dict
        Index of a known cell → position of the submitted cell taken for it.
    """
    cells, knowns = matched.cells, matched.knowns
    sources = {index: cells[position].source for index, position in best.items()}
    written = {
        index: source
        for index, source in sources.items()
        if source.strip() and not is_same(source, knowns[index].handed_out)
    }
    copied = {
        index: "\n\n".join((*filter(None, [written.get(index)]), cells[position].source))
        for index, position in homes.copies.items()
    }
    sources |= copied
    told = {
        index: written.get(index) or _told(index, home, sources[home], knowns)
        for index, home in homes.told.items()
    }
    return told | copied


def _told(index: int, home: int, source: str, knowns: Sequence[Known]) -> str:
    """Return the content of an exercise's cell whose answer is in an earlier one."""
    told = _TOLD.format(knowns[index].grade_id, knowns[home].grade_id)
    between = (known for known in knowns[home:index] if known.kind == "given")
    late = frozenset().union(*(stub_names(known.handed_out) for known in between))
    if late.isdisjoint(needs_at_once(source)):
        return told
    # There the cell stops once it needs what the lesson gives only later.
    return "\n".join(filter(None, (told, definition_of(_names_of(knowns[index]), source))))
