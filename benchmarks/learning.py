"""How long a learner waits for a check, compared with starting Python and nbgrader's validation.

    python benchmarks/learning.py [--lesson A/n] [--exercise NAME] [--rounds 5]

The lesson is solved. Prints medians of wall time, CPU time for commands that end, and the ratio
to a start of Python with NumPy and to `nbgrader validate`, measured in turn: on a busy machine
all take longer, but the ratios hardly change.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from jupyter_client import KernelManager
from rich.console import Console
from rich.table import Table

__all__ = ["Series", "main"]

_ROOT = Path(__file__).resolve().parents[1]
_COMMAND = Path(sys.executable).with_name("coursework")
_TREES = ("lessons", "source", "release")


@dataclass
class Series:
    """What something took, each time: wall time, and CPU time of all its processes."""

    title: str
    act: Callable[[], object]
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def take(self) -> None:
        """Do it once, and measure."""
        begun, before = time.perf_counter(), _cpu()
        self.act()
        self.wall.append(time.perf_counter() - begun)
        self.cpu.append(_cpu() - before)

    @property
    def seconds(self) -> float:
        """The median wall time."""
        return statistics.median(self.wall)


def _cpu() -> float:
    """Return the CPU time of all processes that have ended and been waited for."""
    times = os.times()
    return times.children_user + times.children_system


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--lesson", default="00-warm-up/vectorization")
    parser.add_argument("--exercise", default="center")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="learning-") as folder:
        course = _course(Path(folder) / "course", options.lesson)
        path = course / "work" / f"{options.lesson}.ipynb"
        commands = {
            "Python with NumPy": ("-c", "import numpy"),
            "nbgrader validate": ("-m", "nbgrader", "validate", str(path)),
            "coursework check, cold": ("-P", str(_COMMAND), "check", options.lesson),
        }
        cold = [Series(title, _command(words, course)) for title, words in commands.items()]
        with _kernel(path) as run:
            run("%load_ext coursework")
            check = f"%check {options.exercise}"
            first = Series("%check of one exercise, the first time", lambda: run(check))
            first.take()
            warm = Series("%check of one exercise, then", lambda: run(check))
            whole = Series("%check of the lesson, then", lambda: run("%check"))
            for _ in range(options.rounds):
                for one in (*cold, warm, whole):
                    one.take()
    Console().print(_table(options.lesson, [*cold, first, warm, whole]))


def _course(root: Path, lesson: str) -> Path:
    """Copy the course, with the solved notebook where a learner's is."""
    for tree in _TREES:
        shutil.copytree(_ROOT / tree, root / tree)
    for name in ("course_config.py", "nbgrader_config.py"):
        shutil.copy(_ROOT / name, root)
    own = root / "work" / f"{lesson}.ipynb"
    own.parent.mkdir(parents=True)
    shutil.copy(_ROOT / "solutions" / f"{lesson}.ipynb", own)
    return root


def _command(words: tuple[str, ...], folder: Path) -> Callable[[], object]:
    def run() -> object:
        return subprocess.run([sys.executable, *words], cwd=folder, capture_output=True, check=True)

    return run


@contextmanager
def _kernel(path: Path) -> Iterator[Callable[[str], object]]:
    """Start a kernel as JupyterLab does for a notebook; yield a function that runs a cell in it."""
    ipc = str(path.with_suffix(".kernel"))
    manager = KernelManager(kernel_name="python3", transport="ipc", ip=ipc)
    environment = {**os.environ, "JPY_SESSION_NAME": str(path)}
    manager.start_kernel(cwd=str(path.parent), env=environment)
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=300)
        yield lambda source: client.execute_interactive(
            source, output_hook=lambda _: None, timeout=300
        )
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def _table(lesson: str, found: list[Series]) -> Table:
    table = Table(title=lesson, title_justify="left", box=None, padding=(0, 2, 0, 0))
    table.add_column("", no_wrap=True)
    for column in ("s", "CPU s", "of Python with NumPy", "of nbgrader validate"):
        table.add_column(column, justify="right")
    bare, validate = found[0].seconds, found[1].seconds
    for one in found:
        cpu = statistics.median(one.cpu)
        ratios = (f"{one.seconds / bare:.1f}", f"{one.seconds / validate:.2f}")
        table.add_row(one.title, f"{one.seconds:.2f}", f"{cpu:.2f}" if cpu else "", *ratios)
    return table


if __name__ == "__main__":
    main()
