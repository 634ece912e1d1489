"""Where the kernel lets the judge make a control group, it limits a whole sandbox."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tiny import make_lesson, make_notebook

from coursework.ipc.limits import Limits
from coursework.judge.judge import Judge
from coursework.sandbox import cgroup, forkserver_client
from coursework.sandbox.cgroup import Cgroup, make_cgroup

LIMITS = Limits(memory_bytes=300 * 2**20, processes=20)


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Path]:
    """A tree of groups, mounted for the test."""
    mount = shutil.which("mount")
    if not mount:
        pytest.skip("there is no program `mount`")
    if subprocess.run([mount, "-t", "cgroup2", "none", tmp_path], check=False).returncode:
        pytest.skip("this kernel mounts no control groups here")
    yield tmp_path
    subprocess.run([shutil.which("umount"), tmp_path], check=True)


@pytest.fixture
def spare(tree: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tree in which some controller can be used: on many hosts version 1 has all but one."""
    controllers = (tree / "cgroup.controllers").read_text().split()
    if not {"memory", "pids"} & set(controllers):
        if "hugetlb" not in controllers:
            pytest.skip("version 1 has all controllers on this host")
        monkeypatch.setattr(cgroup, "_settings", lambda _: {"hugetlb": {"hugetlb.2MB.max": 0}})
    return tree


@pytest.fixture
def group(spare: Path) -> Iterator[Cgroup]:
    """A group of the kernel's."""
    made = make_cgroup(LIMITS, spare)
    assert made is not None
    yield made
    made.close()


def test_group_is_none_where_there_is_no_tree(tmp_path: Path) -> None:
    """Without a tree, or without its controllers, the judge does without."""
    assert make_cgroup(LIMITS, tmp_path) is None
    (tmp_path / "cgroup.controllers").write_text("cpu hugetlb\n")
    assert make_cgroup(LIMITS, tmp_path) is None


def test_group_that_is_not_ours_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where controllers cannot be switched on, nothing stays behind."""
    monkeypatch.setattr(cgroup, "_own_group", lambda mount: mount)
    (tmp_path / "cgroup.controllers").write_text("memory pids\n")
    (tmp_path / "cgroup.subtree_control").mkdir()  # cannot be written
    assert make_cgroup(LIMITS, tmp_path) is None
    assert not list(tmp_path.glob("coursework-*"))


def test_limits_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A group gets the limits of a student's processes and what the sandbox needs."""
    monkeypatch.setattr(cgroup, "_own_group", lambda mount: mount)
    (tmp_path / "cgroup.controllers").write_text("cpu memory pids\n")
    made = make_cgroup(LIMITS, tmp_path)
    assert made is not None
    assert (tmp_path / "cgroup.subtree_control").read_text() == "+memory +pids"
    assert int((made.path / "memory.max").read_text()) == LIMITS.memory_bytes + 512 * 2**20
    assert int((made.path / "pids.max").read_text()) == 36


@pytest.mark.root
def test_command_runs_inside_and_nothing_is_left(group: Cgroup) -> None:
    """A command is in the group from its first moment; closing kills it and removes the group."""
    command = group.command(["sleep", "60"])
    process = subprocess.Popen(command)
    while process.pid not in map(int, (group.path / "cgroup.procs").read_text().split()):
        assert process.poll() is None
    group.close()
    assert process.wait(60) == -9
    assert not group.path.exists()


@pytest.mark.root
def test_sandbox_of_a_judge_is_in_its_group(spare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All processes of a sandbox are in one group while notebooks are graded; then it goes."""
    monkeypatch.setattr(forkserver_client, "make_cgroup", lambda limits: make_cgroup(limits, spare))
    inside = []
    source = make_notebook({"f": "def f(x):\n    return x"}, {"f": "check.equal(f(1), 1)"})
    with Judge(LIMITS, b"s", isolation="full") as judge:
        original = judge.spawn

        def spawn(*arguments: object, **options: object) -> object:
            process = original(*arguments, **options)
            (folder,) = spare.glob("coursework-*")
            inside.append(len((folder / "cgroup.procs").read_text().split()))
            return process

        monkeypatch.setattr(judge, "spawn", spawn)
        report = judge.grade(make_lesson(source), source, "s")
    assert report.points == 1
    assert inside[0] >= 3  # bubblewrap, the forkserver, the student's
    assert not list(spare.glob("coursework-*"))
