"""A student's SVG is shown as a picture, in which nothing acts, loads or explodes."""

import base64
import io
import re

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure
from nbformat.v4 import new_output
from pages import SCRIPTS, dangers, elements

from coursework.feedback.outputs import render_outputs
from coursework.submissions.drawing import clean_svg, svg_uri
from coursework.submissions.sanitize import clean_html

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
SHAPE = '<path d="M0 0L9 9" style="stroke: #0072b2"/>'
ATTACKS = (
    "<script>alert(1)</script>",
    '<script xlink:href="http://evil.example/x.js"/>',
    "<foreignObject><body xmlns='http://www.w3.org/1999/xhtml'><iframe src='javascript:alert(1)'/></body></foreignObject>",
    '<a xlink:href="javascript:alert(1)"><text>evil</text></a>',
    '<a href="http://evil.example"><text>evil</text></a>',
    '<image href="http://evil.example/x.png"/>',
    '<image xlink:href="data:image/svg+xml;base64,PHN2Zz4="/>',
    '<use href="http://evil.example/x.svg#evil"/>',
    '<use href="data:image/svg+xml;base64,PHN2Zz4=#evil"/>',
    '<path onclick="alert(1)" onload="alert(1)" d="M0 0"/>',
    '<path style="fill: url(http://evil.example/x)"/>',
    '<path style="fill: u\\72l(http://evil.example/x)"/>',
    "<path fill=\"url( 'http://evil.example/x')\"/>",
    '<style>@import "http://evil.example/x.css";</style>',
    '<set attributeName="href" to="javascript:alert(1)"/>',
    '<animate attributeName="href" values="javascript:alert(1)"/>',
    '<filter id="f"><feImage href="http://evil.example/x"/></filter>',
    '<handler xmlns="http://www.w3.org/2001/xml-events">alert(1)</handler>',
    '<x:script xmlns:x="http://www.w3.org/1999/xhtml">alert(1)</x:script>',
    "<?xml-stylesheet href='http://evil.example/x.css'?>",
)


def svg(inside: str) -> str:
    """Return an SVG with a shape and something else."""
    return f"{HEAD}{SHAPE}{inside}</svg>"


def drawn(uri: str) -> str:
    """Return the SVG in a `data:` URI."""
    return base64.b64decode(uri.removeprefix("data:image/svg+xml;base64,")).decode()


@pytest.mark.parametrize("attack", ATTACKS)
def test_svg_keeps_what_draws_and_nothing_that_acts(attack: str) -> None:
    """Scripts, links, foreign objects, handlers and what is loaded are gone; the shape stays."""
    cleaned = clean_svg(svg(attack))

    assert "M0 0L9 9" in cleaned
    assert not re.search(r"evil|alert|script|href|import|on\w+=|foreign|<a\b|data:", cleaned)


@pytest.mark.parametrize("attack", ATTACKS)
def test_svg_in_html_is_shown_alike(attack: str) -> None:
    """An `img` of HTML, as `plot.show` writes in a notebook, keeps its drawing and nothing else."""
    payload = base64.b64encode(svg(attack).encode()).decode()
    cleaned = clean_html(f'<img alt="two lines" src="data:image/svg+xml;base64,{payload}">')

    [(tag, about)] = elements(cleaned)
    assert (tag, about["alt"], about["src"]) == ("img", "two lines", svg_uri(svg(attack)))
    assert clean_html(cleaned) == cleaned


@pytest.mark.parametrize("payload", ["", "PHN2Zz4=", "%%%", "//8=", "QUJD"])
def test_svg_in_html_that_is_none_leaves_its_text(payload: str) -> None:
    """Anything that is not an SVG, not text or not even base64 is not loaded; the text stays."""
    cleaned = clean_html(f'<img alt="two lines" src="data:image/svg+xml;base64,{payload}">')

    assert list(elements(cleaned)) == [("img", {"alt": "two lines"})]


@pytest.mark.parametrize("attack", [*ATTACKS, *SCRIPTS])
def test_page_shows_svg_as_a_picture_alone(attack: str) -> None:
    """On the page it is an `img` with a text, never part of the page; anything else is named."""
    metadata = {"image/svg+xml": {"alt": attack}}
    output = new_output("display_data", {"image/svg+xml": svg(attack)}, metadata=metadata)
    page = render_outputs([output])

    tags = {tag for tag, _ in elements(page)}
    assert tags in ({"img"}, {"p"})
    for tag, about in elements(page):
        if tag == "img":
            assert set(about) == {"src", "alt"}
            assert about["alt"] == attack
            assert "alert" not in drawn(about["src"])
        else:
            assert dangers(page) == []


@pytest.mark.parametrize(
    "bomb",
    [
        '<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + svg("<text>&b;</text>"),
        HEAD[:-1] + ">" + '<!DOCTYPE x [<!ENTITY a "a">]>' + "</svg>",
        HEAD + "<g>" * 5_000 + "</g>" * 5_000 + "</svg>",
        HEAD + SHAPE * 20_001 + "</svg>",
        HEAD + " " * 500_001 + "</svg>",
        svg("<g>"),
        "<svg/>",
        "",
    ],
)
def test_svg_that_is_too_much_is_not_shown(bomb: str) -> None:
    """Entities, depth, number and size have limits, and half an SVG is not an SVG."""
    assert svg_uri(bomb) is None


def test_svg_of_uses_of_uses_does_not_grow() -> None:
    """A use of what uses others, ten times over, would be ten thousand million shapes."""
    groups = "".join(f'<g id="g{k + 1}">' + f'<use href="#g{k}"/>' * 10 + "</g>" for k in range(10))
    clips = "".join(
        f'<clipPath id="c{k + 1}"><path clip-path="url(#c{k})"/></clipPath>' for k in range(10)
    )
    again = '<g id="g0"><use href="#g1"/></g>'  # a name that stands twice
    cleaned = clean_svg(svg(f'<g id="g0">{SHAPE}</g>{groups}{clips}{again}<use href="#g10"/>'))

    assert cleaned.count("<use") == 0
    assert cleaned.count("url(#") <= 1


def test_svg_of_matplotlib_stays_whole() -> None:
    """What students draw is shown as it was: letters, marks and lines, clipped to their axes."""
    figure = Figure()
    ax = figure.subplots()
    ax.plot([1, 3, 2], "o-", label="data")
    ax.legend()
    file = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "path"}):
        figure.savefig(file, format="svg")
    cleaned = clean_svg(file.getvalue().split("\n"))

    for part in ("<path", "<use", "clip-path=", "transform=", "style=", "viewBox="):
        assert cleaned.count(part) == file.getvalue().count(part)
