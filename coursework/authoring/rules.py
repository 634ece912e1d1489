"""Rules that a lesson must keep before anything is built from it.

Each rule yields what it finds, so that an author sees everything at once.
"""

import re
from collections.abc import Iterable, Iterator

from coursework.authoring.folds import broken_folds
from coursework.authoring.modules import broken_modules
from coursework.course import names
from coursework.course.lesson import Cell, Kind, Lesson
from coursework.course.mistakes import RESERVED
from coursework.course.parts import broken_parts
from coursework.course.regions import RegionKind, scan
from coursework.errors import LessonError

__all__ = ["broken_rules"]

# nbformat's rule for cell ids, which nbgrader's grade_id also follows.
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_OF_QUESTIONS: dict[RegionKind, str] = {
    "SOLUTION": "model answer",
    "MARK SCHEME": "mark scheme",
}
_PYTHON_ONLY: tuple[Kind, ...] = ("given", "exercise", "test")


def broken_rules(lesson: Lesson) -> list[LessonError]:
    """Return every rule of authoring that the lesson breaks, in the order of its lines."""
    found = [*_syntax(lesson)]
    if not found:
        # Names cannot be told from code that does not parse.
        found += [*_double_names(lesson), *_unknown_names(lesson), *_unknown_references(lesson)]
        found += [*_parts(lesson), *_modules(lesson)]
    found += [*_ids(lesson), *_structure(lesson), *_questions(lesson), *_regions(lesson)]
    found += [_error(lesson, cell, text) for cell, text in broken_folds(lesson)]
    return sorted(found, key=lambda error: error.line)


def _error(lesson: Lesson, cell: Cell, message: str, offset: int = 0) -> LessonError:
    return LessonError(lesson.path, cell.line + offset, message)


def _syntax(lesson: Lesson) -> Iterator[LessonError]:
    for cell in lesson.cells:
        if not cell.is_code:
            continue
        if cell.kind in _PYTHON_ONLY and cell.source.startswith("%%"):
            text = "a cell magic does not run at grading: tag the cell show, or indent the text"
            yield _error(lesson, cell, text)
            continue
        has_magics = cell.kind in ("given", "show", "yours")
        try:
            compile(names.plain(cell.source) if has_magics else cell.source, "<cell>", "exec")
        except SyntaxError as error:
            yield _error(lesson, cell, f"syntax error: {error.msg}", (error.lineno or 1) - 1)


def _ids(lesson: Lesson) -> Iterator[LessonError]:
    seen: dict[str, Cell] = {}
    for cell in lesson.of_kind("exercise", "test", "question", "hint"):
        if not _ID.fullmatch(cell.id):
            text = f"the name {cell.id!r} must be 1 to 64 letters, digits, _ or -"
            yield _error(lesson, cell, text)
        if cell.id in RESERVED:
            text = f"[[{cell.id}]] means something else beside the lesson: rename it"
            yield _error(lesson, cell, text)
        first = seen.setdefault(cell.id, cell)
        if first is not cell:
            remedy = ' with its own part="…"' if cell.kind == "test" else " with a name of its own"
            text = f"the {cell.kind} {cell.id!r} is already in line {first.line}; give each{remedy}"
            yield _error(lesson, cell, text)


def _structure(lesson: Lesson) -> Iterator[LessonError]:
    exercises = {cell.exercise: cell for cell in reversed(list(lesson.of_kind("exercise")))}
    tested = {cell.exercise for cell in lesson.of_kind("test")}
    for name, cell in exercises.items():
        if name not in tested:
            text = f'the exercise {name!r} has no test: add a cell with test="{name}" points=…'
            yield _error(lesson, cell, text)
    for cell in lesson.of_kind("test"):
        exercise = exercises.get(cell.exercise)
        if exercise is None:
            yield _error(lesson, cell, f"there is no exercise {cell.exercise!r} to test")
        elif exercise.line > cell.line:
            text = f"this test comes before its exercise (line {exercise.line}): move it below"
            yield _error(lesson, cell, text)
        if not cell.points:
            yield _error(lesson, cell, f"the test {cell.id!r} gives no points: add points=…")


def _questions(lesson: Lesson) -> Iterator[LessonError]:
    for cell in lesson.of_kind("question"):
        regions = scan(cell.source)
        for mark, what in _OF_QUESTIONS.items():
            if not regions.of(mark):
                text = f"the question {cell.id!r} has no {what}: add <!-- BEGIN {mark} -->"
                yield _error(lesson, cell, text)
        if not cell.points:
            yield _error(lesson, cell, f"the question {cell.id!r} gives no points: add points=…")


_MARKS_OF: dict[str, tuple[RegionKind, ...]] = {
    "exercise": ("SOLUTION",),
    "test": ("HIDDEN TESTS",),
    "question": ("SOLUTION", "MARK SCHEME"),
}


def _regions(lesson: Lesson) -> Iterator[LessonError]:
    for cell in lesson.cells:
        regions = scan(cell.source)
        for offset, problem in regions.problems:
            yield _error(lesson, cell, problem, offset)
        for region in regions.found:
            if region.kind not in _MARKS_OF.get(cell.kind, ()):
                text = f"a region of {region.kind} has no place in a cell of {cell.kind}"
                yield _error(lesson, cell, text, region.first - 1)
            elif not any(line.strip() for line in region.lines):
                yield _error(lesson, cell, f"this region of {region.kind} is empty", region.first)
        if cell.kind == "exercise" and not regions.of("SOLUTION") and not regions.problems:
            text = f"the exercise {cell.id!r} has no solution: add ### BEGIN SOLUTION"
            yield _error(lesson, cell, text)


def _double_names(lesson: Lesson) -> Iterator[LessonError]:
    seen: dict[str, Cell] = {}
    for cell in lesson.of_kind("exercise"):
        for name in sorted(names.defined_names(cell.source)):
            first = seen.setdefault(name, cell)
            if first is not cell:
                text = f"{name!r} is already defined by the exercise {first.id!r}: rename one"
                yield _error(lesson, cell, text)


def _unknown_names(lesson: Lesson) -> Iterator[LessonError]:
    """Find names that will not exist at grading, where show cells and other tests do not run."""
    cells = list(lesson.of_kind(*_PYTHON_ONLY))
    if any(names.has_star_import(names.plain(cell.source)) for cell in cells):
        return
    known = _known_names(lesson)
    elsewhere = _bound(lesson.of_kind("show", "yours", "test"))
    for cell in cells:
        for name, line in names.used_names(names.plain(cell.source)).items():
            if name in known:
                continue
            remedy = ": only given code and exercises exist at grading" if name in elsewhere else ""
            yield _error(lesson, cell, f"no name {name!r} exists here{remedy}", line - 1)


def _unknown_references(lesson: Lesson) -> Iterator[LessonError]:
    known = _known_names(lesson)
    for cell in lesson.of_kind("test"):
        for name, line in names.attributes_of("reference", cell.source).items():
            if name not in known:
                text = f"reference.{name}: no exercise or given cell defines {name!r}"
                yield _error(lesson, cell, text, line - 1)


def _parts(lesson: Lesson) -> Iterator[LessonError]:
    for cell in lesson.of_kind("test"):
        for offset, text in broken_parts(cell):
            yield _error(lesson, cell, text, offset)


def _modules(lesson: Lesson) -> Iterator[LessonError]:
    for cell, offset, text in broken_modules(lesson):
        yield _error(lesson, cell, text, offset)


def _known_names(lesson: Lesson) -> frozenset[str]:
    return frozenset(_bound(lesson.of_kind("given", "exercise")))


def _bound(cells: Iterable[Cell]) -> set[str]:
    return {name for cell in cells for name in names.bound_names(names.plain(cell.source))}
