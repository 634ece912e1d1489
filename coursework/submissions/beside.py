"""Files beside a notebook that are there while it is graded: handed out, or declared.

Everybody has the files in `release/A`. Of the files that a student submitted beside the notebook,
only those that the assignment declares are taken: `c.SubmissionExporter.files`.
"""

import fnmatch
import itertools
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from coursework.errors import ConfigError, SubmissionError
from coursework.submissions.safe_file import read_untrusted
from coursework.submissions.timestamps import TIMESTAMP

__all__ = ["MAX_FILES", "files_below", "handed_out", "submitted_beside"]

MAX_FILES = 500
_MAX_BYTES = 32 * 2**20
# nbgrader's exchange, desktops and Python leave these beside notebooks.
_SYSTEM = frozenset(
    {TIMESTAMP, "submission_secret.txt", "desktop.ini", "Thumbs.db", "__MACOSX", "__pycache__"}
)


def handed_out(release: Path) -> dict[str, bytes]:
    """Return the files beside the notebooks of `release/A`, by their relative names.

    Raises
    ------
    ConfigError
        They are too many or too large to be given to each student's process.
    """
    files, left = _read(release, lambda _: True)
    if left:
        msg = (
            f"{release / left[0]}: beside the notebooks are more than {MAX_FILES} files or "
            f"{_MAX_BYTES / 2**20:g} MiB, and grading cannot give them to the students' code; "
            "hand out fewer"
        )
        raise ConfigError(msg)
    return files


def submitted_beside(submitted: Path, assignment: str, patterns: Sequence[str]) -> dict[str, bytes]:
    """Return the files of a submission that the assignment declares, by their relative names.

    Parameters
    ----------
    submitted : Path
    assignment : str
    patterns : sequence of str
        Such as `"ps1/helpers.py"` or `"*/*.csv"`.
    """

    def is_declared(name: str) -> bool:
        return any(fnmatch.fnmatchcase(f"{assignment}/{name}", pattern) for pattern in patterns)

    return _read(submitted, is_declared)[0] if patterns else {}


def _read(folder: Path, is_wanted: Callable[[str], bool]) -> tuple[dict[str, bytes], list[str]]:
    """Return the readable files, within bounds, and the names of those that exceed them."""
    found: dict[str, bytes] = {}
    left, room = [], _MAX_BYTES
    for number, path in enumerate(itertools.islice(files_below(folder), MAX_FILES + 1)):
        name = path.relative_to(folder).as_posix()
        if path.suffix == ".ipynb" or not is_wanted(name):
            continue
        if number == MAX_FILES or path.lstat().st_size > room:
            left.append(name)
            continue
        try:
            found[name] = read_untrusted(path, room)
        except SubmissionError:  # a link, a pipe, or an unreadable file
            continue
        room -= len(found[name])
    return found, left


def files_below(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder, except those that nobody put there knowingly."""
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if _is_of_a_person(name))
        yield from (Path(parent) / name for name in sorted(names) if _is_of_a_person(name))


def _is_of_a_person(name: str) -> bool:
    return not name.startswith(".") and name not in _SYSTEM
