"""Read a file that somebody else put there: it may be anything that has a name."""

import errno
import os
import stat
from pathlib import Path

from coursework.errors import SubmissionError

__all__ = ["read_untrusted"]


def read_untrusted(path: Path, max_bytes: int) -> bytes:
    """Return the content of a file, following no link and waiting for nothing.

    Raises
    ------
    SubmissionError
        It is missing, no ordinary file, or too large; the text continues a sentence that
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


def _open(path: str, flags: int) -> int:
    # A link could show the grader's own files; opening a pipe would wait for ever.
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
        errno.EINVAL: "is no ordinary file; submit the notebook file itself",
        errno.EACCES: "cannot be opened: the grader has no permission to read it",
    }
    return reasons.get(error.errno or 0, f"cannot be opened: {error.strerror or error}")
