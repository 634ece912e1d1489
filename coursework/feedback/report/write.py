"""Write the report on a class: one self-contained page."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from coursework.course.layout import Course
from coursework.errors import ConfigError
from coursework.feedback.assemble import with_code
from coursework.feedback.exporter import TEMPLATES
from coursework.feedback.preprocessors import style_sheet
from coursework.feedback.report.facts import ClassReport
from coursework.feedback.report.figures import histogram_of, summary_of
from coursework.submissions.sanitize import clean_text

__all__ = ["MOST", "render", "write_report"]

MOST = 20  # mistakes, or rows of a table
_NAMES = 60  # students in one place
_MESSAGE, _NAME = 2_000, 200  # characters
_KIB = 1024
_UNKNOWN = "\N{EN DASH}"


def write_report(course: Course, found: ClassReport, target: Path | None = None) -> Path:
    """Write the page, as a whole or not at all; return its path.

    Parameters
    ----------
    course : Course
    found : ClassReport
    target : Path, optional
        `reports/A.html` in the course's folder by default.

    Raises
    ------
    ConfigError
        Nothing can be written there.
    """
    if target is None:
        target = course.root / "reports" / f"{found.assignment}.html"
    part = target.with_name(f".{target.name}.part")
    try:
        if target.is_dir():
            raise IsADirectoryError(0, "it is a folder")
        target.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(render(found, datetime.now(UTC)), encoding="utf-8")
        part.replace(target)
    except OSError as error:
        msg = f"{target} cannot be written: {error.strerror}; name another file with --to"
        raise ConfigError(msg) from error
    finally:
        part.unlink(missing_ok=True)
    return target


def render(found: ClassReport, now: datetime) -> str:
    """Return the page.

    Parameters
    ----------
    found : ClassReport
    now : datetime
        When the page is made, in UTC.
    """
    style, digest = style_sheet("feedback", "report")
    return (
        _environment()
        .get_template("index.html.j2")
        .render(
            report=found,
            notebooks=[
                (name, list(of)) for name, of in groupby(found.items, attrgetter("notebook"))
            ],
            summary=summary_of(found.standings),
            histogram=histogram_of(found.standings),
            slowest=_top(found, "seconds"),
            largest=_top(found, "n_bytes"),
            n_waiting=sum(len(one.students) for one in found.waiting),
            most=MOST,
            now=f"{now.day} {now:%B %Y, %H:%M} UTC",
            style=Markup(style),  # noqa: S704  (ours)
            style_hash=digest,
        )
    )


def _environment() -> Environment:
    """Return Jinja's environment, which cleans and escapes everything that it prints."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES / "report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_printed,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "number": lambda value: f"{round(value, 2):g}",
        "percent": _percent,
        "size": _size,
        "names": _names,
        "breakable": _breakable,
        "with_code": lambda text: Markup(with_code(clean_text(text, _MESSAGE))),  # noqa: S704
        "message": lambda text: clean_text(text, _MESSAGE),
    }
    return made


def _printed(value: Any) -> Any:
    """Return what is printed: text without characters that act on the page; markup is ours."""
    return clean_text(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _top(found: ClassReport, what: str) -> list[Any]:
    costs = [cost for cost in found.costs if getattr(cost, what)]
    return sorted(costs, key=lambda cost: getattr(cost, what), reverse=True)[: MOST // 2]


def _percent(share: float | None) -> str:
    return _UNKNOWN if share is None else f"{100 * share:.0f} %"


def _size(n_bytes: int) -> str:
    if n_bytes < _KIB**2:
        return f"{n_bytes / _KIB:.0f} KiB"
    return f"{n_bytes / _KIB**2:.1f} MiB"


def _names(students: Sequence[str]) -> Markup:
    """Return the names of students, each isolated, in whatever direction its letters run."""
    shown = [Markup("<bdi>{}</bdi>").format(clean_text(one, _NAME)) for one in students[:_NAMES]]
    rest = len(students) - _NAMES
    text = Markup(", ").join(shown)
    return text + f" and {rest:,} more" if rest > 0 else text


def _breakable(name: str) -> Markup:
    """Return a name that may break after its underscores."""
    return escape(clean_text(name, _NAME)).replace("_", Markup("_<wbr>"))
