"""What of the host's files a sandbox shows is at the same places on every host."""

import compileall
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from typing import Any

import pytest

from coursework import data
from coursework.sandbox.bubblewrap import isolation_problems
from coursework.sandbox.view import View, shown_files

ROOT = Path(__file__).parents[2]
PACKAGES = sysconfig.get_path("purelib")
needs_full = pytest.mark.skipif(bool(isolation_problems()), reason="; ".join(isolation_problems()))

pytestmark = pytest.mark.sandbox

# Runs in the Python that a layout is about; prints what a cell prints in its sandbox.
_LOOK_INSIDE = """
import sys
from coursework.ipc.limits import Limits
from coursework.sandbox.bubblewrap import make_sandbox
from coursework.sandbox.forkserver_client import Forkserver

with Forkserver(Limits(), make_sandbox(sys.argv[3])) as forkserver:
    process = forkserver.spawn(lambda *_: None, lambda _: None, lambda _: None, sys.argv[2].split())
    process.set_deadline(60)
    outputs, error = process.ask("run", "cell", sys.argv[1], False)
    sys.exit(error) if error else print("".join(output["text"] for output in outputs))
"""
_PLACES = """
import json, numpy, os, sys, sysconfig
import coursework.check
found = [sys.prefix, sys.base_prefix, sys.exec_prefix, sys.executable, *sys.path[1:]]
found += [os.path.realpath(sys.executable), *sysconfig.get_paths().values()]
found += [getattr(module, "__file__", None) or "/opt" for module in [*sys.modules.values()]]
print(json.dumps([sorted(set(found)), sorted(map(repr, sys.meta_path))]))
"""
_TELLTALES = """
import json, os
found = []
for folder, _, names in os.walk("/opt"):
    for name in names:
        path = os.path.join(folder, name)
        if name.startswith("__editable__") or name.endswith((".pth", ".cfg", ".json")):
            with open(path, encoding="utf-8", errors="replace") as file:
                found += [path] * any(place in file.read() for place in HOST)
print(json.dumps(found))
"""
# As in an attack: the solved module lies compiled beside the emptied one.
_COMPILED = """
import json, os
found = []
for top in ("/opt", "/usr/lib", "/usr/local/lib"):
    for folder, _, names in os.walk(top):
        found += [os.path.join(folder, name) for name in names if name.startswith("descent.")]
print(json.dumps([found, [len(open(path).read()) for path in found]]))
"""
_OWN = "import json, mine; print(json.dumps([mine.NAME, mine.__file__]))"


def look(
    python: Path, code: str, *, hidden: str = "", isolation: str = "full", **variables: str
) -> Any:
    """Return what a cell prints in a sandbox that this Python makes."""
    command = [str(python), "-c", _LOOK_INSIDE, code, hidden, isolation]
    environment = {**os.environ, **variables}
    done = subprocess.run(
        command, cwd="/", env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment in an odd folder, with the course in it as a wheel would install it.

    It finds all other packages by a `.pth` file, where the tests' own environment has them.
    """
    folder = tmp_path_factory.mktemp("environments") / "ünd einer"
    venv.create(folder, with_pip=False, symlinks=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    shutil.copytree(ROOT / "coursework", packages / "coursework")
    compileall.compile_dir(packages / "coursework", quiet=2)
    assert list(packages.glob("coursework/built/__pycache__/descent.*.pyc"))
    (packages / "others.pth").write_text(f"{PACKAGES}\n", encoding="utf-8")
    return folder


def editable(environment: Path) -> tuple[Path, dict[str, str]]:
    """Return the tests' own environment."""
    del environment
    return Path(sys.executable), {}


def installed(environment: Path) -> tuple[Path, dict[str, str]]:
    """Return one in which the course is installed, and packages lie elsewhere."""
    return environment / "bin" / "python", {}


def bare(environment: Path) -> tuple[Path, dict[str, str]]:
    """Return a Python without an environment: packages are the user's own, or on `PYTHONPATH`."""
    base = View.of_this_process().executable
    user = environment.with_name("user")
    own = user / "lib" / f"python{sysconfig.get_python_version()}" / "site-packages"
    own.mkdir(parents=True, exist_ok=True)
    (own / "mine.py").write_text("NAME = 'mine'\n")
    path = os.pathsep.join([str(ROOT), PACKAGES])
    return base, {"PYTHONUSERBASE": str(user), "PYTHONPATH": path}


def linked(environment: Path) -> tuple[Path, dict[str, str]]:
    """Return the tests' own environment, whose folders are links to where they lie."""
    folder = environment.with_name("linked")
    folder.mkdir(exist_ok=True)
    for path in Path(sys.prefix).iterdir():
        if not (folder / path.name).is_symlink():
            (folder / path.name).symlink_to(path)
    return folder / "bin" / "python", {}


LAYOUTS = [editable, installed, bare, linked]


@needs_full
@pytest.mark.parametrize("layout", LAYOUTS)
def test_places_are_the_same_on_every_host(environment: Path, layout: Any) -> None:
    """Every path that Python reveals is in the system's folders or in `/opt`."""
    python, variables = layout(environment)
    paths, finders = look(python, _PLACES, **variables)
    homes = ("/opt/", "/usr/lib/", "/usr/bin/", "/usr/include/", "/usr/local/")
    assert [path for path in paths if not f"{path}/".startswith(homes) and path != "/usr"] == []
    assert "/opt/course/coursework/check/__init__.py" in paths
    assert not any("editable" in finder for finder in finders)


@needs_full
@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_file_that_python_reads_names_the_host(environment: Path, layout: Any) -> None:
    """What installers write down of their places is not there."""
    python, variables = layout(environment)
    host = [str(path) for path in (ROOT, environment, sys.prefix)]
    # As these files quote what is not ASCII.
    host += [json.dumps(path)[1:-1] for path in host]
    assert look(python, f"HOST = {host}\n{_TELLTALES}", **variables) == []


@needs_full
def test_users_own_packages_are_found(environment: Path) -> None:
    """What `pip install --user` has installed can be imported, from a fixed place."""
    python, variables = bare(environment)
    name, path = look(python, _OWN, **variables)
    assert name == "mine"
    assert path.startswith("/opt/user/lib/python3")


def test_users_own_packages_are_found_without_a_sandbox(environment: Path) -> None:
    """There they are imported from where they lie."""
    python, variables = bare(environment)
    name, path = look(python, _OWN, isolation="process", **variables)
    assert name == "mine"
    assert path.startswith(variables["PYTHONUSERBASE"])


@needs_full
@pytest.mark.parametrize("layout", LAYOUTS)
def test_module_of_a_lesson_is_there_once(environment: Path, layout: Any) -> None:
    """Neither its compiled form nor another copy can be had; its lesson finds it empty."""
    python, variables = layout(environment)
    shown = look(python, _COMPILED, **variables)
    hidden = look(python, _COMPILED, hidden="descent", **variables)
    assert shown[0] == hidden[0] == ["/opt/course/coursework/built/descent.py"]
    assert shown[1] != hidden[1] == [0]


@needs_full
@pytest.mark.parametrize("layout", LAYOUTS)
def test_data_that_ships_can_be_read(environment: Path, layout: Any) -> None:
    """What lies beside the modules of the course is there, too."""
    python, variables = layout(environment)
    code = "import json; from coursework import data; print(json.dumps(data.walk()))"
    assert look(python, code, **variables) == data.walk()


@pytest.mark.parametrize("entry", ["check", "data", "plot", "student.forkserver"])
def test_what_is_shown_imports_nothing_that_is_not(entry: str) -> None:
    """Neither what notebooks import nor the student's process needs a file of the grader's."""
    files = "[m.__file__ for n, m in sys.modules.items() if n.split('.')[0] == 'coursework']"
    code = f"import sys, json, coursework.{entry}\nprint(json.dumps({files}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(json.loads(done.stdout)) <= set(map(str, shown_files()))


def test_folders_that_are_shown_are_those_of_the_students_side() -> None:
    """The boundary of trust runs between folders; `learner` is for those who check their own."""
    package = ROOT / "coursework"
    shown = {path.relative_to(package).parts[0] for path in shown_files()}
    assert shown == {"__init__.py", "built", "check", "data.py", "ipc", "plot", "student", "texts"}


def test_course_on_the_path_is_not_shown(tmp_path: Path) -> None:
    """A folder is of installed packages where an installer says so; a course's is not."""
    course, installed = tmp_path / "course", tmp_path / "libraries"
    (course / "course.egg-info").mkdir(parents=True)
    (installed / "numpy-2.0.dist-info").mkdir(parents=True)
    prefixes = tmp_path / "environment", tmp_path / "python"
    view = View(*prefixes, tmp_path / "python/bin/python3", None, (course, installed, Path()))
    assert view.shown[installed] == "/opt/packages/0"
    assert not {course, Path(), tmp_path} & set(view.shown)


def test_system_python_stays_where_it_is(tmp_path: Path) -> None:
    """Debian's lies in `/usr` on every host; only an environment has a place of its own."""
    (tmp_path / "lib").mkdir()
    view = View(tmp_path, Path("/usr"), Path("/usr/bin/python3.11"))
    assert view.shown[tmp_path / "lib"] == "/opt/environment/lib"
    assert "LD_LIBRARY_PATH" not in view.environment
    assert not any(place.startswith("/opt/python") for place in view.shown.values())
    bare = View(Path("/usr"), Path("/usr"), view.executable)
    assert bare.python == "/usr/bin/python3.11"
