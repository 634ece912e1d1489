"""What a test and the student's process give each other: stand-ins one way, loans the other."""

import inspect
from collections.abc import Callable, Collection
from typing import Any, Protocol

import numpy as np

from coursework.check import Call, Context
from coursework.ipc.rpc import Raised, raised
from coursework.ipc.wire import Handle, Malformed
from coursework.judge.inputs import as_before, named_inputs
from coursework.judge.lending import Lending
from coursework.judge.originals import Originals
from coursework.judge.standin import StandIn, handle_of, kind_of, mirror, topic_of
from coursework.judge.student_error import student_error
from coursework.judge.world import World
from coursework.sandbox.process import Lost

__all__ = ["Ask", "StandIns"]


class Ask(Protocol):
    """How a stand-in asks the student's process."""

    def __call__(self, operation: str, *arguments: Any) -> Any:
        """Return the answer."""


class StandIns:
    """Makes stand-ins from handles, and lends the judge's functions to the student's code.

    Parameters
    ----------
    ask : Ask
        Asks the student's process.
    classes : dict
        Name → the instructor's class, of all classes that exercises define.
    signatures : dict
        Name → signature of the instructor's function, which names the inputs in messages.
    context : callable
        Returns the context of the checks of the running test cell.
    array_elements : int
        Limit, see `Limits`.
    """

    def __init__(
        self,
        ask: Ask,
        classes: dict[str, type],
        signatures: dict[str, inspect.Signature],
        context: Callable[[], Context],
        array_elements: int,
    ) -> None:
        self._ask = ask
        self._originals = Originals(array_elements)
        self._classes = classes
        self._signatures = signatures
        self._context = context
        self._mirrors: dict[str, type] = {}
        self._lending = Lending()
        self._made: dict[int, Call] = {}
        self._topics: list[str] = []
        self._failure: BaseException | None = None

    # -- the codec's three hooks

    def lend(self, value: Any) -> Handle:
        """Return the handle of a stand-in, or lend a function to the current topic."""
        if isinstance(value, StandIn):
            return handle_of(value)
        return self._lending.handle(value, self._topics[-1:])

    def has_given(self, functions: Collection[int]) -> bool:
        """Whether one of these functions (`id`) was ever lent, even in tests that have ended."""
        return not self._lending.given.isdisjoint(functions)

    def enter(self, world: World) -> None:
        """Put the instructor's answers in place of the student's until the test ends."""
        self._lending.world = world
        self.ask("", "replace", list(world.kinds), world.lent)

    def resolve(self, handle: Handle) -> Any:
        """Return the stand-in of a handle."""
        if handle.kind == "callback":
            return self._lending.borrowed(handle.id, self._topics[-1])
        name = self._known_name(handle)
        kind = self._mirror_of(name) if name else kind_of(handle)
        return kind(self, handle, self._topics[-1])

    def admit(self, number: int, tag: int, content: Any) -> Any:
        """Return an object that came: one of the test's own that is lent, or a new one."""
        return self._originals.admit(number, tag, content)

    def _known_name(self, handle: Handle) -> str | None:
        if handle.kind not in ("object", "callable", "iterator"):
            return None
        return next((name for name in handle.names if name in self._classes), None)

    def _mirror_of(self, name: str) -> type:
        if name not in self._mirrors:
            self._mirrors[name] = mirror(name, self._classes[name])
        return self._mirrors[name]

    # -- asking

    def ask(self, topic: str, operation: str, *arguments: Any) -> Any:
        """Ask the student's process; its exceptions are raised here as `StudentError`."""
        return self._send(topic, operation, self._originals.label(arguments))

    def _send(self, topic: str, operation: str, arguments: list[Any]) -> Any:
        self._topics.append(topic)
        try:
            self._refresh()
            return self._ask(operation, *arguments)
        except Raised as error:
            raise student_error(error) from None
        finally:
            self._topics.pop()
            self._raise_failure()

    def _refresh(self) -> None:
        """Update those of the test's objects that the student's code may have kept."""
        if stale := self._originals.stale():
            self._ask("refresh", *self._originals.label(stale))
        if dropped := self._originals.dropped():
            self._ask("drop", dropped)

    def lookup(self, name: str) -> Any:
        """Return what a name means in the student's notebook."""
        return self.ask(name, "lookup", name)

    def answer(self, operation: str, arguments: list[Any]) -> Any:
        """Answer the student's code: call a function or use an object that is lent to it."""
        answers = {"callback": self._call_back, "use": self._lending.use}
        if operation not in answers or len(arguments) != 3:  # noqa: PLR2004
            raise Malformed(f"the student's process may not ask {operation!r}")
        try:
            result = answers[operation](*arguments)
        except AssertionError as error:
            # The student's code could catch it, so it is raised again after the call.
            self._failure = self._failure or error
            raise
        (labelled,) = self._originals.label([result])
        self._refresh()
        return labelled

    def _call_back(self, number: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
        return self._lending.borrowed(number, self._topics[-1])(*args, **kwargs)

    def _raise_failure(self) -> None:
        if self._failure and not self._topics:
            failure, self._failure = self._failure, None
            raise failure

    def forget(self) -> None:
        """End a test cell: what was lent is taken back."""
        self._made.clear()
        self._lending.clear()
        self._originals.clear()

    def call(
        self,
        target: "StandIn",
        name: str,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        owner: "StandIn | None" = None,
    ) -> Any:
        """Call the student's function, a method with its owner; bring back what it may change."""
        context = self._context()
        inputs = named_inputs(self._signatures.get(name), args, kwargs)
        made = self._made.get(handle_of(target if owner is None else owner).id)
        call = Call(name, as_before(inputs), made=made)
        context.called(call)
        places: list[tuple[int | str, Any]] = [*enumerate(args), *kwargs.items()]
        watched = {key: value for key, value in places if _comes_back(value, context)}
        before = self._originals.lend(watched.values())
        try:
            result = self._call(target, args, kwargs, list(watched))
            if isinstance(result, StandIn) and handle_of(target).kind == "class":
                self._made[handle_of(result).id] = call
            return result
        finally:
            self._originals.lend_only(before)
            # Arguments that may be changed in place may be so in this call, but not in a later one.
            if context.writable:
                context.writable[:] = [
                    one for one in context.writable if not any(one is value for _, value in places)
                ]

    def _call(
        self,
        target: "StandIn",
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        watched: list[int | str],
    ) -> Any:
        labels = self._originals.label([*args, *kwargs.values()])
        named = dict(zip(kwargs, labels[len(args) :], strict=True))
        question = [target, labels[: len(args)], named, watched]
        reply = self._send(topic_of(target), "call", question)
        if not watched:
            return reply
        # The reply has given the lent objects their new content.
        if not (isinstance(reply, tuple) and len(reply) == 3 and type(reply[0]) is bool):  # noqa: PLR2004
            raise Lost("died", "broke the protocol: no answer to a call came.")
        has_raised, result, _ = reply
        if not has_raised:
            return result
        try:
            raise student_error(raised(result)) from None
        except Malformed as error:
            raise Lost("died", f"broke the protocol: {error}.") from None


def _comes_back(value: Any, context: Context) -> bool:
    """Whether what the student's code does to an argument comes back.

    For a random generator, only how far it has advanced comes back, always.
    """
    return isinstance(value, np.random.Generator) or context.may_change(value)
