"""A learner at JupyterLab: what a hand does there, and what an eye sees."""

import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from commands import make_home
from playwright.sync_api import Locator, Page, expect
from serving import Server, serving
from waiting import until

__all__ = ["PATIENCE", "Notebook", "jupyterlab", "slide"]

PATIENCE = 120_000.0
"""Milliseconds for what a busy machine does late; what is there at once takes no time."""

# Where many share a machine a hint may take longer than readers are to wait for it.
_STARTUP = f"""
from coursework.check.notebook import hint
hint.SECONDS = {PATIENCE / 2000}
"""
_VALUE = "aria-valuetext"
_RUN = re.compile(r"^\[\d+\]:?$")
_SETTINGS = {
    # Cells out of sight are there too, or a test would have to scroll.
    "notebook-extension/tracker": {"windowingMode": "none"},
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "apputils-extension/themes": {"theme": "JupyterLab Light"},
    "docmanager-extension/plugin": {"autosave": False},
}


@contextmanager
def jupyterlab(
    folder: Path, place: Path, command: tuple[str, ...] = ("jupyter", "lab")
) -> Iterator[Server]:
    """Start JupyterLab in a folder, for somebody whose home is in place, or is made there."""
    home = place / "home" if (place / "home").is_dir() else make_home(place)
    for name, settings in _SETTINGS.items():
        path = home / f".jupyter/lab/user-settings/@jupyterlab/{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(settings))
    startup = home / ".ipython/profile_default/startup/patience.py"
    startup.parent.mkdir(parents=True, exist_ok=True)
    startup.write_text(_STARTUP)
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "HOME": str(home), "PATH": programs}
    with serving(list(command), folder, environment) as server:
        yield server


class Notebook:
    """A notebook that is open in a browser.

    Parameters
    ----------
    page : Page
    server : Server
    path : str
        Below the folder that the server serves.
    view : {"doc/tree", "notebooks"}
        JupyterLab, or Notebook 7.
    """

    def __init__(self, page: Page, server: Server, path: str, view: str = "doc/tree") -> None:
        self.page = page
        page.set_default_timeout(PATIENCE)
        # Whoever is quicker than the server is asked for a kernel, and takes what is offered.
        self._accept = page.locator(".jp-Dialog .jp-mod-accept").first
        page.add_locator_handler(self._accept, self._accept.click, no_wait_after=True)
        page.goto(server.link(f"{view}/{path}"))
        self._wait()

    def reload(self) -> None:
        """Open the notebook once more."""
        self.page.reload()
        self._wait()

    def cell(self, text: str) -> Locator:
        """Return the one cell whose text matches a pattern."""
        found = self.page.locator(".jp-Notebook .jp-Cell").filter(has_text=re.compile(text))
        expect(found).to_have_count(1, timeout=PATIENCE)
        return found

    def cell_at(self, number: int) -> Locator:
        """Return a cell by its place in the notebook, counted from 0."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(number)

    def is_code(self, number: int) -> bool:
        """Whether a cell is code."""
        return "jp-CodeCell" in (self.cell_at(number).get_attribute("class") or "")

    def write(self, cell: Locator, source: str) -> None:
        """Replace all that a code cell holds by typing something else."""
        self._editor(cell).press("ControlOrMeta+a")
        self.page.keyboard.insert_text(source)

    def run(self, cell: Locator) -> Locator:
        """Run a cell, wait until it has run, and return what it shows."""
        prompt = cell.locator(".jp-InputArea-prompt")
        self._begin(prompt, lambda: self._editor(cell).press("Control+Enter"))
        expect(prompt).to_have_text(_RUN, timeout=PATIENCE)
        expect(self._kernel("idle")).to_be_attached(timeout=PATIENCE)
        return cell.locator(".jp-Cell-outputWrapper")

    def run_all(self) -> None:
        """Run all cells from the menu, and wait until the last one has run."""
        prompt = self.page.locator(".jp-CodeCell .jp-InputArea-prompt").last
        self._begin(prompt, lambda: self.choose("Run", "Run All Cells"))
        expect(prompt).to_have_text(_RUN, timeout=PATIENCE)
        expect(self._kernel("idle")).to_be_attached(timeout=PATIENCE)

    def stop_kernel(self) -> None:
        """End the kernel."""
        self.choose("Kernel", "Shut Down Kernel")
        expect(self._kernel("idle")).to_have_count(0, timeout=PATIENCE)

    def choose(self, menu: str, item: str) -> None:
        """Choose an item from a menu, as soon as it can be chosen."""
        label = self.page.locator(f'.lm-Menu-itemLabel:text-is("{item}")')
        entry = self.page.locator(".lm-Menu-item:not(.lm-mod-disabled)").filter(has=label)
        end = time.monotonic() + PATIENCE / 1000
        while True:
            self.page.locator(f'.lm-MenuBar-itemLabel:text-is("{menu}")').click()
            expect(label).to_be_visible(timeout=PATIENCE)
            if entry.count():
                entry.click()
                return
            assert time.monotonic() < end, f"{menu}, {item} cannot be chosen"
            # A menu tells what was possible as it was opened.
            self.page.keyboard.press("Escape")
            expect(label).to_have_count(0, timeout=PATIENCE)

    def validate(self) -> str:
        """Press nbgrader's button; return what it says about the notebook."""
        self.page.remove_locator_handler(self._accept)
        self.page.get_by_role("button", name="Validate").click()
        said = self.page.locator(".jp-Dialog").filter(has_text="Validation Results")
        expect(said).to_be_visible(timeout=PATIENCE)
        return said.inner_text()

    def save(self) -> None:
        """Save the notebook, and wait until it is saved."""
        with self.page.expect_response(
            lambda answer: answer.request.method == "PUT" and "/api/contents/" in answer.url
        ):
            self.choose("File", "Save Notebook")

    def unfold(self, summary: str) -> Locator:
        """Click a folded text's summary; return the text, which can now be seen."""
        details = self.page.locator("details").filter(
            has=self.page.locator("summary", has_text=summary)
        )
        expect(details).to_have_count(1, timeout=PATIENCE)
        details.locator("summary").click()
        expect(details).to_have_attribute("open", "", timeout=PATIENCE)
        return details

    def _begin(self, prompt: Locator, act: Callable[[], None]) -> None:
        """Do what begins a run, until it does: a kernel that is still starting takes no orders."""
        before, end = prompt.inner_text(), time.monotonic() + PATIENCE / 1000
        while prompt.inner_text() == before:
            assert time.monotonic() < end, "the cell does not begin to run"
            act()
            with suppress(AssertionError):
                expect(prompt).not_to_have_text(before, timeout=3_000)

    def _wait(self) -> None:
        expect(self.page.locator("#jupyterlab-splash")).to_have_count(0, timeout=PATIENCE)
        expect(self.page.locator(".jp-Notebook .jp-Cell").first).to_be_visible(timeout=PATIENCE)
        name = self.page.locator(".jp-KernelName")
        expect(name).to_contain_text("Python 3", timeout=PATIENCE)
        expect(self._kernel("idle")).to_be_attached(timeout=PATIENCE)

    def _editor(self, cell: Locator) -> Locator:
        """Put the cursor into a cell, and return the place to type."""
        editor = cell.locator(".cm-content")
        editor.click()
        expect(cell).to_have_class(re.compile("jp-mod-active"), timeout=PATIENCE)
        expect(editor).to_be_focused(timeout=PATIENCE)
        return editor

    def _kernel(self, status: str) -> Locator:
        return self.page.locator(f'.jp-Notebook-ExecutionIndicator[data-status="{status}"]')


def slide(cell: Locator, key: str = "ArrowRight") -> None:
    """Move the slider of a figure by a key, and see the picture change."""
    figure, handle = cell.locator(".widget-html img"), cell.locator(".noUi-handle")
    before, value = (each.get_attribute(name) for each, name in ((figure, "src"), (handle, _VALUE)))
    handle.click()
    handle.press(key)

    expect(handle).not_to_have_attribute(_VALUE, value or "", timeout=PATIENCE)
    assert until(lambda: figure.get_attribute("src") != before, PATIENCE / 1000)
    assert figure.get_attribute("src").startswith("data:image/png")
