"""Fixtures that several tests share."""

import os
import shutil
from pathlib import Path

import pytest
from classroom import make_course

from coursework.programs import find_programs

find_programs()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave what needs root to root."""
    if os.geteuid():
        for item in items:
            if item.get_closest_marker("root"):
                item.add_marker(pytest.mark.skip("only root can do this"))


@pytest.fixture(scope="session")
def course_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a course as it is before anybody submits; nobody may change it."""
    return make_course(tmp_path_factory.mktemp("course") / "template")


@pytest.fixture
def course(course_template: Path, tmp_path: Path) -> Path:
    """Make a course of the test's own."""
    return shutil.copytree(course_template, tmp_path / "course")
