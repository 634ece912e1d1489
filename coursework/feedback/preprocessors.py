"""The steps that nbgrader's GenerateFeedback runs on an autograded notebook.

`course_config.py` names them in `GenerateFeedback.preprocessors`, in this order::

    Grades         points and comments from the gradebook
    HideTests      cuts what students may not see
    DropCopies     removes submitted files that nbgrader has copied beside the page
    AssemblePage   puts the page, as data, before the template
"""

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.api import Comment, Grade, Gradebook
from nbgrader.preprocessors import ClearHiddenTests, NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution, is_task
from traitlets import Unicode

from coursework.feedback.assemble import assemble
from coursework.gradebook import by_name

__all__ = ["TEMPLATES", "AssemblePage", "DropCopies", "Grades", "HideTests"]

TEMPLATES = Path(__file__).parent.parent / "templates"

_Entries = dict[str, tuple[Any, Any]]
Processed = tuple[NotebookNode, ResourcesDict]


class Grades(NbGraderPreprocessor):
    """Add points and comments, and whether a person has yet to grade a cell.

    As nbgrader's GetGrades, with few queries a notebook in place of several a cell.
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

    It copies every file that is no notebook, follows links while doing so, and would thus
    hand out a file of the instructor's to which a student has submitted a link.
    """

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> Processed:
        """Leave pages of the submission's notebooks only."""
        converter = getattr(self.parent, "parent", None)
        if converter is not None:
            about = resources["nbgrader"]
            place = (about["assignment"], about["student"])
            source = Path(converter._format_source(*place))  # noqa: SLF001  (nbgrader has no other)
            pages = {f"{path.stem}.html" for path in source.glob("*.ipynb")}
            drop_others(Path(converter._format_dest(*place)), pages)  # noqa: SLF001
        return nb, resources


class AssemblePage(NbGraderPreprocessor):
    """Put the page and its style sheet into the resources, for the template."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> Processed:
        """Assemble the page."""
        resources["page"] = assemble(nb, resources["nbgrader"])
        resources["style"], resources["style_hash"] = style_sheet()
        return nb, resources


def _add_grade(cell: NotebookNode, grades: _Entries, comments: _Entries) -> None:
    """Add the grade of a cell; one that the gradebook knows not is of the student's own."""
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
    """Remove every file below a folder, but for pages that stand in the folder itself."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        elif path.parent != folder or path.name not in pages:
            path.unlink()


@cache
def style_sheet() -> tuple[str, str]:
    """Return the style sheet, and its hash as a content security policy names it."""
    style = (TEMPLATES / "feedback" / "style.css").read_text(encoding="utf-8")
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
