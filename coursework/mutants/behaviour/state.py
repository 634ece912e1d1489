"""Wrong state: what an object keeps between calls is another's, or of another time."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from coursework.mutants.behaviour.choice import Wrapping
from coursework.mutants.behaviour.routine import Routine
from coursework.mutants.behaviour.tools import arrays, wraps

__all__ = ["BEHAVIOURS"]


def shared_by_instances(function: Callable) -> Callable:
    """What it keeps between calls is shared by all instances."""
    shared: dict[str, Any] = {}

    @wraps(function)
    def common(self: Any, *args: Any, **kwargs: Any) -> Any:
        vars(self).update(shared)
        before = dict(vars(self))
        result = function(self, *args, **kwargs)
        shared.update({k: v for k, v in vars(self).items() if v is not before.get(k)})
        return result

    return common


def forgets(function: Callable) -> Callable:
    """What it keeps begins anew in each call."""

    @wraps(function)
    def anew(self: Any, *args: Any, **kwargs: Any) -> Any:
        first = vars(self).setdefault("_first", dict(vars(self)))
        vars(self).update({k: v for k, v in first.items() if v is None})
        return function(self, *args, **kwargs)

    return anew


def first_setting(function: Callable, name: str) -> Callable:
    """It goes on with the `{}` of the first call when the caller has set another."""

    @wraps(function)
    def step(self: Any, *args: Any, **kwargs: Any) -> Any:
        now = getattr(self, name)
        setattr(self, name, vars(self).setdefault(f"_first_{name}", now))
        try:
            return function(self, *args, **kwargs)
        finally:
            setattr(self, name, now)

    return step


def state_by_shape(function: Callable) -> Callable:
    """Parameters of one shape share what it keeps."""

    @wraps(function)
    def step(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = function(self, *args, **kwargs)
        for value in vars(self).values():
            if isinstance(value, list) and list(arrays(value)):
                first = {one.shape: one for one in reversed(value)}
                value[:] = [first[one.shape] for one in value]
        return result

    return step


def one_list(function: Callable, *names: str) -> Callable:
    """Its lists {} and {} are one."""

    @wraps(function)
    def step(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = function(self, *args, **kwargs)
        setattr(self, names[1], getattr(self, names[0]))
        return result

    return step


def counts_parameters(function: Callable, name: str) -> Callable:
    """It counts `{}` up once a parameter, not once a call."""

    @wraps(function)
    def step(self: Any, *args: Any, **kwargs: Any) -> Any:
        old = getattr(self, name)
        result = function(self, *args, **kwargs)
        given = next(value for value in (*args, *kwargs.values()) if isinstance(value, list))
        setattr(self, name, old + len(given) * (getattr(self, name) - old))
        return result

    return step


def _stateful(routine: Routine) -> Iterator[tuple[()]]:
    yield from [()] if routine.state else ()


def _settings(routine: Routine) -> Iterator[tuple[str]]:
    yield from ((name,) for name in routine.settings if routine.node.name != "__init__")


def _two_lists(routine: Routine) -> Iterator[tuple[str, str]]:
    yield from zip(routine.state, routine.state[1:], strict=False)


def _counters(routine: Routine) -> Iterator[tuple[str]]:
    if routine.of_kind("arrays"):
        yield from ((name,) for name in re.findall(r"self\.(\w+) \+= 1\b", routine.body))


_STATE = r"before the first|each parameter|of each|state|between two|kept|starts? from"

BEHAVIOURS = (
    Wrapping(shared_by_instances, _stateful, _STATE),
    Wrapping(forgets, _stateful, _STATE),
    Wrapping(state_by_shape, _stateful, _STATE),
    Wrapping(one_list, _two_lists, _STATE),
    Wrapping(first_setting, _settings, r"set anew"),
    Wrapping(counts_parameters, _counters, r"[Ss]teps? (taken|number)"),
)
