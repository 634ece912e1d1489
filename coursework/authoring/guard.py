"""What a build may not overwrite: a reader's work in a notebook of `release/`."""

from pathlib import Path

from coursework.course.layout import Course, lesson_key
from coursework.errors import StaleError
from coursework.submissions.read import read_submission
from coursework.submissions.touched import UNREADABLE, work_in_file

__all__ = ["answers_at_stake"]

_TEXT = "{path} holds answers ({work}), so it was left as it is: {remedy}, then build again"
_START = "run `coursework start {key}`, which takes them into work/"
_MOVE = "move it away (the notebook of `coursework start {key}` in work/ has not all of them)"
_MEND = "mend or move it; `coursework start {key}` gives you a notebook of your own, in work/"
_SHOWN = 6


def answers_at_stake(course: Course, release: Path, built: Path) -> list[StaleError]:
    """Say so if a reader has worked in a notebook of `release/`, and nowhere else.

    Parameters
    ----------
    course : Course
    release : Path
        The notebook in the course.
    built : Path
        What is to replace it.
    """
    if not release.exists():
        return []
    key = lesson_key(release)
    own = course.work / f"{key}.ipynb"
    known = [read_submission(path).notebook for path in (built, own)]
    work = work_in_file(release, *known)
    if not work:
        return []
    remedy = _MEND if UNREADABLE in work else _MOVE if own.exists() else _START
    shown = ", ".join(work[:_SHOWN]) + (", …" if work[_SHOWN:] else "")
    path = release.relative_to(course.root)
    return [StaleError(_TEXT.format(path=path, work=shown, remedy=remedy.format(key=key)))]
