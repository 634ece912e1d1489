"""Put a collected submission into `submitted/`, as a whole and without losing anything."""

import hashlib
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from nbformat import NotebookNode

from coursework.submissions.beside import files_below
from coursework.submissions.locate import Desk
from coursework.submissions.timestamps import TIMESTAMP, read_timestamp

__all__ = ["Delivered", "Place"]

NEW, REPLACED, UNCHANGED, OLDER = "new", "replaced", "unchanged", "older"


@dataclass(frozen=True)
class Delivered:
    """What became of a submission.

    Attributes
    ----------
    state : str
        "new", "replaced", "unchanged", or "older" than the present one, which stays.
    renamed : tuple
        Files with a notebook's cells under another name, and the notebook's name.
    kept : tuple of str
        Notebooks of the earlier submission that this one lacks.
    """

    state: str
    renamed: tuple[tuple[str, str], ...] = ()
    kept: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """Where submissions to an assignment go.

    Parameters
    ----------
    tree : Path
        The folder `submitted`.
    replaced : Path
        Where replaced submissions go.
    lessons : mapping
        The assignment's notebooks, by name, as they were handed out.
    adopts : bool
        Whether a file that holds a notebook's cells is given its name.
    is_group_shared : bool
        Whether the group may write to the folders.
    """

    tree: Path
    replaced: Path
    lessons: Mapping[str, NotebookNode]
    adopts: bool = False
    is_group_shared: bool = False

    def put(
        self,
        student: str,
        target: Path,
        files: Sequence[tuple[str, Path]],
        timestamp: datetime | None,
    ) -> Delivered:
        """Put a submission into place, if it is new or changed.

        Parameters
        ----------
        student : str
        target : Path
            The student's folder for the assignment.
        files : sequence
            Each file's name below the folder, and its present path.
        timestamp : datetime or None
            When it was submitted, in UTC.

        Raises
        ------
        OSError
            It cannot be written.
        """
        self.tree.mkdir(parents=True, exist_ok=True)
        # A name that begins with a dot is not taken for a student by nbgrader.
        with tempfile.TemporaryDirectory(dir=self.tree, prefix=".collect-") as workshop:
            new = Path(workshop) / "new"
            new.mkdir()
            for name, path in files:
                (new / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, new / name, follow_symlinks=False)
            renamed = self._renamed(new)
            kept = _keep(new, target, self.lessons.keys() - {name for _, name in renamed})
            state = _state(new, target, timestamp)
            if state in (NEW, REPLACED):
                self._publish(student, new, target, timestamp)
        return Delivered(state, renamed, kept if state == REPLACED else ())

    def _renamed(self, folder: Path) -> tuple[tuple[str, str], ...]:
        """Find notebooks under other names, as grading does."""
        desk = Desk(folder, self.lessons.keys())
        found = []
        for name, lesson in self.lessons.items():
            own = folder / f"{name}.ipynb"
            those = [] if own.exists() else desk.holding(lesson)
            if desk.are_one(those):
                found.append((those[0].relative_to(folder).as_posix(), name))
                if self.adopts:
                    those[0].rename(own)
        return tuple(found)

    def _publish(self, student: str, new: Path, target: Path, timestamp: datetime | None) -> None:
        if timestamp is not None:
            text = f"{timestamp:%Y-%m-%d %H:%M:%S} UTC\n"
            (new / TIMESTAMP).write_text(text, encoding="utf-8")
        for folder in (new, *(path for path in new.rglob("*") if path.is_dir())):
            folder.chmod(0o2775 if self.is_group_shared else 0o755)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            now = datetime.now(UTC)
            old = self.replaced / student / f"{now:%Y%m%dT%H%M%S.%f}"
            old.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(target, old)
        new.rename(target)


def _keep(new: Path, target: Path, names: set[str]) -> tuple[str, ...]:
    """Copy notebooks that an earlier submission has and the new one lacks.

    Handing in only a corrected notebook does not withdraw the others.
    """
    kept = []
    for name in sorted(names):
        old, own = target / f"{name}.ipynb", new / f"{name}.ipynb"
        if old.is_file() and not old.is_symlink() and not own.exists():
            shutil.copyfile(old, own, follow_symlinks=False)
            kept.append(own.name)
    return tuple(kept)


def _state(new: Path, target: Path, timestamp: datetime | None) -> str:
    if not target.is_dir():
        return NEW
    there = read_timestamp(target, is_told=False)
    if _content(new) == _content(target) and timestamp in (None, there):
        return UNCHANGED
    if timestamp is not None and there is not None and timestamp < there:
        return OLDER
    return REPLACED


def _content(folder: Path) -> dict[str, str]:
    """Return a digest of each file below a folder; links and special files have none."""
    found = {}
    for path in files_below(folder):
        if path.is_symlink() or not path.is_file():
            found[str(path.relative_to(folder))] = "no ordinary file"
            continue
        with path.open("rb") as file:
            found[str(path.relative_to(folder))] = hashlib.file_digest(file, "sha256").hexdigest()
    return found
