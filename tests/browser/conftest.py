"""A browser, a course of one small lesson, and JupyterLab in which it is opened."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import ROOT
from jupyter import jupyterlab
from playwright.sync_api import Browser, Page, sync_playwright
from serving import Server

from coursework.authoring.build import build
from coursework.course.layout import Course

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
LESSON = Path(__file__).parent / "lesson"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the system's browser."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None and not os.environ.get("CI"):
        pytest.skip(f"no Chromium is installed: {' or '.join(BROWSERS)}")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=found)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Open a page that shares nothing with those of other tests."""
    with browser.new_context(viewport={"width": 1200, "height": 900}) as context:
        yield context.new_page()


@pytest.fixture(scope="session")
def lesson_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a course of the small lesson; nobody may change it."""
    root = tmp_path_factory.mktemp("browser") / "course"
    shutil.copytree(LESSON, root / "lessons" / "00-trial")
    for name in ("course_config.py", "nbgrader_config.py"):
        shutil.copy(ROOT / name, root)
    built = build(Course(root))
    assert not built.errors
    return root


@pytest.fixture
def desk(lesson_course: Path, tmp_path: Path) -> Path:
    """Copy the course for a learner."""
    return shutil.copytree(lesson_course, tmp_path / "desk")


@pytest.fixture
def server(desk: Path, tmp_path: Path) -> Iterator[Server]:
    """Start JupyterLab at the desk."""
    with jupyterlab(desk, tmp_path) as lab:
        yield lab
