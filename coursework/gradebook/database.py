"""The gradebook's database: wait for it, and report what is wrong with it in one line."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nbgrader import api
from nbgrader.api import Gradebook
from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from coursework.errors import ConfigError

__all__ = ["connected", "reason_of", "wait_for_gradebook", "waiting"]

_SECONDS = 30
_SETTING = "`c.CourseDirectory.db_url` in course_config.py"

# What a database says, what it means, and the remedy.
_FAULTS = (
    (
        "locked|deadlock|timeout exceeded",
        f"has been locked by another program for more than {_SECONDS} s",
        "wait until the other grading or Formgrader is done with it, and run this again",
    ),
    (
        "not a database|malformed|corrupt|encrypted",
        "is damaged, or not a database",
        "put a backup of it in its place",
    ),
    (
        "no such (?:table|column)|does not exist|unknown column|doesn't exist",
        "is from another version of nbgrader, or empty",
        "run `nbgrader db upgrade`",
    ),
    ("readonly|read-only|denied", "may not be written", "give the grader the right to"),
    ("disk is full|disk full|no space", "cannot grow: the disk is full", "make room on it"),
    ("", "cannot be used", f"see whether it is there and runs, and {_SETTING}"),
)


class _Gradebook(Gradebook):
    """nbgrader's own, which leaves a connection open to a file that is not a gradebook."""

    def __init__(self, db_url: str, course_id: str) -> None:
        try:
            super().__init__(db_url, course_id)
        except BaseException:
            if hasattr(self, "db"):
                self.close()
            raise


@contextmanager
def connected(db_url: str, course_id: str) -> Iterator[Gradebook]:
    """Open a gradebook while the block runs.

    Raises
    ------
    ConfigError
        There is none at this place, or its database fails in the block.
    """
    try:
        gradebook = _Gradebook(waiting(db_url), course_id)
    except (ArgumentError, ImportError, SQLAlchemyError) as error:
        raise ConfigError(_told(db_url, error)) from error
    try:
        yield gradebook
    except DBAPIError as error:
        raise ConfigError(_told(db_url, error)) from error
    finally:
        gradebook.close()


def waiting(db_url: str) -> str:
    """Return a gradebook's URL, changed so that a locked gradebook is waited for."""
    url = make_url(db_url)
    if url.get_backend_name() != "sqlite" or "timeout" in url.query:
        return db_url
    longer = url.update_query_dict({"timeout": str(_SECONDS)})
    return longer.render_as_string(hide_password=False)


def wait_for_gradebook() -> None:
    """Make nbgrader's own commands wait, too: SQLite gives up after five seconds."""

    def engine(db_url: str, **options: Any) -> Any:
        return create_engine(waiting(db_url), **options)

    api.create_engine = engine


def reason_of(error: Exception) -> str:
    """Return what went wrong, in one line; for a database without the statement that failed."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return " ".join(str(cause).split()) or type(cause).__name__


def _told(db_url: str, error: Exception) -> str:
    if isinstance(error, ImportError):
        package = getattr(error, "name", None) or reason_of(error)
        return (
            f"the gradebook {_place(db_url)} needs the Python package {package}, which is not "
            f"installed: install it beside nbgrader (pip install {package}), or change {_SETTING}"
        )
    if isinstance(error, ArgumentError):  # the URL is not repeated: it may hold a password
        reason = reason_of(error)
        return f"{_SETTING} names no database ({reason}): write it as sqlite:////path/gradebook.db"
    reason = reason_of(error)
    _, what, remedy = next(fault for fault in _FAULTS if re.search(fault[0], reason, re.IGNORECASE))
    return f"the gradebook {_place(db_url)} {what} ({reason}): {remedy}"


def _place(db_url: str) -> str:
    """Return where a gradebook is, without its password."""
    return make_url(db_url).render_as_string(hide_password=True)
