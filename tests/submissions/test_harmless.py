"""A student's text on the pages that show a graded notebook: readable, and without effect."""

import re
import time

import pytest
from graded import png
from hypothesis import given, settings
from hypothesis import strategies as st
from nbconvert.filters.markdown_mistune import markdown2html_mistune
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_raw_cell
from pages import SCRIPTS, dangers, elements, text_of

from coursework.feedback.markdown import render_markdown
from coursework.submissions.harmless import TextCleaner, harmless_markdown, has_macros

FIELDS = ("double", "test_double")

HONEST = (
    "Because $a<b$ and $b>c$: a < b & c, 3<4.",
    "**bold**, *thin*, ~~gone~~, `<b>` and ``a`b``",
    "```python\nif a<b: print('<script>')\n```",
    "```\n<b>\n```\n\n    indented <i>",
    "| a | b |\n|:-|-:|\n| 1 | 2 |\n",
    "# A heading\n\n1. a\n2. b\n   - c\n\n> q",
    "- [ ] open\n- [x] done",
    "a<br>b<br/>x<sup>2</sup> &lt;b&gt; &copy;",
    "[a link](https://a.b/c?d=e&f=g 'title'), https://x.y and <me@x.y>",
    "<details><summary>More</summary>\n\nhidden\n\n</details>",
    "$$\n\\begin{aligned} a &< b \\\\ c &> d \\end{aligned}\n$$",
    "\\begin{equation}a<b\\end{equation} costs \\$5",
    "```mermaid\ngraph TD; A-->B\n```",
)
HOSTILE = (
    *SCRIPTS,
    "[a](javascript:alert(1)) [b](JaVaScRiPt:alert(1)) <javascript:alert(1)>",
    "[a]: javascript:alert(1)\n\n[a]",
    "[a](files/javascript:alert(1))",  # nbconvert takes `files/` away
    "[my notes](evil.html)",  # Formgrader hands out submitted files from its own address
    "![x](/formgrader?path=/submitted/eve)",
    "![x](https://evil.example/seen.png)",
    "![x](attachment:missing.png)",  # nbconvert raises: Formgrader cannot open the page
    "```mermaid\n</pre><script>alert(1)</script>\n```",
    "# double\n\n<h2 id=test_double>x</h2>",  # Formgrader finds its fields by id
    "</div></div></div>",
    "<input class=score><textarea class=comment>",
    "<div class='nbgrader_cell'>x</div>",
    "<x onclick=alert(1)> <a href='https://x' onclick=alert(1)>x</a>",
    "<table><tr><td style='background:url(//evil.example)'>",
    "<!--><script>alert(1)</script>--> <![CDATA[<script>]]> <?x <script>?>",
    "<![Ca[ <script>alert(1)</script>",  # Python's parser raises
    "# a<script>alert(1)</script>",
    '[a](https://x"onclick=alert(1)>) ![a"onerror=alert(1)](https://x)',
    "<scr\x00ipt>alert(1)</script>",
    "$\\href{javascript:alert(1)}{x}$ $\\require{action}$",
    "&#36;\\hr&#101;f{javascript:alert(1)}{x}&#36; $\\hr<wbr>ef{javascript:alert(1)}{x}$",
    "> " * 10_000 + "<script>alert(1)</script>",
    "<script>alert(1)</script>" + "x" * 50_000,
)
PIECES = (
    *"<>[]()!#`$\\\"'=&/:-*_ \nax",
    *("<script>", "<img src=x onerror=alert(1)>", "<b>", "</b>", "<!--", "-->", "href=", "```"),
    *("](", "javascript:", "data:text/html,", "\\href{"),
)


def page_of(source: str) -> str:
    """Return the HTML that Formgrader, as every user of nbconvert, has for a text."""
    return markdown2html_mistune(source)


def faults(page: str) -> list[str]:
    """Return what a page could do."""
    found = [
        danger
        for danger in dangers(page)
        # The boxes of task lists, and how columns are aligned.
        if danger not in ("<input>", "<td style>", "<th style>")
    ]
    for tag, attributes in elements(page):
        if tag == "input" and attributes.get("type") != "checkbox":
            found.append("<input>")
        if "style" in attributes and not attributes["style"].startswith("text-align:"):
            found.append(f"<{tag} style>")
        if attributes.get("id") in FIELDS or "nbgrader_cell" in attributes.get("class", ""):
            found.append(f"<{tag}> for Formgrader's own")
    return found + (["a macro"] if has_macros(page) else [])


@pytest.mark.parametrize("source", HONEST)
def test_honest_text_stays_as_it_is(source: str) -> None:
    """Mathematics, code, tables, links and plain HTML are not touched."""
    assert harmless_markdown(source, reserved=FIELDS) == source
    assert faults(page_of(source)) == []


@pytest.mark.parametrize("source", HOSTILE)
def test_hostile_text_acts_on_no_page(source: str) -> None:
    """No script, handler, frame, bad link, remote picture or macro is left; the words are."""
    clean = harmless_markdown(source, reserved=FIELDS)
    assert faults(page_of(clean)) == []
    assert dangers(render_markdown(clean)) == []
    assert harmless_markdown(clean, reserved=FIELDS) == clean
    if "alert" in source:
        assert "alert" in text_of(page_of(clean)) or "onclick" in source


def test_hostile_text_is_hostile() -> None:
    """Most of what is tested here does act on a page where nobody cleans it."""
    acting = [source for source in HOSTILE if _acts(source)]
    assert len(acting) > 0.8 * len(HOSTILE)


def _acts(source: str) -> bool:
    try:
        return bool(faults(page_of(source)))
    except Exception:  # noqa: BLE001  (nbconvert raises: the page cannot be opened)
        return True


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=30))
def test_any_text_acts_on_no_page(parts: list[str]) -> None:
    """Whatever is put together of the pieces of attacks has no effect, and is its own result."""
    clean = harmless_markdown("".join(parts), reserved=FIELDS)
    assert faults(page_of(clean)) == []
    assert harmless_markdown(clean, reserved=FIELDS) == clean


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("x <y and z> w, $a<b$", "x <y and z> w, $a<b$"),
        ("<span style='color:red'>red</span> $x$", "red $x$"),
        ("**a** <img src=plot.png width=400>", "a <img src=plot.png width=400>"),
        ("see ![plot](plot.png)", "see ![plot](plot.png)"),
        ("**a** <!-- note -->", "a <!-- note -->"),
        ("```\n<b>\n``` \n<iframe>", "<b> <iframe>"),
    ],
)
def test_what_is_not_allowed_is_shown_in_words(source: str, shown: str) -> None:
    """A student's text beside it is laid out as before, and nothing of it is lost."""
    page = page_of(harmless_markdown(source))
    assert text_of(page).split() == shown.split()
    assert ("strong" in [tag for tag, _ in elements(page)]) is ("**" in source)


def cleaned(cell: NotebookNode) -> NotebookNode:
    """Clean a cell; return it."""
    TextCleaner(FIELDS).clean(cell)
    return cell


def test_attachments_are_pictures() -> None:
    """A picture stays beside its text; anything else that is attached does not."""
    cell = new_markdown_cell("![p](attachment:p.png) ![x](attachment:x.svg)")
    hostile = {"image/svg+xml": "PHN2Zz4=", 'image/png"><script>alert(1)</script>': "AAAA"}
    cell.attachments = {"p.png": {"image/png": png()}, "x.svg": hostile}
    clean = cleaned(cell)
    assert list(clean.attachments) == ["p.png"]
    cell = new_markdown_cell("![p](attachment:p.png)", attachments={"p.png": {"image/png": png()}})
    assert cleaned(cell).source == "![p](attachment:p.png)"


def test_raw_cells_are_shown_as_typed() -> None:
    """nbconvert puts raw cells into a page as HTML, so they become code in a text."""
    source = "<script>alert(1)</script>\n```\nx"
    clean = cleaned(new_raw_cell(source, metadata={"raw_mimetype": "text/html"}))
    assert clean.cell_type == "markdown"
    assert text_of(page_of(clean.source)).strip() == source


@pytest.mark.parametrize("bomb", ["[", "![", "`", "> ", "*a ", "<b ", "~~", "[a](", "\n: a", "$"])
def test_many_hostile_texts_of_one_notebook_end_soon(bomb: str) -> None:
    """A notebook of texts that are slow to render takes seconds: the rest is shown as code."""
    cleaner = TextCleaner(FIELDS)
    cells = [new_markdown_cell(bomb * (20_000 // len(bomb))) for _ in range(200)]
    start = time.process_time()
    for cell in cells:
        cleaner.clean(cell)
    assert time.process_time() - start < 20
    assert re.match("`+text\n", cells[-1].source)
