"""Changes to nbgrader's own commands that no setting can make.

`course_config.py` calls `mend_nbgrader`, so that `nbgrader autograde` and Formgrader's button
grade the same submissions as `coursework grade`.
"""

import fnmatch
import glob
import os
from datetime import datetime
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps.api import NbGraderAPI
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import temp_attrs

from coursework.nbgrader_bridge.handing_out import mend_handing_out
from coursework.submissions.timestamps import read_timestamp

__all__ = ["mend_nbgrader"]

_init_notebooks, _init_destination = Autograde.init_notebooks, Autograde.init_destination


def mend_nbgrader() -> None:
    """Make nbgrader read time stamps, find notebooks and skip graded ones as we do.

    If it cannot read a time stamp, nbgrader itself ends the grading of a whole class, and
    Formgrader lists nobody's submissions. Notebooks that were submitted under another name, or
    not at all, silently get 0; and a corrected file is not graded again.
    """
    CourseDirectory.get_existing_timestamp = lambda _, folder: read_timestamp(Path(folder))
    NbGraderAPI.get_submitted_timestamp = _submitted
    Autograde.init_notebooks = _find_notebooks
    Autograde.init_destination = _demand_work
    mend_handing_out()


def _submitted(api: NbGraderAPI, assignment: str, student: str) -> datetime | None:
    course = api.coursedir
    folder = course.format_path(course.submitted_directory, student, assignment)
    return read_timestamp(Path(folder))


def _find_notebooks(app: Autograde) -> None:
    """Take all notebooks of the assignment from each submission, whatever is there.

    The exporter also finds notebooks under other names. A notebook that was not asked for is
    included if nbgrader, which looks only for names, would give it 0 without a cause.
    """
    names = _names(app) if _is_ours(app) else []
    if not names:
        _init_notebooks(app)
        return
    course = app.coursedir
    asked = [name for name in names if fnmatch.fnmatch(name, course.notebook_id)]
    pattern = course.format_path(
        course.submitted_directory, course.student_id, course.assignment_id
    )
    app.assignments, app.notebooks = {}, []
    for folder in filter(os.path.isdir, glob.glob(pattern)):  # noqa: PTH207  (a pattern)
        paths = {name: os.path.join(folder, f"{name}.ipynb") for name in names}  # noqa: PTH118
        app.assignments[folder] = [
            path
            for name, path in paths.items()
            if asked and (name in asked or not os.path.exists(path))  # noqa: PTH110
        ]
    if not any(app.assignments.values()):
        _init_notebooks(app)


def _demand_work(app: Autograde, assignment: str, student: str) -> bool:
    """Say whether to grade a submission: yes if it has changed since it was graded."""
    if _init_destination(app, assignment, student):
        return True
    if not _is_ours(app) or student in app.coursedir.student_id_exclude.split(","):
        return False
    if _is_done(app, assignment, student):
        return False
    # As with --force, nbgrader removes what was graded.
    with temp_attrs(app, force=True):
        return _init_destination(app, assignment, student)


def _is_done(app: Autograde, assignment: str, student: str) -> bool:
    from coursework.grading.pipeline import notebooks_in  # noqa: PLC0415  (every command loads this file)
    from coursework.grading.task import Task  # noqa: PLC0415

    course = app.coursedir
    trees = course.submitted_directory, course.autograded_directory
    submitted, graded = (Path(course.format_path(tree, student, assignment)) for tree in trees)
    source = Path(course.format_path(course.source_directory, ".", assignment))
    names = tuple(Path(path).stem for path in app.notebooks)
    return Task(student, submitted, graded, names, notebooks_in(source)).is_done


def _names(app: Autograde) -> list[str]:
    """Return the assignment's notebooks; none if the gradebook does not know it."""
    course = app.coursedir
    with Gradebook(course.db_url, course.course_id) as gradebook:
        try:
            found = gradebook.find_assignment(course.assignment_id)
        except MissingEntry:
            return []
        return sorted(notebook.name for notebook in found.notebooks)


def _is_ours(app: Autograde) -> bool:
    """Whether the course's judge grades, which finds notebooks under other names; not nbgrader."""
    from coursework.nbgrader_bridge.autograde import SubmissionExporter  # noqa: PLC0415

    executed = app.config.SubmissionExporter.get("executed", ())
    is_executed = app.coursedir.assignment_id in executed
    return issubclass(app.exporter_class, SubmissionExporter) and not is_executed
