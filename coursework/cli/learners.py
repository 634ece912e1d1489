"""Commands for those who work through the lessons."""

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from coursework.cli.console import CHECKS_FAILED, Json, finish, warn
from coursework.course.layout import find_course
from coursework.errors import WorkError
from coursework.learner.place import Place, listed, work_place
from coursework.submissions.safe_file import printable_lines

if TYPE_CHECKING:
    from coursework.learner.checker import Checked
    from coursework.learner.checks import Target

__all__ = ["app"]

app = typer.Typer()

_Exercise = Annotated[
    str, typer.Argument(help="An exercise, or a lesson.", metavar="[A/n] EXERCISE")
]
_Second = Annotated[
    str | None, typer.Argument(help="Its exercise.", metavar="", show_default=False)
]
_Lessons = Annotated[list[str] | None, typer.Argument(help="Assignments (A) or lessons (A/n).")]


def _place() -> Place:
    return work_place(find_course())


@app.command("start")
def _start(lessons: _Lessons = None, *, as_json: Json = False) -> None:
    """Begin lessons: copy them into work/, never over what is there. By default the next one."""
    from coursework.learner.start import start  # noqa: PLC0415  (nbgrader is slow to import)

    place = _place()
    found = start(place, *(lessons or []))
    told = {"copied": found.copied, "there": found.there, "answered": found.answered}
    paths = {key: [place.shown(path) for path in paths] for key, paths in told.items()}
    if as_json:
        typer.echo(json.dumps(paths))
        return
    texts = {
        "copied": "copied",
        "there": "was there, left as it is:",
        "answered": "with the answers in",
    }
    for key, text in texts.items():
        for path in paths[key]:
            typer.echo(f"{text} {path}")
    first = found.lessons[0]
    typer.echo(f"Next: open {place.shown(place.own(first))} in JupyterLab (`make lab`), then")
    typer.echo(
        f"`coursework check {first}` runs the hidden tests too; `coursework status` is the map"
    )


@app.command("status")
def _status(lessons: _Lessons = None, *, as_json: Json = False) -> None:
    """Show the course as a map: lessons begun, points of the last checks, and what comes next."""
    from coursework.learner import course_map  # noqa: PLC0415  (nbgrader is slow to import)
    from coursework.learner.status import status  # noqa: PLC0415

    found = status(_place(), *(lessons or []))
    if as_json:
        typer.echo(course_map.to_json(found))
    else:
        Console(soft_wrap=True).print(course_map.as_lines(found))


@app.command("check")
def _check(
    first: Annotated[
        str | None,
        typer.Argument(help="A lesson of yours, or a notebook's file.", metavar="[A/n | FILE]"),
    ] = None,
    exercise: Annotated[
        str | None, typer.Argument(help="Only this exercise.", metavar="[EXERCISE]")
    ] = None,
    *,
    watch: Annotated[
        bool, typer.Option("--watch", help="Check again whenever it is saved, until Ctrl-C.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Check a notebook of yours as grading would: points, causes and hints; by default the last."""
    is_full = True
    try:
        from coursework.learner import checks, self_check  # noqa: PLC0415  (nbgrader takes a second)
        from coursework.learner.checker import Checker  # noqa: PLC0415

        place = _place()
        target = checks.find_target(place, first, exercise)
        with Checker(place.course) as checker:
            for saved in checks.saves(target.path, once=not watch):
                checked = checks.check_target(place, target, checker)
                is_full = checked.is_full
                if as_json:
                    typer.echo(self_check.to_json(checked))
                else:
                    Console().print(self_check.as_lines(checked))
                _keep(place, target, checked, saved)
    except KeyboardInterrupt:
        if not watch:
            raise
        typer.echo("no longer watching", err=True)
    if not is_full:
        sys.exit(CHECKS_FAILED)


@app.command("show")
def _show(
    first: _Exercise,
    second: _Second = None,
    *,
    now: Annotated[bool, typer.Option("--now", help="Before an attempt, too.")] = False,
) -> None:
    """Show the solution of an exercise, or the model answer of a question, after an attempt."""
    from coursework.learner.answers import solution  # noqa: PLC0415  (nbgrader is slow to import)
    from coursework.learner.tasks import find_task  # noqa: PLC0415

    place = _place()
    typer.echo(solution(place, find_task(place, "show", first, second), is_now=now))


@app.command("reset")
def _reset(first: _Exercise, second: _Second = None) -> None:
    """Put the stub of an exercise back into your notebook, and keep your answer beside it."""
    from coursework.learner.answers import reset  # noqa: PLC0415  (nbgrader is slow to import)
    from coursework.learner.tasks import find_task  # noqa: PLC0415

    place = _place()
    task = find_task(place, "reset", first, second)
    found = reset(place, task)
    own = place.shown(place.own(task.lesson))
    if found.kept:
        typer.echo(
            f"{task.name} is as it was handed out; your answer is kept in {place.shown(found.kept)}"
        )
        typer.echo(f"Where {own} is open in JupyterLab: File > Reload Notebook from Disk")
    else:
        typer.echo(f"{task.name} in {own} is as it was handed out; nothing was to be kept")
    if found.is_elsewhere:
        typer.echo(f"Another cell of {own} still answers {task.name}: grading would take that")


@app.command("update")
def _update(lessons: _Lessons = None) -> None:
    """Bring corrected lessons to your notebooks: answers stay, and a copy is kept."""
    from coursework.learner.corrections import update  # noqa: PLC0415  (nbgrader is slow to import)

    place = _place()
    errors = []
    for key in _begun(place, lessons):
        try:
            found = update(place, key)
        except WorkError as error:  # of one notebook: the others are brought up to date
            errors.append(error)
            continue
        if found is None:
            typer.echo(f"{key} is up to date")
            continue
        typer.echo(f"{key} is updated; as it was: {place.shown(found.kept)}")
        for text, names in (("changed or new", found.changed), ("gone", found.gone)):
            if names:
                typer.echo(printable_lines(f"  {text}: {listed(names)}"))
    finish(*errors)


def _begun(place: Place, lessons: list[str] | None) -> tuple[str, ...]:
    """Return the lessons that were named and are begun, or all that are."""
    if lessons:
        # Who names a single one is told that it is not begun.
        return tuple(
            key for key in place.named(*lessons) if place.is_begun(key) or len(lessons) == 1
        )
    if not place.begun:
        raise WorkError("no lesson is begun: `coursework start` begins the next one")
    return place.begun


def _keep(place: Place, target: "Target", checked: "Checked", saved: int) -> None:
    """Keep what was found; where that cannot be, it was told all the same."""
    from coursework.learner.checks import keep_result  # noqa: PLC0415  (nbgrader is slow to import)

    try:
        keep_result(place, target, checked, saved)
    except WorkError as error:
        warn(error)
