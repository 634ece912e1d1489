"""nbgrader's preprocessor that makes a solved notebook fit to be read, compared and stored."""

import base64
import io
from typing import Any

from nbconvert.preprocessors.coalescestreams import CoalesceStreamsPreprocessor
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from PIL import Image, ImageChops
from traitlets import Dict

from coursework.authoring.regions import MARKER
from coursework.authoring.source import METADATA

__all__ = ["TidySolution"]

# More than any figure of lines and text uses, antialiasing included; a third of the bytes.
_COLOURS = 64
_METHODS = (Image.Quantize.FASTOCTREE, Image.Quantize.MEDIANCUT)


class TidySolution(NbGraderPreprocessor):
    """Take out the marker lines, and what running a notebook writes into its metadata."""

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
        lines = cell.source.split("\n")
        cell.source = "\n".join(line for line in lines if not MARKER.search(line)).rstrip("\n")
        # Where text was printed in pieces depends on the time it took: it becomes one output.
        cell, resources = CoalesceStreamsPreprocessor().preprocess_cell(cell, resources, index)
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                output.data["image/png"] = smaller_png(output.data["image/png"])
        return cell, resources


def smaller_png(encoded: str) -> str:
    """Return a PNG with few colours, base64 like the given one; animations as they are."""
    image = Image.open(io.BytesIO(base64.b64decode(encoded)))
    if getattr(image, "n_frames", 1) > 1:
        return encoded
    drawn = image.convert("RGB")
    # One keeps the colours of thin lines, the other smooth shades.
    fewer = [drawn.quantize(_COLOURS, method=method) for method in _METHODS]
    buffer = io.BytesIO()
    min(fewer, key=lambda one: _largest_error(one, drawn)).save(buffer, "png", optimize=True)
    return base64.b64encode(buffer.getvalue()).decode()


def _largest_error(image: Image.Image, drawn: Image.Image) -> int:
    away = ImageChops.difference(image.convert("RGB"), drawn)
    return max(high for _, high in away.getextrema())
