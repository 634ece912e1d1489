"""What nbgrader's own commands load; the settings are in `course_config.py`."""

c = get_config()  # noqa: F821  (traitlets defines it)
load_subconfig("course_config.py")  # noqa: F821
