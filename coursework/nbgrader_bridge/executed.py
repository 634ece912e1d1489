"""nbgrader's own steps of grading, for assignments that cannot be judged from outside.

Tests run in the student's process, as in nbgrader: nothing protects marks and files there.
"""

from typing import Any

from nbconvert.exporters import Exporter
from nbconvert.preprocessors import ClearMetadataPreprocessor, Preprocessor
from nbformat import NotebookNode
from nbgrader.preprocessors import (
    ClearOutput,
    DeduplicateIds,
    Execute,
    IgnorePattern,
    LimitOutput,
    OverwriteCells,
    OverwriteKernelspec,
    SaveAutoGrades,
)

__all__ = ["EXECUTE", "SANITIZE", "SAVE", "take"]

_Steps = tuple[type[Preprocessor], ...]

SANITIZE: _Steps = (ClearOutput, DeduplicateIds, OverwriteKernelspec, OverwriteCells)
EXECUTE: _Steps = (Execute, IgnorePattern, ClearMetadataPreprocessor, LimitOutput)
SAVE: _Steps = (SaveAutoGrades,)


def take(
    steps: _Steps, exporter: Exporter, notebook: NotebookNode, resources: dict[str, Any]
) -> tuple[NotebookNode, dict[str, Any]]:
    """Take nbgrader's steps, configured as nbgrader configures them."""
    for step in steps:
        notebook, resources = step(parent=exporter)(notebook, resources)
    return notebook, resources
