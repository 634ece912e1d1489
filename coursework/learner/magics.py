"""`%check`, `%hint` and `%status` in the kernel of a notebook.

The kernel only asks: a separate process, see `warm`, keeps the judge, and answers. It starts when
the commands are loaded, and ends with the kernel, or when nobody asks for a long time.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import IO, Any, cast

from IPython.core.magic import Magics, line_magic, magics_class
from IPython.display import display

__all__ = ["load", "unload"]

_ENDED = (
    "The process that judges has ended before it could answer; `coursework check` in a terminal "
    "says why"
)


def load(shell: Any) -> None:
    """Give a shell the commands, and start the process that answers them."""
    shell.coursework_commands = _Commands(shell)
    shell.register_magics(shell.coursework_commands)


def unload(shell: Any) -> None:
    """Remove the commands, and end the process that answers them."""
    for name in ("check", "hint", "status"):
        shell.magics_manager.magics["line"].pop(name, None)
    shell.coursework_commands.close()


@magics_class
class _Commands(Magics):
    """The commands of a notebook."""

    def __init__(self, shell: Any) -> None:
        super().__init__(shell)
        self._process: subprocess.Popen[bytes] | None = self._start()

    @line_magic
    def check(self, line: str) -> None:
        """Judge what you ran, or one exercise of it: points, causes and hints."""
        self._show("check", line)

    @line_magic
    def hint(self, line: str) -> None:
        """Say what is behind the first exercise that loses points, or behind the one named."""
        self._show("hint", line)

    @line_magic
    def status(self, line: str) -> None:
        """Show the course as a map."""
        self._show("status", line)

    def close(self) -> None:
        """End the process that answers."""
        if self._process:
            # It ends by itself when the questions end, and ends what it has started.
            self._process.terminate()
            self._process.communicate()
            self._process = None

    def _show(self, what: str, line: str) -> None:
        answer = self._ask({"what": what, "words": line.split(), **self._notebook()})
        if "html" in answer:
            display({"text/plain": answer["text"], "text/html": answer["html"]}, raw=True)
        else:
            sys.stdout.write(f"{answer['text']}\n")

    def _notebook(self) -> dict[str, Any]:
        """Return what is known of the notebook: its file as the server names it, and what ran."""
        cells = list(cast("Any", self.shell).history_manager.input_hist_raw)[:-1]
        named = os.environ.get("JPY_SESSION_NAME", "")
        return {
            "file": str(cast("Any", self.shell).user_ns.get("__vsc_ipynb_file__", named)),
            "cells": cells,
        }

    def _start(self) -> subprocess.Popen[bytes]:
        # Not in the kernel's group: interrupting a cell must not end the judge.
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "coursework.learner.warm"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd=Path.cwd(),
        )

    def _ask(self, question: dict[str, Any]) -> dict[str, str]:
        """Ask; once more if the process has ended since the last time."""
        for _ in range(2):
            self._process = self._process or self._start()
            try:
                if line := _asked(self._process, json.dumps(question)):
                    return json.loads(line)
            except KeyboardInterrupt:
                self.close()
                raise
            self.close()
        return {"text": _ENDED}


def _asked(process: subprocess.Popen[bytes], question: str) -> bytes:
    try:
        cast("IO[bytes]", process.stdin).write(question.encode() + b"\n")
        cast("IO[bytes]", process.stdin).flush()
        return cast("IO[bytes]", process.stdout).readline()
    except BrokenPipeError:
        return b""
