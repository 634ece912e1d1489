"""A copy of this repository with more lessons: the existing ones, several times.

Copy k of `01-a/n` is `21-a/n`, `41-a/n` …; its module has a name of its own, and so has its test.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from coursework.audit.digest import digests
from coursework.audit.ledger import read_ledger, read_record, write_record
from coursework.audit.proof import write_proof
from coursework.audit.run import take_stock
from coursework.course.layout import Course, find_course

__all__ = ["copy_lessons", "multiply"]

_STEP = 20
_ORDER = "lessons/order.toml"


def multiply(root: Path, target: Path, count: int) -> None:
    """Make the repository at `root` again in a folder, with this many lessons.

    It has an environment, a git repository with one commit, and a ledger in which the copies
    have the figures of their lessons.

    Parameters
    ----------
    root, target : Path
        The second does not exist yet.
    count : int
        At least as many as exist.
    """
    for file in _git(root, "ls-files").splitlines():
        if (root / file).is_file():
            _copy(root / file, target / file)
    copy_lessons(target, count)
    _copy_environment(root, target)
    _git(target, "init", "--quiet", "--initial-branch=main")
    _commit(target)
    # Openings link to other lessons, and a solution names the modules that it ran with.
    programs = target / ".venv/bin"
    subprocess.run([programs / "coursework", "build"], cwd=target, stdout=sys.stderr, check=True)
    # The copies' own package is imported there, not the one of this process.
    subprocess.run([programs / "python", __file__], cwd=target, check=True)
    _commit(target)


def _commit(target: Path) -> None:
    person = "-c", "user.name=n", "-c", "user.email=e"
    _git(target, "add", "--all")
    _git(target, *person, "commit", "--quiet", "--allow-empty", "--message", "copy")


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "core.quotePath=false", "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _copy(file: Path, target: Path, change: Callable[[str], str] = str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if change is str:
        shutil.copy2(file, target)
    else:
        target.write_text(change(file.read_text("utf-8")), "utf-8")


# -- lessons


def copy_lessons(target: Path, count: int) -> None:
    """Copy the lessons of a course, one after another, until there are this many."""
    _write_order(target / _ORDER, list(_copies(target, count)))


def _copies(target: Path, count: int) -> Iterator[tuple[str, str, int]]:
    """Copy lessons until there are enough; yield each with the number of its copy."""
    originals = Course(target).lesson_files()
    modules = [path.stem for path in (target / "coursework/built").glob("[a-z]*.py")]
    for number in range(count - len(originals)):
        lesson, k = originals[number % len(originals)], 1 + number // len(originals)
        _copy_lesson(target, lesson, k, modules)
        yield lesson.parent.name, lesson.stem, k


def _copy_lesson(target: Path, lesson: Path, k: int, modules: list[str]) -> None:
    assignment, name = lesson.parent.name, lesson.stem

    def change(text: str) -> str:
        text = text.replace(assignment, _renamed(assignment, k))
        for module in modules:
            new = f"{module}_{k}"
            text = re.sub(rf"(\bbuilt[./]){module}\b", rf"\g<1>{new}", text)
            text = re.sub(rf"(built import ){module}\b", rf"\g<1>{new} as {module}", text)
            text = re.sub(rf'(\bmodule\\?"?[:=] ?\\?"){module}\b', rf"\g<1>{new}", text)
        return text

    for file in target.glob(f"*/{assignment}/{name}.*"):
        _copy(file, file.parents[1] / _renamed(assignment, k) / file.name, change)
    for module in set(re.findall(r'\bmodule="(\w+)"', lesson.read_text("utf-8"))):
        _copy(*(target / f"coursework/built/{m}.py" for m in (module, f"{module}_{k}")), change)
    number, stem = assignment.split("-")[0], name.replace("-", "_")
    test = target / f"tests/lessons/test_{number}_{stem}.py"
    if test.is_file():
        _copy(test, test.with_name(f"test_{int(number) + _STEP * k:02}_{stem}.py"), change)


def _renamed(assignment: str, k: int) -> str:
    number, name = assignment.split("-", 1)
    return f"{int(number) + _STEP * k:02}-{name}"


def _write_order(path: Path, copies: list[tuple[str, str, int]]) -> None:
    """Add the copies to the order of the lessons, each building on the copies of the same round."""
    if not path.is_file():
        return
    tables = tomllib.loads(path.read_text("utf-8"))
    entries = {f"{a}/{one['lesson']}": one for a, lessons in tables.items() for one in lessons}
    made = {(f"{a}/{name}", k) for a, name, k in copies}
    with path.open("a", encoding="utf-8") as file:
        for assignment, name, k in copies:
            needs = entries[f"{assignment}/{name}"].get("builds_on", [])
            names = [_copied(need, k) if (need, k) in made else need for need in needs]
            text = f'lesson = "{name}"\nbuilds_on = {json.dumps(names)}\n'
            file.write(f"\n[[{_renamed(assignment, k)}]]\n{text}")


def _copied(lesson: str, k: int) -> str:
    assignment, name = lesson.split("/")
    return f"{_renamed(assignment, k)}/{name}"


# -- environment


def _copy_environment(root: Path, target: Path) -> None:
    """Link the files of the environment, and rewrite those that name its place."""
    shutil.copytree(root / ".venv", target / ".venv", symlinks=True, copy_function=_link)
    paths = (*target.glob(".venv/bin/*"), *target.glob(".venv/lib/*/site-packages/__editable__*"))
    for path in paths:
        data = b"" if path.is_symlink() or path.is_dir() else path.read_bytes()
        if (old := os.fsencode(root)) in data:
            mode = path.stat().st_mode
            path.unlink()
            path.write_bytes(data.replace(old, os.fsencode(target)))
            path.chmod(mode)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # on another disk
        shutil.copy2(source, target)


# -- ledger


def _copy_figures(course: Course) -> None:
    """Give each lesson the digests of what is now there, and README its table."""
    stock = take_stock(course)
    for subject in stock.subjects.values():
        path = subject.lesson.path
        if record := read_record(path):
            write_record(path, replace(record, digests=digests(subject, stock.options)))
    write_proof(course, read_ledger(course))


if __name__ == "__main__":
    _copy_figures(find_course())
    sys.exit(0)
