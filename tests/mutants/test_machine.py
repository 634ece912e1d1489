"""Mutants are made of solutions alone, and each that no test notices is found."""

from collections.abc import Callable
from pathlib import Path

import pytest
from means import audited, make

from coursework.audit.result import LessonAudit
from coursework.audit.run import audit
from coursework.course.lesson import Cell
from coursework.errors import CourseworkError
from coursework.mutants.machine import mutants


@pytest.fixture
def of_mutants() -> Callable[[str], set[tuple[str, str]]]:
    """Return what mutants of a solution change."""
    pytest.importorskip("mutmut", reason="mutants need the extra `audit`")

    def made(solution: str) -> set[tuple[str, str]]:
        source = 'def f(x: int = 1, y: int = 2):\n    """Return 3."""\n    n = 4\n'
        source += f"    ### BEGIN SOLUTION\n{solution}\n    ### END SOLUTION"
        found = mutants(Cell("exercise", "f", source, "f"))
        for mutant in found:
            assert mutant.source != source
            assert 'x: int = 1, y: int = 2):\n    """Return 3."""\n    n = 4\n' in mutant.source
        assert len({mutant.source for mutant in found}) == len(found)
        return {(mutant.old, mutant.new) for mutant in found}

    return made


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return x + y", "return x - y"),
        ("return x * y", "return x / y"),
        ("return x @ y", "return x * y"),
        ("return x @ y", "return y @ x"),
        ("return (x - 1) / y", "return y / (x - 1)"),
        ("return x < y", "return x <= y"),
        ("return x < y", "return x > y"),
        ("return x[1:]", "return x[2:]"),
        ("return x[1:]", "return x[0:]"),
        ("return x[0]", "return x[-1]"),
        ("return x.sum(axis=0)", "return x.sum(axis=1)"),
        ("return x.sum(axis=1)", "return x.sum(axis=0)"),
        ("return x.sum(axis=0)", "return x.mean(axis=0)"),
        ("return x.T @ y", "return x @ y"),
        ("return f(x, y)", "return f(y, x)"),
        ("return x, y", "return y, x"),
        ("x += 1", "pass"),
        ("if x: return 1", "if False: return 1"),
        ("return max(x)", "return min(x)"),
        ("return not x", "return x"),
        ("return x and y", "return x or y"),
        ("return 1 if x else 0", "return 1 if (x) or True else 0"),
    ],
)
def test_mutants_kinds(
    of_mutants: Callable[[str], set[tuple[str, str]]], old: str, new: str
) -> None:
    """Arithmetic, comparisons, bounds, axes, transposes, statements and arguments change."""
    assert (old, new) in of_mutants(f"    {old}")


def test_mutants_leave_text_alone(of_mutants: Callable[[str], set[tuple[str, str]]]) -> None:
    """Docstrings, type hints and messages of exceptions do not change."""
    solution = '    def g(a: "b"):\n        "One."\n    raise ValueError("two", f"{3}")'
    assert of_mutants(solution) == {('raise ValueError("two", f"{3}")', "pass")}


def test_mutants_same_meaning(of_mutants: Callable[[str], set[tuple[str, str]]]) -> None:
    """A squared difference the other way round is not a mutant."""
    assert ("return (x - y) ** 2", "return (y - x) ** 2") not in of_mutants(
        "    return (x - y) ** 2"
    )


UNTESTED = ("check.close(mean(x[:0]), 0.0)\n", "")
LINE = "return np.sum(x) / len(x) if len(x) else 0.0"
EQUIVALENT = """spread = "spread = np.var"

[[equivalent]]
exercise = "mean"
old = "return np.sum(x) / len(x) if len(x) else 0.0"
new = "return np.sum(x) / len(x) if (len(x)) {} else 0.0"
reason = "Nobody calls it with an empty array."
"""
LOOP = "    n = 0\n    while n < 1:\n        n += 1\n    return mean((x"
AGAIN = """reference.spread(x))
### END HIDDEN TESTS
```

```python test="spread" part="again" points=1
check.close(spread(np.array([1.0, 3.0])), 1.0)
```
"""
OF_MUTANTS = {
    "survivors": (UNTESTED,),
    "equivalent": (UNTESTED, ('spread = "spread = np.var"\n', EQUIVALENT.format("or True"))),
    "wrong": (UNTESTED, ('spread = "spread = np.var"\n', EQUIVALENT.format("and False"))),
    "stale": (UNTESTED, ('spread = "spread = np.var"\n', EQUIVALENT.format("and 5"))),
    "endless": (("    return mean((x", LOOP),),
    "tested-twice": (("reference.spread(x))\n### END HIDDEN TESTS\n```\n", AGAIN),),
}
DIFFERENCE = "- return mean((x - mean(x)) ** 2)\n+ return mean((x + mean(x)) ** 2)"


@pytest.fixture(scope="module")
def mutated(tmp_path_factory: pytest.TempPathFactory) -> dict[str, LessonAudit]:
    """The lessons of OF_MUTANTS, audited at once."""
    pytest.importorskip("mutmut", reason="mutants need the extra `audit`")
    return audited(make(tmp_path_factory.mktemp("mutants"), OF_MUTANTS), with_mutants=True)


def survivors(lesson: LessonAudit) -> list[str]:
    """Return the changes that no test noticed."""
    return [case.label for case, _ in lesson.survivors]


@pytest.mark.slow
def test_audit_survivors(mutated: dict[str, LessonAudit]) -> None:
    """A mutant that no test notices is shown, and too many of them are a problem."""
    lesson = mutated["survivors"]
    assert f"- {LINE}\n+ {LINE.replace('0.0', '1.0')}" in survivors(lesson)
    assert any("mutants are killed, not 97%" in text for text in lesson.problems)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("wrong", "[[equivalent]] in line 41 is wrong: the tests kill this mutant"),
        ("stale", "[[equivalent]] in line 41 is stale: no mutant is like this any more"),
        ("equivalent", ""),
    ],
)
def test_audit_equivalent(mutated: dict[str, LessonAudit], name: str, problem: str) -> None:
    """An equivalent mutant is one that is made and survives."""
    told = [text for text in mutated[name].problems if "[[equivalent]]" in text]
    assert told == ([problem] if problem else [])


@pytest.mark.slow
def test_audit_equivalent_does_not_count(mutated: dict[str, LessonAudit]) -> None:
    """What is equivalent is neither shown nor counted."""
    with_it, without = mutated["survivors"], mutated["equivalent"]
    assert set(survivors(with_it)) - set(survivors(without)) == {
        f"- {LINE}\n+ {LINE.replace('if len(x)', 'if (len(x)) or True')}"
    }
    assert with_it.total("killed").all == without.total("killed").all + 1


@pytest.mark.slow
def test_audit_endless_mutant(mutated: dict[str, LessonAudit]) -> None:
    """A mutant that does not end is killed, by the CPU time that it uses in a second, longer try."""
    ends = [v.lost[0] for case, v in mutated["endless"].found if "n -= 1" in case.label]
    assert ends
    assert all("used up its 4 s of CPU time" in text for text in ends), ends


@pytest.mark.slow
def test_audit_mutant_ends_at_first_loss(mutated: dict[str, LessonAudit]) -> None:
    """What is tested behind the first lost point is not run."""
    (verdict,) = [v for case, v in mutated["tested-twice"].found if case.label == DIFFERENCE]
    assert [text.splitlines()[0] for text in verdict.lost][1:] == [
        "test_spread_again: The test cell is missing from the submission."
    ]


def test_without_mutmut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If mutants cannot be made, the remedy is given."""
    monkeypatch.setattr("coursework.mutants.machine.rewritten", None)
    mutants.cache_clear()
    with pytest.raises(CourseworkError, match="make setup EXTRAS=audit"):
        audit(make(tmp_path, {"means": ()}), with_mutants=True)
