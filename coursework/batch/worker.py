"""Judge submissions in parallel; nothing is written here, and the gradebook is not needed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import nbformat

from coursework.course.secret import read_secret
from coursework.errors import ConfigError, IsolationError, LessonError, SubmissionError, fault
from coursework.gradebook.marks import NotebookMarks, marks_of
from coursework.grading.annotate import annotate
from coursework.grading.judgeable import demand_judgeable
from coursework.grading.pipeline import Material, examine_submitted, read_material
from coursework.grading.task import Task
from coursework.judge.judge import Judge
from coursework.nbgrader_bridge.settings import Settings
from coursework.pool import Start
from coursework.submissions.metadata import notes_of
from coursework.submissions.safe_file import demand_submission

__all__ = ["Graded", "Judged", "judging"]


@dataclass(frozen=True)
class Graded:
    """A judged notebook: its text for `autograded/`, its marks, and its notes."""

    text: str
    marks: NotebookMarks
    notes: tuple[str, ...]


Judged = tuple[Graded, ...] | str
"""The notebooks of a submission, or why it cannot be graded."""


def judging(settings: Settings, names: tuple[str, ...]) -> Start[Task, Judged]:
    """Return a worker factory whose workers judge submissions, each with all of these notebooks."""
    options = settings.judge_options | {"secret": read_secret(settings.root)}
    read = partial(read_material, settings.source, settings.release, declared=settings.declared)
    return partial(_judging, read, names, options)


@contextmanager
def _judging(
    read: Callable[[str], Material], names: tuple[str, ...], options: dict[str, Any]
) -> Iterator[Callable[[Task], Judged]]:
    """Give the function that grades a submission, with a judge and the lessons."""
    lessons = {name: read(name) for name in names}
    with Judge(**options) as judge:
        for material in lessons.values():
            demand_judgeable(judge, material.lesson, material.source)
        yield partial(_judge_submission, judge, lessons)


def _judge_submission(judge: Judge, lessons: dict[str, Material], task: Task) -> Judged:
    try:
        demand_submission(task.student, task.submitted)
        return tuple(_judge_notebook(judge, lessons[name], task, name) for name in task.notebooks)
    except (ConfigError, IsolationError, LessonError):
        raise
    except SubmissionError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001  (one submission must not stop the others)
        return fault(error)


def _judge_notebook(judge: Judge, material: Material, task: Task, name: str) -> Graded:
    notebook, report = examine_submitted(judge, material, task.submitted, task.student)
    annotate(notebook, report, material.lesson.of_kind("question"))
    marks = marks_of(notebook, name, report.outcomes)
    text = nbformat.writes(notebook).rstrip("\n") + "\n"
    return Graded(text, marks, tuple(notes_of(notebook)))
