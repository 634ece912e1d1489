"""The doctor tells the truth, with and without bubblewrap."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from coursework.ipc import landlock
from coursework.sandbox import bubblewrap
from coursework.sandbox.doctor import diagnose

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    """Let each test, and what follows it, find out anew what the host provides."""
    for problems in (bubblewrap.isolation_problems, bubblewrap.landlock_problems):
        problems.cache_clear()
    yield
    for problems in (bubblewrap.isolation_problems, bubblewrap.landlock_problems):
        problems.cache_clear()


def test_doctor_with_full_isolation() -> None:
    """Where the host isolates, every protection is seen from inside."""
    if bubblewrap.isolation_problems():
        pytest.skip("this host has no bubblewrap or no namespaces")
    found = [one for one in diagnose(ROOT) if one.name in ("full isolation", "student's process")]
    assert [one.state for one in found if not one.is_good] == []
    assert len(found) == 9


def test_doctor_with_landlock_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without bubblewrap Landlock closes the course, home, network and the grader."""
    if bubblewrap.landlock_problems():
        pytest.skip("this kernel has no Landlock, or libseccomp is missing")
    monkeypatch.setenv("PATH", str(tmp_path))
    found = diagnose(ROOT)
    (missing,) = (one for one in found if "bubblewrap is not installed" in one.state)
    assert "Install it" in missing.remedy
    assert [one.state for one in found if one.name == "Landlock" and one.is_good]
    states = {one.state for one in found if one.name == "student's process"}
    assert {"does not see the course", "does not see the home folder", "has no network"} <= states
    assert {"sees no other process", "is refused system calls it does not need"} <= states


def test_doctor_with_neither(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without bubblewrap and Landlock it says so, and what a student's process could do."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(landlock, "version", lambda: 0)
    found = {one.state: one for one in diagnose(ROOT) if not one.is_good}
    (missing,) = (state for state in found if "has no Landlock" in state)
    assert "Boot a kernel" in found[missing].remedy
    assert "can read the course, hidden tests included" in found
