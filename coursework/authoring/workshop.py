"""A build under way, in a folder of its own with the shape of the course."""

import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from traitlets.config import Config

from coursework.authoring.execution import (
    failures,
    has_same_code,
    imports_at_execution,
    take_outputs,
    without_outputs,
)
from coursework.authoring.folds import with_folds
from coursework.authoring.form import (
    FORM,
    Finding,
    Places,
    broken_form,
    broken_outputs,
    errors_of,
    summary,
    with_links,
    with_rests,
)
from coursework.authoring.guard import answers_at_stake
from coursework.authoring.imports import digests
from coursework.authoring.leaks import leaks
from coursework.authoring.modules import maker_of, module_source, module_text, modules_of
from coursework.authoring.packed import packed_checks
from coursework.authoring.rules import broken_rules
from coursework.authoring.size import oversize
from coursework.authoring.source import source_notebook
from coursework.authoring.stubs_and_solutions import generate_release, generate_solution
from coursework.authoring.survey import Survey
from coursework.authoring.syllabus import titles, with_head
from coursework.authoring.unwritten import try_tests
from coursework.course.alternatives import check_evidence, read_answers
from coursework.course.layout import Course
from coursework.course.lesson import Lesson
from coursework.course.mistakes import check_mistakes, mistakes_path
from coursework.errors import CourseworkError, LessonError, StaleError
from coursework.mutants.stated import unknown_behaviours
from coursework.submissions.releases import keep_release, kept_releases
from coursework.submissions.touched import is_as_built

__all__ = ["Workshop"]

_STUB_PASSES = "the test {cell.id!r} passes while {cell.exercise!r} is not written: let it call it"
_TAKEN = "there is already a module coursework.built.{name}: give this one another name"


@dataclass
class Workshop:
    """A build under way.

    Attributes
    ----------
    course : Course
    site : Course
        Where everything is first built.
    config : Config
        Of the course.
    survey : Survey
        What to build.
    progress : callable
        Called with each step before it begins.
    errors : list of CourseworkError
        What was found so far.
    warnings : list of LessonError
        What an author should look at, and may ignore.
    has_warnings : bool
        Whether anybody wants them.
    """

    course: Course
    site: Course
    config: Config
    survey: Survey
    progress: Callable[[str], None]
    errors: list[CourseworkError]
    warnings: list[LessonError] = field(default_factory=list)
    has_warnings: bool = True
    _is_later: dict[str, bool] = field(default_factory=dict)

    def prepare(self) -> list[Lesson]:
        """Make source, release and solutions without outputs; return the faultless lessons."""
        named = titles(self.course, self.survey.order)
        chosen = [self.survey.lessons[key] for key in self.survey.chosen]
        lessons = [
            with_head(self._as_read(lesson), self.survey.order, named)
            for lesson in chosen
            if self._keeps_rules(lesson) and self._make_modules(lesson)
        ]
        for lesson in lessons:
            target = _notebook(self.site.source, lesson)
            target.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(source_notebook(lesson), target)
        for assignment in dict.fromkeys(lesson.assignment for lesson in lessons):
            generate_release(self.site.root, self.config, assignment)
        return [lesson for lesson in lessons if self._release(lesson)]

    @property
    def _places(self) -> Places:
        return Places(self.course.lessons, self.survey.order)

    def _as_read(self, lesson: Lesson) -> Lesson:
        """Return a lesson with regions and links as readers of notebooks get them."""
        return with_links(with_folds(with_rests(lesson)), self._places)

    def _keeps_rules(self, lesson: Lesson) -> bool:
        self.progress(f"read {lesson.key}")
        try:
            mistakes, evidence = read_answers(mistakes_path(lesson.path))
        except LessonError as error:
            return self._passes([error])
        wrong = [
            *check_mistakes(lesson, mistakes),
            *check_evidence(lesson, evidence),
            *unknown_behaviours(lesson, evidence),
        ]
        imports = self.survey.broken_imports(lesson, self.module_text)
        self._is_later[lesson.key] = any(later.measure == FORM for later in evidence.laters)
        if not self._passes([*broken_rules(lesson), *imports, *wrong]):
            return False
        return self._passes(self._departures(lesson, broken_form(lesson, self._places)))

    def _departures(self, lesson: Lesson, found: Iterable[Finding]) -> list[LessonError]:
        """Return departures from the form as errors; keep them as warnings if they may wait."""
        if not self._is_later[lesson.key]:
            return errors_of(lesson, found)
        if self.has_warnings:
            self.warnings += summary(lesson, found)
        return []

    def _make_modules(self, lesson: Lesson) -> bool:
        self.site.modules.mkdir(parents=True, exist_ok=True)
        for name, cells in modules_of(lesson).items():
            path, old = _module(self.site, name), _module(self.course, name)
            by_hand = old.exists() and not maker_of(old.read_text(encoding="utf-8"))
            if by_hand or self.survey.makers[name] != lesson.key:
                text = _TAKEN.format(name=name)
                return self._passes([LessonError(lesson.path, cells[0].line, text)])
            path.write_text(module_source(lesson, name), encoding="utf-8")
        return True

    def module_text(self, name: str) -> str:
        """Return a module as its lesson makes it now, or else as it was built; "" if neither."""
        return module_text(name, self.site, self.course)

    def _release(self, lesson: Lesson) -> bool:
        self.progress(f"release {lesson.key}")
        self._generate_solution(lesson, execute=False)
        release = nbformat.read(_notebook(self.site.release, lesson), as_version=4)
        return self._passes(leaks(lesson, release))

    def solve(self, lesson: Lesson, *, force: bool) -> bool:
        """Try the tests with stubs and execute the solution, if it is not up to date."""
        self.progress(f"solve {lesson.key}")
        self.warnings += packed_checks(lesson)
        solution = _notebook(self.site.solutions, lesson)
        if not force and self._has_run(lesson):
            take_outputs(_notebook(self.course.solutions, lesson), solution)
            return self._passes(self.wrong_outputs(lesson, solution))
        try:
            if self._passes(self._passed_by_stubs(lesson)):
                self._generate_solution(lesson, execute=True)
                executed = nbformat.read(solution, as_version=4)
                wrong = failures(lesson, executed) or self.wrong_outputs(lesson, solution)
                if self._passes(wrong):
                    return True
        except CourseworkError as error:
            self.errors.append(error)
        # Later lessons run with the modules of the course, which stay as they are.
        for name in modules_of(lesson):
            _module(self.site, name).unlink()
        return False

    def _has_run(self, lesson: Lesson) -> bool:
        """Whether the solution was executed with its present code, including its tests."""
        trees = (
            (self.site.source, self.course.source),
            (self.site.solutions, self.course.solutions),
        )
        pairs = [(_notebook(new, lesson), _notebook(old, lesson)) for new, old in trees]
        return all(old.exists() and has_same_code(new, old) for new, old in pairs)

    def _generate_solution(self, lesson: Lesson, *, execute: bool) -> None:
        imports = self._imports(lesson)
        generate_solution(self.site.root, self.config, lesson, imports=imports, execute=execute)

    def _imports(self, lesson: Lesson) -> dict[str, str]:
        modules = [found.module for found in self.survey.imports[lesson.key]]
        return digests(modules, self.module_text)

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
        """Return what is built from a lesson, relative to the site."""
        for tree in (self.site.source, self.site.release, self.site.solutions):
            yield _notebook(tree, lesson).relative_to(self.site.root)
        for name in modules_of(lesson):
            yield _module(self.site, name).relative_to(self.site.root)

    def stale(self, lesson: Lesson) -> Iterator[StaleError]:
        """Find what is missing from the course, or differs from what was built here."""
        remedy = f"run `coursework build {lesson.key}`"
        solution = _notebook(self.site.solutions, lesson)
        for path in self._built(lesson):
            new, old = self.site.root / path, self.course.root / path
            if not old.exists():
                yield StaleError(f"{path} is missing: {remedy}")
            elif not self._is_as_built(lesson, new, old):
                why = self._changed_imports(lesson) if new == solution else ""
                yield StaleError(f"{path} is stale{why}: {remedy}")

    def _is_as_built(self, lesson: Lesson, new: Path, old: Path) -> bool:
        """Whether a file of the course is what was built here; some are run and saved again."""
        if new == _notebook(self.site.solutions, lesson):
            return without_outputs(new) == without_outputs(old)
        is_release = new == _notebook(self.site.release, lesson)
        return new.read_bytes() == old.read_bytes() or (is_release and is_as_built(old, new))

    def _changed_imports(self, lesson: Lesson) -> str:
        """Say which modules have changed since the solution of a lesson was executed."""
        before = imports_at_execution(_notebook(self.course.solutions, lesson))
        now = self._imports(lesson)
        changed = sorted(name for name in now if now[name] != before.get(name))
        return f", since it imports {', '.join(changed)}, which changed" if changed else ""

    def stale_dependents(self) -> Iterator[CourseworkError]:
        """Find lessons outside this build that import what has changed in it."""
        made = {name for name, key in self.survey.makers.items() if key in self.survey.chosen}
        for key, lesson in self.survey.lessons.items():
            if key not in self.survey.chosen and made & set(self._imports(lesson)):
                yield from self._stale_dependent(lesson)

    def _stale_dependent(self, lesson: Lesson) -> Iterator[CourseworkError]:
        broken = self.survey.broken_imports(lesson, self.module_text)
        yield from broken
        solution = _notebook(self.course.solutions, lesson)
        if solution.exists() and not broken and (why := self._changed_imports(lesson)):
            path = solution.relative_to(self.course.root)
            yield StaleError(f"{path} is stale{why}: run `coursework build {lesson.key}`")

    def wrong_outputs(self, lesson: Lesson, solution: Path | None = None) -> list[LessonError]:
        """Find what is wrong with the pictures of a solution, by default the one in the course."""
        solution = solution or _notebook(self.course.solutions, lesson)
        if not solution.exists():
            return []
        departures = self._departures(lesson, broken_outputs(lesson, solution))
        return departures + oversize(lesson, solution)

    def write(self, lesson: Lesson) -> Iterator[Path]:
        """Write to the course what differs, and return it."""
        release = _notebook(self.course.release, lesson)
        answered = answers_at_stake(self.course, release, _notebook(self.site.release, lesson))
        self.errors += answered
        source = self.course.source / lesson.assignment
        # Students may have the version that is replaced here.
        if kept_releases(source, lesson.name) and release.exists() and not answered:
            keep_release(source, release)
        for path in self._built(lesson):
            new, old = self.site.root / path, self.course.root / path
            is_kept = bool(answered) and old == release
            if not old.exists() or (new.read_bytes() != old.read_bytes() and not is_kept):
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
