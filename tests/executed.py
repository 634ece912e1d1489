"""Notebooks run in a kernel, as `coursework build` and JupyterLab run them."""

from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

__all__ = ["run"]

SETUP = """
import matplotlib.pyplot as plt
from coursework import plot

plot.use_style()
"""


def run(*cells: str) -> NotebookNode:
    """Return an executed notebook: cells of code, below one that imports `plt` and `plot`."""
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in (SETUP, *cells)])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "", "language": "python"}
    return NotebookClient(notebook, timeout=300).execute()
