"""Write graded submissions into `autograded/`: each folder appears as a whole, or not at all."""

import fnmatch
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from coursework.errors import ConfigError
from coursework.nbgrader_bridge.settings import Files

__all__ = ["Site", "alone", "open_site"]


@dataclass(frozen=True)
class Site:
    """Where submissions are assembled before they appear in `autograded/`."""

    folder: Path
    files: Files

    def publish(
        self,
        submitted: Path,
        target: Path,
        notebooks: Mapping[str, str],
        record: Callable[[], None],
        *,
        is_part: bool = False,
    ) -> None:
        """Write a graded submission and record its marks.

        While the folder is there, marks and folder never disagree: an old folder goes first, then
        the marks are recorded, then the new folder appears. A submission that is interrupted in
        between has no folder and is graded again.

        Parameters
        ----------
        submitted : Path
            The student's folder, for the files that are not notebooks.
        target : Path
            Where the graded folder appears.
        notebooks : mapping
            Name of a notebook → its text.
        record : callable
            Records the marks; when it raises, the old folder comes back.
        is_part : bool
            Whether notebooks that are already in `target` stay.
        """
        new = Path(tempfile.mkdtemp(dir=self.folder))
        old = self.folder / f"{new.name}.old"
        new.chmod(0o755)
        if is_part and target.is_dir():
            shutil.copytree(target, new, dirs_exist_ok=True)
        self._fill(new, submitted, notebooks)
        target.parent.mkdir(parents=True, exist_ok=True)
        if had_old := target.exists():
            target.rename(old)
        try:
            record()
        except BaseException:
            if had_old:
                old.rename(target)
            raise
        new.rename(target)
        if had_old:
            _remove(old)

    def _fill(self, folder: Path, submitted: Path, notebooks: Mapping[str, str]) -> None:
        for path, name in self._lesson_files():
            _copy(path, folder / name)
        for path, name in _files(submitted, self.files.ignore):
            if path.lstat().st_size <= self.files.max_bytes and not (folder / name).exists():
                _copy(path, folder / name)
        for name, text in notebooks.items():
            path = folder / f"{name}.ipynb"
            path.unlink(missing_ok=True)
            path.write_text(text, encoding="utf-8")
        for parent, _, names in os.walk(folder):
            for name in names:
                (Path(parent) / name).chmod(self.files.permissions)
            if self.files.is_group_shared:
                Path(parent).chmod(0o2775)

    def _lesson_files(self) -> Iterator[tuple[Path, str]]:
        if self.files.source is not None:
            found = _files(self.files.source, self.files.ignore)
            yield from ((path, name) for path, name in found if name not in self.files.kept)


@contextmanager
def open_site(root: Path, assignment: str, files: Files) -> Iterator[Site]:
    """Open the place for an assignment below `autograded/`; only one grading may use it.

    Remains of a grading that was killed are removed.

    Raises
    ------
    ConfigError
        The assignment is already being graded.
    """
    # The names begin with a dot, so nbgrader does not take them for students.
    folder = root / f".{assignment}.partial"
    root.mkdir(parents=True, exist_ok=True)
    refusal = f"{assignment} is already being graded: wait until that has ended"
    with alone(root / f".{assignment}.lock", refusal):
        folder.mkdir(exist_ok=True)
        for left in folder.iterdir():
            _remove(left)
        try:
            yield Site(folder, files)
        finally:
            _remove(folder)


@contextmanager
def alone(lock: Path, refusal: str) -> Iterator[None]:
    """Hold a lock, which ends with this process, while the block runs.

    Parameters
    ----------
    lock : Path
        A file used only for this.
    refusal : str
        What to say if another process holds it.

    Raises
    ------
    ConfigError
        With the refusal.
    """
    # Another grader may be another user, who has to open the file to see that it is locked.
    held = FileLock(lock, mode=0o666)
    try:
        held.acquire(blocking=False)
    except Timeout as error:
        raise ConfigError(refusal) from error
    try:
        yield
    finally:
        # A process that has opened it meanwhile finds that it is gone, and makes another.
        lock.unlink(missing_ok=True)
        held.release()


def _files(folder: Path, ignore: Sequence[str]) -> Iterator[tuple[Path, str]]:
    """Yield the ordinary files below a folder except notebooks, with their relative names."""

    def is_ignored(name: str) -> bool:
        return any(fnmatch.fnmatch(name, pattern) for pattern in (*ignore, "*.ipynb"))

    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not is_ignored(name))
        for name in sorted(names):
            path = Path(parent) / name
            # A link could bring the grader's own files into the student's folder.
            if not is_ignored(name) and stat.S_ISREG(path.lstat().st_mode):
                yield path, str(path.relative_to(folder))


def _copy(path: Path, target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_file():
            target.unlink()  # a copy of an earlier grading may be read-only
        shutil.copyfile(path, target, follow_symlinks=False)
    except (FileExistsError, NotADirectoryError, IsADirectoryError, PermissionError):
        # A student's file that is in the way of the lesson's, or unreadable, is left out:
        # grading does not need it.
        return


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
