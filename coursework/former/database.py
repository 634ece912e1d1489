"""Now `coursework.gradebook.database`."""

from coursework.gradebook.database import wait_for_gradebook

__all__ = ["wait_for_gradebook"]
