"""What a numpydoc docstring says about a routine, as far as behaviours depend on it."""

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

__all__ = ["Docstring", "Entry", "parse"]

_SECTION = re.compile(r"^(?P<name>[A-Z]\w+)\n-{3,}\n", re.MULTILINE)
_ENTRY = re.compile(r"^(?P<names>[*\w]+(?:, [*\w]+)*)(?: : (?P<type>.*))?$")
_SENTENCE = re.compile(r"(?<=[.;:])\s+(?=[A-Z`(])")


@dataclass(frozen=True)
class Entry:
    """An entry of a section: a parameter with its type and what is said about it."""

    name: str
    type: str
    text: str


@dataclass(frozen=True)
class Docstring:
    """A docstring in its sections.

    Attributes
    ----------
    summary : str
        What comes before the first section.
    parameters, attributes : dict
        Entries by name; `a, b : float` is two.
    returns : str
        The whole section; "" without one.
    others : str
        All other sections.
    """

    summary: str = ""
    parameters: dict[str, Entry] = field(default_factory=dict)
    attributes: dict[str, Entry] = field(default_factory=dict)
    returns: str = ""
    others: str = ""

    @property
    def text(self) -> str:
        """Everything that it says, in one line."""
        entries = [*self.parameters.values(), *self.attributes.values()]
        parts = [self.summary, *(f"{one.type}. {one.text}" for one in entries)]
        return _line("\n".join([*parts, self.returns, self.others]))

    def sentences(self) -> Iterator[str]:
        """Yield its sentences; those of an entry begin with its name."""
        yield from _sentences(self.summary)
        for entry in (*self.parameters.values(), *self.attributes.values()):
            said = [entry.type, *_sentences(entry.text)]
            yield from (f"{entry.name}: {one}" for one in said if one)
        for one in _sentences(self.returns):
            yield f"Returns: {one}"
        yield from _sentences(self.others)


def parse(text: str) -> Docstring:
    """Read a docstring; one without sections is all summary."""
    summary, *rest = _SECTION.split(inspect.cleandoc(text))
    sections = dict(zip(rest[::2], rest[1::2], strict=True))
    known = {name: sections.pop(name, "") for name in ("Parameters", "Attributes", "Returns")}
    return Docstring(
        _line(summary),
        _entries(known["Parameters"]),
        _entries(known["Attributes"]),
        known["Returns"].strip(),
        _line("\n".join(sections.values())),
    )


def _entries(section: str) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    for block in re.split(r"\n(?=\S)", section.strip()):
        head, _, body = block.partition("\n")
        if match := _ENTRY.match(head):
            for name in match["names"].replace("*", "").split(", "):
                found[name] = Entry(name, match["type"] or "", _line(body))
    return found


def _sentences(text: str) -> list[str]:
    return [one for one in _SENTENCE.split(_line(text)) if one]


def _line(text: str) -> str:
    return " ".join(text.split())
