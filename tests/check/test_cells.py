"""What a notebook's cells say of themselves: their checks, and what they test."""

import pytest

from coursework.check.notebook.cells import has_checks, hidden_lines, names_under_test

HELPER = "def listing(x):\n    return [str(one) for one in trace(x)]"
TRACE = "class Node:\n    pass\n\ndef trace(x):\n    return [Node(), step(x)]"
STEP = "def step(x):\n    return x"
TEST = "x = 2\ncheck.equal(listing(x), ['2'])"


@pytest.mark.parametrize(
    ("source", "has"),
    [
        ("check.close(1, 1)", True),
        ("with check.part('a', 1):\n    f()", True),
        ("# check.close(1, 1)", False),
        ("from coursework import check", False),
        ("precheck.run(1)", False),
    ],
)
def test_has_checks(source: str, has: bool) -> None:  # noqa: FBT001  (a parameter of the test)
    """A cell with checks calls one; to import or to mention them is not enough."""
    assert has_checks(source) == has


def test_hidden_lines() -> None:
    """Hidden are the lines from mark to mark, indented or not, in each region."""
    source = "a\n### BEGIN HIDDEN TESTS\nb\n### END HIDDEN TESTS\nc\n  ### BEGIN HIDDEN TESTS\n  d"
    assert hidden_lines(source) == {2, 3, 4, 6, 7}


def test_names_under_test_is_what_stands_last_above() -> None:
    """A test is about the exercise above it, not about what that exercise uses."""
    assert names_under_test("check.equal(trace(1), step(1))", [STEP, TRACE]) == ["trace"]
    assert names_under_test("check.equal(step(1), trace(1))", [STEP, TRACE]) == ["trace"]


def test_names_under_test_behind_a_given_helper() -> None:
    """What a helper of given code calls is found, where that was written later."""
    assert names_under_test(TEST, [HELPER, STEP, TRACE]) == ["trace", "Node"]


def test_names_under_test_does_not_depend_on_what_is_run_again() -> None:
    """A corrected helper that runs again does not count as newer, and a test defines nothing."""
    cells = [STEP, TRACE, "check.equal(step(1), 1)", STEP, STEP]
    assert names_under_test("check.equal(trace(step(1)), 1)", cells) == ["trace"]


@pytest.mark.parametrize(
    ("test", "cells", "names"),
    [
        ("check.equal(f(1), 1)", ["f = lambda x: x"], ["f"]),
        ("check.equal(np.sum(x), 1)", ["import numpy as np", "x = 1"], []),
        ("def f(x):\n    return x\ncheck.equal(f(1), 1)", ["def f(x):\n    return 2"], []),
        ("%%time\ncheck.equal(f(1), 1)", ["def f(x):\n    return 2"], ["f"]),
        ("check.equal(f(1), 1)", ["def f(x:\n    return 2"], []),
        ("check.equal(f(1), 1)", ["%%time\ndef f(x): pass", "def g(): f(1)"], ["f"]),
    ],
)
def test_names_under_test_of_any_cell(test: str, cells: list[str], names: list[str]) -> None:
    """Lambdas count, data does not, nor the test's own; broken cells define nothing."""
    assert names_under_test(test, cells) == names
