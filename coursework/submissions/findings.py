"""What was wrong with a submitted notebook, a sentence for each kind of problem."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from coursework.submissions.matching import Known

__all__ = ["CHANGES", "Findings", "kind_of"]

_SENTENCES = {
    "missing": "Cells were missing and were put back as handed out: {}.",
    "edited": (
        "Locked cells had been edited and were restored: {}. "
        "Put imports and other code of your own into cells of your own."
    ),
    "duplicated": (
        "Cells occurred more than once: {}. The last one with work in it was taken; "
        "the others ran as ordinary cells. Delete copies."
    ),
    "retyped": "Cells had changed between code and text and were changed back: {}.",
    "marks": "The grading marks of cells had been changed and were restored: {}.",
    "recognised": "Cells without their grading marks were recognised by their content: {}.",
    "elsewhere": (
        "Answers were found outside their own cells, and count: {}. "
        "Keep each answer in its own cell."
    ),
    "beside": (
        "Answers to questions may be outside their cells, so a person looks for them: {}. "
        "Write each answer into its cell."
    ),
    "moved": "Cells had been moved and were brought back to the lesson's order: {}.",
}

# Those on what students are not to change: what is graded, by what, and for how much.
CHANGES = ("edited", "marks", "retyped", "duplicated")


def kind_of(note: str, kinds: Iterable[str] = tuple(_SENTENCES)) -> str:
    """Return which of these kinds of finding a note tells of; "" where it tells of another."""
    starts = ((kind, _SENTENCES[kind].partition("{}")[0]) for kind in kinds)
    return next((kind for kind, start in starts if note.startswith(start)), "")


@dataclass
class Findings:
    """What was wrong with which cells."""

    cells: dict[str, list[Known]] = field(default_factory=dict)

    def add(self, kind: str, known: Known) -> None:
        """Note a kind of problem with a cell."""
        # Nobody needs to know that a paragraph of text or a scratch cell was put back.
        if known.grade_id:
            self.cells.setdefault(kind, []).append(known)

    def notes(self) -> tuple[str, ...]:
        """Return a sentence for each kind of problem that was found."""
        return tuple(
            sentence.format(", ".join(known.label for known in self.cells[kind]))
            for kind, sentence in _SENTENCES.items()
            if kind in self.cells
        )
