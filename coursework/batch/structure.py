"""The structure of code, whatever its names, numbers and layout: runs of tokens, called pieces."""

import ast
import warnings
from collections.abc import Iterator

from nbformat import NotebookNode
from pygments.lexers import PythonLexer
from pygments.token import Comment, Keyword, Literal, Name, Operator, Punctuation

from coursework.course.cells import grade_id_of, is_exercise
from coursework.course.names import UNREADABLE, without_magics

__all__ = ["pieces_by_exercise", "pieces_of"]

_LENGTH = 8  # tokens in a piece
_MAX_CHARACTERS = 50_000  # of a cell; nobody writes so many by hand
_KEPT = (Keyword, Operator, Punctuation, Name.Builtin)


def pieces_by_exercise(notebook: NotebookNode) -> dict[str, set[str]]:
    """Return the pieces of each exercise cell, by its `grade_id`."""
    cells = (cell for cell in notebook.cells if cell.cell_type == "code" and is_exercise(cell))
    return {grade_id_of(cell): set(pieces_of(cell.source)) for cell in cells}


def pieces_of(source: str) -> Iterator[str]:
    """Yield every run of `_LENGTH` tokens, without names and layout.

    Comments, docstrings, white space and needless brackets are dropped; names and literals are
    replaced by their kind. The code need not be correct, nor even Python.
    """
    tokens = list(_tokens(_in_one_form(source[:_MAX_CHARACTERS])))
    for start in range(len(tokens) - _LENGTH + 1):
        yield " ".join(tokens[start : start + _LENGTH])


def _in_one_form(source: str) -> str:
    """Return code in Python's own layout; text that is not Python is returned as it is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # such as invalid escapes in a student's text
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
        # Quotes and the text between them are separate tokens.
        elif kind in Literal.String and text.strip("\"'"):
            yield "text"
