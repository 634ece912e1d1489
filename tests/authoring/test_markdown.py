r"""Markdown is refused where JupyterLab, nbconvert and GitHub read it differently, and nowhere else."""

import json
from pathlib import Path

import pytest

from coursework.authoring.form import readings
from coursework.authoring.form.markdown import broken_markdown, differing
from coursework.authoring.form.readings import READERS
from coursework.course.lesson import Lesson, read_lesson

# What JupyterLab 4.6 makes of texts: its removeMath, marked 17.0.6, its replaceMath.
JUPYTERLAB = json.loads((Path(__file__).parent / "jupyterlab.json").read_text())


def lesson_of(text: str, folder: Path) -> Lesson:
    """Return a lesson that is this text."""
    path = folder / "lesson.md"
    path.write_text(text)
    return read_lesson(path)


@pytest.mark.parametrize("text", JUPYTERLAB)
def test_reading_is_jupyterlabs(text: str) -> None:
    """What is taken for JupyterLab's reading is that of JupyterLab's own code."""
    real = readings._seen(JUPYTERLAB[text], readings._MATHJAX)  # noqa: SLF001
    assert READERS["JupyterLab"](text) == real


REFUSED = {
    "Formula in code $`x+1`$ here.": "a dollar beside a backtick",
    "- by $1 + t\\cdot$`lr_decay`. It falls.\n- The root of $s - m^2$ gives `nan`.": "backtick",
    "It costs $5 and $6 there.": "a dollar beside a letter, a digit or a space",
    "It costs \\$5 and \\$6 there.": "a dollar beside a letter, a digit or a space",
    "Blanks $ x $ inside.": "a dollar beside a letter, a digit or a space",
    "A digit after $x$2 there.": "a dollar beside a letter, a digit or a space",
    "The $n$th entry.": "a dollar beside a letter, a digit or a space",
    "The set $\\{a, b\\}$.": "\\lbrace",
    "A norm, $\\|x\\|$.": "\\lVert",
    "Two lines $a \\\\ b$.": "a backslash before a mark",
    "A blank, $a\\,b$.": "\\thinspace",
    "$x^*$ and $y^*$ both.": "\\ast",
    "$\\mathrm{SS}_\\mathrm{tot}$ and $\\mathrm{SS}_\\mathrm{res}$.": "a space on either side",
    "A tag, $a<b>c$.": "< before a letter",
    "A link, $[a](b)$.": "reads as a link",
    "A formula $x\n+ y$ in two lines.": "keep it in one",
    "| a | b |\n|---|---|\n| $|x|$ | 1 |": "inside a table",
    "| a |\n|---|\n| `x\\|y` |": "inside a table",
    "\\begin{align} a \\\\ b \\end{align}": "put $$ around it",
    "$$a\n- b$$": "this displayed formula",
    "$$\na\n\nb\n$$": "this displayed formula",
    "$$\na\n# b\n$$": "this displayed formula",
    "~one~ and ~~two~~": "~~ to strike out",
    "#Heading": "a # without a space",
    "Text \\\\( x \\\\) so.": "reads this differently from nbconvert and GitHub",
}


@pytest.mark.parametrize("text", REFUSED)
def test_markdown_refused(text: str, tmp_path: Path) -> None:
    """What is refused is seen differently by two readers at least, and has a remedy."""
    assert differing(text)
    found = list(broken_markdown(lesson_of(f"# Title\n\n{text}\n", tmp_path)))
    assert found
    assert all(one.line >= 3 for one in found)
    assert any(REFUSED[text] in one.message for one in found), found


@pytest.mark.parametrize(
    "text",
    [
        "Plain $x_1$, `code` and **bold**; ($x$), “$x$”, $x$-axis, $x$-th.",
        "The `$` sign and `$x` again, and $x$.",
        "$\\lbrace a, b \\rbrace$, $x^\\ast$ and $y^\\ast$, $a < b$ and $c > d$, $a & b$.",
        "$\\mathrm{SS} _ \\mathrm{tot}$ and $\\mathrm{SS} _ \\mathrm{res}$.",
        "| a | b |\n|---|---|\n| $x \\mid y$ | $\\lvert x \\rvert$ |",
        "Text\n\n$$\n\\begin{aligned}\na &= b \\\\\nc &= \\{d_i^*\\}\n\\end{aligned}\n$$\n\nafter",
        "- item\n\n  $$x_i = 1$$\n\n- next",
        "1. One\n2. Two\n3. Three:\n\n   ```python\n   a = `$b`\n   ```",
        "<details><summary>More</summary>\n\ntext $x$ and *em*\n\n$$y$$\n\n</details>",
        "An address, https://example.com/a_b_c, and [a link](https://example.com).",
        "- [ ] a task\n- [x] another",
        "A list\n- one\n- two",
    ],
)
def test_markdown_accepted(text: str, tmp_path: Path) -> None:
    """What all see alike is not refused."""
    assert not differing(text)
    assert list(broken_markdown(lesson_of(f"# Title\n\n{text}\n", tmp_path))) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("See $x$`y` there.", "a dollar beside a backtick"),
        ("H~2~O.", "a single ~"),
        ("See www.example.com.", "without https://"),
        ('See <span style="color: red">this</span>.', "is HTML"),
        ("<div>\n\nthis\n\n</div>", "is HTML"),
    ],
)
def test_markdown_fragile(text: str, message: str, tmp_path: Path) -> None:
    """What goes wrong in some neighbourhoods, or is shown as each page likes, is refused."""
    (found, *_) = broken_markdown(lesson_of(f"# Title\n\n{text}\n", tmp_path))
    assert found.line == 3
    assert message in found.message


def test_markdown_names_each_line(tmp_path: Path) -> None:
    """Each line that differs by itself is named; code and formulas in code are left alone."""
    text = "# T\n\nA set $\\{a\\}$.\nNo `$\\{a\\}$` set.\n\n```\n$\\{a\\}$ <b>\n```\n\nAnd $\\{b\\}$.\n"
    found = list(broken_markdown(lesson_of(text, tmp_path)))
    assert [one.line for one in found] == [3, 10]
