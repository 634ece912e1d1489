"""What a verdict rests on, as a digest: as long as that is the same, so is the verdict.

The submission and the files beside it, the lesson with everything made from it, the package's
code, the configuration, the secret, the libraries, Python, and the level of isolation. More is
included than may matter: a needless difference only means that something is judged again.
"""

import hashlib
import json
import os
import platform
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import coursework
from coursework.course.mistakes import mistakes_path
from coursework.course.secret import read_secret
from coursework.grading.pipeline import lesson_path, notebooks_in
from coursework.grading.task import Task
from coursework.nbgrader_bridge.settings import Settings
from coursework.sandbox.bubblewrap import make_sandbox
from coursework.submissions.releases import files_of_releases

__all__ = ["Grounds", "basis_of"]

_PACKAGE = Path(coursework.__file__).parent
# These determine how libraries compute, or where modules come from.
_VARIABLES = ("MKL_", "NPY_", "OMP_", "OPENBLAS_", "LD_LIBRARY_PATH", "PYTHON")


@dataclass(frozen=True)
class Grounds:
    """What the verdicts of an assignment rest on, except the submissions.

    Attributes
    ----------
    source, release : Path
        The folders `source/A` and `release/A`.
    names : tuple of str
        Names of the notebooks.
    options : mapping
        The judge's options, with the course's secret.
    declared : tuple of str
        Patterns of files that may be submitted beside notebooks.
    """

    source: Path
    release: Path
    names: tuple[str, ...]
    options: Mapping[str, Any]
    declared: tuple[str, ...]

    @classmethod
    def of(cls, settings: Settings, names: tuple[str, ...]) -> "Grounds":
        """Return the grounds of an assignment as it is configured."""
        options = settings.judge_options | {"secret": read_secret(settings.root)}
        return cls(settings.source, settings.release, names, options, settings.declared)

    def read(self) -> dict[str, str]:
        """Return a digest of the present grounds for each notebook.

        Raises
        ------
        IsolationError
            The host cannot provide the configured level of isolation.
        """
        common = {
            "code": _of_files(_PACKAGE, _sources()),
            "python": [sys.version, platform.machine(), platform.libc_ver()],
            "libraries": sorted(_distributions()),
            "environment": {k: v for k, v in os.environ.items() if k.startswith(_VARIABLES)},
            "configuration": [sorted(self._configuration()), self.declared],
            "isolation": make_sandbox(self.options["isolation"]).level,
            "siblings": sorted(notebooks_in(self.source)),
            "beside": [_of_files(folder, _beside(folder)) for folder in self._folders],
        }
        return {name: _of({**common, "lesson": self._lesson(name)}) for name in self.names}

    @property
    def _folders(self) -> tuple[Path, Path]:
        return self.source, self.release

    def _configuration(self) -> Iterator[tuple[str, str]]:
        for name, value in self.options.items():
            is_secret = isinstance(value, bytes)
            yield name, hashlib.sha256(value).hexdigest() if is_secret else repr(value)

    def _lesson(self, name: str) -> list[str]:
        paths = [folder / f"{name}.ipynb" for folder in self._folders]
        paths.append(mistakes_path(lesson_path(self.source, name)))
        paths += files_of_releases(self.source, name)
        return [f"{path.name} {_of_file(path)}" for path in paths]


def basis_of(task: Task, grounds: Mapping[str, str]) -> dict[str, str]:
    """Return a digest of all that the verdict on each notebook of a submission rests on.

    Parameters
    ----------
    task : Task
    grounds : mapping
        Notebook → digest, as `Grounds.read` returns it; "" if it cannot be relied on.

    Returns
    -------
    dict
        Notebook → digest, or "" if that of the grounds is "".
    """
    others = task.other_files()
    return {
        name: _of([grounds[name], task.student, task.assignment, name, digest, others])
        if grounds[name]
        else ""
        for name, digest in task.digests().items()
    }


def _of(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _of_file(path: Path) -> str:
    """Return a digest of a file's content; "" if it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _of_files(folder: Path, paths: Iterable[Path]) -> str:
    found = sorted((os.fsencode(path.relative_to(folder)).hex(), _of_file(path)) for path in paths)
    return _of(found)


def _sources() -> Iterator[Path]:
    """Yield all files of the package: any of them may affect a verdict."""
    for parent, folders, names in os.walk(_PACKAGE):
        folders[:] = [name for name in folders if name != "__pycache__"]
        yield from (Path(parent, name) for name in names)


def _beside(folder: Path) -> Iterator[Path]:
    """Yield the files beside the notebooks of an assignment, hidden ones included."""
    for parent, _, names in os.walk(folder):
        yield from (Path(parent, name) for name in names if not name.endswith(".ipynb"))


def _distributions() -> Iterator[str]:
    """Yield the packages that can be imported: name, version, and when each was installed."""
    for folder in filter(os.path.isdir, dict.fromkeys(sys.path)):
        for entry in os.scandir(folder):
            if entry.name.endswith((".dist-info", ".egg-info", ".pth")):
                yield f"{entry.name} {entry.stat(follow_symlinks=False).st_mtime_ns}"
