"""Limits on what the judge itself does for one test: its time, its CPU time, its memory."""

import _weakrefset
import ctypes
import gc
import resource
import signal
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from coursework.sandbox import control

__all__ = ["cpu_limit", "give_back_memory", "memory_limit", "time_limit"]

# Python swallows what is raised in a finaliser, or in a callback of its collector or of weak
# references, and reports it on stderr. An interrupted import leaves half a module behind, and an
# interrupted line to the forkserver an answer that every later notebook takes for the next one.
# So nothing is raised while one of them is on the stack; the alarm comes again.
_AGAIN = 0.5
_WHOLE = (
    "<frozen importlib",
    *filter(None, (module.__file__ for module in (control, weakref, _weakrefset))),
)


@contextmanager
def time_limit(seconds: float, late: BaseException) -> Iterator[None]:
    """Raise `late` when the block takes longer; only the main thread can be stopped.

    An alarm that was set before is set again after the block, less the time that passed.
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

    def stop(_: int, frame: FrameType | None) -> None:
        if _may_be_cut_off(frame):
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


@contextmanager
def memory_limit(size: int) -> Iterator[None]:
    """Raise a MemoryError when the block takes this many bytes more than are in use now.

    If the system does not say how many are in use, nothing is limited.
    """
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except OSError:
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = pages * resource.getpagesize() + size
    known = [limit for limit in (most, soft, hard) if limit != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min(known), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def give_back_memory() -> None:
    """Give free memory back to the system, so that the judge is as small as before.

    The C library may keep much of it for later, depending on where the last block in use lies.
    Only GNU's has a way to ask for this.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim:
        trim(0)


def _may_be_cut_off(frame: FrameType | None) -> bool:
    """Whether nothing is running that would swallow an exception, or be left half done."""
    collecting = {getattr(callback, "__code__", None) for callback in gc.callbacks}
    while frame:
        code = frame.f_code
        is_whole = code.co_filename.startswith(_WHOLE)
        if code.co_name == "__del__" or is_whole or code in collecting:
            return False
        frame = frame.f_back
    return True
