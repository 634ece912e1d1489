"""What nbgrader's own commands run of this project, and how its configuration is read."""
