"""The teaching order: what its file may say, and what comes of it."""

from pathlib import Path

import pytest

from coursework.authoring.syllabus import MAP, pages, titles, with_head
from coursework.course.layout import Course
from coursework.course.lesson import read_lesson
from coursework.course.order import broken_order
from coursework.errors import LessonError

ORDER = """
[[01-lines]]
lesson = "slopes"

[[01-lines]]
lesson = "areas"
builds_on = ["01-lines/slopes"]

[[00-last]]
lesson = "sums"
builds_on = ["01-lines/slopes", "00-last/series"]

[[00-last]]
lesson = "products"
planned = "Products & more"
builds_on = ["01-lines/areas"]
"""
SERIES = '[[00-last]]\nlesson = "series"\nplanned = "Series"\n\n'
README = (
    "# A course\n\n<!-- lessons: written by coursework build -->\n<!-- end of lessons -->\n\nEnd.\n"
)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """Return a course of three lessons with an order in which all is well."""
    (tmp_path / "lessons").mkdir()
    for key, title in (("01-lines/slopes", "Slopes"), ("01-lines/areas", "Areas of\tshapes ##")):
        write(tmp_path, key, f"# {title}\n\nText.\n")
    write(
        tmp_path,
        "00-last/sums",
        "---\njupyter:\n  kernelspec:\n    name: python3\n    display_name: Python 3\n---\n\n# Sums\n\nText.\n\n# Another\n",
    )
    place = ORDER.index("[[00-last]]")
    (tmp_path / "lessons" / "order.toml").write_text(ORDER[:place] + SERIES + ORDER[place:])
    (tmp_path / "README.md").write_text(README)
    (tmp_path / "docs").mkdir()
    return Course(tmp_path)


def write(root: Path, key: str, text: str) -> None:
    """Write a lesson."""
    path = root / "lessons" / f"{key}.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)


def edit(course: Course, old: str, new: str) -> None:
    """Change a text in the order."""
    path = course.lessons / "order.toml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))


def broken(course: Course) -> list[str]:
    """Return what is wrong with the order: the file's name, the line, and what is said."""
    keys = [f"{path.parent.name}/{path.stem}" for path in course.lessons.glob("*/*.md")]
    found = broken_order(course.order(), keys)
    return [f"{error.path.name}:{error.line}: {error.message}" for error in found]


def test_order_is_that_of_the_file(course: Course) -> None:
    """Lessons and assignments come as they are taught, whatever their names; planned ones not."""
    assert broken(course) == []
    assert [path.stem for path in course.lesson_files()] == ["slopes", "areas", "sums"]
    assert course.assignments() == ("01-lines", "00-last")
    assert [path.stem for path in course.lesson_files("00-last", "01-lines/areas")] == [
        "areas",
        "sums",
    ]


def test_order_of_a_course_without_the_file(course: Course) -> None:
    """Without the file the names give the order, and nothing is wrong."""
    (course.lessons / "order.toml").unlink()
    assert broken(course) == []
    assert [path.stem for path in course.lesson_files()] == ["sums", "areas", "slopes"]
    assert pages(course, course.order()) == {}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            '["01-lines/slopes"]',
            '["01-lines/slope"]',
            "order.toml:5: 01-lines/areas builds on '01-lines/slope', which this file does not list",
        ),
        (
            '["01-lines/slopes"]',
            '["00-last/sums"]',
            "order.toml:5: 01-lines/areas builds on 00-last/sums, which is not taught before it",
        ),
        (
            '["01-lines/slopes"]',
            '["01-lines/areas"]',
            "order.toml:5: 01-lines/areas builds on 01-lines/areas, which is not taught before it",
        ),
        (
            'lesson = "areas"',
            'lesson = "areas"\nplanned = "Areas"',
            "order.toml:5: 01-lines/areas is written: remove planned",
        ),
        (
            'planned = "Series"\n',
            "",
            "order.toml:9: there is no lesson 00-last/series.md",
        ),
        (
            '[[00-last]]\nlesson = "sums"\nbuilds_on = ["01-lines/slopes", "00-last/series"]',
            "",
            "sums.md:1: order.toml does not list this lesson",
        ),
        (
            '[[00-last]]\nlesson = "products"',
            '[[01-lines]]\nlesson = "slopes"\n\n[[00-last]]\nlesson = "products"',
            "order.toml:17: 01-lines/slopes is already in line 2",
        ),
    ],
)
def test_order_that_is_broken(course: Course, old: str, new: str, message: str) -> None:
    """Each fault is reported once, with file and line."""
    edit(course, old, new)
    (found,) = broken(course)
    assert found.startswith(message)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('lesson = "areas"', 'lesson = "areas"\nbuild_on = []', 5),
        ('lesson = "areas"', "", 5),
        ('["01-lines/slopes"]', '"01-lines/slopes"', 5),
        ('["01-lines/slopes"]', "[1]", 5),
        ('planned = "Series"', 'planned = " "', 9),
        ('planned = "Series"', "planned = true", 9),
        ("[[00-last]]", "[00-last]", 0),
        ('lesson = "areas"', 'lesson = "areas', 0),
    ],
)
def test_order_that_cannot_be_read(course: Course, old: str, new: str, line: int) -> None:
    """An invalid entry of the order is reported with its line, or with TOML's own message."""
    edit(course, old, new)
    with pytest.raises(LessonError, match=r"order\.toml") as caught:
        course.order()
    assert caught.value.line == line


def test_titles(course: Course) -> None:
    """A lesson is called by its first heading; a planned one as the order says."""
    assert titles(course, course.order()) == {
        "01-lines/slopes": "Slopes",
        "01-lines/areas": "Areas of\tshapes",
        "00-last/series": "Series",
        "00-last/sums": "Sums",
        "00-last/products": "Products & more",
    }


def test_head_links_prerequisites(course: Course) -> None:
    """Below its title a lesson links what it builds on, in its own tree; a plan has no link."""
    order = course.order()
    lesson = read_lesson(course.lessons / "00-last" / "sums.md")
    head = with_head(lesson, order, titles(course, order))
    assert head.cells[0].source.split("\n")[:4] == [
        "# Sums",
        "",
        "*Before this lesson:* [Slopes](../01-lines/slopes.ipynb), Series (planned)",
        "",
    ]
    assert head.cells[0].source.endswith("# Another")
    assert head.cells[0].id != lesson.cells[0].id
    assert head.cells[1:] == lesson.cells[1:]
    areas = read_lesson(course.lessons / "01-lines" / "areas.md")
    assert (
        "[Slopes](slopes.ipynb)"
        in with_head(areas, order, {"01-lines/slopes": "Slopes"}).cells[0].source
    )


def test_head_of_a_first_lesson(course: Course) -> None:
    """A lesson that builds on none stays as it is written."""
    lesson = read_lesson(course.lessons / "01-lines" / "slopes.md")
    assert with_head(lesson, course.order(), {}) == lesson


def test_pages_show_the_order(course: Course) -> None:
    """README's table and the map hold every lesson in order; what is planned is in italics."""
    found = pages(course, course.order())
    assert found[Path("README.md")] == README.replace(
        "build -->\n",
        "build -->\n"
        "| assignment | lessons |\n|---|---|\n"
        "| `01-lines` | [Slopes](solutions/01-lines/slopes.ipynb), "
        "[Areas of\tshapes](solutions/01-lines/areas.ipynb) |\n"
        "| `00-last` | *Series*, [Sums](solutions/00-last/sums.ipynb), *Products & more* |\n"
        "\nLessons in italics are planned.\n",
    )
    chart = found[MAP]
    assert 'n4["Products & more"]:::planned' in chart
    assert [line.strip() for line in chart.split("\n") if "-->" in line] == [
        "n0 --> n1",
        "n0 --> n3",
        "n2 --> n3",
        "n1 --> n4",
    ]
    assert (
        "| [Sums](../solutions/00-last/sums.ipynb) | [Slopes](../solutions/01-lines/slopes.ipynb), *Series* |"
        in chart
    )


def test_pages_keep_what_stands_around_the_table(course: Course) -> None:
    """The table is replaced between its marks, and made again it is the same."""
    readme = course.root / "README.md"
    readme.write_text(pages(course, course.order())[Path("README.md")])
    assert pages(course, course.order())[Path("README.md")] == readme.read_text()


def test_pages_without_a_place(course: Course) -> None:
    """A README that lost the marks is an error that shows them: no table goes stale unseen."""
    (course.root / "README.md").write_text("# A course\n")
    with pytest.raises(LessonError, match="<!-- end of lessons -->"):
        pages(course, course.order())
