"""Which limit caused an exception in a student's code, in a sentence for the student.

This module runs in the student's process.
"""

import errno

from coursework.ipc.limits import Limits

__all__ = ["limit_behind"]

_MIB = 1024 * 1024


def limit_behind(error: BaseException, limits: Limits) -> str:
    """Return which limit was hit; "" if the exception does not reveal one."""
    number = error.errno if isinstance(error, OSError) else None
    if isinstance(error, MemoryError) or number == errno.ENOMEM:
        return f"The limit is {limits.memory_bytes / _MIB:,.0f} MiB of memory."
    if number == errno.EAGAIN:
        return f"The limit is {limits.processes:,} processes and threads."
    if "start new thread" in _text(error):
        # Python does not say which of the two it was: a thread needs memory for its stack.
        memory = f"{limits.memory_bytes / _MIB:,.0f} MiB of memory"
        return f"The limit is {limits.processes:,} processes and threads, and {memory}."
    if number == errno.EMFILE:
        return f"The limit is {limits.open_files:,} open files."
    if number in (errno.EFBIG, errno.ENOSPC):
        return f"The limit is {limits.file_bytes / _MIB:,.3g} MiB in files."
    return ""


def _text(error: BaseException) -> str:
    return str(error) if type(error) is RuntimeError else ""
