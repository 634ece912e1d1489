"""What code is built like, whatever its names, numbers and layout: runs of tokens as pieces."""

import ast
import warnings
from collections.abc import Iterator

from nbformat import NotebookNode
from pygments.lexers import PythonLexer
from pygments.token import Comment, Keyword, Literal, Name, Operator, Punctuation

from coursework.course.cells import grade_id_of, is_exercise
from coursework.course.names import UNREADABLE, without_magics

__all__ = ["pieces_by_exercise", "pieces_of"]

_LENGTH = 8  # tokens of a piece
_MAX_CHARACTERS = 50_000  # of a cell: nobody writes so much by hand
_KEPT = (Keyword, Operator, Punctuation, Name.Builtin)


def pieces_by_exercise(notebook: NotebookNode) -> dict[str, set[str]]:
    """Return the pieces of each exercise cell, by its `grade_id`."""
    cells = (cell for cell in notebook.cells if cell.cell_type == "code" and is_exercise(cell))
    return {grade_id_of(cell): set(pieces_of(cell.source)) for cell in cells}


def pieces_of(source: str) -> Iterator[str]:
    """Yield every run of so many tokens, as it stands when names and layout are left out.

    Comments, docstrings, white space and needless brackets are dropped; names and literals are
    replaced by what kind they are of. Code need not be right, or Python at all.
    """
    tokens = list(_tokens(_in_one_form(source[:_MAX_CHARACTERS])))
    for start in range(len(tokens) - _LENGTH + 1):
        yield " ".join(tokens[start : start + _LENGTH])


def _in_one_form(source: str) -> str:
    """Return code as Python writes it; what is none is returned as it is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what a student's text looks like
        try:
            return ast.unparse(ast.parse(without_magics(source)))
        except UNREADABLE:
            return source


def _tokens(source: str) -> Iterator[str]:
    for kind, text in PythonLexer().get_tokens(source):
        if kind in Comment or kind in Literal.String.Doc:
            continue
        if any(kind in kept for kept in _KEPT):
            yield text
        elif kind in Name:
            yield "name"
        elif kind in Literal.Number:
            yield "number"
        # Quotes and what is between them are tokens each.
        elif kind in Literal.String and text.strip("\"'"):
            yield "text"
