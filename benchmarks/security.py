"""The attacks of `tests/attacks` against nbgrader's own Execute and against the judge.

    python benchmarks/security.py [--family F …] [--json]

Prints, family by family, how many attacks gained points, changed files of the course, showed
hidden text, left the notebook without a verdict, or left the grader stuck. nbgrader runs each
notebook in a bubblewrap of its own here, so that an attack harms only what the script laid out for
it; within that it works as on an instructor's machine. Both have the same time for a cell.
"""

import argparse
import dataclasses
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]
ATTACKS = ROOT / "tests" / "attacks"
sys.path[:0] = [str(ATTACKS), str(ATTACKS.parent)]

import lesson  # noqa: E402  (the attacked lesson lies beside the attacks)
from test_attacks import _PROTECTED, _cells, _read, witness  # noqa: E402

from coursework.ipc.limits import Limits  # noqa: E402
from coursework.judge.judge import Judge  # noqa: E402

_CELL_SECONDS = 6.0
_STUCK_SECONDS = 60.0
_NOBODY = 65534
# In one process with the student's code, the right answers have to be there, too.
_REFERENCE = f"""
import types
names = {{"np": np}}
exec({chr(10).join(lesson.ANSWERS.values())!r}, names)
reference = types.SimpleNamespace(**names)
"""
# What attacks know about a kernel, where the judge's process does not exist.
_IN_A_KERNEL = """
import gc

COURSE, JUDGE = {course!r}, {judge}
STUDENT = PEER = CODEC = SOCKET = None

def carried_out():
    pass
"""
_EFFECTS = ("gains points", "changes files", "shows hidden", "no verdict", "hangs")


@dataclass(frozen=True)
class Effect:
    """What an attack achieved against one grader."""

    gains_points: bool = False
    changes_files: bool = False
    shows_hidden: bool = False
    no_verdict: bool = False
    hangs: bool = False


@dataclass(frozen=True)
class _Court:
    """What the attack is told about the place where it runs."""

    root: Path


def _measured(points: dict[str, float], attack, shown: str, root: Path, *, hangs: bool) -> Effect:  # noqa: ANN001
    """Compare with what the same answers earn without the attack."""
    attacked = {name for name in points if _exercise(name) in attack.attacked}
    return Effect(
        gains_points=any(points[name] > 0 for name in attacked),
        changes_files=any(not _is_kept(root / path, text) for path, text in _PROTECTED.items()),
        shows_hidden=lesson.HIDDEN in shown or any(text in shown for text in _PROTECTED.values()),
        no_verdict=not points,
        hangs=hangs,
    )


def _exercise(test: str) -> str:
    return test.removeprefix("test_").split("_")[0]


def _is_kept(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text() == text


@contextmanager
def _course() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="attacked-") as name:
        root = Path(name)
        root.chmod(0o755)
        for path, text in _PROTECTED.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        for path in (root, *root.rglob("*")):
            shutil.chown(path, _NOBODY, _NOBODY)
        yield root


def by_judge(judge: Judge, path: Path) -> Effect:
    """Let the judge grade an attack."""
    attack, (made, source) = _read(path), lesson.make()
    with _course() as root:
        notebook = lesson.submission(source, _cells(attack, _Court(root)))
        start = time.monotonic()
        report = judge.grade(made, notebook, "eve")
        hangs = time.monotonic() - start > _STUCK_SECONDS
        shown = json.dumps([dataclasses.asdict(run) for run in report.runs.values()])
        points = {outcome.id: outcome.points for outcome in report.outcomes}
        return _measured(points, attack, shown, root, hangs=hangs)


def by_execute(path: Path) -> Effect:
    """Let nbgrader's own Execute run an attack, its hidden tests in the same kernel."""
    attack, (_, source) = _read(path), lesson.make()
    with _course() as root:
        notebook = lesson.submission(source, _cells(attack, _Court(root), _IN_A_KERNEL))
        setup = next(
            i for i, c in enumerate(notebook.cells) if "coursework.check import" in c.source
        )
        notebook.cells.insert(setup + 1, new_code_cell(_REFERENCE))
        file = root / "submission.ipynb"
        nbformat.write(notebook, file)
        shutil.chown(file, _NOBODY, _NOBODY)
        try:
            done = subprocess.run(
                _bubblewrap(root, [sys.executable, str(Path(__file__).with_name("execute.py"))]),
                capture_output=True,
                text=True,
                check=False,
                timeout=_STUCK_SECONDS,
            )
            found = json.loads(done.stdout.splitlines()[-1]) if done.stdout.strip() else {}
            hangs = False
        except subprocess.TimeoutExpired:
            found, hangs = {}, True
        except ValueError:
            found, hangs = {}, False
        shown, points = found.get("shown", ""), found.get("points", {})
        return _measured(points, attack, shown, root, hangs=hangs)


def _bubblewrap(root: Path, command: list[str]) -> list[str]:
    options = ["bwrap", "--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts"]
    options += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    options += ["--die-with-parent", "--new-session", "--proc", "/proc", "--dev", "/dev"]
    options += ["--perms", "1777", "--size", str(256 * 2**20), "--tmpfs", "/tmp"]  # noqa: S108
    paths = [
        Path(p) for p in ("/usr", "/lib", "/lib64", "/bin", "/etc", sys.base_prefix, sys.prefix)
    ]
    paths += [ROOT / "coursework", Path(__file__).parent]
    parents = {str(parent) for path in (*paths, root) for parent in path.parents} - {"/"}
    for parent in sorted(parents):
        options += ["--perms", "0755", "--dir", parent]
    for path in paths:
        if path.exists():
            options += ["--ro-bind", str(path), str(path)]
    options += ["--bind", str(root), str(root), "--chdir", str(root)]
    for name, value in {"HOME": "/tmp", "SECONDS": str(_CELL_SECONDS)}.items():  # noqa: S108
        options += ["--setenv", name, value]
    return [*options, "--", *command]


def main() -> None:
    """Run all attacks and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--family", nargs="*", help="only these folders of tests/attacks")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    paths = [
        path
        for path in sorted(ATTACKS.glob("*/*.py"))
        if not options.family or path.parent.name in options.family
    ]
    with ThreadPoolExecutor(2) as pool:
        theirs = list(pool.map(by_execute, paths))
    limits = Limits(cell_seconds=_CELL_SECONDS, notebook_seconds=50)
    with witness(), Judge(limits, b"secret") as judge:
        ours = [by_judge(judge, path) for path in paths]
    _show(paths, theirs, ours, as_json=options.json)


def _show(paths: list[Path], theirs: list[Effect], ours: list[Effect], *, as_json: bool) -> None:
    families = [path.parent.name for path in paths]
    rows = {}
    for family in (*dict.fromkeys(families), "all"):
        places = [i for i, name in enumerate(families) if family in (name, "all")]
        rows[family] = (len(places), _counts(theirs, places), _counts(ours, places))
    if as_json:
        print(json.dumps(rows))
        return
    title = "attacks that had an effect: nbgrader's Execute / the judge"
    table = Table(title=title, pad_edge=False)
    # In a narrow table, the titles of the other columns are broken.
    table.add_column("family", min_width=max(map(len, rows)))
    for name in ("attacks", *_EFFECTS):
        table.add_column(name, justify="right")
    for family, (count, one, other) in rows.items():
        cells = [f"{a} / {b}" for a, b in zip(one, other, strict=True)]
        table.add_row(family, str(count), *cells)
    Console().print(table)


def _counts(effects: list[Effect], places: list[int]) -> list[int]:
    return [
        sum(getattr(effects[i], field.name) for i in places) for field in dataclasses.fields(Effect)
    ]


if __name__ == "__main__":
    main()
