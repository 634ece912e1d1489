"""What the `course_config.py` of an older course imports, by its names of that time.

`coursework` and `coursework.judge` look here for modules that they do not have.
"""
