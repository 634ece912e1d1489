"""How long the checks take with more lessons: copies of those that there are.

    python benchmarks/growth.py [--lessons 45] [--into FOLDER] [STEP ...]

Prints for each step wall time, CPU time, and the CPU time that each of two cores contributes,
which does not depend on how busy the machine is. The steps are those of `STEPS`.
"""

import argparse
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from multiply import multiply
from rich.console import Console
from rich.table import Table

__all__ = ["STEPS", "Step", "Taken", "main", "take"]

_ROOT = Path(__file__).parents[1]
_CORES = 2


@dataclass(frozen=True)
class Step:
    """Something that is measured in the folder with all lessons.

    Attributes
    ----------
    title : str
    command : str
        Of the environment's programs.
    before : callable
        Called with the folder.
    """

    title: str
    command: str
    before: Callable[[Path], None] = lambda _: None


@dataclass(frozen=True)
class Taken:
    """How long a step took: seconds on the clock, and of CPU time of all its processes."""

    title: str
    wall: float
    cpu: float
    code: int

    @property
    def share(self) -> float:
        """The CPU time of each core."""
        return self.cpu / _CORES


_LESSON = "01-linear-regression/least-squares"


def _touch(folder: Path) -> None:
    """Change a lesson in a way that does not affect its figures."""
    with (folder / "lessons" / f"{_LESSON}.md").open("a", encoding="utf-8") as file:
        file.write("\nAnother sentence.\n")


STEPS = {
    "build": Step("coursework build --check", "coursework build --check"),
    "ledger": Step("CI's audit, no lesson changed", "coursework audit --check --workers 2"),
    "lesson": Step("audit of one lesson", f"coursework audit --mutants --workers 2 {_LESSON}"),
    "tests": Step("make test", "pytest -q -n 2 --dist loadfile"),
    "changed": Step(
        "CI's audit, one lesson changed", "coursework audit --check --workers 2", _touch
    ),
}


def take(folder: Path, step: Step) -> Taken:
    """Run a step and measure it, with all processes that it starts."""
    step.before(folder)
    programs = folder / ".venv/bin"
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "COURSEWORK_BASE": "HEAD"}
    program, *arguments = step.command.split()
    before, start = os.times(), time.monotonic()
    done = subprocess.run(
        [programs / program, *arguments], cwd=folder, env=environment, check=False
    )
    wall, after = time.monotonic() - start, os.times()
    cpu = after.children_user + after.children_system
    cpu -= before.children_user + before.children_system
    return Taken(step.title, wall, cpu, done.returncode)


def _table(lessons: int, taken: Iterable[Taken]) -> Table:
    table = Table("", title=f"{lessons} lessons", title_justify="left", box=None)
    for head in ("s", "CPU s", "CPU s a core", "exit code"):
        table.add_column(head, justify="right")
    for one in taken:
        seconds = (f"{value:.0f}" for value in (one.wall, one.cpu, one.share))
        table.add_row(one.title, *seconds, str(one.code))
    return table


def main() -> None:
    """Make the folder, measure the steps, and print them."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("steps", nargs="*", choices=[[], *STEPS], default=list(STEPS))
    parser.add_argument("--lessons", type=int, default=45)
    parser.add_argument("--into", type=Path, help="a folder that is kept, and taken if it is there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="growth-") as temporary:
        folder = (options.into or Path(temporary) / "course").absolute()
        if not folder.exists():
            multiply(_ROOT, folder, options.lessons)
        taken = [take(folder, STEPS[name]) for name in options.steps or STEPS]
    Console().print(_table(options.lessons, taken))


if __name__ == "__main__":
    main()
