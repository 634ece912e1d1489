"""Text, HTML, pictures and Markdown made harmless."""

import base64

import pytest
from graded import png
from pages import SCRIPTS, dangers

from coursework.feedback.markdown import render_markdown
from coursework.submissions.sanitize import MAX_IMAGE, clean_html, clean_text, image_uri


def test_image_of_another_kind_is_not_shown() -> None:
    """SVG, what only pretends to be PNG, what is too large or has too many pixels: none."""
    assert image_uri("image/png", png()) is not None
    assert image_uri("image/svg+xml", base64.b64encode(b"<svg/>").decode()) is None
    assert image_uri("image/png", base64.b64encode(b"<script>").decode()) is None
    assert image_uri("image/png", "A" * 2 * MAX_IMAGE) is None
    assert image_uri("image/png", png(20_000, 10_000)) is None
    assert image_uri("text/html", png()) is None


@pytest.mark.parametrize("payload", SCRIPTS)
def test_clean_html_is_stable(payload: str) -> None:
    """Cleaning what is clean changes nothing: no parser sees another document in it."""
    cleaned = clean_html(payload)
    assert clean_html(cleaned) == cleaned
    assert dangers(cleaned) == []


def test_clean_text_drops_what_a_terminal_obeys() -> None:
    """Colours, links, cursor moves and overwritten lines leave the text that counts."""
    text = "\x1b[31mred\x1b[0m \x1b]8;;http://evil.example\x07link\n10%\r50%\r100%\nend\x00\x08"
    assert clean_text(text) == "red link\n100%\nend"


def test_clean_text_is_cut() -> None:
    """A long output is cut, and it is said how much is missing."""
    assert clean_text("a" * 30, 10) == "aaaaaaaaaa\n… 20 more characters"


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "bomb", ["[" * 20_000, "$$ a " * 4_000, r"\begin{a}" * 2_000, "> " * 9_000, "![[" * 6_000]
)
def test_markdown_bomb_ends_soon(bomb: str) -> None:
    """Text made to keep a parser busy does not."""
    assert render_markdown(bomb)
