"""Stand-ins: the student's functions and objects as a test cell sees them.

A stand-in has the operators that the instructor's class of the same name has, and nothing
more: an object of any other class can be read as data, but has no say in a comparison.

A function that a test passes to the student's code can be called back only while the
exercise works that it was passed to (its topic): the call itself, or something that this
call returned. So a reference function that is lent to one exercise cannot answer another.
"""

import inspect
from collections.abc import Callable, Iterator
from typing import Any, Protocol, Self

import numpy as np

from coursework.check import Call, Context
from coursework.judge.advance import advance
from coursework.judge.peer import Raised
from coursework.judge.process import Lost
from coursework.judge.wire import Handle, Malformed

__all__ = ["Ask", "StandIns", "StudentError"]

_BINARY = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "divmod")
_COMPARISONS = ("lt", "le", "gt", "ge", "eq", "ne")
_PLAIN = ("neg", "pos", "abs", "len", "iter", "next", "bool", "float", "int", "complex", "hash")
_OTHERS = ("getitem", "setitem", "delitem", "contains", "repr", "str", "round")
_IN_PLACE = ("iadd", "isub", "imul", "itruediv", "ipow", "imatmul")
_MAX_NAME = 200
_READABLE = ("iter", "len", "getitem", "float", "int", "complex")


# What the student's code may not raise in the judge by these types: one of them is a verdict,
# and the others would end a loop of the test over `map` or a generator without a trace.
_UNNAMED = (Exception, AssertionError, StopIteration, StopAsyncIteration)


class StudentError(Exception):
    """The student's code raised; also an instance of the builtin type that it raised.

    Attributes
    ----------
    type_name : str
        The type that was raised.
    trace : str
        Where in the student's cells.
    """

    type_name: str = "Exception"
    trace: str = ""


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
        Name → signature of the instructor's function, to name the inputs in messages.
    context : callable
        Returns the context of the checks of the running test cell.

    Attributes
    ----------
    given : set of int
        `id` of every function that has been lent, also in tests that have ended.
    """

    def __init__(
        self,
        ask: Ask,
        classes: dict[str, type],
        signatures: dict[str, inspect.Signature],
        context: Callable[[], Context],
    ) -> None:
        self._ask = ask
        self._classes = classes
        self._signatures = signatures
        self._context = context
        self._mirrors: dict[str, type] = {}
        self._lent: dict[int, tuple[frozenset[str], Callable]] = {}
        self._topics: list[str] = []
        self.given: set[int] = set()
        self._replaced: frozenset[str] = frozenset()
        self._failure: BaseException | None = None

    # -- the codec's two hooks

    def lend(self, value: Any) -> Handle:
        """Return the handle of a stand-in, or lend a function to the current topic."""
        if isinstance(value, StandIn):
            return _handle(value)
        if not callable(value):
            raise TypeError(f"a test cannot pass a {type(value).__name__} to the student's code")
        return self._lend_to(self._replaced or frozenset(self._topics[-1:]), value)

    def _lend_to(self, topics: frozenset[str], function: Callable) -> Handle:
        number = len(self._lent) + 1
        self._lent[number] = (topics, function)
        self.given.add(id(function))
        return Handle(number, "callback", (getattr(function, "__name__", "function"),))

    def replace(self, functions: dict[str, Callable], topics: frozenset[str]) -> None:
        """Put the instructor's functions in place of the student's, for some exercises alone.

        Parameters
        ----------
        functions : dict
            Name in the student's notebook → the instructor's function.
        topics : frozenset of str
            Names of the exercise that may use them.
        """
        self._replaced = topics
        try:
            self.ask("", "replace", functions)
        finally:
            self._replaced = frozenset()

    def resolve(self, handle: Handle) -> Any:
        """Return the stand-in of a handle."""
        if handle.kind == "callback":
            return self._borrowed(handle.id)
        name = self._known_name(handle)
        kind = self._mirror_of(name) if name else _KINDS.get(handle.kind, _Opaque)
        return kind(self, handle, self._topics[-1])

    def _borrowed(self, number: Any) -> Callable:
        topics, function = self._lent.get(number, (frozenset(), None))
        if function is None or self._topics[-1] not in topics:
            raise Malformed("it used a function that was not passed to this exercise")
        return function

    def _known_name(self, handle: Handle) -> str | None:
        if handle.kind not in ("object", "callable", "iterator"):
            return None
        return next((name for name in handle.names if name in self._classes), None)

    def _mirror_of(self, name: str) -> type:
        if name not in self._mirrors:
            self._mirrors[name] = _mirror(name, self._classes[name])
        return self._mirrors[name]

    # -- asking

    def ask(self, topic: str, operation: str, *arguments: Any) -> Any:
        """Ask the student's process; its exceptions are raised here as `StudentError`."""
        self._topics.append(topic)
        try:
            return self._ask(operation, *arguments)
        except Raised as error:
            raise _student_error(error) from None
        finally:
            self._topics.pop()
            self._raise_failure()

    def lookup(self, name: str) -> Any:
        """Return what a name of the student's notebook means."""
        return self.ask(name, "lookup", name)

    def answer(self, operation: str, arguments: list[Any]) -> Any:
        """Answer the student's code: call a function that is lent to it."""
        if operation != "callback" or len(arguments) != 3:  # noqa: PLR2004
            raise Malformed(f"the student's process may not ask {operation!r}")
        number, args, kwargs = arguments
        function = self._borrowed(number)
        try:
            return function(*args, **kwargs)
        except AssertionError as error:
            # The student's code could catch it: it is raised again after the call.
            self._failure = self._failure or error
            raise

    def _raise_failure(self) -> None:
        if self._failure and not self._topics:
            failure, self._failure = self._failure, None
            raise failure

    def forget(self) -> None:
        """End a test cell: what was lent is taken back."""
        self._lent.clear()

    def call(self, target: "StandIn", name: str, args: tuple, kwargs: dict) -> Any:
        """Call the student's function; bring back what it may change in place."""
        context = self._context()
        inputs = self._named_inputs(name, args, kwargs)
        context.calls.append(Call(name, inputs))
        places = [*enumerate(args), *kwargs.items()]
        watched = {key: v for key, v in places if _is_watched(v, context)}
        reply = self.ask(_topic(target), "call", target, list(args), kwargs, list(watched))
        # What may be changed in place may be so in this call, and not in a later one.
        context.writable[:] = [
            one for one in context.writable if not any(one is value for _, value in places)
        ]
        if not watched:
            return reply
        if not (isinstance(reply, tuple) and len(reply) == 2 and isinstance(reply[1], list)):  # noqa: PLR2004
            raise Lost("died", "broke the protocol: no answer to a call came.")
        result, after = reply
        for old, new in zip(watched.values(), after, strict=True):
            _copy_back(old, new)
        return result

    def _named_inputs(self, name: str, args: tuple, kwargs: dict) -> tuple:
        signature = self._signatures.get(name)
        try:
            bound = signature.bind(*args, **kwargs).arguments if signature else None
        except TypeError:
            bound = None
        if bound is None:
            bound = {f"argument {i + 1}": value for i, value in enumerate(args)} | kwargs
        return tuple(bound.items())


def _is_watched(value: Any, context: Context) -> bool:
    return isinstance(value, np.random.Generator) or context.may_change(value)


def _copy_back(old: Any, new: Any) -> None:
    """Give an argument the content that the student's code left in its copy."""
    if isinstance(old, np.random.Generator) and isinstance(new, np.random.Generator):
        advance(old, new)
    elif isinstance(old, np.ndarray) and isinstance(new, np.ndarray):
        if old.shape == new.shape and np.can_cast(new.dtype, old.dtype, "same_kind"):
            old[...] = new
    elif isinstance(old, list) and isinstance(new, list):
        old[:] = [_merged(one, other) for one, other in _pairs(old, new)]
    elif isinstance(old, dict) and isinstance(new, dict):
        merged = {key: _merged(old.get(key), value) for key, value in new.items()}
        old.clear()
        old.update(merged)


def _pairs(old: list, new: list) -> Iterator[tuple[Any, Any]]:
    for index, value in enumerate(new):
        yield (old[index] if index < len(old) else None), value


def _merged(old: Any, new: Any) -> Any:
    """Keep the identity of containers and arrays inside a container, with new content."""
    is_same_array = (
        isinstance(old, np.ndarray)
        and isinstance(new, np.ndarray)
        and (old.shape, old.dtype) == (new.shape, new.dtype)
    )
    if is_same_array or (type(old) is type(new) and isinstance(old, list | dict)):
        _copy_back(old, new)
        return old
    return new


def _student_error(error: Raised) -> StudentError:
    import builtins  # noqa: PLC0415

    known = {"LinAlgError": np.linalg.LinAlgError}
    base = Exception
    for name in error.names:
        kind = known.get(name, getattr(builtins, name, None))
        if isinstance(kind, type) and issubclass(kind, Exception):
            base = kind
            break
    bases = (StudentError,) if base in _UNNAMED else (StudentError, base)
    try:
        made = type(base.__name__, bases, {})(error.message)
    except TypeError:
        made = StudentError(error.message)
    made.type_name = error.names[0] if error.names else "Exception"
    made.trace = error.trace
    return made


# -- the kinds of stand-ins


class StandIn:
    """An object in the student's process."""

    __slots__ = ("_handle_", "_owner_", "_topic_")
    __array_ufunc__ = None  # an operator with an array is asked of the student's object

    def __init__(self, owner: StandIns, handle: Handle, topic: str) -> None:
        object.__setattr__(self, "_owner_", owner)
        object.__setattr__(self, "_handle_", handle)
        object.__setattr__(self, "_topic_", topic)

    def __repr__(self) -> str:
        kind = _handle(self).kind
        return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind} of type {_label(self)}"

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Stay the stand-in of the same object."""
        return self

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:  # noqa: FBT001
        """Read the object as an array."""
        came = _ask(self, "array", self)
        if not isinstance(came, np.ndarray):
            raise TypeError(f"{self!r} is no array")
        return came if dtype is None else came.astype(dtype)


def _handle(standin: StandIn) -> Handle:
    return object.__getattribute__(standin, "_handle_")


def _label(standin: StandIn) -> str:
    names = _handle(standin).names
    return names[0][:_MAX_NAME] if names else "?"


def _owner(standin: StandIn) -> StandIns:
    return object.__getattribute__(standin, "_owner_")


def _ask(standin: StandIn, operation: str, *arguments: Any) -> Any:
    return _owner(standin).ask(_topic(standin), operation, *arguments)


def _topic(standin: StandIn) -> str:
    return object.__getattribute__(standin, "_topic_")


class _WithAttributes(StandIn):
    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        value = _ask(self, "getattr", self, name)
        if isinstance(value, _Function):
            return _Method(value, f"{_label(self)}.{name}")
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        _ask(self, "setattr", self, name, value)

    def __delattr__(self, name: str) -> None:
        _ask(self, "delattr", self, name)


class _Function(StandIn):
    __slots__ = ()

    @property
    def __name__(self) -> str:
        return _label(self)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return _owner(self).call(self, self.__name__, args, kwargs)


class _Method:
    """A bound method: a function whose name in messages is `Class.method`."""

    def __init__(self, function: _Function, name: str) -> None:
        self._function = function
        self.__name__ = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return _owner(self._function).call(self._function, self.__name__, args, kwargs)


class _Class(_WithAttributes):
    __slots__ = ()

    @property
    def __name__(self) -> str:
        return _label(self)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return _owner(self).call(self, _label(self), args, kwargs)

    def __instancecheck__(self, instance: Any) -> bool:
        return isinstance(instance, StandIn) and bool(_ask(self, "isinstance", instance, self))


class _Iterator(StandIn):
    __slots__ = ()

    def __iter__(self) -> Iterator:
        return self

    def __next__(self) -> Any:
        return _next(self)


class _Opaque(_WithAttributes):
    """An object of a class that no exercise defines: can be read, and has no operators."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]

    def _refuse(self, *_: Any) -> Any:
        raise TypeError(f"an object of type {_label(self)} came, not plain data")

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __bool__ = _refuse  # type: ignore[assignment]


_KINDS = {"function": _Function, "callable": _Function, "class": _Class, "iterator": _Iterator}


def _next(self: StandIn) -> Any:
    try:
        return _ask(self, "next", self)
    except StudentError as error:
        if error.type_name == "StopIteration":
            raise StopIteration from None
        raise


def _operator(operation: str) -> Callable:
    def forward(self: StandIn, *arguments: Any) -> Any:
        return _ask(self, operation, self, *arguments)

    return forward


def _reflected(operation: str) -> Callable:
    def forward(self: StandIn, other: Any) -> Any:
        return _ask(self, operation, other, self)

    return forward


for _name in _READABLE:
    setattr(_Opaque, f"__{_name}__", _operator(_name))


def _mirror(name: str, model: type) -> type:
    """Make a kind of stand-in with the operators that the instructor's class has."""
    members: dict[str, Any] = {"__slots__": ()}
    for operation in (*_COMPARISONS, *_PLAIN, *_OTHERS, *_IN_PLACE):
        if _defines(model, f"__{operation}__"):
            members[f"__{operation}__"] = _operator(operation)
    for operation in _BINARY:
        if _defines(model, f"__{operation}__") or _defines(model, f"__r{operation}__"):
            members[f"__{operation}__"] = _operator(operation)
            members[f"__r{operation}__"] = _reflected(operation)
    if "__next__" in members:
        members["__next__"] = _next
    if _defines(model, "__call__"):
        members["__call__"] = _Class.__call__
    members.setdefault("__eq__", _is_same)
    members.setdefault("__hash__", _hash)
    return type(name, (_WithAttributes,), members)


def _defines(model: type, name: str) -> bool:
    return getattr(model, name, None) is not getattr(object, name, None)


def _is_same(self: StandIn, other: Any) -> bool:
    return isinstance(other, StandIn) and _handle(self).id == _handle(other).id


def _hash(self: StandIn) -> int:
    return hash(_handle(self).id)
