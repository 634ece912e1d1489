"""Each limit ends what exceeds it, and says which limit it was."""

import os
from copy import deepcopy
from dataclasses import replace
from subprocess import Popen
from threading import Timer

import pytest
from nbformat.v4 import new_code_cell
from tiny import make_lesson, make_notebook

from coursework.ipc.limits import Limits
from coursework.judge.judge import Judge
from coursework.judge.report import Report
from coursework.sandbox.bubblewrap import isolation_problems, landlock_problems

MIB = 1024 * 1024
# What ends by another limit than that of time has time enough, however busy the machine is.
LIMITS = Limits(cell_seconds=60.0, notebook_seconds=240.0)
FINE = "def f(x):\n    return x"
FORK = """
import os, time
while True:
    if not os.fork():
        time.sleep(100)
"""
GROW = """
import os, time
for _ in range(6):
    if not os.fork():
        held = b"x" * 60_000_000
        time.sleep(100)
time.sleep(100)
"""
THREADS = """
import threading, time
for _ in range(1000):
    threading.Thread(target=time.sleep, args=(100,), daemon=True).start()
"""
HELD_PROCESSES = """
import os, time
for _ in range(12):
    if not os.fork():
        time.sleep(100)
time.sleep(100)
"""
HELD_THREADS = """
import threading, time
for _ in range(12):
    threading.Thread(target=time.sleep, args=(100,), daemon=True).start()
time.sleep(100)
"""
FILES = "opened = [open('/dev/null') for _ in range(1000)]"
LARGE_FILE = "with open('/tmp/x', 'wb') as file:\n    file.write(bytes(5_000_000))"
MANY_FILES = """
for number in range(10):
    with open(f"/tmp/{number}", "wb") as file:
        file.write(bytes(1_000_000))
"""


def run(limits: Limits, answer: str, isolation: str = "auto") -> Report:
    """Grade an answer and a cell after it."""
    source = make_notebook({"f": FINE}, {"f": "check.close(f(1.0), 1.0)"})
    lesson = make_lesson(source)
    source.cells[1].source = answer
    source.cells.append(new_code_cell("print('goes on')"))
    with Judge(limits, b"s", isolation=isolation) as judge:
        return judge.grade(lesson, source, "s")


def said(report: Report) -> str:
    """Return everything that a student is told."""
    outputs = [str(output) for one in report.runs.values() for output in one.outputs]
    return "\n".join([*(outcome.message for outcome in report.outcomes), *outputs])


IN_CELL = {
    "cell_seconds": (2.0, "while True: pass", "still running after 2 s"),
    "memory_bytes": (200 * MIB, "x = bytearray(10**9)", "limit is 200 MiB of memory"),
    "memory of all processes": (200 * MIB, GROW, "more than 200 MiB of memory in all its"),
    "processes": (8, FORK, "limit is 8 processes"),
    "threads": (8, THREADS, "limit is 8 processes and threads"),
    "open_files": (32, FILES, "limit is 32 open files"),
    "file_bytes": (4 * MIB, LARGE_FILE, "limit is 4 MiB in files"),
    "file_bytes of all files": (4 * MIB, MANY_FILES, "limit is 4 MiB in files"),
    "output_bytes": (1000, "print('x' * 2000)", "output cut"),
}
_PROBLEMS = {"full": isolation_problems, "landlock": landlock_problems, "process": tuple}
FIELDS = {
    "memory of all processes": "memory_bytes",
    "threads": "processes",
    "file_bytes of all files": "file_bytes",
}
IN_CALL = {
    "cell_seconds": (2.0, "def f(x):\n    while True: pass", "still running after 2 s"),
    "cpu_seconds": (1.0, "def f(x):\n    while True: pass", "used up its 1 s of CPU time"),
    "memory_bytes": (
        200 * MIB,
        "def f(x):\n    return np.ones(10**9)",
        "limit is 200 MiB of memory",
    ),
    "message_bytes": (10_000, "def f(x):\n    return 'x' * 20_000", "at most 10,000 may cross"),
    "array_elements": (1000, "def f(x):\n    return np.ones(2000)", "at most 1,000 may cross"),
}


@pytest.mark.parametrize("name", IN_CELL)
def test_limit_hit_in_a_cell(name: str) -> None:
    """The cell ends, says why, and the notebook continues."""
    value, cell, message = IN_CELL[name]
    limits = replace(LIMITS, **{FIELDS.get(name, name): value})
    report = run(limits, f"{FINE}\n{cell}")
    assert message in said(report)
    assert "goes on" in said(report)


@pytest.mark.parametrize("isolation", ["landlock", "process"])
@pytest.mark.parametrize("cell", [HELD_PROCESSES, HELD_THREADS])
def test_limit_of_processes_outside_of_namespaces(cell: str, isolation: str) -> None:
    """Where the kernel counts all that the user runs, and lets these begin, the judge counts."""
    if problems := _PROBLEMS[isolation]():
        pytest.skip("; ".join(problems))
    report = run(replace(LIMITS, processes=8), f"{FINE}\n{cell}", isolation)
    assert "more than 8 processes and threads at once" in said(report)
    assert "goes on" in said(report)


@pytest.mark.skipif(os.geteuid() == 0, reason="the kernel sets root no limit of processes")
@pytest.mark.parametrize("isolation", ["landlock", "process"])
def test_what_others_start_meanwhile_is_not_the_students(isolation: str) -> None:
    """Processes that the same user begins during a notebook take nothing from it."""
    if problems := _PROBLEMS[isolation]():
        pytest.skip("; ".join(problems))
    cell = (
        "import threading, time\ntime.sleep(1)\nmany = [threading.Thread(target=time.sleep,"
        " args=(0.3,)) for _ in range(5)]\n[one.start() for one in many]\nprint('all began')"
    )
    others = []
    begin = Timer(0.3, lambda: others.extend(Popen(["/bin/sleep", "60"]) for _ in range(40)))
    begin.start()
    try:
        report = run(replace(LIMITS, processes=8), f"{FINE}\n{cell}", isolation)
    finally:
        begin.join()
        for one in others:
            one.kill()
            one.wait()
    assert "all began" in said(report)


@pytest.mark.parametrize("name", IN_CALL)
def test_limit_hit_in_a_call(name: str) -> None:
    """The test loses its points with a message that names the limit."""
    value, answer, message = IN_CALL[name]
    limits = replace(LIMITS, **{name: value})
    report = run(limits, answer)
    assert report.points == 0
    assert message in report.outcomes[0].message
    assert "goes on" in said(report)


def test_limit_of_the_notebook() -> None:
    """Cells that are each quick enough end together when the notebook's time is up."""
    limits = replace(LIMITS, notebook_seconds=1.5)
    source = make_notebook({"f": FINE}, {"f": "check.close(f(1.0), 1.0)"})
    lesson = make_lesson(source)
    source.cells[1:1] = [new_code_cell("import time; time.sleep(1)") for _ in range(10)]
    with Judge(limits, b"s") as judge:
        report = judge.grade(lesson, source, "s")
    assert "the notebook's 1.5 s are used up" in report.outcomes[0].message
    assert sum(run.error == "" for run in report.runs.values()) < 5


@pytest.mark.parametrize("answer", ["x = 0\nwhile True: pass", "def f(x):\n    while True: pass"])
def test_limit_of_the_notebook_within_a_cell(answer: str) -> None:
    """The message names the notebook's time, not what was left of it when the cell began."""
    report = run(replace(LIMITS, notebook_seconds=1.5), answer)
    assert "still running after the notebook's 1.5 s and was stopped" in said(report)


@pytest.mark.parametrize("isolation", ["full", "landlock", "process"])
def test_memory_reserved_by_threads(isolation: str) -> None:
    """A thread takes its stack of the memory, and no more."""
    if problems := _PROBLEMS[isolation]():
        pytest.skip("; ".join(problems))
    cell = (
        "import threading\nheld = threading.Event()\n"
        "work = lambda: held.wait(60) and [str(i) for i in range(9)]\n"
        "many = [threading.Thread(target=work) for _ in range(20)]\n"
        "[one.start() for one in many]\nheld.set()\n"
        "[one.join() for one in many]\nprint('all worked')"
    )
    limits = replace(LIMITS, memory_bytes=250 * MIB)
    assert "all worked" in said(run(limits, f"{FINE}\n{cell}", isolation))


def test_limit_of_questions() -> None:
    """A test that walks through an endless answer of the student's ends after so many steps."""
    source = make_notebook({"f": FINE}, {"f": "for _ in f(1.0):\n    pass"})
    lesson = make_lesson(source)
    source.cells[1].source = "def f(x):\n    return iter(int, 1)"
    with Judge(replace(LIMITS, questions=50), b"s") as judge:
        (outcome,) = judge.grade(lesson, source, "s").outcomes
    assert (outcome.points, outcome.status) == (0, "timeout")
    assert "answered 50 questions of its test" in outcome.message


def test_limit_of_the_judges_own_time() -> None:
    """A test that an answer keeps busy in the judge itself ends with the cell's time."""
    source = make_notebook({"f": FINE}, {"f": "n = f(1)\nwhile n:\n    n += 1"})
    lesson = make_lesson(source)
    with Judge(replace(LIMITS, cell_seconds=2.0), b"s") as judge:
        report = judge.grade(lesson, source, "s")
    assert "its test work for more than 2 s" in report.outcomes[0].message


def test_limits_hold_without_a_sandbox() -> None:
    """Memory, files and time are limited in a plain process too."""
    limits = replace(LIMITS, memory_bytes=200 * MIB, open_files=32, cpu_seconds=1.0)
    for answer, message in (
        (f"{FINE}\nx = bytearray(10**9)", "limit is 200 MiB"),
        (f"{FINE}\n{FILES}", "limit is 32 open files"),
        ("def f(x):\n    while True: pass", "1 s of CPU time"),
    ):
        assert message in said(run(limits, answer, "process"))


def test_every_limit_is_tried() -> None:
    """No field of `Limits` is without its test."""
    tried = {FIELDS.get(name, name) for name in (*IN_CELL, *IN_CALL)} | {
        "notebook_seconds",
        "questions",
    }
    assert tried >= set(Limits.__dataclass_fields__)


def test_answer_that_ran_out_of_time_is_not_waited_for_again() -> None:
    """One endless loop costs a cell's time once, not in each test that meets it."""
    names = ("loop", "user", "fine")
    source = make_notebook(
        {
            "loop": "def loop(x):\n    return x",
            "user": "def user(x):\n    return loop(x)",
            "fine": "def fine(x):\n    return x",
        },
        {name: f"check.equal({name}(1), 1)" for name in names},
    )
    for number in range(4):
        again = deepcopy(source.cells[2])
        again.metadata.update(part=str(number))
        again.metadata.nbgrader.grade_id = f"test_loop_{number}"
        source.cells.insert(3, again)
    lesson = make_lesson(source)
    source.cells[1].source = "def loop(x):\n    while True: pass"
    with Judge(replace(LIMITS, cell_seconds=4.0, notebook_seconds=20.0), b"s") as judge:
        outcomes = judge.grade(lesson, source, "s").outcomes
    found = {outcome.id: outcome for outcome in outcomes}
    late = [found[f"test_loop_{number}"].message for number in range(4)]
    assert sum("still running after 4 s" in outcome.message for outcome in outcomes) == 1
    assert sum("still running after 0.4 s" in message for message in late) >= 3
    assert found["test_user"].points == 1  # with the right `loop`, in time of its own
    assert found["test_fine"].points == 1
