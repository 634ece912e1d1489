"""What happens before and after each cell of a notebook that has imported the checks.

Nothing here changes a mark: a student's own code can print the same line.
"""

import sys
from pathlib import Path
from typing import Any

from coursework.check.context import CheckFailed
from coursework.check.describe import describe_shapes
from coursework.check.notebook.cells import has_checks, hidden_lines, names_under_test
from coursework.check.notebook.frames import shorten_tracebacks
from coursework.check.notebook.hint import ask_for_hint
from coursework.check.notebook.lessons import exercise_of
from coursework.check.notebook.watching import Run

__all__ = ["watch_notebook"]

_MAX_NAMED = 4


def watch_notebook() -> None:
    """Begin if this is the kernel of a notebook: not in a script, a test or the judge."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if getattr(shell, "kernel", None) is not None:
        _Notebook(shell).begin()


class _Notebook:
    """Watches the test cells of a shell."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._run: Run | None = None
        self._names: list[str] = []

    def begin(self) -> None:
        shorten_tracebacks(self._shell)
        self._shell.events.register("pre_run_cell", self._before)
        self._shell.events.register("post_run_cell", self._after)

    def _before(self, info: Any) -> None:
        if info.silent or not has_checks(info.raw_cell):
            return
        test, values = info.raw_cell, self._shell.user_ns
        exercise = exercise_of(test, Path.cwd())
        self._names = names_under_test(test, self._earlier(test), exercise)
        tested = {name: values[name] for name in self._names if name in values}
        self._run = Run(tested, values)
        self._run.start()

    def _after(self, result: Any) -> None:
        run, self._run = self._run, None
        if run is None:
            return
        run.stop()
        if result.success:
            self._tick(run, result.info.raw_cell)
        elif _may_be_wrong(result.error_in_exec):
            self._tell_shapes(run, result.error_in_exec)
            hint = ask_for_hint(result.info.raw_cell, self._earlier(), Path.cwd())
            if hint:
                sys.stdout.write(f"Hint: {hint}\n")

    def _tell_shapes(self, run: Run, error: BaseException) -> None:
        """Say for an exception which shapes the arguments had, if no check does."""
        call = None if isinstance(error, CheckFailed) else run.raised(error)
        if text := call and describe_shapes(call):
            sys.stdout.write(f"{text}\n")
            sys.stdout.flush()

    def _tick(self, run: Run, source: str) -> None:
        """Say how many checks passed, counting visible ones as written."""
        n = len(run.lines - hidden_lines(source))
        if n:
            names = self._names[:_MAX_NAMED] + ["…"] * (len(self._names) > _MAX_NAMED)
            about = f"{', '.join(names)}: " if names else ""
            sys.stdout.write(f"✓ {about}{n} check{'s' * (n != 1)}\n")

    def _earlier(self, test: str = "") -> list[str]:
        """Return the cells that ran, in order, as written; without this one."""
        cells = list(self._shell.history_manager.input_hist_raw)
        return cells[:-1] if cells and cells[-1].strip() == test.strip() else cells


def _may_be_wrong(error: BaseException | None) -> bool:
    """Whether a failure may be a mistake: neither a stub's nor an interruption."""
    return isinstance(error, Exception) and not isinstance(error, NotImplementedError)
