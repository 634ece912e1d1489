"""Tables in files: read in whatever form a platform or a spreadsheet wrote them, and written."""

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from coursework.errors import ConfigError

__all__ = ["Table", "read_table", "replacing"]

_MAX_BYTES = 32 * 2**20
_MAX_ROWS = 200_000
_SEPARATORS = ",;\t"


@dataclass(frozen=True)
class Table:
    """A file's header and rows; each row is as long as the header."""

    path: Path
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def column(self, *names: str) -> int | None:
        """Return the number of the first of these columns, in any case; None if there is none.

        Parameters
        ----------
        *names : str
            In lower case.
        """
        titles = [title.strip().casefold() for title in self.header]
        return next((titles.index(name) for name in names if name in titles), None)


def read_table(path: Path) -> Table:
    """Read a CSV in UTF-8, UTF-16 or Windows-1252, with commas, semicolons or tabs.

    Raises
    ------
    ConfigError
        It cannot be read, is too large, or is not a table with a header.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}"
        raise ConfigError(msg) from error
    if len(content) > _MAX_BYTES:
        msg = f"{path} is larger than {_MAX_BYTES >> 20} MiB: this is no list of a class"
        raise ConfigError(msg)
    text = _decoded(content)
    first = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        msg = f"{path} is no CSV ({error}): save it as “CSV UTF-8”"
        raise ConfigError(msg) from error
    rows = [row for row in rows if any(map(str.strip, row))]
    if not rows or len(rows) > _MAX_ROWS or separator not in first:
        msg = f"{path} has no table with a header and several columns: save it as “CSV UTF-8”"
        raise ConfigError(msg)
    width = len(rows[0])
    return Table(path, tuple(rows[0]), tuple(_of_width(row, width) for row in rows[1:]))


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):  # Excel's “Unicode text”
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _of_width(row: Sequence[str], width: int) -> tuple[str, ...]:
    return (*row, *("" for _ in range(width - len(row))))[:width]


@contextmanager
def replacing(target: Path) -> Iterator[TextIO]:
    """Open a file for writing; it replaces the target as a whole, or not at all.

    Raises
    ------
    ConfigError
        It cannot be written.
    """
    part = target.with_name(f".{target.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            yield file
        part.replace(target)
    except OSError as error:
        msg = f"{target} cannot be written: {error.strerror}"
        raise ConfigError(msg) from error
    finally:
        part.unlink(missing_ok=True)
