"""Judge single notebooks in another process, for callers whose own handles several submissions.

If a notebook exhausts the memory there or crashes the judge, only that notebook is affected.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import nbformat

from coursework.errors import CourseworkError
from coursework.grading.judgeable import demand_judgeable
from coursework.grading.pipeline import Material, examine, read_material
from coursework.judge.judge import Judge
from coursework.judge.report import Report
from coursework.pool import Start

__all__ = ["Request", "judging_apart"]


@dataclass(frozen=True)
class Request:
    """A notebook to be judged, or a lesson to be looked at.

    Attributes
    ----------
    source, release : Path
        The folders `source/A` and `release/A`.
    name : str
        Of the notebook in them.
    text : str
        The prepared notebook; "" asks only whether the lesson can be judged.
    student : str
    folder : Path or None
        Where it was submitted.
    """

    source: Path
    release: Path
    name: str
    text: str = ""
    student: str = ""
    folder: Path | None = None


def judging_apart(
    options: dict[str, Any], declared: Sequence[str]
) -> Start[Request, Report | str | None]:
    """Return a worker factory whose workers answer requests with a report, or why there is none.

    Parameters
    ----------
    options : dict
        Of the judge.
    declared : sequence of str
        Patterns of files that may be submitted beside notebooks, see `beside`.
    """
    return partial(_judging, options, tuple(declared))


@contextmanager
def _judging(
    options: dict[str, Any], declared: tuple[str, ...]
) -> Iterator[Callable[[Request], Report | str | None]]:
    materials: dict[tuple[Path, str], Material] = {}
    with Judge(**options) as judge:
        yield partial(_answer, judge, materials, declared)


def _answer(
    judge: Judge,
    materials: dict[tuple[Path, str], Material],
    declared: tuple[str, ...],
    request: Request,
) -> Report | str | None:
    key = request.source, request.name
    try:
        if key not in materials:
            materials[key] = read_material(request.source, request.release, request.name, declared)
        material = materials[key]
        if not request.text:
            demand_judgeable(judge, material.lesson, material.source)
            return None
        notebook = nbformat.reads(request.text, as_version=4)
        folder = request.folder or request.source
        return examine(judge, material, notebook, request.student, folder)
    except CourseworkError as error:
        return str(error)
