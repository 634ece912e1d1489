"""A process that has imported everything once and forks a fresh child for each notebook.

    python -m coursework.student.forkserver CONTROL_FD CONFIG_JSON

The judge sends commands over the control socket, a letter and a number:
`S` with a descriptor starts a child on that socket and answers with its pid;
`K` with a pid kills a child and answers how it ended; `W` gives it a moment to end by itself.

A child gets ready and waits: the judge tells it over its socket when a notebook comes, which
modules that lessons build it may not see, the core to stay on, and how much CPU time it has.
"""

import contextlib
import gc
import importlib
import json
import os
import select
import shutil
import signal
import socket
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

from coursework.ipc import landlock
from coursework.ipc.cores import make_way, stay_on
from coursework.ipc.limits import Limits
from coursework.ipc.wire import ANSWER, BEGIN, COMMAND
from coursework.student import confine
from coursework.student.server import serve
from coursework.student.shell import Shell, make_shell
from coursework.student.warmup import rehearse

__all__ = ["main"]

_BUILT = Path(__file__).parents[1] / "built"
_MOMENT = 0.5
_LINGER = 1.0
_UNKNOWN = (0, 0.0)


def main(arguments: list[str]) -> None:
    """Serve until the judge closes the control socket."""
    control = socket.socket(fileno=int(arguments[0]))
    config = json.loads(arguments[1])
    config["limits"] = Limits(**config["limits"])
    if config["level"] == "full":
        confine.become_nobody()
    shell = _prepare(config)
    if config["level"] != "full":
        confine.adopt_orphans()
    _answer(control, os.getpid())
    children: dict[int, str] = {}  # with its own folder, if any
    while True:
        try:
            message, descriptors, _, _ = socket.recv_fds(control, COMMAND.size, 1)
        except ConnectionError:  # closed before it had read every answer
            break
        if not message:
            break
        command, number = COMMAND.unpack(message)
        if command == b"S":
            folder = tempfile.mkdtemp(prefix="student-") if config["level"] == "landlock" else ""
            pid = _start(control, descriptors[0], shell, config | {"folder": folder})
            os.close(descriptors[0])
            children[pid] = folder
            _answer(control, pid)
        elif command in (b"K", b"W"):
            moment = _MOMENT if command == b"W" else 0.0
            _answer(control, *_end(number, children, moment))
    for pid in tuple(children):
        _end(pid, children)


def _answer(control: socket.socket, number: int, seconds: float = 0.0) -> None:
    """Send a pid, or how a child ended: its wait status, and the CPU time that it used.

    The answer includes this process's memory in pages, which tells the judge when to renew it.
    """
    with contextlib.suppress(ConnectionError):  # the judge has gone: `main` will see it
        control.sendall(ANSWER.pack(number, _resident_pages(), seconds))


def _resident_pages() -> int:
    try:
        return int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:  # no /proc on this system
        return 0


def _start(control: socket.socket, descriptor: int, shell: Shell, config: dict[str, Any]) -> int:
    """Fork a child that serves the socket; return its pid in the parent alone."""
    user, group = os.getuid(), os.getgid()
    is_full = config["level"] == "full"
    pid = confine.fork_isolated() if is_full else os.fork()
    if pid:
        return pid
    try:
        control.close()
        os.setsid()
        _close_others(descriptor)
        confine.set_limits(config["limits"], 0 if is_full else confine.tasks_of_others())
        if is_full:
            confine.hide_the_rest(user, group, config["limits"].file_bytes)
        else:
            confine.end_with_parent()
        if config["folder"]:
            _live_in(config["folder"])
        sock = socket.socket(fileno=descriptor)
        if not _is_awaited(sock):
            rehearse(shell, config["limits"])
        _begin(sock, config)
        # In the sandbox the forkserver ends it first, on a core where it disturbs nobody.
        serve(sock, shell, config["limits"], _LINGER if is_full else 0.0)
    finally:
        os._exit(1)


def _is_awaited(sock: socket.socket) -> bool:
    """Whether a notebook has already come."""
    return bool(select.select([sock], [], [], 0)[0])


def _begin(sock: socket.socket, config: dict[str, Any]) -> None:
    """Wait for a notebook; give up what only this process's own code may do."""
    core, cpu_seconds, size = BEGIN.unpack(sock.recv(BEGIN.size, socket.MSG_WAITALL))
    hidden = sock.recv(size, socket.MSG_WAITALL).decode().split()
    stay_on(core)
    confine.limit_cpu(cpu_seconds)
    closed = [str(_BUILT / f"{name}.py") for name in hidden]
    if config["level"] == "full":
        confine.hide_files(closed)
    if config["level"] != "process":
        confine.give_up_privileges(reads_as_root=config["level"] == "landlock")
    if config["level"] == "landlock":
        readable = [path for path in config["readable"] if path not in closed]
        landlock.restrict(readable, config["listable"], [config["folder"], os.devnull])
    if config["level"] != "process":
        confine.forbid_system_calls(config["filter"])
    for name in hidden:
        sys.modules[f"coursework.built.{name}"] = None  # type: ignore[assignment]  # not found, then


def _live_in(folder: str) -> None:
    """Make a folder the place for all of this process's files."""
    os.chdir(folder)
    os.environ |= {"HOME": folder, "TMPDIR": folder}
    tempfile.tempdir = None


def _close_others(kept: int) -> None:
    """Leave the child only its socket; what it prints bypassing Python is dropped."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        if kept != descriptor:
            os.dup2(nowhere, descriptor)
    os.closerange(3, kept)
    os.closerange(kept + 1, 4096)


def _prepare(config: dict[str, Any]) -> Shell:
    shell = make_shell()
    for name in config["preload"]:
        try:
            importlib.import_module(name)
        except ImportError:
            warnings.warn(f"cannot preload {name}", stacklevel=1)
    _import_libraries(config["libraries"], config["level"])
    if "matplotlib" in sys.modules:
        _quiet_matplotlib()
    gc.collect()
    gc.freeze()
    return shell


def _import_libraries(names: list[str], level: str) -> None:
    """Import what there is; what they find out here must be true of a child, too."""
    if level == "landlock":
        # joblib would look for semaphores in /dev/shm, and warn that there are none.
        os.environ["JOBLIB_MULTIPROCESSING"] = "0"
    for name in names:
        # The names of what is imported from modules are among them. What is not installed, or
        # broken, the notebook finds out by itself.
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    if level != "process" and "threadpoolctl" in sys.modules:
        # It has seen /proc/self here, and would read there in a child, where it is closed.
        vars(sys.modules["threadpoolctl"])["_HAS_PROCFS"] = False


def _quiet_matplotlib() -> None:
    import matplotlib as mpl  # noqa: PLC0415  (only where it is preloaded)

    mpl.use("agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    plt.show = lambda *_args, **_kwargs: None


def _end(pid: int, children: dict[int, str], moment: float = 0.0) -> tuple[int, float]:
    """End a child and all that it started; return its wait status and its CPU time."""
    if pid not in children:
        return _UNKNOWN
    folder = children.pop(pid)
    ended = _wait(pid, moment)
    with contextlib.suppress(OSError):
        make_way(pid)
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)
    ended = ended or _ended(pid, 0)
    confine.kill_orphans(children)
    if folder:
        shutil.rmtree(folder, ignore_errors=True)
    return ended or _UNKNOWN


def _wait(pid: int, seconds: float) -> tuple[int, float] | None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if ended := _ended(pid, os.WNOHANG):
            return ended
        time.sleep(0.005)
    return None


def _ended(pid: int, options: int) -> tuple[int, float] | None:
    try:
        found, status, usage = os.wait4(pid, options)
    except ChildProcessError:
        return _UNKNOWN
    return (status, usage.ru_utime + usage.ru_stime) if found else None


if __name__ == "__main__":
    main(sys.argv[1:])
