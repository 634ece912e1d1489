"""Runs `submission.ipynb` as nbgrader's Execute does; part of `security.py`, in its sandbox."""

import json
import os
import resource

os.setgroups([])
os.setresgid(65534, 65534, 65534)
os.setresuid(65534, 65534, 65534)
resource.setrlimit(resource.RLIMIT_NPROC, (200, 200))
resource.setrlimit(resource.RLIMIT_AS, (6 * 2**30, 6 * 2**30))
resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 2**20, 64 * 2**20))
# What waits in sockets is in nobody's memory: without a limit it takes all that the machine has.
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

import nbformat  # noqa: E402  (as nobody)
from nbgrader.preprocessors import Execute  # noqa: E402
from nbgrader.utils import determine_grade, is_grade  # noqa: E402


def main() -> None:
    """Print the points of each test cell, and everything that the notebook shows."""
    notebook = nbformat.read("submission.ipynb", as_version=4)
    seconds = int(float(os.environ["SECONDS"]))
    try:
        Execute(timeout=seconds, kernel_name="python3").preprocess(notebook, {"metadata": {}})
    except BaseException as error:  # noqa: BLE001  (a dead kernel stops nbgrader here, too)
        print(json.dumps({"points": {}, "shown": repr(error)}))
        return
    points = {
        cell.metadata.nbgrader.grade_id: determine_grade(cell)[0]
        for cell in notebook.cells
        if is_grade(cell)
    }
    shown = json.dumps(
        [c.outputs for c in notebook.cells if c.cell_type == "code" and not is_grade(c)]
    )
    print(json.dumps({"points": points, "shown": shown}))


main()
