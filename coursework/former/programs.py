"""Now `coursework.nbgrader_bridge.programs`."""

from coursework.nbgrader_bridge.programs import find_programs

__all__ = ["find_programs"]
