"""Those of `coursework.judge`."""
