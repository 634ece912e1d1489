"""What a child of the zygote keeps of the sandbox's /tmp."""

import sys

import pytest

from coursework.judge import confine


def test_interpreter_below_tmp_stays_visible(monkeypatch: pytest.MonkeyPatch) -> None:
    """A course cloned into /tmp has its environment there; only such folders are kept."""
    monkeypatch.setattr(sys, "prefix", "/tmp/course/.venv")
    monkeypatch.setattr(sys, "base_prefix", "/tmp/python/3.13")
    monkeypatch.setattr(confine, "__file__", "/tmp/course/coursework/judge/confine.py")
    assert confine.needed_in_tmp() == ["course", "python"]
    for name in ("prefix", "base_prefix"):
        monkeypatch.setattr(sys, name, "/usr")
    monkeypatch.setattr(confine, "__file__", "/srv/coursework/judge/confine.py")
    assert confine.needed_in_tmp() == []
