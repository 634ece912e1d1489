"""Build a course: lessons → source, release, solutions, and modules for later lessons.

Everything is first built in a folder of its own. Building then writes what has changed; checking
compares and writes nothing.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from coursework.authoring.modules import maker_of
from coursework.authoring.survey import survey
from coursework.authoring.syllabus import pages
from coursework.authoring.workshop import Workshop
from coursework.course.layout import Course, lesson_key
from coursework.errors import CourseworkError, LessonError, StaleError

__all__ = ["STEPS", "Built", "Progress", "build", "check"]

STEPS = 3  # per lesson, at most
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Built:
    """What a build did, or what a check found.

    Attributes
    ----------
    written : tuple of Path
        Files that changed, relative to the course's folder.
    errors : tuple of CourseworkError
        Why lessons were not built (LessonError), or what is stale (StaleError).
    warnings : tuple of LessonError
        What an author should look at, in lessons that were built.
    """

    written: tuple[Path, ...]
    errors: tuple[CourseworkError, ...]
    warnings: tuple[LessonError, ...] = ()


def build(
    course: Course,
    *names: str,
    force: bool = False,
    progress: Progress = lambda _: None,
) -> Built:
    """Build lessons, after those whose changed modules they import; write the changes.

    A lesson that breaks a rule is left as it was; the others are written. Lessons that are not
    named and import what has changed are reported as stale.

    Parameters
    ----------
    course : Course
    *names : str
        Assignments (`A`) or lessons (`A/n`); all if none is named.
    force : bool
        Execute named lessons, and try them with stubs, even if they have not changed.
    progress : callable
        Called with each step before it begins.

    Raises
    ------
    ConfigError
        A name is unknown, or the course's configuration is broken.
    LessonError
        The teaching order cannot be read.
    """
    with _work_on(course, names, progress) as work:
        # Each is written before the next is executed, which may import its module.
        written = [
            path
            for lesson in work.prepare()
            if work.solve(lesson, force=force and lesson.key in work.survey.named)
            for path in work.write(lesson)
        ]
        written += _write_pages(work)
        return Built(tuple(written), (*work.errors, *work.stale_dependents()), tuple(work.warnings))


def check(course: Course, *names: str, progress: Progress = lambda _: None) -> Built:
    """Compare what is built with what its lessons build now; execute and write nothing.

    Of solutions, everything but the outputs is compared, and whether the modules that they
    import from other lessons are those with which they were executed.

    Raises
    ------
    ConfigError
        A name is unknown, or the course's configuration is broken.
    LessonError
        The teaching order cannot be read.
    """
    with _work_on(course, names, progress) as work:
        # A build validates what it writes; skipping that here takes a quarter of the time.
        work.config.CheckCellMetadata.enabled = False
        work.has_warnings = False
        for lesson in work.prepare():
            work.errors += list(work.stale(lesson)) or work.wrong_outputs(lesson)
        work.errors += work.stale_dependents()
        if work.survey.is_sound:
            work.errors += [*_stale_pages(work), *_leftovers(course, names)]
            work.errors += _left_modules(work, names)
        return Built((), tuple(work.errors))


@contextmanager
def _work_on(course: Course, names: tuple[str, ...], progress: Progress) -> Iterator[Workshop]:
    with tempfile.TemporaryDirectory(prefix="coursework-build-") as folder:
        found = survey(course, *names)
        site = Course(Path(folder).resolve())
        yield Workshop(course, site, course.config(), found, progress, list(found.errors))


def _pages(work: Workshop) -> dict[Path, str]:
    """Return the pages that show the order; if they cannot be made, keep the error."""
    try:
        return pages(work.course, work.survey.order) if work.survey.is_sound else {}
    except LessonError as error:
        work.errors.append(error)
        return {}


def _write_pages(work: Workshop) -> Iterator[Path]:
    for path, text in _pages(work).items():
        page = work.course.root / path
        if not page.exists() or page.read_text(encoding="utf-8") != text:
            page.write_text(text, encoding="utf-8")
            yield path


def _stale_pages(work: Workshop) -> Iterator[StaleError]:
    for path, text in _pages(work).items():
        page = work.course.root / path
        if not page.exists() or page.read_text(encoding="utf-8") != text:
            yield StaleError(f"{path} does not show the order of lessons: run `coursework build`")


def _files(folder: Path) -> list[Path]:
    """Return the files below a folder, except hidden ones."""
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]


def _leftovers(course: Course, names: tuple[str, ...]) -> Iterator[StaleError]:
    """Find files in the built trees that no lesson builds."""
    built = {f"{lesson_key(path)}.ipynb" for path in course.lesson_files()}
    for tree in (course.source, course.release, course.solutions):
        for path in _files(tree):
            where = path.relative_to(tree)
            if where.as_posix() not in built and (not names or where.parts[0] in names):
                lesson = (course.lessons / where).with_suffix(".md")
                remedy = f"remove it, or write {lesson.relative_to(course.root)}"
                yield StaleError(f"{path.relative_to(course.root)} belongs to no lesson: {remedy}")


def _left_modules(work: Workshop, names: tuple[str, ...]) -> Iterator[StaleError]:
    """Find modules that no lesson makes any more."""
    for path in sorted(work.course.modules.glob("[!_]*.py")):
        maker = maker_of(path.read_text(encoding="utf-8"))
        is_asked = not names or {maker, maker.partition("/")[0]} & set(names)
        if path.stem not in work.survey.makers and is_asked:
            remedy = f'remove it, or mark the cells of it module="{path.stem}"'
            yield StaleError(f"{path.relative_to(work.course.root)} belongs to no lesson: {remedy}")
