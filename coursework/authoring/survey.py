"""The lessons that a build concerns, each read once, and how they depend on each other.

A lesson comes after those whose modules it imports. Building a lesson first builds these if the
modules have changed, and reports lessons that import what has changed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from coursework.authoring.imports import Import, imports_of, lacks
from coursework.authoring.modules import (
    installed_modules,
    maker_of,
    module_source,
    module_text,
    modules_of,
)
from coursework.course.layout import Course, lesson_key
from coursework.course.lesson import Lesson, read_lesson
from coursework.course.order import Order, broken_order
from coursework.errors import LessonError

__all__ = ["Survey", "survey"]

# A lesson without either neither imports a module of another lesson nor makes one.
_SIGNS = ("built", "module=")


@dataclass(frozen=True)
class Survey:
    """What the lessons of a course make for each other.

    Attributes
    ----------
    order : Order
    lessons : dict of str to Lesson
        Those that could be read, by key, in the order in which they are taught.
    imports : dict of str to tuple of Import
        What each of them imports.
    makers : dict of str to str
        The key of the lesson that makes a module.
    others : frozenset of str
        Modules made by the lessons of another course: the one to which the package belongs.
    named : frozenset of str
        The keys of lessons that were asked for.
    chosen : tuple of str
        Keys of the lessons to build, each after those whose modules it imports: those that were
        asked for, and makers of imported modules that have changed.
    errors : tuple of LessonError
        Why lessons that were asked for cannot be built.
    is_sound : bool
        False if the order is broken, or a circle of imports leaves none; then nothing is built.
    """

    order: Order
    lessons: dict[str, Lesson]
    imports: dict[str, tuple[Import, ...]]
    makers: dict[str, str]
    others: frozenset[str]
    named: frozenset[str]
    chosen: tuple[str, ...]
    errors: tuple[LessonError, ...]
    is_sound: bool = True

    def broken_imports(self, lesson: Lesson, read: Callable[[str], str]) -> list[LessonError]:
        """Return each import of a lesson that will fail.

        Parameters
        ----------
        lesson : Lesson
        read : callable
            Returns the text of a module as its lesson makes it now; "" if there is none.
        """
        found = [(one, self._broken(lesson, one, read)) for one in self.imports[lesson.key]]
        return [LessonError(lesson.path, one.line, text) for one, text in found if text]

    def _broken(self, lesson: Lesson, one: Import, read: Callable[[str], str]) -> str:
        module, maker = f"coursework.built.{one.module}", self.makers.get(one.module, "")
        if not maker and one.module not in self.others:
            mark = f'module="{one.module}"'
            return f"no lesson makes {module}: mend the name, or mark its cells {mark}"
        if maker and self._is_later(maker, lesson.key):
            return f"{module} is made by {maker}, taught later: see {self.order.path.name}"
        text = read(one.module)
        if not text:
            return f"{module} does not exist: first mend {maker}, which makes it"
        if lacks(text, one.name):
            return f"{module} has no {one.name!r}: mend the name here or where it is made"
        return ""

    def _is_later(self, key: str, other: str) -> bool:
        return self.order.is_stated and self.order.sorted([key, other])[0] == other


def survey(course: Course, *names: str) -> Survey:
    """Read those lessons of a course that a build of some of them concerns.

    Raises
    ------
    ConfigError
        A name is neither an assignment nor a lesson.
    LessonError
        The teaching order cannot be read.
    """
    order, files = course.order(), {lesson_key(path): path for path in course.lesson_files()}
    wanted = [lesson_key(path) for path in course.lesson_files(*names)]
    if errors := broken_order(order, files):
        return _nothing(order, errors)
    lessons, unreadable = _read(files, wanted)
    imports = {key: imports_of(lesson) for key, lesson in lessons.items()}
    makers = _makers_on_disk(course, frozenset(unreadable))
    makers |= {module: key for key in reversed(lessons) for module in modules_of(lessons[key])}
    needs = {
        key: [maker for one in found if (maker := makers.get(one.module)) in lessons]
        for key, found in imports.items()
    }
    errors = [error for key, error in unreadable.items() if key in wanted]
    if cycle := _cycle(needs):
        line = next(one.line for one in imports[cycle[0]] if makers.get(one.module) == cycle[1])
        return _nothing(order, [*errors, LessonError(lessons[cycle[0]].path, line, _told(cycle))])
    return Survey(
        order=order,
        lessons=lessons,
        imports=imports,
        makers=makers,
        others=_of_other_course(course),
        named=frozenset(wanted),
        chosen=tuple(
            key
            for key in _with_needs([key for key in wanted if key in lessons], needs)
            if key in wanted or _has_changed(course, lessons[key])
        ),
        errors=tuple(errors),
    )


def _nothing(order: Order, errors: list[LessonError]) -> Survey:
    none = frozenset[str]()
    return Survey(order, {}, {}, {}, none, none, (), tuple(errors), is_sound=False)


def _read(
    files: dict[str, Path], wanted: list[str]
) -> tuple[dict[str, Lesson], dict[str, LessonError]]:
    """Read what is wanted, and what may be related to it."""
    lessons, unreadable = dict[str, Lesson](), dict[str, LessonError]()
    for key, path in files.items():
        if key in wanted or _may_matter(path):
            try:
                lessons[key] = read_lesson(path)
            except LessonError as error:
                unreadable[key] = error
    return lessons, unreadable


def _makers_on_disk(course: Course, keys: frozenset[str]) -> dict[str, str]:
    """Return the modules that these lessons made when they were last built."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in course.modules.glob("*.py")}
    return {module: maker for module, text in texts.items() if (maker := maker_of(text)) in keys}


def _of_other_course(course: Course) -> frozenset[str]:
    """Return the modules that a course's notebooks find although none of its lessons makes them."""
    if course.modules.resolve() == installed_modules():
        return frozenset()
    return frozenset(path.stem for path in installed_modules().glob("[!_]*.py"))


def _has_changed(course: Course, lesson: Lesson) -> bool:
    """Whether a lesson makes a module that differs from the built one, or cannot be made."""
    try:
        return any(
            module_source(lesson, name) != module_text(name, course) for name in modules_of(lesson)
        )
    except SyntaxError:
        return True


def _may_matter(path: Path) -> bool:
    text = path.read_bytes().decode(errors="replace")
    return any(sign in text for sign in _SIGNS)


def _cycle(needs: dict[str, list[str]]) -> list[str]:
    """Return lessons each of which imports what the next makes; the first is also the last."""
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        return error.args[1][::-1]
    return []


def _told(cycle: list[str]) -> str:
    return (
        "these lessons import each other's modules in a circle: "
        f"{' imports from '.join(cycle)}. Move what they share into the earliest of them"
    )


def _with_needs(keys: list[str], needs: dict[str, list[str]]) -> Iterator[str]:
    """Return lessons, each once and after everything that it needs."""
    done = set[str]()

    def visit(key: str) -> Iterator[str]:
        if key not in done:
            done.add(key)
            for need in needs[key]:
                yield from visit(need)
            yield key

    for key in keys:
        yield from visit(key)
