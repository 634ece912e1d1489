"""An audit's limits come from CPU time, and judges with other limits share what they can."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from means import make
from tiny import make_lesson, make_notebook

from coursework.audit.apart import Apart
from coursework.audit.cases import Case
from coursework.audit.plain import run_plainly
from coursework.audit.run import take_stock
from coursework.audit.work import effort_for, grader
from coursework.errors import JudgeError
from coursework.ipc.limits import Limits
from coursework.judge.instructor import Instructor
from coursework.judge.judge import Judge

FINE = "def f(x):\n    return 2 * x"
SOLUTIONS = {"f": FINE, "g": "def g(x):\n    return f(x) + 1"}
TESTS = {"f": "check.close(f(1.0), 2.0)", "g": "check.close(g(1.0), 3.0)"}
SLEEPS = (
    "def mean(x):\n    import time\n    time.sleep(0.3)\n    return np.sum(x) / max(len(x), 1)\n"
)


def test_effort_grows_with_the_solution() -> None:
    """It is a power of two, five times what the solution takes or more."""
    assert [effort_for(seconds) for seconds in (0.0, 0.2, 0.21, 0.5, 3.0)] == [1, 1, 2, 4, 16]


def test_effort_does_not_depend_on_waiting(tmp_path: Path) -> None:
    """A solution that only waits takes wall time, and no more CPU time than another."""
    stock = take_stock(make(tmp_path, {"good": ()}))
    name = next(iter(stock.subjects))
    case = Case(name, "solution", "it waits", "mean", (("mean", SLEEPS),))
    with grader(stock.subjects, stock.options) as grade:
        verdict = grade(case)
    assert verdict.is_full
    assert 0 < verdict.cpu_seconds < verdict.seconds


def test_judge_within_other_limits_shares_the_forkserver() -> None:
    """Less CPU time for one notebook ends an endless answer, and no other forkserver is started."""
    source = make_notebook({"f": FINE}, {"f": TESTS["f"]})
    lesson = make_lesson(source)
    limits = Limits(cell_seconds=200.0, notebook_seconds=400.0)
    with Judge(limits, b"s", fair_credit=False) as judge:
        other = judge.within(replace(limits, cpu_seconds=1.0), fair_credit=False)
        forkserver = judge.forkserver
        right = other.grade(lesson, source, "s")
        source.cells[1].source = "def f(x):\n    while True: pass"
        wrong = other.grade(lesson, source, "s")
        assert other.forkserver is judge.forkserver is forkserver
        assert judge.limits == limits
        assert judge.cpu_seconds() >= 0.5
    assert right.points == 1
    assert "used up its 1 s of CPU time" in wrong.outcomes[0].message


@pytest.mark.parametrize("stop_early", [False, True])
def test_plain_notebook_can_end_at_the_first_lost_point(*, stop_early: bool) -> None:
    """Tests behind the one that loses a point are not run then."""
    lesson = make_lesson(make_notebook(SOLUTIONS, TESTS))
    wrong = make_notebook(SOLUTIONS | {"f": "def f(x):\n    return x"}, TESTS)
    instructor = Instructor.of(lesson)
    points = run_plainly(instructor, wrong, lambda _: 7, Limits(), stop_early=stop_early)
    assert points == {("test_f", ""): 0} | ({} if stop_early else {("test_g", ""): 0})


def test_notebooks_run_apart_leave_nothing_behind() -> None:
    """What a notebook does to modules is gone with it; one that ends its process harms none."""
    lesson = make_lesson(make_notebook(SOLUTIONS, TESTS))
    spoils = {"f": "import math\nmath.spoilt = True\ndef f(x):\n    return 2 * x"}
    looks = {"f": "import math\ndef f(x):\n    return 2 * x + hasattr(math, 'spoilt')"}
    ends = {"f": "import os\ndef f(x):\n    os._exit(0)"}
    with closing(Apart(Instructor.of(lesson))) as apart:
        found = [
            apart.run(make_notebook(SOLUTIONS | cells, TESTS), lambda _: 7, Limits())
            for cells in (spoils, ends, looks)
        ]
    full = {("test_f", ""): 1, ("test_g", ""): 1}
    assert found == [full, {}, full]


def test_process_apart_that_has_ended_is_named() -> None:
    """No verdict is invented if there is none."""
    lesson = make_lesson(make_notebook(SOLUTIONS, TESTS))
    apart = Apart(Instructor.of(lesson))
    apart.close()
    with pytest.raises(JudgeError, match="plain notebooks has ended"):
        apart.run(make_notebook(SOLUTIONS, TESTS), lambda _: 7, Limits())


@pytest.mark.parametrize(
    ("seconds", "is_full"),
    [(0.1, True), (1.6, True), (60.0, False)],
    ids=["soon", "over the first limit", "endless"],
)
def test_slow_answer_is_tried_for_longer(tmp_path: Path, seconds: float, *, is_full: bool) -> None:
    """An answer that ends a little too late is not wrong; one that does not end loses points."""
    stock = take_stock(make(tmp_path, {"good": ()}))
    name = next(iter(stock.subjects))
    slow = SLEEPS.replace(
        "time.sleep(0.3)",
        f"end = 0 if done else time.process_time() + {seconds}\n    done.append(1)\n"
        "    while time.process_time() < end: pass",
    )
    case = Case(name, "mutant", "it is slow", "mean", (("mean", f"done = []\n{slow}"),), effort=1)
    with grader(stock.subjects, stock.options) as grade:
        verdict = grade(case)
    assert verdict.is_full == is_full
