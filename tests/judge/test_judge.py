"""What grading a notebook promises: points by values, stated causes, faults contained."""

from collections.abc import Callable

import numpy as np
import pytest
from nbformat.v4 import new_code_cell
from tiny import make_lesson, make_notebook

from coursework.errors import LessonError
from coursework.ipc.channel import Channel
from coursework.ipc.limits import Limits
from coursework.judge.judge import Judge
from coursework.judge.report import Outcome

TryOut = Callable[..., Outcome]

DOUBLE = "def double(x):\n    return 2 * x\n"
TEST_DOUBLE = """
check.close(double(np.array([1.0, 2.0])), [2.0, 4.0])
x = check.rng().normal(size=(3, 4))
check.close(double(x), reference.double(x))
"""

RIGHT = {
    "loop": "def double(x):\n    return np.array([v + v for v in x])",
    "helper": "def helper(x):\n    return x + x\ndef double(x):\n    return helper(x)",
    "lambda": "double = lambda x: x * 2.0",
    "callable object": "class D:\n    def __call__(self, x):\n        return 2 * x\ndouble = D()",
    "partial": "from functools import partial\ndouble = partial(np.multiply, 2)",
    "list": "def double(x):\n    return (2 * x).tolist()",
    "prints": "def double(x):\n    print('hello', x)\n    return 2 * x",
    "warns": "import warnings\ndef double(x):\n    warnings.warn('careful')\n    return 2 * x",
    "changes its input": "def double(x):\n    x *= 2\n    return x",
    "errors after the definition": "def double(x):\n    return 2 * x\n1 / 0",
    "exits after the definition": "import sys\ndef double(x):\n    return 2 * x\nsys.exit()",
    "magic": "%matplotlib inline\ndef double(x):\n    return 2 * x",
    "subclass": "class A(np.ndarray): pass\ndef double(x):\n    return (2 * x).view(A)",
}
WRONG = {
    "None": ("def double(x):\n    2 * x", "failed", "got None (as from"),
    "other value": ("def double(x):\n    return x", "failed", "entries differ, the first at [0]"),
    "column": ("def double(x):\n    return 2 * x[:, None]", "failed", "(n, 1) is not (n,)"),
    "NaN": ("def double(x):\n    return x * np.nan", "failed", "got nan"),
    "infinity": ("def double(x):\n    return x * np.inf", "failed", "got inf"),
    "string": ("def double(x):\n    return 'four'", "failed", "<U4"),
    "object": ("def double(x):\n    return object()", "failed", "object"),
    "exception": ("def double(x):\n    raise KeyError('k')", "failed", "It raises KeyError"),
    "too large": (
        "def double(x):\n    return np.zeros(10**9, bool)",
        "failed",
        "1,000,000,000 entries",
    ),
    "wrong signature": ("def double():\n    return 2", "failed", "It raises TypeError"),
    "unwritten": ("def double(x):\n    raise NotImplementedError", "unwritten", "not written yet"),
    "syntax": ("def double(x)\n    return 2 * x", "broken", "SyntaxError"),
    "raises at definition": ("1 / 0\ndef double(x):\n    return 2 * x", "broken", "ZeroDivision"),
    "renamed": ("def duble(x):\n    return 2 * x", "broken", "`double` is not defined"),
    "deleted": ("", "broken", "`double` is not defined"),
    "reads stdin": ("n = input()\ndef double(x):\n    return 2 * x", "broken", "EOFError"),
    "recursion": ("def double(x):\n    return double(x)", "failed", "RecursionError"),
    "exit in call": ("import os\ndef double(x):\n    os._exit(0)", "died", "ended its process"),
    "sys.exit in call": ("import sys\ndef double(x):\n    sys.exit(0)", "failed", "SystemExit"),
    "exit in cell": ("import os\nos._exit(0)", "broken", "ended its process"),
    "loop in call": ("def double(x):\n    while True: pass", "timeout", "still running after 2 s"),
    "loop in cell": ("while True: pass", "broken", "still running after 2 s"),
    "huge integer": ("def double(x):\n    return 10 ** 10_000", "failed", "cannot be shown"),
}


@pytest.mark.parametrize("answer", RIGHT.values(), ids=RIGHT)
def test_right_answer_in_any_style_passes(try_out: TryOut, answer: str) -> None:
    """A right value counts, however it was made and whatever else happened."""
    outcome = try_out(DOUBLE, TEST_DOUBLE, answer)
    assert (outcome.status, outcome.points) == ("passed", 1.0), outcome.message


@pytest.mark.parametrize(("answer", "status", "message"), WRONG.values(), ids=WRONG)
def test_wrong_answer_loses_with_its_cause(
    try_out: TryOut, answer: str, status: str, message: str
) -> None:
    """Every lost point has a stated cause."""
    outcome = try_out(DOUBLE, TEST_DOUBLE, answer)
    assert (outcome.status, outcome.points) == (status, 0.0)
    assert message in outcome.message


def test_message_names_call_inputs_and_values(try_out: TryOut) -> None:
    """The message says which call, with which inputs, what came and what was expected."""
    message = try_out(DOUBLE, TEST_DOUBLE, "def double(x):\n    return 3 * x").message
    assert message.splitlines() == [
        "double(x)",
        "  x = [1., 2.]  (shape (2,), float64)",
        "2 of 2 entries differ, the first at [0]: got 3, expected 2.",
        "got       [3., 6.]  (shape (2,), float64)",
        "expected  [2., 4.]  (shape (2,), float64)",
    ]


def test_traceback_shows_the_students_lines_only(try_out: TryOut) -> None:
    """An exception is located in the student's cell; the test's source does not appear."""
    message = try_out(DOUBLE, TEST_DOUBLE, "def double(x):\n    return x.nothing").message
    assert "f, line 2: return x.nothing" in message
    assert "check.close" not in message


def test_mutated_input_does_not_reach_the_reference(try_out: TryOut) -> None:
    """A function that zeroes its input is compared with the answer for the original."""
    cheat = "def double(x):\n    x[...] = 0\n    return x"
    test = "x = check.rng().normal(size=5)\ncheck.close(double(x), reference.double(x))"
    assert try_out(DOUBLE, test, cheat).status == "failed"


def test_message_shows_arguments_as_they_were(try_out: TryOut) -> None:
    """What a call changes in place is named as it was before the call."""
    solution = "def step(params):\n    for p in params:\n        p -= 1.0"
    test = "params = [np.array([8.0])]\nstep(check.in_place(params))\ncheck.close(params[0], 7.0)"
    outcome = try_out(solution, test, solution.replace("1.0", "3.0"))
    assert "params = [array([8.])]" in outcome.message
    assert "5" in outcome.message


STEPS = """class Sgd:
    def __init__(self, lr, momentum=0.0):
        self.lr = lr

    def step(self, params, grads):
        for p, g in zip(params, grads):
            p -= self.lr * g"""


def test_message_shows_how_an_object_was_made(try_out: TryOut) -> None:
    """Each method is shown with its own object's settings, arguments as they were then."""
    test = """
one, other = Sgd(1.0), Sgd(0.5, momentum=0.9)
theta, g = np.array([5.0]), np.array([1.0])
for optimizer in (one, other):
    optimizer.step(check.in_place([theta]), [g])
    g[:] = 7.0
check.close(theta, [0.5])
"""
    message = try_out(STEPS, test, STEPS.replace("p -=", "p -= 2 *")).message
    assert message.splitlines()[:7] == [
        "Sgd(lr=1.0).step(params, grads)",
        "  params = [array([5.])]  (shape (1,))",
        "  grads = [array([1.])]  (shape (1,))",
        "Sgd(lr=0.5, momentum=0.9).step(params, grads)",
        "  params = [array([3.])]  (shape (1,))",
        "  grads = [array([7.])]  (shape (1,))",
        "theta: 1 of 1 entries differ, the first at [0]: got -4, expected 0.5.",
    ]


def test_message_names_what_is_compared(try_out: TryOut) -> None:
    """Where that is not what the function returned, it is named as the test writes it."""
    best = "def best(f, rates):\n    return min(rates, key=f)"
    test = """
tried = []
def f(rate):
    tried.append(float(rate))
    return rate
for rates in [np.array([0.1, 0.2])]:
    best(f, rates)
    check.equal(np.sort(tried), rates)
"""
    wrong = "def best(f, rates):\n    return [f(r) for r in rates] and min(rates, key=f)"
    message = try_out(best, test, wrong).message
    assert "np.sort(tried): The shape is (4,), expected (2,)." in message
    for call in (
        "best(abs, [1.0, 2.0])",
        "float(best(abs, [1, 2]))",
        "check.unchanged(best, abs, [1, 2])",
    ):
        one = try_out(best, f"check.close({call}, 1.0)", best.replace("min", "max"))
        assert "\nGot 2, expected 1." in one.message


def test_message_of_an_exception_says_the_shapes(try_out: TryOut) -> None:
    """What the student's function was given is named with its shapes, in lists, too."""
    join = "def join(X, parts):\n    return np.hstack([X, *parts])"
    test = "check.shape(join(np.ones((2, 3)), [np.ones((2, 1))]), (2, 4))"
    message = try_out(join, test, join.replace("*parts", "parts[0][0]")).message
    assert "(shape (2, 3), float64)" in message
    assert "(shape (2, 1))" in message
    assert "It raises ValueError" in message


def test_message_names_an_object_as_one(try_out: TryOut) -> None:
    """An object of an exercise's class is not a function."""
    solution = "class Box:\n    def __init__(self, n):\n        self.n = n\n\n\ndef f(box):\n    return box.n"
    outcome = try_out(
        solution, "check.equal(f(Box(3)), 3)", solution.replace("return box.n", "return 4")
    )
    assert "box = an object of type Box" in outcome.message


def test_in_place_argument_comes_back(try_out: TryOut) -> None:
    """Arrays in containers, marked with `check.in_place`, are changed for the test too."""
    solution = "def step(params, grads):\n    for p, g in zip(params, grads):\n        p -= 0.1 * g"
    test = """
params = [np.ones(3), np.ones((2, 2))]
first = params[0]
for _ in range(2):
    step(check.in_place(params), [np.ones(3), np.ones((2, 2))])
check.close(params[1], np.full((2, 2), 0.8))
assert first is params[0]
"""
    assert try_out(solution, test).status == "passed"
    assert try_out(solution, test, solution.replace("-=", "+=")).status == "failed"


def test_replaced_entries_leave_the_old_ones_alone(try_out: TryOut) -> None:
    """Who puts new arrays into a list has not changed those that others have, as in Python."""
    solution = "def step(params):\n    for p in params['all']:\n        p -= 1.0"
    test = """
first = np.ones(3)
params = dict(all=[first])
step(check.in_place(params))
check.close({}, [0, 0, 0])
"""
    wrong = "def step(params):\n    params['all'][0] = params['all'][0] - 1.0"
    also_wrong = "def step(params):\n    params['all'] = [p - 1.0 for p in params['all']]"
    for answer in (solution, wrong, also_wrong):
        assert try_out(solution, test.format("params['all'][0]"), answer).status == "passed"
    assert try_out(solution, test.format("first")).status == "passed"
    for answer in (wrong, also_wrong):
        assert try_out(solution, test.format("first"), answer).status == "failed"


def test_unchanged_sees_a_mutation(try_out: TryOut) -> None:
    """`check.unchanged` fails a function that works on its argument in place."""
    test = "check.close(check.unchanged(double, np.ones(3)), [2, 2, 2])"
    assert try_out(DOUBLE, test).status == "passed"
    outcome = try_out(DOUBLE, test, "def double(x):\n    x *= 2\n    return x")
    assert "modifies its input" in outcome.message


def test_random_generator_advances(try_out: TryOut) -> None:
    """A generator that the student's code draws from has advanced for the test."""
    solution = "def draw(rng):\n    return rng.normal(size=3)"
    test = """
rng = np.random.default_rng(1)
a, b = draw(rng), draw(rng)
assert not np.allclose(a, b)
again = np.random.default_rng(1)
check.close((a, b), (reference.draw(again), reference.draw(again)))
"""
    assert try_out(solution, test).status == "passed"
    seeded = "def draw(rng):\n    return np.random.default_rng(0).normal(size=3)"
    assert try_out(solution, test, seeded).status == "failed"


def test_random_inputs_repeat_by_student_and_exercise(judge: Judge) -> None:
    """The seed depends on secret, student, assignment, exercise and code, and on nothing else."""
    lesson = make_lesson(make_notebook({"double": DOUBLE}, {"double": TEST_DOUBLE}))
    places = ("a", "f"), ("b", "f"), ("a", "g"), ("a", "f", "code"), ("a", "f", "other")
    seeds = {judge.seed(lesson, *place) for place in places}
    assert len(seeds) == len(places)
    assert judge.seed(lesson, "a", "f") in seeds
    assert Judge(secret=b"other").seed(lesson, "a", "f") not in seeds


def test_death_costs_only_the_exercise_it_touches(judge: Judge) -> None:
    """After a crash the earlier cells run again in a fresh process, without the one at fault."""
    names = ("one", "two", "three")
    source = make_notebook(
        {name: f"def {name}():\n    return '{name}'" for name in names},
        {name: f"check.equal({name}(), '{name}')" for name in names},
    )
    lesson = make_lesson(source)
    source.cells[3].source = "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)"
    source.cells.append(new_code_cell("assert one() == 'one'\nprint('still here')"))
    report = judge.grade(lesson, source, "s")
    assert [outcome.status for outcome in report.outcomes] == ["passed", "broken", "passed"]
    assert report.runs[7].outputs[0]["text"] == "still here\n"


def test_time_of_the_notebook_is_limited() -> None:
    """A notebook whose every cell is slow ends in time; what was earned before stays."""
    source = make_notebook(
        {name: f"def {name}():\n    return 1" for name in "abcdef"},
        {name: f"check.equal({name}(), 1)" for name in "abcdef"},
    )
    lesson = make_lesson(source)
    for cell in source.cells[3:]:
        cell.source = "while True: pass" if "exercise" in cell.metadata else cell.source
    with Judge(Limits(cell_seconds=2.0, notebook_seconds=3.0), secret=b"s") as judge:
        report = judge.grade(lesson, source, "s")
    statuses = [outcome.status for outcome in report.outcomes]
    assert statuses[0] == "passed"
    assert statuses[-1] == "timeout"
    assert "3 s are used up" in report.outcomes[-1].message


def test_output_is_cut(judge: Judge) -> None:
    """Megabytes of output are cut with a line that says so."""
    source = make_notebook({"double": DOUBLE}, {"double": TEST_DOUBLE})
    lesson = make_lesson(source)
    source.cells[1].source = "for _ in range(1000): print('x' * 10_000)\n" + DOUBLE
    report = judge.grade(lesson, source, "s")
    (output,) = report.runs[1].outputs
    assert len(output["text"]) < 150_000
    assert "output cut" in output["text"]
    assert report.points == 1


def test_nothing_secret_reaches_the_students_process(
    judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No line of a test or solution, and no expected value, is in what is sent."""
    sent: list[bytes] = []
    send = Channel.send

    def spy(self: Channel, payload: bytes, buffers: list, deadline: float | None) -> None:
        sent.append(b"".join((payload, *map(bytes, buffers))))
        send(self, payload, buffers, deadline)

    monkeypatch.setattr(Channel, "send", spy)
    solution = "def area(r):\n    secret_way = 3.14159 * r\n    return secret_way * r"
    test = """
hidden_radius = 2.5
check.close(area(hidden_radius), 19.6349375)
check.close(area(np.full(5000, 3.0)), np.full(5000, 28.27431))
"""
    source = make_notebook({"area": solution}, {"area": test})
    lesson = make_lesson(source)
    source.cells[1].source = "def area(r):\n    return 3.14159 * r * r"
    assert judge.grade(lesson, source, "s").points == 1
    everything = b"".join(sent)
    assert b"def area" in everything
    assert np.float64(2.5).tobytes()[::-1] in everything  # the input does cross, big-endian
    for secret in (b"secret_way", b"hidden_radius", b"check.close", b"19.63"):
        assert secret not in everything
    for value in (19.6349375, 28.27431):
        assert np.float64(value).tobytes() not in everything
        assert np.float64(value).tobytes()[::-1] not in everything


def test_lesson_that_does_not_run_is_reported(judge: Judge) -> None:
    """A solution that raises is the lesson's fault, said with cell and error."""
    lesson = make_lesson(make_notebook({"bad": "1 / 0"}, {}))
    with pytest.raises(LessonError, match="the cell bad raises ZeroDivisionError"):
        judge.grade(lesson, make_notebook({}, {}), "s")
