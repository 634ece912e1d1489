"""nbgrader finds the programs it needs, whatever environment somebody has activated or not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from classroom import ASSIGNMENT

BIN = Path(sys.executable).parent


def run(course: Path, name: str, *arguments: str) -> str:
    """Run a program by its path, with the system's `PATH`; return what it says."""
    environment = {**os.environ, "PATH": "/usr/bin:/bin"}
    command = [BIN / name, *arguments]
    done = subprocess.run(
        command, cwd=course, env=environment, capture_output=True, text=True, check=False
    )
    return done.stderr


@pytest.mark.slow
def test_nbgrader_makes_a_gradebook_without_an_activated_environment(course: Path) -> None:
    """nbgrader starts `alembic` by name when it makes one."""
    (course / "gradebook.db").unlink()
    assert "ERROR" not in run(course, "nbgrader", "generate_assignment", ASSIGNMENT, "--force")
    assert (course / "gradebook.db").exists()


@pytest.mark.slow
def test_coursework_makes_a_gradebook_without_an_activated_environment(course: Path) -> None:
    """So does what of ours makes one."""
    (course / "gradebook.db").unlink()
    said = run(course, "coursework", "grade", ASSIGNMENT)
    assert "does not know the assignment" in said
    assert "alembic" not in said
    assert (course / "gradebook.db").exists()
