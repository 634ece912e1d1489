"""Modules that are made of a lesson's cells, for later lessons to import.

Students use in one lesson what they wrote in an earlier one. So that this code exists only once,
the build collects the solved lesson's cells marked `module="name"` in `coursework/built/name.py`.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from coursework import built
from coursework.course.layout import Course
from coursework.course.lesson import Cell, Lesson
from coursework.course.names import bound_names, defined_names, used_names
from coursework.course.regions import without_markers

__all__ = [
    "BUILT",
    "broken_modules",
    "installed_modules",
    "maker_of",
    "module_source",
    "module_text",
    "modules_of",
]

BUILT = "Made by `coursework build`"
"""Occurs in every module that is made from a lesson."""

_MADE_OF = re.compile(r'"""What the lesson (\S+/\S+) builds,')
_HEADER = '''"""What the lesson {assignment}/{name} builds, for later lessons to import.

{built} of the cells marked module="{module}" in
lessons/{assignment}/{name}.md: change them, not this file.
"""

__all__ = [
{names}]
'''


def modules_of(lesson: Lesson) -> dict[str, tuple[Cell, ...]]:
    """Return the cells of each module that the lesson makes, in order."""
    names = dict.fromkeys(cell.module for cell in lesson.cells if cell.module)
    return {name: tuple(c for c in lesson.cells if c.module == name) for name in names}


def maker_of(text: str) -> str:
    """Return the key of the lesson from which a module was made; "" if people wrote it."""
    found = _MADE_OF.match(text)
    return found[1] if found and BUILT in text else ""


def installed_modules() -> Path:
    """Return the folder of modules from which notebooks import: the installed package's."""
    return Path(built.__file__).resolve().parent


def module_text(name: str, *courses: Course) -> str:
    """Return the text of a module in the first of these courses that has it, or in the package.

    It is empty if the module does not exist.
    """
    folders = (*(course.modules for course in courses), installed_modules())
    paths = (folder / f"{name}.py" for folder in folders)
    return next((path.read_text(encoding="utf-8") for path in paths if path.exists()), "")


def module_source(lesson: Lesson, module: str) -> str:
    """Return the text of a module: its cells, solved, without markers."""
    cells = modules_of(lesson)[module]
    names = sorted(name for cell in cells for name in defined_names(cell.source))
    listed = "".join(f'    "{name}",\n' for name in names if not name.startswith("_"))
    where = {"assignment": lesson.assignment, "name": lesson.name, "module": module}
    header = _HEADER.format(**where, built=BUILT, names=listed)
    return (
        header
        + "\n"
        + "\n\n\n".join(without_markers(cell.source).strip("\n") for cell in cells)
        + "\n"
    )


def broken_modules(lesson: Lesson) -> Iterator[tuple[Cell, int, str]]:
    """Yield what is wrong with the modules of a lesson: the cell, its line, and a text."""
    for module, cells in modules_of(lesson).items():
        if not module.isidentifier():
            yield cells[0], 0, f"module={module!r} is not a name that Python can import"
        known = {name for cell in cells for name in bound_names(cell.source)}
        for cell in cells:
            if cell.kind not in ("given", "exercise"):
                yield cell, 0, "only given code and exercises can be part of a module"
            for name, line in used_names(cell.source).items():
                if name not in known:
                    text = f"{name!r} is not in the module: mark its cell module={module!r}, too"
                    yield cell, line - 1, text
