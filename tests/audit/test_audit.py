"""The audit finds what is wrong with tests."""

import json
from pathlib import Path

import pytest
from means import MISTAKES, Change, audited, make
from rich.console import Console

from coursework.audit.measures import MEASURES
from coursework.audit.result import Audit, LessonAudit
from coursework.audit.run import audit
from coursework.audit.show import as_lines
from coursework.cli import main
from coursework.errors import LessonError

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
    "twins": (
        ('"np.sum(x) / len(x)"\nnew = "np.median(x)"', '" / len(x)"\nnew = "  / 1"'),
        "the mistake in line 1, of mean cannot be told from that in line 6: make them one",
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
    rows = {row.exercise: [str(count) for count in row.counts.values()] for row in lesson.rows}
    none = ["-"] * (len(MEASURES) - 4)
    assert rows == {
        "mean": ["3/3", "3/3", "3/3", "1/1", *none],
        "spread": ["1/1", "1/1", "1/1", "-", *none],
        "": ["-", "-", "-", "2/2", *none],
    }


@pytest.mark.parametrize("name", UNMET)
def test_audit_unmet_demand(lessons: dict[str, LessonAudit], name: str) -> None:
    """Each unmet demand is reported, with the line of its answer."""
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


# -- commands


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
    """An unmet demand ends with 1, a broken file with 2; both are reported."""
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
        console.print(as_lines(Audit((lessons["no-hint"],))))
    text = capture.get()
    assert [line.split()[:4] for line in text.split("\n") if line.startswith(" mean ")] == [
        ["mean", "3/3", "2/3", "2/2"]
    ]
    assert "✗ the mistake in line 6, of mean does not get its own hint" in text
