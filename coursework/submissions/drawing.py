"""A student's SVG, made harmless: lines, shapes, letters, and nothing that acts, loads or explodes.

It is shown as a picture, never as part of a page, and a browser neither runs scripts nor loads
anything in a picture. But it could be saved and opened by itself: so only what draws is left.
"""

import base64
import re
from xml.etree import ElementTree as ET  # defusedxml has already parsed what it parses

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

__all__ = ["clean_svg", "svg_uri"]

MAX_SVG = 500_000
MAX_ELEMENTS = 20_000

_SVG = "{http://www.w3.org/2000/svg}"
_HREFS = ("href", "{http://www.w3.org/1999/xlink}href")
_SHAPES = frozenset({"circle", "ellipse", "line", "path", "polygon", "polyline", "rect", "use"})
_KEPT = _SHAPES | {"svg", "g", "defs", "clipPath", "text", "tspan", "desc"}
_ATTRIBUTE = re.compile(
    r"id|class|style|d|points|transform|viewBox|version|width|height|[xy][12]?|[cdr][xy]|r|role"
    r"|(?:fill|stroke|font|text|clip)(?:-[a-z]+)*|opacity|preserveAspectRatio"
)
_NAMES = re.compile(r"(?:^|url\(\s*)#([^\s)]+)")
_LOADS = re.compile(r"url\s*\((?!\s*#)|[@\\<&]|image-set|expression", re.IGNORECASE)


def svg_uri(source: object) -> str | None:
    """Return the `data:` URI of a notebook's SVG, or None if it is not to be shown.

    Parameters
    ----------
    source : str or list of str
    """
    cleaned = clean_svg(source)
    if cleaned is None:
        return None
    return f"data:image/svg+xml;base64,{base64.b64encode(cleaned.encode()).decode()}"


def clean_svg(source: object) -> str | None:
    """Return an SVG with only what draws; None if it is not an SVG, or too large."""
    text = "".join(map(str, source)) if isinstance(source, list | tuple) else str(source)
    start = text.find("<svg")
    if start < 0 or len(text) > MAX_SVG:
        return None
    try:
        # Nothing before it, such as a document type, is needed.
        root = fromstring(text[start:].strip(), forbid_dtd=True)
        if root.tag != f"{_SVG}svg" or sum(1 for _ in root.iter()) > MAX_ELEMENTS:
            return None
        _clean(root)
        _drop_chains(root)
        ET.register_namespace("", _SVG[1:-1])
        return ET.tostring(root, encoding="unicode")
    except (ET.ParseError, DefusedXmlException, ValueError, RecursionError):
        return None


def _clean(element: ET.Element) -> None:
    for name, value in list(element.attrib.items()):
        if not _is_kept(name, value):
            del element.attrib[name]
    for child in list(element):
        if isinstance(child.tag, str) and child.tag.removeprefix(_SVG) in _KEPT:
            _clean(child)
        else:
            element.remove(child)


def _is_kept(name: str, value: str) -> bool:
    if name in _HREFS:
        return value.startswith("#")
    return bool(_ATTRIBUTE.fullmatch(name)) and not _LOADS.search(value)


def _drop_chains(root: ET.Element) -> None:
    """Let nothing refer to what refers on: ten of ten of ten are a thousand, and so on."""
    parents = {child: parent for parent in root.iter() for child in parent}
    holding = set()
    referring = [element for element in parents if _refers(element)]
    for element in referring:
        above: ET.Element | None = element
        while above is not None and above not in holding:
            holding.add(above)
            above = parents.get(above)
    names = {element.get("id") for element in holding}
    for element in referring:
        if names & set(_NAMES.findall(" ".join(element.attrib.values()))):
            parents[element].remove(element)


def _refers(element: ET.Element) -> bool:
    return any("#" in value and _NAMES.search(value) for value in element.attrib.values())
