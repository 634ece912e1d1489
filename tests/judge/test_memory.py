"""Large arrays are copied straight into a sandboxed student's process."""

import pytest
from tiny import make_lesson, make_notebook

from coursework.judge import memory
from coursework.judge.sandbox import isolation_problems
from coursework.judge.session import Judge

SOLUTION = "def total(x):\n    return x.sum(axis=0)"
TEST = """
x = check.rng().normal(size=(300_000, 2))
check.close(total(x), x.sum(axis=0))
check.close(total(x[::2]), reference.total(x[::2]))
"""


@pytest.mark.skipif(bool(isolation_problems()), reason="; ".join(isolation_problems()))
def test_large_array_is_written_into_the_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    """It reaches a student's function by one copy, and unchanged."""
    written = []
    original = memory.Writer.write

    def write(self: memory.Writer, *arguments: list) -> bool:
        written.append(original(self, *arguments))
        return written[-1]

    monkeypatch.setattr(memory.Writer, "write", write)
    source = make_notebook({"total": SOLUTION}, {"total": TEST})
    with Judge(isolation="full") as judge:
        report = judge.grade(make_lesson(source), source, "student")
    assert report.outcomes[0].status == "passed", report.outcomes[0].message
    assert written == [True, True]


def test_writer_refuses_a_process_that_is_not_there() -> None:
    """Without such a process nothing is written, and the socket takes over."""
    writer = memory.Writer(2**22 - 1, 7)
    assert not writer.write([memoryview(bytearray(8))], [0])
