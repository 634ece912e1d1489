"""Now `coursework.nbgrader_bridge.handing_out`."""

from coursework.nbgrader_bridge.handing_out import SaveLessonCells

__all__ = ["SaveLessonCells"]
