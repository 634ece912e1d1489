"""Judge and student's process round alike: NumPy's libraries choose the same kernels in both."""

import pytest
from tiny import make_lesson, make_notebook

from coursework.judge.judge import Judge
from coursework.sandbox.bubblewrap import isolation_problems

KERNEL = """
def f(x):
    import os
    return os.environ.get("OPENBLAS_CORETYPE", "")
"""


@pytest.mark.parametrize("isolation", ["full", "process"])
def test_kernels_are_those_of_the_judge(monkeypatch: pytest.MonkeyPatch, isolation: str) -> None:
    """A choice that the judge's environment makes holds for the student's process, too."""
    if isolation == "full" and isolation_problems():
        pytest.skip("needs the sandbox")
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    source = make_notebook({"f": KERNEL}, {"f": 'check.equal(f(1), "Haswell")'})
    with Judge(secret=b"s", isolation=isolation) as judge:
        (outcome,) = judge.grade(make_lesson(source), source, "s").outcomes
    assert outcome.status == "passed", outcome.message
