"""What goes back to a platform is what that platform imports, and nothing in it is a formula."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from classroom import ASSIGNMENT, submit_all
from marked import enter, mark

from coursework.cli import main

FULL = {"test_double": 3, "test_square": 2, "why": 2, "test_mean": 5}
CANVAS = (
    "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,a1 (900),Quiz (901),Current Score\n"
    "    Points Possible,,,,,12,5,(read only)\n"
    '"Lovelace, Ada",41,u41,ada@x.org,Sec 1,,4,80\n'
    '"Noether, Emmy",42,u42,emmy@x.org,Sec 1,3,5,90\n'
    '"=cmd()|calc, Eve",43,u43,eve@x.org,Sec 1,7,,0\n'
    '"Student, Test",99,,,Sec 1,,,\n'
)
MOODLE = (
    "\ufeffIdentifier,Full name,Email address,Status,Grade,Maximum Grade,"
    "Grade can be changed,Last modified (submission),Last modified (grade),Feedback comments\n"
    'Participant 501,Ada Lovelace,ada@x.org,Submitted,,12.00,Yes,"Tuesday, 1 January 2030, 12:00 PM",-,\n'
    "Participant 502,Emmy Noether,emmy@x.org,No submission,4.00,12.00,Yes,-,-,\n"
    "Participant 503,Nobody Known,nobody@x.org,No submission,,12.00,Yes,-,-,=1+1\n"
)

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run a command in a course in which Ada is marked and Emmy has submitted nothing."""
    monkeypatch.chdir(course)
    enter(
        course,
        {"id": "ada", "first_name": "Ada", "last_name": "Lovelace", "email": "Ada@x.org", "lms_user_id": "41"},
        {"id": "emmy@x.org", "first_name": "Emmy", "last_name": "Noether"},
    )  # fmt: skip
    mark(course, "ada", FULL | {"test_mean": 2.5})

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            main(list(arguments))
        return end.value.code or 0, *capsys.readouterr()

    return run


def rows_of(text: str) -> list[dict[str, str]]:
    """Read a CSV."""
    return list(csv.DictReader(io.StringIO(text)))


def test_csv_and_json_have_a_row_for_each_student(course: Path, call: Call) -> None:
    """Points by notebook, penalty and score; who has submitted nothing has no mark, or 0."""
    mark(course, "ada", FULL | {"test_mean": 2.5}, penalty=1.5)
    code, out, err = call("export", ASSIGNMENT, "--format", "csv")
    assert (code, err) == (0, "")
    ada, emmy = rows_of(out)
    assert (ada["points"], ada["penalty"], ada["score"]) == ("9.5", "1.5", "8")
    assert (ada["doubling"], ada["mean"], ada["max_points"]) == ("7", "2.5", "12")
    assert (ada["last_name"], ada["submitted"]) == ("Lovelace", "2030-01-01 12:00:00 UTC")
    assert (emmy["score"], emmy["status"]) == ("", "nothing submitted")
    code, out, _ = call("export", ASSIGNMENT, "--format", "json", "--zero")
    assert [row["score"] for row in json.loads(out)] == [8.0, 0.0]


def test_canvas_without_a_form_has_the_columns_that_canvas_looks_for(call: Call) -> None:
    """Canvas knows a row by its own number or the login, and a column by its title."""
    code, out, _ = call("export", ASSIGNMENT, "--format", "canvas", "--to", "c.csv")
    assert (code, out) == (0, "c.csv\n")
    header, most, ada, _ = csv.reader(Path("c.csv").read_text(encoding="utf-8").splitlines())
    assert header == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", ASSIGNMENT]
    assert most[0].strip() == "Points Possible"
    assert float(most[5]) == 12
    assert ada == ["Lovelace, Ada", "41", "", "ada", "", "9.5"]


def test_canvas_form_is_filled_in_and_takes_no_mark_away(call: Call) -> None:
    """Its rows stay, with the columns that say who and the one of the marks."""
    Path("export.csv").write_text(CANVAS, encoding="utf-8")
    code, out, err = call("export", ASSIGNMENT, "--format", "canvas", "--roster", "export.csv")
    assert code == 0
    assert "1 in the file, but not in the gradebook" in err
    header, *rows = csv.reader(io.StringIO(out))
    assert header == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "a1 (900)"]
    assert [row[5] for row in rows] == ["12", "9.5", "3", "7", ""]
    assert rows[3][:2] == ["'=cmd()|calc, Eve", "43"]


def test_moodle_worksheet_is_filled_in(call: Call) -> None:
    """Identifier and dates, by which Moodle knows a row and whether it is stale, are as they were."""
    Path("sheet.csv").write_text(MOODLE, encoding="utf-8")
    code, out, _ = call("export", ASSIGNMENT, "--format", "moodle", "--roster", "sheet.csv")
    assert code == 0
    ada, emmy, other = rows_of(out)
    assert (ada["Identifier"], ada["Grade"], ada["Maximum Grade"]) == (
        "Participant 501",
        "9.5",
        "12.00",
    )
    assert (ada["Last modified (grade)"], emmy["Grade"]) == ("-", "4.00")
    assert other["Feedback comments"] == "'=1+1"


def test_moodle_worksheet_in_another_language_needs_the_name_of_its_column(call: Call) -> None:
    """It says so, and then finds students by what looks like an address."""
    text = MOODLE.replace("Grade,", "Bewertung,", 1).replace("(grade)", "(Bewertung)")
    text = text.replace("Email address", "E-Mail-Adresse").replace(
        "Full name", "Vollständiger Name"
    )
    Path("blatt.csv").write_text(text.replace("Identifier", "ID"), encoding="utf-8")
    command = ("export", ASSIGNMENT, "--format", "moodle", "--roster", "blatt.csv")
    code, _, err = call(*command)
    assert code == 2
    assert "--column" in err
    code, out, _ = call(*command, "--column", "Bewertung")
    assert rows_of(out)[0]["Bewertung"] == "9.5"
    assert rows_of(out)[0]["ID"] == "Participant 501"


def test_moodle_without_a_worksheet_is_for_its_gradebook(call: Call) -> None:
    """Grades > Import takes any columns that tell students apart."""
    _, out, _ = call("export", ASSIGNMENT, "--format", "moodle")
    assert rows_of(out)[0] == {
        "First name": "Ada",
        "Last name": "Lovelace",
        "ID number": "ada",
        "Email address": "Ada@x.org",
        ASSIGNMENT: "9.5",
    }


@pytest.mark.parametrize(("style", "text"), [("canvas", CANVAS), ("moodle", MOODLE)])
def test_another_maximum_is_refused_or_scaled(call: Call, style: str, text: str) -> None:
    """Moodle would refuse or misread such marks, and Canvas take the wrong share."""
    Path("form.csv").write_text(text.replace(",12", ",24"), encoding="utf-8")
    command = ("export", ASSIGNMENT, "--format", style, "--roster", "form.csv")
    code, out, err = call(*command)
    assert (code, out) == (2, "")
    assert "24 points there, and 12 in the gradebook" in err
    code, out, _ = call(*command, "--scale")
    assert code == 0
    assert ",19" in out


def test_what_is_open_is_told(course: Path, call: Call) -> None:
    """Marks that may rise, submissions without one, and marks that find no row."""
    mark(course, "ada", FULL | {"why": None})
    submit_all(course, "late")
    enter(course, {"id": "late"}, {"id": "lost"})
    mark(course, "lost", FULL)
    Path("export.csv").write_text(CANVAS, encoding="utf-8")
    command = ("export", ASSIGNMENT, "--format", "canvas", "--roster", "export.csv", "--zero")
    code, out, err = call(*command, "--to", "back.csv", "--json")
    told = json.loads(out)
    assert (told["to_mark"], told["ungraded"], told["missing"]) == (["ada"], ["late"], ["lost"])
    assert code == 1
    assert "1 to be marked by hand, so not final: ada" in err
    assert "coursework grade a1" in err


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        ((), "--to"),
        (("--format", "xls"), "csv, json, canvas, moodle"),
        (("--format", "canvas", "--to", "m.json"), ".csv file"),
        (("--format", "csv", "--json"), "--to"),
        (("--format", "csv", "--roster", "f.csv"), "columns of their own"),
        (("--format", "canvas", "--scale"), "--roster"),
        (("--format", "canvas", "--roster", "none.csv"), "none.csv cannot be read"),
        (("--format", "moodle", "--roster", "f.csv"), "Download grading worksheet"),
        (("--format", "canvas", "--roster", "f.csv", "--column", "x"), "no column 'x'"),
    ],
)
def test_wrong_use_is_one_line_with_the_remedy(
    call: Call, arguments: tuple[str, ...], remedy: str
) -> None:
    """It ends with 2 and writes nothing."""
    Path("f.csv").write_text(CANVAS.replace("a1", "other"), encoding="utf-8")
    code, out, err = call("export", ASSIGNMENT, *arguments)
    assert (code, out) == (2, "")
    assert remedy in err
    assert len(err.strip().splitlines()) == 1


def test_name_that_is_a_formula_or_acts_on_a_terminal_is_text(course: Path, call: Call) -> None:
    """In every sheet, whoever chose the name."""
    enter(course, {"id": "x", "first_name": "\x1b[2J", "last_name": "=HYPERLINK(1)"})
    mark(course, "x", FULL)
    for style in ("csv", "canvas", "moodle"):
        _, out, _ = call("export", ASSIGNMENT, "--format", style)
        assert "'=HYPERLINK(1)" in out
        assert "\x1b" not in out
    _, out, _ = call("export", ASSIGNMENT, "--format", "json")
    assert "\x1b" not in out


@pytest.mark.parametrize("name", ["Totals", "Json", "Canvas", "Moodle"])
def test_plugins_of_nbgrader_write_the_same(course: Path, call: Call, name: str) -> None:
    """`nbgrader export` takes them by name, and the form by an option."""
    style = {"Totals": "csv"}.get(name, name.lower())
    forms = {"canvas": CANVAS, "moodle": MOODLE}
    form = ()
    if style in forms:
        Path("form.csv").write_text(forms[style], encoding="utf-8")
        form = ("--roster", "form.csv")
    _, out, _ = call("export", ASSIGNMENT, "--format", style, *form)
    command = [
        *(str(Path(sys.executable).with_name("nbgrader")), "export", "--to=sheet.csv"),
        f"--exporter=coursework.platforms.exporters.{name}Export",
        f"--assignment=['{ASSIGNMENT}']",
        *([f"--{name}Export.roster=form.csv"] if form else ()),
    ]
    done = subprocess.run(command, cwd=course, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (course / "sheet.csv").read_text(encoding="utf-8") == out
