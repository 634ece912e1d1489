"""The sheets as plugins of `nbgrader export`.

nbgrader export --exporter=coursework.platforms.exporters.CanvasExport --to=canvas.csv
"""

from pathlib import Path
from typing import ClassVar

from nbgrader.api import Gradebook
from nbgrader.plugins import ExportPlugin
from traitlets import Bool, Unicode

from coursework.errors import ConfigError
from coursework.gradebook.totals import people, totals_of
from coursework.gradebook.write import Book
from coursework.platforms.roster import read_roster
from coursework.platforms.sheets import Class, Sheet, filled, plain
from coursework.platforms.tables import replacing
from coursework.platforms.writing import write_sheet

__all__ = ["CanvasExport", "JsonExport", "MoodleExport", "TotalsExport"]


class _SheetExport(ExportPlugin):
    """A sheet of all assignments, or of those that are named."""

    style: ClassVar[str]
    gives_zero = Bool(default_value=False, help="Give 0 to who has submitted nothing.").tag(
        config=True
    )

    def export(self, gradebook: Gradebook) -> None:
        """Write the sheet.

        Parameters
        ----------
        gradebook : Gradebook

        Raises
        ------
        ConfigError
            It cannot be written, or an assignment is unknown.
        """
        target = Path(self.to or f"grades.{'json' if self.style == 'json' else 'csv'}")
        sheet = self._sheet(self._class(gradebook))
        with replacing(target) as file:
            write_sheet(file, sheet, self.style)
        self.log.info("Exported %d rows to %s", len(sheet.rows), target)
        for student in sheet.missing:
            self.log.warning("%r has a mark and no row in the form", student)

    def _class(self, gradebook: Gradebook) -> Class:
        asked = {str(one) for one in self.student}
        students = [one for one in people(gradebook) if not asked or one.id in asked]
        names = [str(one) for one in self.assignment] or sorted(
            assignment.name for assignment in gradebook.assignments
        )
        totals = [totals_of(Book(gradebook, name)) for name in names]
        return Class(students, totals, gives_zero=self.gives_zero)

    def _sheet(self, found: Class) -> Sheet:
        return plain(found, self.style)


class TotalsExport(_SheetExport):
    """A CSV with a row for each student and assignment, and a column for each notebook."""

    style = "csv"


class JsonExport(_SheetExport):
    """The same as JSON."""

    style = "json"


class _FormExport(_SheetExport):
    """A sheet for a platform, or the file that the platform exported, filled in."""

    roster = Unicode(help="The file that the platform has exported, to be filled in.").tag(
        config=True
    )
    column = Unicode(help="Title of its column for marks.").tag(config=True)
    is_scaled = Bool(
        default_value=False, help="Bring marks to the maximum of the platform's assignment."
    ).tag(config=True)

    def _sheet(self, found: Class) -> Sheet:
        if not self.roster:
            return super()._sheet(found)
        if len(found.totals) != 1:
            msg = "a form is filled in for one assignment: name it by --assignment=\"['A']\""
            raise ConfigError(msg)
        form = read_roster(Path(self.roster))
        return filled(found, self.style, form, self.column, is_scaled=self.is_scaled)


class CanvasExport(_FormExport):
    """What Canvas imports into its gradebook."""

    style = "canvas"


class MoodleExport(_FormExport):
    """What Moodle imports: its grading worksheet, or a CSV for its gradebook."""

    style = "moodle"
