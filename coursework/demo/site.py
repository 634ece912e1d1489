"""A course of its own for the demo, so that the real gradebook is never touched."""

import io
import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.exchange import ExchangeError, ExchangeFactory

from coursework.authoring.build import build
from coursework.batch.publish import alone
from coursework.course.layout import CONFIG_FILE, Course
from coursework.errors import ConfigError, CourseworkError
from coursework.nbgrader_bridge.settings import Settings, read_settings

__all__ = ["alone_in", "make_site", "release"]

_MARK = ".coursework-demo"
_LOCK = ".coursework-demo.lock"
_TREES = ("source", "release", "solutions")

# A submission that loops costs its limit, so the limits are short here.
_CONFIG = """
# --- The demo: short limits, and a gradebook of its own ---------------------------------

c.CourseDirectory.root = {root!r}
c.CourseDirectory.db_url = {db_url!r}
c.Exchange.root = {exchange!r}
c.Exchange.cache = {cache!r}
c.RunJudge.cell_seconds = 3.0
c.RunJudge.notebook_seconds = 60.0
"""


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep a second demo out of the folder.

    Raises
    ------
    ConfigError
        A demo is running there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    refusal = f"a demo is running in {folder}: wait for it, or name another folder with --keep"
    with alone(folder / _LOCK, refusal):
        yield


def make_site(course: Course, folder: Path, assignment: str) -> Course:
    """Make a fresh course in a folder, with one assignment of another course built in it.

    Parameters
    ----------
    course : Course
    folder : Path
        Remains of an earlier demo are removed.
    assignment : str

    Raises
    ------
    ConfigError
        The folder holds something that no demo made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found = [path for path in folder.iterdir() if path.name != _LOCK]
    if found and not (folder / _MARK).exists():
        msg = f"{folder} holds something else: name a folder that is empty or new"
        raise ConfigError(msg)
    for path in found:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    (folder / _MARK).touch()
    # All of them: lessons name those that they build on.
    shutil.copytree(course.lessons, folder / "lessons")
    for tree in _TREES:
        if (course.root / tree / assignment).is_dir():
            shutil.copytree(course.root / tree / assignment, folder / tree / assignment)
    root = folder.resolve()
    settings = _CONFIG.format(
        root=str(root),
        db_url=f"sqlite:///{root}/gradebook.db",
        exchange=str(root / "exchange"),
        cache=str(root / "cache"),
    )
    config = (course.root / CONFIG_FILE).read_text(encoding="utf-8")
    (root / CONFIG_FILE).write_text(config + settings, encoding="utf-8")
    shutil.copyfile(course.root / "nbgrader_config.py", root / "nbgrader_config.py")
    return Course(root)


def release(site: Course, assignment: str, progress: Callable[[str], None]) -> None:
    """Build an assignment, enter it into the gradebook and put it into the exchange.

    As `coursework build`, `nbgrader generate_assignment` and `nbgrader release_assignment`.

    Raises
    ------
    CourseworkError
        A lesson cannot be built, or nbgrader refuses.
    """
    built = build(site, assignment, progress=progress)
    for error in built.errors:
        raise error
    settings = read_settings(site.root, assignment)
    settings.config.GenerateAssignment.force = True
    steps: tuple[tuple[str, Callable[..., Any]], ...] = (
        ("generate_assignment", GenerateAssignment),
        ("release_assignment", ExchangeFactory(config=settings.config).release_assignment),
    )
    for name, kind in steps:
        progress(f"nbgrader {name}")
        _start(kind, settings, f"nbgrader {name} {assignment}")


def _start(kind: Callable[..., Any], settings: Settings, command: str) -> None:
    """Run a part of nbgrader; its log is reported only if it refuses."""
    buffer = io.StringIO()
    log = logging.Logger("demo", logging.ERROR)  # noqa: LOG001  (one for each call)
    log.addHandler(logging.StreamHandler(buffer))
    try:
        kind(coursedir=settings.coursedir, config=settings.config, log=log).start()
    except (NbGraderException, ExchangeError) as error:
        msg = f"`{command}` fails:\n{buffer.getvalue()}"
        raise CourseworkError(msg) from error
