"""Keep the ledger: write what was measured, and hold the course to what is written."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from coursework.audit.digest import digests
from coursework.audit.ledger import (
    ENDING,
    Record,
    differences,
    figures_in,
    orphans,
    read_ledger,
    read_record,
    write_record,
)
from coursework.audit.proof import is_proof_stale, write_proof
from coursework.audit.result import Audit, LessonAudit
from coursework.audit.run import Progress, Stock, measure, take_stock
from coursework.audit.selection import by_turns, part_of, text_before, touched
from coursework.course.layout import Course
from coursework.errors import CourseworkError

__all__ = ["Checked", "Finding", "check", "record"]

# One in this many lessons with trusted records is measured, in rotation.
_ONE_IN = 10


@dataclass(frozen=True)
class Finding:
    """What a check says about one lesson.

    Attributes
    ----------
    lesson : str
    reason : str
        Why it was measured again; "" if its record is trusted.
    problems : tuple of str
        What is wrong with the lesson or with its record.
    """

    lesson: str
    reason: str
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Checked:
    """What a check found.

    Attributes
    ----------
    findings : tuple of Finding
    problems : tuple of str
        What is wrong with the ledger as a whole.
    errors : tuple of CourseworkError
        Why some lessons could not be checked.
    """

    findings: tuple[Finding, ...]
    problems: tuple[str, ...] = ()
    errors: tuple[CourseworkError, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether the ledger is complete and right, and every demand on the lessons is met."""
        return not (self.errors or self.problems or any(one.problems for one in self.findings))


def record(
    course: Course,
    *names: str,
    shard: str = "",
    n_workers: int = 1,
    progress: Progress = lambda _, __: None,
) -> Audit:
    """Measure lessons, with mutants; write each into the ledger as soon as it is done.

    Parameters
    ----------
    course : Course
    *names : str
        Assignments (`A`) or lessons (`A/n`); all if none is named.
    shard : str
        `k/n`: only the k-th of n parts of these.
    n_workers : int
        Processes that grade.
    progress : callable

    Raises
    ------
    ConfigError, LessonError, JudgeError
        As in `take_stock`, `part_of` and `measure`.
    """
    stock = take_stock(course, *names)

    def keep(lesson: LessonAudit) -> None:
        now = digests(lesson.subject, stock.options)
        write_record(lesson.subject.lesson.path, Record.of(lesson, now))

    chosen = part_of(stock.subjects, shard)
    measured = measure(stock, chosen, n_workers=n_workers, progress=progress, keep=keep)
    write_proof(course, read_ledger(course))
    return Audit(measured, stock.errors)


def check(
    course: Course,
    *names: str,
    shard: str = "",
    n_workers: int = 1,
    progress: Progress = lambda _, __: None,
) -> Checked:
    """Measure again where the ledger cannot be trusted, and compare; nothing is written.

    This covers lessons without a record or with a stale one, those that this change has touched
    (whatever their digests say), and a tenth of the rest. If the change touched only the record
    and left its figures as they were, common code has changed: the lesson is among the rest.
    Parameters and exceptions are those of `record`.
    """
    stock = take_stock(course, *names)
    entries = {name: _entry(stock, name) for name in part_of(stock.subjects, shard)}
    reasons = _reasons(course, entries)
    measured = measure(stock, reasons, n_workers=n_workers, progress=progress)
    again = {lesson.name: Record.of(lesson, {}) for lesson in measured}
    findings = tuple(
        Finding(name, reasons.get(name, ""), tuple(_problems(entry, again.get(name))))
        for name, entry in entries.items()
    )
    return Checked(findings, tuple(_wrong_ledger(course)), stock.errors)


@dataclass(frozen=True)
class _Entry:
    """A lesson, its record, and which parts of the record predate some change."""

    lesson: str
    record: Record | None
    stale: tuple[str, ...]


def _entry(stock: Stock, name: str) -> _Entry:
    subject = stock.subjects[name]
    found = read_record(subject.lesson.path)
    then, now = found.digests if found else {}, digests(subject, stock.options)
    stale = tuple(kind for kind in {**now, **then} if then.get(kind) != now.get(kind))
    return _Entry(name, found, stale)


def _reasons(course: Course, entries: Mapping[str, _Entry]) -> dict[str, str]:
    """Return why lessons must be measured again, in the order of the lessons."""
    files = touched(course.root, entries)
    renewed = {name for name, ends in files.items() if _is_renewed(course, entries[name], ends)}
    reasons = {
        name: _reason(entry, is_touched=name in files and name not in renewed)
        for name, entry in entries.items()
    }
    trusted = [name for name, reason in reasons.items() if not reason]
    reasons |= dict.fromkeys(by_turns(course.root, trusted, _ONE_IN), "it is its turn")
    return {name: reasons[name] for name in entries if reasons[name]}


def _reason(entry: _Entry, *, is_touched: bool) -> str:
    if not entry.record:
        return "it has no record"
    if entry.stale:
        return f"changed: {', '.join(entry.stale)}"
    return "this change touches it" if is_touched else ""


def _is_renewed(course: Course, entry: _Entry, ends: frozenset[str]) -> bool:
    """Whether a change touched only the record, and left its figures as they were."""
    if ends != {ENDING} or not entry.record:
        return False
    before = text_before(course.root, f"lessons/{entry.lesson}.{ENDING}")
    return before is not None and figures_in(before) == entry.record.figures


def _problems(entry: _Entry, measured: Record | None) -> Iterator[str]:
    remedy = f"run `make audit ARGS={entry.lesson}` and commit what it writes"
    if not entry.record:
        yield f"there is no record: {remedy}"
    elif entry.stale:
        yield f"the record is older than a change of {', '.join(entry.stale)}: {remedy}"
    if entry.record and measured:
        yield from differences(entry.record, measured)
    if latest := measured or entry.record:
        yield from latest.problems


def _wrong_ledger(course: Course) -> Iterator[str]:
    for path in orphans(course):
        yield f"{path} belongs to no lesson: delete it"
    if is_proof_stale(course, read_ledger(course)):
        yield "README's table of proof is stale: run `coursework audit --proof` and commit it"
