"""What this host can provide: found out by trying, from inside a student's process."""

import os
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from coursework.errors import JudgeError
from coursework.ipc import landlock
from coursework.ipc.limits import Limits
from coursework.ipc.wire import Handle
from coursework.sandbox.bubblewrap import (
    Level,
    Sandbox,
    isolation_problems,
    landlock_problems,
    make_sandbox,
)
from coursework.sandbox.cgroup import make_cgroup
from coursework.sandbox.forkserver_client import Forkserver
from coursework.sandbox.process import Lost

__all__ = ["Finding", "diagnose"]

# Runs in the student's process. Each line of output is a name and whether it is protected.
_PROBE = """
import ctypes, os, pathlib, socket

def is_refused(action):
    try:
        action()
    except OSError:
        return True
    return False

def libc(name, *arguments):
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments) < 0:
        raise OSError(ctypes.get_errno(), name)

def is_seen(name, top):
    return any(name in names for *_, names in os.walk(top))

def is_shown(path):
    try:
        return bool(os.listdir(path) if os.path.isdir(path) else open(path, "rb").read(1))
    except OSError:
        return False

facts = {
    "network": is_refused(socket.socket),
    "course": not any(is_seen("course_config.py", folder) for folder in (COURSE, "/opt")),
    "home": not any(is_shown(f"{HOME}/{name}") for name in ("", ".bashrc", ".profile", ".ssh")),
    "interpreter": is_refused(lambda: open(os.__file__, "a")),
    "processes": not is_shown("/proc/1/status"),
    "signals": is_refused(lambda: os.kill(GRADER, 0)),
    "root": os.getuid() != 0,
    "system calls": is_refused(lambda: libc("unshare", 0x10000000)),
}
for name, value in facts.items():
    print(name, value)
"""
_PROTECTIONS = {
    "network": ("has no network", "reaches the network"),
    "course": ("does not see the course", "can read the course, hidden tests included"),
    "home": ("does not see the home folder", "can read the home folder"),
    "interpreter": ("cannot change the interpreter", "can change the interpreter's files"),
    "processes": ("sees no other process", "sees the other processes of this host"),
    "signals": ("cannot signal the grader", "can end the grader by a signal"),
    "root": ("is not root", "is root"),
    "system calls": ("is refused system calls it does not need", "may make every system call"),
}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes
    ----------
    name, state : str
    remedy : str
        What to do if something is missing; "" if all is well.
    """

    name: str
    state: str
    remedy: str = ""

    @property
    def is_good(self) -> bool:
        """Whether nothing needs to be done."""
        return not self.remedy


def diagnose(root: Path) -> list[Finding]:
    """Return what this host provides and lacks.

    Parameters
    ----------
    root : Path
        The course's root; the probe looks whether a student could see it.
    """
    used = make_sandbox("auto").level
    found = [_level(level, used) for level in ("full", "landlock")]
    found += _protections(root, Sandbox(used))
    if used == "full" and not landlock_problems():
        found.append(_alone(root))
    return [*found, _cgroup(), *_versions()]


def _level(level: Level, used: Level) -> Finding:
    """Say whether the host can isolate at this level; levels below the one in use are optional."""
    name, problems, works = {
        "full": ("full isolation", isolation_problems, "bubblewrap and namespaces work"),
        "landlock": ("Landlock", landlock_problems, f"version {landlock.version()} works"),
    }[level]
    if not (missing := problems()):
        return Finding(name, works)
    is_needed = level == "full" or used == "process"
    return Finding(name, "; ".join(missing), _remedy("; ".join(missing)) if is_needed else "")


def _alone(root: Path) -> Finding:
    """Say what Landlock would leave open here if there were no namespaces."""
    found = _protections(root, Sandbox("landlock"))
    left = [one.state for one in found if not one.is_good]
    text = f"a student's process {', '.join(left)}" if left else "the same is closed"
    return Finding("with Landlock alone", text)


def _remedy(problem: str) -> str:
    if "not installed" in problem:
        return "Install it; until then notebooks are graded with less isolation, as said below."
    if "Landlock" in problem:
        return "Boot a kernel with Landlock among its security modules (lsm=landlock,…)."
    return (
        "Allow unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1, "
        "user.max_user_namespaces>0; in a container: a profile that allows unshare and mount)."
    )


def _protections(root: Path, sandbox: Sandbox) -> list[Finding]:
    """Look out of a student's process."""
    known = {"COURSE": str(root), "HOME": str(Path.home()), "GRADER": os.getpid()}
    source = "".join(f"{name} = {value!r}\n" for name, value in known.items()) + _PROBE
    try:
        text = _run(source, sandbox)
    except (JudgeError, Lost) as error:
        return [Finding("student's process", f"does not work: {error}", "Read the lines above.")]
    facts = dict(line.rsplit(" ", 1) for line in text.splitlines())
    return [
        Finding("student's process", good)
        if facts.get(name) == "True"
        else Finding("student's process", bad, "Grade where full isolation works.")
        for name, (good, bad) in _PROTECTIONS.items()
    ]


def _run(source: str, sandbox: Sandbox) -> str:
    def refuse(*_: object) -> Handle:
        raise JudgeError("the probe asks for nothing")

    with Forkserver(Limits(), sandbox, preload=()) as forkserver:
        process = forkserver.spawn(refuse, refuse, refuse)
        try:
            process.set_deadline(10)
            outputs, error = process.ask("run", "probe", source, False)  # noqa: FBT003  (no keywords on the wire)
        finally:
            process.close()
    if error:
        raise JudgeError(error)
    return "".join(item.get("text", "") for item in outputs)


def _cgroup() -> Finding:
    group = make_cgroup(Limits())
    if group:
        group.close()
        return Finding("cgroup v2", "limits memory and processes of a whole sandbox")
    text = "not usable; the judge looks at the memory of all processes four times a second"
    return Finding("cgroup v2", text)


def _versions() -> list[Finding]:
    names = ("nbgrader", "numpy", "ipython", "scikit-learn")
    return [Finding(name, version(name)) for name in names]
