"""Tables of a TOML file with their lines, which `tomllib` does not report."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coursework.errors import LessonError

__all__ = ["Table", "read_tables"]

_HEADER = re.compile(r"\s*\[\[\s*[\"']?([\w-]+)[\"']?\s*\]\]\s*(#.*)?")


@dataclass(frozen=True)
class Table:
    """One `[[name]]` with its keys.

    Attributes
    ----------
    name : str
    entry : dict
    path : Path
    line : int
        Of its header, counted from 1.
    """

    name: str
    entry: dict[str, Any]
    path: Path
    line: int


def read_tables(path: Path) -> list[Table]:
    """Read all tables of a file, in order; a missing file holds none.

    Raises
    ------
    LessonError
        The file is not TOML, or holds something other than `[[name]]`.
    """
    if not path.exists():
        return []
    try:
        text = path.read_text(encoding="utf-8")
        tables = tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise LessonError(path, 0, f"cannot be read: {error}") from error
    lines = _header_lines(text)
    found = [
        Table(name, entry, path, next(lines.get(name, iter(())), 0))
        for name, entries in tables.items()
        for entry in _entries(name, entries, path)
    ]
    return sorted(found, key=lambda table: table.line)


def _header_lines(text: str) -> dict[str, Iterator[int]]:
    lines: dict[str, list[int]] = {}
    inside = ""
    for number, line in enumerate(text.split("\n"), start=1):
        if not inside and (header := _HEADER.fullmatch(line)):
            lines.setdefault(header[1], []).append(number)
        for quotes in re.findall(r"'''|\"\"\"", line):
            inside = quotes if not inside else "" if quotes == inside else inside
    return {name: iter(numbers) for name, numbers in lines.items()}


def _entries(name: str, entries: object, path: Path) -> list[dict[str, Any]]:
    if isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries):
        return entries
    raise LessonError(path, 0, f"{name!r} is not a table: write [[{name}]] above its keys")
