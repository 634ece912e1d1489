r"""TeX formulas as MathML, which browsers lay out themselves: a page needs no script for it.

The formula may be a student's, so the converter's output is not used as markup: its tree is copied
element by element, and only known names and harmless attributes pass.
"""

import html
import re
import unicodedata
from xml.etree.ElementTree import Element, tostring

from latex2mathml.converter import convert_to_element

__all__ = ["to_mathml"]

MAX_FORMULA = 2_000
MAX_DEPTH = 60

_TOKENS = frozenset({"mi", "mn", "mo", "mtext", "mspace"})
_LAYOUT = frozenset({"math", "mrow", "mtable", "mtr", "mtd", "mstyle", "mpadded", "msqrt"})
_ARITY = {
    "mfrac": 2,
    "mroot": 2,
    "msub": 2,
    "msup": 2,
    "mover": 2,
    "munder": 2,
    "msubsup": 3,
    "munderover": 3,
}
_ATTRIBUTES = frozenset(
    "display displaystyle scriptlevel stretchy fence form accent movablelimits columnalign"
    " columnspacing rowspacing width height depth lspace rspace voffset minsize maxsize"
    " linethickness".split()
)
_VALUE = re.compile(r"[\w.+%\- ]{1,60}")

# What the converter does not know, in terms that it knows.
_REWRITES = (
    (
        re.compile(r"\\(begin|end)\{(?:align|aligned|gathered|split|gather\*?|equation\*?)\}"),
        r"\\\1{align*}",
    ),
    (re.compile(r"\\operatorname\*"), r"\\operatorname"),
    (re.compile(r"\\operatorname\{(\w+)\\,(\w+)\}"), r"\\operatorname{\1\2}"),
)

# Browsers no longer follow `mathvariant`: Unicode has such letters instead.
_VARIANTS = {"bold": "BOLD", "bold-italic": "BOLD ITALIC", "double-struck": "DOUBLE-STRUCK"}
_THIN = "0.167em"


def to_mathml(formula: str, *, block: bool = False) -> str | None:
    """Return a TeX formula as a MathML element.

    Parameters
    ----------
    formula : str
        TeX without its dollar signs.
    block : bool
        Whether it is displayed on a line of its own.

    Returns
    -------
    str or None
        None if the formula is too long or cannot be converted: then show its source.
    """
    if len(formula) > MAX_FORMULA:
        return None
    for pattern, replacement in _REWRITES:
        formula = pattern.sub(replacement, formula)
    try:
        tree = convert_to_element(formula, display="block" if block else "inline")
        return tostring(_copy(tree, 0), encoding="unicode")
    except Exception:  # noqa: BLE001  (the converter fails in many ways on what is no TeX)
        return None


def _copy(node: Element, depth: int) -> Element:
    """Return a copy with known elements and attributes only.

    Raises
    ------
    ValueError
        The tree is too deep, or has an element or a command that is not known.
    """
    if depth > MAX_DEPTH:
        msg = "the formula is nested too deeply"
        raise ValueError(msg)
    copy = Element(node.tag, _attributes(node))
    if node.tag == "menclose":
        # Browsers draw no `menclose`; the style sheet draws the box.
        copy = Element("mrow", {"class": "boxed"})
        copy.extend(_spaced([_copy(child, depth + 1) for child in node]))
    elif node.tag in _TOKENS:
        copy.text = _text(node)
    elif node.tag in _LAYOUT:
        copy.extend(_spaced([_copy(child, depth + 1) for child in node]))
    else:
        copy.extend(_arranged(node, [_copy(child, depth + 1) for child in node]))
    return copy


def _attributes(node: Element) -> dict[str, str]:
    return {
        name: value
        for name, value in node.attrib.items()
        if (name in _ATTRIBUTES and _VALUE.fullmatch(value))
        or (name, value) == ("mathvariant", "normal")
    }


def _text(node: Element) -> str:
    """Return a token's text; the converter writes characters as references."""
    text = html.unescape(node.text or "")
    if text.startswith("\\") and node.tag != "mtext":
        msg = f"unknown command {text}"
        raise ValueError(msg)
    variant = _VARIANTS.get(node.get("mathvariant", ""))
    return "".join(_letter(character, variant) for character in text) if variant else text


def _letter(character: str, variant: str) -> str:
    name = unicodedata.name(character, "").replace("LETTER ", "")
    name = name.removeprefix("LATIN ").removeprefix("GREEK ")
    for kind in (variant, variant.removesuffix(" ITALIC")):
        try:
            return unicodedata.lookup(f"MATHEMATICAL {kind} {name}")
        except KeyError:
            continue
    return character


def _arranged(node: Element, children: list[Element]) -> list[Element]:
    """Return exactly the children that an element of fixed arity must have.

    The converter turns a matrix into three elements, fences included, even as the base of a script.
    """
    arity = _ARITY[node.tag]
    if len(children) < arity:
        msg = f"{node.tag} lacks an argument"
        raise ValueError(msg)
    if len(children) == arity:
        return children
    base = Element("mrow")
    base.extend(children[: 1 - arity])
    return [base, *children[1 - arity :]]


def _spaced(children: list[Element]) -> list[Element]:
    """Set the space around function names, as TeX does."""
    for index, child in enumerate(children):
        name = child if child.tag in _TOKENS else next(iter(child), child)
        if name.tag not in ("mi", "mo") or not name.text or not re.fullmatch(r"\w{2,}", name.text):
            continue
        before = children[index - 1] if index else None
        after = children[index + 1] if index + 1 < len(children) else None
        name.tag = "mo"
        name.set("lspace", "0" if before is None or before.tag == "mo" else _THIN)
        name.set("rspace", "0" if after is None or after.text in ("(", "[", ",") else _THIN)
    return children
