"""Fixtures that several tests share."""

import os
import shutil
from pathlib import Path

import pytest
from changed import unbroken
from classroom import make_course
from hypothesis import HealthCheck, settings

from coursework.audit.selection import changed_files
from coursework.nbgrader_bridge.programs import find_programs

ROOT = Path(__file__).parent.parent

find_programs()
# How long examples take, and to make them, says how busy the machine is.
settings.register_profile("course", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("course")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take `--changed`."""
    text = "of the lessons' tests, run those alone whose lesson or file the change has touched"
    parser.addoption("--changed", action="store_true", help=text)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave what needs root to root and, with `--changed`, unbroken lessons alone."""
    _leave_to_root(items)
    files = changed_files(ROOT) if config.getoption("changed") else None
    if files is None:
        return
    paths = {item: item.path.relative_to(ROOT).as_posix() for item in items}
    unbroken_files = unbroken(files, paths.values())
    left_out = [item for item in items if paths[item] in unbroken_files]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if paths[item] not in unbroken_files]


def _leave_to_root(items: list[pytest.Item]) -> None:
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
