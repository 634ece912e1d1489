"""What a test may do with the student's objects, and what those may not do to a test."""

from collections.abc import Callable

import pytest

from coursework.judge.report import Outcome

TryOut = Callable[..., Outcome]

DUAL = '''
class Dual:
    """A number with a derivative."""

    unit = "one"
    __array_ufunc__ = None

    def __init__(self, value, slope=0.0):
        self.value, self.slope = value, slope

    def __add__(self, other):
        other = other if isinstance(other, Dual) else Dual(other)
        return Dual(self.value + other.value, self.slope + other.slope)

    __radd__ = __add__

    def __mul__(self, other):
        other = other if isinstance(other, Dual) else Dual(other)
        return Dual(self.value * other.value, self.value * other.slope + self.slope * other.value)

    __rmul__ = __mul__

    def __sub__(self, other):
        return self + (-1) * other

    def __rsub__(self, other):
        return (-1) * self + other

    def __neg__(self):
        return (-1) * self

    def __pow__(self, power):
        return Dual(self.value**power, power * self.value ** (power - 1) * self.slope)

    def __matmul__(self, other):
        return "matmul"

    def __lt__(self, other):
        return self.value < other.value

    def __eq__(self, other):
        return self.value == other.value

    def __hash__(self):
        return hash(self.value)

    def __getitem__(self, key):
        return (self.value, self.slope)[key]

    def __setitem__(self, key, value):
        self.value = value

    def __len__(self):
        return 2

    def __iter__(self):
        yield self.value
        yield self.slope

    def __contains__(self, item):
        return item in (self.value, self.slope)

    def __call__(self, x):
        return self.value + self.slope * x

    def __float__(self):
        return float(self.value)

    def __bool__(self):
        return self.value != 0

    def __repr__(self):
        return f"Dual({self.value}, {self.slope})"

    def __iadd__(self, other):
        self.value += 100
        return self

    @property
    def pair(self):
        return (self.value, self.slope)

    @classmethod
    def variable(cls, value):
        return cls(value, 1.0)

    def scaled(self, factor, *, twice=False):
        """Return a multiple."""
        return self * (2 * factor if twice else factor)


def derivative(f, x):
    return f(Dual.variable(x)).slope


def make_adder(k):
    def add(x):
        return x + k

    return add


def compose(f, g):
    return lambda x: f(g(x))


def chunks(items, size):
    for start in range(0, len(items), size):
        yield items[start : start + size]


def shapes(tree):
    return {key: value.shape for key, value in tree.items()}
'''

HOLDS = {
    "attribute": "check.equal(Dual(2.0, 3.0).value, 2.0)",
    "property": "check.equal(Dual(2.0, 3.0).pair, (2.0, 3.0))",
    "set attribute": "d = Dual(1.0)\nd.value = 5.0\ncheck.equal(d.value, 5.0)",
    "class attribute": "check.equal(Dual.unit, 'one')",
    "classmethod": "check.equal(Dual.variable(2.0).slope, 1.0)",
    "method": "check.equal(Dual(2.0, 3.0).scaled(2, twice=True).pair, (8.0, 12.0))",
    "operators": "check.equal((Dual(2.0, 1.0) * Dual(3.0, 1.0) + 1).pair, (7.0, 5.0))",
    "reflected": "check.equal((5 - Dual(2.0, 1.0)).pair, (3.0, -1.0))",
    "numpy scalar on the left": "check.equal((np.float64(5) - Dual(2.0, 1.0)).pair, (3.0, -1.0))",
    "negation": "check.equal((-Dual(2.0, 1.0)).pair, (-2.0, -1.0))",
    "power": "check.equal((Dual(2.0, 1.0) ** 3).pair, (8.0, 12.0))",
    "matmul": "check.equal(Dual(1.0) @ 3, 'matmul')",
    "in place operator": "d = Dual(1.0)\nd += 1\ncheck.equal(d.value, 101.0)",
    "comparison": "check.equal((Dual(1.0) < Dual(2.0), Dual(2.0) < Dual(1.0)), (True, False))",
    "equality": "check.equal((Dual(1.0) == Dual(1.0), Dual(1.0) == Dual(2.0)), (True, False))",
    "index": "check.equal((Dual(4.0, 5.0)[1], Dual(4.0, 5.0)[0:2]), (5.0, (4.0, 5.0)))",
    "set item": "d = Dual(1.0)\nd[0] = 9.0\ncheck.equal(d.value, 9.0)",
    "len": "check.equal(len(Dual(1.0)), 2)",
    "iteration": "check.equal(list(Dual(4.0, 5.0)), [4.0, 5.0])",
    "contains": "check.equal((4.0 in Dual(4.0), 7.0 in Dual(4.0)), (True, False))",
    "call": "check.equal(Dual(1.0, 2.0)(10.0), 21.0)",
    "float": "check.equal(float(Dual(4.0)), 4.0)",
    "bool": "check.equal((bool(Dual(0.0)), bool(Dual(1.0))), (False, True))",
    "repr": "check.equal(repr(Dual(1.0, 2.0)), 'Dual(1.0, 2.0)')",
    "isinstance": "assert isinstance(Dual(1.0), Dual)\nassert not isinstance(3.0, Dual)",
    "dict key": "check.equal({Dual(1.0): 'a'}[Dual(1.0)], 'a')",
    "function back": "check.close(derivative(lambda x: x * x * x, 2.0), 12.0)",
    "function back twice": "for k in (2.0, 3.0):\n    check.close(derivative(lambda x: k * x, 1.0), k)",
    "reference passed": "check.close(derivative(lambda x: 3 * x, 2.0), 3.0)",
    "closure": "add = make_adder(3)\ncheck.equal((add(1), add(2)), (4, 5))",
    "closure over a function of the test": "h = compose(np.sqrt, lambda x: x + 9)\ncheck.close(h(16.0), 5)",
    "student's object passed back": "check.equal(compose(Dual(1.0, 2.0), make_adder(1))(2.0), 7.0)",
    "generator": "check.equal([list(c) for c in chunks([1, 2, 3], 2)], [[1, 2], [3]])",
    "dict": "check.equal(shapes({'a': np.ones((2, 3))}), {'a': (2, 3)})",
    "raises": "check.raises(TypeError, Dual)\ncheck.raises(IndexError, lambda: Dual(1.0)[5])",
    "exception of callback": """
def boom(x):
    raise ValueError('boom')
check.raises(ValueError, derivative, boom, 1.0)""",
    "objects in a list": "check.equal([d.value for d in [Dual(1.0), Dual(2.0)]], [1.0, 2.0])",
    "sum": "check.equal(sum([Dual(1.0, 1.0), Dual(2.0, 1.0)]).pair, (3.0, 2.0))",
}


@pytest.mark.parametrize("test", HOLDS.values(), ids=HOLDS)
def test_standin_behaves_as_the_object(try_out: TryOut, test: str) -> None:
    """A test written for real objects holds for stand-ins."""
    outcome = try_out(DUAL, test)
    assert outcome.status == "passed", outcome.message


@pytest.mark.parametrize("test", HOLDS.values(), ids=HOLDS)
def test_same_test_holds_in_a_notebook(test: str) -> None:
    """The same lines hold in the instructor's open notebook, without the judge."""
    setup = (
        "import numpy as np\nfrom coursework import check\nfrom coursework.check import reference"
    )
    namespace: dict[str, object] = {}
    exec(f"{setup}\n{DUAL}\n{test}", namespace)


LIARS = {
    "always equal": "def __eq__(self, other): return True",
    "always close": "def __sub__(self, other): return 0.0\n    __rsub__ = __sub__",
    "always true": "def __bool__(self): return True",
    "ordered as asked": "def __lt__(self, other): return True\n    __gt__ = __le__ = __ge__ = __lt__",
    "array function": "def __array_function__(self, *a): return True",
    "array ufunc": "def __array_ufunc__(self, *a, **k): return True",
    "lies about its class": "__class__ = float",
}


@pytest.mark.parametrize("method", LIARS.values(), ids=LIARS)
@pytest.mark.parametrize(
    "test",
    [
        "check.close(make_adder(1)(2), 3)",
        "check.equal(make_adder(1)(2), 3)",
        "assert make_adder(1)(2) == 3",
        "assert abs(make_adder(1)(2) - 3) < 1e-9",
        "assert np.allclose(make_adder(1)(2), 3)",
        "assert np.array_equal(make_adder(1)(2), np.array(3))",
        "assert make_adder(1)(2)",
        "assert make_adder(1)(2) < 4",
    ],
)
def test_lying_object_earns_nothing(try_out: TryOut, method: str, test: str) -> None:
    """An object of a class that no exercise defines has no say in a comparison."""
    liar = f"class Liar:\n    {method}\ndef make_adder(k):\n    return lambda x: Liar()\n"
    assert try_out(DUAL, test, liar).points == 0


def test_borrowed_function_answers_no_other_exercise(try_out: TryOut) -> None:
    """A reference function that is lent to one exercise cannot answer another."""
    solution = "def square(x):\n    return x * x\ndef apply(f, x):\n    return f(x)"
    test = "check.close(apply(reference.square, 3.0), 9.0)\ncheck.close(square(3.0), 9.0)"
    thief = (
        "kept = []\n"
        "def apply(f, x):\n    kept.append(f)\n    return f(x)\n"
        "def square(x):\n    return kept[0](x)"
    )
    assert try_out(solution, test).status == "passed"
    outcome = try_out(solution, test, thief)
    assert outcome.points == 0
    assert "not passed to this exercise" in outcome.message


def test_failed_check_in_a_callback_counts_though_caught(try_out: TryOut) -> None:
    """A check that fails inside a function of the test fails the test, whatever catches it."""
    solution = "def twice(f):\n    return [f(1.0), f(2.0)]"
    test = """
def probe(x):
    check.close(x, 1.0)
    return x
check.shape(twice(probe), (2,))
"""
    catcher = """
def twice(f):
    try:
        f(5.0)
    except BaseException:
        pass
    return [1.0, 1.0]
"""
    assert "expected 1" in try_out(solution, test, catcher).message


def test_custom_exception_arrives_with_its_name(try_out: TryOut) -> None:
    """An exception of the student's own class is named; a subclass counts as its base."""
    own = "class Oops(ValueError): pass\ndef f(x):\n    raise Oops('no')"
    solution = "def f(x):\n    raise ValueError('no')"
    assert try_out(solution, "check.raises(ValueError, f, 1)", own).status == "passed"
    assert "It raises Oops: no" in try_out(solution, "f(1)", own).message


def test_test_cannot_catch_a_lost_process(try_out: TryOut) -> None:
    """A test that catches every Exception does not continue without a process."""
    test = "try:\n    f(1)\nexcept Exception:\n    pass"
    answer = "import os\ndef f(x):\n    os._exit(1)"
    assert try_out("def f(x):\n    return x", test, answer).status == "died"
