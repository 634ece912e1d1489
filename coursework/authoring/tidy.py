"""nbgrader's preprocessor that makes a solved notebook fit to be read and compared."""

from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from coursework.authoring.regions import MARKER
from coursework.authoring.source import METADATA

__all__ = ["TidySolution"]


class TidySolution(NbGraderPreprocessor):
    """Take out the marker lines, and what running a notebook writes into its metadata."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Tidy the cells, then the notebook's metadata."""
        nb, resources = super().preprocess(nb, resources)
        nb.metadata = NotebookNode(METADATA)
        return nb, resources

    def preprocess_cell(
        self,
        cell: NotebookNode,
        resources: dict[str, Any],
        index: int,  # noqa: ARG002  (nbconvert's signature)
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Tidy one cell."""
        lines = cell.source.split("\n")
        cell.source = "\n".join(line for line in lines if not MARKER.search(line)).rstrip("\n")
        return cell, resources
