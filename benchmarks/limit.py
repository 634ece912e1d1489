"""The limit: a bare fork and `exec` for each notebook, from a process with everything imported.

    python benchmarks/limit.py ASSIGNMENT [all|show]

Run in a course's folder. It runs the cells that the judge runs (given code, the student's
cells, the lesson's tests) and nothing else: no sandbox, no reading, repairing, writing or
recording, no second try, no hints. With `all` it renders every figure of these cells, with `show`
it also runs the cells tagged `show`. Prints the seconds of each submission as JSON.
"""

import gc
import json
import os
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import nbformat
from IPython.core.pylabtools import print_figure

from coursework import check, data, plot  # noqa: F401  (as in the judge, imported before the fork)
from coursework.course.cells import grade_id_of
from coursework.course.lesson import read_source

__all__ = ["main"]


def main(course: Path, assignment: str, figures: str) -> None:
    """Run every submission, and print the seconds of each."""
    mpl.use("agg")
    plt.show = lambda *_args, **_kwargs: None
    submissions = [
        [list(_cells(course, path, figures)) for path in sorted(folder.glob("*.ipynb"))]
        for folder in sorted((course / "submitted").glob(f"*/{assignment}"))
    ]
    gc.collect()
    gc.freeze()
    print(json.dumps([_seconds(notebooks, figures) for notebooks in submissions]))


def _cells(course: Path, path: Path, figures: str) -> Iterator[str]:
    """Yield the code that the judge runs; tests with their hidden part."""
    lesson = read_source(course / "source" / path.parent.name / path.name)
    tests = {cell.id: cell.source for cell in lesson.of_kind("test")}
    for cell in nbformat.read(path, as_version=4).cells:
        is_shown = "show" in cell.metadata.get("tags", [])
        if cell.cell_type == "code" and (figures == "show" or not is_shown):
            yield tests.get(grade_id_of(cell), cell.source)


def _seconds(notebooks: list[list[str]], figures: str) -> float:
    start = time.perf_counter()
    for cells in notebooks:
        pid = os.fork()
        if not pid:
            _run(cells, figures)
        os.waitpid(pid, 0)
    return time.perf_counter() - start


def _run(cells: list[str], figures: str) -> None:
    nowhere = Path(os.devnull).open("w")  # noqa: SIM115  (the process ends)
    sys.stdout = sys.stderr = nowhere
    for descriptor in (1, 2):  # LAPACK prints bypassing Python
        os.dup2(nowhere.fileno(), descriptor)
    warnings.simplefilter("ignore")
    namespace: dict[str, object] = {"__name__": "__main__"}
    for cell in cells:
        try:
            exec(compile(cell, "<cell>", "exec"), namespace)  # noqa: S102  (the benchmark's own)
        except Exception:  # noqa: BLE001, S112  (a wrong answer, as in grading)
            continue
        finally:
            for number in plt.get_fignums() if figures else ():
                print_figure(plt.figure(number))
            plt.close("all")
    os._exit(0)


if __name__ == "__main__":
    main(Path.cwd(), sys.argv[1], "".join(sys.argv[2:]))
