"""Large arrays are copied straight into a sandboxed student's process."""

from collections.abc import Sequence

import numpy as np
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
shifted = np.frombuffer(bytes(3) + x.tobytes(), offset=3).reshape(x.shape)
check.close(total(shifted), x.sum(axis=0))
"""


@pytest.mark.skipif(bool(isolation_problems()), reason="; ".join(isolation_problems()))
def test_large_array_is_written_into_the_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    """It reaches a student's function by one copy, unchanged, at the same place in its page."""
    written = []
    original = memory.Writer.write

    def write(self: memory.Writer, buffers: Sequence[memoryview], addresses: Sequence[int]) -> bool:
        places = [address % 4096 for address in addresses]
        is_done = original(self, buffers, addresses)
        written.append(is_done and places == [memory.place_of(one) for one in buffers])
        return is_done

    monkeypatch.setattr(memory.Writer, "write", write)
    source = make_notebook({"total": SOLUTION}, {"total": TEST})
    with Judge(isolation="full") as judge:
        report = judge.grade(make_lesson(source), source, "student")
    assert report.outcomes[0].status == "passed", report.outcomes[0].message
    assert written == [True, True, True]


def test_writer_refuses_a_process_that_is_not_there() -> None:
    """Without such a process nothing is written, and the socket takes over."""
    writer = memory.Writer(2**22 - 1, 7)
    assert not writer.write([memoryview(bytearray(8))], [0])


@pytest.mark.parametrize("place", [0, 1, 16, 4095])
@pytest.mark.parametrize("size", [1, 4096, 1_000_003])
def test_memory_begins_where_it_is_asked_to(place: int, size: int) -> None:
    """All of it is there, and can be written."""
    room = memory.empty_at(place, size)
    assert (memory.place_of(room), len(room)) == (place, size)
    room[:] = bytes(size)
    assert not np.frombuffer(room, np.uint8).any()
