"""A lesson of three exercises that use each other, and answers to it, graded."""

from collections.abc import Sequence
from pathlib import Path

from tiny import make_lesson, make_notebook

from coursework.course.mistakes import Mistake
from coursework.judge.judge import Judge
from coursework.judge.report import Outcome, Report

__all__ = ["EXERCISES", "TESTS", "grade", "known", "outcome_of"]

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
