"""What is said about slips that any program may have, through the real judge."""

import pytest
from averages import grade, outcome_of

from coursework.judge.hints.slips import stub_left
from coursework.judge.judge import Judge

NUMBER = """
class Number:
    def __init__(self, value):
        self.value = value

    def plus(self, other):
        return Number(self.value + other.value)

    def __mul__(self, other):
        return Number(self.value * other.value)
"""
TEST_NUMBER = """
a, b = Number(2.0), Number(3.0)
check.close(a.plus(b).plus(a).value, 7.0)
check.close((a * b * a).value, 12.0)
"""
SLIPS = {
    "return forgotten in a method": (
        NUMBER.replace("return Number(self.value +", "Number(self.value +"),
        "without a return",
    ),
    "return forgotten in an operator": (
        NUMBER.replace("return Number(self.value *", "Number(self.value *"),
        "without a return",
    ),
    "parameter forgotten": (
        NUMBER.replace("plus(self, other)", "plus(self)"),
        "does not fit the parameters that `Number.plus`",
    ),
    "parameter too many": (
        NUMBER.replace("plus(self, other)", "plus(self, other, more)"),
        "does not fit the parameters that `Number.plus`",
    ),
    "unknown name": (NUMBER.replace("+ other.value", "+ ohter.value"), "Nothing is called `ohter`"),
    "name without a value yet": (
        NUMBER.replace(
            "return Number(self.value +", "n = n + 1\n        return Number(self.value +"
        ),
        "`n` is used before it has a value",
    ),
    "recursion": (
        NUMBER.replace("return Number(self.value +", "return self.plus(self.value +"),
        "",
    ),
    "endless recursion": (
        NUMBER.replace("return Number(self.value + other.value)", "return self.plus(other)"),
        "nested too deep",
    ),
    "stub left": (
        NUMBER.replace(
            "return Number(self.value +",
            "raise NotImplementedError('not written yet')\n        return Number(self.value +",
        ),
        "is still there",
    ),
    "stub": (
        NUMBER.replace(
            "return Number(self.value + other.value)",
            "raise NotImplementedError('not written yet')",
        ),
        "",
    ),
}


@pytest.mark.parametrize(("answer", "text"), SLIPS.values(), ids=SLIPS)
def test_slip_is_named(judge: Judge, answer: str, text: str) -> None:
    """Each slip is recognised by what it raises; anything else is not."""
    assert answer != NUMBER
    report = grade(
        judge, {"Number": answer}, exercises={"Number": NUMBER}, tests={"Number": TEST_NUMBER}
    )
    outcome = report.outcomes[0]
    assert outcome.status != "passed"
    assert (text in outcome.diagnosis) if text else outcome.diagnosis == ""


def test_printed_result_is_diagnosed(judge: Judge) -> None:
    """A function that prints and returns nothing is told what return is for."""
    report = grade(judge, {"mean": "def mean(x):\n    print(sum(x) / len(x))"})
    assert "return gives it back" in outcome_of(report, "mean").diagnosis


@pytest.mark.parametrize("code", ["pass", "return None", "return"])
def test_none_is_diagnosed(judge: Judge, code: str) -> None:
    """What is said about None is true however it was made."""
    outcome = outcome_of(grade(judge, {"mean": f"def mean(x):\n    {code}"}), "mean")
    assert outcome.diagnosis == (
        "None came back where a value is expected: a function without return gives None."
    )


@pytest.mark.parametrize(
    "source",
    [
        "def f(x):\n    '''Doc.'''\n    raise NotImplementedError('not written yet')",
        "def f(x):\n    return x",
        "def f(x):\n    if x:\n        raise NotImplementedError\n    return x",
        "def f(x:",
    ],
)
def test_stub_left_is_not_seen_elsewhere(source: str) -> None:
    """A bare stub, an answer, one that refuses a case, and invalid Python have none."""
    assert stub_left(source) == ""
