"""Now `coursework.nbgrader_bridge.mending`."""

from coursework.nbgrader_bridge.mending import mend_nbgrader

__all__ = ["mend_nbgrader"]
