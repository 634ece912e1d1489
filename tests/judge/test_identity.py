"""Within a test cell the same object is the same object on the student's side, too."""

from collections.abc import Callable, Iterator

import pytest
from tiny import make_lesson, make_notebook

from coursework.ipc.limits import Limits
from coursework.judge.judge import Judge
from coursework.judge.report import Outcome

TryOut = Callable[..., Outcome]


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    """One judge for all, with time enough on a busy machine."""
    with Judge(Limits(cell_seconds=120.0, notebook_seconds=240.0), secret=b"secret") as made:
        yield made


PROBE = '''
import copy

kept, made, state, graph = [], [], {}, {}


class Momentum:
    """Keeps its state as PyTorch's optimizers do."""

    def __init__(self, lr=0.5, params=None):
        self.lr, self.state, self.params = lr, {}, params

    def step(self, params, grads):
        for p, g in zip(params, grads):
            v = self.state.setdefault(id(p), np.zeros_like(p))
            v[...] = 0.9 * v + g
            p -= self.lr * v

    def next(self, p, g):
        self.step([p], [g])
        return p

    def loss(self):
        return sum(float(np.sum(p**2)) for p in self.params)

    def buffers(self):
        return list(self.state.values())


class Layer:
    """Returns the array that it works with."""

    def __init__(self):
        self.w = np.ones(3)

    def parameters(self):
        return [self.w]

    def grow(self):
        self.w *= 2

    def total(self):
        return float(self.w.sum())


def keep(x):
    kept.append(x)
    return len(kept) - 1


def is_kept(i, x):
    return kept[i] is x


def is_in(i, key, x):
    return kept[i][key] is x


def content(i):
    return copy.deepcopy(kept[i])


def shares(i, x):
    return np.shares_memory(kept[i], x)


def count(things):
    return len({id(thing) for thing in things})


def are_same(*things):
    return all(thing is things[0] for thing in things)


def write(x, value):
    x[...] = value


def make():
    made.append([np.zeros(2), {"n": 1}])
    return made[-1]


def is_made(thing, *path):
    found = made[-1]
    for key in path:
        found = found[key]
    return found is thing


def twice():
    p = np.zeros(2)
    return [p, p]


def layout(x):
    return x.flags.c_contiguous, x.flags.f_contiguous, x.flags.writeable


def memory(x):
    return x.strides, x.base is None


def visit(node):
    """Count the nodes of a graph: a dict of lists of nodes."""
    seen, stack = set(), [node]
    while stack:
        one = stack.pop()
        if id(one) not in seen:
            seen.add(id(one))
            stack += one["parents"]
    return len(seen)


def memoized(x):
    if id(x) not in state:
        state[id(x)] = len(state), x
    return state[id(x)][0]


def swap(values):
    values.reverse()


def clear_and_raise(values):
    values.clear()
    raise ValueError("too late")


def same_again(f):
    return f() is f()


def tell(f, x):
    x += 1
    return f(x)


def both(f, g):
    return f is g


def draw(rng):
    return rng.normal(size=2)


def draw_kept(i):
    return kept[i].normal(size=2)
'''

SAME = {
    "state by id": """
p, optimizer = np.array([1.0, 2.0]), Momentum()
for _ in range(2):
    optimizer.step(check.in_place([p]), [np.ones(2)])
check.close(p, [1.0 - 0.5 - 0.95, 2.0 - 0.5 - 0.95])
check.equal(len(optimizer.buffers()), 1)
""",
    "state by id of a parameter that is returned": """
p, optimizer = np.array([1.0, 2.0]), Momentum()
for _ in range(3):
    p = optimizer.next(p, np.ones(2))
check.equal(len(optimizer.buffers()), 1)
""",
    "two optimizers": """
p, one, two = np.ones(2), Momentum(), Momentum()
for optimizer in (one, two, one):
    optimizer.step(check.in_place({"w": p}.values() and [p]), [np.ones(2)])
check.equal((len(one.buffers()), len(two.buffers())), (1, 1))
""",
    "array": "x = np.ones(3)\ni = keep(x)\ncheck.equal(is_kept(i, x), True)",
    "large array": "x = np.ones(300_000)\ni = keep(x)\ncheck.equal(is_kept(i, x), True)",
    "empty array": "x = np.ones((0, 3))\ni = keep(x)\ncheck.equal(is_kept(i, x), True)",
    "array of texts": "x = np.array(['a', 'b'])\ni = keep(x)\ncheck.equal(is_kept(i, x), True)",
    "list": "x = [1, 'two', None]\ni = keep(x)\ncheck.equal(is_kept(i, x), True)",
    "dict": "x = {'a': 1}\ni = keep(x)\ncheck.equal(is_kept(i, x), True)",
    "set": "x = {1, 2}\ni = keep(x)\ncheck.equal(is_kept(i, x), True)",
    "generator": "x = np.random.default_rng(0)\ni = keep(x)\ncheck.equal(is_kept(i, x), True)",
    "function": "x = lambda: 1\ni = keep(x)\ncheck.equal(is_kept(i, x), True)",
    "object of the student's": "x = Layer()\ni = keep(x)\ncheck.equal(is_kept(i, x), True)",
    "other array of the same content": "i = keep(np.ones(3))\ncheck.equal(is_kept(i, np.ones(3)), False)",
    "in a list": "x = np.ones(3)\ni = keep([0, x])\ncheck.equal(is_in(i, 1, x), True)",
    "in a tuple": "x = [1]\ni = keep((0, x))\ncheck.equal(is_in(i, 1, x), True)",
    "in a dict": "x = [1]\ni = keep({'a': x})\ncheck.equal(is_in(i, 'a', x), True)",
    "in a keyword": "x = [1]\ni = keep(x=x)\ncheck.equal(is_kept(i=i, x=x), True)",
    "as an attribute": "x, l = np.ones(3), Layer()\nl.w = x\nl.grow()\ncheck.equal(is_kept(keep(x), l.w) and l.total(), 3.0 and l.total())",
    "deep in lists": "x = {1}\ni = keep(x)\ncheck.equal(is_in(keep([[x]][0]), 0, x) and is_kept(i, x), True)",
    "twice in a call": "x = np.ones(3)\ncheck.equal((are_same(x, x), are_same(x, x.copy())), (True, False))",
    "large and twice in a call": "x = np.ones(30_000)\ncheck.equal(are_same(x, x, x), True)",
    "twice in a list": "p, q = np.ones(3), np.ones(3)\ncheck.equal((count([p, p]), count([p, q, p])), (1, 2))",
    "in a list and a dict": "p = np.ones(3)\ni = keep({'w': p})\ncheck.equal(is_in(i, 'w', [p][0]) and is_in(keep([p]), 0, p), True)",
    "content of an array is up to date": """
x = np.ones(3)
i = keep(x)
x += 1
check.equal(is_kept(i, x), True)
check.close(content(i), [2, 2, 2])
""",
    "content of a kept array": "x = np.ones(3)\ni = keep(x)\nx += 1\ncheck.close(content(i), [2, 2, 2])",
    "content of a kept list": "x = [1]\ni = keep(x)\nx.append([2])\nx[1].append(3)\ncheck.equal(content(i), [1, [2, 3]])",
    "content of a kept dict": "x = {'a': 1}\ni = keep(x)\nx['a'] = 2\nx['b'] = 3\ncheck.equal(content(i), {'a': 2, 'b': 3})",
    "content of a kept set": "x = {1}\ni = keep(x)\nx.add(2)\ncheck.equal(content(i), {1, 2})",
    "content in a kept list": "p = np.zeros(2)\ni = keep([p])\np += 1\ncheck.close(content(i)[0], [1, 1])",
    "content in an object": "p = np.ones(2)\no = Momentum(params=[p])\np *= 3\ncheck.close(o.loss(), 18.0)",
    "list that becomes shorter": "x = [[1], [2], [3]]\ni = keep(x)\ndel x[0]\ncheck.equal(is_in(i, 0, x[0]), True)",
    "graph": """
a = {"parents": []}
b = {"parents": [a]}
c = {"parents": [a, b, a]}
check.equal(visit(c), 3)
""",
    "memo by id": """
x, y = np.ones(2), np.ones(2)
check.equal([memoized(v) - memoized(x) for v in (x, y, x, y)], [0, 1, 0, 1])
""",
    "temporary arrays": """
first = [keep(np.full(3, float(k))) for k in range(150)]
check.close([content(i)[0] for i in first[::25]], np.arange(0.0, 150.0, 25.0))
""",
    "view beside its array": "x = np.arange(6.0)\ni = keep(x)\ncheck.equal((shares(i, x[::2]), shares(i, x.copy())), (True, False))",
    "view before its array": "x = np.arange(6.0)\ni = keep(x[1:3])\ncheck.equal((shares(i, x), shares(i, x[4:])), (True, False))",
    "view of a view": "x = np.arange(12.0).reshape(3, 4)\ni = keep(x)\ncheck.equal(shares(i, x[1:][::-1, 0]), True)",
    "view is written": """
x = np.zeros(6)
i = keep(x)
write(check.in_place(x[::2]), 1.0)
check.close(x, [1, 0, 1, 0, 1, 0])
check.close(content(i), [1, 0, 1, 0, 1, 0])
""",
    "view of other entries": "x = np.arange(6)\ni = keep(x[:3])\nj = keep(x[3:])\nx += 1\ncheck.equal((content(i), content(j)), ([1, 2, 3], [4, 5, 6]))",
    "view as another type": "x = np.zeros(2, complex)\ni = keep(x)\ncheck.equal(shares(i, x.view(float)), True)",
    "broadcast view": "x = np.arange(3.0)\ni = keep(x)\nv = np.broadcast_to(x, (2, 3))\ncheck.equal((shares(i, v), memory(v)[0]), (True, (0, 8)))",
    "reversed view of a matrix": "x = np.arange(6.0).reshape(2, 3)[::-1, ::-1]\ni = keep(x)\ncheck.close(content(i), x)\ncheck.equal(memory(x), ((-24, -8), False))",
    "Fortran order": "x = np.asfortranarray(np.ones((2, 3)))\ncheck.equal(layout(x), (False, True, True))\ncheck.equal(layout(x.T), (True, False, True))",
    "view in Fortran order": "x = np.asfortranarray(np.arange(6.0).reshape(2, 3))\ni = keep(x)\ncheck.equal(shares(i, x[1]), True)\ncheck.close(content(i), x)",
    "transposed": "x = np.ones((2, 3))\ni = keep(x)\ncheck.equal((shares(i, x.T), layout(x.T)), (True, (False, True, True)))",
    "owner": "x = np.ones((2, 3))\ncheck.equal((memory(x), memory(x[:, 1])), (((24, 8), True), ((24,), False)))",
    "read-only": """
x = np.arange(3.0)
x.flags.writeable = False
check.equal(layout(x), (True, True, False))
check.raises(ValueError, write, x, 1.0)
""",
    "read-only view": "x = np.arange(3.0)\nv = x[:2]\nv.flags.writeable = False\ncheck.raises(ValueError, write, v, 1.0)\ncheck.equal(layout(x)[2], True)",
    "read-only for a while": """
x = np.arange(3.0)
i = keep(x)
x.flags.writeable = False
check.raises(ValueError, write, x, 1.0)
x.flags.writeable = True
write(check.in_place(x), 1.0)
check.close(x, [1, 1, 1])
check.equal(is_kept(i, x), True)
""",
    "result passed back": "x = make()\ncheck.equal((is_made(x), is_made(x[0], 0), is_made(x[1], 1)), (True, True, True))",
    "result changed and passed back": """
x = make()
x[0] += 1
i = keep(x[0])
check.equal(is_made(x), True)
check.close(content(i), [1, 1])
""",
    "result changed in place by the student": """
layer = Layer()
(w,) = layer.parameters()
write(check.in_place(w), 5.0)
check.close(layer.total(), 15.0)
check.close(w, [5, 5, 5])
""",
    "result set by the test": "layer = Layer()\nlayer.w[...] = 4.0\ncheck.close(layer.total(), 12.0)",
    "same result twice": "x = twice()\nx[0] += 1\ncheck.close(x[1], [1, 1])",
    "lent array is returned": "p = np.ones(2)\nassert Momentum().next(check.in_place(p), np.ones(2)) is p\ncheck.close(p, [0.5, 0.5])",
    "entries change places": """
a, b = np.zeros(2), np.ones(2)
x = [a, b]
swap(check.in_place(x))
assert x[0] is b and x[1] is a
i = keep(a)
check.equal(is_in(keep(x), 1, a), True)
""",
    "changed before it raises": """
x = [1, 2]
check.raises(ValueError, clear_and_raise, check.in_place(x))
check.equal(x, [])
""",
    "function of the test returns the same": "x = np.ones(3)\ncheck.equal((same_again(lambda: x), same_again(lambda: x.copy())), (True, False))",
    "function of the test gets what is lent": """
x, seen = np.ones(2), []
def look(y):
    seen.append(y is x)
    return y.sum()
check.close(tell(look, check.in_place(x)), 4.0)
check.equal(seen, [True])
""",
    "functions": "f, g = (lambda: 1), (lambda: 1)\ncheck.equal((both(f, f), both(f, g)), (True, False))",
    "generator is drawn from by both": """
rng = np.random.default_rng(3)
i = keep(rng)
a, b = draw(rng), rng.normal(size=2)
check.close((a, b), np.random.default_rng(3).normal(size=(2, 2)))
""",
    "unchanged works on copies": "x = np.ones(3)\ni = keep(x)\ncheck.equal(check.unchanged(is_kept, i, x), False)",
}


@pytest.mark.parametrize("test", SAME.values(), ids=SAME)
def test_object_stays_the_same(try_out: TryOut, test: str) -> None:
    """What a test can see of identity in a notebook it sees at grading."""
    outcome = try_out(PROBE, test)
    assert outcome.status == "passed", outcome.message


@pytest.mark.parametrize("test", SAME.values(), ids=SAME)
def test_same_test_holds_in_a_notebook(test: str) -> None:
    """The same lines hold in an open notebook, without the judge."""
    namespace: dict[str, object] = {}
    exec(f"import numpy as np\nfrom coursework import check\n{PROBE}\n{test}", namespace)


# What is not as in a notebook, for good reason: the test's own objects are authoritative.
OWN = {
    "change that is not lent": "x = np.ones(2)\nwrite(x, 0.0)\ncheck.close(x, [1, 1])",
    "change of what was kept": "x = np.ones(2)\ni = keep(x)\nwrite(x, 0.0)\ni = keep(x)\ncheck.close(content(i), [1, 1])",
    "change that was lent in an earlier call": "x = np.ones(2)\nwrite(check.in_place(x), 2.0)\nwrite(x, 0.0)\ncheck.close(x, [2, 2])",
    "argument that is returned": "x = np.ones(2)\ny = Momentum().next(x, np.zeros(2))\nassert y is not x\ny += 1\ncheck.close(x, [1, 1])",
    "result that changes later": "layer = Layer()\nw = layer.w\nlayer.grow()\ncheck.close(w, [1, 1, 1])",
    "old result spoils nothing": """
layer = Layer()
w = layer.w
layer.grow()
check.equal(is_kept(keep(w), layer.w), False)
check.close(layer.total(), 6.0)
""",
    "entry that comes from elsewhere": """
x, y = np.ones(2), [np.zeros(2)]
i = keep(x)
put(check.in_place(y), i)
assert y[0] is not x
write(check.in_place(y[0]), 7.0)
check.close((x, y[0]), ([1, 1], [7, 7]))
""",
}


@pytest.mark.parametrize("test", OWN.values(), ids=OWN)
def test_own_objects_change_only_where_the_test_allows_it(try_out: TryOut, test: str) -> None:
    """Nothing that the student's code does to a counterpart reaches the test by itself."""
    put = "\n\ndef put(values, i):\n    values[0] = kept[i]\n"
    outcome = try_out(PROBE + put, test)
    assert outcome.status == "passed", outcome.message


@pytest.mark.parametrize(
    "answer", ["", "\n\ndef keep(x):\n    kept.append(x.copy())\n    return 0"]
)
def test_code_that_copies_is_told_apart(try_out: TryOut, answer: str) -> None:
    """A test for identity fails for code that does not keep it."""
    test = "x = np.ones(2)\ncheck.equal(is_kept(keep(x), x), True)"
    outcome = try_out(PROBE, test, PROBE + answer)
    assert (outcome.status == "passed") is (answer == "")


def test_hidden_memory_of_a_view_stays_hidden(try_out: TryOut) -> None:
    """Entries of an array of which only a view has been passed are not there to be read."""
    solution = "def total(x):\n    return x.sum()"
    test = "table = np.array([[1.0, 41.5], [2.0, 42.5]])\ncheck.close(total(table[:, 0]), 3.0)"
    spy = "def total(x):\n    assert x.base.shape == (2, 2)\n    assert 41.5 not in x.base\n    assert 42.5 not in x.base\n    return x.sum()"
    assert try_out(solution, test).status == "passed"
    assert try_out(solution, test, spy).status == "passed"


def test_objects_are_forgotten_after_a_test_cell(judge: Judge) -> None:
    """A number from one test cell does not name the same object in another."""
    tests = "x = np.ones(3)\nassert not any(is_kept(i, x) for i in range(keep(x)))"
    source = make_notebook(
        {"a": PROBE, "b": "def b():\n    return len(kept)"},
        {"a": tests, "b": "x = np.ones(3)\ncheck.equal(b(), 1)\ncheck.equal(is_kept(0, x), False)"},
    )
    report = judge.grade(make_lesson(source), source, "s")
    assert [outcome.message for outcome in report.outcomes] == ["", ""]


def test_exercises_share_the_objects_of_a_test_cell(judge: Judge) -> None:
    """An array is one object for the functions of two exercises."""
    cells = {
        "a": "kept = []\ndef a(x):\n    kept.append(x)",
        "b": "def b(x):\n    return kept[-1] is x",
    }
    source = make_notebook(
        cells, {"b": "x = [1]\na(x)\ncheck.equal((b(x), b([1])), (True, False))"}
    )
    (outcome,) = judge.grade(make_lesson(source), source, "s").outcomes
    assert outcome.message == ""


def test_more_objects_than_are_known_keep_their_values(try_out: TryOut) -> None:
    """Beyond the limit objects cross as copies; nothing else is lost, and lent ones come back."""
    test = """
xs = [[float(k)] for k in range(10_500)]
i = keep(xs)
check.equal(content(i), xs)
last = np.zeros(3)
write(check.in_place(last), 1.0)
check.close(last, [1, 1, 1])
check.equal(is_kept(i, xs), True)
"""
    outcome = try_out(PROBE, test)
    assert outcome.status == "passed", outcome.message


def test_memory_of_dead_objects_is_given_back() -> None:
    """A test may pass and get more, one after another, than the student's process can hold."""
    test = """
for k in range(60):
    x = np.full(1_000_000, float(k))
    check.close(double(x)[-1], 2.0 * k)
"""
    source = make_notebook({"f": "def double(x):\n    return 2 * x"}, {"f": test})
    with Judge(Limits(memory_bytes=2**28), secret=b"s") as judge:
        (outcome,) = judge.grade(make_lesson(source), source, "s").outcomes
    assert outcome.message == ""
