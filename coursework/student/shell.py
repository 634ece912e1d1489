"""IPython without a kernel: runs cells and collects what they show, within a size limit.

This module runs in the student's process.
"""

import ast
import io
import sys
import warnings
from collections.abc import Callable
from typing import Any

from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

__all__ = ["Shell", "make_shell"]


class Outputs:
    """The outputs of one cell, in nbformat's form, up to a number of bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._used = 0
        self.items: list[dict[str, Any]] = []

    def write(self, name: str, text: str) -> None:
        """Add text to a stream."""
        text = self._cut(text)
        if not text:
            return
        last = self.items[-1] if self.items else {}
        if last.get("name") == name:
            last["text"] += text
        else:
            self.items.append({"output_type": "stream", "name": name, "text": text})

    def show(self, data: dict[str, Any], count: int | None = None) -> None:
        """Add a rich output, or a line in its place if it is too large."""
        size = sum(len(str(value)) for value in data.values())
        if self._used + size > self._limit:
            self.write("stdout", "[an output too large to keep]\n")
            return
        self._used += size
        item: dict[str, Any] = {"output_type": "display_data", "data": data, "metadata": {}}
        if count is not None:
            item |= {"output_type": "execute_result", "execution_count": count}
        self.items.append(item)

    def fail(self, name: str, text: str, trace: list[str]) -> None:
        """Add an error."""
        self.items.append(
            {
                "output_type": "error",
                "ename": name[:200],
                "evalue": text[:2000],
                "traceback": [line[:2000] for line in trace[-40:]],
            }
        )

    def _cut(self, text: str) -> str:
        left = self._limit - self._used
        if left < 0:
            return ""
        self._used += len(text)
        if len(text) <= left:
            return text
        self._used = self._limit + 1
        return text[:left] + "\n[output cut: the cell printed more than may be kept]\n"


class _Stream(io.TextIOBase):
    def __init__(self, outputs: Outputs, name: str) -> None:
        self._outputs = outputs
        self._name = name

    def write(self, text: str) -> int:
        self._outputs.write(self._name, str(text))
        return len(text)

    def writable(self) -> bool:
        return True


class _Publisher(DisplayPublisher):
    def publish(self, data: dict[str, Any], *_: Any, **__: Any) -> None:
        self.shell.outputs.show(dict(data))

    def clear_output(self, wait: bool = False) -> None:  # noqa: FBT001, FBT002  (IPython's signature)
        self.shell.outputs.items.clear()


class _Hook(DisplayHook):
    def __call__(self, result: Any = None) -> None:
        if result is None or self.shell is None or self.quiet():
            return
        data, _ = self.compute_format_data(result)
        self.update_user_ns(result)
        self.shell.outputs.show(data, self.shell.execution_count)


class _Compiler(CachingCompiler):
    cell_name = "cell"

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        return f"<{self.cell_name}>"


class Shell(InteractiveShell):
    """An IPython shell whose outputs go to `outputs`."""

    compiler_class = Type(_Compiler)
    display_pub_class = Type(_Publisher)
    displayhook_class = Type(_Hook)
    compile: _Compiler
    outputs: Outputs = Outputs(0)
    remark_on: Callable[[BaseException], str] = staticmethod(lambda _: "")

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._usual_transforms = self._transforms()

    def enable_gui(self, gui: str | None = None) -> None:
        """Do nothing: there are no windows."""

    def enable_matplotlib(self, gui: str | None = None) -> tuple[str | None, str]:
        """Keep drawing without a screen, whatever backend a cell asks for."""
        return gui, "agg"

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        self.outputs.fail(etype.__name__, str(evalue), stb)

    def transform_cell(self, raw_cell: str) -> str:
        """Return the cell as Python; Python is left as it is, which saves most of the time."""
        is_usual = self._transforms() == self._usual_transforms
        return raw_cell if is_usual and _is_python(raw_cell) else super().transform_cell(raw_cell)

    def _transforms(self) -> list[Any]:
        """Return all that may rewrite a cell; cells can add to it."""
        manager = self.input_transformer_manager
        first = (*manager.cleanup_transforms, *manager.line_transforms)
        return [*first, *manager.token_transformers, *self.input_transformers_post]

    def run(self, name: str, source: str, output_bytes: int) -> tuple[list[dict[str, Any]], str]:
        """Run a cell; return its outputs and the error that ended it, or ""."""
        self.outputs = Outputs(output_bytes)
        self.compile.cell_name = name
        streams = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = _Stream(self.outputs, "stdout"), _Stream(self.outputs, "stderr")
        try:
            result = self.run_cell(source, store_history=False)
        finally:
            sys.stdout, sys.stderr = streams
        error = result.error_before_exec or result.error_in_exec
        return self.outputs.items, self._line(error) if error else ""

    def _line(self, error: BaseException) -> str:
        try:
            text = f"{type(error).__name__}: {error}"
        except Exception:  # noqa: BLE001  (a student's __str__ may raise anything)
            text = type(error).__name__
        remark = self.remark_on(error)
        if remark:
            self.outputs.write("stderr", f"{remark}\n")
        return " ".join(filter(None, (text[:2000], remark)))


def _is_python(source: str) -> bool:
    """Whether IPython would run the source unchanged: it has no magic, indent or prompt.

    A single line is left to IPython, where `pwd` may be a magic and `quit` a call.
    """
    if source[:1].isspace() or "In [" in source or "\n" not in source.strip():
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is compiled again, and then warns
        try:
            ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True


def make_shell() -> Shell:
    """Return a shell without history, colours or readline, which has already run a cell."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    shell = Shell.instance(config=config)
    # What IPython imports and compiles at its first cell is then ready in every child.
    shell.run("first", "None", 0)
    return shell
