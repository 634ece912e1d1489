"""A preprocessor of nbgrader's that makes a solved notebook fit to read, compare and store."""

import base64
from typing import Any

from nbconvert.preprocessors.coalescestreams import CoalesceStreamsPreprocessor
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Dict

from coursework.authoring.source import METADATA
from coursework.course.regions import without_markers
from coursework.plot.exploration import LIVE
from coursework.plot.picture import smaller_png

__all__ = ["TidySolution"]


class TidySolution(NbGraderPreprocessor):
    """Removes the marker lines, and what running a notebook writes into its metadata."""

    imports = Dict(
        help="Digests of the modules of other lessons that this one imports, kept with it."
    ).tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Tidy the cells, then the notebook's metadata."""
        nb, resources = super().preprocess(nb, resources)
        nb.metadata = NotebookNode(METADATA)
        if self.imports:
            nb.metadata["coursework"] = {"imports": dict(self.imports)}
        return nb, resources

    def preprocess_cell(
        self,
        cell: NotebookNode,
        resources: dict[str, Any],
        index: int,
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Tidy one cell."""
        cell.source = without_markers(cell.source).rstrip("\n")
        # How printed text is split into outputs depends on timing: it becomes one output.
        cell, resources = CoalesceStreamsPreprocessor().preprocess_cell(cell, resources, index)
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if output.get("metadata") != LIVE]
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                content = smaller_png(base64.b64decode(output.data["image/png"]))
                output.data["image/png"] = base64.b64encode(content).decode()
        return cell, resources
