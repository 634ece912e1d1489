"""Begin lessons: their notebooks, and the files beside them, are copied into `work/`."""

from dataclasses import dataclass
from pathlib import Path

from coursework.errors import WorkError
from coursework.learner.notebook import read_released
from coursework.learner.place import Place, writing
from coursework.submissions.beside import handed_out
from coursework.submissions.releases import keep_release
from coursework.submissions.touched import work_in_file

__all__ = ["Started", "beside", "is_answered", "start"]


@dataclass(frozen=True)
class Started:
    """What was begun.

    Attributes
    ----------
    lessons : tuple of str
        Their keys, in the order in which they are taught.
    copied, there : tuple of Path
        Files that were put into `work/`, and those that were already there and were left.
    answered : tuple of Path
        Notebooks of `release/` that hold answers, which came along.
    """

    lessons: tuple[str, ...]
    copied: tuple[Path, ...]
    there: tuple[Path, ...]
    answered: tuple[Path, ...] = ()


def start(place: Place, *names: str) -> Started:
    """Copy notebooks into `work/`; never overwrite anything.

    Parameters
    ----------
    place : Place
    *names : str
        Assignments (`A`) or lessons (`A/n`). If none is named, the next lesson: the first that is
        not begun. So `work/` holds what was begun and nothing else, and a lesson that is corrected
        before it is begun arrives corrected.

    Raises
    ------
    WorkError
        A name is unknown, or something cannot be written.
    ConfigError
        The course cannot be used.
    """
    keys = place.named(*names) if names else _next(place)
    copied, there, answered = list[Path](), list[Path](), list[Path]()
    for key in keys:
        target = place.own(key)
        if place.is_begun(key):
            there.append(target)
            continue
        answered += _hand_out(place, key)
        copied.append(target)
    for assignment in dict.fromkeys(key.partition("/")[0] for key in keys):
        new, old = beside(place, assignment)
        copied += new
        there += old
    return Started(keys, tuple(copied), tuple(there), tuple(answered))


def _next(place: Place) -> tuple[str, ...]:
    begun = set(place.begun)
    found = next((key for key in place.lessons if key not in begun), None)
    if found is None:
        raise WorkError("every lesson is begun: `coursework status` shows what is left to do")
    return (found,)


def _hand_out(place: Place, key: str) -> list[Path]:
    """Copy one notebook; return it if it already holds answers."""
    release = place.release(key)
    read_released(place, key)  # what is damaged is not handed out
    with writing(place.own(key)) as part:
        part.write_bytes(release.read_bytes())
    if is_answered(place, key):
        return [release]
    # For comparison when the lesson is corrected: `coursework update`.
    keep_release(place.course.source / release.parent.name, release)
    return []


def is_answered(place: Place, key: str) -> bool:
    """Whether the notebook of a lesson in `release/` already holds answers."""
    # Other files do not show what was changed in them.
    is_built = (place.course.lessons / f"{key}.md").exists()
    return is_built and bool(work_in_file(place.release(key)))


def beside(place: Place, assignment: str) -> tuple[list[Path], list[Path]]:
    """Copy the files that an assignment hands out; return those copied, and those already there.

    Raises
    ------
    WorkError
        One cannot be written.
    ConfigError
        They are too many or too large.
    """
    copied, there = list[Path](), list[Path]()
    for name, content in handed_out(place.course.release / assignment).items():
        path = place.course.work / assignment / name
        if path.exists():
            there.append(path)
            continue
        with writing(path) as part:
            part.write_bytes(content)
        copied.append(path)
    return copied, there
