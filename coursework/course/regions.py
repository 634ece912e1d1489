"""Regions that a release leaves out: solutions, hidden tests, mark schemes.

nbgrader finds them by the text `BEGIN SOLUTION` and the like anywhere in a line; so does this
module, which sees in time what nbgrader would reject, or leave in the release.
"""

import re
from dataclasses import dataclass, field
from typing import Literal, get_args

__all__ = ["MARKER", "Region", "RegionKind", "Regions", "scan", "solved", "without_markers"]

RegionKind = Literal["SOLUTION", "HIDDEN TESTS", "MARK SCHEME"]

# Wider than what nbgrader looks for, so that a misspelt marker is seen.
MARKER = re.compile(
    r"\b(BEGIN|END)\s+(SOLUTION|HIDDEN|MARK)"
    r"|(#|<!--)\s*(?i:begin|end)\s+(?i:solution|hidden|mark)"
)


@dataclass(frozen=True)
class Region:
    """Lines between a BEGIN and its END; `first` is the offset of the first of them."""

    kind: RegionKind
    first: int
    lines: tuple[str, ...]


@dataclass
class Regions:
    """The regions of a cell; a problem is the offset of its line and what is wrong there."""

    found: list[Region] = field(default_factory=list)
    problems: list[tuple[int, str]] = field(default_factory=list)

    def of(self, kind: RegionKind) -> list[Region]:
        """Return the regions of this kind."""
        return [region for region in self.found if region.kind == kind]


def scan(source: str) -> Regions:
    """Find the regions of a cell, and markers that make no region."""
    regions, lines = Regions(), source.split("\n")
    mark: RegionKind | None = None
    start = 0
    for offset, line in enumerate(lines):
        marker = _marker(line)
        if marker is None:
            if MARKER.search(line):
                regions.problems.append((offset, _misspelt(line)))
            continue
        word, this = marker
        if word == "BEGIN" and mark is None:
            mark, start = this, offset
        elif word == "BEGIN":
            regions.problems.append((offset, f"BEGIN {this} inside a region of {mark}"))
        elif this == mark:
            regions.found.append(Region(this, start + 1, tuple(lines[start + 1 : offset])))
            mark = None
        else:
            regions.problems.append((offset, f"END {this} without its BEGIN {this} before it"))
    if mark is not None:
        regions.problems.append((start, f"BEGIN {mark} is never closed: add END {mark}"))
    return regions


def without_markers(source: str) -> str:
    """Return a cell without the lines that mark where regions begin and end."""
    return "\n".join(line for line in source.split("\n") if not MARKER.search(line))


def solved(source: str) -> str:
    """Return an instructor's cell as readers see it solved: no mark scheme, no marker."""
    hidden = {
        number
        for region in scan(source).of("MARK SCHEME")
        for number in range(region.first, region.first + len(region.lines))
    }
    lines = enumerate(source.split("\n"))
    return without_markers("\n".join(line for number, line in lines if number not in hidden))


def _marker(line: str) -> tuple[str, RegionKind] | None:
    for mark in get_args(RegionKind):
        for word in ("BEGIN", "END"):
            if f"{word} {mark}" in line:
                return word, mark
    return None


def _misspelt(line: str) -> str:
    kinds = ", ".join(get_args(RegionKind))
    return f"{line.strip()!r} is not a marker: use BEGIN or END, then {kinds}"
