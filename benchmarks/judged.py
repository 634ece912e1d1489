"""Grade an assignment with the judge in this process, and say where the time went.

    python benchmarks/judged.py ASSIGNMENT

Run in a course's folder; prints seconds by stage as JSON.
"""

import json
import sys
import time
from collections import Counter
from functools import wraps
from pathlib import Path
from typing import Any

from coursework.batch.grade import grade
from coursework.batch.publish import Site
from coursework.course.layout import Course
from coursework.gradebook.write import Book
from coursework.judge.judge import Judge

__all__ = ["main"]


def main(assignment: str) -> None:
    """Grade, and print the seconds of each stage."""
    seconds: Counter[str] = Counter()
    _time(Judge, "grade", seconds, "judge")
    _time(Book, "record", seconds, "database")
    _time(Site, "publish", seconds, "publish")
    start = time.perf_counter()
    result = grade(Course(Path.cwd()), assignment, n_workers=1, force=True)
    total = time.perf_counter() - start
    if result.failures:
        sys.exit(f"not graded: {result.failures}")
    print(json.dumps(_stages(seconds, total)))


def _stages(seconds: Counter[str], total: float) -> dict[str, float]:
    own = ("judge", "database", "publish")
    stages = {name: value for name, value in seconds.items() if name not in own}
    judged = seconds["judge"] - sum(stages.values())
    write = seconds["publish"] - seconds["database"]
    rest = total - seconds["judge"] - seconds["publish"]
    return stages | {
        "rest of judging": judged,
        "database": seconds["database"],
        "write": write,
        "start, read, repair": rest,
    }


def _time(owner: type, name: str, seconds: Counter[str], stage: str) -> None:
    """Count the time of a method; for reports, also what they say about their stages."""
    method = getattr(owner, name)

    @wraps(method)
    def timed(*args: Any, **kwargs: Any) -> Any:
        start = time.perf_counter()
        found = method(*args, **kwargs)
        seconds[stage] += time.perf_counter() - start
        seconds.update(getattr(found, "seconds", {}))
        return found

    setattr(owner, name, timed)


if __name__ == "__main__":
    main(sys.argv[1])
