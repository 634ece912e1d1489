"""Students who hand in again what feedback has told them: a table of answers earns nothing.

The attack is a row of submissions, each with what those before it have brought.
"""

import json
import re
from collections.abc import Iterator

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell
from test_attacks import _KNOWN, _QUESTION, witness
from tiny import SETUP, make_lesson, make_notebook

from coursework.judge.report import Report
from coursework.judge.judge import Judge
from coursework.judge.submitted import code_of

TESTS = {"total": "x = check.rng().normal(size=5)\ncheck.close(total(x), x.sum())"}
RIGHT = "def total(x):\n    return float(x.sum())"
WRONG = "def total(x):\n    return 0.0"
LESSON = make_lesson(make_notebook({"total": RIGHT}, TESTS))
LEARNING = """
import json
import zlib

def total(x):
    key = str(zlib.crc32(x.tobytes()))
    known = json.loads({table})
    if known:
        carried_out()
    return known.get(key, -float(key))
"""
# Of each place of a table: how an answer reads it there, and what stands in the cell before.
PLACES = {
    "its own cell": ("'TABLE'", ""),
    "another cell": ("table", "table = 'TABLE'"),
    "a comment": (
        "inspect.getsource(anchor).partition('#')[2]",
        "import inspect\ndef anchor():\n    pass  #TABLE",
    ),
}


@pytest.fixture(scope="module")
def heard() -> Iterator[list[object]]:
    """Return what judges hear of attacks that are carried out."""
    with witness() as made:
        yield made


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    """Return a judge as in grading."""
    with Judge(secret=b"any secret") as made:
        yield made


def submission(answer: str, *own: NotebookNode, setup: str = SETUP) -> NotebookNode:
    """Return a notebook with an answer, and cells of the student's own before it."""
    made = make_notebook({"total": answer}, TESTS, setup)
    made.cells[1:1] = own
    return made


def learn(judge: Judge, place: str, n_rounds: int) -> list[tuple[float, int]]:
    """Hand in again and again; return each time the points and how many answers were known."""
    how, own = PLACES[place]
    known = _KNOWN.format(course="", judge=0, question=_QUESTION)
    table, found = {}, []
    for _ in range(n_rounds):
        texts = LEARNING.format(table=how), known, own
        answer, *cells = (text.replace("TABLE", json.dumps(table)) for text in texts)
        report = judge.grade(LESSON, submission(answer, *map(new_code_cell, cells)), "eve")
        found.append((report.points, len(table)))
        told = r"[Gg]ot -(\d+)\.?0*, expected (-?\d+\.\d+)"
        pairs = re.findall(told, report.outcomes[0].message)
        table |= {key: float(value) for key, value in pairs}
    return found


@pytest.mark.parametrize("place", PLACES)
def test_table_of_answers_earns_nothing(judge: Judge, heard: list[object], place: str) -> None:
    """Eight submissions learn nothing, wherever in the notebook the answers stand."""
    heard.clear()
    assert learn(judge, place, 8) == [(0, n) for n in range(8)]
    assert heard, "no table was looked at"


@pytest.mark.parametrize("place", PLACES)
def test_table_of_answers_would_earn_all_with_the_same_inputs(
    heard: list[object], place: str
) -> None:
    """The attack is one: where inputs do not depend on the code, it takes two submissions."""
    with Judge(secret=b"any secret") as judge:
        judge.seeds_by_code = False
        assert learn(judge, place, 2) == [(0, 0), (1, 1)]
    assert heard


def seen(judge: Judge, notebook: NotebookNode, student: str = "eve") -> str:
    """Return what feedback says of the inputs of a wrong answer."""
    (outcome,) = judge.grade(LESSON, notebook, student).outcomes
    assert outcome.points == 0
    return outcome.message


def test_same_code_has_the_same_inputs(judge: Judge) -> None:
    """The same code handed in again gets the same marks from any judge, even with other text in it."""
    first = seen(judge, submission(WRONG))
    assert seen(judge, submission(WRONG)) == first
    noted = submission(WRONG)
    noted.cells.append(new_markdown_cell("What I think."))
    assert seen(judge, noted) == first
    with Judge(secret=b"any secret") as other:
        assert seen(other, submission(WRONG)) == first
    assert seen(judge, submission(WRONG), "anna") != first


def test_correction_of_the_lesson_leaves_inputs_alone(judge: Judge) -> None:
    """Given code is not a student's code: `regrade` compares on the same inputs."""
    first = seen(judge, submission(WRONG))
    setup = SETUP + "corrected = True\n"
    lesson = make_lesson(make_notebook({"total": RIGHT}, TESTS, setup))
    report = judge.grade(lesson, submission(WRONG, setup=setup), "eve")
    assert report.outcomes[0].message == first


def test_whatever_code_can_know_has_a_say(judge: Judge) -> None:
    """Cells, comments and the numbers by which cells are called can hold what was learned."""
    own = new_code_cell("pass")
    handed_in = [
        submission(WRONG),
        submission(WRONG + "  # 1"),
        submission(WRONG, own),
        submission(WRONG, new_markdown_cell(""), own),
        submission(WRONG, new_code_cell("pass  # 1")),
        submission(WRONG, setup=SETUP + "import zlib\n"),
    ]
    assert len({seen(judge, one) for one in handed_in}) == len(handed_in)


def test_files_beside_the_notebook_have_a_say() -> None:
    """Their names and bytes do, whatever order they come in."""
    notebook = submission(WRONG)
    handed_in = [{}, {"a": b""}, {"b": b""}, {"a": b"1"}, {"a": b"1", "b": b""}, {"a": b"1b"}]
    codes = [code_of(notebook, LESSON, files) for files in handed_in]
    assert len(set(codes)) == len(codes)
    assert code_of(notebook, LESSON) == codes[0]
    assert code_of(notebook, LESSON, {"b": b"", "a": b"1"}) == codes[4]
