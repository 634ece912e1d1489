"""Which of a student's files count: repeated ones, and what browsers and platforms call them."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from coursework.platforms.deliveries import Delivery
from coursework.submissions.beside import MAX_FILES

__all__ = ["Selection", "notebook_of", "select"]

# Canvas calls a second upload `n-1.ipynb`, browsers save a second download as `n (1).ipynb`.
_COPY = re.compile(
    r"(?P<stem>.+?)(?:-(?P<upload>\d{1,3})| ?\((?P<copy>\d{1,3})\))?\.ipynb", re.DOTALL
)


@dataclass(frozen=True)
class Selection:
    """The files of a student that count.

    Attributes
    ----------
    files : tuple
        Where each goes below the submission, and the file.
    repeated : tuple of str
        Names of files replaced by another file of the same notebook.
    n_left_out : int
        How many files there were beyond those that a submission may have.
    """

    files: tuple[tuple[PurePosixPath, Delivery], ...]
    repeated: tuple[str, ...] = ()
    n_left_out: int = 0

    @property
    def is_late(self) -> bool:
        """Whether the platform says that any file is late."""
        return any(delivery.is_late for _, delivery in self.files)


def select(deliveries: Iterable[Delivery], notebooks: Collection[str]) -> Selection:
    """Return where a student's files go, one for each notebook.

    Of several files named like one notebook, the last upload counts if the platform numbers
    uploads, otherwise the one with the exact name, in the highest folder.

    Parameters
    ----------
    deliveries : iterable of Delivery
        Of one student.
    notebooks : collection of str
        Names of the assignment's notebooks, without suffix.
    """
    files: dict[PurePosixPath, Delivery] = {}
    repeated = []
    ranked = sorted(deliveries, key=_rank, reverse=True)
    for one in ranked[:MAX_FILES]:
        name = notebook_of(one.name.name, notebooks)
        place = PurePosixPath(name) if name else one.name
        if place in files:
            repeated.append(str(one.name))
        elif not _is_in_the_way(place, files):
            files[place] = one
    return Selection(tuple(files.items()), tuple(repeated), len(ranked[MAX_FILES:]))


def _rank(one: Delivery) -> tuple[bool, int, bool, int, int, str]:
    """Return a file's rank, by which notebooks and later uploads come first."""
    found = _COPY.fullmatch(one.name.name)
    number = int((found and (found["upload"] or found["copy"])) or 0)
    name = str(one.name)
    return found is not None, one.number, number == 0, -len(one.name.parts), number, name


def notebook_of(name: str, notebooks: Collection[str]) -> str:
    """Return the notebook's file name of which a file's name is a variant; "" if there is none.

    Parameters
    ----------
    name : str
        Such as `n-1.ipynb`.
    notebooks : collection of str
        Their names, without suffix.
    """
    found = _COPY.fullmatch(name)
    if found is None:
        return ""
    stems = (name.removesuffix(".ipynb"), found["stem"])
    return next((f"{stem}.ipynb" for stem in stems if stem in notebooks), "")


def _is_in_the_way(place: PurePosixPath, files: Collection[PurePosixPath]) -> bool:
    """Whether a file would have to be a folder as well."""
    return any(place in other.parents or other in place.parents for other in files)
