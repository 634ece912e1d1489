"""Digests of everything that a lesson's figures depend on, a short one for each kind of thing.

What is not among them, the judge and how lessons are read, is measured again in rotation, and has
tests of its own. Nor is the version of Python: figures must not depend on it.
"""

import ast
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import coursework
from coursework.audit.cases import Subject
from coursework.audit.code import bare
from coursework.course.mistakes import mistakes_path
from coursework.course.names import plain

__all__ = ["digests", "imported_files"]

_PACKAGE = Path(coursework.__file__).parent
_KEEPING = frozenset({"code", "digest", "keep", "ledger", "proof", "selection", "show"})
_LIBRARIES = ("numpy", "scipy", "scikit-learn", "libcst", "mutmut")


def digests(subject: Subject, options: Mapping[str, Any]) -> dict[str, str]:
    """Return a digest for each kind of thing that the figures of a lesson depend on.

    Parameters
    ----------
    subject : Subject
    options : mapping
        How the course configures its judge.
    """
    answers = mistakes_path(subject.lesson.path)
    modules = ("coursework.check", *_sources(subject))
    return {
        "lesson": _of(_cells(subject)),
        "answers": _of(answers.read_text("utf-8") if answers.is_file() else ""),
        "modules": _of(_codes(imported_files(modules))),
        "audit": _of(_codes(_measuring())),
        "configuration": _of([repr(options["limits"]), subject.release]),
        "libraries": _of({name: _version(name) for name in _LIBRARIES}),
    }


def _of(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]


def _cells(subject: Subject) -> list[list[Any]]:
    """Return what the judge runs: prose, and cells only for readers, change no figure."""
    return [
        [cell.kind, cell.id, cell.source, cell.exercise, cell.part, cell.points, cell.module]
        for cell in subject.lesson.of_kind("given", "exercise", "test")
    ]


def _codes(paths: Iterable[Path]) -> dict[str, str]:
    """Return digests of what the code of files does, by path in the package."""
    return {str(path.relative_to(_PACKAGE)): _of_code(path.read_text("utf-8")) for path in paths}


@cache  # All lessons share most of these files.
def _of_code(source: str) -> str:
    return _of(bare(source))


def _measuring() -> list[Path]:
    """Return the audit's modules, except those that only keep and show what it measured."""
    paths = (path for room in ("audit", "mutants") for path in (_PACKAGE / room).rglob("*.py"))
    return sorted(path for path in paths if path.stem not in _KEEPING)


def _version(library: str) -> str:
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return ""


def _sources(subject: Subject) -> tuple[str, ...]:
    """Return the names of our modules that the lesson's code imports."""
    cells = subject.lesson.of_kind("given", "exercise", "test")
    return tuple(name for cell in cells for name in _imports(plain(cell.source)))


def imported_files(names: Iterable[str]) -> list[Path]:
    """Return the files behind modules of the package, and behind those that these import."""
    found: dict[Path, None] = {}
    waiting = [file for name in names for file in _files(name)]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found[path] = None
            names = _imports(path.read_text("utf-8"))
            waiting += [file for name in names for file in _files(name)]
    return sorted(found)


def _imports(source: str) -> Iterator[str]:
    """Yield the dotted names that code imports from this package; some may not be modules."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (name for name in names if name.split(".")[0] == _PACKAGE.name)


def _files(name: str) -> Iterator[Path]:
    """Yield the files that are run to import a dotted name: its packages', then its own."""
    path = _PACKAGE
    yield path / "__init__.py"
    for part in name.split(".")[1:]:
        path /= part
        yield from (p for p in (path / "__init__.py", path.with_suffix(".py")) if p.is_file())
