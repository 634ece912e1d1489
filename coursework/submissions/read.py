"""Read a submitted file, whatever it is, as a notebook.

Students submit files that are empty, cut short, web pages, folders, notebooks of another
assignment or from another decade. None of them may stop the grading of the others: what cannot
be read becomes an empty notebook with a note that says why and what to do.
"""

import itertools
import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from coursework.course.cells import grade_id_of
from coursework.errors import SubmissionError
from coursework.submissions.safe_file import demand_small_json, read_untrusted

__all__ = [
    "MAX_FILE_BYTES",
    "Submission",
    "empty_notebook",
    "parse_submission",
    "read_submission",
    "short",
]

_MIB = 1024 * 1024
MAX_BYTES = 50 * _MIB  # without its outputs, which are dropped
MAX_FILE_BYTES = 4 * MAX_BYTES
MAX_CELLS = 2000
_CURRENT = 4
_CELL_TYPES = ("code", "markdown", "raw")
_CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PYTHON = ("python", "ipython")
_SHOWN_IDS = 3

# How files begin that are often handed in instead of a notebook.
_IMPOSTORS = (
    (b"<", "is a web page; download the notebook itself (File > Download)"),
    (b"PK", "is a ZIP or Office file; submit the notebook in it"),
    (b"%PDF", "is a PDF; submit the notebook, not a printout"),
)


@dataclass(frozen=True)
class Submission:
    """A submitted file, read.

    Attributes
    ----------
    notebook : NotebookNode
        In the current format, without outputs; empty when nothing could be read.
    notes : tuple of str
        What was found wrong, a sentence each, for student and instructor.
    is_readable : bool
        False when the notebook is empty because the file could not be read.
    digest : str
        Of what was submitted, see `locate.Desk.digest`; "" if nobody asks for it.
    """

    notebook: NotebookNode
    notes: tuple[str, ...] = ()
    is_readable: bool = True
    digest: str = ""


def read_submission(
    path: Path, expected: Collection[str] = (), max_bytes: int = MAX_FILE_BYTES
) -> Submission:
    """Read a submitted file; whatever it is, the result is a notebook.

    Parameters
    ----------
    path : Path
        The file; it need not exist. Links are not followed.
    expected : collection of str
        The `grade_id`s of the lesson, to notice another lesson's notebook.
    max_bytes : int
        A larger file is not read.
    """
    try:
        return parse_submission(read_untrusted(path, max_bytes), path.name, expected)
    except SubmissionError as error:
        return Submission(empty_notebook(), (f"{path.name} {error}.",), is_readable=False)


def parse_submission(content: bytes, name: str, expected: Collection[str] = ()) -> Submission:
    """Read a notebook from the content of a file.

    Parameters
    ----------
    content : bytes
    name : str
        The file's name, for the notes.
    expected : collection of str
        The `grade_id`s of the lesson.

    Raises
    ------
    SubmissionError
        The content is not a notebook, or is too large; the text continues a sentence that
        begins with the name.
    """
    raw = _upgraded(_parsed(content))
    cells, lost = _cells(raw["cells"])
    if _size(cells) > MAX_BYTES:
        msg = (
            f"is larger than {MAX_BYTES / _MIB:g} MiB even without its outputs, so it was not "
            "graded; remove pictures and data from its text and code, and submit it again"
        )
        raise SubmissionError(msg)
    notebook = empty_notebook()
    notebook.cells = cells
    notes = (*_notes_on_loss(lost), *_notes_on_origin(cells, expected), *_notes_on_language(raw))
    return Submission(notebook, tuple(f"{name} {note}." for note in notes))


def empty_notebook() -> NotebookNode:
    """Return a notebook without cells, in the current format."""
    return NotebookNode(
        cells=[],
        metadata=NotebookNode(),
        nbformat=_CURRENT,
        nbformat_minor=nbformat.current_nbformat_minor,
    )


def _parsed(content: bytes) -> dict[str, Any]:
    if not content.strip():
        msg = "is empty; save the notebook and submit it again"
        raise SubmissionError(msg)
    demand_small_json(content)
    try:
        raw = json.loads(content)
    except (ValueError, RecursionError, MemoryError) as error:
        raise SubmissionError(_impostor(content, error)) from error
    if not isinstance(raw, dict) or not isinstance(raw.get("cells", raw.get("worksheets")), list):
        msg = "is JSON but not a notebook; submit the .ipynb file that Jupyter saved"
        raise SubmissionError(msg)
    return raw


def _impostor(content: bytes, error: Exception) -> str:
    for start, sentence in _IMPOSTORS:
        if content.lstrip().startswith(start):
            return sentence
    if b"\n<<<<<<< " in content and b"\n>>>>>>> " in content:
        return "holds the marks of an unfinished merge in Git; resolve it and submit again"
    where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
    return (
        f"is damaged or not a notebook: it cannot be read as JSON{where}; "
        "open it in Jupyter, save it and submit it again"
    )


def _upgraded(raw: dict[str, Any]) -> dict[str, Any]:
    """Return the notebook in format 4, from any older one."""
    major = raw.get("nbformat", _CURRENT)
    if isinstance(raw.get("cells"), list) and (not isinstance(major, int) or major >= _CURRENT):
        return raw
    try:
        old = nbformat.reader.reads(json.dumps(raw))
        return nbformat.convert(old, _CURRENT)
    except Exception as error:  # conversion trusts its input, and may raise anything
        shown = short(str(major if isinstance(major, int) else type(major).__name__))
        msg = f"has the old format {shown} and cannot be upgraded; open it in Jupyter and save it"
        raise SubmissionError(msg) from error


def _cells(raw_cells: list[Any]) -> tuple[list[NotebookNode], list[int]]:
    """Return the readable cells, and the numbers (from 1) of the others."""
    cells, lost, ids = [], [], set()
    for number, raw in enumerate(raw_cells[:MAX_CELLS], start=1):
        cell = _cell(raw)
        if cell is None:
            lost.append(number)
            continue
        if cell.id in ids or not _CELL_ID.fullmatch(cell.id):
            names = (f"submitted-{number}-{n}" for n in itertools.count())
            cell.id = next(name for name in names if name not in ids)
        ids.add(cell.id)
        cells.append(cell)
    lost.extend(range(MAX_CELLS + 1, len(raw_cells) + 1))
    return cells, lost


def _cell(raw: Any) -> NotebookNode | None:
    """Build a cell anew from the parts that are needed, so that no other part need be valid."""
    if not isinstance(raw, dict) or raw.get("cell_type") not in _CELL_TYPES:
        return None
    source, metadata, cell_id = raw.get("source", ""), raw.get("metadata"), raw.get("id")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    if not isinstance(source, str):
        return None
    cell = NotebookNode(
        cell_type=raw["cell_type"],
        id=cell_id if isinstance(cell_id, str) else "",
        metadata=_marks(metadata),
        source=_encodable(source),
    )
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None
    elif _are_attachments(raw.get("attachments")):
        cell.attachments = nbformat.from_dict(_encodable_all(raw["attachments"]))
    return cell


def _size(cells: list[NotebookNode]) -> int:
    """Return the number of characters in cells."""
    attachments = (
        len(data)
        for cell in cells
        for bundle in cell.get("attachments", {}).values()
        for data in bundle.values()
    )
    return sum(len(cell.source) for cell in cells) + sum(attachments)


def _marks(metadata: Any) -> NotebookNode:
    """Return the metadata that identify a cell; the rest may be anything."""
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    if not isinstance(marks, dict):
        return NotebookNode()
    flat = {key: mark for key, mark in marks.items() if not isinstance(mark, dict | list)}
    return NotebookNode(nbgrader=NotebookNode(_encodable_all(flat)))


def _encodable(text: str) -> str:
    """Replace half surrogate pairs, which JSON can spell and no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _encodable_all(value: Any) -> Any:
    """Do so in all names and texts of a dict and of the dicts in it."""
    if isinstance(value, dict):
        return {_encodable(key): _encodable_all(item) for key, item in value.items()}
    return _encodable(value) if isinstance(value, str) else value


def _are_attachments(raw: Any) -> bool:
    return isinstance(raw, dict) and all(
        isinstance(bundle, dict) and all(isinstance(data, str) for data in bundle.values())
        for bundle in raw.values()
    )


def _notes_on_loss(lost: list[int]) -> list[str]:
    if not lost:
        return []
    shown = ", ".join(map(str, lost[:5])) + (", …" if lost[5:] else "")
    return [f"holds cells that cannot be read and were left out (number {shown})"]


def _notes_on_origin(cells: list[NotebookNode], expected: Collection[str]) -> list[str]:
    """Notice the notebook of another assignment, or one that is not ours."""
    if not expected:
        return []
    found = [grade_id for cell in cells if (grade_id := grade_id_of(cell))]
    if set(found) & set(expected):
        return []
    if found:
        shown = ", ".join(f"`{short(name)}`" for name in found[:_SHOWN_IDS])
        return [
            f"seems to belong to another assignment: it holds {shown} and no exercise of this one"
        ]
    note = (
        "holds none of the lesson's marked cells: they were recognised by their content, "
        "where possible; work in the notebook that was handed out"
    )
    return [note]


def _notes_on_language(raw: dict[str, Any]) -> list[str]:
    metadata = raw.get("metadata")
    for key, name in (("kernelspec", "language"), ("language_info", "name")):
        info = metadata.get(key) if isinstance(metadata, dict) else None
        language = info.get(name) if isinstance(info, dict) else None
        if isinstance(language, str) and language.lower() not in ("", *_PYTHON):
            return [f"was saved for {short(language)}; it is graded as Python"]
    return []


def short(text: str, letters: int = 40) -> str:
    """Return a text from a submission in a form that a note may quote."""
    plain = "".join(letter if letter.isprintable() else "?" for letter in text)
    return plain if len(plain) <= letters else f"{plain[:letters]}…"
