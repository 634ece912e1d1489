"""The audit finds what is wrong with tests, and makes mutants of solutions alone."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from coursework.audit.mutants import mutants
from coursework.audit.result import Audit, LessonAudit
from coursework.audit.run import audit
from coursework.audit.show import as_tables, as_text
from coursework.cli import main
from coursework.course import Course
from coursework.errors import CourseworkError, LessonError
from coursework.lesson import Cell

ROOT = Path(__file__).parent.parent
LESSONS = [f"{path.parent.name}/{path.stem}" for path in Course(ROOT).lesson_files()]

LESSON = '''# Means

```python
import numpy as np

from coursework import check
from coursework.check import reference
```

```python exercise="mean"
def mean(x):
    """Return the mean of an array; 0 where it is empty."""
    ### BEGIN SOLUTION
    return np.sum(x) / len(x) if len(x) else 0.0
    ### END SOLUTION
```

```python test="mean" points=2
check.close(mean(np.array([1.0, 3.0])), 2.0)
### BEGIN HIDDEN TESTS
x = check.rng().normal(size=5)
check.close(mean(x), reference.mean(x))
check.close(mean(x[:0]), 0.0)
### END HIDDEN TESTS
```

```python exercise="spread"
def spread(x):
    """Return the mean of the squared distances from the mean."""
    ### BEGIN SOLUTION
    return mean((x - mean(x)) ** 2)
    ### END SOLUTION
```

```python test="spread" points=1
### BEGIN HIDDEN TESTS
x = check.rng().normal(2.0, size=6)
check.close(check.unchanged(spread, x), reference.spread(x))
### END HIDDEN TESTS
```
'''

MISTAKES = '''[[mean]]
old = " / len(x)"
new = ""
hint = "A sum is no mean."

[[mean]]
old = "np.sum(x) / len(x)"
new = "np.median(x)"
hint = "A median is no mean."

[[mean]]
old = " if len(x) else 0.0"
new = ""
hint = "It divides by zero."

[[mean]]
right = true
code = "def mean(x):\\n    return np.mean(x) if x.size else 0"

[[spread]]
old = "(x - mean(x)) ** 2"
new = "abs(x - mean(x))"
hint = "A distance is squared."

[[whole]]
style = "loops"
[whole.cells]
mean = """
def mean(x):
    total = 0
    for value in x:
        total += value
    return total / max(len(x), 1)
"""

[[whole]]
style = "the library"
[whole.cells]
spread = "spread = np.var"
'''

Change = tuple[str, str]


def make(root: Path, variants: dict[str, tuple[Change, ...]]) -> Course:
    """Make a course with a lesson for each variant: the good one, with texts replaced."""
    for name in ("course_config.py", "nbgrader_config.py"):
        shutil.copy(ROOT / name, root)
    folder = root / "lessons" / "00-a"
    folder.mkdir(parents=True)
    for name, changes in variants.items():
        lesson, mistakes = LESSON, MISTAKES
        for old, new in changes:
            assert lesson.count(old) + mistakes.count(old) == 1, old
            lesson, mistakes = lesson.replace(old, new), mistakes.replace(old, new)
        (folder / f"{name}.md").write_text(lesson)
        (folder / f"{name}.mistakes.toml").write_text(mistakes)
    return Course(root)


def audited(course: Course, *, with_mutants: bool = False) -> dict[str, LessonAudit]:
    """Audit a course in this process; return its lessons by name."""
    found = audit(course, with_mutants=with_mutants)
    assert found.errors == ()
    return {lesson.subject.lesson.name: lesson for lesson in found.lessons}


# Each replaces a text in the good lesson, and is then told as a problem.
UNMET = {
    "weak-test": (
        ("check.close(mean(x), reference.mean(x))", "check.close(mean(x[:1]), x[0])"),
        "the mistake in line 6, of mean loses no points",
    ),
    "no-hint": (
        ('"np.median(x)"', '"np.random.rand()"'),
        "the mistake in line 6, of mean does not get its own hint",
    ),
    "first-hint": (
        ('"np.sum(x) / len(x)"\nnew = "np.median(x)"', '" / len(x)"\nnew = "  / 1"'),
        "only 3/4 mistakes get their own hint first, not 95%",
    ),
    "wrong-test": (("3.0])), 2.0)", "3.0])), 2.5)"), "the solution gets 1 of 3 points"),
    "alone": (("3.0])), 2.0)", "3.0])), 2.5)"), "the solution of mean alone gets 0 of 2 points"),
    "strict-test": (
        ("np.mean(x) if x.size else 0", "np.mean(x) if x.size else -1"),
        "the right answer in line 16, of mean gets 1 of 3 points",
    ),
    "whole": (('"spread = np.var"', '"spread = np.std"'), "the library gets 2 of 3 points"),
    "stub": (
        ("check.close(check.unchanged(spread, x), reference.spread(x))", "x.sum()"),
        "the stubs earn 1 points",
    ),
    "few-wholes": (
        (MISTAKES[MISTAKES.rindex("[[whole]]") :], ""),
        "1 whole right notebooks are given, not 2: add [[whole]]",
    ),
}


@pytest.fixture(scope="module")
def lessons(tmp_path_factory: pytest.TempPathFactory) -> dict[str, LessonAudit]:
    """The good lesson and those of UNMET, audited at once: a judge takes long to start."""
    variants = {"good": ()} | {name: (change,) for name, (change, _) in UNMET.items()}
    return audited(make(tmp_path_factory.mktemp("plain"), variants))


def test_audit_good_lesson(lessons: dict[str, LessonAudit]) -> None:
    """Of good tests all counts are full, a row for each exercise and one for whole notebooks."""
    lesson = lessons["good"]
    assert lesson.problems == ()
    rows = {
        row.exercise: [str(c) for c in (row.caught, row.hinted, row.first, row.accepted)]
        for row in lesson.rows
    }
    assert rows == {
        "mean": ["3/3", "3/3", "3/3", "1/1"],
        "spread": ["1/1", "1/1", "1/1", "-"],
        "": ["-", "-", "-", "2/2"],
    }


@pytest.mark.parametrize("name", UNMET)
def test_audit_unmet_demand(lessons: dict[str, LessonAudit], name: str) -> None:
    """Each demand that is not met is told, with the line where its answer stands."""
    problems = lessons[name].problems
    assert any(UNMET[name][1] in text for text in problems), problems


def test_audit_not_good(lessons: dict[str, LessonAudit]) -> None:
    """An audit is good when all of its lessons are."""
    assert Audit((lessons["good"],)).is_good
    assert not Audit((lessons["good"], lessons["stub"])).is_good


def test_audit_broken_file(tmp_path: Path) -> None:
    """What cannot be audited is an error with its line; the audit is not good."""
    changes = (('spread = "spread = np.var"', 'spraed = "x = ("'),)
    found = audit(make(tmp_path, {"means": changes}))
    assert (found.lessons, found.is_good) == ((), False)
    messages = [error.message for error in found.errors if isinstance(error, LessonError)]
    assert messages == [
        "the lesson means has no exercise 'spraed'",
        "the cell of 'spraed' has a syntax error: '(' was never closed",
    ]


@pytest.mark.slow
def test_audit_workers_agree(tmp_path: Path, lessons: dict[str, LessonAudit]) -> None:
    """Several processes find what one does."""
    course = make(tmp_path, {"no-hint": (UNMET["no-hint"][0],)})
    (lesson,) = audit(course, n_workers=2).lessons
    assert lesson.problems == lessons["no-hint"].problems


# -- mutants


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
    """A squared difference the other way round is no mutant."""
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
OF_MUTANTS = {
    "survivors": (UNTESTED,),
    "equivalent": (UNTESTED, ('spread = "spread = np.var"\n', EQUIVALENT.format("or True"))),
    "wrong": (UNTESTED, ('spread = "spread = np.var"\n', EQUIVALENT.format("and False"))),
    "stale": (UNTESTED, ('spread = "spread = np.var"\n', EQUIVALENT.format("and 5"))),
    "endless": (("    return mean((x", LOOP),),
}


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
    """A mutant that does not end is killed, in seconds."""
    found = [v for case, v in mutated["endless"].found if "n -= 1" in case.label]
    assert any(verdict.seconds > 2 for verdict in found)
    assert all(not v.is_full and v.seconds < 20 for v in found if v.seconds > 2)


# -- commands and lessons


def run(*arguments: str) -> int:
    """Run the command line and return its exit code."""
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return int(ended.value.code or 0)


@pytest.mark.parametrize(
    ("change", "code", "text"),
    [
        (None, 0, ""),
        (('"spread = np.var"', '"spread = np.std"'), 1, "the library gets 2 of 3 points"),
        (('"A sum is no mean."', "1"), 2, "are texts"),
    ],
)
def test_command(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    change: Change | None,
    code: int,
    text: str,
) -> None:
    """A demand that is not met ends with 1, a broken file with 2; both are told."""
    course = make(tmp_path, {"means": (change,) if change else ()})
    monkeypatch.chdir(course.root)
    assert run("audit", "--workers", "1", "--json") == code
    captured = capsys.readouterr()
    found = json.loads(captured.out)
    assert found["is_good"] == (code == 0)
    told = [problem for lesson in found["lessons"] for problem in lesson["problems"]]
    assert text in "".join([*told, *found["errors"]])
    assert (code == 2) == (captured.err != "")


def test_tables(lessons: dict[str, LessonAudit]) -> None:
    """The table has a row an exercise, with what is wrong below."""
    console = Console(width=100)
    with console.capture() as capture:
        console.print(as_tables(Audit((lessons["no-hint"],))))
    text = capture.get()
    assert [line.split()[:4] for line in text.split("\n") if line.startswith(" mean ")] == [
        ["mean", "3/3", "2/3", "2/3"]
    ]
    assert "✗ the mistake in line 6, of mean does not get its own hint" in text


def test_without_mutmut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where mutants cannot be made, the remedy is told."""
    monkeypatch.setattr("coursework.audit.mutants.rewritten", None)
    mutants.cache_clear()
    with pytest.raises(CourseworkError, match="make setup EXTRAS=audit"):
        audit(make(tmp_path, {"means": ()}), with_mutants=True)


@pytest.mark.slow
# An alarm may come in the callback that Hypothesis gives to the collector; it comes again then.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", LESSONS)
def test_lesson(name: str) -> None:
    """Every lesson of the course meets the demands on its tests."""
    found = audit(Course(ROOT), name)
    assert found.is_good, as_text(found)
