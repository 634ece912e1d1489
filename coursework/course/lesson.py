"""A lesson as data: its cells, their roles, exercises, tests and questions.

The same reader serves the Markdown that people write and the notebook built from it,
since both carry the roles in the same cell metadata.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import jupytext
import nbformat
import yaml
from nbformat import NotebookNode

from coursework.errors import LessonError

__all__ = [
    "REGIONS",
    "Cell",
    "Kind",
    "Lesson",
    "from_notebook",
    "read_lesson",
    "read_source",
    "test_id",
    "with_texts",
]

Kind = Literal[
    "prose", "hint", "why", "predict", "rest",  # text
    "question",
    "given", "show", "yours", "exercise", "test",  # code
]  # fmt: skip

REGIONS: tuple[Kind, ...] = ("hint", "why", "predict", "rest")
"""Kinds of text that authors write as regions, and readers see folded or marked."""

_TEXTS: tuple[Kind, ...] = ("question", *REGIONS)
_ROLES = ("exercise", "test", *_TEXTS)
_TAGS = ("show", "yours")
_KEYS = frozenset({*_ROLES, "module", "part", "points", "tags", "void"})
_REST = "rest"  # the only region without a name: Jupytext takes the word for its title
_JUPYTEXT_KEYS = frozenset({"lines_to_next_cell"})


@dataclass(frozen=True)
class Cell:
    """One cell of a lesson.

    Attributes
    ----------
    kind : Kind
        Its role; decides what nbgrader and the judge do with it.
    id : str
        Cell id and, for exercises, tests and questions, the `grade_id`.
    source : str
    exercise : str
        The exercise that the cell is (exercise), tests (test) or helps with (hint), the
        question that it asks (question); else "".
    part : str
        Which part of the exercise a test covers; "" when there is one test only.
    points : float
        Zero except for tests and questions.
    line : int
        Line in the lesson's Markdown, from 1; 0 when read from a notebook.
    module : str
        The module of `coursework.built` that the build makes of the cell and its like; "" if none.
    title : str
        What a proof proves (why), the name of a question before a figure (predict); else "".
    void : str
        Why a test or question does not count after all; "" if it does.
    """

    kind: Kind
    id: str
    source: str
    exercise: str = ""
    part: str = ""
    points: float = 0.0
    line: int = 0
    module: str = ""
    title: str = ""
    void: str = ""

    @property
    def is_code(self) -> bool:
        """Whether the cell holds Python."""
        return not self.is_text and self.kind != "question"

    @property
    def is_text(self) -> bool:
        """Whether the cell is text that nobody answers."""
        return self.kind in ("prose", *REGIONS)


@dataclass(frozen=True)
class Lesson:
    """A lesson: `assignment` and `name` are its folder and file name, in every tree.

    A lesson that `is_plain` was made without this project (see `plain`): its checks are asserts.
    """

    assignment: str
    name: str
    path: Path
    cells: tuple[Cell, ...]
    is_plain: bool = False

    def of_kind(self, *kinds: Kind) -> Iterator[Cell]:
        """Iterate over the cells of these kinds, in order."""
        return (cell for cell in self.cells if cell.kind in kinds)

    def tests_of(self, exercise: str) -> tuple[Cell, ...]:
        """Return the tests of an exercise, in order."""
        return tuple(cell for cell in self.of_kind("test") if cell.exercise == exercise)

    @property
    def key(self) -> str:
        """Its assignment and name, `A/n`."""
        return f"{self.assignment}/{self.name}"

    @property
    def points(self) -> float:
        """All points that the lesson gives."""
        return sum(cell.points for cell in self.cells if not cell.void)


def test_id(exercise: str, part: str = "") -> str:  # noqa: PT028  (no test of pytest)
    """Return the `grade_id` of a test: `test_<exercise>[_<part>]`."""
    return f"test_{exercise}_{part}" if part else f"test_{exercise}"


def with_texts(lesson: Lesson, texts: Mapping[int, str]) -> Lesson:
    """Return a lesson in which some cells, given by index, have another text.

    Ids that are made from a cell's content follow it.
    """
    seen: dict[str, int] = {}
    cells = []
    for index, old in enumerate(lesson.cells):
        cell = replace(old, source=texts.get(index, old.source))
        own = _own_id(cell.kind, cell.exercise, cell.part)
        cells.append(replace(cell, id=own or _id(cell.is_code, cell.source, seen)))
    return replace(lesson, cells=tuple(cells))


def read_lesson(path: Path) -> Lesson:
    """Read a lesson from the Jupytext Markdown that people write.

    Raises
    ------
    LessonError
        The file cannot be read as a notebook, or a cell's metadata makes no sense.
    """
    try:
        text = path.read_text(encoding="utf-8")
        notebook = jupytext.reads(text, fmt="md")
    except (OSError, ValueError, yaml.YAMLError, nbformat.ValidationError) as error:
        raise LessonError(path, 0, f"cannot be read: {error}") from error
    lines = _lines_of(notebook, text, path)
    for node, line in zip(notebook.cells, lines, strict=True):
        if node.metadata.get("title") == _REST:
            node.metadata[node.metadata.pop("title")] = True
        _check_metadata(node, path, line)
    return _lesson(notebook, path, lines)


def read_source(path: Path) -> Lesson:
    """Read a lesson from its built notebook in `source/`.

    Raises
    ------
    LessonError
        The file is missing or is not a notebook.
    """
    try:
        notebook = nbformat.read(path, as_version=4)
    except (OSError, ValueError, nbformat.ValidationError) as error:
        raise LessonError(path, 0, f"cannot be read: {error}. Run `coursework build`.") from error
    return from_notebook(notebook, path)


def from_notebook(notebook: NotebookNode, path: Path) -> Lesson:
    """Return the lesson that a built notebook holds."""
    return _lesson(notebook, path, [0] * len(notebook.cells))


def _lesson(notebook: NotebookNode, path: Path, lines: list[int]) -> Lesson:
    seen: dict[str, int] = {}
    cells = tuple(
        _cell(node, path, line, seen) for node, line in zip(notebook.cells, lines, strict=True)
    )
    return Lesson(path.parent.name, path.stem, path, cells)


def _cell(node: NotebookNode, path: Path, line: int, seen: dict[str, int]) -> Cell:
    metadata = node.metadata
    points = metadata.get("points", 0)
    if not isinstance(points, int | float) or points < 0:
        raise LessonError(path, line, f"points={points!r} is not a number of points")
    kind = _kind(node)
    name, part = str(metadata.get(kind, "")), str(metadata.get("part", ""))
    exercise = name if kind in ("exercise", "test", "question", "hint") else ""
    return Cell(
        kind,
        _own_id(kind, exercise, part) or _id(node.cell_type == "code", node.source, seen),
        node.source,
        exercise,
        part,
        float(points),
        line,
        str(metadata.get("module", "")),
        title=name if kind in ("why", "predict") else "",
        void=str(metadata.get("void", "")),
    )


def _kind(node: NotebookNode) -> Kind:
    if node.cell_type != "code":
        return next((role for role in _TEXTS if node.metadata.get(role)), "prose")
    roles: tuple[Kind, ...] = ("exercise", "test")
    tags = node.metadata.get("tags", [])
    return next(
        (role for role in roles if node.metadata.get(role)),
        "show" if "show" in tags else "yours" if "yours" in tags else "given",
    )


def _own_id(kind: Kind, exercise: str, part: str) -> str:
    """Return the id of a cell that has a name; "" if it is made from the content."""
    if kind == "hint":
        return f"hint_{exercise}"
    return test_id(exercise, part) if kind == "test" else exercise


def _id(is_code: bool, source: str, seen: dict[str, int]) -> str:  # noqa: FBT001
    """Return an id made from the cell's content; equal cells are numbered."""
    digest = _digest("code" if is_code else "markdown", source)
    seen[digest] = seen.get(digest, 0) + 1
    return digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"


def _digest(cell_type: str, source: str) -> str:
    return hashlib.sha256(f"{cell_type}\n{source}".encode()).hexdigest()[:12]


def _check_metadata(node: NotebookNode, path: Path, line: int) -> None:
    """Refuse metadata that nobody reads: a misspelt `test` would be given code."""
    message = _wrong_keys(node.metadata) or _wrong_role(node)
    if message:
        raise LessonError(path, line, message)


def _wrong_keys(metadata: NotebookNode) -> str:
    unknown = set(metadata) - _KEYS - _JUPYTEXT_KEYS
    tags = metadata.get("tags", [])
    if "incorrectly_encoded_metadata" in unknown:
        text = metadata["incorrectly_encoded_metadata"]
        return f'cell metadata that cannot be read: {text!r}; write key="text", key=3, key=[...]'
    if "title" in unknown:
        text = metadata["title"]
        return f'a region begins with <!-- #region rest --> or key="name", not with {text!r}'
    if unknown:
        return f"unknown cell metadata {_list(unknown)}; there are {_list(_KEYS)}"
    if set(tags) - set(_TAGS):
        return f"tags={tags!r}: write tags=[...] with {_list(_TAGS)}"
    return ""


def _wrong_role(node: NotebookNode) -> str:
    roles = [role for role in _ROLES if role in node.metadata]
    elsewhere = _TEXTS if node.cell_type == "code" else ("exercise", "test")
    if len(roles) > 1:
        return f"a cell has one role, not {_list(roles)}"
    if roles and roles[0] in elsewhere:
        return f"a {node.cell_type} cell cannot be a {roles[0]}"
    if roles and not (roles == [_REST] or isinstance(node.metadata[roles[0]], str)):
        return f'{roles[0]}={node.metadata[roles[0]]!r} is not a name; write {roles[0]}="name"'
    return _wrong_void(node.metadata, roles)


def _wrong_void(metadata: NotebookNode, roles: Sequence[str]) -> str:
    if "void" not in metadata:
        return ""
    if roles not in (["test"], ["question"]):
        return "only tests and questions can be void"
    reason = metadata["void"]
    if not (isinstance(reason, str) and reason.strip()):
        return f'void={reason!r} says no reason; write void="Why it does not count."'
    return ""


def _list(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


def _lines_of(notebook: NotebookNode, text: str, path: Path) -> list[int]:
    """Return the line of each cell: the text contains the cells, as whole lines, in order."""
    lines, position = list[int](), 0
    for node in notebook.cells:
        # Jupytext turns ```bash into a cell that begins with %%bash.
        source = node.source.partition("\n")[2] if node.source[:2] == "%%" else node.source
        found = _find_lines(source, text, position)
        if found < 0:
            raise LessonError(path, lines[-1] if lines else 0, "the cell after this is unreadable")
        lines.append(text.count("\n", 0, found) + 1)
        position = found + len(source)
    return lines


def _find_lines(source: str, text: str, position: int) -> int:
    """Return where these lines begin in the text from `position` on, or -1."""
    found = text.find(source, position)
    while found >= 0 and not _is_whole(found, found + len(source), text):
        found = text.find(source, found + 1)
    return found


def _is_whole(start: int, end: int, text: str) -> bool:
    return text[start - 1 : start] in ("", "\n") and text[end : end + 1] in ("", "\n")
