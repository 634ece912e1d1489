"""Hints by fingerprint, through the real judge: of the right mistake, or none."""

import time
from collections.abc import Iterator

import pytest
from averages import EXERCISES, TESTS, grade, known, outcome_of
from tiny import make_lesson, make_notebook

from coursework.ipc.limits import Limits
from coursework.judge.hints.known_mistakes import Replayer
from coursework.judge.hints.native import Native
from coursework.judge.instructor import Instructor
from coursework.judge.judge import Judge

MISTAKES = (
    known("mean", "def mean(x):\n    return total(x)", "Divide by the number of entries."),
    known("mean", "def mean(x):\n    return total(x) / (len(x) - 1)", "Every entry counts."),
    known("mean", "def mean(x):\n    return np.median(x)", "That is the median."),
    known("mean", "def mean(x):\n    return total(x) / x", "Divide by a number."),
    known("mean", "def mean(x):\n    raise ValueError('none in 0x7f1')", "It raises."),
    known("mean", "def mean(x):\n    x *= 0\n    return 0.0", "It spoils its input."),
    known("mean", "def mean(x):\n    while True: pass", "It does not end."),
    known("mean", "mean = unknown", "It does not even begin."),
)


HINTED = {
    "same value": (
        "def mean(x):\n    s = 0\n    for v in x: s += v\n    return s",
        MISTAKES[0].hint,
    ),
    "other mistake": ("def mean(x):\n    return x.sum() / (x.size - 1)", MISTAKES[1].hint),
    "array for a number": ("def mean(x):\n    return sum(x) / x", MISTAKES[3].hint),
    "same exception": (
        "def mean(x):\n    why = 'none in 0xabc'\n    raise ValueError(why)",
        MISTAKES[4].hint,
    ),
}


@pytest.mark.parametrize(("answer", "hint"), HINTED.values(), ids=HINTED)
def test_hint_of_the_mistake_with_the_same_fingerprint(
    judge: Judge, answer: str, hint: str
) -> None:
    """An answer that does at each check what a known mistake does gets that mistake's hint."""
    outcome = outcome_of(grade(judge, {"mean": answer}, mistakes=MISTAKES), "mean")
    assert outcome.hints == (hint,)
    assert outcome.diagnosis == ""


UNHINTED = {
    "the first failing check alone": "def mean(x):\n    return total(x) if len(x) == 3 else 0.0",
    "all failing checks but one that holds": (
        "def mean(x):\n    return total(x) if len(x) != 3 else 4.0"
    ),
    "another exception": "def mean(x):\n    raise ValueError('another reason')",
    "another type of exception": "def mean(x):\n    raise KeyError('none in 0xabc')",
    "another number of axes": "def mean(x):\n    return np.array([total(x), 0.0])",
    "a little of the value": "def mean(x):\n    return total(x) * (1 + 1e-8)",
    "a list for a number": "def mean(x):\n    return [total(x), [0]]",
    "an object": "class A: pass\ndef mean(x):\n    return A()",
    "nothing to speak of": "def mean(x):\n    return 0.1",
}


@pytest.mark.parametrize("answer", UNHINTED.values(), ids=UNHINTED)
def test_hint_is_none_where_one_record_differs(judge: Judge, answer: str) -> None:
    """A mistake that agrees with an answer in this, and not in that, is not what was done."""
    outcome = outcome_of(grade(judge, {"mean": answer}, mistakes=MISTAKES), "mean")
    assert outcome.status == "failed"
    assert outcome.hints == ()


def test_hint_is_none_where_two_mistakes_fit(judge: Judge) -> None:
    """If nothing tells two mistakes apart, one hint would be wrong: none is shown."""
    twins = [
        known("mean", "def mean(x):\n    return 2 * np.mean(x)", "first"),
        known("mean", "def mean(x):\n    return np.mean(2 * x)", "second"),
    ]
    answer = {"mean": "def mean(x):\n    return 2 * sum(x) / len(x)"}
    assert outcome_of(grade(judge, answer, mistakes=twins[:1]), "mean").hints == ("first",)
    outcome = outcome_of(grade(judge, answer, mistakes=twins), "mean")
    assert outcome.hints == ()
    assert outcome.diagnosis == "It is the expected value times 2 in every entry."


def test_hint_is_none_without_random_inputs(judge: Judge) -> None:
    """With a few numbers made for people two functions may agree by chance."""
    tests = TESTS | {"mean": "check.close(mean(np.array([1.0, 3.0, 8.0])), 4.0)"}
    answer = {"mean": "def mean(x):\n    return total(x)"}
    outcome = outcome_of(grade(judge, answer, mistakes=MISTAKES, tests=tests), "mean")
    assert (outcome.hints, outcome.diagnosis) == ((), "")
    # A generator that is made, and whose draws reach no check, changes nothing.
    tests |= {"mean": f"check.rng().normal()\n{tests['mean']}"}
    assert outcome_of(grade(judge, answer, mistakes=MISTAKES, tests=tests), "mean").hints == ()


def test_hint_is_none_for_small_errors_of_another_kind(judge: Judge) -> None:
    """Where a mistake is in the ninth digit, the first eight tell nothing."""
    tests = TESTS | {
        "mean": "x = check.rng().normal(size=5)\ncheck.close(mean(x), x.mean(), 1e-12, 0)"
    }
    mistakes = [known("mean", "def mean(x):\n    return x.mean() * (1 + 2e-9)", "The ninth digit.")]

    def hints(factor: str) -> tuple[str, ...]:
        answer = {"mean": f"def mean(x):\n    return sum(x) / len(x) * {factor}"}
        return outcome_of(grade(judge, answer, mistakes=mistakes, tests=tests), "mean").hints

    assert hints("(1 + 2e-9)") == ("The ninth digit.",)
    assert hints("(1 + 2.1e-9)") == hints("(1 - 2e-9)") == hints("(1 + 1e-9)") == ()


SOLVE = "def solve(X, y):\n    return np.linalg.lstsq(X, y)[0]"
TEST_SOLVE = """
rng = check.rng()
X, y = rng.normal(size=(7, 3)), rng.normal(size=7)
check.close(solve(X, y), reference.solve(X, y))
X[:, 2] = X[:, 0] + 1e-7 * X[:, 1]
w = solve(X, y)
check.close(X.T @ (X @ w - y) / np.abs(w).max(), np.zeros(3), atol=1e-13)
"""


def test_hint_where_rounding_decides_the_value(judge: Judge) -> None:
    """Two ways to write a mistake that loses all digits differ there, and are one mistake."""
    inverse = "def solve(X, y):\n    return np.linalg.inv(X.T @ X) @ (X.T @ y)"
    other = "def solve(A, b):\n    return np.linalg.inv(A.T @ A) @ A.T @ b"
    shifted = "def solve(A, b):\n    return np.linalg.inv(A.T @ A + 0.01 * np.eye(3)) @ A.T @ b"
    for answer, hints in ((other, ("Digits are lost.",)), (shifted, ())):
        report = grade(
            judge,
            {"solve": answer},
            mistakes=[known("solve", inverse, "Digits are lost.")],
            exercises={"solve": SOLVE},
            tests={"solve": TEST_SOLVE},
        )
        assert report.outcomes[0].status == "failed"
        assert report.outcomes[0].hints == hints


def test_hint_is_none_for_a_slip(judge: Judge) -> None:
    """An exception that any slip may raise reveals no mistake, even if it is the same."""
    code = "def mean(x):\n    return total(x) / {}(x)"
    mistakes = [known("mean", code.format("n"), "Count the entries.")]
    outcome = outcome_of(grade(judge, {"mean": code.format("n")}, mistakes=mistakes), "mean")
    assert outcome.hints == ()
    assert "Nothing is called `n`" in outcome.diagnosis


# -- one exercise's mistake is not another's


@pytest.fixture(scope="module")
def strict() -> Iterator[Judge]:
    """A judge that gives no fair credit: what follows a mistake fails, too."""
    with Judge(Limits(cell_seconds=2.0), b"secret", fair_credit=False) as made:
        yield made


TWICE = [known("mean", "def mean(x):\n    return 2 * total(x) / len(x)", "Not twice.")]


def test_hint_is_none_for_the_mistake_of_an_earlier_exercise(strict: Judge) -> None:
    """A right answer built on a wrong one looks like a known mistake, but is not."""
    double = "def total(x):\n    return 2 * np.sum(x)"
    outcome = outcome_of(grade(strict, {"total": double}, mistakes=TWICE), "mean")
    assert outcome.status == "failed"
    assert (outcome.hints, outcome.diagnosis) == ((), "")


def test_hint_for_a_mistake_on_top_of_another(strict: Judge) -> None:
    """What is wrong with the right function in place of an earlier wrong one has its hint."""
    answers = {"total": "def total(x):\n    return -np.sum(x)", "mean": TWICE[0].code}
    assert outcome_of(grade(strict, answers, mistakes=TWICE), "mean").hints == ("Not twice.",)


def test_hint_is_none_where_an_earlier_class_is_wrong(strict: Judge) -> None:
    """A class cannot be replaced, so what uses it is not judged by itself."""
    exercises = {
        "Sum": "class Sum:\n    def of(self, x):\n        return np.sum(x)",
        "mean": "def mean(x):\n    return Sum().of(x) / len(x)",
    }
    tests = {
        "Sum": "x = check.rng().normal(size=4)\ncheck.close(Sum().of(x), x.sum())",
        "mean": "x = check.rng().normal(size=4)\ncheck.close(mean(x), x.mean())",
    }
    mistake = known("mean", "def mean(x):\n    return 2 * Sum().of(x) / len(x)", "Not twice.")
    wrong = exercises["Sum"].replace("np.sum(x)", "2 * np.sum(x)")
    parts = {"exercises": exercises, "tests": tests, "mistakes": [mistake]}
    assert outcome_of(grade(strict, {"Sum": wrong}, **parts), "mean").hints == ()
    assert outcome_of(grade(strict, {"mean": mistake.code}, **parts), "mean").hints == (
        "Not twice.",
    )


# -- the second run is safe, and changes no mark

HOSTILE = {
    "ends its process": "import os; os._exit(0)",
    "does not end": "while True: pass",
    "raises": "raise SystemExit",
    "gives something huge": "return 'x' * 10**9",
}


@pytest.mark.parametrize("trick", HOSTILE.values(), ids=HOSTILE)
def test_second_run_that_goes_another_way(judge: Judge, trick: str) -> None:
    """Who waits for the test to be run again gains and breaks nothing by it."""
    answer = (
        "import os\nclass Count: n = 0\ndef mean(x):\n"
        "    Count.n += 1\n"
        f"    if Count.n > 1:\n        {trick}\n"
        "    return total(x)"
    )
    report = grade(judge, {"mean": answer}, mistakes=MISTAKES)
    assert [outcome.points for outcome in report.outcomes] == [1, 0, 1]
    outcome = outcome_of(report, "mean")
    assert (outcome.status, outcome.hints) == ("failed", ())


def test_marks_are_those_without_known_mistakes(judge: Judge) -> None:
    """Hints are found when all marks are settled, fair credit included."""
    answers = {"total": "def total(x):\n    return 2 * np.sum(x)"}
    with_hints = grade(judge, answers, mistakes=TWICE)
    without = grade(judge, answers)
    assert [o.points for o in with_hints.outcomes] == [o.points for o in without.outcomes]
    assert [o.points for o in without.outcomes] == [0, 1, 1]


def test_answer_that_does_not_end_has_no_hint(judge: Judge) -> None:
    """It is not run again, and costs its time once."""
    start = time.monotonic()
    answer = {"mean": "def mean(x):\n    while True: pass"}
    outcome = outcome_of(grade(judge, answer, mistakes=MISTAKES), "mean")
    assert (outcome.status, outcome.hints) == ("timeout", ())
    assert time.monotonic() - start < 30


def test_right_answer_is_not_explained(judge: Judge) -> None:
    """Neither hint nor diagnosis on what passed or is not written."""
    unwritten = {"mean": "def mean(x):\n    raise NotImplementedError"}
    report = grade(judge, unwritten, mistakes=MISTAKES)
    assert all(not (o.hints or o.diagnosis) for o in report.outcomes)


PARTED = """
x = check.rng().normal(size=4)
with check.part("value", points=0.5):
    check.close(mean(x), x.mean())
with check.part("kind", points=0.5):
    check.shape(mean(x), ())
"""


def test_hint_stands_where_a_part_fails(judge: Judge) -> None:
    """A part that holds has no hint."""
    tests = TESTS | {"mean": PARTED}
    answer = {"mean": "def mean(x):\n    return total(x)"}
    parts = outcome_of(grade(judge, answer, mistakes=MISTAKES, tests=tests), "mean").parts
    assert [part.hints for part in parts] == [(MISTAKES[0].hint,), ()]


def test_hint_for_class_and_method(judge: Judge) -> None:
    """Mistakes in a method are replayed as mistakes in a function are."""
    counter = "class Counter:\n    def __init__(self):\n        self.n = 0\n"
    counter += "    def step(self, by):\n        self.n += by\n        return self.n\n"
    test = "c, n = Counter(), int(check.rng().integers(9, 99))\nc.step(2)\n"
    test += "check.close(c.step(n), n + 2)\ncheck.close(c.n, n + 2)"
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
        tests={"slope": "x = check.rng().normal()\ncheck.close(slope(lambda x: x**2, x), 2 * x)"},
    )
    assert report.outcomes[0].hints == ("Divide by the distance.",)


def test_hint_where_values_are_lists_of_several_lengths(judge: Judge) -> None:
    """Rows of different lengths are compared as any value is."""
    rows = {"rows": "def rows(n):\n    return [list(range(k)) for k in range(n)]"}
    tests = {"rows": "n = check.rng().integers(9, 99)\ncheck.equal(rows(n), reference.rows(n))"}
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
        "fill": "n = int(check.rng().integers(9, 99))\nbox = Box(n)\nfill([box])\ncheck.equal(box.n, n + 1)",
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


def test_hint_of_an_answer_in_the_judge_is_that_of_its_fingerprint(judge: Judge) -> None:
    """The search that ends with the first test unlike all mistakes finds what the whole one does."""
    replayer = judge.replayer(make_lesson(make_notebook(EXERCISES, TESTS)), MISTAKES)
    sources = [source for source, _ in HINTED.values()] + list(UNHINTED.values())
    for seed in (1, 2):
        for source in sources:
            fingerprint = replayer.fingerprint("mean", source, seed)
            whole = replayer.hint("mean", seed, fingerprint) if fingerprint else None
            assert (replayer.hint_of("mean", source, seed) or "") == (whole or "")
    assert replayer.hint_of("mean", HINTED["same value"][0], 1) == MISTAKES[0].hint


def test_failures_are_explained_only_where_that_is_asked_for(judge: Judge) -> None:
    """Marks are the same without hints and diagnoses."""
    lesson = make_lesson(make_notebook(EXERCISES, TESTS))
    notebook = make_notebook(EXERCISES | {"mean": HINTED["same value"][0]}, TESTS)
    plain, told = (
        judge.grade(lesson, notebook, "s", MISTAKES, explains=explains)
        for explains in (False, True)
    )
    assert plain.points == told.points
    assert outcome_of(told, "mean").hints == (MISTAKES[0].hint,)
    assert outcome_of(plain, "mean").hints == ()
    assert outcome_of(plain, "mean").diagnosis == ""


def test_what_no_seed_changes_is_recorded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that draws nothing says the same of an answer for every student."""
    tests = {
        "f": "check.equal(f(1.0), 2.0)",
        "g": "x = check.rng().normal()\ncheck.close(g(x), reference.g(x))",
    }
    exercises = {"f": "def f(x):\n    return 2 * x", "g": "def g(x):\n    return 3 * x"}
    replayer = Replayer(Instructor.of(make_lesson(make_notebook(exercises, tests))), ())
    recorded = []
    record = Native.answer
    monkeypatch.setattr(
        Native, "answer", lambda *args: recorded.append(args[2].id) or record(*args)
    )
    for name in exercises:
        one, other = (
            replayer.fingerprint(name, f"def {name}(x):\n    return x", seed) for seed in (1, 2)
        )
        values = [float(found[f"test_{name}"][0].value.entries[0]) for found in (one, other)]
        assert (values[0] == values[1]) == (name == "f")
    assert recorded == ["test_f", "test_g", "test_g"]
