"""Judge submissions in parallel; nothing is written here, and the gradebook is not needed."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import nbformat

from coursework.batch.basis import Grounds, basis_of
from coursework.errors import ConfigError, IsolationError, LessonError, SubmissionError, fault
from coursework.gradebook.marks import NotebookMarks, marks_of
from coursework.grading.annotate import annotate
from coursework.grading.judgeable import demand_judgeable
from coursework.grading.pipeline import Material, examine_submitted, read_material
from coursework.grading.task import Task
from coursework.judge.judge import Judge
from coursework.pool import Start
from coursework.submissions.metadata import KEY, notes_of
from coursework.submissions.safe_file import demand_submission

__all__ = ["Graded", "Judged", "judging"]


@dataclass(frozen=True)
class Graded:
    """A judged notebook.

    Attributes
    ----------
    text : str
        Its text for `autograded/`.
    marks : NotebookMarks
    notes : tuple of str
    seconds : float
        Time that judging it took.
    n_cells : int
    submitted : str
        A digest of what was submitted.
    basis : str
        A digest of all that the verdict rests on; "" if the verdict may differ next time.
    """

    text: str
    marks: NotebookMarks
    notes: tuple[str, ...]
    seconds: float = 0.0
    n_cells: int = 0
    submitted: str = ""
    basis: str = ""


Judged = tuple[Graded, ...] | str
"""The notebooks of a submission, or why it cannot be graded."""


def judging(grounds: Grounds, known: Mapping[str, str]) -> Start[Task, Judged]:
    """Return a worker factory whose workers judge submissions, each with all of these notebooks.

    Parameters
    ----------
    grounds : Grounds
    known : mapping
        Their digests from `Grounds.read`, before anything was read for the workers.
    """
    return partial(_judging, grounds, known)


@contextmanager
def _judging(grounds: Grounds, known: Mapping[str, str]) -> Iterator[Callable[[Task], Judged]]:
    """Give the function that grades a submission, with a judge and the lessons."""
    read = partial(read_material, grounds.source, grounds.release, declared=grounds.declared)
    lessons = {name: read(name) for name in grounds.names}
    with Judge(**grounds.options) as judge:
        for material in lessons.values():
            demand_judgeable(judge, material.lesson, material.source)
        # If a digest has changed, the old version or the new one may have been read.
        now = grounds.read()
        sure = {name: digest if now[name] == digest else "" for name, digest in known.items()}
        yield partial(_judge_submission, judge, lessons, sure)


def _judge_submission(
    judge: Judge, lessons: dict[str, Material], grounds: Mapping[str, str], task: Task
) -> Judged:
    try:
        demand_submission(task.student, task.submitted)
        # The digest of a file that is replaced before it is read fits nothing: it is judged again.
        bases = basis_of(task, grounds)
        return tuple(
            _judge_notebook(judge, lessons[name], task, basis) for name, basis in bases.items()
        )
    except (ConfigError, IsolationError, LessonError):
        raise
    except SubmissionError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001  (one submission must not stop the others)
        return fault(error)


def _judge_notebook(judge: Judge, material: Material, task: Task, basis: str) -> Graded:
    name = material.lesson.name
    notebook, report = examine_submitted(judge, material, task.submitted, task.student)
    seconds, n_cells = sum(report.seconds.values()), len(notebook.cells)
    annotate(notebook, report, material.lesson.of_kind("question"))
    marks = marks_of(notebook, name, report.outcomes)
    text = nbformat.writes(notebook).rstrip("\n") + "\n"
    notes, submitted = tuple(notes_of(notebook)), notebook.metadata[KEY].get("digest", "")
    basis = basis if report.is_repeatable else ""
    return Graded(text, marks, notes, seconds, n_cells, submitted, basis)
