"""Assertions for notebooks, with failure messages for students to read.

    check.close(mse(y, y_hat), 2.5)
    check.gradient(mse_gradient(X, y, w), lambda w: mse(y, X @ w), at=w)

In a notebook they compare that notebook's values. At grading the same functions run in the judge,
where the student's values have arrived over the wire as plain data.
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
