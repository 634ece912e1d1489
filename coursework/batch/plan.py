"""Which submissions an assignment has, and which of them still need grading."""

from collections.abc import Collection, Iterator

from coursework.batch.journal import Journal
from coursework.errors import ConfigError
from coursework.grading.pipeline import notebooks_in
from coursework.grading.task import Task
from coursework.nbgrader_bridge.settings import Settings

__all__ = ["Plan"]


class Plan:
    """The submissions of an assignment that were asked for.

    Parameters
    ----------
    settings : Settings
    notebooks : collection of str
        The assignment's notebooks.
    student, notebook : str or None
        Only this one.
    journal : Journal

    Raises
    ------
    ConfigError
        There is no such notebook.
    """

    def __init__(
        self,
        settings: Settings,
        notebooks: Collection[str],
        student: str | None,
        notebook: str | None,
        journal: Journal,
    ) -> None:
        if notebook is not None and notebook not in notebooks:
            known = ", ".join(notebooks)
            msg = f"{settings.assignment} has no notebook {notebook!r}; there are {known}"
            raise ConfigError(msg)
        self.names = tuple(notebooks) if notebook is None else (notebook,)
        self._settings, self._student, self._journal = settings, student, journal
        self._siblings = notebooks_in(settings.source)

    def split(self, complete: Collection[str], *, force: bool) -> tuple[list[Task], list[Task]]:
        """Return the submissions that are already graded, and those that need grading.

        Parameters
        ----------
        complete : collection of str
            Students whose marks are all in the gradebook.
        force : bool
            Whether all need grading.

        Raises
        ------
        ConfigError
            Nothing was submitted.
        """
        tasks = list(self._tasks())
        if not tasks:
            whose = "" if self._student is None else f" by {self._student!r}"
            msg = f"nothing was submitted for {self._settings.assignment}{whose}"
            raise ConfigError(msg)
        graded = () if force else (task for task in tasks if task.student in complete)
        # What the journal does not know, all of the graded notebook has to be read for.
        done = [task for task in graded if self._journal.knows(task) or task.is_done]
        taken = set(done)
        return done, [task for task in tasks if task not in taken]

    def _tasks(self) -> Iterator[Task]:
        for student, folder in sorted(self._settings.submissions()):
            if self._student in (None, student):
                target = self._settings.autograded_folder(student)
                where = self._settings.assignment, self._settings.declared
                yield Task(student, folder, target, self.names, self._siblings, *where)
