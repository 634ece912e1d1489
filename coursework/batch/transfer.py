"""Put collected files into place: nbgrader's zip collector, with its transfer made safe."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.apps import ZipCollectApp

from coursework.batch.deliver import Delivered, Place
from coursework.errors import ConfigError
from coursework.nbgrader_bridge.settings import Settings
from coursework.platforms.deliveries import Stray
from coursework.platforms.zip_collect import COLLECTORS, Placed, SafeExtractor, extract

__all__ = ["Collector", "Progress", "handed_out", "transferred"]

Progress = Callable[[int, int], None]


class Collector(ZipCollectApp):
    """nbgrader's zip collector, which takes one download and hands on its results.

    Parameters
    ----------
    settings : Settings
    style : str
        That of the download.
    """

    def __init__(self, settings: Settings, style: str) -> None:
        super().__init__(config=settings.config)
        self.log_level = "ERROR"  # its warnings are reported in one list
        self.coursedir = settings.coursedir
        self.extractor_plugin, self.collector_plugin = SafeExtractor, COLLECTORS[style]

    @property
    def replaced(self) -> Path:
        """Where replaced submissions go."""
        return Path(self._format_collect_path("replaced"))

    def unpack(self, source: Path) -> tuple[Path, tuple[Stray, ...]]:
        """Unpack a download into its folder; return the folder, and what was refused."""
        folder = Path(self._format_collect_path(self.extracted_directory))
        new = folder.with_name(f".{folder.name}.part")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        refused = extract(source, new)
        # Only now: the source may be what somebody has sorted by hand in this folder.
        if folder.exists():
            shutil.rmtree(folder)
        new.rename(folder)
        return folder, tuple(Stray(one.name, one.reason) for one in refused)

    def transfer(
        self, plan: Mapping[str, Placed], each: Callable[[str, dict[str, Any]], None]
    ) -> None:
        """Collect the files of a plan, and hand on nbgrader's data on each student."""
        self.init_plugins()
        self.collector_plugin_inst.plan = plan
        for student, data in self._collect_files(sorted(plan)).items():
            each(student, data)


def transferred(
    app: Collector,
    settings: Settings,
    plan: Mapping[str, Placed],
    place: Place,
    progress: Progress,
) -> tuple[dict[str, Delivered], tuple[Stray, ...]]:
    """Put submissions into place, one after another.

    Parameters
    ----------
    app : Collector
    settings : Settings
    plan : mapping
        Extracted file → where it goes.
    place : Place
    progress : callable

    Returns
    -------
    delivered : dict
        Student → what became of the submission.
    failed : tuple of Stray
        Students whose submission cannot be written, and why.
    """
    course = settings.coursedir
    total = len({placed.student for placed in plan.values()})
    delivered: dict[str, Delivered] = {}
    failed: list[Stray] = []

    def each(student: str, data: dict[str, Any]) -> None:
        target = Path(course.format_path(course.submitted_directory, student, settings.assignment))
        files = list(zip(data["file_ids"], map(Path, data["src_files"]), strict=True))
        try:
            delivered[student] = place.put(student, target, files, data["timestamp"])
        except OSError as error:
            reason = f"{target} cannot be written: {error.strerror or error}; then collect again"
            failed.append(Stray(student, reason))
        progress(total, len(delivered) + len(failed))

    app.transfer(plan, each)
    return delivered, tuple(failed)


def handed_out(settings: Settings, notebooks: Sequence[str]) -> dict[str, NotebookNode]:
    """Return the notebooks that students got; if there is no release, the instructor's.

    Raises
    ------
    ConfigError
        One is missing, or cannot be read.
    """
    found = {}
    for name in notebooks:
        paths = (folder / f"{name}.ipynb" for folder in (settings.release, settings.source))
        path = next((path for path in paths if path.is_file()), None)
        if path is None:
            msg = f"{settings.release / name}.ipynb is missing: run `nbgrader generate_assignment`"
            raise ConfigError(msg)
        try:
            found[name] = nbformat.read(path, as_version=4)
        except (OSError, ValueError, nbformat.ValidationError) as error:
            msg = f"{path} cannot be read: {error}"
            raise ConfigError(msg) from error
    return found
