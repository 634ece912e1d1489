"""Graders of a question read its model answer and mark scheme; students never do."""

from pathlib import Path

import nbformat
import pytest
from classroom import ASSIGNMENT, submit, submit_all
from pages import text_of

from coursework.batch.grade import grade
from coursework.course.layout import Course
from coursework.course.lesson import Cell
from coursework.feedback.generate import generate
from coursework.grading.guide import guide_to

SECRETS = "even number of minus signs", "2 points for the signs"


def test_guide_stands_below_the_answer_and_on_no_page_for_students(course: Path) -> None:
    """The marker has both beside the answer; release and feedback have neither."""
    submit_all(course, "ada")
    submit(course, "forger", change=lambda notebook: notebook.cells.reverse())
    assert grade(Course(course), ASSIGNMENT, n_workers=1).failures == ()
    for student in ("ada", "forger"):
        path = course / "autograded" / student / ASSIGNMENT / "doubling.ipynb"
        cells = nbformat.read(path, as_version=4).cells
        names = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in cells]
        guide = cells[names.index("why") + 1]
        assert all(secret in guide.source for secret in SECRETS)
        assert "nbgrader" not in guide.metadata
    generate(Course(course), ASSIGNMENT)
    for page in (course / "feedback").rglob("doubling.html"):
        text = text_of(page.read_text(encoding="utf-8"))
        assert "Why is a square never negative" in text
        assert not any(secret in text for secret in SECRETS)
    release = (course / "release" / ASSIGNMENT / "doubling.ipynb").read_text(encoding="utf-8")
    assert not any(secret in release for secret in SECRETS)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("*Your answer:*", ()),
        ("<!-- BEGIN SOLUTION -->\n\n<!-- END SOLUTION -->", ()),
        ("<!-- BEGIN SOLUTION -->\nBecause.\n<!-- END SOLUTION -->", ("Model answer",)),
        ("### BEGIN MARK SCHEME\n1 point\n### END MARK SCHEME", ("Mark scheme",)),
    ],
)
def test_guide_has_what_the_lesson_says(source: str, told: tuple[str, ...]) -> None:
    """Without a model answer and a scheme there is no cell; with one of them, that one."""
    guide = guide_to(Cell("question", "why", source, exercise="why"))
    found = guide.source if guide else ""
    assert [title for title in ("Model answer", "Mark scheme") if title in found] == list(told)
