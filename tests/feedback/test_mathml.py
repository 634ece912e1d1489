"""TeX as MathML."""

import re
from pathlib import Path

import jupytext
import pytest
from pages import dangers, text_of

from coursework.feedback.markdown import render_markdown
from coursework.feedback.mathml import to_mathml

ROOT = Path(__file__).parent.parent.parent


def test_mathml_of_every_formula_in_the_lessons() -> None:
    """Each formula of each lesson converts."""
    lessons = sorted((ROOT / "lessons").glob("*/*.md"))
    failed = [
        f"{path.name}: {formula}"
        for path in lessons
        for formula in _formulas(path)
        if to_mathml(formula) is None
    ]
    assert failed == []


def _formulas(path: Path) -> list[str]:
    cells = jupytext.reads(path.read_text(encoding="utf-8"), fmt="md").cells
    text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    text = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
    blocks = re.findall(r"\$\$(.+?)\$\$", text, re.DOTALL)
    inline = re.findall(r"\$([^$]+)\$", re.sub(r"\$\$.+?\$\$", "", text, flags=re.DOTALL))
    return blocks + inline


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (r"\boldsymbol{w}", "<mi>\N{MATHEMATICAL BOLD ITALIC SMALL W}</mi>"),
        (r"\mathbb{1}", "<mn>\N{MATHEMATICAL DOUBLE-STRUCK DIGIT ONE}</mn>"),
        (r"\begin{aligned} a &= b \\ c &= d \end{aligned}", "</mtr><mtr>"),
        (r"\begin{bmatrix} 1 & 2 \end{bmatrix}^\top", "</mrow><mo>\N{DOWN TACK}</mo></msup>"),
        (r"\operatorname*{arg\,min}_w", "<mo "),
    ],
)
def test_mathml_of_what_the_converter_gets_wrong(formula: str, expected: str) -> None:
    """Bold letters, alignments, powers of matrices and operators come out right."""
    assert expected in (to_mathml(formula) or "")


@pytest.mark.parametrize("formula", [r"\frac{a", r"\nosuchcommand{x}", "{" * 500, "a" * 5_000])
def test_mathml_of_no_formula_is_none(formula: str) -> None:
    """A text that is not a formula, or a bomb, gives None, and the source is shown."""
    assert to_mathml(formula) is None
    assert formula[:50] in text_of(render_markdown(f"${formula}$"))


@pytest.mark.parametrize(
    "formula",
    [
        r"\href{javascript:alert(1)}{x}",
        r"\style{background:url(http://evil.example)}{x}",
        r"\text{<img src=x onerror=alert(1)>}",
        r"\color{red\" onclick=\"alert(1)}{x}",
    ],
)
def test_mathml_carries_no_markup(formula: str) -> None:
    """No link, style or element comes through a formula."""
    assert dangers(to_mathml(formula) or "") == []
