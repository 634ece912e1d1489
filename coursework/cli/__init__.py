"""The command line: each command parses, calls the library, prints, and returns a code.

Exit codes: 0 fine, 1 checks failed, 2 wrong use or a broken course.
"""

import sys

import typer

from coursework.cli import authors, instructors, learners, platforms
from coursework.cli.console import finish
from coursework.errors import CourseworkError
from coursework.nbgrader_bridge.programs import find_programs
from coursework.quick import skip_grammars

__all__ = ["app", "main"]

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__
)
_NO_FORK = (
    "Windows has no fork, by which students' processes are started: use the commands in WSL "
    "(`wsl --install`). Notebooks and their visible checks work here, in JupyterLab"
)


@app.callback()
def _course() -> None:
    """Learn from, build, grade and check a course of notebooks."""


for _commands in (learners, authors, instructors, platforms):
    app.add_typer(_commands.app)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; errors meant for people end it with their message.

    Raises
    ------
    SystemExit
        Always, with the exit code.
    """
    if sys.platform == "win32":
        finish(CourseworkError(_NO_FORK))
    find_programs()
    skip_grammars()
    try:
        app(arguments)
    except CourseworkError as error:
        finish(error)
