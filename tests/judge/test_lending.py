"""The instructor's classes, lent to the student's code in a second try."""

import numpy as np
import pytest
from test_standin import DUAL
from tiny import SETUP, make_lesson, make_notebook

from coursework.ipc.limits import Limits
from coursework.judge.judge import Judge
from coursework.judge.report import Outcome

CLASS = (
    DUAL.split("def derivative")[0]
    + """
    kinds = ["plain"]

    def __enter__(self):
        self.value += 1
        return self

    def __exit__(self, kind, error, trace):
        self.value -= 1
        return kind is not None

    def __or__(self, other):
        return Dual(max(self.value, other.value))

    def __invert__(self):
        return Dual(1 / self.value)

    def __index__(self):
        return int(self.value)

    def apply(self, function, *, to=None):
        return function(self if to is None else to)

    def parts(self):
        return [self, {"first": Dual(self.value)}]

    def steps(self):
        for k in range(3):
            yield Dual(self.value + k)

    @staticmethod
    def zero():
        return Dual(0.0)


class Triple(Dual):
    def third(self):
        return 3 * self.value


def half(x):
    return x * 0.5
"""
)
WRONG = """
class Dual:
    def __init__(self, *arguments):
        raise ValueError("wrong")
Triple = Dual
half = None
"""

USES = {
    "attribute": "d = Dual(2.0, 3.0)\nreturn d.value, d.slope, d.pair",
    "set attribute": "d = Dual(1.0)\nd.value = 5.0\nd.new = [1]\nreturn d.value, d.new, d.pair",
    "array attribute": "d = Dual(np.ones(3))\nd.value -= 0.5 * d.value\nreturn d.value",
    "missing attribute": "return hasattr(Dual(1.0), 'none'), getattr(Dual(1.0), 'none', 7)",
    "class attribute": "return Dual.unit, Dual(1.0).unit, Dual.kinds",
    "set class attribute": "Dual.unit = 'two'\nreturn Dual.unit, Dual(1.0).unit",
    "classmethod": "return Dual.variable(2.0).slope, Dual(1.0).variable(2.0).slope",
    "staticmethod": "return Dual.zero().value",
    "method": "return Dual(2.0, 3.0).scaled(2, twice=True).pair",
    "method of the class": "return Dual.scaled(Dual(2.0, 3.0), 2).pair",
    "bound method": "f = Dual(2.0, 3.0).scaled\nreturn f(2).pair",
    "operators": "return (Dual(2.0, 1.0) * Dual(3.0, 1.0) + 1 - Dual(1.0)).pair",
    "reflected": "return (5 - Dual(2.0, 1.0)).pair, (np.float64(2) * Dual(2.0, 1.0)).pair",
    "array on the left": "return (np.ones(2) * Dual(2.0)).value",
    "sum": "return sum([Dual(1.0), Dual(2.0)]).value",
    "unary": "return (-Dual(2.0, 1.0)).pair, bool(Dual(0.0)), float(Dual(4.0))",
    "bits": "return (Dual(1.0) | Dual(3.0)).value, (~Dual(4.0)).value, [5, 6, 7][Dual(1.0)]",
    "in place operator": "d = e = Dual(1.0)\nd += 1\nreturn d.value, d is e",
    "comparison": "return Dual(1.0) < Dual(2.0), Dual(1.0) == Dual(1.0), Dual(1.0) != Dual(1.0)",
    "index": "d = Dual(4.0, 5.0)\nd[0] = 9.0\nreturn d[0], d[0:2], len(d), 5.0 in d",
    "iteration": "a, b = Dual(4.0, 5.0)\nreturn a, b, list(Dual(6.0)), max(Dual(4.0, 5.0))",
    "iterator twice": "i = iter(Dual(1.0))\nreturn next(i), next(i), next(i, 'end')",
    "generator": "return [d.value for d in Dual(1.0).steps()]",
    "call": "return Dual(1.0, 2.0)(10.0)",
    "text": "return repr(Dual(1.0, 2.0)), str(Dual(1.0)), f'{Dual(3.0)}'",
    "isinstance": "return isinstance(Dual(1.0), Dual), isinstance(1.0, Dual), type(Dual(1.0)) is Dual",
    "subclass": "t = Triple(2.0)\nreturn t.third(), isinstance(t, Dual), issubclass(Triple, Dual)",
    "not the subclass": "return isinstance(Dual(1.0), Triple), hasattr(Dual(1.0), 'third')",
    "in lists and dicts": "d = Dual(1.0)\np = d.parts()\nreturn p[0] is d, p[1]['first'].value",
    "set and key": "d = Dual(1.0)\nreturn len({d, d, Dual(2.0)}), {d: 5}[d], {d: 5}[Dual(1.0)]",
    "identity": "d = Dual(1.0)\nd.me = d\nd.both = [d, d]\nreturn d.me is d, d.both[0] is d.both[1]",
    "own function": "return Dual(3.0).apply(lambda d: d.value + 1, to=Dual(4.0))",
    "own object inside": "class A: pass\na = A()\nreturn Dual(a).value is a",
    "function of the exercise": "return half(Dual(4.0, 2.0)).pair, half(4.0)",
    "context": "d = Dual(1.0)\nwith d as e:\n    inside = d.value, e is d\nreturn inside, d.value",
    "context with an error": "d = Dual(1.0)\nwith d:\n    1 / 0\nreturn d.value",
    "exception": "try:\n    Dual(1.0)['x']\nexcept TypeError:\n    return 'TypeError'",
    "no operator": "try:\n    Dual(1.0) % 2\nexcept TypeError:\n    return 'TypeError'",
    "no such argument": "try:\n    Dual(1.0).scaled(nothing=1)\nexcept TypeError as e:\n    return str(e)",
}


def outcome_of(
    judge: Judge, answer: str, test: str, solution: str = "", wrong: str = WRONG
) -> Outcome:
    """Grade an answer to a later exercise, behind a wrong class."""
    exercises = {"Dual": CLASS, "later": solution or answer}
    tests = {"Dual": "check.equal(Dual(2.0, 3.0).value, 2.0)", "later": test}
    notebook = make_notebook(exercises, tests)
    lesson = make_lesson(notebook)
    for cell in notebook.cells:
        answers = {"Dual": wrong, "later": answer}
        cell.source = answers.get(cell.metadata.get("exercise", ""), cell.source)
    wrong_one, later = judge.grade(lesson, notebook, "student").outcomes
    assert wrong_one.points == 0
    return later


@pytest.mark.parametrize("body", USES.values(), ids=USES)
def test_lent_class_means_what_it_means_in_a_notebook(judge: Judge, body: str) -> None:
    """Whatever a right answer does with the class earns its points behind a wrong one."""
    answer = "def later():\n" + "".join(f"    {line}\n" for line in body.split("\n"))
    names: dict = {"np": np}
    exec(CLASS + answer, names)
    names["later"]()
    test = "found = later()\ncheck.equal(found, reference.later())"
    outcome = outcome_of(judge, answer, test)
    assert (outcome.points, outcome.message) == (1, "")
    assert "with the right `Dual`" in outcome.credit


def test_test_and_answer_share_lent_objects(judge: Judge) -> None:
    """What the test passes comes as the same object, at each call and in all places, and back."""
    answer = """
kept = []
def later(d, pair):
    kept.append(d)
    d.value += 1
    return [d, d is pair[0], d is kept[0], pair]
Dual
"""
    test = """
d = Dual(1.0, 5.0)
pair = [d, d]
for k in (2.0, 3.0):
    found = later(d, pair)
    assert found[0] is d and found[3][1] is d
    check.equal([d.value, found[1], found[2]], [k, True, True])
"""
    assert outcome_of(judge, answer, test).points == 1


def test_wrong_answers_stay_wrong_with_a_lent_class(judge: Judge) -> None:
    """A later answer that is wrong itself earns nothing."""
    answer, solution = "def later():\n    return {}", "def later():\n    return Dual(2.0).value"
    for wrong in ("Dual(3.0).value", "None", "Dual(2.0)", "Dual", "Dual.variable"):
        test = "check.equal(later(), 2.0)"
        assert outcome_of(judge, answer.format(wrong), test, solution).points == 0


METHODS = {
    "Number": """
class Number:
    def __init__(self, x):
        self.x = x
    def double(self):
        return double(self)
    def twice(self):
        return self.double().double()
""",
    "double": "def double(n):\n    return Number(2 * n.x)",
}
METHOD_TESTS = {
    "Number": "check.equal(Number(3.0).x, 3.0)",
    "double": "check.equal(double(Number(3.0)).x, 6.0)\ncheck.equal(Number(1.0).twice().x, 4.0)",
}


@pytest.mark.parametrize(
    ("double", "points"),
    [
        ("return Number(2 * n.x)", 1),
        ("n.x = 2 * n.x\n    return n", 1),
        ("return Number(3 * n.x)", 0),
        ("return n.double()", 0),
        ("return n.twice()", 0),
        ("return Number.double(n)", 0),
    ],
)
def test_lent_class_answers_no_other_exercise(judge: Judge, double: str, points: int) -> None:
    """A method that calls the exercise under test calls the student's answer to it."""
    notebook = make_notebook(METHODS, METHOD_TESTS)
    lesson = make_lesson(notebook)
    notebook.cells[1].source = "class Number:\n    def __init__(self, x):\n        self.x = -x"
    notebook.cells[3].source = f"def double(n):\n    {double}"
    assert [o.points for o in judge.grade(lesson, notebook, "s").outcomes] == [0, points]


SHARED = f"""{SETUP}
import itertools
from contextlib import contextmanager

made = []
numbers = itertools.count(1)

@contextmanager
def recording():
    made.append([])
    try:
        yield made[-1]
    finally:
        made.pop()

class Pair:
    def __init__(self, a, b):
        self.a, self.b = a, b
    def __add__(self, other):
        return Pair(self.a + other.a, self.b + other.b)
"""
SHARING = {
    "Step": """
class Step:
    def __init__(self, x):
        self.x, self.number = x, next(numbers)
        for steps in made[-1:]:
            steps.append(self)
    def __add__(self, other):
        return Step(self.x + other.x)
""",
    "trace": "def trace(f, *x):\n    with recording() as steps:\n        f(*map(Step, x))\n    return steps",
    "replay": "def replay(steps):\n    return [step.x for step in steps]",
    "pairs": "def pairs(a, b):\n    s = Step(Pair(a, b)) + Step(Pair(b, next(numbers) * 0))\n    return s.x.a, s.x.b",
}  # fmt: skip
SHARING_TESTS = {
    "Step": "check.equal((Step(1.0) + Step(2.0)).x, 3.0)",
    "trace": "check.equal([s.x for s in trace(lambda a, b: a + b + a, 1.0, 2.0)], [1, 2, 3, 4])",
    "replay": "check.equal(replay(trace(lambda a: a + a, 1.0)), [1.0, 2.0])",
    "pairs": "check.equal(pairs(1.0, 2.0), (3.0, 2.0))",
}


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("Step", SHARING["Step"].replace("self.x + other.x", "self.x - other.x")),
        ("Step", "class Step:\n    pass"),
        ("trace", "def trace(f, *x):\n    return []"),
    ],
)
def test_what_given_code_keeps_is_shared_with_a_lent_class(
    judge: Judge, name: str, answer: str
) -> None:
    """Given lists, counters and classes are the same ones for lent answers and the student's."""
    notebook = make_notebook(SHARING, SHARING_TESTS, setup=SHARED)
    lesson = make_lesson(notebook)
    for cell in notebook.cells:
        if cell.metadata.get("exercise") == name:
            cell.source = answer
    points = {o.exercise: o.points for o in judge.grade(lesson, notebook, "s").outcomes}
    assert points == dict.fromkeys(SHARING, 1) | {name: 0}


def test_second_tries_leave_no_names_behind(judge: Judge) -> None:
    """After its test the student's own class is back, for exercises that do not use it rightly."""
    exercises = {
        "A": "class A:\n    n = 1",
        "b": "def b():\n    return A.n",
        "c": "def c():\n    return b()",
        "d": "def d():\n    return 5",
    }
    tests = {"A": "check.equal(A.n, 1)", "b": "check.equal(b(), 1)", "c": "check.equal(c(), 1)"}
    tests["d"] = "check.equal(d(), 5)"
    notebook = make_notebook(exercises, tests)
    lesson = make_lesson(notebook)
    notebook.cells[1].source = "class A:\n    n = 2"
    notebook.cells[7].source = "def d():\n    return A.n + 4"  # right only with the right `A`
    points = [o.points for o in judge.grade(lesson, notebook, "s").outcomes]
    assert points == [0, 1, 1, 0]


def test_second_tries_are_made_once_where_that_is_asked() -> None:
    """A second try is shared by notebooks that differ in replaced answers alone."""
    exercises = {"A": "class A:\n    n = 1", "b": "def b():\n    return A.n"}
    tests = {"A": "check.equal(A.n, 1)", "b": "check.equal(b(), 1)"}
    notebook = make_notebook(exercises, tests)
    lesson = make_lesson(notebook)
    with Judge(Limits(), b"s") as judge:
        judge.tries, judge.seeds_by_code = {}, False
        counts = []
        for source, later in [
            ("class A:\n    n = 2", exercises["b"]),
            ("class A:\n    n = 3", exercises["b"]),
            ("class A:\n    n = 3", "m = A.n\ndef b():\n    return A.n"),
            ("class A:\n    n = 4", "m = A.n\ndef b():\n    return A.n"),
        ]:
            notebook.cells[1].source, notebook.cells[3].source = source, later
            assert [o.points for o in judge.grade(lesson, notebook, "s").outcomes] == [0, 1]
            counts.append(len(judge.tries))
    # Where `m` has the student's class in it, the class is part of what the try depends on.
    assert counts == [1, 1, 2, 3]
