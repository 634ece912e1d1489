"""Lessons that import what other lessons make: order of building, and what makes them stale."""

import shutil
from pathlib import Path

import nbformat
import pytest

from coursework.authoring.build import build, check
from coursework.authoring.unwritten import Tried
from coursework.course.layout import Course
from coursework.errors import LessonError

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
# Makes a module. Its name is the last, so that those of its users do not follow from names.
MAKER = '''# Sides

```python
from coursework import check
```

```python module="sides"
import math
```

```python exercise="hypotenuse" module="sides"
def hypotenuse(a, b):
    """Return the longest side."""
    ### BEGIN SOLUTION
    return math.sqrt(a**2 + b**2)
    ### END SOLUTION
```

```python test="hypotenuse" points=1
check.close(hypotenuse(3, 4), 5)
```
'''
# Imports it where no test looks, and makes a module that imports it.
USER = '''# Boxes

```python
from coursework import check
```

```python module="boxes"
from coursework.built.sides import hypotenuse
```

```python exercise="diagonal" module="boxes"
def diagonal(a, b, c):
    """Return the longest way through a box."""
    ### BEGIN SOLUTION
    return hypotenuse(hypotenuse(a, b), c)
    ### END SOLUTION
```

```python test="diagonal" points=1
check.close(diagonal(2, 3, 6), 7)
```
'''
READER = """# Rooms

Text.

```python tags=["show"]
from coursework.built import boxes

print(f"{boxes.diagonal(2, 3, 6):.2f}")
```
"""
LESSONS = {"00-a/z-sides": MAKER, "00-a/b-boxes": USER, "00-a/a-rooms": READER}
LATER = '[[later]]\nmeasure = "form"\nreason = "It is made for tests."\n'
ORDER = "".join(f'[[00-a]]\nlesson = "{key[5:]}"\n\n' for key in LESSONS)


@pytest.fixture(autouse=True)
def own_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let kernels import what the course of a test builds; the judge imports the package's."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "course"))
    monkeypatch.setattr("coursework.authoring.workshop.try_tests", lambda *_: Tried((), ()))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the three lessons, in the order of what they import."""
    root = tmp_path_factory.mktemp("built") / "course"
    shutil.copytree(
        ROOT / "coursework",
        root / "coursework",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    for path in (root / "coursework" / "built").glob("[!_]*.py"):
        path.unlink()
    for name in ("course_config.py", "nbgrader_config.py"):
        shutil.copy(ROOT / name, root)
    for key, text in LESSONS.items():
        path = root / "lessons" / f"{key}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.with_suffix(".mistakes.toml").write_text(LATER)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(root))
        patch.setattr("coursework.authoring.workshop.try_tests", lambda *_: Tried((), ()))
        assert build(Course(root)).errors == ()
    return root


@pytest.fixture
def course(built: Path, tmp_path: Path) -> Course:
    """Return a copy of what was built."""
    ignored = shutil.ignore_patterns("__pycache__")
    return Course(shutil.copytree(built, tmp_path / "course", ignore=ignored).resolve())


def edit(course: Course, key: str, old: str, new: str) -> None:
    """Change a text in a lesson."""
    path = course.lessons / f"{key}.md"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def found(course: Course, *names: str) -> list[str]:
    """Return what a check complains of."""
    return [str(error).replace(f"{course.lessons}/", "") for error in check(course, *names).errors]


def stale(name: str, why: str = "") -> str:
    """Return what is said about a stale solution."""
    return f"solutions/{name}.ipynb is stale{why}: run `coursework build {name}`"


def test_build_follows_imports(course: Course) -> None:
    """A lesson is built after those whose modules it imports, whatever their names."""
    assert found(course) == []
    rooms = nbformat.read(course.solutions / "00-a" / "a-rooms.ipynb", as_version=4)
    assert [cell.outputs[0].text for cell in rooms.cells if cell.get("outputs")] == ["7.00\n"]
    assert sorted(rooms.metadata.coursework.imports) == ["boxes", "sides"]


def test_check_changed_module(course: Course) -> None:
    """A lesson that imports a changed module is stale, even in a show cell or through another module."""
    edit(course, "00-a/z-sides", "math.sqrt(a**2 + b**2)", "math.hypot(a, b)")
    why = ", since it imports sides, which changed"
    users = [stale("00-a/b-boxes", why), stale("00-a/a-rooms", why)]
    whole = found(course)
    assert whole[:2] == [
        "source/00-a/z-sides.ipynb is stale: run `coursework build 00-a/z-sides`",
        stale("00-a/z-sides"),
    ]
    assert whole[2].startswith("coursework/built/sides.py is stale")
    assert whole[3:] == users
    assert set(found(course, "00-a/z-sides")) == set(whole)
    assert set(found(course, "00-a/a-rooms")) == set(whole)


def test_build_names_users_of_what_changed(course: Course) -> None:
    """Building a lesson by name leaves its users as they are, and says that they are stale."""
    edit(course, "00-a/z-sides", "math.sqrt(a**2 + b**2)", "math.hypot(a, b)")
    result = build(course, "00-a/z-sides")
    why = ", since it imports sides, which changed"
    assert [str(path) for path in result.written] == [
        "source/00-a/z-sides.ipynb",
        "solutions/00-a/z-sides.ipynb",
        "coursework/built/sides.py",
    ]
    assert {str(error) for error in result.errors} == {
        stale("00-a/b-boxes", why),
        stale("00-a/a-rooms", why),
    }
    assert build(course, "00-a/a-rooms").errors == ()
    assert found(course) == [stale("00-a/b-boxes", why)]
    assert [path.stem for path in build(course).written] == ["b-boxes"]
    assert found(course) == []


@pytest.mark.parametrize("names", [(), ("00-a/z-sides",), ("00-a/b-boxes",)])
def test_check_renamed_function(course: Course, names: tuple[str, ...]) -> None:
    """A name that a module no longer has is reported with the line that imports it."""
    edit(course, "00-a/z-sides", "hypotenuse", "longest")
    wanted = (
        "00-a/b-boxes.md:8: coursework.built.sides has no 'hypotenuse': "
        "mend the name here or where it is made"
    )
    assert found(course, *names).count(wanted) == 1


def test_build_renamed_function(course: Course) -> None:
    """The maker is built; a lesson that imports the old name is an error, and stays as it was."""
    edit(course, "00-a/z-sides", "hypotenuse", "longest")
    before = (course.solutions / "00-a" / "b-boxes.ipynb").read_bytes()
    result = build(course, "00-a")
    assert isinstance(result.errors[0], LessonError)
    assert (result.errors[0].path.stem, result.errors[0].line) == ("b-boxes", 8)
    assert Path("coursework/built/sides.py") in result.written
    assert (course.solutions / "00-a" / "b-boxes.ipynb").read_bytes() == before


def test_check_module_of_no_lesson(course: Course) -> None:
    """An import that no lesson provides is reported with its line."""
    edit(course, "00-a/a-rooms", "import boxes\n", "import boxes, boxen\n")
    assert found(course)[0].startswith("00-a/a-rooms.md:6: no lesson makes coursework.built.boxen")


@pytest.mark.parametrize("text", ["by hand = 1\n", None])
def test_check_leftover_module(course: Course, text: str | None) -> None:
    """A module that no lesson makes any more, or that somebody put there, is named."""
    modules = course.modules
    (modules / "old.py").write_text(text or (modules / "boxes.py").read_text())
    (message,) = found(course)
    assert message.startswith("coursework/built/old.py belongs to no lesson: remove it")
    assert len(found(course, "00-a/b-boxes")) == (text is None)


def test_check_unreadable_maker(course: Course) -> None:
    """A lesson that cannot be read costs itself: what it made stays, and its users are well."""
    edit(course, "00-a/z-sides", 'module="sides"', 'module="sides" ponts=1')
    (message,) = found(course)
    assert "00-a/z-sides.md:8: unknown cell metadata `ponts`" in message
    assert found(course, "00-a/a-rooms") == []


def test_check_circle_of_imports(course: Course) -> None:
    """Lessons that import from each other are one error, which names them all."""
    show = '\n```python tags=["show"]\nimport coursework.built.boxes as later\n```\n'
    edit(course, "00-a/z-sides", MAKER, MAKER + show)
    (message,) = found(course)
    assert "in a circle" in message
    assert "00-a/z-sides imports from 00-a/b-boxes" in message
    assert "00-a/b-boxes imports from 00-a/z-sides" in message
    assert ".md:" in message


def test_check_lesson_that_imports_itself(course: Course) -> None:
    """The shortest circle is one lesson."""
    edit(course, "00-a/z-sides", "from coursework import check", "import coursework.built.sides")
    (message,) = found(course)
    assert message.startswith("00-a/z-sides.md:4: ")
    assert "00-a/z-sides imports from 00-a/z-sides" in message


def test_check_import_of_a_later_lesson(course: Course) -> None:
    """A lesson imports of those that are taught before it."""
    order = course.lessons / "order.toml"
    order.write_text(ORDER)
    assert all("docs/course-map.md" in message for message in found(course))
    first, rest = ORDER.split("\n\n", 1)
    order.write_text(f"{rest}{first}\n")
    assert found(course)[0].startswith(
        "00-a/b-boxes.md:8: coursework.built.sides is made by 00-a/z-sides, taught later"
    )


def test_check_broken_order(course: Course) -> None:
    """If the order is broken, nothing is built, and only its faults are reported."""
    (course.lessons / "order.toml").write_text(ORDER.replace("a-rooms", "rooms"))
    messages = found(course)
    assert [message.split(": ")[0] for message in messages] == [
        "order.toml:7",
        "00-a/a-rooms.md:1",
    ]
    assert build(course).written == ()


def test_check_module_of_the_package(course: Course) -> None:
    """A course apart from the package may import what lessons of the package's course make."""
    edit(course, "00-a/a-rooms", "import boxes\n", "import boxes, engine\n")
    why = ", since it imports engine, which changed"
    assert found(course)[-1] == stale("00-a/a-rooms", why)


def test_build_leaves_makers_whose_modules_are_the_same(course: Course) -> None:
    """A maker is built with its users where its module changed, not where its text did."""
    edit(course, "00-a/z-sides", "# Sides", "# Sides of triangles")
    edit(course, "00-a/a-rooms", "Text.", "More text.")
    assert [path.stem for path in build(course, "00-a/a-rooms").written] == ["a-rooms"] * 3
    assert "z-sides" in found(course)[0]
