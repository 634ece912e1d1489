"""A reader's own checking of a notebook against the course at hand, without a gradebook."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from importlib import import_module
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Self

import nbformat
from nbformat import NotebookNode
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from coursework.beside import files_below
from coursework.course import Course
from coursework.errors import ConfigError
from coursework.examine import Material, as_far_as, examine, prepare, read_material
from coursework.judge.report import Outcome, Part, Report
from coursework.judge.session import Judge
from coursework.judge.spawner import PRELOAD
from coursework.notes import is_readable, notes_of
from coursework.releases import FOLDER
from coursework.settings import Settings, read_settings
from coursework.submission import grade_id_of, read_submission
from coursework.untrusted import printable_lines

__all__ = [
    "Change",
    "Checked",
    "Checker",
    "as_lines",
    "as_text",
    "by_exercise",
    "check_notebook",
    "lesson_of_file",
    "sums",
]


Change = Callable[[NotebookNode], NotebookNode]


@dataclass(frozen=True)
class Checked:
    """What checking a notebook found.

    Attributes
    ----------
    report : Report
    notes : tuple of str
        What was repaired before.
    by_hand : float
        Points of questions, which a person marks.
    """

    report: Report
    notes: tuple[str, ...]
    by_hand: float

    @property
    def is_full(self) -> bool:
        """Whether no point of the tests is lost."""
        return self.report.points == self.report.max_points


def check_notebook(course: Course, path: Path, test: str = "") -> Checked:
    """Read, repair and judge a notebook, as grading does but for the random inputs.

    Parameters
    ----------
    course : Course
        Built: the lesson is found in its `source/`.
    path : Path
        A notebook of any name, anywhere.
    test : str
        Where given, no cell is judged behind those of this test's exercise.

    Raises
    ------
    ConfigError
        The notebook is of no lesson of the course.
    LessonError
        The lesson does not run.
    JudgeError
        The judge cannot work on this host.
    """
    with Checker(course) as checker:
        return checker.check(path, test)


class Checker:
    """Checks notebooks one after the other: what it has read and started, it keeps.

    What was changed since in the course is read again; its configuration is not.

    Parameters
    ----------
    course : Course
    """

    def __init__(self, course: Course) -> None:
        self._course = course
        self._settings: dict[str, Settings] = {}
        self._materials: dict[tuple[str, str], tuple[object, Material]] = {}
        self._judges: dict[str, Judge] = {}

    def check(self, path: Path, test: str = "", change: Change = lambda same: same) -> Checked:
        """Check a notebook; parameters and errors as of `check_notebook`.

        Parameters
        ----------
        path : Path
        test : str
        change : callable
            Is given the notebook as it was read, and returns what is to be judged.
        """
        assignment, name = lesson_of_file(self._course, path)
        judge = self._judge(assignment)
        material = self._material(assignment, name)
        read = read_submission(path, material.names)
        submission = replace(read, notebook=change(read.notebook)) if read.is_readable else read
        notebook = prepare(submission, material)
        if test and is_readable(notebook):
            material, notebook = as_far_as(test, material, notebook)
        report = examine(judge, material, notebook, "reader", path.parent)
        return Checked(report, tuple(notes_of(notebook)), _by_hand(material))

    def _of(self, assignment: str) -> Settings:
        if assignment not in self._settings:
            self._settings[assignment] = read_settings(self._course.root, assignment)
        return self._settings[assignment]

    def _judge(self, assignment: str) -> Judge:
        options = self._of(assignment).judge_options | {"figures": "none"}
        if (key := repr(options)) not in self._judges:
            self._judges[key] = Judge(**options)
            # While the first student's process is made ready, the judge's own side is.
            threading.Thread(target=_import_all, args=(PRELOAD,)).start()
            self._judges[key].start()
        return self._judges[key]

    def _material(self, assignment: str, name: str) -> Material:
        trees = self._course.source / assignment, self._course.release / assignment
        state = self._state(assignment, name)
        if self._materials.get((assignment, name), (None,))[0] != state:
            material = read_material(*trees, name, self._of(assignment).declared)
            self._materials[assignment, name] = state, material
        return self._materials[assignment, name][1]

    def _state(self, assignment: str, name: str) -> list[tuple[str, int]]:
        """Return what is another as soon as a file of the lesson may be."""
        course = self._course
        folders = (course.release / assignment, course.source / assignment)
        kept = course.root / FOLDER / assignment / name
        lesson = (course.lessons / assignment).glob(f"{name}.*")
        files = [path for folder in (*folders, kept) for path in files_below(folder)]
        return [(str(path), path.stat().st_mtime_ns) for path in (*files, *lesson)]

    def close(self) -> None:
        """End what judges have started."""
        for judge in self._judges.values():
            judge.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _import_all(modules: Sequence[str]) -> None:
    for name in modules:
        with suppress(ImportError):  # who needs it will say so
            import_module(name)


def lesson_of_file(course: Course, path: Path) -> tuple[str, str]:
    """Return the lesson whose cells a notebook holds, else the one that has its name.

    Raises
    ------
    ConfigError
        The notebook is of no lesson of the course.
    """
    submission = read_submission(path)
    ids = _ids(submission.notebook)
    own = course.source / path.resolve().parent.name / f"{path.stem}.ipynb"
    if ids and own.is_file() and ids <= _ids(nbformat.read(own, as_version=4)):
        return own.parent.name, own.stem
    best, found = (0, False, False), None
    for source in sorted(course.source.glob("*/*.ipynb")):
        likeness = (
            len(ids & _ids(nbformat.read(source, as_version=4))),
            source.stem == path.stem,
            source.parent.name == path.resolve().parent.name,
        )
        if likeness[:2] > (0, False) and likeness > best:
            best, found = likeness, (source.parent.name, source.stem)
    if found is None:
        why = " ".join(submission.notes) or "it holds no cell of one."
        msg = f"{path} is of no lesson in {course.source}: {why}"
        raise ConfigError(msg)
    return found


def _ids(notebook: NotebookNode) -> set[str]:
    return {name for cell in notebook.cells if (name := grade_id_of(cell))}


def _by_hand(material: Material) -> float:
    return sum(cell.points for cell in material.lesson.of_kind("question") if not cell.void)


# -- show


def as_lines(checked: Checked) -> RenderableType:
    """Return the points of each exercise, with the causes of those that are lost."""
    report = checked.report
    lines: list[RenderableType] = [_text(f"{report.assignment}/{report.notebook}", style="bold")]
    lines += [_text(f"note: {note}", style="yellow") for note in checked.notes]
    for exercise, outcomes in by_exercise(report):
        points, possible = sums(outcomes)
        mark = "✓" if points == possible else "✗"
        style = "green" if points == possible else "red"
        lines.append(_text(f"{mark} {exercise}  {points:g}/{possible:g}", style=style))
        lines += [
            Padding(line, (0, 0, 0, 4), expand=False) for one in outcomes for line in _causes(one)
        ]
    lines.append(_text(f"{report.points:g} of {report.max_points:g} points", style="bold"))
    if checked.by_hand:
        lines.append(_text(f"and {checked.by_hand:g} for questions, which a person marks"))
    return Group(*lines)


def _causes(outcome: Outcome) -> Iterator[Text]:
    if outcome.parts:
        for part in outcome.parts:
            yield from _cause(part, f"{outcome.id}, {part.name}")
    else:
        yield from _cause(outcome, outcome.id)


def _cause(one: Outcome | Part, name: str) -> Iterator[Text]:
    if one.status != "passed":
        yield _text(f"{name}: {one.status}", style="bold")
        yield _text(one.message)
    yield from (_text(f"Hint: {hint}", style="cyan") for hint in one.hints)
    if one.diagnosis:
        yield _text(one.diagnosis, style="cyan")
    if one.credit:
        yield _text(f"{name}: {one.credit}", style="green")


def _text(text: str, style: str = "") -> Text:
    """Return text to print: a student's may hold what acts on a terminal."""
    return Text(printable_lines(text), style=style)


def as_text(checked: Checked) -> str:
    """Return the result as JSON."""
    report = checked.report
    return json.dumps(
        {
            "lesson": f"{report.assignment}/{report.notebook}",
            "points": report.points,
            "max_points": report.max_points,
            "by_hand": checked.by_hand,
            "notes": checked.notes,
            "exercises": [_entry(*found) for found in by_exercise(report)],
        }
    )


def _entry(exercise: str, outcomes: list[Outcome]) -> dict[str, object]:
    points, possible = sums(outcomes)
    tests = [asdict(outcome) for outcome in outcomes]
    return {"exercise": exercise, "points": points, "max_points": possible, "tests": tests}


def by_exercise(report: Report) -> Iterator[tuple[str, list[Outcome]]]:
    """Yield each exercise with the verdicts on its tests, in order."""
    order = list(dict.fromkeys(outcome.exercise for outcome in report.outcomes))
    outcomes = sorted(report.outcomes, key=lambda outcome: order.index(outcome.exercise))
    for exercise, group in groupby(outcomes, key=attrgetter("exercise")):
        yield exercise, list(group)


def sums(outcomes: list[Outcome]) -> tuple[float, float]:
    """Return earned and possible points."""
    return sum(one.points for one in outcomes), sum(one.max_points for one in outcomes)
