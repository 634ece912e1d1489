"""A process that has imported everything once and forks a fresh child for each notebook.

    python -m coursework.judge.zygote CONTROL_FD CONFIG_JSON

The judge sends commands over the control socket, one byte and what belongs to it:
`S` with a descriptor starts a child on that socket and answers with its pid;
`K` with a pid kills a child.
"""

import gc
import importlib
import json
import os
import signal
import socket
import struct
import sys
import warnings

from coursework.judge.limits import Limits
from coursework.judge.shell import make_shell
from coursework.judge.student import serve

__all__ = ["main"]

_PID = struct.Struct("!i")


def main(arguments: list[str]) -> None:
    """Serve until the judge closes the control socket."""
    control = socket.socket(fileno=int(arguments[0]))
    config = json.loads(arguments[1])
    limits = Limits(**config["limits"])
    shell = _prepare(config["preload"])
    signal.signal(signal.SIGCHLD, lambda *_: None)
    control.sendall(_PID.pack(os.getpid()))
    children: set[int] = set()
    while True:
        _reap(children)
        message, descriptors, _, _ = socket.recv_fds(control, 1 + _PID.size, 1)
        if not message:
            break
        if message[:1] == b"S":
            pid = os.fork()
            if pid == 0:
                control.close()
                _become_student(descriptors[0], shell, limits)
            os.close(descriptors[0])
            children.add(pid)
            control.sendall(_PID.pack(pid))
        elif message[:1] == b"K":
            _kill(_PID.unpack(message[1:])[0], children)
            control.sendall(_PID.pack(0))
    for pid in tuple(children):
        _kill(pid, children)


def _prepare(modules: list[str]):  # noqa: ANN202  (Shell; said by its name)
    shell = make_shell()
    for name in modules:
        try:
            importlib.import_module(name)
        except ImportError:
            warnings.warn(f"cannot preload {name}", stacklevel=1)
    if "matplotlib" in sys.modules:
        _quiet_matplotlib()
    gc.collect()
    gc.freeze()
    return shell


def _quiet_matplotlib() -> None:
    import matplotlib as mpl  # noqa: PLC0415  (only where it is preloaded)

    mpl.use("agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    plt.show = lambda *_args, **_kwargs: None


def _become_student(descriptor: int, shell, limits: Limits) -> None:  # noqa: ANN001
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    serve(socket.socket(fileno=descriptor), shell, limits)


def _reap(children: set[int]) -> None:
    try:
        while True:
            pid, _ = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            children.discard(pid)
    except ChildProcessError:
        return


def _kill(pid: int, children: set[int]) -> None:
    if pid not in children:
        return
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    children.discard(pid)


if __name__ == "__main__":
    main(sys.argv[1:])
