"""The checks. Each raises `CheckFailed`, with a message for the student, or returns its value."""

import copy
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import ArrayLike

from coursework.check.calls import calls_behind, named_inputs
from coursework.check.compare import Tolerance, difference, is_data, plain, shape_difference
from coursework.check.context import Call, CheckFailed, Context, current
from coursework.check.describe import beside, describe_call, describe_value, is_short
from coursework.check.digits import told_apart
from coursework.check.notebook.watching import watched
from coursework.check.subject import subject_of

__all__ = [
    "close",
    "decreasing",
    "equal",
    "gradient",
    "in_place",
    "part",
    "raises",
    "rng",
    "shape",
    "that",
    "unchanged",
]

T = TypeVar("T")


def close(actual: object, expected: object, rtol: float = 1e-6, atol: float = 1e-9) -> None:
    """Check that numbers, arrays, or containers of them are equal within a tolerance.

    Parameters
    ----------
    actual : array_like, tuple, list or dict
        The student's value.
    expected : array_like, tuple, list or dict
        The right value. Shapes must agree, but where a scalar is expected, any array with one
        entry will do.
    rtol, atol : float
        Allowed is |actual - expected| <= atol + rtol |expected|.

    Raises
    ------
    CheckFailed
        The values differ; the message says where they first do.
    """
    text = _compared(actual, expected, Tolerance(rtol, atol))
    _settle(text, actual, expected, atol=atol)


def _compared(actual: object, expected: object, tolerance: Tolerance) -> str | None:
    judge = current()
    if judge and judge.watch:
        judge.watch(expected, tolerance)
    return difference(actual, expected, tolerance)


def equal(actual: object, expected: object) -> None:
    """Check that two values are equal exactly; numbers by value, not by type.

    Raises
    ------
    CheckFailed
        The values differ.
    """
    text = difference(actual, expected, Tolerance(0.0, 0.0))
    _settle(text, actual, expected)


def that(holds: object, claim: str) -> None:
    """Check that something is true, and say in words what.

        check.that(order[-1] == y, "the output comes last")

    To say several things about one result, pass them to `equal` by name::

        check.equal({"nodes": len(order), "last": order[-1].op}, {"nodes": 4, "last": "add"})

    Parameters
    ----------
    holds : bool
        A NumPy bool counts, and 0 or 1; anything else is not true.
    claim : str
        What is claimed, as a clause that the student reads: "the output comes last".

    Raises
    ------
    CheckFailed
        It is not true.
    """
    is_true = difference(holds, True, Tolerance(0.0, 0.0)) is None  # noqa: FBT003  (a value)
    text = None if is_true else f"This should be true, and is not: {claim}."
    _settle(text, holds, True, names_value=False)  # noqa: FBT003


def shape(actual: object, expected: tuple[int, ...]) -> None:
    """Check the shape of an array.

    Raises
    ------
    CheckFailed
        The shape differs, or the value is not an array.
    """
    came = plain(actual)
    if not isinstance(came, np.ndarray) or came.dtype.kind == "O":
        text = f"Expected an array of shape {expected}."
    elif came.shape == tuple(expected):
        text = None
    else:
        text = shape_difference(came.shape, tuple(expected))
    _settle(text, actual)


def gradient(
    actual: object,
    function: Callable[[np.ndarray], Any],
    at: ArrayLike,
    rtol: float = 1e-5,
    atol: float = 1e-7,
) -> None:
    """Check a gradient against central differences of a function.

    Parameters
    ----------
    actual : array_like, shape of `at`
        The student's gradient at `at`.
    function : callable
        Takes an array of the shape of `at`, returns a float. Use the instructor's, or
        plain NumPy: a function of the student's own may be wrong in the same way.
    at : array_like
        The point; kinks of the function should be further away than 1e-5.
    rtol, atol : float
        As in `close`.

    Raises
    ------
    CheckFailed
        The gradients differ.
    """
    expected = _central_differences(function, np.array(at, dtype=float))
    text = _compared(actual, expected, Tolerance(rtol, atol))
    _settle(
        text and f"{text} (Expected are central differences of the loss.)",
        actual,
        expected,
        atol=atol,
    )


def _central_differences(function: Callable[[np.ndarray], Any], at: np.ndarray) -> np.ndarray:
    slopes = np.empty_like(at)
    for index in np.ndindex(at.shape):
        step = 1e-6 * max(1.0, cast("float", abs(at[index])))
        ends = []
        for sign in (+1, -1):
            moved = at.copy()
            moved[index] += sign * step
            ends.append(float(np.asarray(function(moved)).item()))
        slopes[index] = (ends[0] - ends[1]) / (2 * step)
    return slopes


def decreasing(values: object, *, strictly: bool = False) -> None:
    """Check that a sequence of numbers never rises (or, strictly, always falls).

    Raises
    ------
    CheckFailed
        A value is larger than the one before, not finite, or there is none.
    """
    came = plain(values)
    if not isinstance(came, np.ndarray) or came.dtype.kind not in "biuf" or came.ndim != 1:
        _settle("Expected a sequence of numbers.", values)
        return
    if not came.size or not np.all(np.isfinite(came)):
        _settle("Expected finite numbers, at least one.", values)
        return
    steps = np.diff(came.astype(float))
    wrong = steps >= 0 if strictly else steps > 0
    text = None
    if np.any(wrong):
        at = int(np.argmax(wrong))
        one, other = told_apart(came[at], came[at + 1], describe_value)
        claim = "fall" if strictly else "never rise"
        text = f"It should {claim}, but goes from {one} at {at} to {other} at {at + 1}."
    _settle(text, values)


def unchanged(function: Callable[..., T], *args: object, **kwargs: object) -> T:
    """Call a function and check that it does not modify its arguments.

    Returns
    -------
    object
        What the function returned.

    Raises
    ------
    CheckFailed
        An argument has changed after the call.
    """
    # The function gets copies: what it does to them must not reach later checks.
    copies = {key: _copy(value) for key, value in [*enumerate(args), *kwargs.items()]}
    result = function(
        *[in_place(copies[i]) for i in range(len(args))],
        **{key: in_place(copies[key]) for key in kwargs},
    )
    inputs = named_inputs(function, args, kwargs)
    for (name, old), new in zip(inputs, copies.values(), strict=True):
        if isinstance(old, np.ndarray | list | dict | set):
            text = difference(new, old, Tolerance(0.0, 0.0))
            call = Call(getattr(function, "__name__", "the function"), ((name, old),))
            text = text and f"It modifies its input: {name} is not what it was."
            _settle(text, new, old, [call], beside=("after", "before"))
    return result


def _copy(value: object) -> object:
    is_data = isinstance(value, np.ndarray | list | dict | set | tuple)
    return copy.deepcopy(value) if is_data else value


def raises(
    exception: type[Exception], function: Callable[..., Any], *args: object, **kwargs: object
) -> None:
    """Check that a call raises an exception of this type.

    Raises
    ------
    CheckFailed
        It raises nothing, or another exception.
    """
    try:
        result = function(*args, **kwargs)
    except exception:
        _settle(None, exception.__name__)
    except NotImplementedError:
        raise
    except Exception as error:  # noqa: BLE001  (any other exception is the finding)
        text = f"It should raise {exception.__name__}, but raises {type(error).__name__}: {error}"
        _settle(text, type(error).__name__, calls=_call_of(function, args, kwargs))
    else:
        text = f"It should raise {exception.__name__}, but returns {describe_value(plain(result))}."
        _settle(text, result, calls=_call_of(function, args, kwargs))


def _call_of(
    function: Callable[..., Any], args: Sequence[object], kwargs: dict[str, object]
) -> list[Call]:
    inputs = named_inputs(function, args, kwargs)
    return [Call(getattr(function, "__name__", "function"), tuple(inputs))]


def in_place(value: T) -> T:
    """Mark an argument that the student's function is meant to change in place.

    At grading, arguments are copied into the student's process. What the function does to
    its copy comes back only for arguments marked so, and only from the call that they are
    passed to; all others keep their values, so that a function cannot change the data from
    which the instructor's answer is computed.
    """
    judge = current()
    if judge is not None and not judge.may_change(value):
        judge.writable.append(value)
    return value


def rng() -> np.random.Generator:
    """Return a random generator; at grading seeded by course, student and exercise."""
    judge = current()
    return np.random.default_rng(judge.seed if judge else 0)


@contextmanager
def part(name: str, points: float) -> Iterator[None]:  # noqa: ARG001  (read from the source)
    """Score the block by itself, as one part of a test cell.

    At grading a part that fails costs its own points, and the test continues after it. In a
    notebook it fails at once. The points of a cell's parts add up to the cell's.

    Parameters
    ----------
    name : str
        Unique in the cell; the student reads it.
    points : float
        What the part is worth. Both are literals: the build reads them.
    """
    judge = current()
    if judge is None:
        yield
        return
    judge.count, judge.calls, judge.earlier = 0, [], []
    failure = None
    with _observed(judge, name):
        try:
            yield
        except Exception as error:  # noqa: BLE001  (whatever ends a part is its verdict)
            failure = judge.failure(name, error)
    judge.parts[name] = failure


@contextmanager
def _observed(judge: Context, part: str) -> Iterator[None]:
    if judge.observer is None:
        yield
        return
    judge.observer.part = part
    try:
        yield
    finally:
        judge.observer.part = ""


def _settle(
    text: str | None,
    actual: object,
    expected: object = None,
    calls: list[Call] | None = None,
    atol: float = 0.0,
    *,
    names_value: bool = True,
    beside: tuple[str, str] = ("got", "expected"),
) -> None:
    judge, frame = current(), sys._getframe(2)  # noqa: SLF001  (the caller of the check)
    if judge:
        judge.count += 1
    found = calls_behind(frame, has_failed=bool(text))
    if text is None and not (judge and judge.observer):
        if run := watched():
            run.hold(frame)
        return
    is_read = all(call.source for call in found)  # and not seen
    told = found if calls is None or not is_read else calls
    subject = subject_of(frame, told) if text and names_value and calls is None else ""
    message = partial(  # type: ignore[misc]  # of a tuple with the function in it
        *(_message, f"{subject}: {text}" if subject else text, plain(actual), expected, told),
        names=beside,
    )
    if judge and judge.observer:
        seen = actual, expected, found
        judge.observer.see(*seen, holds=text is None, atol=atol, message=message)
        return
    came = plain(actual)
    value = came if is_data(came) else describe_value(came)
    raise CheckFailed(message(), value, None if expected is None else plain(expected))


def _message(
    text: str | None,
    came: object,
    expected: object,
    calls: Sequence[Call],
    *,
    names: tuple[str, str],
) -> str:
    lines = [describe_call(calls), text or ""]
    if isinstance(came, np.ndarray) and came.ndim and expected is not None:
        right = plain(expected)
        # For a large array, the text has already said where it first goes wrong.
        if is_short(came) and is_short(right):
            got, other = told_apart(came, right, describe_value)
            lines += [
                beside(f"{name:<10}", value)
                for name, value in zip(names, (got, other), strict=True)
            ]
    return "\n".join(line for line in lines if line)
