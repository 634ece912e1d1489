"""A limit on the time that the judge itself works for one test."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["time_limit"]

# Python swallows what is raised in a finaliser or a callback of its collector: the alarm
# that came there comes again.
_AGAIN = 0.5


@contextmanager
def time_limit(seconds: float, late: BaseException) -> Iterator[None]:
    """Raise `late` when the block takes longer; only the main thread can be stopped.

    An alarm that was set before is set again behind the block, less the time that passed.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: object) -> None:
        raise late

    start = time.monotonic()
    handler = signal.signal(signal.SIGALRM, stop)
    earlier, interval = signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        if earlier:
            left = earlier - (time.monotonic() - start)
            signal.setitimer(signal.ITIMER_REAL, max(left, 0.001), interval)
