"""The table of proof in README: what the ledger says about each lesson."""

from collections.abc import Mapping
from pathlib import Path

from coursework.audit.ledger import Record
from coursework.audit.measures import MEASURES, Count
from coursework.course.layout import Course
from coursework.errors import ConfigError

__all__ = ["is_proof_stale", "write_proof"]

_BEGIN = "<!-- Made by `coursework audit`: begin -->"
_END = "<!-- Made by `coursework audit`: end -->"
_PROVEN = {measure.name: measure.proof for measure in MEASURES if measure.proof}


def write_proof(course: Course, records: Mapping[str, Record]) -> None:
    """Write the table into README, if README has a place for it."""
    path, text = _readme(course)
    if text != (new := _with_table(path, text, records)):
        path.write_text(new, encoding="utf-8")


def is_proof_stale(course: Course, records: Mapping[str, Record]) -> bool:
    """Whether the table in README differs from the records."""
    path, text = _readme(course)
    return text != _with_table(path, text, records)


def _readme(course: Course) -> tuple[Path, str]:
    path = course.root / "README.md"
    return path, path.read_text(encoding="utf-8") if path.is_file() else ""


def _with_table(path: Path, text: str, records: Mapping[str, Record]) -> str:
    if _BEGIN not in text:
        return text
    before, _, rest = text.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not end:
        raise ConfigError(f"{path}: {_BEGIN!r} has no {_END!r} behind it")
    return f"{before}{_BEGIN}\n{_table(records)}\n{_END}{after}"


def _table(records: Mapping[str, Record]) -> str:
    rows = [_row(f"`{name}`", [record]) for name, record in records.items()]
    head = _line("lesson", *_PROVEN.values())
    line = _line("---", *("---:" for _ in _PROVEN))
    return "\n".join((head, line, *rows, _row("all", [*records.values()])))


def _row(head: str, records: list[Record]) -> str:
    totals = (sum((one.total(name) for one in records), Count()) for name in _PROVEN)
    return _line(head, *map(str, totals))


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
