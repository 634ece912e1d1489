"""From lessons to notebooks: the rules of authoring, and what nbgrader makes of a lesson."""
