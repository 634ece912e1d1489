"""The student's process: runs cells, and answers what the judge asks about their names.

Nothing here decides a mark; whatever this process says is only a value.
"""

import importlib
import io
import os
import socket
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from coursework.ipc.channel import Channel
from coursework.ipc.codec import Codec
from coursework.ipc.limits import Limits
from coursework.ipc.operations import OPERATIONS
from coursework.ipc.rpc import Peer, Raised
from coursework.ipc.wire import Closed, Handle
from coursework.student.absent import absence_behind, refuse_input
from coursework.student.callback import Callback, exception_of
from coursework.student.counterparts import Counterparts
from coursework.student.limit_errors import limit_behind
from coursework.student.proxy import CLASS, OBJECT, Proxies, proxied
from coursework.student.shell import Shell

__all__ = ["Student", "serve"]


class Student:
    """Answers the judge's questions.

    Parameters
    ----------
    sock : socket.socket
        Connected to the judge.
    shell : Shell
        Where the cells run.
    limits : Limits
    """

    def __init__(self, sock: socket.socket, shell: Shell, limits: Limits) -> None:
        self._shell = shell
        shell.remark_on = self._remark
        self._limits = limits
        self._objects: dict[int, Any] = {}
        self._handles: dict[int, Handle] = {}  # by `id`, of these objects
        self._callbacks: dict[int, Callback] = {}
        self._proxies = Proxies(partial(self._ask_judge, "use"))
        self._replaced: dict[str, Any] = {}
        self._counterparts = Counterparts()
        self._printed = _Printed()
        codec = Codec(
            limits.array_elements,
            limits.message_bytes,
            self._lend,
            self._resolve,
            self._counterparts.admit,
            trusts_names=True,
        )
        channel = Channel(sock, 2**31, 2**40)
        self._peer = Peer(channel, codec, self._answer, self._describe, is_strict=False)

    def serve(self) -> None:
        """Answer until the judge closes the connection."""
        self._peer.serve_forever()

    def _answer(self, operation: str, arguments: list[Any]) -> Any:
        own = getattr(self, f"_do_{operation}", None)
        return self._counterparts.label((own or _OPERATIONS[operation])(*arguments))

    # -- what the judge may ask

    def _do_run(self, name: str, source: str, figures: bool) -> tuple[list, str]:
        outputs, error = self._shell.run(name, source, self._limits.output_bytes)
        return outputs + _figures(render=figures), error

    def _do_put(self, name: str, piece: np.ndarray, is_first: bool) -> None:
        """Put the next piece of a file beside the notebook."""
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb" if is_first else "ab") as file:
            file.write(piece.tobytes())
        if (folder := os.getcwd()) not in sys.path:  # noqa: PTH109  (a text, as on the path)
            sys.path.insert(0, folder)
        importlib.invalidate_caches()

    def _do_lookup(self, name: str) -> Any:
        try:
            return self._shell.user_ns[name]
        except KeyError:
            raise NameError(f"name {name!r} is not defined") from None

    def _do_call(self, target: Any, args: list, kwargs: dict, watched: list) -> Any:
        self._printed.text = ""
        if not watched:
            return self._called(target, args, kwargs)
        mine = [args[key] if isinstance(key, int) else kwargs[key] for key in watched]
        try:
            return False, self._called(target, args, kwargs), mine
        except BaseException as error:  # noqa: BLE001  (what it has changed by then comes back, too)
            return True, self._describe(error), mine

    def _called(self, target: Any, args: list, kwargs: dict) -> Any:
        with redirect_stdout(self._printed):
            return target(*args, **kwargs)

    def _do_refresh(self, *_: Any) -> None:
        """Do nothing: the objects received their content on arrival."""

    def _do_drop(self, numbers: list[int]) -> None:
        self._counterparts.drop(numbers)

    def _do_printed(self) -> str:
        return self._printed.text

    def _do_replace(self, _: list[type], names: dict[str, Any]) -> None:
        own = self._shell.user_ns
        self._replaced = {name: own[name] for name in names if name in own}
        own.update(names)

    def _do_forget(self) -> None:
        self._objects.clear()
        self._handles.clear()
        self._callbacks.clear()
        self._proxies.clear()
        self._shell.user_ns.update(self._replaced)
        self._replaced.clear()
        self._counterparts.clear()

    # -- objects that stay here

    def _lend(self, value: Any) -> Handle:
        lent = value.number if isinstance(value, Callback) else proxied(value)
        if lent is not None:
            return Handle(lent, "callback", ())
        handle = self._handles.get(id(value))
        if handle is None:
            handle = Handle(len(self._objects) + 1, _kind(value), _names(value))
            self._handles[id(value)], self._objects[handle.id] = handle, value
        return handle

    def _resolve(self, handle: Handle) -> Any:
        if handle.kind == "callback":
            if handle.id not in self._callbacks:
                ask = partial(self._ask_judge, "callback")
                self._callbacks[handle.id] = Callback(handle.id, ask, handle.names[0])
            return self._callbacks[handle.id]
        if handle.kind in (CLASS, OBJECT):
            return self._proxies.of(handle)
        return self._objects[handle.id]

    def _ask_judge(self, topic: str, target: Any, *args: Any, **kwargs: Any) -> Any:
        labels = self._counterparts.label((*args, *kwargs.values()))
        named = dict(zip(kwargs, labels[len(args) :], strict=True))
        try:
            return self._peer.ask(topic, target, list(labels[: len(args)]), named)
        except Raised as error:
            raise exception_of(error) from None

    def _describe(self, error: BaseException) -> tuple[list[str], str, str]:
        if isinstance(error, Raised):
            return list(error.names), error.message, error.trace
        names = [kind.__name__ for kind in type(error).__mro__[:-2]]
        text = " ".join(filter(None, (_text_of(error), self._remark(error))))
        return names, text, "\n".join(_cell_frames(error))

    def _remark(self, error: BaseException) -> str:
        """Return which limit was hit, or what is absent here, in a sentence; "" if neither."""
        return limit_behind(error, self._limits) or absence_behind(error)


class _Printed(io.TextIOBase):
    """Keeps the beginning of what a call prints: the judge may ask for it."""

    text = ""

    def write(self, text: str) -> int:
        self.text = (self.text + text)[:200]
        return len(text)


def _kind(value: Any) -> str:
    if isinstance(value, type):
        return "class"
    if isinstance(value, Iterator):
        return "iterator"
    if _is_function(value):
        return "function"
    return "callable" if callable(value) else "object"


def _is_function(value: Any) -> bool:
    return callable(value) and hasattr(value, "__name__")


def _names(value: Any) -> tuple[str, ...]:
    if isinstance(value, type):
        return tuple(kind.__name__ for kind in value.__mro__[:-1])
    if _is_function(value):
        name = value.__name__
        return (name if type(name) is str else type(value).__name__,)
    return tuple(kind.__name__ for kind in type(value).__mro__[:-1])


def _text_of(error: BaseException) -> str:
    try:
        return str(error)[:2000]
    except Exception:  # noqa: BLE001  (a student's __str__ may raise anything)
        return ""


def _cell_frames(error: BaseException) -> Iterator[str]:
    frames = traceback.extract_tb(error.__traceback__)
    for frame in [f for f in frames if f.filename.startswith("<")][-8:]:
        yield f"{frame.filename.strip('<>')}, line {frame.lineno}: {frame.line or ''}"[:300]


def _figures(*, render: bool) -> list[dict]:
    """Close the open figures; return them as outputs if somebody will look at them."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None or not pyplot.get_fignums():
        return []
    outputs = []
    if render:
        import base64  # noqa: PLC0415

        from IPython.core.pylabtools import print_figure  # noqa: PLC0415  (slow, rarely needed)

        for number in pyplot.get_fignums()[:10]:
            figure = pyplot.figure(number)
            png = print_figure(figure, fmt="png", base64=False)
            data = {"image/png": base64.b64encode(png).decode()}
            # As `plot.show` left it there.
            metadata = {"image/png": {"alt": str(figure.get_label())}}
            outputs.append({"output_type": "display_data", "data": data, "metadata": metadata})
    pyplot.close("all")
    return outputs


_OPERATIONS: dict[str, Callable] = OPERATIONS | {
    "array": np.asarray,
    "isinstance": isinstance,
    "getattr": getattr,
    "setattr": setattr,
    "delattr": delattr,
}


def serve(sock: socket.socket, shell: Shell, limits: Limits, linger: float = 0.0) -> None:
    """Be the student's process until the judge closes the connection; end so many seconds later."""
    shell.user_ns["__name__"] = "__main__"
    sys.stdin = open(os.devnull)  # noqa: SIM115, PTH123  (whoever reads from it must not wait)
    refuse_input()
    try:
        Student(sock, shell, limits).serve()
    except (Closed, ConnectionError):
        pass
    finally:
        time.sleep(linger)
        os._exit(0)
