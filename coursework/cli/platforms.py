"""Commands for what comes from a learning platform, and what goes back."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from coursework.cli.console import CHECKS_FAILED, Json, counter
from coursework.course.layout import find_course
from coursework.errors import ConfigError
from coursework.submissions.safe_file import printable

__all__ = ["app"]

app = typer.Typer()

_SHOWN = 10
_SUFFIXES = {"csv": ".csv", "json": ".json", "canvas": ".csv", "moodle": ".csv"}


@app.command("export")
def _export(
    assignment: Annotated[str, typer.Argument(help="The assignment.", metavar="A")],
    *,
    to: Annotated[Path | None, typer.Option(help="The file; with --format else stdout.")] = None,
    style: Annotated[
        str | None, typer.Option("--format", help="A row a student: csv, json, canvas or moodle.")
    ] = None,
    roster: Annotated[
        Path | None, typer.Option(help="Canvas's gradebook or Moodle's worksheet, to fill in.")
    ] = None,
    column: Annotated[str, typer.Option(help="Its column for marks.")] = "",
    scale: Annotated[bool, typer.Option("--scale", help="Bring marks to its maximum.")] = False,
    zero: Annotated[bool, typer.Option("--zero", help="Nothing submitted is 0.")] = False,
    as_json: Json = False,
) -> None:
    """Write marks: each with its cause, or by --format a row a student for another system."""
    if style is None:
        if to is None or roster or column or scale or zero:
            raise ConfigError("name a file with --to for all marks, or a --format")
        _export_causes(assignment, to, as_json=as_json)
        return
    from coursework.batch.marksheet import make_marksheet  # noqa: PLC0415  (nbgrader is slow)
    from coursework.platforms.tables import replacing  # noqa: PLC0415
    from coursework.platforms.writing import write_sheet  # noqa: PLC0415

    _demand_target(style, to, as_json=as_json)
    root = find_course().root
    made = make_marksheet(
        root, assignment, style, roster=roster, column=column, is_scaled=scale, gives_zero=zero
    )
    if to is None:
        write_sheet(sys.stdout, made.sheet, style)
    else:
        with replacing(to) as file:
            write_sheet(file, made.sheet, style)
    told = {
        "to be marked by hand, so not final": made.to_mark,
        f"not graded yet, run `coursework grade {assignment}`": made.ungraded,
        "marked, but without a row in the file": made.sheet.missing,
        "in the file, but not in the gradebook": made.sheet.unknown,
    }
    for what, names in told.items():
        if names:
            typer.echo(f"{len(names)} {what}: {_some(names)}", err=True)
    if as_json:
        lists = {"to_mark": made.to_mark, "ungraded": made.ungraded}
        lists |= {"missing": made.sheet.missing, "unknown": made.sheet.unknown}
        typer.echo(json.dumps({"written": str(to), "rows": len(made.sheet.rows)} | lists))
    elif to is not None:
        typer.echo(str(to))
    if made.sheet.missing or made.ungraded:
        sys.exit(CHECKS_FAILED)


def _export_causes(assignment: str, to: Path, *, as_json: bool) -> None:
    from coursework.batch.export import export  # noqa: PLC0415  (nbgrader takes a second to import)

    count = export(find_course().root, assignment, to)
    typer.echo(json.dumps({"written": str(to), "rows": count}) if as_json else str(to))


def _demand_target(style: str, to: Path | None, *, as_json: bool) -> None:
    suffix = _SUFFIXES.get(style, "")
    if to is not None and to.suffix.lower() != suffix:
        msg = f"{to}: as {style} marks are written to a {suffix} file"
        raise ConfigError(msg)
    if to is None and as_json:
        raise ConfigError("--json tells what was written to a file: name one with --to")


@app.command("collect")
def _collect(
    source: Annotated[Path, typer.Argument(help="The platform's archive, or a folder.")],
    assignment: Annotated[
        str | None,
        typer.Argument(help="The assignment; by default, what its names say.", metavar="[A]"),
    ] = None,
    *,
    style: Annotated[str, typer.Option("--from", help="canvas, moodle or folder.")],
    roster: Annotated[Path | None, typer.Option(help="A class list, as CSV.")] = None,
    id_column: Annotated[str, typer.Option("--id", help="Its column for new students' ids.")] = "",
    timezone: Annotated[str, typer.Option(help="Of the times in it.")] = "UTC",
    adopt: Annotated[bool, typer.Option("--adopt", help="Rename renamed notebooks back.")] = False,
    as_json: Json = False,
) -> None:
    """Collect what a learning platform gives, and list what could not be matched."""
    from coursework.batch.collect import Options, collect  # noqa: PLC0415  (nbgrader is slow)
    from coursework.cli import collection  # noqa: PLC0415

    options = Options(roster, id_column, timezone, adopt)
    with counter("collect") as progress:
        found = collect(find_course().root, source, assignment, style, options, progress)
    if as_json:
        typer.echo(collection.to_json(found))
    else:
        typer.echo("\n".join(collection.lines(found, adopts=adopt)))
    typer.echo(collection.summary(found), err=True)
    if found.strays:
        sys.exit(CHECKS_FAILED)


def _some(names: tuple[str, ...]) -> str:
    more = ", …" if len(names) > _SHOWN else ""
    return ", ".join(map(printable, names[:_SHOWN])) + more
