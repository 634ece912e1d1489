"""`%check`, `%hint` and `%status` in a kernel, as JupyterLab and Notebook start it."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from classroom import cell
from jupyter_client import BlockingKernelClient, KernelManager
from waiting import until

from coursework.course.layout import Course
from coursework.learner.place import work_place
from coursework.learner.start import start
from coursework.learner.status import status
from coursework.learner.warm import serve

WRONG = "def double(x):\n    return x * x"
RIGHT = "def double(x):\n    return x + x"
MISTAKES = '[[double]]\nold = "2 * x"\nnew = "x * x"\nhint = "This is the square."\n'


@dataclass
class Kernel:
    """A kernel that runs in the folder of a notebook."""

    manager: KernelManager
    client: BlockingKernelClient
    course: Path

    def run(self, source: str) -> dict[str, str]:
        """Run a cell; return all that it shows, by kind."""
        shown: dict[str, str] = {}

        def take(message: dict) -> None:
            content = message["content"]
            for kind, text in content.get("data", {}).items():
                shown[kind] = shown.get(kind, "") + text
            if message["msg_type"] == "stream":
                shown["text"] = shown.get("text", "") + content["text"]
            if message["msg_type"] == "error":
                shown["error"] = content["ename"]

        self.client.execute_interactive(source, output_hook=take, timeout=120)
        return shown

    def judges(self) -> list[int]:
        """Return the processes that the kernel has started."""
        pid = self.manager.provisioner.pid
        return list(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


@pytest.fixture
def kernel(course: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kernel]:
    """A kernel of the lesson on doubling, in `work/`, with the commands loaded."""
    (course / "lessons/a1/doubling.mistakes.toml").write_text(MISTAKES)
    start(work_place(Course(course)), "a1/doubling")
    monkeypatch.setenv("JPY_SESSION_NAME", "work/a1/doubling.ipynb")
    manager = KernelManager(kernel_name="python3", transport="ipc", ip=str(course / "kernel"))
    manager.start_kernel(cwd=str(course / "work/a1"), env=dict(os.environ))
    client = manager.blocking_client()
    client.start_channels()
    client.wait_for_ready(timeout=120)
    try:
        found = Kernel(manager, client, course)
        assert found.run("%load_ext coursework") == {}
        yield found
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_check_judges_what_ran(kernel: Kernel) -> None:
    """Wrong, then right, saved or not: points, cause and hint are in a table; the map knows."""
    kernel.run(WRONG)
    shown = kernel.run("%check double")
    assert "✗ double  0/3" in shown["text/plain"]
    for text in ("<table>", "0 of 3", "expected", "<b>Hint:</b> This is the square."):
        assert text in shown["text/html"]
    assert "double: This is the square." in kernel.run("%hint")["text"]
    kernel.run(RIGHT)
    assert "✓ double  3/3" in kernel.run("%check double")["text/plain"]
    whole = kernel.run("%check")["text/plain"]
    assert ("✓ double  3/3" in whole, "3 of 5 points" in whole) == (True, True)
    assert "no answer yet" in kernel.run("%hint")["text"]
    (first, _) = status(work_place(Course(kernel.course))).lessons
    assert first.points == 3
    assert "3 of 5 points" in kernel.run("%status")["text"]


def test_check_takes_what_is_saved_and_did_not_run(kernel: Kernel) -> None:
    """Who comes back the next day has run nothing yet: what the file holds counts."""
    path = kernel.course / "work/a1/doubling.ipynb"
    notebook = nbformat.read(path, as_version=4)
    cell(notebook, "square").source = "def square(x):\n    return x**2"
    nbformat.write(notebook, path)
    assert "✓ square  2/2" in kernel.run("%check square")["text/plain"]


def test_check_escapes_what_answers_hold(kernel: Kernel) -> None:
    """What an answer raises or returns is text in the table."""
    kernel.run("def double(x):\n    raise ValueError('<script>alert(1)</script>')")
    shown = kernel.run("%check double")["text/html"]
    assert "&lt;script&gt;" in shown
    assert "<script>" not in shown


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("%check duoble", "did you mean double"),
        ("%check why", "which a person marks"),
        ("%check double square", "takes one exercise"),
        ("%hint nothing", "no exercise nothing"),
        ("%status a2", "no lesson is called a2"),
    ],
)
def test_wrong_words_are_told_in_a_line(kernel: Kernel, line: str, text: str) -> None:
    """What is asked wrongly is said, without a traceback."""
    shown = kernel.run(line)
    assert "error" not in shown
    assert text in shown["text"]
    assert shown["text"].count("\n") == 1


def test_check_is_quick_from_the_second_time_on(kernel: Kernel) -> None:
    """One exercise takes a fraction of what the first check takes, in the same process."""
    kernel.run(RIGHT)
    times = []
    for _ in range(4):
        begun = time.perf_counter()
        kernel.run("%check double")
        times.append(time.perf_counter() - begun)
    assert len(kernel.judges()) == 1
    assert min(times[1:]) < times[0]


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="it looks for processes in /proc")
def test_what_judges_ends_with_the_kernel(kernel: Kernel) -> None:
    """Interrupted or killed, restarted or ended: nothing is left behind."""
    kernel.run(RIGHT)
    kernel.run("%check double")
    (judge,) = kernel.judges()
    os.kill(judge, 9)
    assert "✓ double  3/3" in kernel.run("%check double")["text/plain"]
    (judge,) = kernel.judges()
    started = [judge, *_below(judge)]
    assert len(started) > 1
    kernel.manager.shutdown_kernel(now=True)
    assert until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in started))


def _below(pid: int) -> list[int]:
    children = map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    return [one for child in children for one in (child, *_below(child))]


def test_what_judges_ends_when_nobody_asks(tmp_path: Path) -> None:
    """Without a question it waits for a while, and no longer."""
    read, write = os.pipe()
    with os.fdopen(read, "rb") as questions, (tmp_path / "answers").open("wb") as answers:
        serve(questions, answers, idle=0.01)
    os.close(write)
    assert (tmp_path / "answers").read_bytes() == b""


def test_unload_ends_what_judges(kernel: Kernel) -> None:
    """Without the extension there is neither command nor process."""
    kernel.run("%unload_ext coursework")
    assert until(lambda: not kernel.judges())
    assert "not found" in kernel.run("%check double")["text"]
