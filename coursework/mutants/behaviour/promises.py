"""Which sentences of a docstring a behaviour breaks."""

import re

from coursework.mutants.behaviour.docstring import Docstring

__all__ = ["broken"]

_MOST = 3


def broken(doc: Docstring, about: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the sentences about what a behaviour breaks.

    If it is made for some parameters, sentences about these come first, and those about others
    do not count. If there are none, everything said about these parameters counts, or the
    section on what is returned, or else the summary.
    """
    own = [one for one in doc.sentences() if one.split(":")[0] in names]
    others = doc.parameters.keys() - set(names) if names else set()
    said = [one for one in doc.sentences() if one.split(":")[0] not in others]
    returns = [f"Returns: {_line(doc.returns)}"] if doc.returns else []
    found = _on(about, own) or _on(about, said) or own or returns or said
    return tuple(found[:_MOST])


def _on(about: str, said: list[str]) -> list[str]:
    return [one for one in said if re.search(about, one)]


def _line(text: str) -> str:
    return " ".join(text.split())
