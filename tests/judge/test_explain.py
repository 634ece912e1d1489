"""Parts and fair credit, through the real judge."""

from averages import EXERCISES, TESTS, grade, outcome_of

from coursework.ipc.limits import Limits
from coursework.judge.judge import Judge

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
    """A part that fails costs its own points and the test continues."""
    answer = "def total(x):\n    s = x[0]\n    for v in x[1:]: s = s + v\n    return s"
    report = grade(judge, {"total": answer}, tests=TESTS | {"total": PARTED})
    outcome = outcome_of(report, "total")
    assert [part.status for part in outcome.parts] == ["passed", "failed", "passed"]
    assert (outcome.points, outcome.status) == (0.75, "failed")
    assert "empty: " in outcome.message
    assert "IndexError" in outcome.parts[1].message


def test_parts_before_a_crash_keep_their_points(judge: Judge) -> None:
    """A process that dies in a part costs that part and those after it."""
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
    """In a cell with parts, the parts that now pass are credited."""
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


# -- the failure that is shown

HIDDEN = """
check.close(total(np.zeros(50)), 0.0)
### BEGIN HIDDEN TESTS
rng = check.rng()
for n in (40, 20, 3, 2):
    check.close(total(np.arange(1.0, n)), n * (n - 1) / 2)
### END HIDDEN TESTS
"""
TWICE = "def total(x):\n    return 2 * np.sum(x)"


def test_failure_on_few_numbers_is_shown(judge: Judge) -> None:
    """Of hidden checks that fail one on few numbers is shown, with the same verdict."""
    outcome = outcome_of(grade(judge, {"total": TWICE}, tests=TESTS | {"total": HIDDEN}), "total")
    assert (outcome.points, outcome.status) == (0, "failed")
    assert outcome.message.splitlines() == [
        "total(x)",
        "  x = [1.]  (shape (1,), float64)",
        "Got 2, expected 1.",
    ]


def test_failure_on_few_numbers_is_shown_of_the_same_part(judge: Judge) -> None:
    """Each part speaks for itself: a small failure of another part is not its cause."""
    parts = HIDDEN.replace("for n in (40, 20, 3, 2):", "with check.part('large', 0.5):").replace(
        "(np.arange(1.0, n)), n * (n - 1) / 2", "(np.ones(30)), 30.0"
    )
    parts += "with check.part('small', 0.5):\n    check.close(total(np.ones(1)), 1.0)\n"
    outcome = outcome_of(grade(judge, {"total": TWICE}, tests=TESTS | {"total": parts}), "total")
    assert [part.message.splitlines()[-1] for part in outcome.parts] == [
        "Got 60, expected 30.",
        "Got 2, expected 1.",
    ]


def test_first_visible_failure_is_shown(judge: Judge) -> None:
    """A failed visible check is still the one that is reported, however large its input."""
    test = HIDDEN.replace("np.zeros(50)), 0.0", "np.ones(50)), 50.0")
    outcome = outcome_of(grade(judge, {"total": TWICE}, tests=TESTS | {"total": test}), "total")
    assert outcome.message.splitlines()[-1] == "Got 100, expected 50."
