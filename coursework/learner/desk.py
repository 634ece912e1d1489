"""Answers the commands in a notebook."""

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Self

from coursework.course.layout import find_course
from coursework.errors import CourseworkError, WorkError, fault
from coursework.learner import course_map, status
from coursework.learner.checker import Checked, Checker, lesson_of_file
from coursework.learner.checks import Target, check_target, keep_result
from coursework.learner.nudge import as_run
from coursework.learner.pages import as_html, as_plain, hints_of
from coursework.learner.place import Place, work_place
from coursework.learner.self_check import as_lines
from coursework.learner.tasks import find_task
from coursework.submissions.read import read_submission

__all__ = ["Desk"]


class Desk:
    """Answers the commands of one notebook.

    Parameters
    ----------
    folder : Path
        Of the notebook.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._checker: Checker | None = None

    def answer(self, question: dict[str, Any]) -> dict[str, str]:
        """Return what a command shows: `text`, and `html` if there is more than text.

        Parameters
        ----------
        question : dict
            `what` is asked ("check", "hint" or "status"), with which `words`; the `file` of the
            notebook as its server names it, and the `cells` that ran in it, in order.
        """
        answers: dict[str, Callable[[dict[str, Any]], dict[str, str]]] = {
            "check": self._check,
            "hint": self._hint,
            "status": self._status,
        }
        try:
            return answers[question["what"]](question)
        except CourseworkError as error:
            return {"text": str(error)}
        except Exception as error:  # noqa: BLE001  (the next question is to be answered, too)
            return {"text": fault(error)}

    def close(self) -> None:
        """End what the judge has started."""
        if self._checker:
            self._checker.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @cached_property
    def _place(self) -> Place:
        return work_place(find_course(self._folder))

    def _status(self, question: dict[str, Any]) -> dict[str, str]:
        return {
            "text": as_plain(course_map.as_lines(status.status(self._place, *question["words"])))
        }

    def _check(self, question: dict[str, Any]) -> dict[str, str]:
        checked = self._judged(question)
        return {"text": as_plain(as_lines(checked)), "html": as_html(checked)}

    def _hint(self, question: dict[str, Any]) -> dict[str, str]:
        return {"text": hints_of(self._judged(question))}

    def _judged(self, question: dict[str, Any]) -> Checked:
        path, cells = self._file(question["file"], question["cells"]), question["cells"]
        lesson = "/".join(lesson_of_file(self._place.course, path))
        words = question["words"]
        if len(words) > 1:
            raise WorkError(f"%{question['what']} takes one exercise, or none for all")
        if words:
            find_task(self._place, "check", lesson, words[0])
        self._checker = self._checker or Checker(self._place.course)
        target = Target(path, lesson, *words)
        checked = check_target(self._place, target, self._checker, partial(as_run, cells=cells))
        if path.resolve() == self._place.own(lesson).resolve():
            keep_result(self._place, target, checked, path.stat().st_mtime_ns)
        return checked

    def _file(self, named: str, cells: Sequence[str]) -> Path:
        """Return the notebook's file: by its name, else the one whose cells ran."""
        path = self._folder / Path(named).name
        if named and path.is_file():
            return path
        ran = {source.strip() for source in cells if source.strip()}
        found = {path: _sources(path) & ran for path in self._folder.glob("*.ipynb")}
        if not any(found.values()):
            raise WorkError("cannot tell which notebook this is: save it, and run its first cell")
        return max(found, key=lambda path: (len(found[path]), path.stat().st_mtime_ns))


def _sources(path: Path) -> set[str]:
    return {cell.source.strip() for cell in read_submission(path).notebook.cells}
