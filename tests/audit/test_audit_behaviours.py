"""The audit counts behavioural mutants apart, shows survivors, and holds lessons to a share."""

import pytest
from means import MISTAKES, audited, make
from rich.console import Console

from coursework.audit.measures import MEASURES
from coursework.audit.result import Audit, LessonAudit
from coursework.audit.show import as_lines

LATER = MISTAKES[MISTAKES.index("[[later]]") :]


def equivalent(name: str) -> str:
    """Return an entry that says that nobody can tell a mutant of `mean` from the solution."""
    return f'[[equivalent]]\nexercise = "mean"\nbehaviour = "{name}"\nreason = "So it is."\n\n'


CHANGING = "aliasing.changes_input(x)"
TINY = ["precision.rounded_12", "shortcuts.tiny_results"]
SURVIVORS = [*TINY, "precision.quotient_offset", CHANGING]
OF_SPREAD = [*TINY, "memory.first_result", "memory.works_once"]
ALL_KNOWN = "".join(map(equivalent, SURVIVORS)) + "".join(
    equivalent(name).replace("mean", "spread") for name in OF_SPREAD
)
# Exact checks, so that what survives does not depend on what is drawn.
EXACT = (
    (
        "check.close(mean(x), reference.mean(x))",
        "check.close(mean(x), reference.mean(x), rtol=1e-9)",
    ),
    ("reference.spread(x))", "reference.spread(x), rtol=1e-9)"),
)
VARIANTS = {
    "later": EXACT,
    "demanded": (*EXACT, (LATER, "")),
    "equivalent": (*EXACT, (LATER, equivalent(CHANGING) + LATER)),
    "wrong": (*EXACT, (LATER, equivalent("memory.first_result") + LATER)),
    "killed": (*EXACT, ("check.close(mean(x), ref", "check.close(check.unchanged(mean, x), ref")),
    "stale": (*EXACT, (LATER, ALL_KNOWN + LATER)),
    "enough": (*EXACT, (LATER, ALL_KNOWN)),
}


@pytest.fixture(scope="module")
def lessons(tmp_path_factory: pytest.TempPathFactory) -> dict[str, LessonAudit]:
    """The lessons of VARIANTS, audited at once."""
    pytest.importorskip("mutmut", reason="mutants need the extra `audit`")
    return audited(make(tmp_path_factory.mktemp("behaviours"), VARIANTS), with_mutants=True)


def survivors(lesson: LessonAudit) -> list[str]:
    """Return the names of the mutants of `mean` that no test noticed."""
    return [case.label for case, _ in lesson.survivors if case.exercise == "mean"]


@pytest.mark.slow
def test_audit_behaviours_survive(lessons: dict[str, LessonAudit]) -> None:
    """What no test notices survives; a test that looks kills it; the others stay as they were."""
    lesson, tested = lessons["later"], lessons["killed"]
    assert sorted(survivors(lesson)) == sorted(SURVIVORS)
    assert sorted(survivors(tested)) == sorted(set(SURVIVORS) - {CHANGING})
    assert tested.total("killed") == lesson.total("killed")
    count, better = lesson.total("behaved"), tested.total("behaved")
    assert (better.good, better.all) == (count.good + 1, count.all)


@pytest.mark.slow
def test_audit_behaviours_shown(lessons: dict[str, LessonAudit]) -> None:
    """A survivor is shown with what it does, and with the sentence that it breaks."""
    console = Console(width=120)
    with console.capture() as capture:
        console.print(as_lines(Audit((lessons["later"],))))
    told = f"survivor, a mutant of mean\n{CHANGING}\nIt changes `x` in place.\n> Return the mean of"
    lines = "\n".join(line.rstrip() for line in capture.get().split("\n"))
    assert told in lines
    heads = ["exercise", *(measure.head for measure in MEASURES), "s"]
    assert lines.split("\n")[1].split() == heads


@pytest.mark.slow
def test_audit_behaviours_demanded(lessons: dict[str, LessonAudit]) -> None:
    """Too few killed are a problem, unless the lesson says that it meets the demand later."""
    assert lessons["later"].problems == ()
    (problem,) = lessons["demanded"].problems
    assert (
        problem
        == f"only {lessons['later'].total('behaved')} behavioural mutants are killed, not 97%"
    )
    assert lessons["enough"].problems == ()


@pytest.mark.slow
def test_audit_behaviours_equivalent(lessons: dict[str, LessonAudit]) -> None:
    """An equivalent one is neither shown nor counted; one that a test kills is an error."""
    lesson = lessons["equivalent"]
    assert sorted(survivors(lesson)) == sorted(set(SURVIVORS) - {CHANGING})
    assert lesson.total("behaved").all == lessons["later"].total("behaved").all - 1
    (problem,) = lessons["wrong"].problems
    assert problem == "[[equivalent]] in line 41 is wrong: the tests kill this mutant"


@pytest.mark.slow
def test_audit_later_is_stale(lessons: dict[str, LessonAudit]) -> None:
    """A lesson that meets a demand does not say that it will."""
    (problem,) = lessons["stale"].problems
    assert problem.startswith("[[later]] in line ")
    assert problem.endswith("is stale: 7/7 behavioural mutants are killed, which is enough")
