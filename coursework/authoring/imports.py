"""What lessons import from the modules that other lessons make."""

import ast
import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from coursework.course.lesson import Lesson
from coursework.course.names import bound_names, plain

__all__ = ["Import", "digests", "imports_of", "lacks"]

_PACKAGE = "coursework.built"


@dataclass(frozen=True)
class Import:
    """One name that a lesson imports from `coursework.built`.

    Attributes
    ----------
    module : str
        `x` of `coursework.built.x`.
    name : str
        What is imported from it; "" for the module itself, "*" for everything.
    line : int
        In the lesson's Markdown, counted from 1.
    """

    module: str
    name: str
    line: int


def imports_of(lesson: Lesson) -> tuple[Import, ...]:
    """Return what the cells of a lesson import, whatever their kind, in order.

    A cell that is not Python imports nothing; the rules of lessons report it.
    """
    return tuple(
        Import(module, name, cell.line + line - 1)
        for cell in lesson.cells
        if cell.is_code and _PACKAGE.rsplit(".", maxsplit=1)[-1] in cell.source
        for module, name, line in _imports(_python(cell.source))
    )


def lacks(text: str, name: str) -> bool:
    """Whether a module with this text has no such name to import."""
    return name not in ("", "*") and name not in bound_names(text)


def digests(modules: Iterable[str], read: Callable[[str], str]) -> dict[str, str]:
    """Return a digest of each of these modules, and of those that they import, recursively.

    Parameters
    ----------
    modules : iterable of str
    read : callable
        Returns the text of a module; "" if there is none.
    """
    found: dict[str, str] = {}
    left = list(modules)
    while left:
        module = left.pop()
        if module not in found:
            text = read(module)
            found[module] = hashlib.sha256(text.encode()).hexdigest()[:16]
            left += [imported for imported, _, _ in _imports(text)]
    return dict(sorted(found.items()))


def _python(source: str) -> str:
    """Return a cell as Python, from the line that counts as its first."""
    # Code below %%time runs too; such cells count as beginning below their magic.
    return source.partition("\n")[2] if source.startswith("%%") else plain(source)


def _imports(text: str) -> Iterator[tuple[str, str, int]]:
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith(f"{_PACKAGE}."):
                    yield alias.name.removeprefix(f"{_PACKAGE}."), "", node.lineno
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from _imported_from(node)


def _imported_from(node: ast.ImportFrom) -> Iterator[tuple[str, str, int]]:
    for alias in node.names:
        if node.module == _PACKAGE:
            yield alias.name, "", node.lineno
        elif node.module and node.module.startswith(f"{_PACKAGE}."):
            yield node.module.removeprefix(f"{_PACKAGE}."), alias.name, node.lineno
