"""What is in a platform's download: whose each file is, and what the student called it.

    canvas   lovelaceada_LATE_41_900_least-squares-1.ipynb
    moodle   Ada Lovelace_501_assignsubmission_file/least-squares.ipynb
    folder   ada/least-squares.ipynb

Canvas and Moodle write the first part themselves, from a name that students may have chosen. A
name that can be read in more than one way is nobody's.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from coursework.submissions.beside import files_below
from coursework.submissions.timestamps import TIMESTAMP

__all__ = ["STYLES", "Delivery", "Sender", "Stray", "read_deliveries"]

_CANVAS = re.compile(
    r"(?P<name>.*?)_(?P<late>LATE_)?(?P<user>\d+)_(?P<file>\d+)_(?P<rest>.+)", re.DOTALL
)
_CANVAS_TEXT = re.compile(r".+_\d+_(text|link)\.html")
_MOODLE = re.compile(
    r"(?P<name>[^_]*)_(?P<user>\d+)_assignsubmission_(?P<plugin>[a-z]+)_?(?P<rest>.*)", re.DOTALL
)
_NUMBERED = re.compile(r"\d+_")
# With these, students could choose the time of their submission, or open another's feedback.
_NOT_THEIRS = frozenset({TIMESTAMP, "submission_secret.txt"})


@dataclass(frozen=True)
class Sender:
    """Who a file is from, according to the platform.

    Attributes
    ----------
    id : str
        Canvas's user, Moodle's participant, or the folder's name.
    name : str
        As the platform writes it into the name of the file.
    is_sure : bool
        Whether the id alone tells who it is; otherwise the name has to agree.
    """

    id: str
    name: str
    is_sure: bool = True


@dataclass(frozen=True)
class Delivery:
    """A student's file.

    Attributes
    ----------
    sender : Sender
    path : Path
        Where it is.
    name : PurePosixPath
        What the student called it.
    number : int
        Canvas's number of the file, larger for later files; 0 if there is none.
    is_late : bool
        Whether the platform says that it is late.
    """

    sender: Sender
    path: Path
    name: PurePosixPath
    number: int = 0
    is_late: bool = False


@dataclass(frozen=True)
class Stray:
    """A file that cannot be assigned to anybody, or is not a submission, and why."""

    name: str
    reason: str


def read_deliveries(folder: Path, style: str) -> tuple[list[Delivery], list[Stray]]:
    """Return the files in a folder, each with its sender, and those without one.

    Parameters
    ----------
    folder : Path
        An unpacked download.
    style : str
        One of `STYLES`.
    """
    deliveries, strays = [], []
    paths = [path for path in files_below(folder) if not path.is_symlink()]
    for path in paths:
        parts = path.relative_to(folder).parts
        found = STYLES[style](path, parts)
        if isinstance(found, Delivery):
            if found.name.name.lower() not in _NOT_THEIRS:
                deliveries.append(found)
        else:
            strays.append(Stray("/".join(parts), found))
    return deliveries, strays


def _of_canvas(path: Path, parts: Sequence[str]) -> Delivery | str:
    for number, part in enumerate(parts):
        if found := _CANVAS.fullmatch(part):
            rest = PurePosixPath(found["rest"], *parts[number + 1 :])
            # A name that ends in digits looks like a file name that begins with them.
            is_sure = "_" not in found["name"] and not _NUMBERED.match(found["rest"])
            sender = Sender(found["user"], found["name"], is_sure)
            return Delivery(sender, path, rest, int(found["file"]), bool(found["late"]))
    if _CANVAS_TEXT.fullmatch(parts[-1]):
        return "a text or a link was handed in, no file: ask the student for the notebook"
    return "no name that Canvas gives a submission; anonymous ones tell nobody's"


def _of_moodle(path: Path, parts: Sequence[str]) -> Delivery | str:
    for number, part in enumerate(parts):
        if found := _MOODLE.fullmatch(part):
            if found["plugin"] != "file":
                return "a text was handed in, no file: ask the student for the notebook"
            rest = (*filter(None, (found["rest"],)), *parts[number + 1 :])
            if rest:
                return Delivery(Sender(found["user"], found["name"]), path, PurePosixPath(*rest))
    return "no name that Moodle gives a submission of one student"


def _of_folder(path: Path, parts: Sequence[str]) -> Delivery | str:
    if len(parts) == 1:
        return "lies in no folder of a student's"
    student = parts[0].removesuffix(".zip")  # each student's archive, unpacked
    return Delivery(Sender(student, student), path, PurePosixPath(*parts[1:]))


STYLES: dict[str, Callable[[Path, Sequence[str]], Delivery | str]] = {
    "canvas": _of_canvas,
    "moodle": _of_moodle,
    "folder": _of_folder,
}
