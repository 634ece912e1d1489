"""What gradings leave for later ones: it helps where it is whole, and harms nowhere."""

from pathlib import Path

import pytest

from coursework.batch.journal import FOLDER, Entry, Journal

ENTRY = Entry(0.5, 12, "b" * 64, "g" * 64, {"test_f": 3.0, "why": None})


def lines(root: Path) -> list[str]:
    """Return the lines of the journal that hold something."""
    return [line for line in (root / FOLDER / "a1.jsonl").read_text().splitlines() if line]


@pytest.mark.parametrize("student", ["ada", "new\nline", '"]', "\udcff", "naïve"])
def test_journal_gives_back_what_was_noted(tmp_path: Path, student: str) -> None:
    """Whatever a student is called; the last line counts."""
    Journal(tmp_path, "a1").note(student, "n", Entry(9.0, 1))
    Journal(tmp_path, "a1").note(student, "n", ENTRY)
    found = Journal(tmp_path, "a1")
    assert list(found.entries()) == [(student, "n", ENTRY)]
    assert found.entry(student, "n") == ENTRY
    assert found.entry("somebody", "n") is None
    assert len(lines(tmp_path)) == 2


@pytest.mark.parametrize(
    "damage",
    [
        "{",
        "[1, 2]",
        '["ada", "n", {}]',
        '["ada", "n", null]',
        '["ada", "n", {"seconds": 1e999, "cells": 1, "basis": "", "graded": "", "marks": {}}]',
        '["ada", "n", {"seconds": NaN, "cells": 1, "basis": "", "graded": "", "marks": {}}]',
        '["ada", "n", {"seconds": 1, "cells": -1, "basis": "", "graded": "", "marks": {}}]',
        '["ada", "n", {"seconds": 1, "cells": 1, "basis": "", "graded": "", "marks": []}]',
        "[" * 100_000,
        "\x00\x1b",
    ],
)
def test_journal_passes_over_what_is_damaged(tmp_path: Path, damage: str) -> None:
    """Half a line, which a killed grading leaves, costs that line alone."""
    Journal(tmp_path, "a1").note("ada", "n", ENTRY)
    with (tmp_path / FOLDER / "a1.jsonl").open("a") as file:
        file.write(damage)
    Journal(tmp_path, "a1").note("bob", "n", ENTRY)
    found = Journal(tmp_path, "a1").entries()
    assert list(found) == [("ada", "n", ENTRY), ("bob", "n", ENTRY)]


def test_journal_does_not_grow_without_end(tmp_path: Path) -> None:
    """What no longer counts goes, once there is much of it."""
    journal = Journal(tmp_path, "a1")
    for number in range(150):
        journal.note("ada", "n", Entry(number, 1))
    journal.note("bob", "n", ENTRY)
    Journal(tmp_path, "a1").note("bob", "m", ENTRY)
    assert len(lines(tmp_path)) == 3
    assert Journal(tmp_path, "a1").entry("ada", "n") == Entry(149, 1)
    assert list((tmp_path / FOLDER).glob("*.part")) == []


def test_journals_of_other_assignments(tmp_path: Path) -> None:
    """Those of the course, without one's own."""
    for assignment in ("a0", "a1", "a2"):
        Journal(tmp_path, assignment).note(assignment, "n", ENTRY)
    found = [[student for student, *_ in one.entries()] for one in Journal(tmp_path, "a1").others()]
    assert found == [["a0"], ["a2"]]


def test_journal_that_cannot_be_written_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Grading goes on; only the next one is slower."""
    (tmp_path / FOLDER).write_text("a file where a folder is to be")
    journal = Journal(tmp_path, "a1")
    journal.note("ada", "n", ENTRY)
    journal.note("bob", "n", ENTRY)
    assert journal.entry("bob", "n") == ENTRY
    (told,) = caplog.messages
    assert "cannot be written" in told
