"""Commands for those who write lessons."""

import json
import sys
from functools import partial
from typing import Annotated, Any, Literal

import typer
from rich.console import Console

from coursework.cli.console import CHECKS_FAILED, Json, counter, finish, progress_bar
from coursework.course.layout import find_course

__all__ = ["app"]

app = typer.Typer()


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
    from coursework.authoring import build  # noqa: PLC0415  (nbgrader takes a second to import)

    course, names = find_course(), assignments or []
    steps = build.STEPS * len(course.lesson_files(*names))
    with progress_bar(steps) as progress:
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
    finish(*built.errors)


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
        bool, typer.Option("--credit", help="Grade right answers after each mistake, too.")
    ] = False,
    check: Annotated[
        bool,
        typer.Option("--check", help="Compare with the ledger; measure where it may be wrong."),
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
    from coursework.batch.grade import usable_cpus  # noqa: PLC0415

    course, names = find_course(), lessons or []
    if proof:
        write_proof(course, ledger.read_ledger(course))
        return
    asked: dict[Literal["parity", "credit"], bool] = {"parity": parity, "credit": credit}
    plainly = partial(audit, extras=[name for name, is_asked in asked.items() if is_asked])
    measure: Any = keep.check if check else keep.record if mutants else plainly
    with counter("audit") as progress:
        options = {"n_workers": workers or usable_cpus(), "progress": progress}
        found = measure(course, *names, shard=shard, **options)
    if as_json:
        typer.echo(show.to_json(found))
    else:
        Console().print(show.as_lines(found))
    finish(*found.errors)
    if not found.is_good:
        sys.exit(CHECKS_FAILED)
