"""Known mistakes of a lesson, and the unusual right answers that a grader must not reject.

They are in `lessons/A/n.mistakes.toml`, a table for each, named by its exercise::

    [[mse_gradient]]
    old = "2 / len(y) * "
    new = "2 * "
    hint = "The loss is a mean over samples, so its gradient is too."

    [[mse_gradient]]
    right = true
    code = '''
    def mse_gradient(X, y, w):
        ...
    '''

`coursework.course.alternatives` reads the rest of the file.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coursework.course.lesson import Lesson
from coursework.course.toml_tables import Table, read_tables
from coursework.errors import LessonError

__all__ = [
    "RESERVED",
    "Mistake",
    "apply",
    "check_mistakes",
    "mistakes_in",
    "mistakes_path",
    "read_mistakes",
]

RESERVED = ("whole", "equivalent", "later", "unlike", "uncredited")
"""Tables of the file that are not exercises."""

_TEXTS = ("code", "old", "new", "hint")
_KEYS = frozenset({*_TEXTS, "right"})


@dataclass(frozen=True)
class Mistake:
    """One way to write an exercise: wrong, with a hint, or right though unusual.

    Attributes
    ----------
    exercise : str
    code : str
        The whole cell; "" if `old` is replaced by `new` in the solution's cell instead.
    old, new : str
    hint : str
        For the student; "" if the answer is right.
    right : bool
    path : Path
    line : int
        Where it is, counted from 1.
    """

    exercise: str
    code: str
    old: str
    new: str
    hint: str
    right: bool
    path: Path
    line: int


def mistakes_path(lesson: Path) -> Path:
    """Return the file of a lesson's mistakes, given its Markdown file."""
    return lesson.with_name(f"{lesson.stem}.mistakes.toml")


def read_mistakes(path: Path) -> tuple[Mistake, ...]:
    """Read a mistakes file, in its order; a file that does not exist holds none.

    Raises
    ------
    LessonError
        The file is not TOML, a hint is missing or superfluous, or an entry does not have exactly
        one of `code` and `old`.
    """
    return mistakes_in(read_tables(path))


def mistakes_in(tables: Iterable[Table]) -> tuple[Mistake, ...]:
    """Return the mistakes among the tables of a file; raise as `read_mistakes` does."""
    return tuple(_mistake(table) for table in tables if table.name not in RESERVED)


def apply(mistake: Mistake, source: str) -> str:
    """Return the exercise's cell as this mistake writes it.

    Parameters
    ----------
    mistake : Mistake
    source : str
        The exercise's cell with its solution.

    Raises
    ------
    LessonError
        `old` does not occur in the cell exactly once.
    """
    if mistake.code:
        return mistake.code
    if (count := source.count(mistake.old)) != 1:
        text = f"old = {mistake.old!r} occurs {count} times in {mistake.exercise!r}, not once"
        raise LessonError(mistake.path, mistake.line, text)
    return source.replace(mistake.old, mistake.new)


def check_mistakes(lesson: Lesson, mistakes: tuple[Mistake, ...]) -> list[LessonError]:
    """Return everything that is wrong with the mistakes of a lesson."""
    return [*_unfit(lesson, mistakes), *_same_hints(mistakes)]


def _unfit(lesson: Lesson, mistakes: tuple[Mistake, ...]) -> Iterator[LessonError]:
    sources = {cell.exercise: cell.source for cell in lesson.of_kind("exercise")}
    for mistake in mistakes:
        if mistake.exercise not in sources:
            text = f"the lesson {lesson.name} has no exercise {mistake.exercise!r}"
            yield LessonError(mistake.path, mistake.line, text)
            continue
        try:
            ast.parse(apply(mistake, sources[mistake.exercise]))
        except LessonError as error:
            yield error
        except SyntaxError as error:
            text = f"it makes a syntax error of {mistake.exercise!r}: {error.msg}"
            yield LessonError(mistake.path, mistake.line, text)


def _same_hints(mistakes: tuple[Mistake, ...]) -> Iterator[LessonError]:
    seen: dict[tuple[str, str], Mistake] = {}
    for mistake in mistakes:
        first = seen.setdefault((mistake.exercise, mistake.hint), mistake)
        if mistake.hint and first is not mistake:
            text = f"its hint is the one of line {first.line}: give each mistake its own"
            yield LessonError(mistake.path, mistake.line, text)


def _mistake(table: Table) -> Mistake:
    entry = table.entry
    if message := _wrong_entry(entry):
        raise LessonError(table.path, table.line, message)
    texts = {key: entry.get(key, "") for key in _TEXTS}
    texts["code"] = texts["code"].rstrip("\n")
    right = entry.get("right", False)
    return Mistake(table.name, **texts, right=right, path=table.path, line=table.line)


def _wrong_entry(entry: dict[str, Any]) -> str:
    right = entry.get("right", False)
    if unknown := sorted(set(entry) - _KEYS):
        return f"unknown keys {', '.join(unknown)}; there are {', '.join(sorted(_KEYS))}"
    if right not in (True, False) or any(not isinstance(entry.get(k, ""), str) for k in _TEXTS):
        return f"right is true or false, and {', '.join(_TEXTS)} are texts"
    if bool(entry.get("code")) == bool(entry.get("old")) or ("old" in entry) != ("new" in entry):
        return "an entry has either code, or old and new"
    if entry.get("old") and entry["old"] == entry["new"]:
        return "old and new are the same"
    if right and entry.get("hint"):
        return "a right answer has no hint: remove hint, or right = true"
    if not right and not entry.get("hint"):
        return "a mistake has a hint: add hint, or right = true where the answer is right"
    return ""
