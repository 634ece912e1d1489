"""Which sentences of a docstring a behaviour breaks."""

import re

from coursework.audit.behaviour.docstring import Docstring

__all__ = ["broken"]

_MOST = 3


def broken(doc: Docstring, about: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the sentences that speak of what a behaviour is about.

    First come those on the parameters that it is made for. Where none speaks of it, the
    section on what is returned does, or else the summary.
    """
    said = [one for one in doc.sentences() if re.search(about, one)]
    own = [one for one in said if one.split(":")[0] in names]
    found = own or said or ([f"Returns: {_line(doc.returns)}"] if doc.returns else [])
    return tuple((found or list(doc.sentences()))[:_MOST])


def _line(text: str) -> str:
    return " ".join(text.split())
