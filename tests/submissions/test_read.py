"""Whatever was submitted is read as a notebook, or said why not."""

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursework.course.cells import grade_id_of
from coursework.errors import SubmissionError
from coursework.submissions import read as reading
from coursework.submissions.read import empty_notebook, parse_submission, read_submission

EXPECTED = {"double", "test_double"}


def write(folder: Path, content: object) -> Path:
    """Write what was submitted."""
    path = folder / "n.ipynb"
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    path.write_bytes(data)
    return path


def notebook(*cells: object, **rest: object) -> dict:
    """Return a notebook's JSON."""
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **rest}


def code(source: object = "x = 1", **rest: object) -> dict:
    """Return a code cell's JSON."""
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "source": source, "outputs": []}
    return {**cell, "execution_count": None, **rest}


def test_read_notebook_keeps_sources_and_drops_outputs(tmp_path: Path) -> None:
    """A sound notebook keeps its cells, but not what their outputs claim."""
    output = {"output_type": "stream", "name": "stdout", "text": "3"}
    read = read_submission(write(tmp_path, notebook(code(["a = 1\n", "a"], outputs=[output]))))
    assert read.is_readable
    assert read.notes == ()
    assert read.notebook.cells[0].source == "a = 1\na"
    assert read.notebook.cells[0].outputs == []


def nested(depth: int) -> object:
    """Return a dict in a dict, and so on."""
    return {"a": nested(depth - 1)} if depth else 1


DEEP = nested(700)
MARKS = {"grade_id": "double", "solution": True}


@pytest.mark.parametrize(
    "rest",
    [
        {"metadata": DEEP},
        {"metadata": {"nbgrader": {**MARKS, "x": DEEP}, "y": [DEEP]}},
        {"metadata": {"nbgrader": DEEP}},
        {"metadata": [DEEP]},
        {"metadata": {"\ud800": "\ud800", "nbgrader": {**MARKS, "\udfff": "\ud800"}}},
        {"attachments": {"a": {"b": "c"}}, "extra": DEEP},
        {"attachments": DEEP},
        {"attachments": {"\ud800": {"\udfff": "\ud800"}}},
        {"outputs": [DEEP], "execution_count": DEEP},
        {"id": "\ud800"},
        {"source": ["x = 1  # \ud800\U0001f600"]},
    ],
)
@pytest.mark.parametrize("kind", ["code", "markdown", "raw"])
def test_read_cell_with_more_than_a_notebook_holds(
    tmp_path: Path, rest: dict[str, object], kind: str
) -> None:
    """What is nested too deep for nbformat, and no text, takes no cell and no other cell away."""
    path = write(tmp_path, notebook(code(cell_type=kind, **rest), code("y = 2")))
    read = read_submission(path)
    assert read.is_readable
    assert [cell.source[:5] for cell in read.notebook.cells] == ["x = 1", "y = 2"]
    nbformat.writes(read.notebook).encode()


@pytest.mark.parametrize("major", [DEEP, [[[]]] * 9, "3", 3, 10**400, None, -1, 2.5])
def test_read_old_notebook_of_no_known_format(tmp_path: Path, major: object) -> None:
    """Whatever the format claims to be, the note is one sentence."""
    old = {"nbformat": major, "worksheets": [{"cells": [code(metadata=DEEP)]}]}
    read = read_submission(write(tmp_path, old))
    (note,) = read.notes
    assert not read.is_readable
    assert len(note) < 200


_WITHIN = """
import resource, sys
from pathlib import Path
from coursework.submissions.read import read_submission

resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))
path = Path(sys.argv[1])
for value in sys.argv[2:]:
    count = 48_000_000 // (len(value) + 1)
    path.write_text('{"cells": [' + ",".join([value] * count) + '], "nbformat": 4}')
    print(read_submission(path).notes)
"""


def test_read_files_of_millions_of_values(tmp_path: Path) -> None:
    """Files of 48 MB are read within a gigabyte, or refused: numbers of a figure are read."""
    values = ["{}", "[]", '{"a":0}', '""', "0", '"ab"', "[[]]", "1e9", "0.12345678901234567"]
    command = [sys.executable, "-c", _WITHIN, str(tmp_path / "n.ipynb"), *values]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    notes = done.stdout.splitlines()
    assert len(notes) == len(values)
    for value, note in zip(values, notes, strict=True):
        assert ("too many values" in note) == (value != values[-1]), (value, note)


@pytest.mark.parametrize(
    ("content", "remedy"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"<!doctype html><title>n</title>", "web page"),
        (b"PK\x03\x04", "ZIP"),
        (b"%PDF-1.7", "PDF"),
        (b'{"cells": [', "damaged"),
        (b"\xff\xfe\x00\xd8", "damaged"),
        (b'{\n"cells": [\n<<<<<<< HEAD\n1\n=======\n2\n>>>>>>> theirs\n]}', "Git"),
        (b"[1, 2]", "not a notebook"),
        (b'{"cells": 3}', "not a notebook"),
        (b"[" * 100_000, "damaged"),
        (b'{"nbformat": 3, "worksheets": [{"cells": 7}]}', "old format"),
    ],
)
def test_read_other_content_gives_empty_notebook_and_remedy(
    tmp_path: Path, content: bytes, remedy: str
) -> None:
    """A file that is not a notebook counts as an empty one, with one helpful note."""
    read = read_submission(write(tmp_path, content))
    assert not read.is_readable
    assert read.notebook == empty_notebook()
    assert len(read.notes) == 1
    assert read.notes[0].startswith("n.ipynb ")
    assert remedy in read.notes[0]


def test_read_missing_file_says_so(tmp_path: Path) -> None:
    """A missing file is not an error."""
    read = read_submission(tmp_path / "n.ipynb")
    assert read.notes == (
        "n.ipynb was not submitted, so it gets 0; submit it under exactly this name.",
    )


def test_read_folder_link_and_pipe_are_refused(tmp_path: Path) -> None:
    """Only ordinary files are read: a link may show what its owner must not see."""
    secret = tmp_path / "secret.ipynb"
    secret.write_text(json.dumps(notebook(code("hidden"))))
    (tmp_path / "link.ipynb").symlink_to(secret)
    (tmp_path / "dangling.ipynb").symlink_to(tmp_path / "nowhere")
    (tmp_path / "folder.ipynb").mkdir()
    os.mkfifo(tmp_path / "pipe.ipynb")
    for name, reason in [
        ("link", "is a link"),
        ("dangling", "is a link"),
        ("folder", "is a folder"),
        ("pipe", "is not an ordinary file"),
    ]:
        read = read_submission(tmp_path / f"{name}.ipynb")
        assert read.notebook.cells == []
        assert reason in read.notes[0]


def test_read_large_file_is_refused_unread(tmp_path: Path) -> None:
    """A file beyond the limit costs no memory."""
    path = write(tmp_path, notebook(code("#" * 2000)))
    read = read_submission(path, max_bytes=1000)
    assert not read.is_readable
    assert "clear its outputs" in read.notes[0]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_read_other_encodings(tmp_path: Path, encoding: str) -> None:
    """Windows tools write a byte order mark, or UTF-16; both are read."""
    text = json.dumps(notebook(code("s = 'é'")), ensure_ascii=False)
    read = read_submission(write(tmp_path, text.encode(encoding)))
    assert read.notebook.cells[0].source == "s = 'é'"


def test_read_format_3_is_upgraded(tmp_path: Path) -> None:
    """A notebook of the year 2014 is read."""
    cells = [
        {"cell_type": "code", "input": "x = 1", "language": "python", "outputs": []},
        {"cell_type": "markdown", "source": "text"},
    ]
    old = {"metadata": {}, "nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": cells}]}
    read = read_submission(write(tmp_path, old))
    assert [cell.source for cell in read.notebook.cells] == ["x = 1", "text"]


def test_read_broken_cells_leaves_out_these_alone(tmp_path: Path) -> None:
    """A cell that makes no sense costs itself."""
    broken = [7, {"cell_type": "poem"}, code(source=8), {"metadata": {}}]
    read = read_submission(write(tmp_path, notebook(code("kept = 1"), *broken)))
    assert [cell.source for cell in read.notebook.cells] == ["kept = 1"]
    assert "number 2, 3, 4, 5" in read.notes[0]


def test_read_notebook_of_another_assignment_is_noted(tmp_path: Path) -> None:
    """A notebook with other exercises is graded as it is, and the mistake is named."""
    marked = code(metadata={"nbgrader": {"grade_id": "sigmoid", "solution": True}})
    read = read_submission(write(tmp_path, notebook(marked)), EXPECTED)
    assert read.is_readable
    assert "another assignment" in read.notes[0]
    assert "`sigmoid`" in read.notes[0]


def test_read_notebook_without_marks_is_noted(tmp_path: Path) -> None:
    """Work that was copied into a new notebook is noticed."""
    read = read_submission(write(tmp_path, notebook(code())), EXPECTED)
    assert "recognised by their content" in read.notes[0]


def test_read_notebook_of_another_language_is_noted(tmp_path: Path) -> None:
    """A notebook saved for R is graded as Python, and says so."""
    metadata = {"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}}
    read = read_submission(write(tmp_path, notebook(code(), metadata=metadata)))
    assert read.notes == ("n.ipynb was saved for R; it is graded as Python.",)


def test_read_half_surrogates_can_be_written_again(tmp_path: Path) -> None:
    """JSON can spell characters that no file can hold; they become question marks."""
    read = read_submission(write(tmp_path, notebook(code("s = '\ud800'"))))
    assert read.notebook.cells[0].source == "s = '?'"


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
_cell = st.fixed_dictionaries(
    {},
    optional={
        "cell_type": st.sampled_from(["code", "markdown", "raw"]) | _json,
        "id": st.sampled_from(["a", "b", ""]) | _json,
        "source": st.text() | st.lists(st.text(max_size=5), max_size=3) | _json,
        "metadata": st.fixed_dictionaries({}, optional={"nbgrader": _json}) | _json,
        "attachments": _json,
        "outputs": _json,
    },
)


@given(st.lists(_cell | _json, max_size=6), _json, _json, st.none() | st.integers(0, 9) | _json)
def test_parse_any_json_gives_a_valid_notebook(
    cells: list, metadata: object, minor: object, major: object
) -> None:
    """Whatever a notebook's JSON holds, the result is valid, or a stated refusal."""
    raw = {"cells": cells, "metadata": metadata, "nbformat": major, "nbformat_minor": minor}
    try:
        read = parse_submission(json.dumps(raw).encode(), "n.ipynb", EXPECTED)
    except SubmissionError:
        return
    nbformat.validate(read.notebook)
    nbformat.writes(read.notebook).encode()
    assert all(isinstance(grade_id_of(cell), str) for cell in read.notebook.cells)


def test_outputs_do_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A notebook that is large by its outputs alone is graded; by its text it is not."""
    monkeypatch.setattr(reading, "MAX_BYTES", 1000)
    shown = {"output_type": "stream", "name": "stdout", "text": "x" * 3000}
    cell = {"cell_type": "code", "source": "1", "outputs": [shown], "metadata": {}}
    path = tmp_path / "n.ipynb"
    path.write_text(json.dumps({"nbformat": 4, "cells": [cell]}))
    assert read_submission(path).is_readable
    for large in (
        {"cell_type": "markdown", "source": "x" * 1001, "metadata": {}},
        {"cell_type": "raw", "source": "", "attachments": {"a": {"image/png": "x" * 1001}}},
    ):
        path.write_text(json.dumps({"nbformat": 4, "cells": [cell, large]}))
        read = read_submission(path)
        assert not read.is_readable
        assert "even without its outputs" in read.notes[0]
