"""What grading says about every answer of the audit, for comparison before and after a change.

    python benchmarks/verdicts.py write BEFORE.json [A/n ...]
    python benchmarks/verdicts.py compare BEFORE.json AFTER.json

An answer is identified by its lesson, its kind, its student and the text of its cells. Mutants,
whose grading ends at the first lost point, are compared only on whether they lose any.
"""

import json
import sys
from pathlib import Path
from typing import Any

from coursework.audit.run import audit
from coursework.batch.grade import usable_cpus
from coursework.course.layout import find_course

__all__ = ["compare", "write"]

_MUTANTS = ("mutant", "behaviour")
_SHOWN = 20


def write(path: Path, *lessons: str) -> None:
    """Grade all answers of lessons and write what each earns."""
    found = audit(find_course(), *lessons, with_mutants=True, n_workers=usable_cpus())
    rows = [
        {
            "lesson": case.lesson,
            "kind": case.kind,
            "exercise": case.exercise,
            "student": case.student,
            "cells": case.cells,
            "points": verdict.points,
            "max_points": verdict.max_points,
        }
        for lesson in found.lessons
        for case, verdict in lesson.found
    ]
    path.write_text(json.dumps(rows), encoding="utf-8")


def compare(before: Path, after: Path) -> int:
    """Print where two files differ; return how many answers earn different points."""
    old, new = _read(before), _read(after)
    both = old.keys() & new.keys()
    unlike = [key for key in new if key in both and old[key] != new[key]]
    print(f"{len(both)} answers in both, {len(old) - len(both)} only before, "
          f"{len(new) - len(both)} only after")  # fmt: skip
    print(f"{len(unlike)} earn other points")
    for key in unlike[:_SHOWN]:
        lesson, kind, exercise, student, cells = key
        print(f"\n{lesson}, {kind} of {exercise or 'the notebook'}, {student}: "
              f"{old[key]} before, {new[key]} after\n{cells}")  # fmt: skip
    return len(unlike)


def _read(path: Path) -> dict[tuple[str, ...], str]:
    return {_key(row): _earned(row) for row in json.loads(path.read_text(encoding="utf-8"))}


def _key(row: dict[str, Any]) -> tuple[str, ...]:
    cells = "\n\n".join(source for _, source in row["cells"])
    return (*(row[name] for name in ("lesson", "kind", "exercise", "student")), cells)


def _earned(row: dict[str, Any]) -> str:
    if row["kind"] in _MUTANTS:
        return "all points" if row["points"] == row["max_points"] else "less than all points"
    return f"{row['points']:g} of {row['max_points']:g}"


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    if command == "compare":
        sys.exit(1 if compare(*map(Path, arguments)) else 0)
    write(Path(arguments[0]), *arguments[1:])
