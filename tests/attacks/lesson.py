"""The lesson that is attacked: a function of arrays, a class with operators, a callback."""

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from tiny import make_lesson

from coursework.course.lesson import Lesson

__all__ = ["ANSWERS", "HIDDEN", "make", "submission"]

HIDDEN = "hidden-7f3a9c"  # stands in every test and solution, and may be seen nowhere

_SETUP = """
import numpy as np
from coursework import check
from coursework.check import reference

X = np.arange(12.0).reshape(4, 3)
generator = np.random.default_rng(5)
"""

ANSWERS = {
    "square": """
def square(x):
    return x * x
""",
    "Dual": '''
class Dual:
    """A number with a slope."""

    def __init__(self, value, slope=0.0):
        self.value, self.slope = value, slope

    def __add__(self, other):
        return Dual(self.value + other.value, self.slope + other.slope)

    def __mul__(self, other):
        return Dual(self.value * other.value, self.value * other.slope + self.slope * other.value)

    def __eq__(self, other):
        return isinstance(other, Dual) and self.value == other.value

    def __hash__(self):
        return hash(self.value)

    def __repr__(self):
        return f"Dual({self.value}, {self.slope})"

    def __len__(self):
        return 2

    def shift(self, by):
        self.value += by

    def parts(self):
        return {self.value, self.slope}
''',
    "apply": """
def apply(f, x):
    return f(f(x))


def scatter(rng, n):
    return rng.normal(size=n)
""",
}

_TESTS = {
    ("square", ""): """
check.close(square(np.array([1.0, -2.0])), [1.0, 4.0])
rng = check.rng()
x = rng.normal(size=(3, 4))
check.close(square(x), reference.square(x))
for got, x in zip(map(square, [2.0, 3.0]), [2.0, 3.0]):
    check.close(got, x * x)
""",
    ("square", "given"): """
check.close(check.unchanged(square, X), reference.square(X))
check.close(square(X), reference.square(X))
""",
    ("Dual", ""): """
a, b = check.rng().normal(size=2)
both = Dual(a, 1.0) * Dual(b, 2.0) + Dual(1.0)
check.close(both.value, a * b + 1)
check.close(both.slope, 2 * a + b)
check.close((both.value, both.slope), (a * b + 1, 2 * a + b))
""",
    ("Dual", "methods"): """
a, b = check.rng().normal(size=2)
d = Dual(a, b)
check.equal(d.shift(1.0), None)
check.equal(d.parts(), {a + 1.0, b})
check.close(d.value, a + 1.0)
""",
    ("apply", ""): """
a = check.rng().normal()
check.close(apply(reference.square, a), a**4)
check.close(apply(lambda x: 3.0 * x + a, 2.0), 18.0 + 4 * a)
check.close(apply(square, 3.0), 81.0)
""",
    ("apply", "random"): """
rng = check.rng()
check.equal(scatter(rng, 5).shape, (5,))
x, k = rng.normal(size=3), rng.integers(2, 1_000_002)
check.close(apply(lambda v: k * v, x), k * k * x)
scatter(generator, 3)
""",
    ("square", "again"): """
x = check.rng().uniform(1.0, 2.0, size=5)
check.close(square(x), reference.square(x))
""",
}


def make() -> tuple[Lesson, NotebookNode]:
    """Return the lesson, and its notebook as the instructor has it."""
    cells = [_cell("setup", _SETUP, locked=True)]
    for name, answer in ANSWERS.items():
        solution = f"# {HIDDEN}\n{answer}"
        cells.append(_cell(name, solution, exercise=name, solution=True, grade=False))
        cells += [_test(*key) for key in _TESTS if key[0] == name and key[1] != "again"]
    cells.append(_test("square", "again"))
    source = new_notebook(cells=cells)
    return make_lesson(source), source


def submission(source: NotebookNode, cells: dict[str, str]) -> NotebookNode:
    """Return the notebook of a student.

    Parameters
    ----------
    cells : dict
        Exercise → the student's answer, honest where it is missing; "known", "start" and
        "end" are cells of the student's own before and behind all others, "middle" one
        before `Dual`.
    """
    made = [new_code_cell(cells[name]) for name in ("known", "start") if name in cells]
    for cell in source.cells:
        name = cell.metadata.nbgrader.grade_id
        if name == "Dual" and "middle" in cells:
            made.append(new_code_cell(cells["middle"]))
        text = cells.get(name, ANSWERS.get(name, cell.source))
        made.append(new_code_cell(text, metadata=cell.metadata))
    made += [new_code_cell(cells["end"])] if "end" in cells else []
    return new_notebook(cells=made)


def _test(exercise: str, part: str) -> NotebookNode:
    name = "_".join(filter(None, ("test", exercise, part)))
    source = f"# {HIDDEN}\n{_TESTS[exercise, part]}"
    return _cell(name, source, test=exercise, part=part, points=1, grade=True, solution=False)


def _cell(name: str, source: str, **marks: object) -> NotebookNode:
    own = {key: marks[key] for key in ("exercise", "test", "part", "points") if key in marks}
    rest = {key: value for key, value in marks.items() if key not in ("exercise", "test", "part")}
    return new_code_cell(source, metadata={**own, "nbgrader": {"grade_id": name, **rest}})
