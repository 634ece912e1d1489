"""Isolation of one child of the forkserver: namespaces, limits, no privileges, fewer system calls.

This module runs in the sandbox, before any of the student's code.
"""

import base64
import ctypes
import math
import os
import platform
import resource
import signal
import sys
from collections.abc import Collection
from pathlib import Path

from coursework.ipc.limits import Limits
from coursework.ipc.procfs import children_of, signal_all, stop_trees

__all__ = [
    "adopt_orphans",
    "become_nobody",
    "end_with_parent",
    "forbid_system_calls",
    "fork_isolated",
    "give_up_privileges",
    "hide_files",
    "hide_the_rest",
    "kill_orphans",
    "limit_cpu",
    "set_limits",
    "tasks_of_others",
]

_NOBODY = 65534
_CLONE = {"x86_64": 56, "aarch64": 220}
_NEW_NAMESPACES = 0x10000000 | 0x20000000 | 0x00020000 | 0x08000000  # user, PID, mount, IPC
_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 1, 2, 4, 8
_MS_BIND, _MS_REC, _MS_PRIVATE = 4096, 16384, 1 << 18
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP = 1, 4, 22
_PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 36, 38
_SECCOMP_MODE_FILTER = 2
_CAPABILITY_VERSION = 0x20080522
_CAP_DAC_READ_SEARCH = 1 << 2
_MAX_ORPHANS = 10_000
_STARTED_MEANWHILE = 1000

# PyDLL keeps the interpreter's lock, so that no other thread runs between fork and hooks.
_libc = ctypes.PyDLL(None, use_errno=True)


def become_nobody() -> None:
    """Give up root for good, where the sandbox was started by root."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(_NOBODY, _NOBODY, _NOBODY)
        os.setresuid(_NOBODY, _NOBODY, _NOBODY)
        # A change of user makes /proc/self unwritable, and with it the user map of children.
        _call(_libc.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0), "prctl")


def fork_isolated() -> int:
    """Fork into new user, PID, mount and IPC namespaces; return 0 in the child.

    One `clone` instead of `unshare` and two forks: a fork of a process with everything
    imported is the larger part of a child's start.

    Raises
    ------
    OSError
        The kernel refuses.
    """
    python = ctypes.pythonapi
    python.PyOS_BeforeFork()
    flags = _NEW_NAMESPACES | signal.SIGCHLD
    pid = _libc.syscall(_CLONE[platform.machine()], flags, 0, 0, 0, 0)
    if pid == 0:
        python.PyOS_AfterFork_Child()
        return 0
    python.PyOS_AfterFork_Parent()
    return _call(pid, "clone")


def hide_the_rest(user: int, group: int, tmp_bytes: int) -> None:
    """Map the user to itself, and cover everything that children would share."""
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    _mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None)
    flags = _MS_NOSUID | _MS_NODEV
    own = f"size={tmp_bytes},mode=1777".encode()
    _mount(b"tmpfs", b"/dev/shm", b"tmpfs", flags, own)
    _mount(b"tmpfs", b"/tmp", b"tmpfs", flags, own)
    _mount(b"tmpfs", b"/proc", b"tmpfs", flags | _MS_RDONLY | _MS_NOEXEC, b"size=4k")
    os.chdir("/tmp")


def hide_files(paths: Collection[str]) -> None:
    """Let files be empty, where they are there."""
    for path in paths:
        if os.path.exists(path):  # noqa: PTH110  (called between fork and student)
            _mount(b"/dev/null", path.encode(), None, _MS_BIND, None)


def adopt_orphans() -> None:
    """Become the parent of whatever the children leave behind, where no namespace holds it."""
    if sys.platform == "linux":
        _call(_libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "prctl")


def kill_orphans(kept: Collection[int]) -> None:
    """Kill the children of this process but for `kept`, and what they have started, in turn."""

    def others() -> set[int]:
        return set(children_of(os.getpid())) - set(kept)

    for _ in range(_MAX_ORPHANS):
        orphans = stop_trees(others)
        if not orphans:
            return
        signal_all(orphans, signal.SIGKILL)
        for pid in others():
            os.waitpid(pid, 0)


def end_with_parent() -> None:
    """Have the kernel kill this process when its parent ends."""
    if sys.platform == "linux":
        _call(_libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "prctl")


def give_up_privileges(*, reads_as_root: bool = False) -> None:
    """Drop every capability, and the way to get one back.

    Parameters
    ----------
    reads_as_root : bool
        Whether root goes on reading what lies in folders of other users; it is for Landlock
        to say what may be read at all.
    """
    _call(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl")
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    kept = _CAP_DAC_READ_SEARCH if reads_as_root and os.geteuid() == 0 else 0
    _call(_libc.capset(header, (ctypes.c_uint32 * 6)(kept, kept)), "capset")


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p)]


def forbid_system_calls(program: str) -> None:
    """Load a seccomp program, given in base64."""
    code = base64.b64decode(program)
    buffer = ctypes.create_string_buffer(code, len(code))
    address = ctypes.cast(buffer, ctypes.c_void_p)
    filled = _Program(len(code) // 8, address)
    mode = _SECCOMP_MODE_FILTER
    _call(_libc.prctl(_PR_SET_SECCOMP, mode, ctypes.byref(filled), 0, 0), "seccomp")


def set_limits(limits: Limits, n_others: int = 0) -> None:
    """Set the resource limits; memory is counted from what the process has already.

    Parameters
    ----------
    limits : Limits
    n_others : int
        Processes and threads that the kernel may count together with this one's.
    """
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    memory = pages * resource.getpagesize() + limits.memory_bytes
    for kind, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, math.ceil(limits.cpu_seconds)),
        (resource.RLIMIT_NPROC, limits.processes + n_others),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_FSIZE, limits.file_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        _set_limit(kind, value)


def tasks_of_others() -> int:
    """Return how many processes and threads the kernel may count beside a student's own.

    Outside of a user namespace these are all that the user runs, as far as can be seen, and
    what the user starts while the notebook is graded. So this limit alone stops a bomb, and
    the judge counts the student's own (`coursework.sandbox.memory_watch`).
    """
    count, user = 0, os.getuid()
    for path in Path("/proc").glob("[0-9]*/task"):
        try:
            count += len(os.listdir(path)) if path.stat().st_uid == user else 0  # noqa: PTH208
        except OSError:  # it has ended
            continue
    return count + _STARTED_MEANWHILE


def limit_cpu(seconds: float) -> None:
    """Allow less CPU time than before, in whole seconds."""
    _set_limit(resource.RLIMIT_CPU, math.ceil(seconds))


def _set_limit(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    limit = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (limit, limit))


def _mount(
    source: bytes, target: bytes, kind: bytes | None, flags: int, data: bytes | None
) -> None:
    result = _libc.mount(source, target, kind, ctypes.c_ulong(flags), data)
    _call(result, f"mount {target.decode()}")


def _call(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result
