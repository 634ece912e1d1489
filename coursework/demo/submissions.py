"""A class of made-up submissions to a real assignment."""

import copy
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from coursework.course.layout import Course
from coursework.course.lesson import Lesson, read_lesson
from coursework.course.mistakes import Mistake, apply, mistakes_path, read_mistakes
from coursework.course.regions import without_markers
from coursework.demo.cheats import CHEATS
from coursework.demo.notebooks import functions_of, has_role, write_cells

__all__ = ["Handout", "StudentFiles", "class_of", "read_handouts", "submit"]


@dataclass(frozen=True)
class Handout:
    """A lesson as the class got it, with what the instructor also has.

    Attributes
    ----------
    release, solution : NotebookNode
        As built for students, untouched and solved.
    mistakes : tuple of Mistake
        Wrong answers, and right ones that are unusual.
    """

    lesson: Lesson
    release: NotebookNode
    solution: NotebookNode
    mistakes: tuple[Mistake, ...]

    @property
    def name(self) -> str:
        """Name of the notebook."""
        return self.lesson.name

    @property
    def solutions(self) -> dict[str, str]:
        """Every exercise and question, answered."""
        return {
            cell.metadata.nbgrader.grade_id: cell.source
            for cell in self.solution.cells
            if has_role(cell, "exercise") or has_role(cell, "question")
        }

    def notebook(self, answers: dict[str, str]) -> NotebookNode:
        """Return the notebook of a student who wrote these answers."""
        notebook = copy.deepcopy(self.release)
        write_cells(notebook, answers)
        return notebook

    def written(self, mistake: Mistake) -> str:
        """Return an exercise's cell as a mistake writes it."""
        sources = {cell.exercise: cell.source for cell in self.lesson.of_kind("exercise")}
        return without_markers(apply(mistake, sources[mistake.exercise]))


@dataclass(frozen=True)
class StudentFiles:
    """What a student hands in.

    Attributes
    ----------
    about : str
        What is special about it.
    files : dict
        Notebook's name → its text.
    """

    student: str
    about: str
    files: dict[str, str] = field(default_factory=dict)


def read_handouts(course: Course, assignment: str) -> tuple[Handout, ...]:
    """Read the lessons of an assignment as they were handed out.

    Raises
    ------
    ConfigError
        There is no such assignment.
    """
    found = []
    for path in course.lesson_files(assignment):
        release, solution = (
            nbformat.read(tree / assignment / f"{path.stem}.ipynb", as_version=4)
            for tree in (course.release, course.solutions)
        )
        mistakes = read_mistakes(mistakes_path(path))
        found.append(Handout(read_lesson(path), release, solution, mistakes))
    return tuple(found)


def submit(course: Course, assignment: str, submissions: tuple[StudentFiles, ...]) -> None:
    """Write submissions where nbgrader collects them."""
    for submission in submissions:
        folder = course.root / "submitted" / submission.student / assignment
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name, text in submission.files.items():
            (folder / f"{name}.ipynb").write_text(text, encoding="utf-8")


def class_of(handouts: tuple[Handout, ...]) -> tuple[StudentFiles, ...]:
    """Return the submissions of a whole class."""
    return (
        *_honest(handouts),
        *_mistaken(handouts),
        _printing(handouts),
        *_broken(handouts),
        *_dishonest(handouts),
    )


Answers = Callable[[Handout], dict[str, str]]


def _all(student: str, about: str, handouts: tuple[Handout, ...], answers: Answers) -> StudentFiles:
    files = {one.name: nbformat.writes(one.notebook(answers(one))) for one in handouts}
    return StudentFiles(student, about, files)


def _honest(handouts: tuple[Handout, ...]) -> Iterator[StudentFiles]:
    yield _all("solved", "the model solution", handouts, lambda one: one.solutions)
    yield _all("untouched", "nothing was written", handouts, lambda _: {})
    yield _all("partly-solved", "the first half of each notebook", handouts, _first_half)
    yield _all("unusual", "right answers in unusual ways", handouts, _unusual)
    yield _all("warns", "right, with prints and warnings", handouts, _noisy)
    yield _unmarked(handouts)


def _first_half(one: Handout) -> dict[str, str]:
    names = list(one.solutions)
    return {name: one.solutions[name] for name in names[: len(names) // 2]}


def _unusual(one: Handout) -> dict[str, str]:
    right = {m.exercise: one.written(m) for m in reversed(one.mistakes) if m.right}
    return one.solutions | right


def _noisy(one: Handout) -> dict[str, str]:
    noise = 'import warnings\nwarnings.warn("careful")\nprint("working")\n'
    exercises = [cell.exercise for cell in one.lesson.of_kind("exercise")]
    return one.solutions | {name: noise + one.solutions[name] for name in exercises}


def _unmarked(handouts: tuple[Handout, ...]) -> StudentFiles:
    """Return the solutions copied, cell by cell, into notebooks without exercise metadata."""
    files = {}
    for one in handouts:
        notebook = one.notebook(one.solutions)
        cells = [new_code_cell(cell.source) for cell in notebook.cells if cell.cell_type == "code"]
        files[one.name] = nbformat.writes(new_notebook(cells=cells))
    return StudentFiles("copied", "solved code, copied into a new notebook", files)


def _mistaken(handouts: tuple[Handout, ...]) -> Iterator[StudentFiles]:
    """Yield one student for each exercise, who made its first known mistake."""
    first = {
        (one.name, mistake.exercise): mistake
        for one in handouts
        for mistake in reversed(one.mistakes)
        if not mistake.right
    }
    for (name, exercise), mistake in sorted(first.items()):

        def answers(one: Handout, name: str = name, mistake: Mistake = mistake) -> dict[str, str]:
            if one.name != name:
                return one.solutions
            return one.solutions | {mistake.exercise: one.written(mistake)}

        student = f"mistake-{exercise.replace('_', '-')}"
        yield _all(student, f"a known mistake in {exercise}", handouts, answers)


def _printing(handouts: tuple[Handout, ...]) -> StudentFiles:
    """Return a student whose first function prints its result: no known mistake of any lesson."""
    first = handouts[0]
    name = next(iter(first.lesson.of_kind("exercise"))).exercise
    wrapped = f"\n\nright = {name}\n\ndef {name}(*args):\n    print(right(*args))\n"
    printed = {name: first.solutions[name] + wrapped}

    def answers(one: Handout) -> dict[str, str]:
        return one.solutions | (printed if one is first else {})

    return _all("prints", f"{name} prints its result", handouts, answers)


def _broken(handouts: tuple[Handout, ...]) -> Iterator[StudentFiles]:
    solved = {one.name: nbformat.writes(one.notebook(one.solutions)) for one in handouts}
    first = handouts[0]
    text = solved[first.name]
    rest = {name: text for name, text in solved.items() if name != first.name}
    yield StudentFiles("missing-notebook", f"{first.name} was not handed in", rest)
    yield StudentFiles(
        "broken-json", f"{first.name} is cut short", rest | {first.name: text[:2000]}
    )
    for student, about, line in _FATAL:
        spoilt = {first.name: nbformat.writes(_spoilt(first, line))}
        yield StudentFiles(student, about, solved | spoilt)


_FATAL = (
    ("infinite-loop", "an exercise never returns", "while True: pass"),
    ("os-exit", "an exercise ends Python", "import os; os._exit(0)"),
    ("fills-memory", "an exercise takes all memory", "return [0] * 10**10"),
)


def _spoilt(one: Handout, line: str) -> NotebookNode:
    """Return the solved notebook, in which the body of the first exercise is this line."""
    exercise = next(iter(one.lesson.of_kind("exercise"))).exercise
    notebook = one.notebook(one.solutions)
    for cell in notebook.cells:
        if has_role(cell, "exercise") and cell.metadata.exercise == exercise:
            name = functions_of(cell)[0]
            cell.source = f"def {name}(*args, **kwargs):\n    {line}"
    return notebook


def _dishonest(handouts: tuple[Handout, ...]) -> Iterator[StudentFiles]:
    for cheat in CHEATS:
        files = {}
        for one in handouts:
            notebook = one.notebook({})
            cheat.apply(notebook)
            files[one.name] = nbformat.writes(notebook)
        yield StudentFiles(cheat.name, cheat.about, files)
