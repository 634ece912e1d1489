"""What was handed out: every release of a notebook is kept, to compare submissions with it.

Instructors correct lessons after their release. Students did not make those changes, so a
submission is compared with the release that it came from.
"""

import hashlib
import itertools
import json
from collections.abc import Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from coursework.course.cells import grade_id_of, nbgrader_of
from coursework.errors import ConfigError
from coursework.submissions.matching import normal

__all__ = [
    "FOLDER",
    "files_of_releases",
    "keep_release",
    "keep_releases",
    "kept_releases",
    "origin_of",
]

FOLDER = "released"  # beside source/


def keep_releases(source: Path, release: Path) -> None:
    """Keep the notebooks of `release/A` as they are now; what is already kept stays.

    Parameters
    ----------
    source, release : Path
        The folders `source/A` and `release/A`.

    Raises
    ------
    ConfigError
        They cannot be kept.
    """
    for path in sorted(release.glob("*.ipynb")):
        keep_release(source, path)


def keep_release(source: Path, path: Path) -> None:
    """Keep one notebook of `release/A` as it is now.

    Parameters
    ----------
    source : Path
        The folder `source/A`.
    path : Path

    Raises
    ------
    ConfigError
        It cannot be kept.
    """
    folder = _folder(source, path.stem)
    try:
        notebook = _read(path)
        target = folder / f"{_digest(notebook)}.ipynb"
        if not target.exists():
            folder.mkdir(parents=True, exist_ok=True)
            part = target.with_name(f".{target.name}.part")
            nbformat.write(notebook, part)
            part.replace(target)
    except (OSError, ValueError, nbformat.ValidationError) as error:
        msg = f"{path} cannot be kept in {folder}: {error}; mend what is named there"
        raise ConfigError(msg) from error


def kept_releases(source: Path, name: str) -> tuple[NotebookNode, ...]:
    """Return all releases of a notebook that were kept.

    Parameters
    ----------
    source : Path
        The folder `source/A`.
    name : str

    Raises
    ------
    ConfigError
        One of them is damaged.
    """
    return tuple(map(_kept, files_of_releases(source, name)))


def files_of_releases(source: Path, name: str) -> list[Path]:
    """Return the files of the releases of a notebook that were kept.

    Parameters
    ----------
    source : Path
        The folder `source/A`.
    name : str
    """
    return sorted(_folder(source, name).glob("*.ipynb"))


def origin_of(
    submitted: NotebookNode, release: NotebookNode, kept: Sequence[NotebookNode]
) -> NotebookNode:
    """Return the release that a submission came from: it holds most of its cells unchanged.

    Parameters
    ----------
    submitted : NotebookNode
    release : NotebookNode
        As it is now; taken if no kept one matches more.
    kept : sequence of NotebookNode
    """
    cells, pairs = _forms(submitted)

    def likeness(one: NotebookNode) -> tuple[int, int]:
        own_cells, own_pairs = _forms(one)
        return len(cells & own_cells), len(pairs & own_pairs)

    return max((release, *kept), key=likeness)


def _forms(notebook: NotebookNode) -> tuple[set[tuple[object, ...]], set[tuple[str, str]]]:
    """Return each cell's points and text, and which cells are next to each other."""
    names = [grade_id_of(cell) or cell.id for cell in notebook.cells]
    cells = list(zip(names, notebook.cells, strict=True))
    forms: set[tuple[object, ...]] = {
        (name, form) for name, cell in cells for form in (_points(cell), normal(cell.source))
    }
    return forms, set(itertools.pairwise(names))


def _points(cell: NotebookNode) -> str:
    found = nbgrader_of(cell)
    return str(found.get("points")) if found else ""


def _folder(source: Path, name: str) -> Path:
    return source.parent.parent / FOLDER / source.name / name


def _read(path: Path) -> NotebookNode:
    notebook = nbformat.read(path, as_version=4)
    notebook.nbformat_minor = nbformat.v4.nbformat_minor
    for number, cell in enumerate(notebook.cells):
        cell.setdefault("id", f"lesson-{number}")
    return notebook


def _kept(path: Path) -> NotebookNode:
    try:
        return _read(path)
    except (OSError, ValueError, nbformat.ValidationError) as error:
        msg = (
            f"{path}, a release that was handed out, cannot be read: {error}; restore or remove it"
        )
        raise ConfigError(msg) from error


def _digest(notebook: NotebookNode) -> str:
    """Return a digest of everything in a notebook that a student can see or lose."""
    cells = [
        [cell.cell_type, cell.id, cell.metadata.get("nbgrader"), cell.source]
        for cell in notebook.cells
    ]
    return hashlib.sha256(json.dumps(cells, sort_keys=True).encode()).hexdigest()[:16]
