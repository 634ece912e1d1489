"""The command line: each command parses, calls the library, prints, and returns a code.

Exit codes: 0 fine, 1 checks failed, 2 wrong use or a broken course.
"""

import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from coursework.course import find_course
from coursework.errors import CourseworkError, StaleError
from coursework.programs import find_programs
from coursework.untrusted import printable_lines

__all__ = ["app", "main"]

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__
)

_CHECKS_FAILED = 1
_BROKEN = 2
_NO_FORK = (
    "Windows has no fork, by which students' processes are started: use the commands in WSL "
    "(`wsl --install`). Notebooks and their visible checks work here, in JupyterLab"
)

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@app.callback()
def _course() -> None:
    """Build, grade and check a course of notebooks."""


@app.command("build")
def _build(
    assignments: Annotated[
        list[str] | None,
        typer.Argument(help="Assignments (A) or lessons (A/n).", show_default="all"),
    ] = None,
    *,
    check: Annotated[bool, typer.Option("--check", help="Only name what is stale.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Execute what is unchanged, too.")] = False,
    as_json: Json = False,
) -> None:
    """Build source, release and solutions from lessons."""
    from coursework import build  # noqa: PLC0415  (nbgrader takes a second to import)

    course, names = find_course(), assignments or []
    steps = build.STEPS * len(course.lesson_files(*names))
    with _progress(steps) as progress:
        if check:
            built = build.check(course, *names, progress=progress)
        else:
            built = build.build(course, *names, force=force, progress=progress)
    written = [str(path) for path in built.written]
    if as_json:
        told = {"errors": map(str, built.errors), "warnings": map(str, built.warnings)}
        typer.echo(json.dumps({"written": written} | {key: list(one) for key, one in told.items()}))
    else:
        typer.echo("\n".join(written), nl=bool(written))
        for warning in built.warnings:
            typer.secho(f"warning: {warning}", fg="yellow", err=True)
    _finish(*built.errors)


@app.command("doctor")
def _doctor(*, as_json: Json = False) -> None:
    """Say what protects grading on this host, and what is missing."""
    from coursework.doctor import diagnose  # noqa: PLC0415  (starts the judge's parts)

    found = diagnose(find_course().root)
    if as_json:
        typer.echo(json.dumps([asdict(one) | {"is_good": one.is_good} for one in found]))
    else:
        table = Table("", "what", "state", box=None)
        for one in found:
            state = f"{one.state}\n{one.remedy}" if one.remedy else one.state
            table.add_row("[green]✓" if one.is_good else "[red]✗", one.name, escape(state))
        Console().print(table)
    if not all(one.is_good for one in found):
        sys.exit(_CHECKS_FAILED)


@app.command("grade")
def _grade(
    assignment: Annotated[str, typer.Argument(help="The assignment.", metavar="A")],
    *,
    student: Annotated[str | None, typer.Option(help="Only this student.")] = None,
    notebook: Annotated[str | None, typer.Option(help="Only this notebook.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes that judge.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Grade again what is graded.")] = False,
    as_json: Json = False,
) -> None:
    """Grade what was submitted since the last time, and record the marks."""
    from coursework.grade import grade  # noqa: PLC0415  (nbgrader is slow to import)
    from coursework.scoresheet import as_table, as_text, summary  # noqa: PLC0415

    logging.basicConfig(format="%(message)s")
    with _counter("grade") as progress:
        result = grade(
            find_course(),
            assignment,
            student=student,
            notebook=notebook,
            n_workers=workers,
            force=force,
            progress=progress,
        )
    if as_json:
        typer.echo(as_text(result))
    else:
        Console().print(as_table(result))
    typer.echo(summary(result), err=True)
    if result.failures:
        sys.exit(_CHECKS_FAILED)


@app.command("regrade")
def _regrade(
    assignment: Annotated[str, typer.Argument(help="The assignment.", metavar="A")],
    *,
    student: Annotated[str | None, typer.Option(help="Only this student.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Record without asking.")] = False,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes that judge.")] = None,
    as_json: Json = False,
) -> None:
    """Judge graded submissions by changed tests: show what changes, then record it."""
    from coursework import scoresheet  # noqa: PLC0415  (nbgrader is slow to import)
    from coursework.regrade import regrading  # noqa: PLC0415

    logging.basicConfig(format="%(message)s")
    with ExitStack() as stack:
        with _counter("judge") as progress:
            options = {"student": student, "n_workers": workers, "progress": progress}
            found = stack.enter_context(regrading(find_course(), assignment, **options))
        if found.changes and not as_json:
            Console().print(scoresheet.changes_table(found))
        typer.echo(scoresheet.changes_summary(found), err=True)
        wanted = yes or (found.n_affected > 0 and not as_json and _agrees("Record this?"))
        if wanted:
            with _counter("record") as progress:
                found.record(progress)
    if as_json:
        typer.echo(scoresheet.changes_text(found))
    if found.n_affected:
        recorded = scoresheet.record_summary(found)
        typer.echo(recorded if wanted else "nothing was recorded: --yes records this", err=True)
    if found.failures or found.n_recorded < found.n_affected:
        sys.exit(_CHECKS_FAILED)


@app.command("extend")
def _extend(
    assignment: Annotated[str, typer.Argument(help="The assignment.", metavar="A")],
    student: Annotated[str, typer.Argument(help="The student.", metavar="S")],
    *,
    days: Annotated[float, typer.Option(min=0, help="Days behind the due date.")] = 0,
    hours: Annotated[float, typer.Option(min=0, help="Hours more.")] = 0,
) -> None:
    """Give one student more time; with none, take it back. The penalty follows."""
    from coursework.extension import extend  # noqa: PLC0415  (nbgrader is slow to import)

    extend(find_course(), assignment, student, timedelta(days=days, hours=hours))


@app.command("feedback")
def _feedback(
    assignment: Annotated[str, typer.Argument(help="The assignment.", metavar="A")],
    *,
    student: Annotated[list[str] | None, typer.Option(help="Only this student.")] = None,
    notebook: Annotated[str, typer.Option(help="Only this notebook.")] = "*",
    as_json: Json = False,
) -> None:
    """Make a page for each graded notebook that shows the student what cost points."""
    from coursework.feedback.generate import generate  # noqa: PLC0415  (nbgrader is slow to import)

    with _bar() as bar:
        task = bar.add_task("feedback", total=None)

        def progress(total: int, page: str) -> None:
            bar.update(task, total=total, description=page, advance=bool(page))

        made = generate(find_course(), assignment, student or (), notebook, progress)
    pages = [str(path) for path in made.pages]
    if as_json:
        typer.echo(json.dumps({"pages": pages, "errors": [str(e) for e in made.errors]}))
    else:
        typer.echo(printable_lines("\n".join(pages)), nl=bool(pages))
    for error in made.errors:
        typer.echo(printable_lines(str(error)), err=True)
    if made.errors:
        sys.exit(_CHECKS_FAILED)


@app.command("export")
def _export(
    assignment: Annotated[str, typer.Argument(help="The assignment.", metavar="A")],
    *,
    to: Annotated[Path, typer.Option(help="A .csv or .json file.")],
    as_json: Json = False,
) -> None:
    """Write the marks of each student and exercise, with their causes, to a file."""
    from coursework.export import export  # noqa: PLC0415  (nbgrader takes a second to import)

    count = export(find_course().root, assignment, to)
    typer.echo(json.dumps({"written": str(to), "rows": count}) if as_json else str(to))


@app.command("audit")
def _audit(
    lessons: Annotated[
        list[str] | None,
        typer.Argument(help="Assignments (A) or lessons (A/n).", show_default="all"),
    ] = None,
    *,
    mutants: Annotated[
        bool, typer.Option("--mutants", help="Make mutants, too, and write the ledger.")
    ] = False,
    parity: Annotated[
        bool, typer.Option("--parity", help="Compare with runs as plain notebooks, too.")
    ] = False,
    credit: Annotated[
        bool, typer.Option("--credit", help="Grade right answers behind each mistake, too.")
    ] = False,
    check: Annotated[
        bool,
        typer.Option("--check", help="Compare with the ledger; measure what it may be wrong in."),
    ] = False,
    proof: Annotated[
        bool, typer.Option("--proof", help="Only write README's table from the ledger.")
    ] = False,
    shard: Annotated[str, typer.Option(help="Measure part k of n: k/n.", metavar="K/N")] = "",
    workers: Annotated[int | None, typer.Option(min=1, help="Processes that judge.")] = None,
    as_json: Json = False,
) -> None:
    """Measure the tests of lessons: what they catch, and what they wrongly reject."""
    from coursework.audit import keep, ledger, show  # noqa: PLC0415  (nbgrader takes a second)
    from coursework.audit.proof import write_proof  # noqa: PLC0415
    from coursework.audit.run import audit  # noqa: PLC0415
    from coursework.grade import usable_cpus  # noqa: PLC0415

    course, names = find_course(), lessons or []
    if proof:
        write_proof(course, ledger.read_ledger(course))
        return
    extras = [name for name, is_asked in (("parity", parity), ("credit", credit)) if is_asked]
    plainly = partial(audit, extras=extras)
    measure = keep.check if check else keep.record if mutants else plainly
    with _counter("audit") as progress:
        options = {"n_workers": workers or usable_cpus(), "progress": progress}
        found = measure(course, *names, shard=shard, **options)
    if as_json:
        typer.echo(show.as_text(found))
    else:
        Console().print(show.as_lines(found))
    _finish(*found.errors)
    if not found.is_good:
        sys.exit(_CHECKS_FAILED)


@app.command("check")
def _check(
    file: Annotated[Path, typer.Argument(help="A notebook.", exists=True, dir_okay=False)],
    *,
    as_json: Json = False,
) -> None:
    """Check a notebook of yours as grading would: points, causes and hints; nothing is recorded."""
    from coursework import study  # noqa: PLC0415  (nbgrader takes a second to import)

    checked = study.check_notebook(find_course(), file)
    if as_json:
        typer.echo(study.as_text(checked))
    else:
        Console().print(study.as_lines(checked))
    if not checked.is_full:
        sys.exit(_CHECKS_FAILED)


@app.command("demo")
def _demo(
    *,
    keep: Annotated[Path | None, typer.Option(help="Work in this folder, not in demo/.")] = None,
    as_json: Json = False,
) -> None:
    """Grade a class of made-up submissions to a real assignment, in a folder of its own."""
    from coursework.demo import as_table, as_text, places, run_demo  # noqa: PLC0415  (slow)

    # What is wrong with the submissions is wrong on purpose, and stands in the result.
    logging.basicConfig(level=logging.CRITICAL)
    with Console(stderr=True).status("") as status:
        found = run_demo(find_course(), keep, progress=status.update)
    if as_json:
        typer.echo(as_text(found))
    else:
        Console().print(as_table(found))
        # Not through the console, which would cut paths.
        typer.echo(f"\n{places(found)}")


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; errors meant for people end it with their message.

    Raises
    ------
    SystemExit
        Always, with the exit code.
    """
    if sys.platform == "win32":
        _finish(CourseworkError(_NO_FORK))
    find_programs()
    try:
        app(arguments)
    except CourseworkError as error:
        _finish(error)


def _agrees(question: str) -> bool:
    """Ask on a terminal; where nobody can answer, the answer is no."""
    return sys.stdin.isatty() and typer.confirm(question, err=True)


def _finish(*errors: CourseworkError) -> None:
    """Print errors, and end with the code that the worst of them asks for."""
    console = Console(stderr=True)
    for error in errors:
        text = printable_lines(str(error))
        console.print(text, style="red", markup=False, highlight=False, soft_wrap=True)
    if errors:
        stale_only = all(isinstance(error, StaleError) for error in errors)
        sys.exit(_CHECKS_FAILED if stale_only else _BROKEN)


@contextmanager
def _progress(steps: int) -> Iterator[Callable[[str], None]]:
    """Show a bar on stderr; what it yields is called with the name of each step as it begins."""
    with _bar() as bar:
        task = bar.add_task("", total=steps)
        started = 0

        def begin(step: str) -> None:
            nonlocal started
            bar.update(task, description=step, completed=started)
            started += 1

        yield begin


@contextmanager
def _counter(name: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on stderr; what it yields is called with how many there are and are done."""
    with _bar() as bar:
        task = bar.add_task(name, total=None)
        yield lambda total, done: bar.update(task, total=total, completed=done)


def _bar() -> Progress:
    """Return a progress bar on stderr, which shows nothing where nobody looks."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    console = Console(stderr=True)
    hidden = not console.is_terminal
    return Progress(*columns, TimeElapsedColumn(), console=console, transient=True, disable=hidden)
