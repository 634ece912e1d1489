"""A learner in a browser: begin, answer wrongly, see the hint, answer rightly, check, status."""

import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from commands import ROOT
from jupyter import PATIENCE, Notebook, jupyterlab
from nbformat.v4 import new_code_cell
from playwright.sync_api import Page, expect

COMMAND = Path(sys.executable).with_name("coursework")
OWN = "work/00-trial/trial.ipynb"

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(1800)]


@pytest.mark.parametrize("view", ["doc/tree", "notebooks"])
def test_learner_checks_in_the_notebook(page: Page, desk: Path, tmp_path: Path, view: str) -> None:
    """In JupyterLab and Notebook 7 the table below the cell shows points, cause and hint."""
    subprocess.run([COMMAND, "start"], cwd=desk, check=True, capture_output=True)
    own = nbformat.read(desk / OWN, as_version=4)
    own.cells.insert(1, new_code_cell("%load_ext coursework"))
    own.cells += [new_code_cell("%check double"), new_code_cell("%status")]
    nbformat.write(own, desk / OWN)
    with jupyterlab(desk, tmp_path) as server:
        notebook = Notebook(page, server, OWN, view)
        for text in ("load_ext", "import numpy"):
            notebook.run(notebook.cell(text))
        stub, check = notebook.cell("def double"), notebook.cell("%check double")

        notebook.write(stub, "def double(x):\n    return x * x")
        notebook.run(stub)
        table = notebook.run(check).locator("table")
        expect(table).to_contain_text("✗", timeout=PATIENCE)
        expect(table).to_contain_text("This is the square")

        notebook.write(stub, "def double(x):\n    return 2 * x")
        notebook.run(stub)
        expect(notebook.run(check).locator("table")).to_contain_text("✓", timeout=PATIENCE)
        expect(notebook.run(notebook.cell("%status"))).to_contain_text("1 of")


def test_make_lab_hides_what_only_authors_use(page: Page, desk: Path, tmp_path: Path) -> None:
    """Learners see no Create Assignment; JupyterLab started by itself shows it."""
    shutil.copy(ROOT / "Makefile", desk)
    shutil.copytree(ROOT / "scripts", desk / "scripts")
    # The environment is that of the tests, which nothing installs again.
    (desk / ".venv").symlink_to(sys.prefix)
    seen = []
    for command in (("jupyter", "lab"), ("make", "lab", "STAMP=")):
        with jupyterlab(desk, tmp_path, command) as server:
            Notebook(page, server, "release/00-trial/trial.ipynb")
            # nbgrader's other parts are there, whatever is hidden.
            page.get_by_role("button", name="Validate").wait_for()
            seen.append(page.get_by_title("Nbgrader Create Assignment").count())
    assert seen[0]
    assert not seen[1]
