"""A course that began with an earlier version keeps its configuration."""

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from traitlets.config import PyFileConfigLoader

ROOT = Path(__file__).parents[2]
# What `course_config.py` named before the package had rooms, and where it is now.
MOVED = {
    "coursework.database.wait_for_gradebook": "coursework.gradebook.database",
    "coursework.mending.mend_nbgrader": "coursework.nbgrader_bridge.mending",
    "coursework.programs.find_programs": "coursework.nbgrader_bridge.programs",
    "coursework.handing_out.SaveLessonCells": "coursework.nbgrader_bridge.handing_out",
    "coursework.judge.preprocessors.Repair": "coursework.nbgrader_bridge.autograde",
    "coursework.judge.preprocessors.RunJudge": "coursework.nbgrader_bridge.autograde",
    "coursework.judge.preprocessors.SaveMarks": "coursework.nbgrader_bridge.autograde",
    "coursework.judge.preprocessors.SubmissionExporter": "coursework.nbgrader_bridge.autograde",
}


def found(name: str) -> Any:
    """Return what a dotted name means."""
    module, _, own = name.rpartition(".")
    return getattr(import_module(module), own)


@pytest.mark.parametrize("name", MOVED)
def test_names_of_earlier_configurations(name: str) -> None:
    """They mean what they meant: the same classes and functions."""
    assert found(name) is found(f"{MOVED[name]}.{name.rpartition('.')[2]}")


def test_names_of_the_configuration() -> None:
    """Each class that `course_config.py` names is there, under no name of earlier."""
    config = PyFileConfigLoader("course_config.py", path=str(ROOT)).load_config()
    values = [value for section in config.values() for value in section.values()]
    texts = [one for value in values for one in (value if isinstance(value, list) else [value])]
    names = [text for text in texts if isinstance(text, str) and text.startswith("coursework.")]
    assert names
    for name in names:
        assert found(name).__module__ == name.rpartition(".")[0]
