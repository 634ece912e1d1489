"""On what a verdict rests: whatever is another may give another verdict, so the digest is, too."""

import secrets
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from classroom import ASSIGNMENT, DOUBLING, NOTEBOOKS, submit, submit_all, write_lesson

from coursework.batch import basis
from coursework.batch.basis import Grounds, basis_of
from coursework.course.secret import FILE_NAME
from coursework.grading.task import Task
from coursework.ipc.limits import Limits
from coursework.nbgrader_bridge.settings import read_settings
from coursework.sandbox.bubblewrap import Sandbox

Act = Callable[[Path], object]
DECLARED = "\nc.SubmissionExporter.files = ['a1/*.py', 'a1/*.csv']\n"


@pytest.fixture
def root(course: Path) -> Path:
    """Give a course with files beside the notebooks, and a submission of ada's with one."""
    configure(course, DECLARED)
    for tree in ("source", "release"):
        (course / tree / ASSIGNMENT / "data.csv").write_text("1,2\n")
    (submit_all(course, "ada") / "helpers.py").write_text("x = 1\n")
    return course


def configure(root: Path, text: str) -> None:
    """Add to the course's configuration."""
    with (root / "course_config.py").open("a") as file:
        file.write(text)


def found(root: Path, student: str = "ada") -> dict[str, str]:
    """Return the digests of a student's notebooks, as a grading that begins now has them."""
    settings = read_settings(root, ASSIGNMENT)
    grounds = Grounds.of(settings, NOTEBOOKS)
    folders = root / "submitted" / student / ASSIGNMENT, settings.autograded_folder(student)
    where = frozenset(NOTEBOOKS), ASSIGNMENT, settings.declared
    return basis_of(Task(student, *folders, NOTEBOOKS, *where), grounds.read())


def changed(root: Path, act: Act) -> set[str]:
    """Return the notebooks whose digest is another behind an act."""
    before = found(root)
    act(root)
    after = found(root)
    assert set(before) == set(after) == set(NOTEBOOKS)
    return {name for name in NOTEBOOKS if before[name] != after[name]}


def edit(path: str, text: str = " ") -> Act:
    """Return what adds to a file, or makes it."""

    def act(root: Path) -> None:
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("a") as file:
            file.write(text)

    return act


OF_ONE = {
    "a test": lambda root: write_lesson(root, "doubling", DOUBLING.replace("(2, 99)", "(2, 98)")),
    "a solution": lambda root: write_lesson(root, "doubling", DOUBLING.replace("2 * x", "x + x")),
    "its release": edit(f"release/{ASSIGNMENT}/doubling.ipynb"),
    "a release that is kept": edit(f"released/{ASSIGNMENT}/doubling/old.ipynb"),
    "a known mistake": edit(f"lessons/{ASSIGNMENT}/doubling.mistakes.toml"),
    "the answer": lambda root: submit(root, "ada", double="def double(x):\n    return 3 * x"),
    "its bytes": edit(f"submitted/ada/{ASSIGNMENT}/doubling.ipynb"),
    "its file is lost": lambda root: (root / f"submitted/ada/{ASSIGNMENT}/doubling.ipynb").unlink(),
}
OF_ALL = {
    "the secret": lambda root: (root / FILE_NAME).write_text(secrets.token_hex(32)),
    "a limit": lambda root: configure(root, "\nc.RunJudge.cell_seconds = 19.0\n"),
    "fair credit": lambda root: configure(root, "\nc.RunJudge.fair_credit = False\n"),
    "figures": lambda root: configure(root, "\nc.RunJudge.figures = 'all'\n"),
    "modules": lambda root: configure(root, "\nc.RunJudge.preload = ['numpy']\n"),
    "files declared": lambda root: configure(root, DECLARED.replace("*.csv", "*.txt")),
    "a file handed out": edit(f"release/{ASSIGNMENT}/data.csv"),
    "a file of the lesson's": edit(f"source/{ASSIGNMENT}/data.csv"),
    "a file in a folder of it": edit(f"source/{ASSIGNMENT}/more/.hidden"),
    "a file beside the answer": edit(f"submitted/ada/{ASSIGNMENT}/helpers.py"),
    "another file beside it": edit(f"submitted/ada/{ASSIGNMENT}/notes.docx"),
    "another notebook beside it": lambda root: shutil.copy(
        root / f"submitted/ada/{ASSIGNMENT}/mean.ipynb",
        root / f"submitted/ada/{ASSIGNMENT}/m.ipynb",
    ),
    "another notebook of the assignment": edit(f"source/{ASSIGNMENT}/median.ipynb"),
}
OF_NONE = {
    "nothing": lambda _: None,
    "the time of submission": edit(f"submitted/ada/{ASSIGNMENT}/timestamp.txt", "\n"),
    "another student's answer": lambda root: submit(root, "bob"),
    "another assignment": edit("source/a2/doubling.ipynb"),
    "when files were written": lambda root: [path.touch() for path in root.rglob("*.ipynb")],
    "what was graded": edit(f"autograded/ada/{ASSIGNMENT}/doubling.ipynb"),
}


@pytest.mark.parametrize("what", OF_ONE)
def test_basis_of_one_notebook(root: Path, what: str) -> None:
    """What belongs to one lesson or answer has a say in that notebook's verdict alone."""
    assert changed(root, OF_ONE[what]) == {"doubling"}


@pytest.mark.parametrize("what", OF_ALL)
def test_basis_of_all_notebooks(root: Path, what: str) -> None:
    """What all notebooks share has a say in all verdicts."""
    assert changed(root, OF_ALL[what]) == set(NOTEBOOKS)


@pytest.mark.parametrize("what", OF_NONE)
def test_basis_stays(root: Path, what: str) -> None:
    """What has no say in a verdict leaves the digests as they are."""
    assert changed(root, OF_NONE[what]) == set()


def test_basis_is_of_a_student(root: Path) -> None:
    """The same files of two students get other random inputs."""
    shutil.copytree(root / "submitted/ada", root / "submitted/bob")
    assert not set(found(root).values()) & set(found(root, "bob").values())


@pytest.mark.parametrize(
    ("old", "new"),
    [("numpy-2.3.1.dist-info", "numpy-2.3.2.dist-info"), ("a.dist-info", "b.dist-info")],
)
def test_basis_version_of_a_library(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str
) -> None:
    """Another version, or another package, may compute otherwise."""
    (tmp_path / "packages" / old).mkdir(parents=True)
    monkeypatch.syspath_prepend(tmp_path / "packages")
    act = (tmp_path / "packages" / old).rename
    assert changed(root, lambda _: act(tmp_path / "packages" / new)) == set(NOTEBOOKS)


def test_basis_python(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So may another Python."""
    act = monkeypatch.setattr
    assert changed(root, lambda _: act(sys, "version", "3.99.0 (made up)")) == set(NOTEBOOKS)


def test_basis_how_libraries_compute(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables choose NumPy's kernels."""
    act = monkeypatch.setenv
    assert changed(root, lambda _: act("OPENBLAS_CORETYPE", "Haswell")) == set(NOTEBOOKS)


def test_basis_isolation(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the host can give has a say in what answers may do."""
    monkeypatch.setattr(basis, "make_sandbox", lambda _: Sandbox("landlock"))
    act = monkeypatch.setattr
    less = Sandbox("process")
    assert changed(root, lambda _: act(basis, "make_sandbox", lambda _: less)) == set(NOTEBOOKS)


@pytest.mark.parametrize("name", ["judge/judge.py", "texts/new.txt", "ipc/new.py"])
def test_basis_code(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Any file of the package counts, but for what Python caches of it."""
    package = tmp_path / "coursework"
    for each in ("judge/judge.py", "judge/__pycache__/judge.pyc", "texts/old.txt", "ipc/wire.py"):
        (package / each).parent.mkdir(parents=True, exist_ok=True)
        (package / each).write_text("x = 1\n")
    monkeypatch.setattr(basis, "_PACKAGE", package)
    cached = package / "judge/__pycache__/judge.pyc"
    assert changed(root, lambda _: cached.write_text("x = 2\n")) == set()
    assert changed(root, lambda _: (package / name).write_text("x = 2\n")) == set(NOTEBOOKS)


def test_basis_is_none_where_the_grounds_are_unsure(root: Path) -> None:
    """What changed while it was read is relied on by nobody."""
    task = Task("ada", root / "submitted/ada" / ASSIGNMENT, root, NOTEBOOKS, frozenset(NOTEBOOKS))
    sure = basis_of(task, {"doubling": "", "mean": "d"})
    assert sure["doubling"] == ""
    assert sure["mean"]


def test_basis_tells_no_secret(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that is digested beside short names holds the secret, from which inputs follow."""
    told: list[object] = []
    monkeypatch.setattr(basis, "_of", lambda value: told.append(value) or "digest")
    found(root)
    secret = (root / FILE_NAME).read_text().strip()
    assert repr(Limits()) in str(told)
    assert secret not in str(told)
    assert str(bytes.fromhex(secret)) not in str(told)
