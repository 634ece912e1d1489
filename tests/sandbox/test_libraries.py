"""What a lesson's given cells import of large libraries is imported once, before its first child."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from nbformat.v4 import new_code_cell
from tiny import SETUP, make_lesson, make_notebook

from coursework.course.layout import find_course
from coursework.course.lesson import Lesson, read_lesson
from coursework.ipc.limits import Limits
from coursework.judge.judge import Judge
from coursework.judge.libraries import LIBRARIES, libraries_of
from coursework.sandbox import renewed
from coursework.sandbox.bubblewrap import isolation_problems, landlock_problems, make_sandbox
from coursework.sandbox.forkserver_client import Forkserver
from coursework.sandbox.renewed import Forkservers

pytestmark = pytest.mark.sandbox
LEVELS = [
    *["full"] * (not isolation_problems()),
    *["landlock"] * (not landlock_problems()),
    "process",
]
GIVEN = f"""{SETUP}
import scipy.linalg
import sys
from sklearn.neighbors import KNeighborsClassifier
"""
EXERCISE = {"f": "from scipy.special import expit\n\ndef f(x):\n    return x"}
TEST = {"f": "from sklearn.tree import DecisionTreeClassifier\ncheck.equal(f(1), 1)"}
SEEN = "import sys\nprint(sorted(sys.modules.keys() & {'sklearn', 'sklearn.mixture', 'scipy'}))"
TOLD = """
import json, warnings
with warnings.catch_warnings(record=True) as caught:
    from joblib import _multiprocessing_helpers
    from sklearn.neighbors import KNeighborsClassifier
X, y = np.arange(12.0).reshape(6, 2), np.array([0, 1, 0, 1, 0, 1])
nearest = KNeighborsClassifier(1).fit(X, y).predict(X + 0.1).tolist()
print(json.dumps([nearest, bool(_multiprocessing_helpers.mp), len(caught)]))
"""
COUNTED = """
import importlib, os, sys
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except ImportError:
        pass
print(len(os.listdir("/proc/self/task")), sorted({"scipy", "sklearn"} & sys.modules.keys()))
"""


def printed(judge: Judge, setup: str, cell: str, place: int) -> str:
    """Return what a student's cell prints at a place in a notebook of a lesson with this setup."""
    source = make_notebook(EXERCISE, TEST, setup)
    lesson = make_lesson(source)
    source.cells.insert(place, new_code_cell(cell))
    report = judge.grade(lesson, source, "s")
    assert report.points == 1
    assert report.runs[place].error == ""
    return "".join(output["text"] for output in report.runs[place].outputs)


def lesson_with(*cells: str) -> Lesson:
    """Return a lesson with given cells."""
    source = make_notebook(EXERCISE, TEST)
    source.cells += [new_code_cell(cell) for cell in cells]
    return make_lesson(source)


def test_libraries_are_those_of_given_cells() -> None:
    """Neither solutions nor tests count, nor what functions import, nor other modules."""
    lesson = lesson_with(
        "import sklearn.svm, json\nfrom scipy import linalg, stats as s\nfrom . import sklearn",
        "%matplotlib inline\nfrom coursework.built.tree import *\nimport sklearnex",
        "def later():\n    import sklearn.tree",
        "from sklearn.base import *\nfrom sklearn.svm import SVC",
        "this is no Python",
    )
    assert libraries_of(lesson) == (
        *("scipy.linalg", "scipy.stats", "sklearn.base.*", "sklearn.svm", "sklearn.svm.SVC"),
    )
    assert libraries_of(make_lesson(make_notebook(EXERCISE, TEST))) == ()


@pytest.mark.parametrize("isolation", LEVELS)
def test_library_is_there_for_its_lesson_alone(isolation: str) -> None:
    """What the lesson gives is imported before any cell; what a student imports, for nobody."""
    with Judge(Limits(), b"s", isolation=isolation) as judge:
        first = judge.forkserver
        assert json.loads(printed(judge, GIVEN, SEEN, 0).replace("'", '"')) == ["scipy", "sklearn"]
        assert printed(judge, SETUP, "import sklearn.svm", 0) == ""
        assert printed(judge, SETUP, SEEN, 0) == "[]\n"
        assert judge.forkserver is first


@pytest.mark.parametrize("isolation", LEVELS)
def test_library_is_what_it_is_when_a_student_imports_it(isolation: str) -> None:
    """What it finds out about its host, it finds out about the student's process."""
    with Judge(Limits(), b"s", isolation=isolation) as judge:
        told = json.loads(printed(judge, GIVEN, TOLD, 2))
        assert told == [[0, 1, 0, 1, 0, 1], isolation != "landlock", 0]
        if isolation != "landlock":  # where threadpoolctl, imported inside, reads what is closed
            assert json.loads(printed(judge, SETUP, TOLD, 2)) == told


@pytest.mark.parametrize("isolation", LEVELS)
def test_memory_of_a_library_is_not_a_students(isolation: str) -> None:
    """A student may use as much as in other lessons."""
    limits = Limits(memory_bytes=200 * 2**20)
    cell = "held = np.ones(150 * 2**17)\nprint(held.nbytes >> 20)"
    with Judge(limits, b"s", isolation=isolation) as judge:
        assert printed(judge, GIVEN, cell, 1) == "150\n"


def test_library_that_cannot_be_imported_is_left_to_the_notebook() -> None:
    """The forkserver starts without a word, and so do processes for students."""
    missing = ("sklearn.nowhere", "sklearn.svm.SVC", "no_such_library")
    code = "import sys\nprint('sklearn.svm' in sys.modules)\nimport no_such_library"
    with Forkserver(Limits(), make_sandbox("process"), (), missing) as forkserver:
        unused: Any = lambda *_: None  # noqa: E731
        process = forkserver.spawn(unused, unused, unused)
        process.set_deadline(60)
        outputs, error = process.ask("run", "cell", code, False)
        process.close()
    assert outputs[0]["text"] == "True\n"
    assert error.startswith("ModuleNotFoundError")


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="threads cannot be counted")
def test_libraries_start_no_thread() -> None:
    """A thread would not be in a fork, and a lock that it holds would be for good."""
    lessons = map(read_lesson, find_course().lesson_files())
    names = sorted({*LIBRARIES, *(name for lesson in lessons for name in libraries_of(lesson))})
    # As in the forkserver, see `bubblewrap`.
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", COUNTED, *names],
        check=True,
        capture_output=True,
        text=True,
        env=environment,
    )
    assert done.stdout == "1 ['scipy', 'sklearn']\n"


def test_forkservers_are_not_more_than_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that was not used for longest ends; what its processes have used still counts."""

    class Fake:
        def __init__(self, *arguments: object) -> None:
            self.libraries, self.is_closed = arguments[3], False

        def close(self) -> None:
            self.is_closed = True

        def cpu_seconds(self) -> float:
            return 1.0

    monkeypatch.setattr(renewed, "RenewedForkserver", Fake)
    kept: dict[str, Fake] = {}
    forkservers = Forkservers(Limits(), make_sandbox("process"), (), 500)
    for name in "abcdaef":
        found = forkservers.of((name,))
        assert kept.setdefault(name, found) is found  # type: ignore[arg-type]
    assert [name for name, one in kept.items() if one.is_closed] == ["b", "c"]
    assert forkservers.cpu_seconds() == 6.0
    forkservers.close()
    assert all(one.is_closed for one in kept.values())
    assert forkservers.cpu_seconds() == 6.0
