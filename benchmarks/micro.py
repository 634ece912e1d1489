"""Single steps of the judge: a child's start, and calls through the wire.

    python benchmarks/micro.py

Prints the median seconds of each as JSON.
"""

import json
import time
from collections.abc import Callable
from statistics import median

import numpy as np

from coursework.check import Context
from coursework.ipc.cores import on_one_core
from coursework.ipc.limits import Limits
from coursework.judge.exchange import Ask, StandIns
from coursework.judge.judge import Judge
from coursework.sandbox.process import StudentProcess

__all__ = ["measure"]

_N_STARTS, _N_CALLS, _N_COPIES = 40, 2000, 30
_N_LARGE = 1_250_000  # float64: 10 MB
_SECONDS = 120.0
_PAUSE = 0.03  # until the waiting child is ready
_CELL = "def same(x):\n    return x\n\ndef size(x):\n    return x.size\n"


def measure() -> dict[str, float]:
    """Return the median seconds of each step."""
    array = np.random.default_rng(0).normal(size=_N_LARGE)
    judge = Judge()
    judge.start()
    with judge, on_one_core():  # as when a notebook is graded
        _connect(judge)[0].close()
        starts = [_start_seconds(judge) for _ in range(_N_STARTS)]
        waits = [_start_seconds(judge, is_prepared=True) for _ in range(_N_STARTS)]
        process, standins = _connect(judge)
        same, size = standins.lookup("same"), standins.lookup("size")
        calls = _times(lambda: same(1.0), _N_CALLS)
        # Alternately, so that a busy machine slows both alike.
        pairs = [(_seconds(lambda: size(array)), _seconds(array.copy)) for _ in range(_N_COPIES)]
        process.close()
    return {
        "child start": median(starts),
        "child that waits": median(waits),
        "scalar call": median(calls),
        "10 MB array call": median(call for call, _ in pairs),
        "10 MB memcpy": median(copy for _, copy in pairs),
    }


def _connect(judge: Judge) -> tuple[StudentProcess, StandIns]:
    """Start a student's process in which the cell has run."""
    # The process needs the stand-ins, and they need it.
    standins = _standins(lambda *question: process.ask(*question))  # noqa: PLW0108
    process = judge.spawn(standins)
    process.set_deadline(_SECONDS)
    standins.ask("cell", "run", "cell", _CELL, False)  # noqa: FBT003  (no figures)
    return process, standins


def _standins(ask: Ask) -> StandIns:
    context = Context()
    return StandIns(ask, {}, {}, lambda: context, Limits().array_elements)


def _start_seconds(judge: Judge, *, is_prepared: bool = False) -> float:
    """Return the time until a cell has run: in the waiting child, or in the next one.

    Taking the waiting one starts the next.
    """
    judge.forkserver.settle()
    time.sleep(_PAUSE)
    start = time.perf_counter()
    others = [] if is_prepared else [judge.spawn(_standins(lambda *_: None))]
    process, _ = _connect(judge)
    seconds = time.perf_counter() - start
    for one in (*others, process):
        one.close()
    return seconds


def _times(call: Callable[[], object], n: int) -> list[float]:
    return [_seconds(call) for _ in range(n)]


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


if __name__ == "__main__":
    print(json.dumps(measure()))
