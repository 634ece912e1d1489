"""Pairs of submissions that are built alike: disguise does not hide it, and being right is no sign."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from graded import exercise, make_course, verdict, write_graded
from hypothesis import given
from hypothesis import strategies as st
from nbformat import write
from nbformat.v4 import new_notebook

from coursework.batch.similar import NOTE, similar
from coursework.batch.structure import pieces_of
from coursework.cli import main
from coursework.course.layout import Course
from coursework.errors import ConfigError
from coursework.judge.report import Outcome

# nbgrader adds a submission to its session in a way that SQLAlchemy warns of.
pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")

PASSED = Outcome("test_slope", "slope", 3, 3, "passed")
SOLUTION = """def slope(x, y):
    x, y = x - x.mean(), y - y.mean()
    return (x * y).sum() / (x * x).sum()
"""
OWN = """def slope(x, y):
    top, bottom = 0, 0
    for i in range(len(x)):
        top += (x[i] - sum(x) / len(x)) * y[i]
        if bottom < 10 ** 9:
            bottom += x[i] ** 2 - x[i] * sum(x) / len(x)
    assert bottom != 0 and not top is None
    return top / bottom
"""
DISGUISED = '''def slope(xs, ys):
    """Mine, all mine."""
    a , b = 0 , 0       # the two sums
    for k in range( len(xs) ):
        a += (xs[k]-sum(xs)/len(xs))*ys[k]

        if b < 12 ** 8:
            b += (xs[k] ** 2
                  - xs[k]*sum(xs)/len(xs))
    assert b != 1 and not a is None
    return a/b
'''
OTHER = """def slope(x, y):
    A = np.column_stack([x, np.ones_like(x)])
    solved = np.linalg.lstsq(A, y, rcond=None)
    while solved is None:
        solved = [[z for z in y if z > 0], {}]
    return solved[0][0]
"""


@pytest.fixture
def tiny(tmp_path: Path) -> Course:
    """Return a course with a solution, and nobody who submitted."""
    course = make_course(tmp_path)
    for tree, source in (("source", SOLUTION), ("release", "raise NotImplementedError")):
        path = tmp_path / tree / "tiny" / "lesson.ipynb"
        path.parent.mkdir(parents=True)
        write(new_notebook(cells=[exercise("slope", source)]), path)
    return course


def hand_in(course: Course, **answers: str) -> None:
    """Record graded answers, by student."""
    for student, source in answers.items():
        write_graded(course, [exercise("slope", source), verdict(PASSED, "slope")], student)


def test_copy_in_disguise_is_found(tiny: Course) -> None:
    """Other names, numbers, comments and layout make no difference; another way is another."""
    hand_in(tiny, ada=OWN, bob=DISGUISED, carol=OTHER, dan=SOLUTION, eve="def slope(x, y): (")
    (pair,) = similar(tiny, "tiny")
    assert pair.students == ("ada", "bob")
    assert pair.score == pytest.approx(1)
    assert pair.n_shared > 60
    assert pair.exercises == ("lesson/slope",)


def test_right_answers_are_not_alike_for_being_right(tiny: Course) -> None:
    """The instructor's solution counts for nothing, nor does what was handed out."""
    hand_in(tiny, ada=SOLUTION, bob=SOLUTION, carol=SOLUTION.replace("x", "z"))
    assert similar(tiny, "tiny") == ()


def test_what_few_have_counts_more(tiny: Course) -> None:
    """A pair with a way of its own comes before pairs with what all have; scores are in order."""
    common = "def helper(v):\n    for i in range(3):\n        v = v * 2 + 1 - v / 3\n    return v\n"
    ways = {f"s{n}": np.random.default_rng(n).choice(list("+-*/%@&"), 30) for n in range(12)}
    answers = {name: f"{common}q = 1{' 1'.join(way)} 1\n" for name, way in ways.items()}
    hand_in(tiny, **answers, ada=common + OWN, bob=common + OWN.replace("top", "t"))
    found = similar(tiny, "tiny", most=5)
    assert found[0].students == ("ada", "bob")
    assert len(found) == 5
    assert all(0 <= b.score <= a.score <= 1 for a, b in pairwise(found))


@given(st.text())
def test_pieces_of_any_text(text: str) -> None:
    """Whatever stands in a cell has pieces, none where there is little of it."""
    found = list(pieces_of(text))
    assert len(found) <= len(text)
    assert all(len(piece.split(" ")) >= 8 for piece in found)


def test_huge_cell_is_cut() -> None:
    """A cell of megabytes costs no more than the longest that somebody writes by hand."""
    assert len(list(pieces_of("x=1\n" * 10**6))) < 50_000


@pytest.mark.parametrize("sign", "([{-~'")
def test_code_nested_without_end_has_pieces(sign: str) -> None:
    """What Python cannot read is taken as it was typed, and ends nothing."""
    assert len(list(pieces_of(f"x = 1\n{sign * 10**6}"))) < 50_000


def test_command_says_that_it_accuses_nobody(
    tiny: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before the pairs, and in JSON; a name with escapes does nothing to the terminal."""
    hand_in(tiny, **{"ada\x1b[31m": OWN, "bob": DISGUISED})
    monkeypatch.chdir(tiny.root)
    assert _ended("similar", "tiny") == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"{NOTE}\n")
    assert "accuses nobody" in NOTE
    assert "ada\\x1b[31m" in shown
    assert "\x1b" not in shown
    assert _ended("similar", "tiny", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["note"] == NOTE
    assert [pair["students"] for pair in found["pairs"]] == [["ada\x1b[31m", "bob"]]


def test_one_submission_is_no_pair(
    tiny: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command says so in one line, with the remedy."""
    hand_in(tiny, ada=OWN)
    with pytest.raises(ConfigError, match="no two graded submissions"):
        similar(tiny, "tiny")
    monkeypatch.chdir(tiny.root)
    assert _ended("similar", "tiny") == 2
    assert "run `coursework grade tiny`" in capsys.readouterr().err


def _ended(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return int(ended.value.code or 0)
