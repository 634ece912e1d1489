"""The figures of a solved lesson are shown to its author as readers will see them."""

from pathlib import Path

import pytest
from figures import VIEWS, described, figures_of, take
from PIL import Image
from playwright.sync_api import Browser

pytestmark = [pytest.mark.slow, pytest.mark.browser]


def test_figures_are_shown_as_readers_see_them(
    browser: Browser, lesson_course: Path, tmp_path: Path
) -> None:
    """Each is on light, on dark and on a narrow page, in double resolution, with its text listed."""
    figures = list(figures_of(lesson_course / "solutions/00-trial/trial.ipynb"))
    assert [described(*figure).split("KB  ")[1] for figure in figures] == [
        "Two lines leave the origin; the solid one rises twice as fast.",
        "A line that tilts up as its slope grows.",
    ]
    for view, (width, ground, _) in VIEWS.items():
        take(browser, figures, view, tmp_path / "picture.png")
        with Image.open(tmp_path / "picture.png") as image:
            assert image.width == 2 * width
            assert f"#{bytes(image.convert('RGB').getpixel((0, 0))).hex()}" == ground
