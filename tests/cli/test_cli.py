"""The command line: what is printed where, and exit codes."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from coursework.cli import main

ROOT = Path(__file__).parents[2]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a course of one lesson without code."""
    shutil.copy(ROOT / "course_config.py", tmp_path)
    (tmp_path / "lessons" / "00-a").mkdir(parents=True)
    (tmp_path / "lessons" / "00-a" / "one.md").write_text("# One\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> int:
    """Run the command line and return its exit code."""
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return int(ended.value.code or 0)


def test_build_prints_what_it_wrote(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Results are on stdout; then the check finds nothing to say."""
    assert run("build") == 0
    written = capsys.readouterr().out.split()
    assert written == [f"{tree}/00-a/one.ipynb" for tree in ("source", "release", "solutions")]
    assert all((root / path).exists() for path in written)
    assert run("build", "--check") == 0
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("root")
def test_build_check_stale(capsys: pytest.CaptureFixture[str]) -> None:
    """What is stale ends with 1, and names files on stderr, unwrapped."""
    assert run("build", "--check", "00-a") == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "source/00-a/one.ipynb is missing: run `coursework build 00-a/one`\n" in captured.err


def test_build_broken_lesson(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A broken lesson ends with 2, whatever else is stale; brackets are not markup."""
    (root / "lessons" / "00-a" / "two.md").write_text("```python\nx = [\n```\n")
    assert run("build", "--check") == 2
    assert "two.md:2: syntax error: '[' was never closed" in capsys.readouterr().err


@pytest.mark.usefixtures("root")
def test_build_json(capsys: pytest.CaptureFixture[str]) -> None:
    """`--json` prints one object, errors included."""
    assert run("build", "--check", "--json") == 1
    result = json.loads(capsys.readouterr().out)
    assert result["written"] == []
    assert len(result["errors"]) == 3
    assert result["warnings"] == []


@pytest.mark.usefixtures("root")
def test_build_unknown_assignment(capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown name ends with 2 and says which."""
    assert run("build", "nope") == 2
    assert "is called nope" in capsys.readouterr().err


def test_build_outside_a_course(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Outside of a course the command says so."""
    monkeypatch.chdir(tmp_path)
    assert run("build") == 2
    assert "is in no course" in capsys.readouterr().err


def test_wrong_option() -> None:
    """Wrong use ends with 2."""
    assert run("build", "--nope") == 2


def test_windows(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Where a system has no fork, one line says so, and what to use instead."""
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(SystemExit) as ended:
        main(["doctor"])
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "WSL" in line


def test_without_modules_of_unix() -> None:
    """Notebooks' own modules, and the command that refuses, need nothing that Windows lacks."""
    code = """
import sys
for name in ("fcntl", "grp", "pwd", "resource", "termios"):
    sys.modules[name] = None
import coursework.check, coursework.cli, coursework.data, coursework.plot
import importlib, pkgutil
import coursework.built as built
for module in pkgutil.iter_modules(built.__path__):
    importlib.import_module(f"coursework.built.{module.name}")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
