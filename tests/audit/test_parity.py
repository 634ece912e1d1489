"""The audit finds answers that earn something else in a plain notebook."""

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from means import audited, make
from tiny import make_lesson, make_notebook

from coursework.audit.cases import Case, CaseVerdict
from coursework.audit.parity import disagreement
from coursework.audit.plain import Points, run_plainly
from coursework.audit.result import LessonAudit
from coursework.course.alternatives import Equivalent
from coursework.ipc.limits import Limits
from coursework.judge.instructor import Instructor
from coursework.judge.judge import Judge
from coursework.judge.report import Outcome, Part

SOLUTIONS = {"f": "def f(x):\n    return 2 * x", "g": "def g(x):\n    return f(x) + 1"}
TESTS = {
    "f": "x = check.rng().normal(size=3)\ncheck.close(f(x), reference.f(x))",
    "g": "check.close(g(1.0), 3.0)",
}
SMALL = Limits(cell_seconds=0.5, cpu_seconds=2.0, notebook_seconds=20.0, memory_bytes=2**28)


def plain(cells: dict[str, str], tests: dict[str, str] = TESTS) -> Points:
    """Run answers in a plain notebook; what is left out is the solution."""
    lesson = make_lesson(make_notebook(SOLUTIONS, tests))
    answers = make_notebook(SOLUTIONS | cells, tests)
    return run_plainly(Instructor.of(lesson), answers, lambda _: 7, SMALL)


ANSWERS = {
    "solution": ({}, (1, 1)),
    "wrong": ({"f": "def f(x):\n    return x"}, (0, 0)),
    "raises": ({"g": "def g(x):\n    raise ValueError"}, (1, 0)),
    "unwritten": ({"g": "def g(x):\n    raise NotImplementedError"}, (1, 0)),
    "missing": ({"f": "", "g": "def g(x):\n    return 3"}, (0, 1)),
    "syntax error": ({"f": "def f(x)", "g": "def g(x):\n    return 3"}, (0, 1)),
    "error behind": ({"f": SOLUTIONS["f"] + "\n1 / 0"}, (1, 1)),
    "magic": ({"f": "%matplotlib inline\n" + SOLUTIONS["f"]}, (1, 1)),
    "endless": ({"f": "def f(x):\n    while x is not 1.0: pass", "g": "g = lambda x: 3"}, (0, 1)),
    "endless cell": ({"f": "while True: pass", "g": "g = lambda x: 3"}, (0, 1)),
    "endless, catches all": (
        {"g": "def g(x):\n    while True:\n        try:\n            while True: pass\n        except BaseException: pass"},
        (1, 0),
    ),
    "memory": ({"g": "def g(x):\n    return len(bytearray(2**30)) and 3"}, (1, 0)),
    "exits": ({"g": "import sys\ndef g(x):\n    sys.exit()"}, (1, 0)),
    "ends the process": ({"g": "import os\ndef g(x):\n    os._exit(0)"}, (1, 0)),
    "crashes": ({"g": "import os\ndef g(x):\n    os.kill(os.getpid(), 11)"}, (1, 0)),
    "prints": ({"f": "def f(x):\n    print('{}')\n    return 2 * x"}, (1, 1)),
}  # fmt: skip


@pytest.mark.parametrize(("cells", "points"), ANSWERS.values(), ids=ANSWERS)
def test_plain_notebook_earns(cells: dict[str, str], points: tuple[float, float]) -> None:
    """An answer earns what its values are worth; what ends the process costs what comes then."""
    found = plain(cells)
    assert (found.get(("test_f", ""), 0), found.get(("test_g", ""), 0)) == points


def test_plain_notebook_has_no_wire() -> None:
    """Test and answer share their objects, and the reference is the instructor's."""
    tests = {"f": "x = [1]\nassert f(x) is x\nx.append(reference.f(1))\ncheck.equal(f(), [1, 2])"}
    cells = {"f": "def f(x=None, kept=[]):\n    kept.append(x)\n    return x or kept[0]"}
    assert plain(cells, tests) == {("test_f", ""): 1}


def test_plain_test_cells_share_no_names_and_no_data() -> None:
    """What a test cell assigns, or does to given data, the next one does not see."""
    tests = {"f": "new = 1\nf.data[0] = 5\nX[0] = 5", "g": "assert 'new' not in globals()\ncheck.equal((X[0], g(0)), (0, 5))"}  # fmt: skip
    cells = {"f": "X = [0]\ndef f(): pass\nf.data = [0]", "g": "def g(x):\n    return f.data[0]"}
    assert plain(cells, tests) == {("test_f", ""): 1, ("test_g", ""): 1}


def test_plain_parts_count_by_themselves() -> None:
    """Parts that end keep what they earned, also in a cell that is stopped."""
    tests = {
        "f": "with check.part('one', 0.25):\n    check.equal(f(1), 2)\n"
        "with check.part('two', 0.25):\n    check.equal(f(2), 5)\n"
        "with check.part('three', 0.5):\n    f(None)"
    }
    slow = {"f": "def f(x):\n    while x is None: pass\n    return 2 * x"}
    assert plain(slow, tests) == {
        ("test_f", "one"): 0.25,
        ("test_f", "two"): 0.0,
        ("test_f", "three"): 0.0,
    }


def test_plain_notebook_has_the_random_inputs_of_grading() -> None:
    """The same seed gives the same inputs; nothing that the child does reaches this process."""
    tests = {"f": "x = check.rng().normal()\ncheck.close(f(x), x)"}
    expected = np.random.default_rng(7).normal()
    random.seed(3)
    state = random.getstate()
    cells = {"f": f"import random\nrandom.seed(1)\ndef f(x):\n    return {expected!r}"}
    assert plain(cells, tests) == {("test_f", ""): 1}
    assert random.getstate() == state


def outcome(name: str, points: float, *parts: float) -> Outcome:
    """Return what a test earned, of 2 points."""
    made = tuple(Part(f"p{i}", earned, 1.0, "passed") for i, earned in enumerate(parts))
    return Outcome(f"test_{name}", name, points, 2.0, "passed", parts=made)


def test_disagreement_names_test_and_part() -> None:
    """Points are compared test by test and part by part; a missing test earned nothing."""
    case = Case("A/n", "solution", "the solution")
    judged = [outcome("f", 2.0), outcome("g", 1.0, 1.0, 0.0)]
    points = {("test_f", ""): 2.0, ("test_g", "p0"): 0.0, ("test_g", "p1"): 1.0}
    assert disagreement(case, judged[:1], points) == ""
    assert disagreement(case, judged, points) == (
        "test_g p0: 1 graded, 0 in a notebook; test_g p1: 0 graded, 1 in a notebook"
    )
    assert disagreement(case, judged, {}).startswith("test_f: 2 graded, 0 in a notebook")


@pytest.mark.parametrize(
    ("judged", "points", "text"),
    [
        (2.0, 2.0, ""),
        (0.0, 1.0, ""),
        (0.0, 2.0, "only graded it loses points"),
        (2.0, 0.0, "only in a notebook it loses points"),
    ],
)
def test_disagreement_of_a_mutant(judged: float, points: float, text: str) -> None:
    """For a mutant only whether it loses points counts: grading ends with the first."""
    case = Case("A/n", "mutant", "", "f")
    assert disagreement(case, [outcome("f", judged)], {("test_f", ""): points}) == text


# Changes its input, which the visible test of `mean` does not ask about.
SPOILS = '''[[mean]]
code = """
def mean(x):
    x /= max(len(x), 1)
    return np.sum(x)
"""
hint = "It changes its input."

'''
LISTED = """
[[unlike]]
exercise = "mean"
text = "x /= "
reason = "It changes its input."
"""


@pytest.fixture(scope="module")
def lessons(tmp_path_factory: pytest.TempPathFactory) -> dict[str, LessonAudit]:
    """The good lesson, one with an answer that spoils its input, and this with a reason."""
    first, last = '[[mean]]\nold = " / len(x)"', 'spread = "spread = np.var"\n'
    spoils = (first, SPOILS + first)
    variants = {
        "good": (),
        "spoils": (spoils,),
        "listed": (spoils, (last, last + LISTED)),
        "stale": ((last, last + LISTED),),
    }
    return audited(make(tmp_path_factory.mktemp("parity"), variants), extras=("parity",))


def test_audit_finds_what_a_notebook_grades_otherwise(lessons: dict[str, LessonAudit]) -> None:
    """The answer is named with its points; of a good lesson all answers agree."""
    assert lessons["good"].problems == ()
    assert lessons["good"].total("parity").good == lessons["good"].total("parity").all == 11
    (problem,) = [text for text in lessons["spoils"].problems if "otherwise" in text]
    assert problem == (
        "the mistake in line 1, of mean is graded otherwise: "
        "test_mean: 2 graded, 0 in a notebook"
    )  # fmt: skip
    assert str(lessons["spoils"].total("parity")) == "11/12"


def test_audit_takes_a_reason(lessons: dict[str, LessonAudit]) -> None:
    """What is listed is not counted; an entry that nothing needs is reported."""
    assert not [text for text in lessons["listed"].problems if "otherwise" in text]
    assert str(lessons["listed"].total("parity")) == "11/11"
    (problem,) = lessons["stale"].problems
    assert problem.startswith("[[unlike]] in line ")
    assert problem.endswith("is stale: no such answer is graded otherwise")


@pytest.mark.parametrize(
    ("behaviour", "n_problems"), [("memory.first_result", 0), ("memory.works_once", 1)]
)
def test_equivalent_mutant_needs_no_other_reason(
    lessons: dict[str, LessonAudit], behaviour: str, n_problems: int
) -> None:
    """What no test can see is not named a second time where a notebook differs."""
    lesson = lessons["good"]
    case = Case(lesson.name, "behaviour", "memory.first_result", "mean")
    unlike = CaseVerdict(2.0, 2.0, unlike="only in a notebook it loses points")
    evidence = replace(
        lesson.subject.evidence,
        equivalents=(Equivalent("mean", "", "", behaviour, "So it is.", Path(), 1),),
    )
    subject = replace(lesson.subject, evidence=evidence)
    found = replace(lesson, subject=subject, found=(*lesson.found, (case, unlike)))
    assert len([text for text in found.problems if "otherwise" in text]) == n_problems


def test_audit_without_parity_counts_none(tmp_path: Path) -> None:
    """Nobody has looked: no problem, and no count."""
    (lesson,) = audited(make(tmp_path, {"good": ()})).values()
    assert str(lesson.total("parity")) == "-"


def test_judge_and_notebook_agree_on_identity() -> None:
    """The way of PyTorch's optimizers, state by `id`, earns the same in both."""
    solution = "class O:\n    def __init__(self):\n        self.n = []\n    def step(self, p):\n        self.n.append(p)\n        return sum(one is p for one in self.n)"
    by_id = "class O:\n    def __init__(self):\n        self.n = {}\n    def step(self, p):\n        self.n[id(p)] = self.n.get(id(p), 0) + 1\n        return self.n[id(p)]"
    test = "p, q, o = np.ones(2), np.ones(2), O()\ncheck.equal([o.step(v) for v in (p, q, p)], [1, 1, 2])"
    source = make_notebook({"f": solution}, {"f": test})
    lesson, answer = make_lesson(source), make_notebook({"f": by_id}, {"f": test})
    with Judge(SMALL, secret=b"s") as judge:
        report = judge.grade(lesson, answer, "s")
    points = run_plainly(Instructor.of(lesson), answer, lambda _: 7, SMALL)
    case = Case("A/n", "right", "", "f")
    assert report.points == 1
    assert disagreement(case, report.outcomes, points) == ""
