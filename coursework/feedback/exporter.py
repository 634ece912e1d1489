"""nbconvert's HTML exporter, without the step that reads and prints the whole page again."""

from typing import Any

from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode

__all__ = ["FeedbackExporter"]


class FeedbackExporter(HTMLExporter):
    """Writes what the template gives, byte for byte.

    `HTMLExporter` parses the page once more to add what our template has already. That
    takes longer than all the rest, and what was sanitised should not be parsed again by
    another parser.
    """

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Convert a notebook to a page."""
        resources = self._init_resources(resources)
        return super(HTMLExporter, self).from_notebook_node(nb, resources, **kw)
