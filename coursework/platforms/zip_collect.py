"""The steps of nbgrader's `zip_collect` for platforms' downloads, as plugins of its own kinds.

Their names are passed to it: `--extractor=coursework.platforms.zip_collect.SafeExtractor` and
`--collector=coursework.platforms.zip_collect.CanvasCollector`; `coursework collect` does more.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from nbgrader.api import Gradebook
from nbgrader.plugins import ExtractorPlugin, FileNameCollectorPlugin

from coursework.errors import SubmissionError
from coursework.gradebook.totals import people
from coursework.platforms.archive import CLASS, ONE_STUDENT, Refused, is_archive, safe_name, unpack
from coursework.platforms.deliveries import read_deliveries
from coursework.platforms.selection import select
from coursework.platforms.senders import as_listed, recognised
from coursework.submissions.beside import files_below
from coursework.submissions.read import MAX_FILE_BYTES
from coursework.submissions.safe_file import printable, read_untrusted

__all__ = [
    "COLLECTORS",
    "CanvasCollector",
    "FolderCollector",
    "MoodleCollector",
    "Placed",
    "SafeExtractor",
    "extract",
]


def extract(source: Path, folder: Path) -> list[Refused]:
    """Unpack a download, or copy it if it is a folder; unpack the archives that students handed in.

    Parameters
    ----------
    source : Path
        An archive or a folder.
    folder : Path
        An empty one.

    Raises
    ------
    SubmissionError
        It is not an archive, or holds too much; the text continues a sentence that begins with
        the archive's name.
    """
    refused: list[Refused] = []
    if source.is_dir():
        refused += _copied(source, folder)
    else:
        refused += unpack(source, folder, CLASS)
    for path in [path for path in files_below(folder) if is_archive(path)]:
        inner = path.with_name(f"{path.name}.part")
        name = path.relative_to(folder).as_posix()
        try:
            found = unpack(path, inner, ONE_STUDENT)
        except SubmissionError as error:
            shutil.rmtree(inner, ignore_errors=True)
            refused.append(Refused(name, str(error)))
            continue
        path.unlink()
        inner.rename(path)  # a folder takes its place and name, which says whose it is
        refused += [Refused(f"{name}/{one.name}", one.reason) for one in found]
    return refused


def _copied(source: Path, folder: Path) -> list[Refused]:
    refused = []
    for path in files_below(source):
        name = path.relative_to(source).as_posix()
        try:
            content = read_untrusted(path, MAX_FILE_BYTES)
            target = folder / safe_name(name)
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as file:
                file.write(content)
        except SubmissionError as error:
            refused.append(Refused(name, str(error)))
        except OSError as error:
            refused.append(Refused(name, f"cannot be read: {error.strerror or error}"))
    return refused


class SafeExtractor(ExtractorPlugin):
    """Unpacks what is in the archive folder, within bounds; no name leads out of it."""

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Unpack each archive in a folder, and copy everything else.

        Parameters
        ----------
        archive_path, extracted_path : str
        """
        for path in sorted(Path(archive_path).iterdir()):
            target = Path(extracted_path)
            try:
                if is_archive(path) or path.is_dir():
                    refused = extract(path, target)
                else:
                    shutil.copyfile(path, target / path.name, follow_symlinks=False)
                    refused = []
            except SubmissionError as error:
                self.log.warning("%s %s", path, error)
                continue
            for one in refused:
                self.log.warning("%s: %s", printable(one.name), printable(one.reason))


@dataclass(frozen=True)
class Placed:
    """Where a file goes: its student, its name there, and when it was submitted."""

    student: str
    name: str
    timestamp: datetime | None = None


class _PlatformCollector(FileNameCollectorPlugin):
    """Tells whose each extracted file is."""

    style: ClassVar[str]
    plan: Mapping[str, Placed] | None = None

    def collect(self, submitted_file: str) -> dict[str, Any] | None:
        """Return whose a file is, in nbgrader's form; None for a file that does not count.

        Parameters
        ----------
        submitted_file : str
        """
        if self.plan is None:
            self.plan = self._planned()
        placed = self.plan.get(submitted_file)
        if placed is None:
            return None
        return {
            "student_id": placed.student,
            "file_id": placed.name,
            "timestamp": placed.timestamp,
        }

    def _planned(self) -> dict[str, Placed]:
        """Find out whose the extracted files are, from the gradebook alone."""
        app = self.parent
        course = app.coursedir
        folder = Path(app._format_collect_path(app.extracted_directory))  # noqa: SLF001  (nbgrader has no other)
        with Gradebook(course.db_url, course.course_id) as gradebook:
            known = people(gradebook)
            assignment = gradebook.find_assignment(course.assignment_id)
            notebooks = [notebook.name for notebook in assignment.notebooks]
        deliveries, _ = read_deliveries(folder, self.style)
        senders = [one.sender for one in deliveries]
        found, _ = recognised(senders, map(as_listed, known), self.style)
        plan: dict[str, Placed] = {}
        for sender in dict.fromkeys(senders):
            if sender in found:
                selection = select((one for one in deliveries if one.sender == sender), notebooks)
                for name, one in selection.files:
                    plan[str(one.path)] = Placed(found[sender].student_id, str(name))
        return plan


class CanvasCollector(_PlatformCollector):
    """For Canvas's Assignments > Download submissions."""

    style = "canvas"


class MoodleCollector(_PlatformCollector):
    """For Moodle's Download all submissions."""

    style = "moodle"


class FolderCollector(_PlatformCollector):
    """For a folder that contains one for each student."""

    style = "folder"


COLLECTORS = {one.style: one for one in (CanvasCollector, MoodleCollector, FolderCollector)}
