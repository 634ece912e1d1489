"""What is installed is whole: the wheel has what the package reads, and starts from anywhere."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from commands import ROOT, fresh_clone

BUILD = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"


@pytest.mark.slow
@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="a clone needs a repository")
def test_wheel_holds_the_package_and_its_data(tmp_path: Path) -> None:
    """Each module is in it, the mark that there are types, templates and texts; no test is."""
    clone = fresh_clone(tmp_path / "clone", dict(os.environ))
    command = [sys.executable, "-W", "ignore", "-c", BUILD, str(tmp_path)]
    subprocess.run(command, cwd=clone, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    package = clone / "coursework"
    kinds = ("py", "typed", "txt", "j2", "css", "json")
    files = {path for kind in kinds for path in package.rglob(f"*.{kind}")}
    assert package / "py.typed" in files
    assert names == {path.relative_to(clone).as_posix() for path in files}


def test_module_is_the_command(tmp_path: Path) -> None:
    """`python -m coursework` answers in a folder without a course."""
    command = [sys.executable, "-P", "-m", "coursework", "--help"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "grade" in done.stdout
    assert "Usage: python -m coursework" in done.stdout
