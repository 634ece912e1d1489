"""The form of a lesson: each rule has its message; it is an error, or one warning a rule."""

import base64
import io
import json
from pathlib import Path

import pytest
from formed import LATER, LESSON, write_course
from PIL import Image

from coursework.authoring.build import build, check
from coursework.authoring.form import Places, broken_form, broken_outputs, summary
from coursework.authoring.form.finding import Finding
from coursework.authoring.form.parts import parts
from coursework.authoring.form.reading import sections
from coursework.authoring.form.text import n_equations, n_words
from coursework.course.layout import Course
from coursework.course.lesson import Lesson, read_lesson


def written(text: str, folder: Path) -> tuple[Course, Lesson]:
    """Write a course with this lesson."""
    course = write_course(folder, text)
    return course, read_lesson(course.lessons / "00-a" / "one.md")


def found_in(text: str, folder: Path) -> list[Finding]:
    """Return where a lesson of this text departs from the form."""
    course, lesson = written(text, folder)
    return list(broken_form(lesson, Places(course.lessons, course.order())))


SHOW = """
```python tags=["show"]
{}
```
"""
FIRST = ("· 5 minutes · ▮▯▯▯▯\n", "· 1 minute · ▮▯▯▯▯\n\n" + "word " * 400 + "\n")
RULES = [
    # opening
    ("opening", "words come before the first exercise", "How steep", "word " * 301),
    ("opening", "3 displayed formulas", "How steep", "$$a$$\n\n$$b$$\n\n$$c$$\n\nHow steep"),
    ("opening", "takes 5 minutes at most", "1 point · 5 minutes", "1 point · 6 minutes"),
    # minutes
    ("minutes", "takes about 2 minutes: write · 2 minutes", "Nothing.", "word " * 300),
    (
        "minutes",
        "the heading says 1 where the words, formulas and code below it take 3",
        FIRST[0],
        FIRST[1],
    ),
    # parts
    ("parts", "part 1 of 2 takes 25 minutes", "Why · 40 minutes", "Why · 20 minutes"),
    ("parts", "part 1 of 2 takes 44 minutes", "Why · 40 minutes", "Why · 39 minutes"),
    ("parts", "part 1 of 2 takes 61 minutes", "Why · 40 minutes", "Why · 56 minutes"),
    ("parts", "part 1 of 1 takes 90 minutes", "#region rest", '#region why="rest"'),
    ("parts", "**It takes** two parts of about 45 minutes", "**It takes** two", "**It takes** 3"),
    ("parts", "**It takes** two parts of about 45", "about 45 minutes.", "about 60 minutes."),
    ("parts", "does not say how long", "**It takes**", "It takes"),
    # links
    ("links", "there is no lesson 01-b/next-two", "next-one.md", "next-two.md"),
    ("links", "link to the lesson's Markdown", "next-one.md", "next-one.ipynb"),
    ("links", "as a whole", "next-one.md", "next-one.md#Plain"),
    ("links", "there are #Twice-and-half, #Plain", "(#Plain)", "(#Plan)"),
    ("links", "say where, without a link", "(#Plain)", "(#2.-Halve)"),
    ("links", "no other file comes with a notebook", "Nothing.", "See [this](data.csv)."),
    ("links", "no other file comes with a notebook", "Nothing.", "![a picture](a.png)"),
    ("links", "this link leads nowhere", "Nothing.", "See [this]()."),
    ("links", "write [its title](../01-b/next-one.md)", "Nothing.", "See `next-one`."),
    ("links", "write [its title](../01-b/far-away.md)", "Nothing.", "See `01-b/far-away`."),
    ("prerequisites", "not taught before", "first-steps.md", "../01-b/next-one.md"),
    ("prerequisites", "not taught before", "first-steps.md", "../01-b/far-away.md"),
    ("prerequisites", "is not written", "first-steps.md", "zero-steps.md"),
    # hints
    ("hints", "the exercise 'halve' has no hints", 'hint="halve"', 'why="halve"'),
    ("hints", "are not directly below", "<!-- #region hint=", "Text.\n\n<!-- #region hint="),
    # Markdown
    ("Markdown", "\\lbrace", "Nothing.", "The set $\\{a\\}$."),
    ("HTML", "is HTML", "Nothing.", "<b>Nothing</b>."),
    # figures
    ("alt text", "plt.show() says nothing", "Nothing.", SHOW.format("plt.show()")),
    ("alt text", "fewer than 6 words", "Nothing.", SHOW.format('plot.show("A line.")')),
    ("alt text", "fewer than 6 words", "Nothing.", SHOW.format("plot.show(text)")),
    ("alt text", "fewer than 6 words", "Nothing.", SHOW.format("plot.animation(f, [1])")),
    ("alt text", "fewer", "Nothing.", SHOW.format('plot.explore(f, a=(1, 2, 1), alt="")')),
]


@pytest.mark.parametrize(("rule", "message", "old", "new"), RULES)
def test_form_rule(tmp_path: Path, rule: str, message: str, old: str, new: str) -> None:
    """Each departure from the form has a message of its rule, with the line and a remedy."""
    assert old in LESSON
    found = found_in(LESSON.replace(old, new), tmp_path)
    assert any(one.rule == rule and message in one.message for one in found), found
    assert all(one.line > 0 for one in found)


def test_form_kept(tmp_path: Path) -> None:
    """A lesson that keeps the form departs from it nowhere; one without exercises has none."""
    assert found_in(LESSON, tmp_path / "kept") == []
    assert found_in("# Words\n\nSee [this]().\n", tmp_path / "words") == []


@pytest.mark.parametrize(
    "text",
    [
        '```python tags=["show"]\nplot.show("A line through five points, too steep.")\n```',
        '```python tags=["show"]\nplot.show(f"A line of slope {slope:.2f} through five.")\n```',
        '```python tags=["show"]\nplot.show(alt="A line through five" " points, too steep.")\n```',
        "The code `next_one`, and [the `next-one`](../01-b/next-one.md).",
        "Code, `[this](a.md)`.\n\n```\n[this](a.md) <b>\n```",
        "A [page](https://example.com), a ![picture](https://example.com/a.png).",
    ],
)
def test_form_accepts(tmp_path: Path, text: str) -> None:
    """Alt texts in any spelling, linked lessons and links in code are fine."""
    assert found_in(LESSON.replace("Nothing.", text), tmp_path) == []


def test_sections(tmp_path: Path) -> None:
    """Minutes are those of headings; what is folded, and code, takes no time to read."""
    _, lesson = written(LESSON, tmp_path)
    timed = sections(lesson)
    assert [one.minutes for one in timed] == [5, None, 40, 45]
    assert [(part.minutes, lesson.cells[part.index].kind) for part in parts(lesson)[:1]] == [
        (45, "rest")
    ]
    longer = LESSON.replace("Because", "word " * 500).replace(
        "1. What is half?", "1. " + "w " * 500
    )
    _, lesson = written(longer, tmp_path / "longer")
    assert [one.need for one in sections(lesson)] == [one.need for one in timed]


def test_words_and_equations() -> None:
    """A formula in a line is a word, code too; displayed formulas and fenced code are none."""
    text = "Two words, $x_1 + y$ and `f(x)`:\n\n$$a + b$$\n\n```\n$$code$$ here\n```\n[a](b c)"
    assert n_words(text) == 6
    assert n_equations(text) == 1


# -- pictures of solved notebooks


def png(width: int) -> str:
    """Return a picture, in base64."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, 2)).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


ALT = "A line through five points, too steep."


def tag(width: int, alt: str = ALT, shown: int = 10) -> dict[str, object]:
    """Return an output that shows a picture in HTML."""
    source = f'<img alt="{alt}" width="{shown}" src="data:image/png;base64,{png(width)}">'
    return {"output_type": "display_data", "data": {"text/html": source}, "metadata": {}}


def plain(width: int, about: dict[str, object]) -> dict[str, object]:
    """Return an output that is a picture."""
    metadata = {"image/png": about}
    data = {"image/png": png(width)}
    return {"output_type": "display_data", "data": data, "metadata": metadata}


@pytest.mark.parametrize(
    ("output", "rules"),
    [
        (tag(20), []),
        (tag(20, alt=""), ["alt text"]),
        (tag(15), ["resolution"]),
        (plain(20, {"alt": ALT, "width": 10}), []),
        (plain(20, {"alt": ALT}), ["resolution"]),
        (plain(20, {"width": 10}), ["alt text"]),
        (plain(20, {}), ["alt text", "resolution"]),
        (
            {"data": {"image/svg+xml": "<svg>" + "x" * 100_000}, "metadata": {}},
            ["alt text", "figure size"],
        ),
        ({"output_type": "stream", "name": "stderr", "text": ["five series\n"]}, ["warnings"]),
        ({"output_type": "stream", "name": "stdout", "text": ["five series\n"]}, []),
    ],
)
def test_pictures(tmp_path: Path, output: dict[str, object], rules: list[str]) -> None:
    """A picture says what it shows, has two pixels for each of the page, and is small."""
    _, lesson = written(LESSON.replace("Nothing.", SHOW.format("draw()")), tmp_path)
    (index,) = (n for n, cell in enumerate(lesson.cells) if cell.kind == "show")
    cells = [{"outputs": [output] if n == index else []} for n in range(len(lesson.cells))]
    (tmp_path / "one.ipynb").write_text(json.dumps({"cells": cells}))
    found = list(broken_outputs(lesson, tmp_path / "one.ipynb"))
    assert [one.rule for one in found] == rules
    assert all(one.line == lesson.cells[index].line for one in found)


def test_moving_picture_may_be_large(tmp_path: Path) -> None:
    """What moves has a size of its own, which the notebook's limit holds."""
    frames = [Image.new("L", (9, 9), color) for color in (0, 255)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "PNG", save_all=True, append_images=frames[1:])
    data = {"image/png": base64.b64encode(buffer.getvalue() + b"x" * 100_000).decode()}
    output = {"data": data, "metadata": {"image/png": {"alt": ALT}}}
    _, lesson = written(LESSON, tmp_path)
    (tmp_path / "one.ipynb").write_text(json.dumps({"cells": [{"outputs": [output]}]}))
    assert list(broken_outputs(lesson, tmp_path / "one.ipynb")) == []


# -- levels


def test_form_is_an_error_or_waits(tmp_path: Path) -> None:
    """A lesson that departs from the form is not built; one that does so later gets warnings.

    A rule has one warning, however often it is broken; checking says nothing of them.
    """
    text = LESSON.replace("Nothing.", "<b>Nothing</b>").replace("#region hint=", "#region why=")
    text = text.replace("\n   return np.add(x, x, dtype=float)", "\n   return …")
    course = write_course(tmp_path / "strict", text)
    built = build(course, "00-a/one")
    assert (built.written, built.warnings) == ((), ())
    assert len(built.errors) == 4
    assert all(error.path.name == "one.md" and error.line for error in built.errors)
    assert sum("has no hints" in str(error) for error in built.errors) == 2
    mistakes = course.lessons / "00-a" / "one.mistakes.toml"
    mistakes.write_text(LATER)
    built = build(course, "00-a/one")
    assert (built.errors, len(built.written)) == ((), 3)
    assert [str(one.message).split(", the first")[0] for one in built.warnings] == [
        "hints, 2 places",
        "HTML, 2 places",
    ]
    assert check(course, "00-a/one").warnings == ()


def test_summary_names_the_first_place(tmp_path: Path) -> None:
    """A warning gives the number of places, and the first of them."""
    _, lesson = written(LESSON, tmp_path)
    found = [Finding("hints", 3, "none"), Finding("links", 5, "where"), Finding("hints", 9, "no")]
    assert [(one.line, one.message) for one in summary(lesson, found)] == [
        (3, "hints, 2 places, the first: none"),
        (5, "links: where"),
    ]
