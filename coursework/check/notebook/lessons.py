"""What a notebook file in the kernel's folder says about a test cell: which exercise it tests."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

__all__ = ["exercise_of"]

_MAX_BYTES = 20_000_000


def exercise_of(test: str, folder: Path) -> str:
    """Return the cell of the exercise that a test cell tests; "" if no file says it.

    A kernel does not know its notebook, but it runs in its folder, and the text of a test belongs
    to one exercise. Only the names that the exercise defines are needed, and they do not change:
    so it does not matter if the file is older than what ran.

    Parameters
    ----------
    test : str
    folder : Path
        Of the notebook.
    """
    for path in sorted(folder.glob("*.ipynb")):
        # A damaged notebook beside this one, or one that is being written, does not matter.
        with suppress(OSError, ValueError, TypeError, AttributeError):
            cells = list(_cells(path))
            tested = [meta.get("test") for meta, source in cells if source == test.strip()]
            for meta, source in cells if any(tested) else ():
                if meta.get("exercise") in tested and "exercise" in meta:
                    return source
    return ""


def _cells(path: Path) -> Iterator[tuple[dict[str, Any], str]]:
    if path.stat().st_size <= _MAX_BYTES:
        for cell in json.loads(path.read_bytes())["cells"]:
            yield cell["metadata"], "".join(cell["source"]).strip()
