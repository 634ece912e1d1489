"""nbconvert's HTML exporter with our template, and without reprinting the page."""

from pathlib import Path
from typing import Any

from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode
from traitlets import List, Unicode

__all__ = ["TEMPLATES", "FeedbackExporter"]

TEMPLATES = Path(__file__).parent / "templates"


class FeedbackExporter(HTMLExporter):
    """Writes what the template gives, byte for byte.

    `HTMLExporter` parses the page once more to add what our template already has. That takes
    longer than everything else, and sanitised HTML should not be parsed again by another
    parser.

    The template belongs to this class and cannot be configured: settings of `c.HTMLExporter`
    apply to all HTML exporters, including Formgrader's, and nbgrader changes them, too.
    """

    template_name = Unicode("feedback", help="The template's folder.").tag(affects_template=True)
    extra_template_basedirs = List(
        Unicode(), [str(TEMPLATES)], help="Where the template's folder is."
    ).tag(affects_environment=True)

    def from_notebook_node(  # type: ignore[override]  # nbconvert's own gives no notebook either
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Convert a notebook to a page."""
        resources = self._init_resources(resources)
        return super(HTMLExporter, self).from_notebook_node(nb, resources, **kw)
