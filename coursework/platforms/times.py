"""Times of submission, as platforms write them."""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.parser import parse

from coursework.errors import ConfigError

__all__ = ["read_time", "read_zone"]

_MAX_LETTERS = 60
_FIRST_YEAR, _LAST_YEAR = 1970, 9000


def read_zone(name: str) -> tzinfo:
    """Return a time zone by its name, such as Europe/Berlin.

    Raises
    ------
    ConfigError
        No zone has this name.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        msg = f"no time zone is called {name!r}: name one such as Europe/Berlin or UTC"
        raise ConfigError(msg) from error


def read_time(text: str, zone: tzinfo) -> datetime | None:
    """Return a time in UTC, as in the gradebook; None if the text is not a time.

    Parameters
    ----------
    text : str
        Such as “Tuesday, 1 January 2030, 12:00 PM”.
    zone : tzinfo
        Used if the text names none.
    """
    if not text or len(text) > _MAX_LETTERS:
        return None
    try:
        found = parse(text)
        if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
            return None
        placed = found if found.tzinfo else found.replace(tzinfo=zone)
        return placed.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None
