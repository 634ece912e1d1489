"""The ledger says what was measured, and nothing in it is trusted that a change could have bent."""

import json
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from means import Change, make
from rich.console import Console

from coursework.audit import keep, run
from coursework.audit.digest import digests, imported_files
from coursework.audit.keep import Checked, Finding, check, record
from coursework.audit.ledger import (
    ENDING,
    Record,
    read_ledger,
    read_record,
    record_path,
    write_record,
)
from coursework.audit.measures import Count
from coursework.audit.run import take_stock
from coursework.audit.show import as_lines, to_json
from coursework.cli import main
from coursework.course.layout import Course
from coursework.errors import ConfigError, LessonError

NAME = "00-a/means"
README = "# A course\n\n<!-- Made by `coursework audit`: begin -->\n{}\n<!-- Made by `coursework audit`: end -->\nThe end.\n"
HINT = ('"A median is no mean."', '"The middle is no mean."')


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course of one lesson with its ledger; nobody may change it."""
    pytest.importorskip("mutmut", reason="mutants need the extra `audit`")
    course = make(tmp_path_factory.mktemp("recorded"), {"means": ()})
    (course.root / "README.md").write_text(README.format("old"))
    assert record(course).is_good
    return course.root


@pytest.fixture
def course(recorded: Path, tmp_path: Path) -> Course:
    """A copy of it, of the test's own."""
    return Course(shutil.copytree(recorded, tmp_path / "course"))


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """No change touches a lesson, and no lesson's turn has come."""
    monkeypatch.setattr(keep, "touched", lambda _, __: {})
    monkeypatch.setattr(keep, "by_turns", lambda _, __, ___: frozenset())


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the lessons that would be measured: nothing is, which takes less time."""
    names: list[str] = []

    def noted(_: object, chosen: Iterable[str], **__: object) -> tuple[()]:
        names.extend(chosen)
        return ()

    monkeypatch.setattr(keep, "measure", noted)
    return names


def lesson_file(course: Course) -> Path:
    """Return the Markdown of the one lesson."""
    (path,) = course.lesson_files()
    return path


def change(path: Path, *changes: Change) -> None:
    """Replace texts in a file."""
    text = path.read_text()
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text)


def problems(checked: Checked) -> str:
    """Return all that is wrong."""
    told = [problem for one in checked.findings for problem in one.problems]
    return "\n".join((*told, *checked.problems, *map(str, checked.errors)))


def test_record(course: Course) -> None:
    """It holds a count for each measure of each exercise, and no time of any kind."""
    data = json.loads(record_path(lesson_file(course)).read_text())
    assert list(data) == ["digests", "exercises", "survivors", "problems"]
    assert list(data["exercises"]) == ["mean", "spread", ""]
    killed = data["exercises"]["mean"].pop("killed")
    behaved = data["exercises"]["mean"].pop("behaved")
    alike, known = map(int, data["exercises"]["mean"].pop("parity").split("/"))
    assert alike == known > int(killed.split("/")[1])
    assert data["exercises"]["mean"] == {
        "caught": "3/3",
        "hinted": "3/3",
        "true": "4/4",
        "accepted": "1/1",
        "credit": "3/3",
    }
    assert all(int(count.split("/")[1]) > 1 for count in (killed, behaved))
    assert ["mean", "aliasing.changes_input(x)"] in data["survivors"]
    assert data["problems"] == []


def test_record_is_the_same_again(course: Course) -> None:
    """Measuring the same lesson writes the same file."""
    path = record_path(lesson_file(course))
    before = path.read_text()
    path.unlink()
    record(course)
    assert path.read_text() == before


def test_record_of_a_bad_lesson(tmp_path: Path) -> None:
    """What is not met is written down, too, and fails the check with nothing measured."""
    pytest.importorskip("mutmut", reason="mutants need the extra `audit`")
    course = make(tmp_path, {"means": (('"spread = np.var"', '"spread = np.std"'),)})
    assert not record(course).is_good
    (found,) = read_ledger(course).values()
    assert "the library gets 2 of 3 points" in found.problems[0]


def test_proof(course: Course) -> None:
    """README's table is made from the ledger; the text around it stays."""
    text = (course.root / "README.md").read_text()
    (found,) = read_ledger(course).values()
    measures = ("killed", "behaved", "parity", "credit")
    last = " | ".join(str(found.total(name)) for name in measures)
    counts = f"4/4 | 4/4 | 5/5 | 3/3 | {last} |"
    assert f"| `{NAME}` | {counts}\n| all | {counts}" in text
    assert text.replace("\n\n", "\n").startswith("# A course\n<!-- Made by")
    assert "old" not in text
    assert text.endswith("-->\nThe end.\n")


@pytest.mark.usefixtures("trusted")
def test_check_trusts(course: Course, measured: list[str]) -> None:
    """A record of a lesson that nothing has touched is taken as it is."""
    assert check(course) == Checked((Finding(NAME, "", ()),))
    assert measured == []


@pytest.mark.usefixtures("trusted")
def test_check_prose(course: Course, measured: list[str]) -> None:
    """Text, and cells for readers alone, change no figure."""
    change(lesson_file(course), ("# Means", '# Means\n\nText.\n\n```python tags=["show"]\n1\n```'))
    assert check(course).is_good
    assert measured == []


RECORD = frozenset({ENDING})
STALE = {
    "lesson": (".md", ("3.0])), 2.0)", "3.0])), 2)")),
    "answers": (".mistakes.toml", HINT),
    "configuration": (
        "course_config.py",
        ("# --- Grading", "c.RunJudge.cell_seconds = 9\n# --- Grading"),
    ),
}


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("kind", STALE)
def test_check_stale(course: Course, measured: list[str], kind: str) -> None:
    """Where something has changed the lesson is measured again, and the record is to be renewed."""
    name, changes = STALE[kind]
    path = course.root / name if name.endswith(".py") else lesson_file(course).with_suffix(name)
    change(path, changes)
    checked = check(course)
    assert checked.findings[0].reason == f"changed: {kind}"
    assert problems(checked) == (
        f"the record is older than a change of {kind}: "
        f"run `make audit ARGS={NAME}` and commit what it writes"
    )
    assert measured == [NAME]


@pytest.mark.usefixtures("trusted")
def test_check_forged(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record whose digests agree is not believed where the change touches it."""
    path = record_path(lesson_file(course))
    change(path, ('"3/3",\n   "hinted"', '"9/9",\n   "hinted"'))
    write_proof_of(course)
    assert check(course).is_good
    monkeypatch.setattr(keep, "touched", lambda _, names: dict.fromkeys(names, RECORD))
    assert problems(check(course)) == "caught of mean: 3/3 measured, 9/9 recorded"


def test_check_without_git(course: Course, measured: list[str]) -> None:
    """Where git does not tell what a change touches, each lesson is measured again."""
    assert check(course).findings == (Finding(NAME, "this change touches it", ()),)
    assert measured == [NAME]


@pytest.mark.usefixtures("trusted")
def test_check_turn(course: Course, measured: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A lesson that nothing has touched is measured when it is its turn."""
    monkeypatch.setattr(keep, "by_turns", lambda _, names, __: frozenset(names))
    assert check(course).findings == (Finding(NAME, "it is its turn", ()),)
    assert measured == [NAME]


@pytest.mark.usefixtures("trusted", "measured")
@pytest.mark.parametrize(
    ("ends", "old", "reason"),
    [
        (RECORD, ("digests", "digests"), "it is its turn"),
        (RECORD, ('"modules": "', '"modules": "0'), "it is its turn"),
        (RECORD, ('"4/4"', '"3/4"'), "this change touches it"),
        (RECORD, ("{", "["), "this change touches it"),
        (RECORD | {"md"}, ("digests", "digests"), "this change touches it"),
        (RECORD | {"mistakes.toml"}, ('"modules": "', '"modules": "0'), "this change touches it"),
        (frozenset(), ("digests", "digests"), "this change touches it"),
    ],
)
def test_check_renewed(
    course: Course,
    monkeypatch: pytest.MonkeyPatch,
    ends: frozenset[str],
    old: tuple[str, str],
    reason: str,
) -> None:
    """Where common code changed, records with their old figures are measured by turns, a tenth."""
    text = record_path(lesson_file(course)).read_text()
    assert old[0] in text
    shares = []

    def noted(_: object, names: Iterable[str], one_in: int) -> frozenset[str]:
        shares.append((frozenset(names), one_in))
        return frozenset(names)

    monkeypatch.setattr(keep, "touched", lambda _, names: dict.fromkeys(names, ends))
    monkeypatch.setattr(keep, "text_before", lambda _, __: text.replace(*old))
    monkeypatch.setattr(keep, "by_turns", noted)
    assert [one.reason for one in check(course).findings] == [reason]
    assert shares == [({NAME} if reason == "it is its turn" else set(), 10)]


def write_proof_of(course: Course) -> None:
    """Make README agree with the ledger."""
    keep.write_proof(course, read_ledger(course))


def test_check_unmet_demand(course: Course) -> None:
    """A lesson that is worse than it was fails, with what is measured and the demand."""
    change(lesson_file(course), ("3.0])), 2.0)", "3.0])), 2.5)"))
    told = problems(check(course))
    assert "the solution gets 1 of 3 points" in told
    assert "accepted of mean: 0/1 measured, 1/1 recorded" in told


def test_check_no_record(course: Course, measured: list[str]) -> None:
    """A lesson without a record fails, with the remedy."""
    record_path(lesson_file(course)).unlink()
    assert f"there is no record: run `make audit ARGS={NAME}`" in problems(check(course))
    assert measured == [NAME]


@pytest.mark.usefixtures("trusted")
def test_check_ledger_as_a_whole(course: Course) -> None:
    """A record of no lesson fails, and so does a table that says something else."""
    path = record_path(lesson_file(course))
    shutil.copy(path, path.with_name("gone.audit.json"))
    change(course.root / "README.md", ("| all | 4/4", "| all | 5/5"))
    told = problems(check(course))
    assert "gone.audit.json belongs to no lesson" in told
    assert "README's table of proof is stale" in told


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"digests": {}}',
        '{"digests": {}, "exercises": {"f": {"caught": "x"}}, "survivors": [], "problems": []}',
    ],
)
def test_record_broken(tmp_path: Path, text: str) -> None:
    """A file that is not a record is reported with its path."""
    path = tmp_path / "n.audit.json"
    path.write_text(text)
    with pytest.raises(LessonError, match=r"n\.audit\.json:0: is no record of an audit"):
        read_record(tmp_path / "n.md")


def test_record_of_older_measures(tmp_path: Path) -> None:
    """A measure that is newer than a record counts nothing in it."""
    write_record(
        tmp_path / "n.md", Record({}, {"f": {"caught": Count(1, 2)}, "": {"caught": Count()}})
    )
    found = read_record(tmp_path / "n.md")
    assert (found.total("caught"), found.total("newer")) == (Count(1, 2), Count())


def test_readme_without_end(course: Course) -> None:
    """A place for the table that does not end is an error, and README stays."""
    text = README.split("{}", maxsplit=1)[0]
    (course.root / "README.md").write_text(text)
    with pytest.raises(ConfigError, match="has no"):
        write_proof_of(course)
    assert (course.root / "README.md").read_text() == text


# -- what figures depend on


def test_imported_files() -> None:
    """What a module imports counts, and what that imports; the rest of the package does not."""
    root = Path(run.__file__).parents[1]
    found = {str(path.relative_to(root)) for path in imported_files(["coursework.check"])}
    assert {"__init__.py", "check/__init__.py", "check/compare.py", "check/context.py"} <= found
    assert not {name for name in found if name.startswith(("judge", "audit"))}


def test_digests_follow_imports() -> None:
    """The optimizers that a lesson imports are among what its figures depend on."""
    root = Path(run.__file__).parents[1]
    found = {path.name for path in imported_files(["coursework.built.descent.SGD"])}
    assert found >= {"descent.py"}
    assert all(path.is_relative_to(root) for path in imported_files(["coursework.data"]))


@pytest.mark.parametrize("kind", ["modules", "audit"])
def test_digests_of_files(course: Course, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """A change of a module that the lesson imports, or of the audit, changes one digest."""
    stock = take_stock(course)
    (subject,) = stock.subjects.values()
    before = digests(subject, stock.options)
    read: Callable = Path.read_text
    name = {"modules": "check/compare.py", "audit": "audit/cases.py"}[kind]

    def changed(path: Path, *arguments: object, **options: object) -> str:
        added = "\nx = 1" if str(path).endswith(name) else ""
        return read(path, *arguments, **options) + added

    monkeypatch.setattr(Path, "read_text", changed)
    after = digests(subject, stock.options)
    assert {key for key in after if after[key] != before[key]} == {kind}


# -- commands


def run_command(course: Course, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run `coursework audit` in the course and return its exit code."""
    monkeypatch.chdir(course.root)
    with pytest.raises(SystemExit) as ended:
        main(["audit", *arguments])
    return int(ended.value.code or 0)


@pytest.mark.usefixtures("trusted", "measured")
def test_command_check(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It ends with 0 if everything is as recorded, otherwise with 1, and writes nothing."""
    assert run_command(course, monkeypatch, "--check") == 0
    assert f"✓ {NAME}  as recorded" in capsys.readouterr().out
    path = record_path(lesson_file(course))
    path.unlink()
    assert run_command(course, monkeypatch, "--check", "--workers", "1", "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["is_good"], found["lessons"][0]["reason"]) == (False, "it has no record")
    assert not path.exists()


def test_command_proof(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table alone is written from the ledger, as after parts that were measured elsewhere."""
    readme = course.root / "README.md"
    good = readme.read_text()
    readme.write_text(README.format("old"))
    assert run_command(course, monkeypatch, "--proof") == 0
    assert readme.read_text() == good


def test_command_shard(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part without lessons is measured at once; an invalid part is wrong use."""
    assert run_command(course, monkeypatch, "--mutants", "--shard", "2/2", "--workers", "1") == 0
    assert run_command(course, monkeypatch, "--mutants", "--shard", "3/2") == 2


def test_show_check() -> None:
    """One line per lesson says why it was measured; what is wrong follows below."""
    checked = Checked((Finding("A/n", "it has no record", ("there is no record",)),), ("x",))
    console = Console(width=100)
    with console.capture() as capture:
        console.print(as_lines(checked))
    assert capture.get().split("\n") == [
        "✗ A/n  measured again: it has no record",
        "    there is no record",
        "✗ x",
        "",
    ]
    assert json.loads(to_json(checked))["problems"] == ["x"]
