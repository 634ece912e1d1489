"""How much a student's notebook may use."""

from dataclasses import dataclass

__all__ = ["Limits"]

_MIB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Limits of one notebook; each has its own message in the feedback.

    Attributes
    ----------
    cell_seconds : float
        Wall time of one cell or one test cell.
    notebook_seconds : float
        Wall time of all cells and tests of the notebook.
    output_bytes : int
        What one cell may print or show; the rest is cut.
    message_bytes : int
        One message without its arrays.
    array_elements : int
        Entries of one array that crosses between the processes.
    memory_bytes : int
        Address space of the student's process, beyond what it starts with; and of the judge's
        process while it grades the notebook.
    cpu_seconds : float
        CPU time of the student's process.
    questions : int
        What the judge asks the student's process in one cell or test: calls of functions,
        attributes and operators of objects, steps of iterators.
    processes : int
        Processes and threads of the student's.
    open_files : int
        Open file descriptors of a process.
    file_bytes : int
        Size of one file, and of all files in /tmp.
    """

    cell_seconds: float = 20.0
    notebook_seconds: float = 120.0
    output_bytes: int = 100_000
    message_bytes: int = 4 * _MIB
    array_elements: int = 20_000_000
    memory_bytes: int = 2048 * _MIB
    cpu_seconds: float = 240.0
    questions: int = 1_000_000
    processes: int = 64
    open_files: int = 256
    file_bytes: int = 64 * _MIB
