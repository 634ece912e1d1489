"""A rehearsal in a fresh student process, so that a notebook's first steps are not slow.

A forked process shares its memory with the forkserver until it writes to it, and each page that
it writes costs a copy. The rehearsal writes to most of the pages that a notebook will, while the
judge is still busy with the previous notebook.
"""

import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import numpy as np

from coursework.ipc.channel import Channel
from coursework.ipc.codec import Codec
from coursework.ipc.limits import Limits
from coursework.ipc.rpc import question
from coursework.ipc.wire import Closed, Handle
from coursework.student.server import Student
from coursework.student.shell import Shell

__all__ = ["rehearse"]

_CELL = """
import numpy as np

def rehearsed(a, b=1.0, *, rng=None):
    \"\"\"Compute something.\"\"\"
    total = np.zeros_like(a, dtype=float)
    for i in range(3):
        total += a @ a.T @ a * b - a.mean(axis=0, keepdims=True)
    return np.sqrt(np.sum(total**2, axis=1)), total[:, :1].ravel().tolist()
"""


def rehearse(shell: Shell, limits: Limits) -> None:
    """Run a cell and answer some calls; the questions are ready, and nobody reads the answers."""
    names = dict(shell.user_ns)
    theirs, ours = socket.socketpair()
    channel = Channel(theirs, limits.message_bytes, 0)
    codec = Codec(limits.array_elements, limits.message_bytes, _itself, _itself)
    for number, asked in enumerate(_questions()):
        channel.send(*codec.encode(question(number, *asked)), None)
    theirs.shutdown(socket.SHUT_WR)
    with suppress(Closed):
        Student(ours, shell, limits).serve()
    theirs.close()
    ours.close()
    # A notebook that forgets an import must not find it here.
    shell.user_ns.clear()
    shell.user_ns.update(names)


def _itself(handle: Handle) -> Handle:
    return handle


def _questions() -> Iterator[tuple[Any, ...]]:
    function = Handle(1, "function", ("rehearsed",))
    array = np.linspace(0.0, 1.0, 60).reshape(12, 5)
    yield "run", "rehearsal", _CELL, False
    for _ in range(3):
        yield "lookup", "rehearsed"
        yield "call", function, [array], {"b": np.float64(2.0)}, []
        yield "call", function, ["wrong"], {}, []
        yield ("forget",)
