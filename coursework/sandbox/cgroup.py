"""A control group (version 2) around a sandbox: the kernel limits all its processes together.

Not every host lets a judge make one: it must own a part of the tree in which it may enable
controllers, such as a container, a systemd unit with `Delegate=yes` or root's own tree.
Elsewhere each process has limits of its own, and `memory_watch` adds up the memory of all.
"""

import contextlib
import itertools
import os
import time
from pathlib import Path

from coursework.ipc.limits import Limits

__all__ = ["Cgroup", "make_cgroup"]

_MOUNT = Path("/sys/fs/cgroup")
# What the sandbox needs besides the student's share: the forkserver, its files, bubblewrap.
_OWN_BYTES = 512 * 2**20
_OWN_PROCESSES = 16
_NUMBERS = itertools.count()
_ENTER = 'echo $$ > "$0" && exec "$@"'


class Cgroup:
    """A control group of the judge's own.

    Parameters
    ----------
    path : Path
        Its folder in the tree.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def command(self, command: list[str]) -> list[str]:
        """Return the command that runs `command` in the group, from its first moment on."""
        return ["/bin/sh", "-c", _ENTER, str(self.path / "cgroup.procs"), *command]

    def close(self) -> None:
        """Kill what is left in the group, and remove it."""
        with contextlib.suppress(OSError):
            (self.path / "cgroup.kill").write_text("1")
        for _ in range(50):
            try:
                self.path.rmdir()
            except FileNotFoundError:
                return
            except OSError:  # what was killed is still ending
                time.sleep(0.02)
            else:
                return


def make_cgroup(limits: Limits, mount: Path = _MOUNT) -> Cgroup | None:
    """Return a new group with limits on memory and processes; None if the host allows none.

    Parameters
    ----------
    limits : Limits
        Of a student's processes; the sandbox around them gets a little more.
    mount : Path
        Where the tree is mounted.
    """
    parent = _own_group(mount)
    if parent is None:
        return None
    group = parent / f"coursework-{os.getpid()}-{next(_NUMBERS)}"
    try:
        controllers = (parent / "cgroup.controllers").read_text().split()
        wanted = {name: value for name, value in _settings(limits).items() if name in controllers}
        if not wanted:
            return None
        enabled = " ".join(f"+{name}" for name in wanted)
        (parent / "cgroup.subtree_control").write_text(enabled)
        group.mkdir()
        for settings in wanted.values():
            for name, value in settings.items():
                (group / name).write_text(str(value))
    except OSError:  # not ours, or other processes are in the parent itself
        with contextlib.suppress(OSError):
            group.rmdir()
        return None
    return Cgroup(group)


def _settings(limits: Limits) -> dict[str, dict[str, int]]:
    """Return for each controller what to write into its files."""
    return {
        "memory": {"memory.max": limits.memory_bytes + _OWN_BYTES},
        "pids": {"pids.max": limits.processes + _OWN_PROCESSES},
    }


def _own_group(mount: Path) -> Path | None:
    """Return the group that this process is in."""
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return None
    own = next((line.removeprefix("0::/") for line in lines if line.startswith("0::")), None)
    path = mount / own if own is not None else None
    return path if path and (path / "cgroup.controllers").exists() else None
