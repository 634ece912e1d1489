"""Figures are shown crisp, with a text for readers who cannot see them, wherever it is read."""

import base64
import io
import re
from xml.etree import ElementTree as ET

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from executed import run
from nbconvert.exporters import HTMLExporter
from pages import elements
from PIL import Image

from coursework import plot
from coursework.plot.picture import Picture, picture_of

ALT = 'A line "rises" <b> & falls.'


@pytest.fixture(autouse=True)
def _style(_own_figures: None) -> None:
    """Draw as lessons do."""
    plot.use_style()


def lines() -> plt.Figure:
    """Return a small figure of lines and letters."""
    figure, ax = plt.subplots()
    ax.plot([0, 1], [0, 1], label=r"$\hat y$")
    ax.set(xlabel=r"$\eta$", title="One line")
    ax.legend()
    return figure


def noise() -> plt.Figure:
    """Return a figure that is large as SVG."""
    figure, ax = plt.subplots()
    ax.scatter(*np.random.default_rng(0).normal(size=(2, 3000)), s=4)
    return figure


def test_shown_figure_has_its_text_in_every_reader() -> None:
    """In the page of a notebook, and in its file, the picture comes with the text."""
    notebook = run(f"plt.plot([1, 2]); plot.show({ALT!r})")
    (output,) = notebook.cells[1].outputs
    page, _ = HTMLExporter(template_name="lab").from_notebook_node(notebook)
    (shown,) = [about for tag, about in elements(page) if tag == "img"]

    assert shown["alt"] == ALT
    assert output.metadata["text/html"]["alt"] == ALT
    assert output.data["text/plain"] == ALT
    assert set(output.data) == {"text/html", "text/plain"}


def test_shown_figures_are_closed() -> None:
    """No figure comes twice, at the end of its cell or in the next one; two come in their order."""
    notebook = run(
        "plt.figure(); plt.plot([1]); plt.figure(figsize=(2, 2)); plot.show('two')",
        "plt.get_fignums()",
    )
    widths = [
        re.search(r'width="(\d+)"', o.data["text/html"])[1] for o in notebook.cells[1].outputs
    ]

    assert [int(width) > 300 for width in widths] == [True, False]
    assert notebook.cells[2].outputs[0].data["text/plain"] == "[]"


def test_small_figure_is_svg_that_says_what_it_shows() -> None:
    """Lines and letters become well-formed SVG with a title, which needs no font and no file."""
    picture = picture_of(lines(), ALT)
    root = ET.fromstring(picture.data)  # noqa: S314  (it is our own)
    names = {element.tag.rpartition("}")[2] for element in root.iter()}

    assert picture.mime == "image/svg+xml"
    assert root.get("role") == "img"
    assert root[0].text == ALT
    assert not names & {"text", "image", "script", "metadata"}
    assert set(re.findall(rb'href="([^"]*)"', picture.data)) == {
        f"#{element.get('id')}".encode()
        for element in root.iter()
        if is_used(element, picture.data)
    }


def is_used(element: ET.Element, svg: bytes) -> bool:
    """Whether something in an SVG is drawn by naming this element."""
    return f'href="#{element.get("id")}"'.encode() in svg


def test_svg_looks_as_matplotlib_draws_it() -> None:
    """Made shorter, an SVG keeps each line, letter and mark: their numbers, and their places."""
    figure = lines()
    buffer = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "path"}):
        figure.savefig(buffer, format="svg", bbox_inches="tight")
    short = picture_of(figure, ALT).data.decode()

    for tag in ("<path", "<use", "<clipPath"):
        assert short.count(tag) == buffer.getvalue().count(tag)
    for attribute in ("viewBox", "width", "height"):
        there = re.compile(rf'{attribute}="[^"]*"')
        assert there.search(short)[0] == there.search(buffer.getvalue())[0]
    assert len(short) < 0.8 * len(buffer.getvalue())


@pytest.mark.parametrize("draw", [lines, noise])
def test_figure_drawn_again_is_the_same(draw: type) -> None:
    """Solutions are compared and committed: a figure has no date and no random names."""
    assert picture_of(draw(), ALT).data == picture_of(draw(), ALT).data


def test_large_figure_is_png_in_double_resolution() -> None:
    """What would be a large SVG has two pixels for each that the page gives it."""
    picture = picture_of(noise(), ALT)
    with Image.open(io.BytesIO(picture.data)) as image:
        assert (picture.mime, image.format) == ("image/png", "PNG")
        assert image.width == pytest.approx(2 * picture.width, abs=1)
        assert picture.width == pytest.approx(560, abs=40)


def test_picture_made_of_pixels_is_png() -> None:
    """An image is not wrapped in SVG."""
    plt.imshow(np.eye(8))

    assert picture_of(plt.gcf(), ALT).mime == "image/png"


def test_figure_stands_on_a_light_ground() -> None:
    """On a dark page black letters stay legible: every figure brings its own white."""
    svg = picture_of(lines(), ALT).data.decode()
    with Image.open(io.BytesIO(picture_of(noise(), ALT).data)) as image:
        assert min(image.convert("RGBA").getpixel((0, 0))) > 250

    assert re.search(r'<path d="M[^"]*" style="fill:#ffffff"', svg)


def test_tag_holds_text_of_any_kind() -> None:
    """Quotes and brackets of a text end no attribute."""
    hostile = '"><script>alert(1)</script>'
    ((tag, about),) = elements(Picture("image/png", b"data", 10, hostile).tag)

    assert (tag, about["alt"], about["width"]) == ("img", hostile, "10")
    assert about["src"] == "data:image/png;base64," + base64.b64encode(b"data").decode()


def test_show_asks_for_a_text() -> None:
    """An empty text is refused with what to write."""
    with pytest.raises(ValueError, match="says what the figure shows"):
        plot.show(" ")


def test_show_warns_of_more_than_four_series() -> None:
    """Of four nothing is said; of five the author hears their names."""
    notebook = run(
        *(
            f"for k in range({n}): plt.plot([0, k], label=f'line {{k}}')\nplot.show('Lines.')"
            for n in (4, 5)
        )
    )
    quiet, loud = notebook.cells[1:]

    assert [output.output_type for output in quiet.outputs] == ["display_data"]
    warning = next(output for output in loud.outputs if output.output_type == "stream")
    assert "5 series share axes (line 0, line 1" in warning.text


def test_series_differ_by_line_style_too() -> None:
    """Without colours, all lines of the cycle can be told apart."""
    drawn = [plt.plot([0, 1])[0] for _ in plot.COLOURS]
    styles = {str(line._unscaled_dash_pattern) for line in drawn}  # noqa: SLF001  (no other name)

    assert len(styles) == len(plot.COLOURS)


def test_strip_with_a_text_is_shown() -> None:
    """A strip that says what it shows is a figure by itself; without, it is the author's to show."""
    draw = "def draw(ax, k): ax.plot([0, k]); ax.set(ylim=(0, 4))"
    notebook = run(draw, f"plot.strip(draw, [1, 2, 3, 4], alt={ALT!r})")
    (output,) = notebook.cells[2].outputs

    assert output.metadata["text/html"]["alt"] == ALT
