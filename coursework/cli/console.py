"""What commands share: exit codes, errors and progress on stderr."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from coursework.errors import CourseworkError, StaleError
from coursework.submissions.safe_file import printable_lines

__all__ = [
    "BROKEN",
    "CHECKS_FAILED",
    "Json",
    "agrees",
    "bar",
    "counter",
    "finish",
    "progress_bar",
    "warn",
]

CHECKS_FAILED = 1
BROKEN = 2

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
def counter(name: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on stderr; call what it yields with the numbers of all and of those done."""
    with bar() as shown:
        task = shown.add_task(name, total=None)
        yield lambda total, done: shown.update(task, total=total, completed=done)


def bar() -> Progress:
    """Return a progress bar on stderr, which shows nothing outside a terminal."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    console = Console(stderr=True)
    hidden = not console.is_terminal
    return Progress(*columns, TimeElapsedColumn(), console=console, transient=True, disable=hidden)
