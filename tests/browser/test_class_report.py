"""The report on a class in a browser: whole on a phone, in light and dark, and by itself."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from coursework.feedback.report.facts import (
    Change,
    ClassReport,
    Cost,
    Credit,
    Example,
    Item,
    Mistake,
    Standing,
    Waiting,
)
from coursework.feedback.report.write import render

pytestmark = pytest.mark.browser

LONG = "a_name_of_an_exercise_that_is_longer_than_a_phone_is_wide_and_then_some"
WORD = "x" * 120
STUDENT = "student-with-a-very-long-name@university.example"
ITEM = Item("gradient-descent", LONG, False, 3.0, 30, 0, 10, 5, 0.4, 0.05)
REPORT = ClassReport(
    assignment="01-linear-regression",
    standings=tuple(Standing(STUDENT, float(n), 30.0, 0.5, 2.0) for n in range(30)),
    absent=(STUDENT,),
    ungraded=(WORD,),
    lost=(f"{STUDENT}/{LONG}",),
    items=(ITEM, replace(ITEM, is_question=True, earned=None, n=0, discrimination=None)),
    mistakes=tuple(
        Mistake("n", LONG, f"{WORD} `{WORD}`", is_known, (STUDENT,) * 9, 2.5, Example(*[WORD] * 3))
        for is_known in (True, False)
    ),
    waiting=(Waiting("n", LONG, 2.0, (STUDENT,) * 9, {STUDENT: WORD}),),
    credits=(Credit("n", LONG, WORD, 2.0, (STUDENT,)),),
    changes=(Change(STUDENT, LONG, "edited", WORD),),
    costs=(Cost(STUDENT, 12.3, LONG, 123_456, 3, WORD),),
)


@pytest.fixture
def address(tmp_path: Path) -> str:
    """Write the page, and return where a browser finds it."""
    path = tmp_path / "report.html"
    path.write_text(render(REPORT, datetime(2030, 1, 1, tzinfo=UTC)))
    return path.as_uri()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1100])
def test_report_is_whole(browser: Browser, address: str, scheme: str, width: int) -> None:
    """Nothing is wider than the window, however long names are; nothing is loaded or refused."""
    with browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme
    ) as context:
        page = context.new_page()
        asked, said = [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.goto(address)
        for details in page.locator("details").all():
            details.evaluate("found => found.open = true")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert asked == [address]
        assert said == []
        back = page.evaluate("getComputedStyle(document.body).backgroundColor")
        text = page.locator("svg text").first.evaluate("one => getComputedStyle(one).fill")
        assert (_light(back) > _light(text)) == (scheme == "light")


def _light(colour: str) -> float:
    red, green, blue = (int(part) for part in colour.removeprefix("rgb(").rstrip(")").split(","))
    return 0.2 * red + 0.7 * green + 0.1 * blue


def test_report_tells_what_its_figures_show(browser: Browser, address: str) -> None:
    """To whoever does not see them each is a picture with a name."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(address)
        expect(page.get_by_role("img")).to_have_count(2)
        figure = page.get_by_role("img", name="How many students have which share")
        expect(figure).to_have_accessible_description(re.compile("90 to 100 %: 3. The median is"))
        expect(page.get_by_role("img", name="10 with all points, 15 with some")).to_be_visible()
        expect(page.get_by_role("heading", level=1)).to_have_text(REPORT.assignment)
