"""Assertions for notebooks: what they say when they fail is meant to be read by a student.

    check.close(mse(y, y_hat), 2.5)
    check.gradient(mse_gradient(X, y, w), lambda w: mse(y, X @ w), at=w)

In a notebook they compare values of that notebook. At grading the same functions run in
the judge, where the values of the student have come over the wire as plain data.
"""

from coursework.check.assertions import (
    close,
    decreasing,
    equal,
    gradient,
    in_place,
    part,
    raises,
    rng,
    shape,
    that,
    unchanged,
)
from coursework.check.context import Call, CheckFailed, Context, Failure, context, reference
from coursework.check.notebook import watch_notebook

__all__ = [
    "Call",
    "CheckFailed",
    "Context",
    "Failure",
    "close",
    "context",
    "decreasing",
    "equal",
    "gradient",
    "in_place",
    "part",
    "raises",
    "reference",
    "rng",
    "shape",
    "that",
    "unchanged",
]

watch_notebook()
