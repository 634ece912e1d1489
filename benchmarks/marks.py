"""Where two gradebooks differ: what each answer of each student earns.

    python benchmarks/marks.py BEFORE/gradebook.db AFTER/gradebook.db

`coursework demo --keep FOLDER` makes one, from the tree in which it runs.
"""

import sys
from pathlib import Path

from nbgrader.api import Gradebook

__all__ = ["compare", "read"]

Key = tuple[str, str, str, str]


def read(path: Path) -> dict[Key, float]:
    """Return the score of each graded cell, by assignment, student, notebook and cell."""
    with Gradebook(f"sqlite:///{path.resolve()}") as gradebook:
        return {
            (submission.assignment.name, submission.student_id, notebook.name, grade.name): (
                grade.score
            )
            for student in gradebook.students
            for submission in student.submissions
            for notebook in submission.notebooks
            for grade in notebook.grades
        }


def compare(before: Path, after: Path) -> int:
    """Print the cells that earn different points, or that only one has; return how many."""
    old, new = read(before), read(after)
    unlike = [key for key in sorted(old.keys() | new.keys()) if old.get(key) != new.get(key)]
    print(
        f"{len(old.keys() & new.keys())} scores in both; {len(unlike)} differ, or are in one only"
    )
    for key in unlike:
        print(f"{' / '.join(key)}: {old.get(key, 'none')} before, {new.get(key, 'none')} after")
    return len(unlike)


if __name__ == "__main__":
    sys.exit(1 if compare(*map(Path, sys.argv[1:])) else 0)
