"""What happens to arguments between judge and student's process, without a process.

A function called this way in the judge gets what it would have been given there: not the test's
own objects, but the same counterpart of each at every call, in the same memory order.
"""

from typing import Any

import numpy as np

from coursework.ipc.limits import Limits
from coursework.ipc.wire import Numbered
from coursework.judge.originals import Originals
from coursework.student.counterparts import Counterparts

__all__ = ["Crossing"]


class Crossing:
    """Gives what stands for a test's objects on the student's side."""

    def __init__(self) -> None:
        self._originals = Originals(Limits.array_elements)
        self._counterparts = Counterparts()

    def of(self, *values: Any) -> list[Any]:
        """Return the counterparts of arguments, with the arguments' current content."""
        came = [self._came(label) for label in self._originals.label(values)]
        for label in self._originals.label(self._originals.stale()):
            self._came(label)
        self._counterparts.drop(self._originals.dropped())
        return came

    def _came(self, value: Any) -> Any:
        kind = type(value)
        if kind is Numbered:
            return self._counterparts.admit(value.number, value.mark, self._came(value.content))
        if kind in (list, tuple):
            return kind(map(self._came, value))
        if kind is dict:
            return {key: self._came(item) for key, item in value.items()}
        return value.copy() if isinstance(value, np.ndarray | set) else value
