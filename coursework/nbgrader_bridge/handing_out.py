"""Changes to nbgrader's steps towards a release: no release is lost, and each is kept."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.api import MissingEntry
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default.release_assignment import ExchangeReleaseAssignment
from nbgrader.preprocessors import SaveCells

__all__ = ["SaveLessonCells", "mend_handing_out"]

_generate, _hand_out = GenerateAssignment.start, ExchangeReleaseAssignment.start


def mend_handing_out() -> None:
    """Keep what is released, and restore what a failing step would remove."""
    GenerateAssignment.start = _generate_safely
    ExchangeReleaseAssignment.start = _hand_out_kept


class SaveLessonCells(SaveCells):
    """nbgrader's own, except that given cells may come and go while there are submissions.

    No mark depends on them. For cells with marks or answers nbgrader's rules hold.
    """

    def _create_notebook(self, nb: NotebookNode) -> None:
        self._renew_given()
        super()._create_notebook(nb)

    def _renew_given(self) -> None:
        place = self.notebook_id, self.assignment_id
        try:
            notebook = self.gradebook.find_notebook(*place)
        except MissingEntry:
            return
        kept = {name: getattr(notebook, f"{name}_cells") for name in ("grade", "solution", "task")}
        for kind, cells in kept.items():
            if {cell.name for cell in cells} != set(getattr(self, f"new_{kind}_cells")):
                return  # nbgrader refuses that if there are submissions
        old = {cell.name: cell for cell in notebook.source_cells}
        for name in old.keys() - self.new_source_cells.keys():
            self.gradebook.db.delete(old[name])
        self.gradebook.db.commit()
        for name in self.new_source_cells.keys() - old.keys():
            self.gradebook.add_source_cell(name, *place, **self.new_source_cells[name])


def _generate_safely(app: GenerateAssignment) -> None:
    if app.no_database:  # a build makes notebooks but hands nothing out
        _generate(app)
        return
    release = _folder(app.coursedir, "release")
    _keep(app.coursedir)
    with _spared(release):
        _generate(app)
    _keep(app.coursedir)


def _hand_out_kept(app: ExchangeReleaseAssignment) -> None:
    _hand_out(app)
    _keep(app.coursedir)


def _keep(course: CourseDirectory) -> None:
    from coursework.submissions.releases import keep_releases  # noqa: PLC0415  (every command loads this file)

    keep_releases(_folder(course, "source"), _folder(course, "release"))


def _folder(course: CourseDirectory, tree: str) -> Path:
    step = getattr(course, f"{tree}_directory")
    return Path(course.format_path(step, ".", course.assignment_id))


@contextmanager
def _spared(folder: Path) -> Iterator[None]:
    """Restore a folder if the block raises."""
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / "before"
        if folder.is_dir():
            shutil.copytree(folder, copy, symlinks=True)
        try:
            yield
        except BaseException:
            if copy.is_dir():
                shutil.rmtree(folder, ignore_errors=True)
                shutil.copytree(copy, folder, symlinks=True)
            raise
