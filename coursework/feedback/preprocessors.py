"""The steps that nbgrader's GenerateFeedback runs on an autograded notebook.

`course_config.py` names them in `GenerateFeedback.preprocessors`, in this order::

    Grades         points and comments from the gradebook
    HideTests      cuts what students may not see
    DropCopies     removes submitted files that nbgrader has copied beside the page, except
                   what `nbgrader release_feedback` reads
    AssemblePage   passes the page, as data, to the template
"""

import base64
import hashlib
import hmac
import os
from functools import cache
from pathlib import Path
from typing import Any

from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.api import Comment, Grade, Gradebook
from nbgrader.preprocessors import ClearHiddenTests, NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution, is_task
from traitlets import Unicode

from coursework.course.secret import read_secret
from coursework.errors import SubmissionError
from coursework.feedback.assemble import assemble
from coursework.feedback.exporter import TEMPLATES
from coursework.gradebook.write import by_name
from coursework.submissions.safe_file import read_untrusted
from coursework.submissions.timestamps import TIMESTAMP, read_timestamp

__all__ = ["AssemblePage", "DropCopies", "Grades", "HideTests"]

SECRET_FILE = "submission_secret.txt"  # noqa: S105  (a name)
_MAX_SECRET = 1_000

_Entries = dict[str, tuple[Any, Any]]
Processed = tuple[NotebookNode, ResourcesDict]


class Grades(NbGraderPreprocessor):
    """Add points and comments, and whether a person has yet to grade a cell.

    Like nbgrader's GetGrades, with few queries per notebook instead of several per cell.
    """

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> Processed:
        """Add the grades of all cells, and of the notebook to the resources."""
        about = resources["nbgrader"]
        with Gradebook(about["db_url"]) as gradebook:
            place = about["notebook"], about["assignment"], about["student"]
            submitted = gradebook.find_submission_notebook(*place)
            grades = by_name(gradebook.db, Grade, submitted)
            comments = by_name(gradebook.db, Comment, submitted)
            for cell in nb.cells:
                _add_grade(cell, grades, comments)
            penalty = submitted.late_submission_penalty or 0
            about["score"], about["max_score"] = submitted.score - penalty, submitted.max_score
            about["late_penalty"] = penalty
        return nb, resources


class HideTests(ClearHiddenTests):
    """Cut hidden tests, and mark schemes, out of every cell.

    A region that is not closed is cut to the end of the cell: better too much than too little.
    """

    begin_scheme = Unicode("BEGIN MARK SCHEME", help="Begins a mark scheme.").tag(config=True)
    end_scheme = Unicode("END MARK SCHEME", help="Ends a mark scheme.").tag(config=True)

    def preprocess_cell(
        self, cell: NotebookNode, resources: ResourcesDict, cell_index: int
    ) -> Processed:
        """Cut the regions of one cell."""
        del cell_index
        cell.source = _cut(cell.source, self.begin_test_delimeter, self.end_test_delimeter)
        cell.source = _cut(cell.source, self.begin_scheme, self.end_scheme)
        return cell, resources


class DropCopies(NbGraderPreprocessor):
    """Remove the files that nbgrader has copied from the submission beside the page.

    nbgrader copies every file that is not a notebook, follows links while doing so, and would
    thus hand out an instructor's file to which a student has submitted a link. Two files are
    written anew, since `nbgrader release_feedback` ends for the whole class if one folder
    lacks them or has one that it cannot read.
    """

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> Processed:
        """Keep pages of the submission's notebooks, and what their release needs."""
        converter = getattr(self.parent, "parent", None)
        if converter is not None:
            about = resources["nbgrader"]
            place = (about["assignment"], about["student"])
            source = Path(converter._format_source(*place))  # noqa: SLF001  (nbgrader has no other)
            folder = Path(converter._format_dest(*place))  # noqa: SLF001
            drop_others(folder, {f"{path.stem}.html" for path in source.glob("*.ipynb")})
            folder.mkdir(parents=True, exist_ok=True)
            for name, content in release_files(source, Path(converter.coursedir.root)).items():
                (folder / name).write_bytes(content)
        return nb, resources


class AssemblePage(NbGraderPreprocessor):
    """Put the page and its style sheet into the resources, for the template."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> Processed:
        """Assemble the page."""
        resources["page"] = assemble(nb, resources["nbgrader"])
        resources["style"], resources["style_hash"] = style_sheet()
        return nb, resources


def _add_grade(cell: NotebookNode, grades: _Entries, comments: _Entries) -> None:
    """Add the grade of a cell; a cell that the gradebook does not know is the student's own."""
    if not (is_grade(cell) or is_solution(cell) or is_task(cell)):
        return
    marks = cell.metadata.nbgrader
    grade, entry = grades.get(marks.get("grade_id"), (None, None))
    comment, _ = comments.get(marks.get("grade_id"), (None, None))
    if grade is None and comment is None:
        del cell.metadata["nbgrader"]
        return
    marks["comment"] = comment.comment if comment else None
    if grade is not None:
        marks["score"], marks["points"] = grade.score, entry.max_score
        marks["needs_manual_grade"] = bool(grade.needs_manual_grade)


def drop_others(folder: Path, pages: set[str]) -> None:
    """Remove every file below a folder, except pages in the folder itself."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        elif path.parent != folder or path.name not in pages:
            path.unlink()


def release_files(source: Path, root: Path) -> dict[str, bytes]:
    """Return what `nbgrader release_feedback` reads beside a page, by file name.

    Parameters
    ----------
    source : Path
        The graded folder. Submissions that did not come through nbgrader's exchange have neither
        file, and a student may have written anything into them.
    root : Path
        The course's folder.
    """
    stamp = read_timestamp(source, is_told=False)
    # Pages are released under a name that nobody can guess without the secret.
    made_up = hmac.new(read_secret(root), os.fsencode(source), "sha256").hexdigest()
    return {
        TIMESTAMP: f"{stamp.isoformat(' ')} UTC".encode() if stamp else b"",
        SECRET_FILE: (_text_of(source / SECRET_FILE) or made_up).encode(),
    }


def _text_of(path: Path) -> str:
    """Return the text of a small file; "" if there is none, or it is not text."""
    try:
        return read_untrusted(path, _MAX_SECRET).decode()
    except (SubmissionError, UnicodeDecodeError):
        return ""


@cache
def style_sheet(*templates: str) -> tuple[str, str]:
    """Return a page's style sheet, and its hash as a content security policy names it.

    Parameters
    ----------
    *templates : str
        Those of which it is put together; that of a notebook's page by default.
    """
    folders = [TEMPLATES / name for name in templates or ("feedback",)]
    style = "".join((folder / "style.css").read_text(encoding="utf-8") for folder in folders)
    digest = hashlib.sha256(style.encode()).digest()
    return style, f"sha256-{base64.b64encode(digest).decode()}"


def _cut(source: str, begin: str, end: str) -> str:
    kept: list[str] = []
    hidden = False
    for line in source.split("\n"):
        if begin in line:
            hidden = True
        elif end in line:
            hidden = False
        elif not hidden:
            kept.append(line)
    return "\n".join(kept)
