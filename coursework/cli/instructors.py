"""Commands for those who grade."""

import json
import logging
import sys
from contextlib import ExitStack
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from coursework.cli.console import CHECKS_FAILED, Json, agrees, bar, counter, log_to_stderr
from coursework.course.layout import find_course
from coursework.submissions.safe_file import printable_lines

__all__ = ["app"]

app = typer.Typer()


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
    from coursework.batch.grade import grade  # noqa: PLC0415  (nbgrader is slow to import)
    from coursework.cli.scoresheet import as_table, summary, to_json  # noqa: PLC0415

    log_to_stderr()
    with counter("grade") as progress:
        result = grade(
            find_course(),
            assignment,
            student=student,
            notebook=notebook,
            n_workers=workers,
            force=force,
            progress=progress,
            on_failure=progress.fail,
        )
    if as_json:
        typer.echo(to_json(result))
    else:
        Console().print(as_table(result))
    typer.echo(summary(result), err=True)
    if result.failures:
        sys.exit(CHECKS_FAILED)


@app.command("regrade")
def _regrade(
    assignment: Annotated[str, typer.Argument(help="The assignment.", metavar="A")],
    *,
    student: Annotated[str | None, typer.Option(help="Only this student.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Record without asking.")] = False,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes that judge.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Judge what is unchanged, too.")] = False,
    as_json: Json = False,
) -> None:
    """Judge graded submissions by changed tests: show what changes, then record it."""
    from coursework.batch.regrade import regrading  # noqa: PLC0415
    from coursework.cli import scoresheet  # noqa: PLC0415  (nbgrader is slow to import)

    log_to_stderr()
    with ExitStack() as stack:
        with counter("judge") as progress:
            judged = regrading(
                find_course(),
                assignment,
                student=student,
                n_workers=workers,
                force=force,
                progress=progress,
                on_failure=progress.fail,
            )
            found = stack.enter_context(judged)
        if found.changes and not as_json:
            Console().print(scoresheet.changes_table(found))
        typer.echo(scoresheet.changes_summary(found), err=True)
        wanted = yes or (found.n_affected > 0 and not as_json and agrees("Record this?"))
        if wanted:
            with counter("record") as progress:
                found.record(progress)
    if as_json:
        typer.echo(scoresheet.changes_text(found))
    if found.n_affected:
        recorded = scoresheet.record_summary(found)
        typer.echo(recorded if wanted else "nothing was recorded: --yes records this", err=True)
    if found.failures or found.n_recorded < found.n_affected:
        sys.exit(CHECKS_FAILED)


@app.command("extend")
def _extend(
    assignment: Annotated[str, typer.Argument(help="The assignment.", metavar="A")],
    student: Annotated[str, typer.Argument(help="The student.", metavar="S")],
    *,
    days: Annotated[float, typer.Option(min=0, help="Days after the due date.")] = 0,
    hours: Annotated[float, typer.Option(min=0, help="Hours more.")] = 0,
) -> None:
    """Give one student more time; without days or hours, withdraw it. The penalty follows."""
    from coursework.nbgrader_bridge.extension import extend  # noqa: PLC0415  (nbgrader is slow to import)

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

    with bar() as shown:
        task = shown.add_task("feedback", total=None)

        def progress(total: int, page: str) -> None:
            shown.update(task, total=total, description=page, advance=bool(page))

        made = generate(find_course(), assignment, student or (), notebook, progress)
    pages = [str(path) for path in made.pages]
    if as_json:
        typer.echo(json.dumps({"pages": pages, "errors": [str(e) for e in made.errors]}))
    else:
        typer.echo(printable_lines("\n".join(pages)), nl=bool(pages))
    for error in made.errors:
        typer.echo(printable_lines(str(error)), err=True)
    if made.errors:
        sys.exit(CHECKS_FAILED)


@app.command("report")
def _report(
    assignment: Annotated[str, typer.Argument(help="The assignment.", metavar="A")],
    *,
    to: Annotated[Path | None, typer.Option(help="A file; reports/A.html without it.")] = None,
    as_json: Json = False,
) -> None:
    """Write one page on the whole class: marks, exercises, mistakes, and who waits."""
    from coursework.batch.journal import Journal  # noqa: PLC0415
    from coursework.feedback.report import gather, write_report  # noqa: PLC0415  (nbgrader is slow to import)

    course = find_course()
    known = Journal(course.root, assignment).entries()
    times = ((student, notebook, entry.seconds) for student, notebook, entry in known)
    with counter("report") as progress:
        found = gather(course, assignment, times, progress)
    page = write_report(course, found, to)
    typer.echo(json.dumps({"written": str(page), **asdict(found)}) if as_json else str(page))
    for name in found.lost:
        typer.echo(f"{printable_lines(name)}: the graded notebook cannot be read", err=True)
    if found.lost:
        typer.echo(f"run `coursework grade {assignment}`, then this again", err=True)
        sys.exit(CHECKS_FAILED)


@app.command("similar")
def _similar(
    assignment: Annotated[str, typer.Argument(help="The assignment.", metavar="A")],
    *,
    most: Annotated[int, typer.Option(min=1, help="How many pairs.")] = 20,
    as_json: Json = False,
) -> None:
    """Rank pairs of submissions by what is built alike in them; it accuses nobody."""
    from coursework.batch.similar import NOTE, similar  # noqa: PLC0415  (scikit-learn is slow to import)
    from coursework.cli.scoresheet import pairs_table  # noqa: PLC0415

    with counter("read") as progress:
        found = similar(find_course(), assignment, most, progress)
    if as_json:
        typer.echo(json.dumps({"note": NOTE, "pairs": [asdict(pair) for pair in found]}))
    else:
        typer.echo(NOTE)
        Console().print(pairs_table(found))


@app.command("doctor")
def _doctor(*, as_json: Json = False) -> None:
    """Say what protects grading on this host, and what is missing."""
    from coursework.sandbox.doctor import diagnose  # noqa: PLC0415  (starts the judge's parts)

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
        sys.exit(CHECKS_FAILED)


@app.command("demo")
def _demo(
    *,
    keep: Annotated[Path | None, typer.Option(help="Work in this folder, not in demo/.")] = None,
    as_json: Json = False,
) -> None:
    """Grade a class of made-up submissions to a real assignment, in a folder of its own."""
    from coursework.demo import as_table, places, run_demo, to_json  # noqa: PLC0415  (slow)

    # What is wrong with the submissions is wrong on purpose, and part of the result.
    logging.basicConfig(level=logging.CRITICAL)
    with Console(stderr=True).status("") as status:
        found = run_demo(find_course(), keep, progress=status.update)
    if as_json:
        typer.echo(to_json(found))
    else:
        Console().print(as_table(found))
        # Not through the console, which would cut paths.
        typer.echo(f"\n{places(found)}")
