"""Keeps the judge and a student's process on one core while they talk.

They never work at the same time, and waking another core takes longer than a call.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["ANY", "current_core", "make_way", "on_one_core", "stay_on"]

ANY = -1
_PROCESSOR = 36  # the field "processor" of proc(5)'s stat, counted from the one after the name


@contextmanager
def on_one_core() -> Iterator[None]:
    """Keep this thread on the core where it runs now; on any core if the system cannot tell."""
    core = current_core()
    if core == ANY:
        yield
        return
    allowed = os.sched_getaffinity(0)
    stay_on(core)
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def current_core() -> int:
    """Return the core that this thread runs on; `ANY` if the system does not tell."""
    try:
        stat = Path("/proc/thread-self/stat").read_text()
    except OSError:
        return ANY
    return int(stat.rpartition(")")[2].split()[_PROCESSOR])


def stay_on(core: int) -> None:
    """Let this thread, and what it starts from now on, run on one core."""
    if core != ANY:
        os.sched_setaffinity(0, {core})


def make_way(pid: int) -> None:
    """Move another process to another core, if there is one: ending takes milliseconds.

    Raises
    ------
    OSError
        There is no such process, or this one has no right to move it.
    """
    if not hasattr(os, "sched_setaffinity"):  # not Linux
        return
    if others := os.sched_getaffinity(0) - os.sched_getaffinity(pid):
        os.sched_setaffinity(pid, others)
