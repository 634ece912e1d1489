"""Read what somebody else put there: it may be anything that has a name."""

import errno
import os
import re
import stat
from pathlib import Path

from coursework.errors import SubmissionError

__all__ = [
    "demand_small_json",
    "demand_submission",
    "printable",
    "printable_lines",
    "read_untrusted",
]

# At most how much memory Python takes for a JSON value, by the sign that marks it.
_JSON_BYTES = {b"{": 240, b"[": 64, b",": 64}
_MAX_JSON_BYTES = 512 * 2**20

# Formgrader's pages treat a student's name as HTML.
_NO_NAME = re.compile(r'[<>"\x00\ud800-\udfff]')


def demand_submission(student: str, folder: Path) -> None:
    """Refuse what cannot be a submission, whatever it contains.

    Raises
    ------
    SubmissionError
        Gradebook and pages cannot hold the student's name, or the folder is not a folder or
        cannot be read; the text names it, and the remedy.
    """
    place = printable(str(folder))
    if _NO_NAME.search(student):
        msg = f"{place}: the student's name has an invalid character (< > \" or no text)"
        raise SubmissionError(f"{msg}; rename the folder")
    try:
        os.listdir(folder)  # noqa: PTH208  (whether it can be listed is all that is asked)
    except NotADirectoryError as error:
        msg = f"{place} is not a folder; put the notebooks into a folder of that name"
        raise SubmissionError(msg) from error
    except FileNotFoundError as error:
        msg = f"{place} is a link to nothing, or was removed meanwhile; submit the folder itself"
        raise SubmissionError(msg) from error
    except OSError as error:
        msg = f"{place} cannot be looked into: {error.strerror}; give the grader the right to"
        raise SubmissionError(msg) from error


def read_untrusted(path: Path, max_bytes: int) -> bytes:
    """Return the content of a file, following no link and waiting for nothing.

    Raises
    ------
    SubmissionError
        It is missing, not an ordinary file, or too large; the text continues a sentence that
        begins with the file's name.
    """
    try:
        with open(path, "rb", opener=_open) as file:
            content = file.read(max_bytes + 1)
    except OSError as error:
        raise SubmissionError(_reason(error)) from error
    if len(content) > max_bytes:
        msg = (
            f"is larger than {max_bytes / 2**20:.3g} MiB, so it was not read; "
            "clear its outputs (Edit > Clear All Outputs) and submit it again"
        )
        raise SubmissionError(msg)
    return content


def demand_small_json(content: bytes) -> None:
    """Refuse JSON that takes far more memory than it has bytes, before any of it is read.

    Raises
    ------
    SubmissionError
        It holds millions of values; the text continues a sentence that begins with its name.
    """
    if sum(size * content.count(sign) for sign, size in _JSON_BYTES.items()) > _MAX_JSON_BYTES:
        msg = "holds too many values to be read; clear its outputs and submit it again"
        raise SubmissionError(msg)


def _open(path: str, flags: int) -> int:
    # A link could show the grader's own files; opening a pipe could wait for ever.
    if os.path.islink(path):  # noqa: PTH114  (an opener gets a string)
        raise OSError(errno.ELOOP, "")
    kind = os.stat(path).st_mode  # noqa: PTH116
    if not stat.S_ISREG(kind):
        raise OSError(errno.EISDIR if stat.S_ISDIR(kind) else errno.EINVAL, "")
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))


def _reason(error: OSError) -> str:
    reasons = {
        errno.ENOENT: "was not submitted, so it gets 0; submit it under exactly this name",
        errno.ENOTDIR: "was not submitted, so it gets 0; submit it under exactly this name",
        errno.ELOOP: "is a link, which is not followed; submit the file itself",
        errno.EISDIR: "is a folder; submit the notebook file itself",
        errno.EINVAL: "is not an ordinary file; submit the notebook file itself",
        errno.EACCES: "cannot be opened: the grader has no permission to read it",
    }
    return reasons.get(error.errno or 0, f"cannot be opened: {error.strerror or error}")


def printable(text: str) -> str:
    """Return text without anything that acts on a terminal or breaks a line."""
    return re.sub(r"[^\x20-\x7e]", lambda found: _shown(found[0]), text)


def printable_lines(text: str) -> str:
    """Return text of several lines without anything that acts on a terminal."""
    return "\n".join(map(printable, text.splitlines()))


def _shown(letter: str) -> str:
    return letter if letter.isprintable() else ascii(letter)[1:-1]
