"""What the student's code has been lent: functions of a test, and objects of a world.

A function that a test passes to the student's code can be called back only while the exercise
that it was passed to (its topic) is running: the call itself, or something that this call
returned. So a reference function that is lent to one exercise cannot answer another. All
exercises may use what a world lends, as long as its test runs: it knows no answers but those
that it stands for.
"""

from collections.abc import Callable, Collection
from itertools import count
from typing import Any

from coursework.ipc.operations import OPERATIONS, defines
from coursework.ipc.wire import Handle, Malformed, TooLarge
from coursework.judge.world import World, refuse

__all__ = ["Lending"]

_MAX_THINGS = 200_000


class Lending:
    """Numbers what is lent, and does with it what the student's code asks for.

    Attributes
    ----------
    given : set of int
        `id` of every function that has been lent, including in tests that have ended.
    world : World or None
        Whose objects may be lent in the running test.
    """

    def __init__(self) -> None:
        self._numbers = count(1)  # none is used again: a number that was kept is worthless
        self.given: set[int] = set()
        self.clear()

    def clear(self) -> None:
        """Take back everything that was lent."""
        self.world: World | None = None
        self._things: dict[int, tuple[frozenset[str] | None, Any]] = {}
        self._handles: dict[int, Handle] = {}  # by `id`

    def handle(self, value: Any, topics: Collection[str]) -> Handle:
        """Lend a thing (a test's function only to these topics); return its handle.

        Raises
        ------
        TypeError
            It cannot be lent.
        TooLarge
            Too much has been lent already.
        """
        world = self.world if self.world is not None and self.world.owns(value) else None
        if world is None and not callable(value):
            raise TypeError(f"a test cannot pass a {type(value).__name__} to the student's code")
        handle = self._handles.get(id(value)) or self._enter(value, world)
        if world is None:
            known, _ = self._things[handle.id]
            self._things[handle.id] = ((known or frozenset()) | frozenset(topics), value)
        return handle

    def _enter(self, value: Any, world: World | None) -> Handle:
        if len(self._things) >= _MAX_THINGS:
            raise TooLarge(f"more than {_MAX_THINGS:,} objects are lent in this test")
        kind, names = self._described(value, world) if world else ("callback", (_name(value),))
        handle = Handle(next(self._numbers), kind, names)
        self._handles[id(value)] = handle
        self._things[handle.id] = (None if world else frozenset(), value)
        if callable(value):
            self.given.add(id(value))
        return handle

    def _described(self, value: Any, world: World) -> tuple[str, tuple[str, ...]]:
        if isinstance(value, type):
            bases = [base for base in value.__bases__ if base in world.kinds]
            numbers = " ".join(str(self.handle(base, ()).id) for base in bases)
            return "lent class", (value.__name__, numbers, *world.members(value))
        kind = world.kind_of(value)
        if kind is None:
            return "callback", (_name(value),)
        return "lent object", (str(self.handle(kind, ()).id),)

    def borrowed(self, number: Any, topic: str) -> Any:
        """Return what has a number.

        Raises
        ------
        Malformed
            It was not passed to this exercise.
        """
        topics, value = self._things.get(number, (frozenset(), None))
        if topics is not None and topic not in topics:
            raise Malformed("it used a function that was not passed to this exercise")
        return value

    # -- what the student's code may ask of a world's objects

    def use(self, operation: str, arguments: list[Any], keywords: dict[str, Any]) -> Any:
        """Do what its class allows with a world's object.

        Raises
        ------
        TypeError, AttributeError
            Its class does not allow it.
        """
        world = self._now
        own = getattr(self, f"_do_{operation}", None)
        result = (own or self._operator(operation))(*arguments, **keywords)
        refuse(result, world)
        return result

    @property
    def _now(self) -> World:
        """The world of the running test."""
        if self.world is None:
            raise TypeError("nothing is lent")
        return self.world

    def _operator(self, operation: str) -> Callable[..., Any]:
        def apply(*operands: Any) -> Any:
            names = (f"__{operation}__", f"__r{operation}__")
            kinds = [kind for one in operands if (kind := self._now.kind_of(one))]
            if operation not in OPERATIONS or not any(defines(k, n) for k in kinds for n in names):
                raise TypeError(f"{operation!r} cannot be asked of it")
            return OPERATIONS[operation](*operands)

        return apply

    def _do_call(self, target: Any, *args: Any, **kwargs: Any) -> Any:
        kind = type if isinstance(target, type) else self._now.kind_of(target)
        is_whole = self._now.has_attributes(target)
        if kind is None or not is_whole or not defines(kind, "__call__"):
            raise TypeError("it cannot be called")
        return target(*args, **kwargs)

    def _do_method(self, target: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        return self._do_getattr(target, name)(*args, **kwargs)

    def _do_getattr(self, target: Any, name: str) -> Any:
        self._demand(target, name)
        return getattr(target, name)

    def _do_setattr(self, target: Any, name: str, value: Any) -> None:
        self._demand(target, name)
        if isinstance(target, type) and callable(getattr(target, name)):
            raise TypeError(f"{name!r} of {target.__name__} cannot be set")
        setattr(target, name, value)

    def _demand(self, target: Any, name: str) -> None:
        if not self._now.has_attributes(target):
            raise TypeError("it has no attributes that can be asked for")
        if type(name) is not str or name.startswith("_"):
            raise AttributeError(f"{name!r} is not lent")

    def _do_enter(self, target: Any) -> Any:
        return self._method(target, "__enter__")()

    def _do_exit(self, target: Any, has_failed: bool) -> bool:  # noqa: FBT001
        leave, error = self._method(target, "__exit__"), RuntimeError("the block has failed")
        if has_failed is not True:
            return bool(leave(None, None, None))
        try:
            return bool(leave(RuntimeError, error, None))
        except RuntimeError as raised:
            if raised is error:
                return False
            raise

    def _method(self, target: Any, name: str) -> Callable[..., Any]:
        if not (kind := self._now.kind_of(target)) or not defines(kind, name):
            raise TypeError("it is not a context manager")
        method: Callable[..., Any] = getattr(target, name)
        return method


def _name(function: Any) -> str:
    return getattr(function, "__name__", "function")
