"""The doctor tells the truth, with and without bubblewrap."""

from pathlib import Path

import pytest

from coursework.doctor import diagnose
from coursework.judge import sandbox

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def _fresh() -> None:
    sandbox.isolation_problems.cache_clear()


def test_doctor_with_full_isolation() -> None:
    """Where the host isolates, every protection is seen from inside."""
    if sandbox.isolation_problems():
        pytest.skip("this host has no bubblewrap or no namespaces")
    found = [one for one in diagnose(ROOT) if one.name in ("full isolation", "student's process")]
    assert [one.state for one in found if not one.is_good] == []
    assert len(found) == 8


def test_doctor_without_bubblewrap(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without bubblewrap it says so, how to get it, and what a student's process could do."""
    monkeypatch.setenv("PATH", str(tmp_path))
    found = {one.state: one for one in diagnose(ROOT) if not one.is_good}
    (missing,) = (state for state in found if "bubblewrap is not installed" in state)
    assert "Install it" in found[missing].remedy
    assert "can read the course, hidden tests included" in found
    sandbox.isolation_problems.cache_clear()
