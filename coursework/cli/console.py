"""What commands share: exit codes, errors and progress on stderr."""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, TextIO

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from coursework.errors import CourseworkError, StaleError
from coursework.submissions.safe_file import printable_lines

__all__ = [
    "BROKEN",
    "CHECKS_FAILED",
    "Counter",
    "Json",
    "agrees",
    "bar",
    "counter",
    "finish",
    "log_to_stderr",
    "pace",
    "progress_bar",
    "warn",
]

CHECKS_FAILED = 1
BROKEN = 2

_ESTIMATED_BY = 600  # seconds: one slow notebook is no reason to say nothing

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


def agrees(question: str) -> bool:
    """Ask on a terminal; if nobody can answer, the answer is no."""
    return sys.stdin.isatty() and typer.confirm(question, err=True)


def finish(*errors: CourseworkError) -> None:
    """Print errors, and end with the exit code of the worst."""
    console = Console(stderr=True)
    for error in errors:
        text = printable_lines(str(error))
        console.print(text, style="red", markup=False, highlight=False, soft_wrap=True)
    if errors:
        stale_only = all(isinstance(error, StaleError) for error in errors)
        sys.exit(CHECKS_FAILED if stale_only else BROKEN)


def warn(error: CourseworkError) -> None:
    """Print what does not end the command."""
    typer.secho(f"warning: {printable_lines(str(error))}", fg="yellow", err=True)


@contextmanager
def progress_bar(steps: int) -> Iterator[Callable[[str], None]]:
    """Show a bar on stderr; call what it yields with the name of each step as it begins."""
    with bar() as shown:
        task = shown.add_task("", total=steps)
        started = 0

        def begin(step: str) -> None:
            nonlocal started
            shown.update(task, description=step, completed=started)
            started += 1

        yield begin


@contextmanager
def counter(name: str) -> Iterator["Counter"]:
    """Show on stderr how much is done, how fast, what is left, and what has failed."""
    with bar(_Failures()) as shown:
        yield Counter(shown, shown.add_task(name, total=None, failed=0))


class Counter:
    """What `counter` shows; call it with the numbers of all and of those done.

    Parameters
    ----------
    shown : Progress
    task : TaskID
    """

    def __init__(self, shown: Progress, task: TaskID) -> None:
        self._shown, self._task, self._failed = shown, task, 0

    def __call__(self, total: int, done: int) -> None:
        """Show how many there are and how many are done."""
        self._shown.update(self._task, total=total, completed=done)

    def fail(self, _: object) -> None:
        """Count one that has failed."""
        self._failed += 1
        self._shown.update(self._task, failed=self._failed)


class _Rate(ProgressColumn):
    """How many per second, or per minute."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(pace(speed) if speed else "", style="progress.data.speed")


class _Failures(ProgressColumn):
    """How many have failed, if any."""

    def render(self, task: Task) -> Text:
        failed = task.fields["failed"]
        return Text(f"{failed} failed" if failed else "", style="red")


def pace(speed: float) -> str:
    """Return a speed, given per second, in a readable unit."""
    return f"{speed:.1f}/s" if speed >= 1 else f"{60 * speed:.1f}/min"


def bar(*more: ProgressColumn) -> Progress:
    """Return a progress bar on stderr, which shows nothing outside a terminal.

    Parameters
    ----------
    *more : ProgressColumn
        More columns at its end.
    """
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate()
    times = TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn()
    console = Console(stderr=True)
    return Progress(
        *columns,
        *times,
        *more,
        console=console,
        transient=True,
        disable=not console.is_terminal,
        speed_estimate_period=_ESTIMATED_BY,
    )


def log_to_stderr() -> None:
    """Print the library's log above the bar that is shown, not in it."""
    logging.basicConfig(format="%(message)s", handlers=[_Stderr()])


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to the current stderr, which is the bar's while one is shown."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stderr
