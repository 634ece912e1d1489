"""How a message names the inputs of a call."""

import inspect

import pytest

from coursework.judge.inputs import named_inputs


def fit(X, y, rate=0.1, *extra, momentum=0.9):  # noqa: ANN001, ANN002, ANN201
    """Have parameters of every kind."""


@pytest.mark.parametrize(
    ("args", "kwargs", "names"),
    [
        ((1, 2), {}, ["X", "y"]),
        ((1, 2), {"momentum": 0.5}, ["X", "y", "momentum"]),
        ((1,), {}, ["X"]),  # y is missing
        ((1, 2), {"rates": 0.5}, ["X", "y", "rates"]),
        ((1, 2, 3, 4), {"rates": 0.5}, ["X", "y", "rate", "argument 4", "rates"]),
    ],
)
def test_inputs_have_the_names_of_parameters(args: tuple, kwargs: dict, names: list[str]) -> None:
    """Also in a call that does not fit the signature; a place only where no name is known."""
    found = named_inputs(inspect.signature(fit), args, kwargs)
    assert [name for name, _ in found] == names


def test_inputs_of_an_unknown_function_have_places() -> None:
    """Nothing is known of it."""
    assert named_inputs(None, (1,), {"a": 2}) == (("argument 1", 1), ("a", 2))
