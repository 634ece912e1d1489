"""Where a reader works: `work/A/n.ipynb` for each lesson that is begun."""

import difflib
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from coursework.course.layout import Course, lesson_key
from coursework.errors import WorkError

__all__ = ["Place", "listed", "nearest", "work_place", "writing"]

_SHOWN = 8


@dataclass(frozen=True)
class Place:
    """A course as its reader sees it: what is released, and what they have begun.

    Attributes
    ----------
    course : Course
        Built: lessons are those of its `release/`.
    """

    course: Course

    @cached_property
    def lessons(self) -> tuple[str, ...]:
        """The keys `A/n` of the lessons that can be begun, in teaching order."""
        found = map(lesson_key, self.course.release.glob("*/*.ipynb"))
        return tuple(self.course.order().sorted(found))

    @property
    def begun(self) -> tuple[str, ...]:
        """The keys of lessons that have a notebook in `work/`, in teaching order."""
        return tuple(key for key in self.lessons if self.is_begun(key))

    def is_begun(self, key: str) -> bool:
        """Whether the reader has a notebook of a lesson.

        Raises
        ------
        WorkError
            The folder where it would be cannot be read.
        """
        path = self.own(key)
        try:
            return path.exists() or path.is_symlink()
        except OSError as error:
            folder = self.shown(path.parent)
            msg = f"{folder} cannot be read: {error.strerror}; give yourself the right to"
            raise WorkError(msg) from error

    def own(self, key: str) -> Path:
        """Return the path of the reader's notebook of a lesson, once it is begun."""
        return self.course.work / f"{key}.ipynb"

    def release(self, key: str) -> Path:
        """Return the notebook of a lesson as it is handed out."""
        return self.course.release / f"{key}.ipynb"

    def shown(self, path: Path) -> str:
        """Return a path as messages name it: relative to the course's folder if it is in there."""
        root = self.course.root
        return str(path.relative_to(root) if path.is_relative_to(root) else path)

    def named(self, *names: str) -> tuple[str, ...]:
        """Return the lessons of assignments (`A`) and lessons (`A/n`, or `n` if only one has it).

        Raises
        ------
        WorkError
            There is none with that name, or it is only planned.
        """
        found = {key for name in names for key in self._named(name)}
        return tuple(key for key in self.lessons if key in found)

    def is_lesson(self, name: str) -> bool:
        """Whether `named` would find a single lesson by this name."""
        return len(self._matching(name)) == 1

    def has(self, name: str) -> bool:
        """Whether `named` would find any."""
        return bool(self._matching(name))

    def _named(self, name: str) -> tuple[str, ...]:
        if found := self._matching(name):
            return found
        if name in {entry.key for entry in self.course.order().entries if entry.planned}:
            raise WorkError(
                f"{name} is planned and not written yet; `coursework status` shows what is"
            )
        known = {part for key in self.lessons for part in (key, *key.split("/"))}
        msg = f"no lesson is called {name}{nearest(name, known)}; `coursework status` lists them"
        raise WorkError(msg)

    def _matching(self, name: str) -> tuple[str, ...]:
        name = name.rstrip("/")
        exact = tuple(key for key in self.lessons if name in (key, key.partition("/")[0]))
        short = tuple(key for key in self.lessons if name == key.partition("/")[2])
        return exact or (short if len(short) == 1 else ())

    def kept(self, key: str, name: str, suffix: str) -> Path:
        """Return a free name in `work/kept/` for a copy of what is about to be replaced."""
        folder, number = self.course.work / "kept" / key, 1
        while (path := folder / f"{name}-{number}{suffix}").exists():
            number += 1
        return path


def work_place(course: Course) -> Place:
    """Return the place to work in.

    Raises
    ------
    WorkError
        `work` is not a folder.
    LessonError
        The teaching order cannot be read.
    """
    if course.work.exists() and not course.work.is_dir():
        raise WorkError(
            f"{course.work} is a file, and your notebooks go into a folder of that name: rename it"
        )
    return Place(course)


def nearest(name: str, known: Iterable[str]) -> str:
    """Return ` (did you mean …?)` with names spelled like this one; "" if there are none."""
    close = difflib.get_close_matches(name, sorted(set(known)), n=3, cutoff=0.5)
    return f" (did you mean {' or '.join(close)}?)" if close else ""


def listed(names: Iterable[str]) -> str:
    """Return names as a list in a sentence; only the first ones if there are many."""
    every = list(names)
    return ", ".join(every[:_SHOWN]) + (
        f" and {len(every) - _SHOWN} more" if every[_SHOWN:] else ""
    )


@contextmanager
def writing(path: Path) -> Iterator[Path]:
    """Make the folder of a file, and report in one line if the file cannot be written.

    What is written to the yielded path replaces the file at once and as a whole.

    Raises
    ------
    WorkError
        It cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        if path.exists():
            shutil.copymode(path, part)
        part.replace(path)
    except OSError as error:
        where = error.filename if error.filename != str(part) else path
        msg = f"{where} cannot be written: {error.strerror}; make room, or give yourself the right"
        raise WorkError(msg) from error
    finally:
        if part.parent.is_dir():
            part.unlink(missing_ok=True)
