"""What a release must not contain: lines of solutions and hidden tests, markers, outputs."""

import contextlib
import io
import tokenize
from collections.abc import Iterator

from nbformat import NotebookNode

from coursework.course.lesson import Cell, Lesson
from coursework.course.names import bound_names
from coursework.course.regions import MARKER, RegionKind, scan
from coursework.errors import LessonError

__all__ = ["leaks"]

# Fewer names, numbers and operators than this say nothing: `n, d = X.shape` has six.
_TELLING_TOKENS = 7
_TELLING_WORDS = 8
_HEADERS = ("for ", "while ", "if ", "elif ", "else", "with ", "def ", "class ", "import ", "from ")
_SILENT = frozenset("()[]{},:;")
_TOKENS = (tokenize.NAME, tokenize.NUMBER, tokenize.STRING, tokenize.OP)


def leaks(lesson: Lesson, release: NotebookNode) -> list[LessonError]:
    """Return what the release of a lesson gives away.

    A line counts as given away if it says something and occurs in the release word for word: as
    a line of given code, of a docstring or of the text.
    """
    pairs = _pairs(lesson, release)
    return [*_secrets(lesson, _shown(pairs)), *_leftovers(lesson, pairs)]


_Pairs = list[tuple[Cell, NotebookNode]]
_Shown = dict[tuple[str, str], Cell]


def _pairs(lesson: Lesson, release: NotebookNode) -> _Pairs:
    """Return each cell with its counterpart in the release, which may leave hints out."""
    nodes = {node.id: node for node in release.cells}
    return [(cell, nodes[cell.id]) for cell in lesson.cells if cell.id in nodes]


def _shown(pairs: _Pairs) -> _Shown:
    """Return the first cell that shows each line; lines in hints, by the hint's exercise."""
    return {
        (line.strip(), cell.exercise if cell.kind == "hint" else ""): cell
        for cell, node in reversed(pairs)
        for line in node.source.split("\n")
    }


def _secrets(lesson: Lesson, shown: _Shown) -> Iterator[LessonError]:
    hinted = {exercise for _, exercise in shown}
    for cell in lesson.cells:
        has_given_one = False
        for mark, offset, line in _telling_lines(cell):
            where = {name: shown[line, name] for name in hinted if (line, name) in shown}
            # The last step of a hint may give a line of its own exercise.
            if mark == "SOLUTION" and not has_given_one:
                has_given_one = where.pop(cell.exercise, None) is not None
            if where:
                text = (
                    f"this line of {mark} is also in the release, in the cell of line "
                    f"{min(one.line for one in where.values())}: reword one of them"
                )
                yield LessonError(lesson.path, cell.line + offset, text)


def _telling_lines(cell: Cell) -> Iterator[tuple[RegionKind, int, str]]:
    for region in scan(cell.source).found:
        for offset, line in enumerate(map(str.strip, region.lines), start=region.first):
            if _is_telling(line, region.kind, cell):
                yield region.kind, offset, line


def _is_telling(line: str, mark: RegionKind, cell: Cell) -> bool:
    if not cell.is_code:
        return len(line.split()) >= _TELLING_WORDS
    tokens = _tokens(line)
    if len(tokens) < _TELLING_TOKENS or line.startswith(_HEADERS):
        return False
    if mark == "HIDDEN TESTS":
        # The same check of other values is not a leak: only one that says everything by itself.
        return line.startswith(("check.", "assert ")) and not bound_names(cell.source) & set(tokens)
    return True


def _tokens(line: str) -> list[str]:
    """Return the names, numbers, strings and operators of a line; brackets say nothing."""
    found: list[str] = []
    # A line of a longer statement ends with an error: what was read so far counts.
    with contextlib.suppress(tokenize.TokenError, IndentationError):
        found.extend(
            token.string
            for token in tokenize.generate_tokens(io.StringIO(line).readline)
            if token.type in _TOKENS and token.string not in _SILENT
        )
    return found


def _leftovers(lesson: Lesson, pairs: _Pairs) -> Iterator[LessonError]:
    for cell, node in pairs:
        for offset, line in enumerate(node.source.split("\n")):
            if MARKER.search(line):
                text = f"{line.strip()!r} is left in the release"
                yield LessonError(lesson.path, cell.line + offset, text)
        if node.get("outputs") or node.get("execution_count"):
            yield LessonError(lesson.path, cell.line, "the release of this cell has outputs")
