"""The judge as part of `nbgrader autograde`; chosen in `course_config.py`.

::

    c.Autograde.exporter_class = "coursework.nbgrader_bridge.autograde.SubmissionExporter"
    c.Autograde.sanitize_preprocessors = [
        "coursework.nbgrader_bridge.autograde.Repair",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    c.Autograde.autograde_preprocessors = [
        "coursework.nbgrader_bridge.autograde.RunJudge",
        "coursework.nbgrader_bridge.autograde.SaveMarks",
        "nbgrader.preprocessors.AssignLatePenalties",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]

nbgrader converts a submitted notebook twice: it is read and repaired into `autograded/`, then
read from there, judged and written again. Marks go from RunJudge to SaveMarks in `resources`;
nothing that a cell printed can be taken for a mark.
"""

import weakref
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import nbformat
import traitlets
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor

from coursework.course.secret import read_secret
from coursework.errors import ConfigError, LessonError, SubmissionError
from coursework.gradebook.marks import marks_of
from coursework.gradebook.write import write_marks
from coursework.grading.annotate import annotate
from coursework.grading.pipeline import Material, prepare, read_from, read_material
from coursework.ipc.limits import Limits
from coursework.judge.report import Report
from coursework.nbgrader_bridge.apart import Request, judging_apart
from coursework.nbgrader_bridge.executed import EXECUTE, SANITIZE, SAVE, take
from coursework.pool import Aide, Crash
from coursework.sandbox.forkserver_client import PRELOAD
from coursework.submissions.safe_file import demand_submission

__all__ = ["Repair", "RunJudge", "SaveMarks", "SubmissionExporter"]

_KEY = "coursework"
_Result = tuple[NotebookNode, dict[str, Any]]


class SubmissionExporter(NotebookExporter):
    """Reads whatever was submitted; it and its judge live as long as a run of autograding."""

    executed = traitlets.List(
        traitlets.Unicode(),
        help="Assignments whose tests nbgrader's own Execute runs, in the student's process and "
        "without protection, since they cannot be judged from outside.",
    ).tag(config=True)

    files = traitlets.List(
        traitlets.Unicode(),
        help="Files that students may submit beside a notebook for their code to import or read, "
        'as patterns of A/name, such as "ps1/helpers.py" and "*/*.csv". What was handed out '
        "beside the notebooks is there anyway.",
    ).tag(config=True)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._materials: dict[tuple[str, str], Material] = {}
        self._aide: Aide[Request, Report | str | None] | None = None
        if self.parent is not None:
            self._demand_judgeable()

    def _demand_judgeable(self) -> None:
        """Before anybody is graded, refuse what cannot be judged: in one line, and once."""
        assignment = self._course.assignment_id
        if assignment in self.executed:
            return
        try:
            for path in sorted(self._tree("source", assignment).glob("*.ipynb")):
                if self._material(assignment, path.stem).lesson.is_plain:
                    self.ask(RunJudge(parent=self).options, assignment, path.stem)
        except (ConfigError, LessonError) as error:
            self.log.error("%s", error)  # noqa: TRY400  (a sentence, not a traceback)
            raise NbGraderException(str(error)) from error

    def from_filename(  # type: ignore[override]  # nbconvert's own gives no notebook either
        self, filename: str, resources: dict[str, Any] | None = None, **options: Any
    ) -> tuple[str, dict[str, Any]]:
        """Convert a submitted file, readable or not."""
        path, resources = Path(filename), resources or {}
        is_submitted = path.parent == self.submitted_folder(resources)
        if self.is_executed(resources) or not is_submitted:
            usual: Any = super().from_filename(filename, resources=resources, **options)
            return usual
        demand_submission(resources["nbgrader"]["student"], path.parent)
        read = read_from(path.parent, self.material(resources))
        resources["metadata"] = {"name": path.stem, "path": str(path.parent)}
        resources[_KEY] = read
        return self.from_notebook_node(read.notebook, resources=resources, **options)

    def is_executed(self, resources: dict[str, Any]) -> bool:
        """Whether nbgrader's own steps grade the assignment."""
        return resources["nbgrader"]["assignment"] in self.executed

    def material(self, resources: dict[str, Any]) -> Material:
        """Return the lesson behind the notebook that is being converted."""
        return self._material(
            resources["nbgrader"]["assignment"], resources["nbgrader"]["notebook"]
        )

    def _material(self, assignment: str, name: str) -> Material:
        if (assignment, name) not in self._materials:
            source, release = self._trees(assignment)
            self._materials[assignment, name] = read_material(source, release, name, self.files)
        return self._materials[assignment, name]

    def _trees(self, assignment: str) -> tuple[Path, Path]:
        return self._tree("source", assignment), self._tree("release", assignment)

    def _tree(self, tree: str, assignment: str) -> Path:
        folder = getattr(self._course, f"{tree}_directory")
        return Path(self._course.format_path(folder, ".", assignment))

    def submitted_folder(self, resources: dict[str, Any]) -> Path:
        """Return the folder that the notebook was submitted in."""
        where, course = resources["nbgrader"], self._course
        step = course.submitted_directory
        return Path(course.format_path(step, where["student"], where["assignment"]))

    def ask(
        self, options: dict[str, Any], assignment: str, name: str, **submitted: Any
    ) -> Report | None:
        """Ask this run's judge, which is started at first use.

        Parameters
        ----------
        options : dict
            Of the judge.
        assignment, name : str
        **submitted
            The other fields of `Request`.

        Raises
        ------
        ConfigError
            It says why it cannot judge this, or any notebook of the lesson.
        SubmissionError
            Its process ended.
        """
        if self._aide is None:
            options = options | {"secret": read_secret(Path(self._course.root))}
            self._aide = Aide(judging_apart(options, self.files))
            # The converter notifies nobody when it is done.
            weakref.finalize(self, self._aide.close)
        found = self._aide.ask(Request(*self._trees(assignment), name, **submitted))
        if isinstance(found, Crash):
            msg = f"the process that graded it ended (exit code {found.code})"
            raise SubmissionError(msg)
        if isinstance(found, str):
            raise ConfigError(found)
        return found

    @property
    def _course(self) -> CourseDirectory:
        if self.parent is None:
            raise ConfigError("SubmissionExporter works within `nbgrader autograde` alone")
        return self.parent.coursedir


class _OfSubmission(NbGraderPreprocessor):
    """A preprocessor that needs what the exporter knows."""

    @property
    def exporter(self) -> SubmissionExporter:
        if not isinstance(self.parent, SubmissionExporter):
            msg = (
                f"{type(self).__name__} needs c.Autograde.exporter_class = "
                '"coursework.nbgrader_bridge.autograde.SubmissionExporter"'
            )
            raise ConfigError(msg)
        return self.parent


class Repair(_OfSubmission):
    """Bring the submitted notebook back to the form of its lesson."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> _Result:
        """Repair the notebook; what was wrong is kept in its metadata."""
        if self.exporter.is_executed(resources):
            return take(SANITIZE, self.exporter, nb, resources)
        submission = replace(resources[_KEY], notebook=nb)
        notebook = prepare(submission, self.exporter.material(resources))
        for note in notebook.metadata[_KEY].notes:
            self.log.warning("%s: %s", resources["nbgrader"]["student"], note)
        return notebook, resources


def _with_limits() -> type[_OfSubmission]:
    """Return a preprocessor with a trait for each field of `Limits`, so that none is repeated."""
    kinds = {float: traitlets.Float, int: traitlets.Int, bool: traitlets.Bool}
    limits = {
        field.name: kinds[type(field.default)](
            field.default, help=f"See {field.name} of coursework.ipc.limits.Limits."
        ).tag(config=True)
        for field in fields(Limits)
    }
    made: Any = type(_OfSubmission)
    return made("_WithLimits", (_OfSubmission,), limits)


if TYPE_CHECKING:
    _WithLimits = _OfSubmission
else:
    _WithLimits = _with_limits()


_OPTIONS = ("figures", "isolation", "fair_credit", "preload", "renew_after")


class RunJudge(_WithLimits):
    """Judge the notebook; its traits are the fields of `Limits`, and these options."""

    figures = traitlets.Enum(
        ("none", "manual", "all", "show"),
        "manual",
        help="Figures to render: none, those of cells that a person grades and of the student's "
        "own beside them, or all of cells that run; with show, cells tagged `show` are run for "
        "theirs, too.",
    ).tag(config=True)
    preload = traitlets.List(
        traitlets.Unicode(),
        list(PRELOAD),
        help="Modules that are imported once, for all students' processes. What given cells of a "
        "lesson import of SciPy and scikit-learn is besides, for those of the lesson.",
    ).tag(config=True)
    renew_after = traitlets.Int(
        500,
        min=1,
        help="Students' processes after which the one that starts them is replaced.",
    ).tag(config=True)
    isolation = traitlets.Enum(
        ("auto", "full", "landlock", "process"),
        "auto",
        help='"full": refuse to grade on a host that cannot isolate students\' code in full; '
        '"landlock" and "process" isolate less, "auto" as well as the host can.',
    ).tag(config=True)
    fair_credit = traitlets.Bool(
        default_value=True,
        help="Whether a test that fails only because of an earlier exercise counts.",
    ).tag(config=True)

    @property
    def limits(self) -> Limits:
        """The limits that are configured."""
        return Limits(**{field.name: getattr(self, field.name) for field in fields(Limits)})

    @property
    def options(self) -> dict[str, Any]:
        """The whole configuration, as `Judge` takes it."""
        return {"limits": self.limits, **{name: getattr(self, name) for name in _OPTIONS}}

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> _Result:
        """Write the verdicts into the notebook, and pass them on in the resources."""
        if self.exporter.is_executed(resources):
            return take(EXECUTE, self.exporter, nb, resources)
        where, material = resources["nbgrader"], self.exporter.material(resources)
        found = self.exporter.ask(
            self.options,
            where["assignment"],
            where["notebook"],
            text=nbformat.writes(nb),
            student=where["student"],
            folder=self.exporter.submitted_folder(resources),
        )
        report = cast("Report", found)  # which a request with a notebook's text gets
        annotate(nb, report, material.lesson.of_kind("question"))
        resources[_KEY] = {"outcomes": report.outcomes}
        return nb, resources


class SaveMarks(_OfSubmission):
    """Record the judge's marks in the gradebook."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> _Result:
        """Record the marks."""
        if self.exporter.is_executed(resources):
            return take(SAVE, self.exporter, nb, resources)
        where = resources["nbgrader"]
        student, assignment, name = where["student"], where["assignment"], where["notebook"]
        with Gradebook(where["db_url"]) as gradebook:
            found = gradebook.find_submission_notebook(name, assignment, student)
            write_marks(gradebook.db, found, marks_of(nb, name, resources[_KEY]["outcomes"]))
            gradebook.db.commit()
        return nb, resources
