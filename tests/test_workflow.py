"""The public workflows call what there is: make's targets, the oldest Python, all lessons."""

import re
import tomllib
from collections.abc import Iterator

import pytest
import yaml
from commands import ROOT

from coursework.audit.selection import BASE

JOBS = {
    name: job
    for path in ROOT.glob(".github/workflows/*.yml")
    for name, job in yaml.safe_load(path.read_text())["jobs"].items()
}


def commands(job: dict) -> Iterator[str]:
    """Yield what a job runs."""
    yield from (step["run"] for step in job["steps"] if "run" in step)


@pytest.mark.parametrize("name", JOBS)
def test_workflow_calls_targets_of_make(name: str) -> None:
    """Whatever a job makes is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    made = [line.split()[1] for line in commands(JOBS[name]) if line.startswith("make ")]
    assert set(made) <= targets
    assert made or name == "windows"


def test_workflow_measures_all_lessons() -> None:
    """Each week all parts of the lessons are measured, since the first commit, and none twice."""
    shards = JOBS["audit"]["strategy"]["matrix"]["shard"]
    assert shards == [f"{number}/{len(shards)}" for number in range(1, len(shards) + 1)]
    last = list(commands(JOBS["audit"]))[-1]
    assert BASE in last
    assert "audit --check --shard ${{ matrix.shard }}" in last


def test_workflow_begins_with_the_oldest_python() -> None:
    """The first of the Pythons is the oldest that the course allows."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    first, *later = JOBS["linux"]["strategy"]["matrix"]["python"]
    assert project["requires-python"] == f">={first}"
    assert len(later) == 2


def test_workflow_executes_all_lessons_on_windows() -> None:
    """The notebooks that are executed where nothing can be graded are those of all lessons."""
    (command,) = [line for line in commands(JOBS["windows"]) if line.startswith("jupyter execute ")]
    lessons = {f"{path.parent.name}/{path.stem}" for path in ROOT.glob("lessons/*/*.md")}
    notebooks = ROOT.glob(command.split()[-1])
    assert {f"{path.parent.name}/{path.stem}" for path in notebooks} == lessons
