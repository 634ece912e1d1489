"""A preprocessor of nbgrader's for a class that is to work without hints."""

from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool

__all__ = ["LeaveOutHints"]


class LeaveOutHints(NbGraderPreprocessor):
    """Removes the folded hints from what students get; solved lessons keep them."""

    enabled = Bool(
        default_value=False,
        help="Whether release/ is without the folded hints. What students hand in is graded with "
        "and without them.",
    ).tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Leave out the cells that are hints."""
        nb.cells = [cell for cell in nb.cells if "hint" not in cell.metadata]
        return nb, resources
