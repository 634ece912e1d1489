"""Which assignment a download is for: the one that most of its notebooks' names belong to."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from coursework.course.layout import Course
from coursework.errors import ConfigError, SubmissionError
from coursework.platforms.archive import member_names, safe_name
from coursework.platforms.deliveries import STYLES, Delivery
from coursework.platforms.selection import notebook_of
from coursework.submissions.beside import files_below

__all__ = ["assignment_of"]


def assignment_of(source: Path, style: str, course: Course) -> str:
    """Return the assignment of a download.

    Parameters
    ----------
    source : Path
        An archive or a folder.
    style : str
        That of the download.
    course : Course

    Raises
    ------
    ConfigError
        The download cannot be read, or its names fit no assignment, or several equally well.
    """
    notebooks: dict[str, set[str]] = {}
    for path in (*course.release.glob("*/*.ipynb"), *course.source.glob("*/*.ipynb")):
        notebooks.setdefault(path.parent.name, set()).add(path.stem)
    hits: Counter[str] = Counter()
    for name in _notebooks_in(source, style):
        hits.update(one for one, names in notebooks.items() if notebook_of(name, names))
    best = hits.most_common(2)
    if not best or (len(best) > 1 and best[0][1] == best[1][1]):
        msg = f"{source}: its names do not say which assignment it is: name it behind the file"
        raise ConfigError(msg)
    return best[0][0]


def _notebooks_in(source: Path, style: str) -> Iterator[str]:
    """Yield the names that students' files have in a download."""
    try:
        if source.is_dir():
            names = [path.relative_to(source).as_posix() for path in files_below(source)]
        else:
            names = member_names(source)
    except SubmissionError as error:
        msg = f"{source} {error}"
        raise ConfigError(msg) from error
    for name in names:
        try:
            found = STYLES[style](source, safe_name(name).parts)
        except SubmissionError:
            continue
        if isinstance(found, Delivery):
            yield found.name.name
