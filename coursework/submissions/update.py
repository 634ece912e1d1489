"""Bring a submission up to date: as if its student had worked in today's release.

Later changes of the instructor's are made in it, too; the student's changes stay. Then nothing
of the instructor's is taken for the student's.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from nbformat import NotebookNode

from coursework.course.cells import grade_id_of
from coursework.submissions.matching import is_same, normal
from coursework.submissions.releases import origin_of

__all__ = ["brought_up_to_date"]

_Key = tuple[str, object]


def brought_up_to_date(
    submitted: NotebookNode, release: NotebookNode, kept: Sequence[NotebookNode]
) -> NotebookNode:
    """Return a submission with the instructor's changes since its release.

    Parameters
    ----------
    submitted : NotebookNode
        It is left unchanged.
    release : NotebookNode
        As it is now.
    kept : sequence of NotebookNode
        Everything that was handed out.
    """
    origin = origin_of(submitted, release, kept)
    texts: dict[_Key, set[tuple[str, ...]]] = {}
    for one in (release, *kept):
        for cell in one.cells:
            texts.setdefault(_key(cell), set()).add(normal(cell.source))
    if origin is release and not any(len(forms) > 1 for forms in texts.values()):
        return submitted
    return _Update(origin, release, texts).of(submitted)


def _key(cell: NotebookNode) -> _Key:
    """Return a cell's name in all releases: for text without a name, its content."""
    name = grade_id_of(cell)
    return ("name", name) if name else (cell.cell_type, normal(cell.source))


@dataclass(frozen=True)
class _Update:
    """From one release to another.

    Attributes
    ----------
    origin, release : NotebookNode
        What the student got, and what they would get now.
    texts : mapping
        What each cell was in any release.
    """

    origin: NotebookNode
    release: NotebookNode
    texts: Mapping[_Key, set[tuple[str, ...]]]

    def of(self, submitted: NotebookNode) -> NotebookNode:
        """Return a notebook of one release as one of the other."""
        groups = list(self._groups(submitted.cells))
        if self._is_reordered:
            groups.sort(key=lambda group: self._places.get(group[0], -1))
        self._insert_new(groups)
        cells = [cell for _, cells in groups for cell in cells]
        return NotebookNode(submitted, cells=cells)

    @cached_property
    def _before(self) -> dict[str, NotebookNode]:
        """The cells of the origin by what may identify them: their name, and their id."""
        named = {cell.id: cell for cell in self.origin.cells}
        return named | {grade_id_of(cell): cell for cell in self.origin.cells if grade_id_of(cell)}

    @cached_property
    def _contents(self) -> dict[_Key, NotebookNode]:
        return {(cell.cell_type, normal(cell.source)): cell for cell in self.origin.cells}

    @cached_property
    def _now(self) -> dict[_Key, NotebookNode]:
        return {_key(cell): cell for cell in self.release.cells}

    @cached_property
    def _places(self) -> dict[_Key | None, int]:
        return {key: place for place, key in enumerate(self._now)}

    @property
    def _is_reordered(self) -> bool:
        """Whether the instructor has moved cells."""
        order = [
            self._places[key] for cell in self.origin.cells if (key := _key(cell)) in self._now
        ]
        return order != sorted(order)

    def _groups(
        self, cells: Sequence[NotebookNode]
    ) -> Iterator[tuple[_Key | None, list[NotebookNode]]]:
        """Yield the cells of the release, each with the student's own after it."""
        group: tuple[_Key | None, list[NotebookNode]] = (None, [])
        for cell in cells:
            old = self._old(cell)
            new = None if old is None else self._now.get(_key(old))
            if new is not None:
                yield group
                group = (_key(new), [])
            if (updated := self._updated(cell, old, new)) is not None:
                group[1].append(updated)
        yield group

    def _old(self, cell: NotebookNode) -> NotebookNode | None:
        """Return what was handed out in place of a submitted cell; None for the student's own."""
        name, content = grade_id_of(cell), (cell.cell_type, normal(cell.source))
        return self._before.get(name) or self._before.get(cell.id) or self._contents.get(content)

    def _updated(
        self, cell: NotebookNode, old: NotebookNode | None, new: NotebookNode | None
    ) -> NotebookNode | None:
        """Return a submitted cell as it would be now; None if it no longer exists."""
        if old is None:
            return cell
        is_changed = not is_same(cell.source, old.source)
        if new is None:
            own = NotebookNode(cell, metadata=NotebookNode())
            return own if is_changed else None
        node = NotebookNode(cell, metadata=NotebookNode(cell.metadata))
        if not is_changed or normal(cell.source) in self.texts[_key(old)]:
            node.source = new.source
        if cell.cell_type == old.cell_type != new.cell_type:
            node.cell_type = new.cell_type
        if cell.id == old.id:
            node.id = new.id
        if _has_marks_of(cell, old):
            node.metadata.nbgrader = new.metadata.get("nbgrader")
        return node

    def _insert_new(self, groups: list[tuple[_Key | None, list[NotebookNode]]]) -> None:
        """Insert what was not handed out, after the cell that it now follows."""
        known, before = set(map(_key, self.origin.cells)), None
        for key, cell in self._now.items():
            if key not in known and grade_id_of(cell):
                places = [i for i, (name, _) in enumerate(groups) if name == before]
                groups.insert((places or [-1])[-1] + 1, (key, [cell]))
            if any(name == key for name, _ in groups):
                before = key


def _has_marks_of(cell: NotebookNode, other: NotebookNode) -> bool:
    marks, right = (one.metadata.get("nbgrader") for one in (cell, other))
    return (
        isinstance(marks, dict)
        and isinstance(right, dict)
        and all(right.get(key) == mark for key, mark in marks.items())
    )
