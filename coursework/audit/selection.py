"""Which lessons are measured: a part of all, those that a change touched, some in rotation."""

import hashlib
import math
import os
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

from coursework.errors import ConfigError

__all__ = ["BASE", "by_turns", "changed_files", "part_of", "text_before", "touched"]

BASE = "COURSEWORK_BASE"
"""Names, in the environment, the commit that a change is compared with."""

_SHARD = re.compile(r"([1-9]\d*)/([1-9]\d*)")
_LANDING = 20


def part_of(names: Iterable[str], shard: str) -> tuple[str, ...]:
    """Return part `k/n` of the names, every n-th; all of them if `shard` is "".

    Raises
    ------
    ConfigError
        It has another form, or k is more than n.
    """
    if not shard:
        return tuple(names)
    found = _SHARD.fullmatch(shard)
    number, count = map(int, found.groups()) if found else (1, 0)
    if number > count:
        raise ConfigError(f"a shard is k/n with k from 1 to n, as in 2/4, not {shard!r}")
    return tuple(names)[number - 1 :: count]


def by_turns(root: Path, names: Iterable[str], one_in: int) -> frozenset[str]:
    """Return one in so many names, rounded up: the same for one commit, others for another.

    Without git, all of them.
    """
    names, commit = tuple(names), _git(root, "rev-parse", "HEAD")
    if not commit:
        return frozenset(names)
    drawn = sorted(names, key=lambda name: hashlib.sha256(f"{commit} {name}".encode()).digest())
    return frozenset(drawn[: math.ceil(len(names) / one_in)])


def touched(root: Path, names: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return the lessons of which a change has touched files, with the ends of these files' names.

    If git cannot tell, all of them, with none: what was touched is not known.
    """
    names, files = tuple(names), changed_files(root)
    if files is None:
        return dict.fromkeys(names, frozenset())
    found = {name: _ends(files, f"lessons/{name}.") for name in names}
    return {name: ends for name, ends in found.items() if ends}


def _ends(files: Iterable[str], start: str) -> frozenset[str]:
    return frozenset(file.removeprefix(start) for file in files if file.startswith(start))


def text_before(root: Path, file: str) -> str | None:
    """Return what a file below a folder held before the change; None if git cannot tell."""
    base = _base(root)
    return _git(root, "show", f"{base}:./{file}") if base else None


def changed_files(root: Path) -> tuple[str, ...] | None:
    """Return the files below a folder that a change has touched, committed or not.

    The change begins where it left the commit that the environment's `COURSEWORK_BASE` names,
    or else the main branch of `origin`; on that branch itself, where the last push may have had
    any number of commits, it is the last twenty.

    Returns
    -------
    tuple of str or None
        None if git cannot tell: there is none, a clone is too shallow, or the history too short.
    """
    base = _base(root)
    changed = _git(root, "diff", "--name-only", "--relative", base) if base else None
    new = _git(root, "ls-files", "--others", "--exclude-standard")
    if changed is None or new is None:
        return None
    return (*changed.splitlines(), *new.splitlines())


def _base(root: Path) -> str | None:
    if named := os.environ.get(BASE):
        return _git(root, "merge-base", named, "HEAD")
    base = _git(root, "merge-base", "origin/HEAD", "HEAD")
    if base and base != _git(root, "rev-parse", "HEAD"):
        return base
    return _git(root, "rev-parse", "--verify", "--quiet", f"HEAD~{_LANDING}")


def _git(root: Path, *arguments: str) -> str | None:
    """Return what git prints; None if it fails."""
    command = ["git", "-c", "core.quotePath=false", "-C", str(root), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.decode("utf-8", "replace").strip()
