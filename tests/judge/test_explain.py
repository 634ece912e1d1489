"""Hints by replay, diagnoses, parts and fair credit, through the real judge."""

import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from tiny import make_lesson, make_notebook

from coursework.judge.limits import Limits
from coursework.judge.report import Outcome, Report
from coursework.judge.session import Judge
from coursework.mistakes import Mistake

SUM = "def total(x):\n    return np.sum(x)\n"
MEAN = "def mean(x):\n    return total(x) / len(x)\n"
SPREAD = "def spread(x):\n    return total((x - mean(x)) ** 2) / len(x)\n"
TEST_SUM = "check.close(total(np.array([1.0, 2.0, 4.0])), 7.0)"
TEST_MEAN = """
check.close(mean(np.array([1.0, 3.0, 8.0])), 4.0)
x = check.rng().normal(size=5)
check.close(mean(x), reference.mean(x))
"""
TEST_SPREAD = "x = check.rng().normal(size=6)\ncheck.close(spread(x), reference.spread(x))"
EXERCISES = {"total": SUM, "mean": MEAN, "spread": SPREAD}
TESTS = {"total": TEST_SUM, "mean": TEST_MEAN, "spread": TEST_SPREAD}


def known(exercise: str, code: str, hint: str) -> Mistake:
    """Return a known mistake."""
    return Mistake(exercise, code, "", "", hint, right=False, path=Path("m.toml"), line=1)


MISTAKES = (
    known("mean", "def mean(x):\n    return total(x)", "Divide by the number of entries."),
    known("mean", "def mean(x):\n    return total(x) / (len(x) - 1)", "Every entry counts."),
    known("mean", "def mean(x):\n    return np.median(x)", "That is the median."),
    known("mean", "def mean(x):\n    return total(x) / x", "Divide by a number."),
    known("mean", "def mean(x):\n    raise ValueError('?')", "It raises."),
    known("mean", "def mean(x):\n    x *= 0\n    return 0.0", "It spoils its input."),
    known("mean", "def mean(x):\n    while True: pass", "It does not end."),
)


def grade(
    judge: Judge,
    answers: dict[str, str],
    *,
    mistakes: Sequence[Mistake] = (),
    exercises: dict[str, str] = EXERCISES,
    tests: dict[str, str] = TESTS,
) -> Report:
    """Grade a notebook with some exercises answered otherwise."""
    notebook = make_notebook(exercises, tests)
    lesson = make_lesson(notebook)
    for cell in notebook.cells:
        cell.source = answers.get(cell.metadata.get("exercise", ""), cell.source)
    return judge.grade(lesson, notebook, "student", tuple(mistakes))


def outcome_of(report: Report, exercise: str) -> Outcome:
    """Return the outcome of an exercise's one test."""
    return next(outcome for outcome in report.outcomes if outcome.exercise == exercise)


HINTED = {
    "same value": (
        "def mean(x):\n    s = 0\n    for v in x: s += v\n    return s",
        MISTAKES[0].hint,
    ),
    "other mistake": ("def mean(x):\n    return x.sum() / (x.size - 1)", MISTAKES[1].hint),
    "array for a number": ("def mean(x):\n    return sum(x) / x", MISTAKES[3].hint),
    "same exception": ("def mean(x):\n    return int('?')", MISTAKES[4].hint),
}


@pytest.mark.parametrize(("answer", "hint"), HINTED.values(), ids=HINTED)
def test_hint_of_the_mistake_that_fails_alike(judge: Judge, answer: str, hint: str) -> None:
    """The same value, shape or exception at the same check brings the mistake's hint."""
    outcome = outcome_of(grade(judge, {"mean": answer}, mistakes=MISTAKES), "mean")
    assert outcome.hints == (hint,)
    assert outcome.diagnosis == ""


def test_hints_of_two_mistakes_that_fail_alike(judge: Judge) -> None:
    """Two mistakes that the test cannot tell apart both speak, the more common first."""
    twins = [
        known("total", "def total(x):\n    return 2 * np.sum(x)", "first"),
        known("total", "def total(x):\n    return np.sum(2 * x)", "second"),
        known("total", "def total(x):\n    return np.sum(x + x)", "third"),
    ]
    report = grade(judge, {"total": "def total(x):\n    return 2 * sum(x)"}, mistakes=twins)
    assert outcome_of(report, "total").hints == ("first", "second")


def test_hint_of_the_mistake_that_agrees_with_more_tests(judge: Judge) -> None:
    """Where one check cannot tell two mistakes apart, the exercise's other checks do."""
    test = "check.close(total(np.ones(2)), 2.0)\n"
    parted = "with check.part('ones', 0.5):\n    " + test
    parted += "with check.part('rest', 0.5):\n    check.close(total(np.array([1.0, 2.0])), 3.0)"
    mistakes = [
        known("total", "def total(x):\n    return len(x) + 1", "It counts."),
        known("total", "def total(x):\n    return x[0] + 2 * x[1]", "A weight is wrong."),
    ]
    answer = "def total(x):\n    return x @ [1, 2]"
    report = grade(judge, {"total": answer}, mistakes=mistakes, tests=TESTS | {"total": parted})
    parts = outcome_of(report, "total").parts
    assert [part.hints[0] for part in parts] == ["A weight is wrong.", "A weight is wrong."]


def test_no_hint_where_nothing_fits(judge: Judge) -> None:
    """Another wrong value has no hint, and a diagnosis where a rule fits."""
    other = outcome_of(
        grade(judge, {"mean": "def mean(x):\n    return 0.1"}, mistakes=MISTAKES), "mean"
    )
    assert (other.hints, other.diagnosis) == ((), "")
    negative = {"mean": "def mean(x):\n    return -total(x) / len(x)"}
    assert "sign" in outcome_of(grade(judge, negative, mistakes=MISTAKES), "mean").diagnosis


def test_right_answer_is_not_explained(judge: Judge) -> None:
    """Neither hint nor diagnosis on what passed or is not written."""
    unwritten = {"mean": "def mean(x):\n    raise NotImplementedError"}
    report = grade(judge, unwritten, mistakes=MISTAKES)
    assert all(not (o.hints or o.diagnosis) for o in report.outcomes)


def test_printed_result_is_diagnosed(judge: Judge) -> None:
    """A function that prints its result is told to return it."""
    report = grade(judge, {"mean": "def mean(x):\n    print(sum(x) / len(x))"})
    assert "prints its result instead" in outcome_of(report, "mean").diagnosis


def test_hint_for_class_and_method(judge: Judge) -> None:
    """Mistakes in a method are replayed as mistakes in a function are."""
    counter = "class Counter:\n    def __init__(self):\n        self.n = 0\n"
    counter += "    def step(self, by):\n        self.n += by\n        return self.n\n"
    test = "c = Counter()\nc.step(2)\ncheck.close(c.step(3), 5)\ncheck.close(c.n, 5)"
    wrong = counter.replace("self.n += by", "self.n = by")
    report = grade(
        judge,
        {"Counter": wrong.replace("by", "amount")},
        mistakes=[known("Counter", wrong, "The steps add up.")],
        exercises={"Counter": counter},
        tests={"Counter": test},
    )
    assert report.outcomes[0].hints == ("The steps add up.",)


def test_hint_where_the_test_passes_callbacks(judge: Judge) -> None:
    """A test that passes functions is replayed with them."""
    slope = "def slope(f, x):\n    return (f(x + 1) - f(x - 1)) / 2\n"
    wrong = slope.replace(" / 2", "")
    report = grade(
        judge,
        {"slope": "def slope(g, at):\n    return g(at + 1) - g(at - 1)"},
        mistakes=[known("slope", wrong, "Divide by the distance.")],
        exercises={"slope": slope},
        tests={"slope": "check.close(slope(lambda x: x**2, 3.0), 6.0)"},
    )
    assert report.outcomes[0].hints == ("Divide by the distance.",)


def test_hint_where_values_are_lists_of_several_lengths(judge: Judge) -> None:
    """Rows of different lengths are compared as any value is."""
    rows = {"rows": "def rows(n):\n    return [list(range(k)) for k in range(n)]"}
    tests = {"rows": "check.equal(rows(4), reference.rows(4))"}
    mistake = known(
        "rows", "def rows(n):\n    return [list(range(k + 1)) for k in range(n)]", "off"
    )
    answer = "def rows(n):\n    return [[*range(0, k + 1)] for k in range(n)]"
    report = grade(judge, {"rows": answer}, mistakes=[mistake], exercises=rows, tests=tests)
    assert report.outcomes[0].hints == ("off",)


def test_hint_where_a_mistake_changes_objects_in_a_list(judge: Judge) -> None:
    """A list is copied on its way to the student's code; the student's objects in it are not."""
    exercises = {
        "Box": "class Box:\n    def __init__(self, n):\n        self.n = n",
        "fill": "def fill(boxes):\n    for box in boxes:\n        box.n += 1",
    }
    tests = {
        "Box": "check.equal(Box(2).n, 2)",
        "fill": "box = Box(3)\nfill([box])\ncheck.equal(box.n, 4)",
    }
    twice = "def fill(boxes):\n    for box in boxes:\n        box.n += 2"
    answer = twice.replace("box.n += 2", "box.n = box.n + 2")
    report = grade(
        judge,
        {"fill": answer},
        mistakes=[known("fill", twice, "Once is enough.")],
        exercises=exercises,
        tests=tests,
    )
    assert report.outcomes[1].hints == ("Once is enough.",)


def test_explaining_is_quick(judge: Judge) -> None:
    """A failing exercise costs little more than a passing one, replays that hang excepted."""
    quick = MISTAKES[:6]
    answer = {"mean": "def mean(x):\n    return total(x)"}
    grade(judge, answer, mistakes=quick)
    report = grade(judge, answer, mistakes=quick)
    assert report.seconds["hints"] < 1.0
    start = time.monotonic()
    grade(judge, answer, mistakes=MISTAKES)
    assert time.monotonic() - start < 10


# -- parts

PARTED = """
with check.part("small", points=0.25):
    check.close(total(np.array([1.0, 2.0])), 3.0)
with check.part("empty", points=0.25):
    check.close(total(np.array([])), 0.0)
with check.part("large", points=0.5):
    check.close(total(np.full(4, 1e300)), 4e300)
"""


def test_parts_are_counted_by_themselves(judge: Judge) -> None:
    """A part that fails costs its own points and the test goes on."""
    answer = "def total(x):\n    s = x[0]\n    for v in x[1:]: s = s + v\n    return s"
    report = grade(judge, {"total": answer}, tests=TESTS | {"total": PARTED})
    outcome = outcome_of(report, "total")
    assert [part.status for part in outcome.parts] == ["passed", "failed", "passed"]
    assert (outcome.points, outcome.status) == (0.75, "failed")
    assert "empty: " in outcome.message
    assert "IndexError" in outcome.parts[1].message


def test_parts_before_a_crash_keep_their_points(judge: Judge) -> None:
    """A process that dies in a part costs that part and those behind it."""
    answer = "import os\ndef total(x):\n    return np.sum(x) if len(x) else os._exit(0)"
    outcome = outcome_of(grade(judge, {"total": answer}, tests=TESTS | {"total": PARTED}), "total")
    assert [part.status for part in outcome.parts] == ["passed", "died", "died"]
    assert outcome.points == 0.25


# -- fair credit


def test_early_mistake_is_not_punished_twice(judge: Judge) -> None:
    """What passes with the right function in place of the wrong one counts, and is said."""
    report = grade(judge, {"total": "def total(x):\n    return 3 * np.sum(x)"})
    assert [outcome.points for outcome in report.outcomes] == [0, 1, 1]
    assert "with the right `total`" in outcome_of(report, "mean").credit
    assert outcome_of(report, "total").credit == ""


def test_fair_credit_for_an_unwritten_function(judge: Judge) -> None:
    """A stub is an early mistake, too."""
    report = grade(judge, {"total": "def total(x):\n    raise NotImplementedError"})
    assert [outcome.points for outcome in report.outcomes] == [0, 1, 1]


def test_fair_credit_is_none_for_what_is_wrong_itself(judge: Judge) -> None:
    """A function that is wrong with right helpers stays wrong, and is the next one's mistake."""
    answers = {
        "total": "def total(x):\n    return 3 * np.sum(x)",
        "mean": "def mean(x):\n    return total(x)",
    }
    report = grade(judge, answers)
    assert [outcome.points for outcome in report.outcomes] == [0, 0, 1]
    assert "`total` and `mean`" in outcome_of(report, "spread").credit


def test_fair_credit_can_be_switched_off() -> None:
    """With the trait off, a mistake costs what it breaks."""
    with Judge(Limits(), b"s", fair_credit=False) as judge:
        report = grade(judge, {"total": "def total(x):\n    return 3 * np.sum(x)"})
    assert report.points == 0


def test_fair_credit_shows_no_code_and_answers_no_other_exercise(judge: Judge) -> None:
    """The lent function is a handle: it has no code, and the wrong exercise gains nothing."""
    spy = """
def mean(x):
    looks = (getattr(total, "__code__", None), getattr(total, "__globals__", None))
    assert looks == (None, None), looks
    return total(x) / len(x)
"""
    report = grade(judge, {"total": "def total(x):\n    return 0.0", "mean": spy})
    assert [outcome.points for outcome in report.outcomes] == [0, 1, 1]


def test_fair_credit_never_exceeds_full_marks(judge: Judge) -> None:
    """Whatever is credited, no outcome has more than its points."""
    for code in ("0.0", "np.sum(x) + 1", "None", "1 / 0"):
        report = grade(judge, {"total": f"def total(x):\n    return {code}"})
        assert all(outcome.points <= outcome.max_points for outcome in report.outcomes)
        assert report.points < report.max_points


def test_fair_credit_for_parts(judge: Judge) -> None:
    """Of a cell with parts, the parts that pass now are credited."""
    test = """
with check.part("value", points=0.5):
    check.close(mean(np.array([1.0, 3.0])), 2.0)
with check.part("empty", points=0.5):
    check.raises(ValueError, mean, np.array([]))
"""
    report = grade(judge, {"total": "def total(x):\n    return 0.0"}, tests=TESTS | {"mean": test})
    parts = outcome_of(report, "mean").parts
    assert [bool(part.credit) for part in parts] == [True, False]
    assert outcome_of(report, "mean").points == 0.5


def test_fair_credit_is_none_for_an_answer_that_calls_another(judge: Judge) -> None:
    """Who has written neither of two exercises earns neither by having one call the other."""
    exercises = {**EXERCISES, "average": "def average(x):\n    return np.sum(x) / len(x)\n"}
    tests = {
        **TESTS,
        "average": "x = check.rng().normal(size=9)\ncheck.close(average(x), x.mean())",
    }
    answers = {"mean": "pass", "average": "def average(x):\n    return mean(x)"}
    report = grade(judge, answers, exercises=exercises, tests=tests)
    assert outcome_of(report, "average").points == 0
    # The solution of `spread` uses `mean`.
    assert outcome_of(report, "spread").points == 1
