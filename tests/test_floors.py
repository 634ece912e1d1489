"""Imports go down the floors that `docs/architecture.md` draws, and it names every room."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PACKAGE = ROOT / "coursework"
ROOMS = sorted(path.name for path in PACKAGE.iterdir() if (path / "__init__.py").is_file())


def lint_imports(*arguments: str) -> subprocess.CompletedProcess:
    """Run import-linter, with its report as text."""
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache", "--no-logo"]
    return subprocess.run([*command, *arguments], cwd=ROOT, capture_output=True, text=True)  # noqa: PLW1510


def test_imports_go_down() -> None:
    """No module imports from its own floor or a higher one, nor over the boundary of trust."""
    done = lint_imports()
    assert not done.returncode, done.stdout


def test_import_that_goes_up_is_found(tmp_path: Path) -> None:
    """A contract of other floors is broken: the tool reads what is imported."""
    settings = tmp_path / "setup.cfg"
    settings.write_text(
        "[importlinter]\nroot_package = coursework\n\n[importlinter:contract:floors]\n"
        "name = Upside down\ntype = layers\nlayers =\n    coursework.ipc\n    coursework.judge\n"
    )
    assert "coursework.judge is not allowed to import coursework.ipc" in lint_imports(
        "--config", str(settings)
    ).stdout.replace("\n", " ")


def test_picture_shows_the_floors_of_the_contract() -> None:
    """Floor by floor, from the top."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    drawn = re.findall(r"^ {4}[1-8] {3}(.*)$", TEXT, re.MULTILINE)
    assert [set(re.findall(r"\w+", line)) for line in drawn] == [
        set(layer.split(" | ")) for layer in layers
    ]


@pytest.mark.parametrize(
    "room", [room for room in ROOMS if room not in ("check", "former", "plot")]
)
def test_table_names_every_module(room: str) -> None:
    """The row of a room has all of its modules; of a folder in it, the folder."""
    (row,) = re.findall(rf"^\| `{room}/` \|.*$", TEXT, re.MULTILINE)
    named = set(re.findall(r"`(\w+)/?`", row.split("|")[3]))
    paths = [] if room == "built" else [*(PACKAGE / room).iterdir()]
    found = {path.stem for path in paths if not path.name.startswith("__") and path.stem[0] != "."}
    assert found == named


def test_tests_are_laid_out_like_the_package() -> None:
    """A folder of tests is of a room; or of attacks, of what a browser does, of the lessons."""
    folders = {path.name for path in (ROOT / "tests").iterdir() if any(path.glob("*.py"))}
    assert folders <= {*ROOMS, "attacks", "browser", "lessons"}
