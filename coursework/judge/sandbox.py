"""The sandbox around the zygote: what of the host it sees, and as whom it runs.

bubblewrap gives it namespaces of its own (network, PID, IPC, UTS, mounts), a read-only
interpreter and nothing of the course. `confine` isolates each child further.
"""

import base64
import ctypes.util
import errno
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import coursework
from coursework import built
from coursework.errors import IsolationError

__all__ = ["MODULES", "Sandbox", "isolation_problems", "make_sandbox", "syscall_filter"]

_NOBODY = 65534
_TMP_BYTES = 64 * 1024 * 1024
_SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/fonts")
_VISIBLE = ("__init__.py", "check", "data.py", "plot", "judge", "built/__init__.py")
# What lessons build: solved exercises, for later lessons to import. The lesson that makes
# one is graded without it.
MODULES = tuple(sorted(path.stem for path in Path(built.__file__).parent.glob("[a-z]*.py")))
_ENVIRONMENT = {
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    "MPLBACKEND": "agg",
    "MPLCONFIGDIR": "/tmp/matplotlib",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PATH": "/usr/bin:/bin",
    "PYTHONDONTWRITEBYTECODE": "1",
    # Sets iterate in the same order at every grading.
    "PYTHONHASHSEED": "0",
}
# They choose how NumPy's libraries compute: with others, the student's side would round the
# last digit in another way than the judge, and a known mistake would not be known again.
_KERNELS = (
    *("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "MKL_CBWR", "MKL_ENABLE_INSTRUCTIONS"),
    *("NPY_DISABLE_CPU_FEATURES", "NPY_ENABLE_CPU_FEATURES"),
)
# No lesson needs these; each has been a way out of a sandbox, a way to look beside it, or
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
# CLONE_NEW… for mounts, cgroups, UTS, IPC, users, PIDs, network.
_CLONE_NEW = tuple(1 << bit for bit in (17, 25, 26, 27, 28, 29, 30))


@dataclass(frozen=True)
class Sandbox:
    """How the zygote is started.

    Attributes
    ----------
    is_full : bool
        Whether bubblewrap and namespaces isolate it; else it is a process with limits.
    missing : tuple of str
        What the host cannot give, a sentence each.
    """

    is_full: bool
    missing: tuple[str, ...] = ()

    def command(self, command: list[str]) -> list[str]:
        """Return the command that runs `command` inside."""
        return [*_bubblewrap(), "--", *command] if self.is_full else command

    def environment(self) -> dict[str, str] | None:
        """Return the environment; inside bubblewrap it is given on the command line."""
        if self.is_full:
            return None
        own = {name: value for name, value in _environment().items() if name != "MPLCONFIGDIR"}
        return own | {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}


def make_sandbox(isolation: str) -> Sandbox:
    """Return the sandbox that a configuration asks for.

    Parameters
    ----------
    isolation : {"auto", "full", "process"}
        "auto" is "full" where the host can give it, and else "process".

    Raises
    ------
    IsolationError
        "full" is asked for and the host cannot give it.
    """
    if isolation == "process":
        return Sandbox(is_full=False, missing=("isolation is set to 'process'",))
    problems = isolation_problems()
    if problems and isolation == "full":
        text = "; ".join(problems)
        raise IsolationError(f"full isolation is demanded, but {text}. See `coursework doctor`.")
    return Sandbox(is_full=not problems, missing=problems)


@cache
def isolation_problems() -> tuple[str, ...]:
    """Return what keeps this host from full isolation, a sentence each; empty if nothing does."""
    if not sys.platform.startswith("linux"):
        return (f"{sys.platform} has no Linux namespaces",)
    if not shutil.which("bwrap"):
        return ("bubblewrap is not installed (Debian, Ubuntu, Fedora: package bubblewrap)",)
    if ctypes.util.find_library("seccomp") is None:
        return ("libseccomp is not installed (Debian, Ubuntu: package libseccomp2)",)
    trial = [
        *_bubblewrap(),
        "--",
        "/usr/bin/unshare",
        "--user",
        "--mount",
        "--pid",
        "--fork",
        "true",
    ]
    done = subprocess.run(trial, capture_output=True, text=True, check=False, timeout=30)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        return (f"bubblewrap cannot make namespaces here: {reason}",)
    return ()


def _environment() -> dict[str, str]:
    return _ENVIRONMENT | {name: os.environ[name] for name in _KERNELS if name in os.environ}


def syscall_filter() -> str:
    """Return the seccomp program of the children, base64; made here, loaded by `confine`."""
    import pyseccomp as seccomp  # noqa: PLC0415  (needs libseccomp, which not every host has)

    rules = seccomp.SyscallFilter(seccomp.ALLOW)
    for name in _FORBIDDEN:
        try:
            rules.add_rule(seccomp.ERRNO(errno.EPERM), name)
        except (OSError, RuntimeError, ValueError):  # not a system call of this architecture
            continue
    # The flags of clone3 lie in memory, where a filter cannot look; glibc falls back to clone.
    rules.add_rule(seccomp.ERRNO(errno.ENOSYS), "clone3")
    for flag in _CLONE_NEW:
        argument = seccomp.Arg(0, seccomp.MASKED_EQ, flag, flag)
        rules.add_rule(seccomp.ERRNO(errno.EPERM), "clone", argument)
    not_unix = seccomp.Arg(0, seccomp.NE, socket.AF_UNIX)
    rules.add_rule(seccomp.ERRNO(errno.EACCES), "socket", not_unix)
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return base64.b64encode(file.read()).decode()


def _bubblewrap() -> list[str]:
    options = ["bwrap", "--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts"]
    options += ["--unshare-cgroup-try", "--hostname", "grading"]
    if os.geteuid() == 0:
        # As root: no user namespace of bubblewrap's own, so that the zygote can give up
        # root for good; a mapped root would still be root to the host's files.
        options += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        options += ["--unshare-user", "--uid", str(_NOBODY), "--gid", str(_NOBODY)]
    options += ["--die-with-parent", "--new-session", "--clearenv"]
    for name, value in _environment().items():
        options += ["--setenv", name, value]
    options += ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"]
    options += ["--perms", "1777", "--size", str(_TMP_BYTES), "--tmpfs", "/tmp"]
    options += ["--perms", "0777", "--dir", "/tmp/matplotlib"]
    paths = _readable_paths()
    for parent in sorted({str(parent) for path in paths for parent in Path(path).parents} - {"/"}):
        # bubblewrap would make these for its own user alone.
        options += ["--perms", "0755", "--dir", parent]
    for path in paths:
        options += ["--ro-bind", path, path]
    for path in _font_lists():
        options += ["--ro-bind", str(path), f"/tmp/matplotlib/{path.name}"]
    return [*options, "--remount-ro", "/", "--chdir", "/tmp"]


def _readable_paths() -> list[str]:
    package = Path(coursework.__file__).parent
    paths = [Path(path) for path in (*_SYSTEM, sys.base_prefix, sys.prefix)]
    paths += [package / name for name in _VISIBLE]
    paths += [package / "built" / f"{name}.py" for name in MODULES]
    return [str(path) for path in dict.fromkeys(paths) if path.exists()]


def _font_lists() -> list[Path]:
    """Return Matplotlib's list of fonts: to make it anew takes seconds."""
    import matplotlib as mpl  # noqa: PLC0415  (not needed before a sandbox starts)
    import matplotlib.font_manager  # noqa: PLC0415  (writes the list)

    return sorted(Path(mpl.get_cachedir()).glob("fontlist-*.json"))
