"""The audit finds right answers that an earlier mistake costs points."""

import pytest
from means import audited, make
from tiny import make_lesson, make_notebook

from coursework.audit.cases import Subject
from coursework.audit.credit import Credit, Later
from coursework.audit.result import LessonAudit
from coursework.course.alternatives import Evidence
from coursework.course.mistakes import Mistake
from coursework.ipc.limits import Limits
from coursework.judge.judge import Judge

SOLUTION = "    return mean((x - mean(x)) ** 2)\n"
# Keeps the student's `mean` as it is when the cell runs: no other can take its place.
BOUND = ("def spread(x):", "average = mean\n\n\ndef spread(x):")
BOUND_USE = (SOLUTION, "    return average((x - average(x)) ** 2)\n")
BOUND_MISTAKE = ('old = "(x - mean(x)) ** 2"', 'old = "(x - average(x)) ** 2"')
BOUND_NEW = ('new = "abs(x - mean(x))"', 'new = "abs(x - average(x))"')
LAST = 'spread = "spread = np.var"\n'
LISTED = """
[[uncredited]]
exercise = "mean"
later = "spread"
reason = "Its cell keeps the function under another name."
"""


@pytest.fixture(scope="module")
def lessons(tmp_path_factory: pytest.TempPathFactory) -> dict[str, LessonAudit]:
    """The good lesson, one whose later exercise binds the earlier one, and this with a reason."""
    bound = (BOUND, BOUND_USE, BOUND_MISTAKE, BOUND_NEW)
    variants = {
        "good": (),
        "bound": bound,
        "listed": (*bound, (LAST, LAST + LISTED)),
        "stale": ((LAST, LAST + LISTED),),
    }
    return audited(make(tmp_path_factory.mktemp("credit"), variants), extras=("credit",))


def test_audit_counts_right_answers_behind_each_mistake(lessons: dict[str, LessonAudit]) -> None:
    """Each mistake and each later exercise that uses its own make one; nothing uses the last."""
    lesson = lessons["good"]
    assert lesson.problems == ()
    counts = {row.exercise: str(row.counts["credit"]) for row in lesson.rows}
    assert counts == {"mean": "3/3", "spread": "-", "": "-"}


def test_audit_finds_right_answers_that_lose_points(lessons: dict[str, LessonAudit]) -> None:
    """They are named with the mistake and what the test says; what is not reached keeps points."""
    lesson = lessons["bound"]
    lost = [text for text in lesson.problems if "behind" in text]
    assert str(lesson.total("credit")) == "1/3"
    assert len(lost) == 2
    assert lost[0].startswith(
        "behind the mistake in line 1, of mean a right answer to spread loses points\ntest_spread: "
    )


def test_audit_takes_a_reason_for_lost_credit(lessons: dict[str, LessonAudit]) -> None:
    """What is listed is not counted; an entry that nothing needs is reported."""
    assert lessons["listed"].problems == ()
    assert str(lessons["listed"].total("credit")) == "1/1"
    (problem,) = lessons["stale"].problems
    assert problem.startswith("[[uncredited]] in line ")
    assert problem.endswith("is stale: a right answer to spread keeps its points")


def behind(judge: Judge, subject: Subject, *, knows: bool) -> list[Later]:
    """Return what is lost behind each mistake of `a`, with and without what is known already."""
    mistakes = [case for case in subject.cases() if case.kind == "mistake"]
    credit = Credit(judge, subject, "a")
    found = []
    for case in mistakes:
        found.append(credit.later_answers(case))
        credit = credit if knows else Credit(judge, subject, "a")
    return found


@pytest.mark.parametrize(
    ("later", "lost"),
    [
        ("def b():\n    return a() + 1", [False, False, False]),
        ("c = a\ndef b():\n    return c() + 1", [True, True, True]),  # its mistake stays in it
    ],
)
def test_what_is_known_of_one_mistake_holds_behind_the_next(later: str, lost: list[bool]) -> None:
    """Tests are left out whose second try has been passed, and nothing is found otherwise."""
    cells = {"a": "def a():\n    return 1", "b": later, "d": "def d():\n    return 4"}
    tests = {"a": "check.equal(a(), 1)", "b": "check.equal(b(), 2)", "d": "check.equal(d(), 4)"}
    lesson = make_lesson(make_notebook(cells, tests))
    wrong = ("return 5", "while True: pass", "raise ValueError")
    mistakes = tuple(
        Mistake("a", "", "return 1", text, text, right=False, path=lesson.path, line=line)
        for line, text in enumerate(wrong)
    )
    subject = Subject(lesson, mistakes, Evidence(), ())
    with Judge(Limits(cpu_seconds=1.0), b"s") as judge:
        judge.tries, judge.seeds_by_code = {}, False
        found = behind(judge, subject, knows=True)
        assert [[bool(text) for _, text in one] for one in found] == [[one] for one in lost]
        assert found == behind(judge, subject, knows=False)
