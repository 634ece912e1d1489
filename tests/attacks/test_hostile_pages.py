"""What a student prints, raises, writes and calls files acts in no graded notebook or page."""

from collections.abc import Iterator
from pathlib import Path

import lesson
import nbformat
import pytest
from nbformat.v4 import new_markdown_cell
from pages import SCRIPTS, dangers

from coursework.grading.annotate import annotate
from coursework.feedback.markdown import render_markdown
from coursework.feedback.outputs import render_outputs
from coursework.ipc.limits import Limits
from coursework.judge.report import Report
from coursework.judge.judge import Judge
from coursework.submissions.metadata import mark_prepared
from coursework.submissions.read import read_submission


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    """One judge for all."""
    with Judge(Limits(cell_seconds=5.0), b"s") as made:
        yield made


def hostile_cells(payload: str) -> dict[str, str]:
    """Return cells that show a payload in every way that a cell can."""
    shown = f"""
from IPython.display import HTML, Javascript, Latex, Markdown, SVG, display

payload = {payload!r}
for kind in (HTML, Markdown, Latex, Javascript):
    display(kind(payload))
display({{"text/html": payload, "image/svg+xml": payload, payload: payload}}, raw=True)
display({{"image/png": payload, "text/plain": payload}}, raw=True)
print(payload)
"""
    answer = f"""
class Oops(Exception):
    pass

Oops.__name__ = {payload!r}

def square(x):
    raise Oops({payload!r})
"""
    return {"start": shown, "square": answer, "end": f"raise ValueError({payload!r})"}


@pytest.mark.parametrize("payload", SCRIPTS)
def test_graded_notebook_with_hostile_outputs_cannot_act(judge: Judge, payload: str) -> None:
    """HTML in a graded notebook, and what a page makes of its outputs, runs and loads nothing."""
    made, source = lesson.make()
    notebook = lesson.submission(source, hostile_cells(payload))
    notebook.cells.append(new_markdown_cell(f"# {payload}\n\n$$ {payload} $$\n\n![]({payload})"))
    report = judge.grade(made, notebook, payload)
    mark_prepared(notebook, (payload,), is_readable=True)
    annotate(notebook, report)
    nbformat.validate(notebook)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    shown = [output for output in outputs if "text/html" in output.get("data", {})]
    verdicts = [output for output in shown if "coursework" in output.metadata]
    assert len(verdicts) == len(report.outcomes)
    for output in shown:
        # The judge's own verdicts are styled.
        own = {"<div style>", "<pre style>"} if output in verdicts else set()
        assert set(dangers(output.data["text/html"])) <= own
    assert dangers(render_outputs(outputs)) == []
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    assert [danger for text in texts for danger in dangers(render_markdown(text))] == []
    kinds = {mime for output in outputs for mime in output.get("data", {})}
    assert kinds <= {"text/plain", "text/html", "text/latex", "image/png", "image/jpeg"}


NAMES = (
    "<img src=x onerror=alert(1)>.ipynb",
    "[a](javascript:alert(1)).ipynb",
    "\u202elesson.ipynb",
)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("content", ["{name}", '{{"cells": "{name}"}}', "<script>1</script>"])
def test_notes_on_a_hostile_file_cannot_act(tmp_path: Path, name: str, content: str) -> None:
    """A note that tells of a file shows its name and content as text."""
    path = tmp_path / name
    path.write_text(content.format(name=name), encoding="utf-8")
    read = read_submission(path, {"square"})
    mark_prepared(read.notebook, (*read.notes, name), is_readable=read.is_readable)
    annotate(read.notebook, Report("s", "tiny", "lesson", ()))
    (notes,) = read.notebook.cells
    assert "<" not in notes.source
    assert "](" not in notes.source
    assert dangers(render_markdown(notes.source)) == []
