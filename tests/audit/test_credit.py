"""The audit finds right answers that an earlier mistake costs points."""

import pytest
from means import audited, make

from coursework.audit.result import LessonAudit

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
    """What is listed is not counted; an entry that nothing needs is told."""
    assert lessons["listed"].problems == ()
    assert str(lessons["listed"].total("credit")) == "1/1"
    (problem,) = lessons["stale"].problems
    assert problem.startswith("[[uncredited]] in line ")
    assert problem.endswith("is stale: a right answer to spread keeps its points")
