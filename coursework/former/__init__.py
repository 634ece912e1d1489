"""What `course_config.py` of a course that began earlier imports, by the names of then.

`coursework` and `coursework.judge` look here for modules that they do not have.
"""
