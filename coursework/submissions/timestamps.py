"""When a submission was made: nothing fails, whatever its `timestamp.txt` holds."""

import logging
from datetime import datetime
from pathlib import Path

from nbgrader.utils import parse_utc

from coursework.errors import SubmissionError
from coursework.submissions.safe_file import printable, read_untrusted

__all__ = ["TIMESTAMP", "are_of_one_time", "read_timestamp"]

TIMESTAMP = "timestamp.txt"

_log = logging.getLogger(__name__)
_MAX_BYTES = 200
_FIRST_YEAR, _LAST_YEAR = 1970, 9000
_REMEDY = "write the time into it as 2030-01-31 12:00:00 UTC, or remove it"


def read_timestamp(folder: Path, *, is_told: bool = True) -> datetime | None:
    """Return when a submission was made, in UTC; None if its folder does not say.

    Parameters
    ----------
    folder : Path
    is_told : bool
        Whether a file that cannot be read is logged.
    """
    path = folder / TIMESTAMP
    try:
        if not path.is_symlink() and not path.exists():
            return None
        text = read_untrusted(path, _MAX_BYTES).decode().strip()
        return _sensible(parse_utc(text)) if text else None
    except SubmissionError as error:
        reason = str(error).partition(";")[0]
    except Exception as error:  # noqa: BLE001  (the parser fails in many ways on what is no time)
        reason = f"it is not a time ({error})"
    if is_told:
        _log.warning("%s is ignored: %s; %s", printable(str(path)), printable(reason), _REMEDY)
    return None


def are_of_one_time(one: Path, other: Path) -> bool:
    """Whether two folders give the same time of submission."""
    contents = [_content(folder / TIMESTAMP) for folder in (one, other)]
    if contents[0] is not None and contents[0] == contents[1]:
        return True  # Parsing a time takes far longer.
    first, second = (read_timestamp(folder, is_told=False) for folder in (one, other))
    return first == second


def _content(path: Path) -> bytes | None:
    try:
        return read_untrusted(path, _MAX_BYTES)
    except SubmissionError:
        return None


def _sensible(time: datetime) -> datetime:
    """Return a time that can be expressed in every time zone."""
    if _FIRST_YEAR <= time.year <= _LAST_YEAR:
        return time
    msg = f"the year {time.year}"
    raise ValueError(msg)
