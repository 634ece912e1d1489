"""Show the figures of solved lessons as readers see them: on light, on dark, on a phone.

    python benchmarks/figures.py 01-linear-regression/least-squares --into build/figures

For each lesson this makes a picture of each of the three, with all figures one below another, and
prints a line for each figure: its cell, kind, size and text.
"""

import argparse
import html
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
VIEWS = {
    "light": (760, "#ffffff", "#000000"),
    "dark": (760, "#111111", "#e0e0e0"),
    "390px": (390, "#ffffff", "#000000"),
}
IMAGE = re.compile(r"<img [^>]*>")
PNG = '<img alt="" src="data:image/png;base64,{}">'


def main() -> None:
    """Make the pictures, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("lessons", nargs="+", metavar="A/n")
    parser.add_argument("--into", type=Path, required=True, metavar="FOLDER")
    arguments = parser.parse_args()
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        sys.exit(f"no Chromium is installed: {' or '.join(BROWSERS)}")
    arguments.into.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found)
        for lesson in arguments.lessons:
            figures = list(figures_of(ROOT / "solutions" / f"{lesson}.ipynb"))
            for cell, tag in figures:
                print(described(cell, tag))
            for view in VIEWS:
                path = arguments.into / f"{lesson.replace('/', '-')}-{view}.png"
                take(browser, figures, view, path)
                print(path)


def figures_of(solution: Path) -> Iterator[tuple[int, str]]:
    """Yield the number of the cell and the tag of each figure."""
    notebook = nbformat.read(solution, as_version=4)
    for number, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            yield from ((number, tag) for tag in IMAGE.findall(data.get("text/html", "")))
            if "image/png" in data:
                yield number, PNG.format(data["image/png"].replace("\n", ""))


def described(cell: int, tag: str) -> str:
    """Return a line about a figure."""
    kind = re.search(r"data:image/([a-z]+)", tag)[1]
    alt = html.unescape(re.search(r'alt="([^"]*)"', tag)[1])
    return f"{cell:3} {kind} {len(tag) / 1000:5.1f} KB  {alt}"


def take(browser: Browser, figures: list[tuple[int, str]], view: str, path: Path) -> None:
    """Take a picture of figures one below another, with two pixels for each pixel on the page."""
    width, ground, ink = VIEWS[view]
    style = f"body {{ background: {ground}; color: {ink}; margin: 8px; font: 14px sans-serif }}"
    style += " img { max-width: 100%; display: block; margin: 4px 0 20px }"
    shown = "".join(f"<div>cell {cell}</div>{tag}" for cell, tag in figures)
    size = {"width": width, "height": 800}
    with browser.new_context(viewport=size, device_scale_factor=2) as context:
        page = context.new_page()
        page.set_content(f"<!DOCTYPE html><style>{style}</style>{shown}", wait_until="load")
        page.screenshot(path=path, full_page=True)


if __name__ == "__main__":
    main()
