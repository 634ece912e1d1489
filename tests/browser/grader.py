"""nbgrader's pages: an instructor at Formgrader, a student at the list of assignments."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from jupyter import PATIENCE
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Response, expect
from serving import Server

__all__ = ["Assignments", "Formgrader", "watched"]


_MATHJAX = """
MathJax = {Hub: {Config() {}, Queue() {}, Startup: {signal: {Interest(hear) { hear("End") }}}}}
"""


@contextmanager
def watched(browser: Browser) -> Iterator[Page]:
    """Open a page, and let nothing that goes wrong on it go unseen."""
    wrong = []
    with browser.new_context(viewport={"width": 1200, "height": 900}) as context:
        # Formgrader asks a server on the Internet for it.
        context.route("**/mathjax/**", lambda one: one.fulfill(body=_MATHJAX))
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: wrong.append(f"{page.url}: {error}"))
        context.on(
            "response", lambda one: one.status >= 400 and wrong.append(f"{one.status} {one.url}")
        )
        context.on("console", lambda one: _is_fault(one) and wrong.append(one.text))
        yield page
    assert not wrong, wrong


def _is_fault(message: ConsoleMessage) -> bool:
    # JupyterLab gives each HTML file a style of its own, which a feedback page does not admit.
    is_style = "Applying inline style" in message.text and ".html" in message.page.url
    return message.type == "error" and not is_style


def _is_put(answer: Response) -> bool:
    return answer.request.method == "PUT"


class Formgrader:
    """An instructor's Formgrader."""

    def __init__(self, page: Page, server: Server) -> None:
        self.page = page
        page.goto(server.link("formgrader/manage_assignments"))

    def press(self, row: str, button: str) -> str:
        """Press a button in a row of a table; return what the page says when it is done."""
        self.page.reload()
        self.page.locator("tr", has_text=row).locator(f".{button} a").click()
        said = self.page.locator(".modal-content")
        expect(said).to_be_visible(timeout=PATIENCE)
        expect(said.locator(".modal-title")).to_have_text("Success", timeout=PATIENCE)
        text = said.inner_text()
        said.locator(".close").first.click()
        expect(said).to_be_hidden(timeout=PATIENCE)
        return text

    def open(self, *links: str) -> None:
        """Go where things are marked by hand, and follow links by what they say."""
        for link in ("Manual Grading", *links):
            found = self.page.get_by_role("link", name=link, exact=True)
            found.filter(visible=True).first.click()

    def mark(self, cell: str, points: str, comment: str) -> None:
        """Give points for an answer, with a comment."""
        # Until then nobody listens to what is written.
        expect(self._comment(cell)).to_have_attribute("placeholder", re.compile("Type"))
        for field, text in ((self._score(cell), points), (self._comment(cell), comment)):
            with self.page.expect_response(_is_put):
                field.fill(text)
                field.press("Tab")

    def _score(self, cell: str) -> Locator:
        return self.page.locator(f"input#{cell}.score")

    def _comment(self, cell: str) -> Locator:
        return self.page.locator(f"textarea#{cell}-comment")


class Assignments:
    """A student's list of assignments, in JupyterLab."""

    def __init__(self, page: Page, server: Server) -> None:
        self.page = page
        page.goto(server.link("lab"))
        menu = page.locator('.lm-MenuBar-itemLabel:text-is("Nbgrader")')
        menu.click()
        page.locator('.lm-Menu-itemLabel:text-is("Assignment List")').click()

    def press(self, button: str, then: str) -> Locator:
        """Press a button; return what can be pressed or followed when that is done."""
        self._listed(button).click()
        expect(self._listed(then)).to_be_visible(timeout=PATIENCE)
        return self._listed(then)

    def _listed(self, text: str) -> Locator:
        found = self.page.locator("#nbgrader-assignment-list").get_by_text(
            re.compile(rf"^\s*\(?{text}\)?\s*$")
        )
        return found.filter(visible=True).last
