"""Behavioural mutants: whole cells that are wrong in the way that their names say, and no other."""

import ast
import inspect
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coursework.course.layout import Course
from coursework.course.lesson import Cell, Lesson, read_lesson
from coursework.course.names import defined_names
from coursework.judge.instructor import quietly
from coursework.mutants.behaviour import FAMILIES, MOST, Behaviour, behaviours
from coursework.mutants.behaviour.docstring import parse
from coursework.mutants.behaviour.tools import is_number, mapped, sizes_of

ROOT = Path(__file__).parents[2]
PATHS = Course(ROOT).lesson_files()

Namespace = dict[str, Any]


def function(entries: str, returns: str, body: str, summary: str = "Do it.") -> str:
    """Return the cell of an exercise `f` with a docstring in sections."""
    names = [name for line in entries.split("\n") for name in line.split(" : ")[0].split(", ")]
    lines = "\n".join(f"    {line}" for line in entries.split("\n"))
    body = "\n".join(f"    {line}" for line in body.split("\n"))
    return (
        f'def f({", ".join(names)}):\n    """{summary}\n\n    Parameters\n    ----------\n{lines}\n'
        f'\n    Returns\n    -------\n    {returns}\n    """\n    ### BEGIN SOLUTION\n{body}\n'
        "    ### END SOLUTION"
    )


OPTIMIZER = '''class Sgd:
    """Steps with momentum 1.

    Parameters
    ----------
    lr : float
        Learning rate. It may be set anew between two steps.

    Attributes
    ----------
    v, s : list of ndarray
        The sums for each parameter; None before the first step.
    """

    def __init__(self, lr=1.0):
        self.lr = lr
        self.t = 0
        self.v = self.s = None

    def step(self, params, grads):
        """Take one step.

        Parameters
        ----------
        params : list of ndarray
            Float arrays of any shapes. They are changed in place.
        grads : list of ndarray
            Left unchanged.
        """
        ### BEGIN SOLUTION
        if self.v is None:
            self.v = [np.zeros_like(p) for p in params]
            self.s = [np.array(g) for g in grads]
        self.t += 1
        for p, g, v in zip(params, grads, self.v):
            v += g
            p -= self.lr * v * self.t
        ### END SOLUTION
'''
NODE = '''class Node:
    def __init__(self, value, inputs=()):
        self.value, self.inputs = float(value), list(inputs)


def f(output):
    """Return all nodes. It works for graphs of any depth, in a time proportional to it.

    Parameters
    ----------
    output : Node

    Returns
    -------
    list of Node
        Each once.
    """
    ### BEGIN SOLUTION
    found, seen, stack = [], set(), [output]
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            found.append(node)
            stack += node.inputs
    return found
    ### END SOLUTION
'''
TEST = (
    "f(np.array([1.0, 2.0]), 3.0)\n### BEGIN HIDDEN TESTS\nf(np.ones(3), 3.0)\n### END HIDDEN TESTS"
)

VECTOR = "x : ndarray, shape (n,)\ny : float"
SCALE = function(VECTOR, "ndarray, shape (n,)", "return x * y")
PAIR = function("x, y : ndarray, shape (n,)", "ndarray, shape (n,)", "return 2 * x + y")
TABLE = function("X : ndarray, shape (n, d)", "ndarray, shape (n, d)", "return X * [[1.0], [2.0]]")
LEFT = function(
    "X : ndarray, shape (n, d)\nw : ndarray, shape (d,)", "ndarray, shape (n,)", "return X @ w"
)
PATH = function(
    "x : float\nn_steps : int, zero or more",
    "ndarray, shape (n_steps + 1, 2)",
    "path = []\nfor k in range(n_steps + 1):\n    path.append([x**k, 1.0])\nreturn np.array(path)",
)
LOOP = function(
    "values : list of float",
    "list of float",
    "out = []\nfor v in values:\n    out.append(2 * v)\nreturn out",
)
DRAW = function(
    "n : int\nrng : numpy.random.Generator", "ndarray, shape (n,)", "return rng.random(n)"
)
CALL = function("g : callable\nx : float", "ndarray, shape (2,)", "return g(x) + 0.0")
TURN = function("x : ndarray\naxes : tuple of int", "ndarray", "return x.transpose(axes)")
EQUAL = function(
    "x : ndarray, shape (n,)\ny : float",
    "float",
    "if np.all(x == y):\n    return np.log(x[0]) + np.sqrt(x[0])\nreturn np.exp(x[0]) / x[1]",
)
CLOSE = function("x, y : float", "float", "return 1.0 if np.isclose(x, y) else 0.0")
LARGEST = function("x : ndarray, shape (n,)", "float", "return float(np.argmax(x))")
EMPTY = function("x : ndarray, shape (n,); n may be 0", "float", "return 1.0 + np.sum(x)")
ROWS = function("x : ndarray, shape (n,) or (n, d)", "ndarray", "return 2.0 * x")

A = "np.array([1.0, 2.0])"
STEP = "o = Sgd(); p = [np.ones(2), np.ones((2, 2))]; g = [np.ones(2), np.ones((2, 2))]; "
TWICE = STEP + "o.step(p, g); o.step(p, g); "

# Of each behaviour: an exercise, a call that shows nothing, and one that shows it.
CASES = {
    "memory.first_result": (SCALE, f"f({A}, 2.0)", f"f({A}, 2.0), f({A}, 3.0)"),
    "memory.by_shape": (PAIR, f"f({A}, {A})", f"f({A}, {A}), f({A}, 2 * {A})"),
    "memory.by_first_argument": (SCALE, f"f({A}, 2.0), f(2 * {A}, 3.0)", f"f({A}, 2.), f({A}, 3.)"),
    "memory.works_once": (SCALE, f"f({A}, 2.0)", f"f({A}, 2.0), f({A}, 3.0)"),
    "memory.only_first_call": (OPTIMIZER, STEP + "o.step(p, g); p", TWICE + "p"),
    "memory.adds_up": (SCALE, f"f({A}, 2.0)", f"f({A}, 2.0), f({A}, 3.0)"),
    "memory.accumulates": (LOOP, "f([1.0])", "f([1.0]), f([2.0])"),
    "memory.shared_by_instances": (
        OPTIMIZER,
        TWICE + "p",
        STEP + "o.step(p, g); Sgd().step(p, g); p",
    ),
    "memory.forgets": (OPTIMIZER, STEP + "o.step(p, g); p", TWICE + "p"),
    "memory.state_by_shape": (
        OPTIMIZER,
        TWICE + "p",
        "o = Sgd(); p = [np.ones(2), np.zeros(2)]; g = list(np.eye(2)); o.step(p, g); o.step(p, g); p",
    ),
    "memory.one_list(v, s)": (OPTIMIZER, TWICE + "p", TWICE + "o.s"),
    "memory.first_setting(lr)": (OPTIMIZER, TWICE + "p", TWICE + "o.lr = 0.5; o.step(p, g); p"),
    "memory.counts_parameters(t)": (OPTIMIZER, STEP + "o.step(p, g); p", TWICE + "p"),
    "memory.by_value": (
        NODE,
        "len(f(Node(3, [Node(1), Node(2)])))",
        "len(f(Node(3, [Node(1), Node(1)])))",
    ),
    "precision.float32(x, y)": (SCALE, f"f({A}, 2.0)", f"f({A}, 0.1)"),
    "precision.dtype_of_input(x)": (SCALE, f"f({A}, 0.5)", "f(np.array([1, 2]), 0.5)"),
    "precision.rounded_6": (SCALE, f"f({A}, 1e-6)", f"f({A}, 1e-7)"),
    "precision.rounded_12": (SCALE, f"f({A}, 1e-12)", f"f({A}, 1e-13)"),
    "precision.clipped(x, y)": (SCALE, f"f({A}, 50.0)", f"f({A}, 51.0)"),
    "precision.log_offset": (EQUAL, f"f({A}, 1.0)", "f(np.full(2, 1e-10), 1e-10)"),
    "precision.root_offset": (EQUAL, f"f({A}, 1.0)", "f(np.full(2, 1e-10), 1e-10)"),
    "precision.exponent_clipped": (EQUAL, f"f({A}, 1.0)", f"f(60 * {A}, 1.0)"),
    "precision.quotient_offset": (EQUAL, "f(np.ones(2), 1.0)", "f(np.array([1.0, 1e-10]), 1.0)"),
    "precision.is_close": (EQUAL, f"f({A}, 1.0)", "f(np.array([1.0, 1.0 + 1e-9]), 1.0)"),
    "precision.is_equal": (CLOSE, "f(1.0, 1.0), f(1.0, 2.0)", "f(1.0, 1.0 + 1e-9)"),
    "aliasing.changes_input(x)": (SCALE, f"f({A}, 2.0)", f"x = {A}; f(x, 2.0); x"),
    "aliasing.returns_input(x)": (SCALE, f"f({A}, 2.0)", f"x = {A}; f(x, 2.0); x"),
    "aliasing.keeps_input(grads)": (
        OPTIMIZER,
        STEP + "o.step(p, g); o.s",
        STEP + "o.step(p, g); g[0] += 5; o.s",
    ),
    "aliasing.changes_answer(g)": (
        CALL,
        f"f(lambda x: {A}, 1.)",
        f"a = {A}; f(lambda x: a, 1.0); a",
    ),
    "aliasing.one_row": (PATH, "f(2.0, 0)", "f(2.0, 1)"),
    "aliasing.rebinds(params)": (
        OPTIMIZER,
        STEP + "o.step(p, g); p",
        STEP + "q = p[0]; o.step(p, g); q",
    ),
    "aliasing.on_copies(params)": (OPTIMIZER, "Sgd().lr", STEP + "o.step(p, g); p"),
    "shortcuts.zero(x)": (EMPTY, f"f({A})", "f(np.zeros(2))"),
    "shortcuts.constant(x)": (SCALE, f"f({A}, 2.0), f(np.zeros(2), 1.0)", "f(np.ones(2), 2.0)"),
    "shortcuts.single(x)": (SCALE, f"f({A}, 2.0)", "f(np.ones(1), 2.0)"),
    "shortcuts.empty(x)": (EMPTY, f"f({A})", "f(np.zeros(0))"),
    "shortcuts.stops_early": (PATH, "f(2.0, 3)", "f(1.0, 3)"),
    "shortcuts.tiny_inputs(x, y)": (SCALE, f"f({A}, 1e-11)", f"f({A}, 1e-13)"),
    "shortcuts.tiny_results": (SCALE, f"f({A}, 1e-11)", f"f({A}, 1e-13)"),
    "shortcuts.two_rows": (SCALE, f"f({A}, 2.0)", "f(np.ones(3), 2.0)"),
    "shortcuts.two_columns": (TABLE, "f(np.ones((2, 2)))", "f(np.ones((2, 3)))"),
    "shortcuts.two_entries(params, grads)": (
        OPTIMIZER,
        TWICE + "p",
        "p = [np.ones(1) for _ in range(3)]; Sgd().step(p, p); p",
    ),
    "shortcuts.two_dimensions(grads)": (
        OPTIMIZER,
        TWICE + "p",
        "p = [np.ones((1, 2, 1))]; Sgd().step(p, [np.ones((1, 2, 1))]); p",
    ),
    "shortcuts.no_scalar(grads)": (
        OPTIMIZER,
        TWICE + "p",
        "p = [np.array(1.0)]; Sgd().step(p, [np.array(1.0)]); p",
    ),
    "shortcuts.no_matrix(x)": (ROWS, f"f({A})", "f(np.ones((2, 2)))"),
    "shortcuts.memory_order(X)": (
        LEFT,
        f"f(np.array([[1.0, 2.0], [3.0, 4.0]]), {A})",
        f"f(np.array([[1.0, 2.0], [3.0, 4.0]]).T, {A})",
    ),
    "shortcuts.visible_sizes": (SCALE, f"f(5 * {A}, 2.0)", "f(np.ones(3), 3.0)"),
    "shortcuts.visible_values": (SCALE, f"f({A}, 3.0)", f"f({A}, 2.0)"),
    "shortcuts.last_of_ties": (LARGEST, f"f({A})", "f(np.ones(3))"),
    "order.swapped(x, y)": (PAIR, f"f({A}, {A})", f"f({A}, 2 * {A})"),
    "order.square_transposed(X)": (
        LEFT,
        f"f(np.array([[1.0, 2.0]]), {A})",
        f"f(np.array([[1.0, 2.0], [3.0, 4.0]]), {A})",
    ),
    "order.rows_reversed": (SCALE, "f(np.ones(2), 2.0)", f"f({A}, 2.0)"),
    "order.sizes_sorted(axes)": (TURN, "f(np.ones((1, 2)), (0, 1))", "f(np.ones((1, 2)), (1, 0))"),
    "order.recursive(values)": (LOOP, "f([1.0] * 500)", "f([1.0] * 10_000)"),
    "order.recursive_in_graph(output)": (
        NODE,
        "len(f(Node(0, [Node(k) for k in range(2000)])))",
        "node = Node(0)\nfor k in range(2000): node = Node(k, [node])\nlen(f(node))",
    ),
    "order.own_random(rng)": (
        DRAW,
        "f(0, np.random.default_rng(5))",
        "f(2, np.random.default_rng(5))",
    ),
    "order.drawn_before(rng)": (
        DRAW,
        "f(0, np.random.default_rng(5))",
        "f(2, np.random.default_rng(5))",
    ),
}
COUNT = function(VECTOR, "ndarray of int, shape (n,)", "return (x > y).astype(int) + 1")
TOTAL = function(VECTOR, "int", "return 1 + int(np.sum(x > y))")
MODE = function("x : ndarray, shape (n,)\nmode : str", "ndarray", "return x * len(mode)")
# Answers of whole numbers, texts and NumPy's scalars among the arguments.
MORE = [
    ("memory.adds_up", COUNT, f"f({A}, 1.0)", f"f({A}, 1.0), f({A}, 1.0)"),
    ("shortcuts.zero(x)", COUNT, f"f({A}, 1.0)", "f(np.zeros(2), 1.0)"),
    ("shortcuts.single(x)", TOTAL, f"f({A}, 1.0)", "f(np.ones(1), 1.0)"),
    ("shortcuts.two_rows", COUNT, f"f({A}, 1.0)", "f(np.ones(3), 1.0)"),
    ("shortcuts.visible_sizes", TOTAL, f"f(3 * {A}, 1.0)", "f(np.ones(3), 1.0)"),
    ("shortcuts.visible_values", COUNT, f"f({A}, 3.0)", f"f({A}, 1.0)"),
    ("shortcuts.visible_values", SCALE, f"f({A}, np.float64(3.0))", f"f({A}, np.float64(2.0))"),
    (
        "shortcuts.tiny_inputs(x, y)",
        SCALE,
        f"f({A}, np.float64(1.0))",
        f"f({A}, np.float64(1e-13))",
    ),
    (
        "memory.by_shape",
        MODE,
        f"f({A}, ''.join('ab')), f({A}, ''.join('abc')), f({A}, ''.join('ab'))",
        f"f({A}, ''.join('ab')), f(2 * {A}, ''.join('ab'))",
    ),
    ("memory.by_shape", SCALE, f"f({A}, np.int64(2))", f"f({A}, np.int64(2)), f({A}, np.int64(3))"),
]


def made(source: str) -> dict[str, Behaviour]:
    """Return the behaviours of an exercise by name."""
    cell = Cell("exercise", "f", source, "f")
    lesson = Lesson("a", "n", Path("a/n.md"), (cell, Cell("test", "test_f", TEST, "f")))
    return {one.name: one for one in behaviours(lesson, cell)}


def shown(source: str, probe: str) -> str:
    """Run a cell, and then a probe; return its last value, or the exception, as a text."""
    names: Namespace = {"np": np}
    exec(compile(source, "<cell>", "exec"), names)
    *lines, last = ast.parse(probe).body
    try:
        with quietly(), np.printoptions(precision=17):
            exec("\n".join([*map(ast.unparse, lines), f"probed = {ast.unparse(last)}"]), names)
            return repr(names["probed"])
    except Exception as error:  # noqa: BLE001  (that it raises is what is shown)
        return type(error).__name__


@pytest.mark.parametrize(
    ("name", "source", "harmless", "telling"),
    [*((name, *case) for name, case in CASES.items()), *MORE],
)
def test_behaviour_shows_in_its_case_alone(
    name: str, source: str, harmless: str, telling: str
) -> None:
    """A mutant differs from the solution where its name says, and agrees with it elsewhere."""
    mutant = made(source)[name].source
    assert shown(mutant, harmless) == shown(source, harmless)
    assert shown(mutant, telling) != shown(source, telling)
    assert "NameError" not in (shown(mutant, telling), shown(source, telling))


def test_behaviour_list_for_set() -> None:
    """Where a set is looked up, a mutant looks up in a list: right, in a time with the square."""
    mutant = made(NODE)["order.list_for_set"].source
    assert "seen, stack = ([], [], [output])" in mutant or "[], [], [output]" in mutant
    assert ".append(node)" in mutant
    assert shown(mutant, "len(f(Node(1, [Node(2)])))") == "2"


def test_behaviour_every_kind_is_tried() -> None:
    """No kind of behaviour is without a case above."""
    tried = {name.split("(")[0] for name in (*CASES, "order.list_for_set")}
    assert tried == {f"{family}.{kind.name}" for family in FAMILIES for kind in FAMILIES[family]}


NOT_MADE = [
    ("order.own_random", SCALE, "it draws nothing"),
    ("order.recursive", SCALE, "it has no loop"),
    ("order.list_for_set", LOOP, "it has no set"),
    ("order.swapped", LEFT, "a matrix is no vector"),
    ("order.swapped", SCALE, "an array is no number"),
    ("aliasing.returns_input", LEFT, "the result has another shape"),
    ("aliasing.rebinds", PAIR, "nothing is changed in place"),
    ("memory.first_setting", PAIR, "it has no settings"),
    ("memory.shared_by_instances", PAIR, "it has no instances"),
    ("precision.log_offset", PAIR, "it has no logarithm"),
    ("precision.is_close", PAIR, "it compares nothing"),
    ("shortcuts.empty", PAIR, "the docstring allows no empty array"),
    ("shortcuts.no_matrix", PAIR, "the docstring allows no matrix"),
    ("shortcuts.stops_early", SCALE, "it takes no steps"),
    ("shortcuts.two_columns", SCALE, "the result is a vector"),
]


@pytest.mark.parametrize(("kind", "source", "why"), NOT_MADE)
def test_behaviour_not_made(kind: str, source: str, why: str) -> None:
    """Where a behaviour would be the solution itself it is not made."""
    assert kind not in {name.split("(")[0] for name in made(source)}, why


def test_behaviour_names_what_it_breaks() -> None:
    """The report has a sentence on what a mutant does, and those of the docstring against it."""
    source = PAIR.replace(
        "    x, y : ndarray, shape (n,)\n",
        "    x : ndarray, shape (n,)\n        Of any size. It is left unchanged.\n    y : ndarray\n",
    ).replace('    ndarray, shape (n,)\n    "', '    ndarray, shape (n,)\n        Sums.\n    "')
    found = made(source)
    one = found["aliasing.changes_input(x)"]
    assert one.about == "It changes `x` in place.\n> x: It is left unchanged."
    assert found["precision.rounded_6"].broken == ("x: Of any size.",)
    # Where nothing is said of it, what is returned stands for the rest.
    assert found["memory.first_result"].broken == ("Returns: ndarray, shape (n,) Sums.",)


def test_behaviour_many_routines() -> None:
    """An exercise of many functions has at most so many mutants, of each function some."""
    source = "\n\n\n".join(SCALE.replace("def f(", f"def f{k}(") for k in range(9))
    found = made(source)
    assert len(found) == MOST
    for k in range(9):
        assert any(f"(f{k}" in name for name in found)
    kinds = {name.split("(")[0] for name in made(SCALE) if "visible" not in name}
    assert kinds <= {name.split("(")[0] for name in found}


def test_behaviour_decorated_methods() -> None:
    """None is made from a property or a static method: they would become something else."""
    method = "\n\n    ".join(
        f"@{kind}\n    def {kind[:3]}(self=1):\n        ### BEGIN SOLUTION\n        return 1.0\n"
        "        ### END SOLUTION"
        for kind in ("property", "staticmethod", "classmethod")
    )
    assert made(f"class C:\n    {method}") == {}


def test_parse_docstring() -> None:
    """Entries of several names are one each; sentences of an entry begin with its name."""
    doc = parse(
        "Do.\n\nParameters\n----------\na, b : float\n    Both. Any.\n*c : int\n\n"
        "Returns\n-------\nfloat\n    It.\n\nRaises\n------\nValueError\n    Never.\n"
    )
    assert (doc.summary, doc.returns) == ("Do.", "float\n    It.")
    assert [(e.name, e.type, e.text) for e in doc.parameters.values()] == [
        ("a", "float", "Both. Any."),
        ("b", "float", "Both. Any."),
        ("c", "int", ""),
    ]
    assert list(doc.sentences())[1:4] == ["a: float", "a: Both.", "a: Any."]
    assert parse("One line.").summary == "One line."


# -- the lessons


def before(lesson: Lesson, cell: Cell) -> Namespace:
    """Return what the cells before an exercise define."""
    names: Namespace = {"__name__": "__main__"}
    for one in lesson.of_kind("given", "exercise"):
        if one.id == cell.id:
            break
        exec(compile(one.source, f"<{one.id}>", "exec"), names)
    return names


def public(names: Namespace, cell: Cell) -> dict[str, Any]:
    """Return what a cell defines: signatures, docstrings, and those of methods."""
    return {name: _face(names[name]) for name in sorted(defined_names(cell.source))}


def _face(value: Any) -> Any:
    if isinstance(value, type):
        methods = {k: _face(v) for k, v in vars(value).items() if inspect.isfunction(v)}
        return value.__name__, value.__doc__, methods
    if callable(value):
        return value.__name__, value.__doc__, str(inspect.signature(value))
    return type(value)


@pytest.mark.slow
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_behaviours_of_lesson(path: Path) -> None:
    """Each mutant of each lesson is a cell that runs and defines what the solution defines."""
    lesson = read_lesson(path)
    for cell in lesson.of_kind("exercise"):
        found = behaviours(lesson, cell)
        assert 0 < len({one.name for one in found}) == len(found) <= MOST, cell.exercise
        with quietly():
            start = before(lesson, cell)
            right = dict(start)
            exec(compile(cell.source, "<cell>", "exec"), right)
            for one in found:
                names = dict(start)
                exec(compile(one.source, f"<{one.name}>", "exec"), names)
                assert public(names, cell) == public(right, cell), one.name
                assert set(names) - set(right) <= {"_behaviour"}, one.name
        assert all(one.sentence and one.broken for one in found)


def test_sizes_of_parts_that_differ() -> None:
    """Folds, and lists of parameters, have parts of unequal sizes."""
    folds = [(np.arange(5), np.arange(3)), (np.ones((2, 2)), 1.0)]
    assert sizes_of([*folds, []]) == (((5,), (3,)), ((2, 2), ()), ())
    assert sizes_of(folds[0][0]) == (5,)


@pytest.mark.parametrize("value", [True, np.True_, np.array([True]), "1", None, 1j])
def test_numbers_are_no_truth_values(value: object) -> None:
    """What a wrapper changes are numbers, whole or real."""
    assert not is_number(value)


@pytest.mark.parametrize("value", [1, 1.0, np.int8(1), np.float32(1), np.uint8([1]), np.ones(2)])
def test_numbers_keep_their_types(value: object) -> None:
    """A whole number stays whole, and an array has the type that it had."""
    assert is_number(value)
    changed = mapped((value, [value]), lambda one: one * 2.0)
    for one in (changed[0], changed[1][0]):
        assert type(one) is type(value)
        assert np.asarray(one).dtype == np.asarray(value).dtype
        assert np.all(np.equal(one, 2 * np.asarray(value)))
