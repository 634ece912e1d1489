"""The sandbox around the forkserver: what it sees of the host, and as whom it runs.

bubblewrap gives it namespaces of its own (network, PID, IPC, UTS, mounts), a read-only
interpreter and nothing of the course. `confine` isolates each child further.
"""

import base64
import ctypes.util
import errno
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from coursework.errors import IsolationError
from coursework.ipc import landlock
from coursework.sandbox.view import View

__all__ = ["Level", "Sandbox", "isolation_problems", "landlock_problems", "make_sandbox"]

Level = Literal["full", "landlock", "process"]
"""How a student's process is isolated: by namespaces, by Landlock, or by limits alone."""

_NOBODY = 65534
_TMP_BYTES = 64 * 1024 * 1024
_FONT_LISTS = "/tmp/matplotlib"
_FINALLY = ("--remount-ro", "/", "--chdir", "/tmp", "--")
# Whether Python itself runs there; none of its packages is needed for that.
_TRIAL = ("-I", "-S", "-c", "")
_ENVIRONMENT = {
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    # Each thread would reserve an arena of 64 MiB or more of the limited address space.
    "MALLOC_ARENA_MAX": "1",
    "MPLBACKEND": "agg",
    "MPLCONFIGDIR": _FONT_LISTS,
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PATH": "/usr/bin:/bin",
    "PYTHONDONTWRITEBYTECODE": "1",
    # Sets iterate in the same order in every grading.
    "PYTHONHASHSEED": "0",
}
# Without a sandbox it finds programs, libraries and packages as the judge does.
_KEPT = ("PATH", "HOME", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONUSERBASE")
# They choose how NumPy's libraries compute: with other values, the student's side would round
# the last digit differently from the judge, and a known mistake would not be recognised.
_KERNELS = (
    *("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "MKL_CBWR", "MKL_ENABLE_INSTRUCTIONS"),
    *("NPY_DISABLE_CPU_FEATURES", "NPY_ENABLE_CPU_FEATURES"),
)
# No lesson needs these; each has been a way out of a sandbox, a way to look outside it, or
# memory that no limit counts.
_FORBIDDEN = """
    ptrace process_vm_readv process_vm_writev kcmp pidfd_getfd process_madvise
    mount umount2 pivot_root chroot mount_setattr move_mount open_tree fsopen fsconfig
    fsmount fspick unshare setns
    keyctl add_key request_key bpf perf_event_open userfaultfd
    io_uring_setup io_uring_enter io_uring_register
    init_module finit_module delete_module kexec_load kexec_file_load reboot
    swapon swapoff iopl ioperm acct quotactl syslog vhangup
    settimeofday clock_settime clock_adjtime adjtimex stime
    open_by_handle_at name_to_handle_at fanotify_init lookup_dcookie
    personality modify_ldt move_pages migrate_pages mbind set_mempolicy
    memfd_create memfd_secret shmget shmat msgget semget mq_open
""".split()  # noqa: SIM905  (a list of words reads best as text)
# In addition to Landlock, which leaves these open: calls that change a file that cannot be
# opened, or reach other processes of the same user.
_FORBIDDEN_BESIDE_LANDLOCK = """
    chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat
    setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr
    utime utimes futimesat utimensat socket
    sched_setaffinity sched_setscheduler sched_setparam sched_setattr setpriority ioprio_set
    rt_sigqueueinfo rt_tgsigqueueinfo pidfd_open process_mrelease
""".split()  # noqa: SIM905  (as above)
# Under Landlock a student's processes are killed by their group, at once. These ways out of it
# do nothing, and claim success: programs that begin a session of their own still run.
_WITHOUT_EFFECT = ("setsid", "setpgid")
# CLONE_NEW… for mounts, cgroups, UTS, IPC, users, PIDs, network.
_CLONE_NEW = tuple(1 << bit for bit in (17, 25, 26, 27, 28, 29, 30))


@dataclass(frozen=True)
class Sandbox:
    """How the forkserver is started.

    Attributes
    ----------
    level : Level
    missing : tuple of str
        What the host cannot provide, a sentence each.
    """

    level: Level
    missing: tuple[str, ...] = ()

    @property
    def is_full(self) -> bool:
        """Whether bubblewrap and namespaces isolate it."""
        return self.level == "full"

    def config(self) -> dict[str, Any]:
        """Return what the forkserver needs to know about its isolation."""
        found: dict[str, Any] = {"level": self.level}
        if self.level != "process":
            found["filter"] = _syscall_filter(self.level)
        if self.level == "landlock":
            found["readable"], found["listable"] = View.of_this_process().places()
        return found

    @contextmanager
    def command(self, arguments: list[str]) -> Iterator[tuple[list[str], list[int]]]:
        """Yield the command that runs Python inside, and the descriptors that it needs to start.

        Parameters
        ----------
        arguments : list of str
            Of Python.
        """
        if not self.is_full:
            yield [str(Path(sys.executable).absolute()), *arguments], []
            return
        view = View.of_this_process()
        with view.options(_font_lists()) as (options, descriptors):
            command = [*_bubblewrap(view), *options, *_FINALLY, view.python, *arguments]
            yield command, descriptors

    def environment(self) -> dict[str, str] | None:
        """Return the environment; for bubblewrap it is part of the command line."""
        if self.is_full:
            return None
        own = {name: value for name, value in _environment().items() if name != "MPLCONFIGDIR"}
        return own | {name: os.environ[name] for name in _KEPT if name in os.environ}


def make_sandbox(isolation: str) -> Sandbox:
    """Return the sandbox that a configuration asks for.

    Parameters
    ----------
    isolation : {"auto", "full", "landlock", "process"}
        "auto" is the first of the others that the host can provide.

    Raises
    ------
    IsolationError
        The host cannot provide what is asked for.
    """
    missing: tuple[str, ...] = ()
    for level, problems_here in _LEVELS.items():
        if isolation not in ("auto", level):
            continue
        problems = problems_here()
        if not problems:
            set_so = (f"isolation is set to {level!r}",) if isolation == level != "full" else ()
            return Sandbox(level, missing + set_so)
        if isolation == level:
            text = "; ".join(problems)
            name = _NAMES[level]
            raise IsolationError(f"{name} is demanded, but {text}. See `coursework doctor`.")
        missing += problems
    msg = f"no isolation is called {isolation!r}; there are auto, {', '.join(_LEVELS)}"
    raise IsolationError(msg)


@cache
def landlock_problems() -> tuple[str, ...]:
    """Return what keeps this host from Landlock, a sentence each; empty if nothing does."""
    if not landlock.version():
        return ("the kernel has no Landlock (Linux 5.13 and later, where it is switched on)",)
    return _filter_problems()


def _filter_problems() -> tuple[str, ...]:
    if ctypes.util.find_library("seccomp") is None:
        return ("libseccomp is not installed (Debian, Ubuntu: package libseccomp2)",)
    return ()


@cache
def isolation_problems() -> tuple[str, ...]:
    """Return what keeps this host from full isolation, a sentence each; empty if nothing does."""
    if not sys.platform.startswith("linux"):
        return (f"{sys.platform} has no Linux namespaces",)
    if not shutil.which("bwrap"):
        return ("bubblewrap is not installed (Debian, Ubuntu, Fedora: package bubblewrap)",)
    if problems := _filter_problems():
        return problems
    view = View.of_this_process()
    inside = ["/usr/bin/unshare", "--user", "--mount", "--pid", "--fork", view.python, *_TRIAL]
    with view.options({}) as (options, descriptors):
        command = [*_bubblewrap(view), *options, *_FINALLY, *inside]
        done = subprocess.run(
            command,
            pass_fds=descriptors,
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        return (f"bubblewrap cannot run Python in namespaces here: {reason}",)
    return ()


def _none_missing() -> tuple[str, ...]:
    return ()


_LEVELS: dict[Level, Callable[[], tuple[str, ...]]] = {
    "full": isolation_problems,
    "landlock": landlock_problems,
    "process": _none_missing,
}
_NAMES: dict[Level, str] = {"full": "full isolation", "landlock": "Landlock"}


def _environment() -> dict[str, str]:
    return _ENVIRONMENT | {name: os.environ[name] for name in _KERNELS if name in os.environ}


def _syscall_filter(level: Level) -> str:
    """Return the seccomp program of the children, base64; made here, loaded by `confine`."""
    import pyseccomp as seccomp  # noqa: PLC0415  (needs libseccomp, which not every host has)

    rules = seccomp.SyscallFilter(seccomp.ALLOW)
    beside = _FORBIDDEN_BESIDE_LANDLOCK if level == "landlock" else []
    for name in (*_FORBIDDEN, *beside):
        try:
            rules.add_rule(seccomp.ERRNO(errno.EPERM), name)
        except (OSError, RuntimeError, ValueError):  # not a system call of this architecture
            continue
    # The flags of clone3 lie in memory, where a filter cannot look; glibc falls back to clone.
    rules.add_rule(seccomp.ERRNO(errno.ENOSYS), "clone3")
    for flag in _CLONE_NEW:
        argument = seccomp.Arg(0, seccomp.MASKED_EQ, flag, flag)
        rules.add_rule(seccomp.ERRNO(errno.EPERM), "clone", argument)
    if level == "full":
        not_unix = seccomp.Arg(0, seccomp.NE, socket.AF_UNIX)
        rules.add_rule(seccomp.ERRNO(errno.EACCES), "socket", not_unix)
    else:
        of_another = seccomp.Arg(0, seccomp.NE, 0)
        rules.add_rule(seccomp.ERRNO(errno.EPERM), "prlimit64", of_another)
        for name in _WITHOUT_EFFECT:
            rules.add_rule(seccomp.ERRNO(0), name)
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return base64.b64encode(file.read()).decode()


def _bubblewrap(view: View) -> list[str]:
    options = ["bwrap", "--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts"]
    options += ["--unshare-cgroup-try", "--hostname", "grading"]
    if os.geteuid() == 0:
        # As root: no user namespace from bubblewrap, so that the forkserver can give up root for
        # good; a mapped root would still be root to the host's files.
        options += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        options += ["--unshare-user", "--uid", str(_NOBODY), "--gid", str(_NOBODY)]
    options += ["--die-with-parent", "--new-session", "--clearenv"]
    for name, value in (_environment() | view.environment).items():
        options += ["--setenv", name, value]
    options += ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"]
    # Libraries that are imported before the first child look there for semaphores.
    for folder in ("/dev/shm", "/tmp"):
        options += ["--perms", "1777", "--size", str(_TMP_BYTES), "--tmpfs", folder]
    options += ["--perms", "0777", "--dir", _FONT_LISTS]
    for folder in view.folders:
        # bubblewrap would make these for its own user alone.
        options += ["--perms", "0755", "--dir", folder]
    return options


def _font_lists() -> dict[str, bytes]:
    """Return Matplotlib's list of fonts, which takes seconds to make anew."""
    import matplotlib as mpl  # noqa: PLC0415  (not needed before a sandbox starts)
    import matplotlib.font_manager  # noqa: PLC0415  (writes the list)

    paths = sorted(Path(mpl.get_cachedir()).glob("fontlist-*.json"))
    return {f"{_FONT_LISTS}/{path.name}": _fonts_inside(path) for path in paths}


def _fonts_inside(path: Path) -> bytes:
    """Return a list of fonts without those that a sandbox does not have."""
    fonts = json.loads(path.read_text(encoding="utf-8"))
    for kind in ("ttflist", "afmlist"):
        fonts[kind] = [font for font in fonts[kind] if _is_inside(font["fname"])]
    return json.dumps(fonts).encode()


def _is_inside(font: str) -> bool:
    """Whether a font is Matplotlib's own or the system's."""
    return not Path(font).is_absolute() or font.startswith("/usr/share/")
