"""What submissions cost: how long judging them took, and how large they are."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path

from coursework.feedback.report.facts import Cost
from coursework.nbgrader_bridge.settings import Settings

__all__ = ["costs_of"]

_MAX_FILES = 10_000  # looked at per submission: nobody hands in so many


def costs_of(
    settings: Settings, students: Iterable[str], times: Mapping[str, Mapping[str, float]]
) -> tuple[Cost, ...]:
    """Return what the submissions of these students cost, by student.

    Parameters
    ----------
    settings : Settings
    students : iterable of str
    times : mapping
        Student → notebook → seconds that judging took, if known.
    """
    wanted = set(students)
    found = sorted(one for one in settings.submissions() if one[0] in wanted)
    return tuple(_cost(student, folder, times.get(student, {})) for student, folder in found)


def _cost(student: str, folder: Path, seconds: Mapping[str, float]) -> Cost:
    sizes = dict(islice(_sizes(folder), _MAX_FILES))
    return Cost(
        student=student,
        seconds=sum(seconds.values()) if seconds else None,
        slowest=max(seconds, key=lambda name: seconds[name], default=""),
        n_bytes=sum(sizes.values()),
        n_files=len(sizes),
        largest=max(sizes, key=lambda name: sizes[name], default=""),
    )


def _sizes(folder: Path) -> Iterator[tuple[str, int]]:
    """Yield the files below a folder, each with its size in bytes; no link is followed."""
    for parent, _, names in os.walk(folder):
        for name in names:
            path = Path(parent) / name
            with suppress(OSError):  # gone meanwhile, or unreadable
                yield str(path.relative_to(folder)), path.lstat().st_size
