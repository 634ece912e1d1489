"""What a platform gives comes to its students, and nobody's work to anybody else."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import nbformat
import pytest
from classroom import ASSIGNMENT, NOTEBOOKS, answered, submit
from marked import due, enter, students_of

from coursework.batch.export import rows
from coursework.cli import main

CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section\n"
    "    Points Possible,,,,\n"
    '"Lovelace, Ada",41,u41,ada,Sec 1\n'
    '"Noether, Emmy",42,u42,emmy,Sec 1\n'
    '"Student, Test",99,,,Sec 1\n'
)
MOODLE = (
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade,"
    "Last modified (submission),Last modified (grade)\n"
    'Participant 501,Ada Lovelace,ada@x.org,Submitted,,12.00,"Tuesday, 1 January 2030, 12:00 PM",-\n'
    'Participant 502,Emmy Noether,emmy@x.org,Submitted,,12.00,"Wednesday, 2 January 2030, 1:30 AM",-\n'
    "Participant 503,Sofia K,sofia@x.org,No submission,,12.00,-,-\n"
)

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run a command in a course in which nobody has submitted anything."""
    monkeypatch.chdir(course)
    Path("canvas.csv").write_text(CANVAS, encoding="utf-8")
    Path("moodle.csv").write_text(MOODLE, encoding="utf-8")

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            main(list(arguments))
        return end.value.code or 0, *capsys.readouterr()

    return run


def solved(name: str = "doubling", **answers: str) -> str:
    """Return the text of a student's notebook."""
    return json.dumps(answered(Path.cwd(), name, **answers))


def archive(files: Mapping[str, str | bytes], name: str = "submissions.zip") -> str:
    """Write an archive into the course."""
    with zipfile.ZipFile(name, "w", zipfile.ZIP_DEFLATED) as file:
        for member, content in files.items():
            file.writestr(member, content)
    return name


def submitted(student: str) -> set[str]:
    """Return what lies in a student's submission."""
    folder = Path("submitted") / student / ASSIGNMENT
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def text_of(student: str, name: str = "doubling.ipynb") -> str:
    """Return a file of a student's submission."""
    return (Path("submitted") / student / ASSIGNMENT / name).read_text(encoding="utf-8")


CANVAS_COMMAND = (
    "collect",
    "submissions.zip",
    ASSIGNMENT,
    "--from",
    "canvas",
    "--roster",
    "canvas.csv",
)
MOODLE_COMMAND = (
    "collect",
    "submissions.zip",
    ASSIGNMENT,
    "--from",
    "moodle",
    "--roster",
    "moodle.csv",
)
FOLDER_COMMAND = ("collect", "submissions.zip", ASSIGNMENT, "--from", "folder")


def test_canvas_repeated_late_and_unknown(course: Path, call: Call) -> None:
    """The last upload counts, lateness is kept, names and ids come from the roster."""
    due(course, "2030-01-01 00:00")
    first, last = solved(double="def double(x):\n    return 0"), solved()
    archive(
        {
            "lovelaceada_LATE_41_901_doubling-1.ipynb": last,
            "lovelaceada_LATE_41_900_doubling.ipynb": first,
            "lovelaceada_LATE_41_902_helpers.py": "x = 1",
            "noetheremmy_42_903_mean.ipynb": solved("mean"),
            "evemallory_77_904_doubling.ipynb": last,
            "noetheremmy_42_text.html": "<p>",
        }
    )
    code, out, err = call(*CANVAS_COMMAND)
    assert code == 1
    assert text_of("ada") == last
    assert submitted("ada") == {"doubling.ipynb", "helpers.py", "timestamp.txt"}
    assert text_of("ada", "timestamp.txt") == "2030-01-01 00:00:01 UTC\n"
    assert submitted("emmy") == {"mean.ipynb"}
    assert not (course / "submitted" / "77").exists()
    assert "late: ada" in out
    assert "repeated: ada" in out
    assert "not matched: 2" in out
    assert "evemallory (77): doubling.ipynb: nobody" in out
    assert "a text or a link" in out
    assert "2 new" in err
    assert "2 students entered" in err
    ada = students_of(course)["ada"]
    assert (ada.first_name, ada.last_name, ada.lms_user_id) == ("Ada", "Lovelace", "41")
    code, out, err = call(*CANVAS_COMMAND)
    assert "0 new, 0 replaced, 2 unchanged" in err


def test_moodle_times_decide_who_is_late(course: Path, call: Call) -> None:
    """The worksheet's times are read in the zone that is named; who is absent is named."""
    due(course, "2030-01-01 13:00")
    archive(
        {
            "Ada Lovelace_501_assignsubmission_file/doubling.ipynb": solved(),
            "Ada Lovelace_501_assignsubmission_file/timestamp.txt": "1999-01-01 00:00:00 UTC",
            "Emmy Noether_502_assignsubmission_file_/sub/mean (1).ipynb": solved("mean"),
            "Sofia K_503_assignsubmission_onlinetext_/onlinetext.html": "<p>",
        }
    )
    code, out, _ = call(*MOODLE_COMMAND, "--timezone", "Europe/Berlin", "--json")
    told = json.loads(out)
    assert code == 1
    assert text_of("ada@x.org", "timestamp.txt") == "2030-01-01 11:00:00 UTC\n"
    assert submitted("emmy@x.org") == {"mean.ipynb", "timestamp.txt"}
    assert told["late"] == {"emmy@x.org": "2030-01-02 00:30 UTC"}
    assert told["absent"] == ["sofia@x.org"]
    assert [one["reason"][:6] for one in told["strays"]] == ["a text"]
    assert call(*MOODLE_COMMAND, "--timezone", "Mars/Base")[0] == 2


def test_later_download_replaces_and_loses_nothing(course: Path, call: Call) -> None:
    """A corrected notebook alone takes back no other; what it replaces is kept aside."""
    enter(course, {"id": "ada"})
    archive({f"ada/{name}.ipynb": solved(name) for name in NOTEBOOKS})
    assert call(*FOLDER_COMMAND)[0] == 0
    better = solved(double="def double(x):\n    return x * 2")
    archive({"ada/doubling.ipynb": better})
    code, out, err = call(*FOLDER_COMMAND)
    assert code == 0
    assert "1 replaced" in err
    assert "kept: ada: mean.ipynb" in out
    assert text_of("ada") == better
    assert submitted("ada") == {"doubling.ipynb", "mean.ipynb"}
    (old,) = (course / "downloaded" / ASSIGNMENT / "replaced" / "ada").iterdir()
    assert len(list(old.glob("*.ipynb"))) == 2
    assert {path.name for path in (course / "submitted").iterdir()} == {"ada"}


def test_older_submission_does_not_replace_a_later_one(course: Path, call: Call) -> None:
    """By the times in the class list."""
    enter(course, {"id": "ada@x.org"})
    path = submit(course, "ada@x.org", double="def double(x):\n    return 7")
    (path.parent / "timestamp.txt").write_text("2030-01-05 00:00:00 UTC")
    archive({"Ada Lovelace_501_assignsubmission_file/doubling.ipynb": solved()})
    _, out, _ = call(*MOODLE_COMMAND)
    assert "older: ada@x.org" in out
    assert "return 7" in text_of("ada@x.org")


def test_renamed_notebook_is_offered_and_adopted(course: Path, call: Call) -> None:
    """It is known by its cells; with --adopt it has the name that grading and Formgrader expect."""
    enter(course, {"id": "ada"})
    archive({"ada/my work/final answer.ipynb": solved(), "ada/notes.txt": "x"})
    code, out, _ = call(*FOLDER_COMMAND)
    assert code == 0
    assert "“my work/final answer.ipynb” is doubling.ipynb" in out
    assert "--adopt" in out
    assert submitted("ada") == {"my work/final answer.ipynb", "notes.txt"}
    call(*FOLDER_COMMAND, "--adopt")
    assert submitted("ada") == {"doubling.ipynb", "notes.txt"}


def test_two_files_with_the_cells_of_one_notebook_are_not_guessed_at(
    course: Path, call: Call
) -> None:
    """Neither is renamed."""
    enter(course, {"id": "ada"})
    other = solved(double="def double(x):\n    return 0")
    archive({"ada/a.ipynb": solved(), "ada/b.ipynb": other})
    _, out, _ = call(*FOLDER_COMMAND, "--adopt")
    assert "other name" not in out
    assert submitted("ada") == {"a.ipynb", "b.ipynb"}


def test_archive_of_a_student_is_unpacked(course: Path, call: Call) -> None:
    """One for each student, or one that a student has handed in."""
    enter(course, {"id": "ada"}, {"id": "emmy", "lms_user_id": "42"})
    inner = archive({"work/doubling.ipynb": solved()}, "inner.zip")
    archive({"ada.zip": Path(inner).read_bytes()})
    assert call(*FOLDER_COMMAND)[0] == 0
    assert submitted("ada") == {"doubling.ipynb"}
    archive({"noetheremmy_42_900_work.zip": Path(inner).read_bytes()})
    assert call("collect", "submissions.zip", ASSIGNMENT, "--from", "canvas")[0] == 0
    assert submitted("emmy") == {"doubling.ipynb"}


def test_folder_is_collected_as_an_archive_is(course: Path, call: Call) -> None:
    """With links left out, and with nbgrader's own layout inside."""
    enter(course, {"id": "ada"})
    folder = course / "mail" / "ada" / ASSIGNMENT
    folder.mkdir(parents=True)
    (folder / "doubling.ipynb").write_text(solved())
    (folder / "mean.ipynb").symlink_to(course / "gradebook.db")
    code, out, _ = call("collect", "mail", ASSIGNMENT, "--from", "folder")
    assert code == 1
    assert "is a link" in out
    assert submitted("ada") == {"doubling.ipynb"}


def test_assignment_is_known_by_the_names_of_its_notebooks(course: Path, call: Call) -> None:
    """Where they say nothing, it has to be named."""
    enter(course, {"id": "ada"})
    archive({"ada/x.ipynb": solved()})
    command = ("collect", "submissions.zip", "--from", "folder")
    code, _, err = call(*command)
    assert code == 2
    assert "name it behind the file" in err
    archive({"ada/doubling (1).ipynb": solved()})
    code, _, err = call(*command)
    assert code == 0
    assert f"coursework grade {ASSIGNMENT}" in err
    assert submitted("ada") == {"doubling.ipynb"}


def test_collected_class_is_graded(course: Path, call: Call) -> None:
    """From the platform's archive to marks, and back into the form of the platform."""
    archive(
        {
            **{
                f"lovelaceada_41_90{n}_{name}.ipynb": solved(name)
                for n, name in enumerate(NOTEBOOKS)
            },
            "noetheremmy_42_910_renamed.ipynb": solved("mean"),
        }
    )
    assert call(*CANVAS_COMMAND)[0] == 0
    assert call("grade", ASSIGNMENT, "--workers", "1")[0] == 0
    marks: dict[str, float] = {}
    for row in rows(course, ASSIGNMENT):
        marks[row.student] = marks.get(row.student, 0) + row.points
    assert marks == {"ada": 10, "emmy": 5}


# Attacks: names are the students' own.


@pytest.mark.parametrize(
    "member",
    [
        "x_43_41_777_doubling.ipynb",  # who calls herself x_43, whom the list has as 41
        "lovelaceada_77_900_doubling.ipynb",  # Ada's name with another's number
        "mallory_77_900_41_900_doubling.ipynb",
    ],
)
def test_name_that_says_another_number_is_nobodys(course: Path, call: Call, member: str) -> None:
    """Neither a name nor a file can be chosen so that it counts as somebody else's."""
    roster = CANVAS + '"Hopper, Grace",43,u43,grace,Sec 1\n'
    Path("canvas.csv").write_text(roster, encoding="utf-8")
    archive({member: solved()})
    code, out, _ = call(*CANVAS_COMMAND)
    assert code == 1
    assert "not matched: 1" in out
    assert not list((course / "submitted").glob("*/*"))


def test_name_that_two_have_decides_nothing(course: Path, call: Call) -> None:
    """Without numbers, two senders of one name are told apart by a person."""
    Path("names.csv").write_text("student_id,full name\nada,Ada Lovelace\nemmy,Emmy Noether\n")
    archive(
        {
            "Ada Lovelace_501_assignsubmission_file/doubling.ipynb": solved(),
            "Ada Lovelace_502_assignsubmission_file/doubling.ipynb": solved("mean"),
            "Emmy Noether_503_assignsubmission_file/doubling.ipynb": solved(),
        }
    )
    command = (
        "collect",
        "submissions.zip",
        ASSIGNMENT,
        "--from",
        "moodle",
        "--roster",
        "names.csv",
    )
    code, out, _ = call(*command)
    assert code == 1
    assert "several people" in out
    assert {path.name for path in (course / "submitted").iterdir()} == {"emmy"}


def test_hostile_names_act_nowhere(course: Path, call: Call) -> None:
    """No escape reaches the terminal, and no name a path."""
    enter(course, {"id": "ada"})
    archive(
        {
            "\x1b[2J=cmd()/doubling.ipynb": solved(),
            "ada/\x1b]0;owned\x07.txt": "x",
            "ada/../../gradebook.db": "x",
            "ada/doubling.ipynb": solved(),
        }
    )
    code, out, err = call(*FOLDER_COMMAND)
    assert code == 1
    assert "\x1b" not in out + err
    assert "leads out of its folder" in out
    assert submitted("ada") == {"doubling.ipynb", "_]0;owned_.txt"}
    assert (course / "gradebook.db").stat().st_size > 1


def test_names_of_a_class_list_act_on_no_page(course: Path, call: Call) -> None:
    """Students choose their names on a platform; Formgrader's pages show them."""
    hostile = CANVAS.replace("Lovelace, Ada", "<script>alert(1)</script>\x1b[2J, Ada")
    Path("canvas.csv").write_text(hostile, encoding="utf-8")
    archive({})
    call(*CANVAS_COMMAND)
    assert students_of(course)["ada"].last_name == "scriptalert(1)/script[2J"


def test_submission_that_cannot_be_written_costs_nobody_else(course: Path, call: Call) -> None:
    """It is told of, with the place."""
    enter(course, {"id": "ada"}, {"id": "emmy"})
    (course / "submitted").mkdir()
    (course / "submitted" / "ada").write_text("in the way")
    archive({f"{student}/doubling.ipynb": solved() for student in ("ada", "emmy")})
    code, out, _ = call(*FOLDER_COMMAND)
    assert code == 1
    assert "ada: " in out
    assert "cannot be written" in out
    assert submitted("emmy") == {"doubling.ipynb"}


def test_what_was_sorted_by_hand_is_collected_from_where_it_lies(course: Path, call: Call) -> None:
    """A stray is given its student's name in the unpacked folder, which is then the source."""
    enter(course, {"id": "ada"})
    archive({"who/doubling.ipynb": solved()})
    assert call(*FOLDER_COMMAND)[0] == 1
    folder = course / "downloaded" / ASSIGNMENT / "extracted"
    (folder / "who").rename(folder / "ada")
    assert call("collect", str(folder), ASSIGNMENT, "--from", "folder")[0] == 0
    assert submitted("ada") == {"doubling.ipynb"}


def test_submission_of_too_many_files_keeps_its_notebooks(course: Path, call: Call) -> None:
    """The files beyond are told of."""
    enter(course, {"id": "ada"})
    files = {f"ada/{number}.txt": "x" for number in range(600)}
    archive({**files, "ada/zz/doubling.ipynb": solved()})
    code, out, _ = call(*FOLDER_COMMAND)
    assert code == 1
    assert "101 files more" in out
    assert len(submitted("ada")) == 500
    assert "doubling.ipynb" in submitted("ada")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../evil", "no folder"),
        (".hidden", "no folder"),
        ("a/b", "no folder"),
        ("<script>", "no folder"),
        ("x" * 200, "no folder"),
        ("ada", "another row"),
    ],
)
def test_id_of_a_class_list_is_no_path(course: Path, call: Call, name: str, reason: str) -> None:
    """Such a row is told of, and the others are entered."""
    text = f"student_id,email\n{name},x@x.org\nada,ada@x.org\n"
    Path("ids.csv").write_text(text, encoding="utf-8")
    archive({"emmy/doubling.ipynb": solved()})
    code, out, _ = call(*FOLDER_COMMAND, "--roster", "ids.csv")
    assert code == 1
    assert reason in out
    assert set(students_of(course)) == ({"ada"} if name != "ada" else set())


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (("none.zip", ASSIGNMENT, "--from", "canvas"), "none.zip cannot be read"),
        (("canvas.csv", ASSIGNMENT, "--from", "canvas"), "no ZIP archive"),
        (("submissions.zip", ASSIGNMENT, "--from", "ilias"), "canvas, moodle, folder"),
        (("submissions.zip", "other", "--from", "canvas"), "nbgrader generate_assignment other"),
        (
            ("submissions.zip", ASSIGNMENT, "--from", "canvas", "--roster", "none.csv"),
            "none.csv cannot be read",
        ),
        (
            (
                "submissions.zip",
                ASSIGNMENT,
                "--from",
                "canvas",
                "--roster",
                "canvas.csv",
                "--id",
                "X",
            ),
            "no column 'X'",
        ),
    ],
)
def test_wrong_use_is_one_line_with_the_remedy(
    call: Call, arguments: tuple[str, ...], remedy: str
) -> None:
    """It ends with 2."""
    archive({})
    code, out, err = call("collect", *arguments)
    assert (code, out) == (2, "")
    assert remedy in err
    assert len(err.strip().splitlines()) == 1


def test_plugins_serve_nbgraders_own_command(course: Path, call: Call) -> None:
    """`nbgrader zip_collect` unpacks and places with them."""
    del call
    enter(course, {"id": "ada", "lms_user_id": "41"})
    folder = course / "downloaded" / ASSIGNMENT / "archive"
    folder.mkdir(parents=True)
    archive(
        {
            "lovelaceada_41_900_doubling-1.ipynb": solved(),
            "evemallory_77_904_doubling.ipynb": solved(),
            "../lovelaceada_41_905_mean.ipynb": solved("mean"),
        },
        str(folder / "submissions.zip"),
    )
    plugins = "coursework.platforms.zip_collect"
    command = [
        *(str(Path(sys.executable).with_name("nbgrader")), "zip_collect", ASSIGNMENT),
        *(f"--extractor={plugins}.SafeExtractor", f"--collector={plugins}.CanvasCollector"),
    ]
    done = subprocess.run(command, cwd=course, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (course / "submitted").glob("*/*/*")} == {"doubling.ipynb"}
    assert nbformat.read(course / "submitted" / "ada" / ASSIGNMENT / "doubling.ipynb", 4)
