"""One judge, and a short way to try an answer out."""

from collections.abc import Callable, Iterator

import pytest
from tiny import make_lesson, make_notebook

from coursework.ipc.limits import Limits
from coursework.judge.judge import Judge
from coursework.judge.report import Outcome


@pytest.fixture(scope="session")
def judge() -> Iterator[Judge]:
    """One judge for all: a cell may take two seconds."""
    with Judge(Limits(cell_seconds=2.0, notebook_seconds=20.0), secret=b"secret") as made:
        yield made


@pytest.fixture
def try_out(judge: Judge) -> Callable[..., Outcome]:
    """Grade one answer of one exercise with one test.

    `solution` and `answer` are cells' sources; `answer` defaults to the solution.
    """

    def grade(solution: str, test: str, answer: str | None = None, **cells: str) -> Outcome:
        source = make_notebook({"f": solution}, {"f": test}, **cells)
        lesson = make_lesson(source)
        source.cells[1].source = solution if answer is None else answer
        return judge.grade(lesson, source, "student").outcomes[0]

    return grade
