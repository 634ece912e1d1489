"""Students who want more from a lent class than its public behaviour.

Behind a wrong `Box`, the exercise `open_box` gets the instructor's. An attack that is to be
refused asserts so itself, and then answers rightly: its point says that all of it was tried.
"""

import time
from collections.abc import Iterator

import pytest
from tiny import SETUP, make_lesson, make_notebook
from waiting import until

from coursework.ipc.limits import Limits
from coursework.judge.report import Outcome
from coursework.judge.judge import Judge

BOX = '''
SECRET = "hidden-7f3a9c"


class Box:
    """A number that can be multiplied."""

    unit = "one"

    def __init__(self, x):
        self.x, self._key = x, SECRET

    def __mul__(self, other):
        return Box(self.x * (other.x if isinstance(other, Box) else other))

    def __pow__(self, n):
        return Box(self.x**n)

    def apply(self, f):
        return f(self)

    def halves(self):
        yield self.x / 2

    def fails(self):
        return {SECRET: 1}[self.x]
'''
SOLUTION = "def open_box(x):\n    return Box(x).x\n"
KNOWN = """
import sys
from coursework.student import server

def peer():
    frame = sys._getframe()
    while type(frame.f_locals.get("self")) is not server.Student:
        frame = frame.f_back
    return frame.f_locals["self"]._peer

def use(operation, *arguments, **keywords):
    return peer().ask("use", operation, list(arguments), keywords)

def refused(f, *arguments):
    try:
        came = f(*arguments)
    except Exception as error:
        assert "hidden-" not in repr(error) and "hidden-" not in str(vars(error))
        assert type(error).__name__ != "AssertionError"
        return True
    raise RuntimeError(f"came: {came!r}")
"""
TEST = """
x = check.rng().uniform(1.0, 2.0)
check.close(open_box(x), x)
check.equal([reference.Box.unit, reference.Box(2.0).x, Box.unit], ["one", 2.0, Box(1).unit])
"""
NAMES = """
__class__ __dict__ __doc__ __init__ __globals__ __code__ __closure__ __func__ __self__ __module__
__reduce__ __getattribute__ __subclasses__ __mro__ _key __slots__ __weakref__
""".split()  # noqa: SIM905  (a list of words reads best as text)

REFUSED = {
    "names that are not public": f"""
    for name in {NAMES}:
        for thing in (box, Box, box.halves(), box.apply, twice):
            refused(use, "getattr", thing, name)
            refused(use, "setattr", thing, name, 0)
    for thing, name in ((Box, "mro"), (box.halves(), "gi_frame"), (box.halves(), "send")):
        refused(use, "getattr", thing, name)
    """,
    "names by Python's own ways": """
    for name in ("__globals__", "__code__", "__closure__", "__wrapped__"):
        for thing in (box.apply.__func__, twice, Box.__init__, type(Box).__call__):
            assert "SECRET" not in str(getattr(thing, name, None))
    assert "hidden-" not in str([vars(type(box)), dir(box), vars(type(Box))])
    refused(lambda: box._key)
    """,
    "operations that are none": """
    for name in ("", "operator", "_operator", "world", "clear", "eval", "exec", "__init__", "delattr",
                 "isinstance", "array", "lookup", "use", "enter", "exit", "next", "mod", "call", "hash"):
        refused(use, name, box)
        refused(use, name, box, 2)
        refused(use, name, "text", box)
    """,
    "things that are not lent": """
    refused(use, "getattr", "{0.__class__}", "format")
    refused(use, "getattr", [1], "append")
    refused(use, "getattr", np.ones(3), "tofile")
    refused(use, "method", np.ones(3), "tofile", "/tmp/a")
    refused(use, "method", object(), "x")
    refused(use, "call", np.exp, 1.0)
    refused(use, "call", type(box.halves()), 1)
    refused(use, "mul", 2, 3)
    refused(use, "str", 2)
    refused(use)
    refused(use, 1, box)
    """,
    "members of the class": """
    for name in ("apply", "halves", "__mul__", "__init__", "_key"):
        refused(setattr, Box, name, lambda *_: 0)
        refused(use, "setattr", Box, name, 0)
    refused(use, "setattr", Box, "nothing", 0)
    """,
    "an attribute of the class, to be seen by others": """
    Box.unit = "spoilt"
    assert Box.unit == box.unit == "spoilt"
    """,
    "the text of an error": """
    refused(box.fails) if False else None
    try:
        box.fails()
    except KeyError as error:
        assert error.__context__ is None or not error.__context__.trace
    """,
    "more memory than there is": """
    tall, wide = Box(np.ones((100_000, 1))), Box(np.ones((1, 100_000)))
    refused(lambda: tall * wide)
    """,
    "a copy, a class below": """
    import copy, pickle
    refused(copy.deepcopy, box)
    refused(pickle.dumps, box)
    refused(type, "Mine", (Box,), {})
    """,
}  # fmt: skip

FATAL = {
    "recursion through lent methods": """
    def again(b):
        return b.apply(again)
    return box.apply(again)
    """,
    "many objects": """
    kept = [box]
    while True:
        kept.append(kept[-1] * 2.0)
    """,
    "many large objects": """
    box.x = np.ones(90_000)
    kept = [box]
    while True:
        kept.append(kept[-1] * 1.0)
    """,
    "a number that never ends": "return (Box(3**5000) ** 10**9).x",
    "numbers of others": """
    for number in range(1000):
        peer().ask("callback", number + 1000, [x], {})
    """,
    "a number of nothing": 'return use("getattr", server.Callback(10**6, use, "f"), "x")',
}


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    """A judge with little patience and room."""
    limits = Limits(cell_seconds=3.0, notebook_seconds=30.0, memory_bytes=400 * 2**20)
    with Judge(limits, b"secret") as made:
        yield made


def attacked(judge: Judge, body: str) -> Outcome:
    """Grade an attack, then somebody honest, who loses nothing."""
    exercises, tests = {"Box": BOX, "open_box": SOLUTION}, {"Box": "check.equal(Box(2).x, 2)"}
    source = make_notebook(exercises, tests | {"open_box": TEST}, setup=SETUP + KNOWN)
    lesson = make_lesson(source)
    answers = make_notebook(
        {"Box": "Box = None", "open_box": _answer(body)}, tests, setup=SETUP + KNOWN
    )
    attack = make_notebook(exercises, tests | {"open_box": TEST}, setup=SETUP + KNOWN)
    attack.cells[1].source, attack.cells[3].source = (answers.cells[i].source for i in (1, 3))
    box, opened = judge.grade(lesson, attack, "eve").outcomes
    assert box.points == 0
    honest = judge.grade(lesson, source, "anna")
    assert honest.points == honest.max_points == 2
    return opened


def _answer(body: str) -> str:
    lines = [line.removeprefix("    ") for line in body.strip("\n").split("\n")]
    indented = "\n".join(f"    {line}" for line in lines)
    twice = "def twice(x):\n    return 2 * x\n"
    return f"{twice}\ndef open_box(x):\n    box = Box(x)\n{indented}\n    return Box(x).x\n"


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED)
def test_attack_on_a_lent_class_is_refused(judge: Judge, body: str) -> None:
    """Everything that is tried is refused; the answer after it is right, and counts."""
    outcome = attacked(judge, body)
    assert (outcome.points, outcome.message) == (1, "")
    assert outcome.credit


@pytest.mark.parametrize("body", FATAL.values(), ids=FATAL)
@pytest.mark.timeout(120)
def test_attack_with_a_lent_class_costs_its_own_points(judge: Judge, body: str) -> None:
    """What never ends, or takes all there is, is stopped; the judge is well, and as small."""
    start, before = time.monotonic(), _resident()
    assert attacked(judge, body).points == 0
    assert time.monotonic() - start < 60
    until(lambda: _resident() < before + 300 * 2**20, 5.0)
    assert _resident() < before + 300 * 2**20


def _resident() -> int:
    with open("/proc/self/statm") as file:  # noqa: PTH123
        return int(file.read().split()[1]) * 4096


def test_attack_with_objects_kept_from_another_test(judge: Judge) -> None:
    """A lent object is useless once its test has ended."""
    exercises = {"Box": BOX, "open_box": SOLUTION, "again": "def again(x):\n    return Box(x).x\n"}
    tests = {"Box": "check.equal(Box(2).x, 2)", "open_box": TEST, "again": TEST}
    tests["again"] = TEST.replace("open_box", "again")
    notebook = make_notebook(exercises, tests)
    lesson = make_lesson(notebook)
    notebook.cells[1].source = "Box = None"
    notebook.cells[3].source = (
        "kept = []\ndef open_box(x):\n    kept.append(Box(x))\n    return kept[-1].x"
    )
    notebook.cells[5].source = (
        "def again(x):\n    if Box and kept:\n        kept[0].x = x\n        return kept[0].x"
    )
    assert [o.points for o in judge.grade(lesson, notebook, "eve").outcomes] == [0, 1, 0]
