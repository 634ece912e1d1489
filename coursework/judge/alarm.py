"""Limits on what the judge itself does for one test: on its time, and on its CPU time."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["cpu_limit", "time_limit"]

# Python swallows what is raised in a finaliser or a callback of its collector: the alarm
# that came there comes again.
_AGAIN = 0.5


@contextmanager
def time_limit(seconds: float, late: BaseException) -> Iterator[None]:
    """Raise `late` when the block takes longer; only the main thread can be stopped.

    An alarm that was set before is set again behind the block, less the time that passed.
    """
    with _limit(seconds, late, signal.ITIMER_REAL, signal.SIGALRM, time.monotonic):
        yield


@contextmanager
def cpu_limit(seconds: float, late: BaseException) -> Iterator[None]:
    """Raise `late` when the block uses more CPU time, however busy the machine is.

    Otherwise as `time_limit`.
    """
    with _limit(seconds, late, signal.ITIMER_PROF, signal.SIGPROF, time.process_time):
        yield


@contextmanager
def _limit(
    seconds: float,
    late: BaseException,
    timer: int,
    number: signal.Signals,
    clock: Callable[[], float],
) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: object) -> None:
        raise late

    start = clock()
    handler = signal.signal(number, stop)
    earlier, interval = signal.setitimer(timer, seconds, _AGAIN)
    try:
        yield
    finally:
        signal.setitimer(timer, 0)
        signal.signal(number, handler)
        if earlier:
            left = earlier - (clock() - start)
            signal.setitimer(timer, max(left, 0.001), interval)
