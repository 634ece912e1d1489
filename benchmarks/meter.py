"""What a command and all processes that it starts use: time, CPU, memory (Linux)."""

import os
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Process", "Usage", "memory_of", "run", "tree"]

_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICK = os.sysconf("SC_CLK_TCK")
_SECONDS_BETWEEN = 0.05
# What a process's command line holds → what it is.
_ROLES = (
    ("coursework.student.forkserver", "forkserver"),
    ("ipykernel", "kernel"),
    ("forkserver", "forkserver"),
)


@dataclass(frozen=True)
class Process:
    """A process at one moment.

    `cpu` is in seconds and includes descendants that have ended; `memory` is resident, in
    bytes.
    """

    pid: int
    parent: int
    command: str
    cpu: float
    memory: int


@dataclass
class Usage:
    """What was used.

    Attributes
    ----------
    wall, cpu : float
        Seconds; CPU of all processes together.
    peaks : dict
        Kind of process → the most resident memory of one of its kind, in bytes.
    output : str
        What the command wrote to stdout.
    log : str
        What it wrote to stderr.
    code : int
        Exit code.
    """

    wall: float = 0.0
    cpu: float = 0.0
    peaks: dict[str, int] = field(default_factory=dict)
    output: str = ""
    log: str = ""
    code: int = 0


def run(command: Sequence[str], folder: Path) -> Usage:
    """Run a command in a folder and measure it with all that it starts."""
    used = Usage()
    start = time.perf_counter()
    with subprocess.Popen(
        command, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        over = threading.Event()
        watcher = threading.Thread(target=_watch, args=(process.pid, used, over))
        watcher.start()
        used.output, used.log = process.communicate()
        used.wall = time.perf_counter() - start
        over.set()
        watcher.join()
        used.code = process.returncode
    return used


def _watch(pid: int, used: Usage, over: threading.Event) -> None:
    last = 0.0
    while not over.wait(_SECONDS_BETWEEN):
        processes = {process.pid: process for process in tree(pid)}
        cpu = sum(process.cpu for process in processes.values())
        # The sum falls when a process ends that nobody waits for, like those in a sandbox.
        used.cpu += max(cpu - last, 0.0)
        last = cpu
        for process in processes.values():
            role = _role(process, processes)
            used.peaks[role] = max(used.peaks.get(role, 0), process.memory)


def _role(process: Process, processes: dict[int, Process]) -> str:
    if process.command.startswith("bwrap "):
        return "sandbox"
    role = next((role for text, role in _ROLES if text in process.command), "")
    parent = processes.get(process.parent)
    if parent is None:
        return role or "grader"
    is_forked = parent.command == process.command
    return "child" if is_forked else role or "other"


def tree(pid: int) -> Iterator[Process]:
    """Yield a process and its descendants."""
    waiting = [pid]
    while waiting:
        found = _read(waiting.pop())
        if found:
            yield found
            waiting += _children(found.pid)


def memory_of(pid: int) -> int:
    """Return the resident memory of a process, in bytes."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE


def _read(pid: int) -> Process | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
        memory = memory_of(pid)
    except (OSError, ValueError):  # it has ended
        return None
    cpu = sum(int(ticks) for ticks in fields[11:15]) / _TICK
    return Process(pid, int(fields[1]), command, cpu, memory)


def _children(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except (OSError, ValueError):
        return []
