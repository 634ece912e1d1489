"""Where a course keeps its lessons and what is built from them."""

import re
import traceback
from dataclasses import dataclass
from pathlib import Path

from traitlets import TraitError
from traitlets.config import Config, PyFileConfigLoader

from coursework.course.order import Order, read_order
from coursework.errors import ConfigError

__all__ = ["CONFIG_FILE", "Course", "find_course", "lesson_key", "misconfigured"]

CONFIG_FILE = "course_config.py"


@dataclass(frozen=True)
class Course:
    """A course: the folder that holds `course_config.py`.

    The trees below it have the same shape: `<tree>/<assignment>/<lesson>`.
    """

    root: Path

    @property
    def lessons(self) -> Path:
        """What people write: Markdown and known mistakes."""
        return self.root / "lessons"

    @property
    def source(self) -> Path:
        """The instructor's notebooks, built."""
        return self.root / "source"

    @property
    def release(self) -> Path:
        """The students' notebooks, built."""
        return self.root / "release"

    @property
    def solutions(self) -> Path:
        """The solved and executed notebooks, built."""
        return self.root / "solutions"

    @property
    def work(self) -> Path:
        """Where a reader works: notebooks of their own, which no build touches."""
        return self.root / "work"

    @property
    def modules(self) -> Path:
        """The package, where the modules are built that later lessons import."""
        return self.root / "coursework" / "built"

    def order(self) -> Order:
        """Read the order in which lessons are taught, and what each builds on.

        Raises
        ------
        LessonError
            `lessons/order.toml` cannot be read.
        """
        return read_order(self.lessons / "order.toml")

    def assignments(self) -> tuple[str, ...]:
        """Return the names of the assignments, in order."""
        return tuple(dict.fromkeys(path.parent.name for path in self.lesson_files()))

    def lesson_files(self, *names: str) -> tuple[Path, ...]:
        """Return the Markdown files of lessons, in the order in which they are taught.

        Parameters
        ----------
        *names : str
            Assignments (`A`) or single lessons (`A/n`); all lessons if none is named.

        Raises
        ------
        ConfigError
            A name is neither an assignment nor a lesson.
        LessonError
            `lessons/order.toml` cannot be read.
        """
        files = {lesson_key(path): path for path in self.lessons.glob("*/*.md")}
        found = [files[key] for key in self.order().sorted(files)]
        if not names:
            return tuple(found)
        keys = {path: (path.parent.name, lesson_key(path)) for path in found}
        known = {key for both in keys.values() for key in both}
        wanted = {name.rstrip("/") for name in names}
        if unknown := sorted(wanted - known):
            msg = f"no lesson in {self.lessons} is called {', '.join(unknown)}"
            raise ConfigError(msg)
        return tuple(path for path in found if wanted & set(keys[path]))

    def config(self) -> Config:
        """Read `course_config.py`.

        Raises
        ------
        ConfigError
            The file raises.
        """
        try:
            return PyFileConfigLoader(CONFIG_FILE, path=str(self.root)).load_config()
        except Exception as error:
            raise ConfigError(misconfigured(self.root / CONFIG_FILE, error)) from error


def misconfigured(file: Path, error: Exception) -> str:
    """Say what is wrong with the configuration, and in which line if a line raises."""
    frames = reversed(traceback.extract_tb(error.__traceback__))
    lines = (f"{f.filename}, line {f.lineno}" for f in frames if f.filename.endswith("_config.py"))
    # Traitlets names some objects by their address.
    text = re.sub(r"<\S*?(\w+) object at 0x\w+>", r"a \1", " ".join(str(error).split()))
    if not isinstance(error, TraitError):
        text = f"{type(error).__name__}: {text}"
    return f"{next(lines, file)} cannot be used: {text.rstrip('.')}; mend it there"


def lesson_key(path: Path) -> str:
    """Return `A/n`, the assignment and the name of a lesson or of a notebook built from it."""
    return f"{path.parent.name}/{path.stem}"


def find_course(start: Path | None = None) -> Course:
    """Return the course that holds a folder, by default the current one.

    Raises
    ------
    ConfigError
        No folder from `start` upwards holds `course_config.py`.
    """
    folder = (start or Path.cwd()).resolve()
    for root in (folder, *folder.parents):
        if (root / CONFIG_FILE).is_file():
            return Course(root)
    msg = f"{folder} is in no course: no folder from here up holds {CONFIG_FILE}"
    raise ConfigError(msg)
