"""Students who want marks without work, or harm: none gets more than the answer is worth.

Each file of the folders beside this one is a submission: a docstring that says what it
tries, then its cells. `# %% square` begins the cell of an exercise (see `lesson.py` for the
places), `# honest: apply` lists exercises that are answered rightly in it, `# needs: landlock`
names the lowest level of isolation that stops it. Exercises without a cell are answered rightly.

Each calls `carried_out()` once it has done what it tries, or is about to end its process: an
attack that stumbles before that attacks nothing. For one that never runs, `# told: …` says what
the report contains.
"""

import json
import os
import random
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import lesson
import pytest
from waiting import until

from coursework.judge.exchange import StandIns
from coursework.ipc.limits import Limits
from coursework.judge.report import Report
from coursework.sandbox.bubblewrap import isolation_problems, landlock_problems
from coursework.judge.judge import Judge

_HERE = Path(__file__).parent
_FILES = sorted(_HERE.glob("*/*.py"))
_CANARY = "canary-51c0ffee"
_KNOWN = """
import gc
from coursework.student import server

COURSE, JUDGE = {course!r}, {judge}
# The rehearsal has left another behind, whose socket is closed.
STUDENT = next(one for one in gc.get_objects() if type(one) is server.Student
               and one._peer._channel._sock.fileno() >= 0)
PEER, CODEC, SOCKET = STUDENT._peer, STUDENT._peer._codec, STUDENT._peer._channel._sock

def carried_out():
    PEER.ask({question!r})
"""
_QUESTION = "carried out"
_PROTECTED = {
    "gradebook.db": _CANARY,
    "submitted/anna/tiny/lesson.ipynb": _CANARY,
    "source/tiny/lesson.ipynb": _CANARY,
    "home/.ssh/id_ed25519": _CANARY,
}


_PROBLEMS = {"full": isolation_problems, "landlock": landlock_problems, "process": tuple}
_LEVELS = tuple(_PROBLEMS)


@dataclass(frozen=True)
class Attack:
    """A file of attacks, read."""

    purpose: str
    needs: str
    honest: tuple[str, ...]
    told: str
    cells: dict[str, str]

    @property
    def attacked(self) -> set[str]:
        """Exercises that earn nothing."""
        return set(self.cells) & set(lesson.ANSWERS) - set(self.honest)


@dataclass
class Court:
    """A judge at work, and all that an attack may not touch."""

    judge: Judge
    root: Path
    mark: int
    carried_out: list[object]
    lesson: object = None
    source: object = None

    def grade(self, cells: dict[str, str]) -> Report:
        """Grade a submission within limits that end an attack soon."""
        return self.judge.grade(self.lesson, lesson.submission(self.source, cells), "eve")

    def grade_honest(self) -> Report:
        """Grade honest answers, by the same processes: however busy the machine is, they pass."""
        limits = replace(self.judge.limits, cell_seconds=60.0, notebook_seconds=240.0)
        patient = self.judge.within(limits, fair_credit=True)
        return patient.grade(self.lesson, lesson.submission(self.source, {}), "anna")

    def state(self) -> dict[str, object]:
        """Return all that has to be as it was."""
        self.judge.forkserver.settle()  # the next process waits, the last one is gone
        paths = sorted(self.root.rglob("*"))
        files = {str(path): path.read_text() if path.is_file() else "" for path in paths}
        names = self.judge.instructor(self.lesson).namespace
        data = {"X": names["X"].tolist(), "rng": str(names["generator"].bit_generator.state)}
        return files | data | {"processes": _processes(self.mark)}


def _read(path: Path) -> Attack:
    text = path.read_text(encoding="utf-8")
    head, *parts = re.split(r"(?m)^# %% *(\w+)$", text)
    honest = re.search(r"(?m)^# honest: (.*)$", head)
    told = re.search(r"(?m)^# told: (.*)$", head)
    needs = re.search(r"(?m)^# needs: (\w+)$", head)
    return Attack(
        purpose=head.split('"""')[1],
        needs=needs[1] if needs else "process",
        honest=tuple(honest[1].split()) if honest else (),
        told=told[1] if told else "",
        cells=dict(zip(parts[::2], parts[1::2], strict=True)),
    )


def _processes(mark: int) -> int:
    """Count the processes that a judge's sandbox consists of: they carry its limits."""
    count = 0
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            state = (path.parent / "stat").read_text().rpartition(")")[2].split()[0]
            count += str(mark) in path.read_text() and state not in "ZX"
        except OSError:
            continue
    return count


@contextmanager
def witness() -> Iterator[list[object]]:
    """Let a judge hear when an attack says that it was carried out, and note it."""
    answer, heard = StandIns.answer, []

    def hear(standins: StandIns, operation: str, arguments: list[object]) -> object:
        if operation == _QUESTION:
            return heard.append(arguments)
        return answer(standins, operation, arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StandIns, "answer", hear)
        yield heard


@pytest.fixture(scope="module")
def course() -> Iterator[Path]:
    """Return a course's folder where the sandbox has no folder of its own."""
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="attacked-") as name:
        for path, text in _PROTECTED.items():
            (Path(name) / path).parent.mkdir(parents=True, exist_ok=True)
            (Path(name) / path).write_text(text)
        yield Path(name)


@pytest.fixture(scope="module", params=["full", "landlock", "process"])
def court(request: pytest.FixtureRequest, course: Path) -> Iterator[Court]:
    """Return one judge for all attacks, with small limits."""
    if problems := _PROBLEMS[request.param]():
        pytest.skip(", ".join(problems))
    mark = 300_000_000 + random.SystemRandom().randrange(10**8)
    limits = Limits(
        cell_seconds=0.7,
        notebook_seconds=8.0,
        output_bytes=20_000,
        message_bytes=256 * 1024,
        array_elements=100_000,
        memory_bytes=mark,
        processes=16,
        open_files=64,
        file_bytes=4 * 1024 * 1024,
    )
    os.environ["COURSEWORK_SECRET"] = _CANARY
    with witness() as heard, Judge(limits, b"secret", isolation=request.param) as judge:
        made = Court(judge, course, mark, heard, *lesson.make())
        made.grade({})
        yield made
    del os.environ["COURSEWORK_SECRET"]


@pytest.mark.parametrize("path", _FILES, ids=[f"{path.parent.name}/{path.stem}" for path in _FILES])
@pytest.mark.timeout(300)
def test_attack_earns_nothing_and_harms_nobody(court: Court, path: Path) -> None:
    """The attacked exercises earn 0, nothing else changes, and the next student is well."""
    attack = _read(path)
    if _LEVELS.index(court.judge.sandbox.level) > _LEVELS.index(attack.needs):
        pytest.skip(f"stopped from the level {attack.needs!r} on")
    before = court.state()
    court.carried_out.clear()
    report = court.grade(_cells(attack, court))
    _assert_carried_out(attack, report, court)
    _assert_worth(attack, report)
    shown = json.dumps([asdict(run) for run in report.runs.values()])
    assert _CANARY not in shown
    assert lesson.HIDDEN not in shown
    assert "AssertionError" not in shown, "an attack asserts that the sandbox holds"
    honest = court.grade_honest()
    assert [outcome.message for outcome in honest.outcomes if not outcome.points] == []
    # The kernel gets a moment to take away what was killed.
    until(lambda: court.state() == before)
    assert court.state() == before


def _cells(attack: Attack, court: Court, known: str = _KNOWN) -> dict[str, str]:
    """Return the cells; one of them holds what an attacker can know about host and judge."""
    known = known.format(course=str(court.root), judge=os.getpid(), question=_QUESTION)
    cells = {"known": known, **attack.cells}
    return {place: text.replace("PADDING", "x" * 400_000) for place, text in cells.items()}


def _assert_carried_out(attack: Attack, report: Report, court: Court) -> None:
    said = [*(one.message for one in report.outcomes), *(run.error for run in report.runs.values())]
    if attack.told:
        assert any(attack.told in text for text in said), said
    else:
        assert court.carried_out, f"it was not carried out: {attack.purpose} {said}"


def _assert_worth(attack: Attack, report: Report) -> None:
    for outcome in report.outcomes:
        if outcome.exercise in attack.attacked:
            assert outcome.points == 0, f"{outcome.id} earned {outcome.points}: {attack.purpose}"
        if outcome.points < outcome.max_points:
            assert outcome.message


def test_every_attack_is_well_formed() -> None:
    """Each file says what it tries and has cells in places that exist."""
    places = {"start", "middle", "end", *lesson.ANSWERS}
    for path in _FILES:
        attack = _read(path)
        assert attack.purpose.strip(), path
        assert attack.cells, path
        assert set(attack.cells) <= places, path
        assert set(attack.honest) <= set(attack.cells), path
        assert attack.told or "carried_out()" in path.read_text(), path
    assert len(_FILES) >= 60


@pytest.mark.parametrize("cells", [{"square": "1 / 0"}, {"start": "no_such_name", "square": ""}])
def test_attack_that_stumbles_is_noticed(court: Court, cells: dict[str, str]) -> None:
    """One that earns nothing because it is broken proves nothing."""
    attack = Attack("", needs="process", honest=(), told="", cells=cells)
    court.carried_out.clear()
    report = court.grade(_cells(attack, court))
    _assert_worth(attack, report)
    with pytest.raises(AssertionError, match="not carried out"):
        _assert_carried_out(attack, report, court)


def test_honest_answers_earn_all(court: Court) -> None:
    """The lesson that is attacked gives honest answers all their points."""
    report = court.grade_honest()
    assert report.points == report.max_points == 7
