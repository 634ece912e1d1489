"""Build a course: lessons → source, release, solutions, and modules for later lessons.

All is built in a folder of its own first. Building writes from there what has changed;
checking compares and writes nothing.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from traitlets.config import Config

from coursework.authoring.derive import generate_release, generate_solution
from coursework.authoring.execution import failures, without_outputs
from coursework.authoring.leaks import leaks
from coursework.authoring.modules import BUILT, module_source, modules_of
from coursework.authoring.rules import broken_rules
from coursework.authoring.source import source_notebook
from coursework.authoring.stubs import try_tests
from coursework.course import Course
from coursework.errors import CourseworkError, LessonError, StaleError
from coursework.evidence import check_evidence, read_evidence
from coursework.lesson import Lesson, read_lesson
from coursework.mistakes import check_mistakes, mistakes_path, read_mistakes

__all__ = ["STEPS", "Built", "Progress", "build", "check"]

STEPS = 3  # of each lesson, at most
_STUB_PASSES = "the test {cell.id!r} passes while {cell.exercise!r} is not written: let it call it"
_TAKEN = "there is another module coursework.built.{name}: give this one a name of its own"
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
    """Build lessons and write what has changed.

    A lesson that breaks a rule is left as it was; the others are written.

    Parameters
    ----------
    course : Course
    *names : str
        Assignments (`A`) or lessons (`A/n`); all where none is named.
    force : bool
        Execute and try against stubs what has not changed, too.
    progress : callable
        Hears of each step before it begins.

    Raises
    ------
    ConfigError
        A name is unknown, or the course's configuration is broken.
    """
    with _work_on(course, progress) as work:
        # Each is written before the next is executed, which may import a module of it.
        written = [
            path
            for lesson in work.prepare(*names)
            if work.solve(lesson, force=force)
            for path in work.write(lesson)
        ]
        return Built(tuple(written), tuple(work.errors), tuple(work.warnings))


def check(course: Course, *names: str, progress: Progress = lambda _: None) -> Built:
    """Compare what is built with what its lessons build now; execute and write nothing.

    Of solutions everything but the outputs is compared.

    Raises
    ------
    ConfigError
        A name is unknown, or the course's configuration is broken.
    """
    with _work_on(course, progress) as work:
        stale = [error for lesson in work.prepare(*names) for error in work.stale(lesson)]
        return Built((), (*work.errors, *stale, *_leftovers(course, names)))


@contextmanager
def _work_on(course: Course, progress: Progress) -> Iterator["_Work"]:
    with tempfile.TemporaryDirectory(prefix="coursework-build-") as folder:
        yield _Work(course, Course(Path(folder).resolve()), course.config(), progress)


@dataclass
class _Work:
    """A build under way, in a course of its own at `site`."""

    course: Course
    site: Course
    config: Config
    progress: Progress
    errors: list[CourseworkError] = field(default_factory=list)
    warnings: list[LessonError] = field(default_factory=list)

    def prepare(self, *names: str) -> list[Lesson]:
        """Make source, release and solutions without outputs; return the faultless lessons."""
        read = [self._read(path) for path in self.course.lesson_files(*names)]
        lessons = [lesson for lesson in read if lesson is not None]
        for assignment in dict.fromkeys(lesson.assignment for lesson in lessons):
            generate_release(self.site.root, self.config, assignment)
        return [lesson for lesson in lessons if self._release(lesson)]

    def _read(self, path: Path) -> Lesson | None:
        self.progress(f"read {path.parent.name}/{path.stem}")
        try:
            lesson = read_lesson(path)
            mistakes = read_mistakes(mistakes_path(path))
            evidence = read_evidence(mistakes_path(path))
        except LessonError as error:
            self.errors.append(error)
            return None
        wrong = check_mistakes(lesson, mistakes) + check_evidence(lesson, evidence)
        if not self._passes(broken_rules(lesson) + wrong):
            return None
        target = _notebook(self.site.source, lesson)
        target.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(source_notebook(lesson), target)
        return lesson if self._make_modules(lesson) else None

    def _make_modules(self, lesson: Lesson) -> bool:
        self.site.modules.mkdir(parents=True, exist_ok=True)
        for name, cells in modules_of(lesson).items():
            path, old = _module(self.site, name), _module(self.course, name)
            if path.exists() or (old.exists() and BUILT not in old.read_text(encoding="utf-8")):
                text = _TAKEN.format(name=name)
                self.errors.append(LessonError(lesson.path, cells[0].line, text))
                return False
            path.write_text(module_source(lesson, name), encoding="utf-8")
        return True

    def _release(self, lesson: Lesson) -> bool:
        self.progress(f"release {lesson.assignment}/{lesson.name}")
        self._generate_solution(lesson, execute=False)
        release = nbformat.read(_notebook(self.site.release, lesson), as_version=4)
        return self._passes(leaks(lesson, release))

    def solve(self, lesson: Lesson, *, force: bool) -> bool:
        """Try the tests against stubs and execute the solution, where it is not up to date."""
        self.progress(f"solve {lesson.assignment}/{lesson.name}")
        solution = _notebook(self.site.solutions, lesson)
        if not force and not any(self.stale(lesson)):
            shutil.copyfile(_notebook(self.course.solutions, lesson), solution)
            return True
        try:
            if not self._passes(self._passed_by_stubs(lesson)):
                return False
            self._generate_solution(lesson, execute=True)
        except CourseworkError as error:
            self.errors.append(error)
            return False
        return self._passes(failures(lesson, nbformat.read(solution, as_version=4)))

    def _generate_solution(self, lesson: Lesson, *, execute: bool) -> None:
        root, where = self.site.root, (lesson.assignment, lesson.name)
        generate_solution(root, self.config, *where, execute=execute)

    def _passed_by_stubs(self, lesson: Lesson) -> list[LessonError]:
        tried = try_tests(lesson, _notebook(self.site.release, lesson))
        self.warnings += tried.warnings
        return [
            LessonError(lesson.path, cell.line, _STUB_PASSES.format(cell=cell))
            for cell in tried.passed
        ]

    def _passes(self, errors: list[LessonError]) -> bool:
        self.errors += errors
        return not errors

    def _built(self, lesson: Lesson) -> Iterator[Path]:
        """Return what is built of a lesson, relative to the site."""
        for tree in (self.site.source, self.site.release, self.site.solutions):
            yield _notebook(tree, lesson).relative_to(self.site.root)
        for name in modules_of(lesson):
            yield _module(self.site, name).relative_to(self.site.root)

    def stale(self, lesson: Lesson) -> Iterator[StaleError]:
        """Find what is missing from the course, or differs from what was built here."""
        remedy = f"run `coursework build {lesson.assignment}/{lesson.name}`"
        solution = _notebook(self.site.solutions, lesson)
        for path in self._built(lesson):
            new, old = self.site.root / path, self.course.root / path
            content = without_outputs if new == solution else Path.read_bytes
            if not old.exists():
                yield StaleError(f"{path} is missing: {remedy}")
            elif content(new) != content(old):
                yield StaleError(f"{path} is stale: {remedy}")

    def write(self, lesson: Lesson) -> Iterator[Path]:
        """Write to the course what differs, and return it."""
        for path in self._built(lesson):
            new, old = self.site.root / path, self.course.root / path
            if not old.exists() or new.read_bytes() != old.read_bytes():
                old.parent.mkdir(parents=True, exist_ok=True)
                # A build that is killed leaves no half-written notebook.
                part = old.with_name(f".{old.name}.part")
                shutil.copyfile(new, part)
                part.replace(old)
                yield path


def _module(course: Course, name: str) -> Path:
    return course.modules / f"{name}.py"


def _notebook(tree: Path, lesson: Lesson) -> Path:
    return tree / lesson.assignment / f"{lesson.name}.ipynb"


def _files(folder: Path) -> list[Path]:
    """Return the files below a folder, but for hidden ones."""
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]


def _leftovers(course: Course, names: tuple[str, ...]) -> Iterator[StaleError]:
    """Find files in the built trees that no lesson builds."""
    built = {(path.parent.name, f"{path.stem}.ipynb") for path in course.lesson_files()}
    for tree in (course.source, course.release, course.solutions):
        for path in _files(tree):
            assignment, *rest = path.relative_to(tree).parts
            if names and assignment not in names:
                continue
            if (assignment, "/".join(rest)) not in built:
                lesson = course.lessons.joinpath(assignment, *rest).with_suffix(".md")
                remedy = f"remove it, or write {lesson.relative_to(course.root)}"
                yield StaleError(f"{path.relative_to(course.root)} is of no lesson: {remedy}")
