"""The audit knows which hints are true, and makes the slips that deserve none."""

import ast
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from means import audited, make

from coursework.audit.cases import STUDENTS, Case, CaseVerdict, Subject
from coursework.audit.precision import with_hints
from coursework.audit.run import take_stock
from coursework.judge.judge import Judge
from coursework.mutants.slips import slips

SUM = "def mean(x):\n    return np.sum(x)"
LOST = CaseVerdict(0.0, 2.0)
CELL = '''class Number:
    """A number."""

    def __init__(self, value, unit=1):
        self.value = value * unit

    def __add__(self, other):
        if other is None:
            return self
        return Number(self.value + other.value)


def double(number):
    """Return twice the number."""

    def again(one):
        return one + one

    return again(number)
'''
SLIPS = {
    "a forgotten return in __add__",
    "a forgotten return in double",
    "a forgotten return in again",
    "an unknown name for value in __init__",
    "an unknown name for unit in __init__",
    "an unknown name for other in __add__",
    "an unknown name for number in double",
    "an unknown name for one in again",
    "no parameter unit in __init__",
    "no parameter other in __add__",
    "no parameter number in double",
    "no parameter one in again",
    *(
        f"{what} in {name}"
        for what in ("a parameter too many", "a stub left", "a recursion without end")
        for name in ("__init__", "__add__", "double", "again")
    ),
}


def test_slips_of_functions_and_methods() -> None:
    """Each slip is made in each function and method, once for each return, and is code."""
    made = slips(CELL)
    assert {slip.label for slip in made} == SLIPS
    assert sum(slip.label == "a forgotten return in __add__" for slip in made) == 2
    assert len({slip.source for slip in made}) == len(made)
    for slip in made:
        ast.parse(slip.source)
        assert ast.unparse(ast.parse(CELL)) != slip.source


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> Subject:
    """The good lesson."""
    course = make(tmp_path_factory.mktemp("precision"), {"good": ()})
    return take_stock(course).subjects["00-a/good"]


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    """A judge that no student's process is asked of."""
    with Judge(secret=b"audit") as made:
        yield made


def mutant(subject: Subject, source: str) -> Case:
    """Return a wrong answer to `mean`."""
    return Case(subject.name, "mutant", "a change", "mean", (("mean", source),))


def test_hint_of_the_same_function_is_true(judge: Judge, subject: Subject) -> None:
    """A mutant that is a known mistake, however it is written, may have its hint."""
    found = with_hints(judge, subject, mutant(subject, SUM), LOST)
    assert (found.hints, found.refuted) == (("A sum is no mean.",), ())


def test_hint_by_luck_is_refuted(judge: Judge, subject: Subject) -> None:
    """A hint that an answer gets with one student's inputs, and not with others', is false."""
    seed = judge.seed(subject.lesson, STUDENTS[0], "mean")
    largest = np.random.default_rng(seed).normal(size=5).max()
    lucky = f"def mean(x):\n    return np.sum(x) if max(x, default=0) in ({largest!r}, 3) else 0.0"
    lucky = lucky.replace("np.float64", "")
    found = with_hints(judge, subject, mutant(subject, lucky), LOST)
    assert (found.hints, found.refuted) == (("A sum is no mean.",), ("A sum is no mean.",))


@pytest.mark.parametrize("code", ["return 0.1", "while True: pass", "return unknown"])
def test_answer_without_hint(judge: Judge, subject: Subject, code: str) -> None:
    """An unknown mistake and an endless answer have no hint and nothing refuted."""
    found = with_hints(judge, subject, mutant(subject, f"def mean(x):\n    {code}"), LOST)
    assert (found.hints, found.refuted) == ((), ())


def test_hint_of_another_mistake_is_false(judge: Judge, subject: Subject) -> None:
    """A known mistake may show no hint but its own."""
    one, other = (m for m in subject.mistakes if m.exercise == "mean" and m.line < 10)
    case = replace(mutant(subject, SUM), kind="mistake", hint=one.hint)
    found = with_hints(judge, subject, case, replace(LOST, hints=(other.hint,)))
    assert found.refuted == (other.hint,)


def test_audit_tells_false_hints_and_mistakes_that_are_one(tmp_path: Path) -> None:
    """Both are problems, reported with the lines of the mistakes."""
    twins = ('"np.sum(x) / len(x)"\nnew = "np.median(x)"', '" / len(x)"\nnew = "  / 1"')
    lesson = audited(make(tmp_path, {"twins": (twins,)}), with_mutants=True)["twins"]
    told = [text for text in lesson.problems if "cannot be told from" in text]
    assert [text.split(":")[0] for text in told] == [
        "the mistake in line 1, of mean cannot be told from that in line 6",
        "the mistake in line 6, of mean cannot be told from that in line 1",
    ]


def test_audit_lets_hints_wait(tmp_path: Path) -> None:
    """A lesson may say that its hints come later; that is stale where they are there."""
    twins = ('"np.sum(x) / len(x)"\nnew = "np.median(x)"', '" / len(x)"\nnew = "  / 1"')
    place = '[[whole]]\nstyle = "loops"'
    later = (place, f'[[later]]\nmeasure = "hinted"\nreason = "It is old."\n\n{place}')
    found = audited(make(tmp_path, {"twins": (twins, later), "good": (later,)}))
    assert found["twins"].problems == ()
    (problem,) = found["good"].problems
    assert (
        problem == "[[later]] in line 25 is stale: 4/4 mistakes get their own hint, which is enough"
    )


def test_audit_counts_true_hints(tmp_path: Path) -> None:
    """In a good lesson all hints are true, and graded slips get no hint but their own."""
    lesson = audited(make(tmp_path, {"good": ()}), with_mutants=True)["good"]
    assert lesson.problems == ()
    true = lesson.total("true")
    assert true.good == true.all >= lesson.total("hinted").all == 4
    graded = [verdict for case, verdict in lesson.found if case.kind == "slip"]
    assert len(graded) == sum(len(slips(source)) for source in lesson.subject.sources.values())
    assert all(not verdict.is_full for verdict in graded)
