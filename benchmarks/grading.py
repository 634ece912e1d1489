"""How fast the judge grades, compared with nbgrader itself and with a bare fork and exec.

    python benchmarks/grading.py [--submissions 20,200] [--sample 20] [--endurance 1000] [--json]

The same class, with right and known wrong answers to real lessons, is graded in each way in turn,
so that whatever else the machine does slows all of them; the medians of the turns are shown.
Compare the ratios, which depend little on the machine. The slow ways grade a sample of a large
class.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median

import meter
from micro import measure as measure_steps
from rich.console import Console
from rivals import RIVALS, Rival, Run, measure
from school import empty_class, make_course, submit
from tables import endurance_table, rivals_table, stages_table, steps_table

from coursework.course.layout import Course
from coursework.nbgrader_bridge.programs import find_programs

__all__ = ["main", "median_run", "turns"]

_HERE = Path(__file__).resolve().parent
_ASSIGNMENT = "01-linear-regression"
_LESSONS = ["least-squares", "gradient-descent"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print tables or JSON."""
    options = _options(arguments)
    find_programs()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        (folder / "origin").mkdir()
        course = Course(_HERE.parent)
        origin = make_course(course, folder / "origin", options.assignment, options.lessons)
        if options.endurance:
            found = {"endurance": _endure(origin, folder, options)}
        else:
            found = _compare(origin, folder, options)
    if options.json:
        print(json.dumps(found, default=asdict))
    else:
        _show(found)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--submissions", type=_numbers, default=[20, 200], metavar="N,N")
    parser.add_argument("--sample", type=int, default=20, help="at most so many in slow ways")
    parser.add_argument("--rounds", type=int, default=3, help="turns, of which medians are shown")
    parser.add_argument("--endurance", type=int, default=0, metavar="N", help="N in a row, instead")
    parser.add_argument("--assignment", default=_ASSIGNMENT)
    parser.add_argument("--lessons", nargs="+", default=_LESSONS, metavar="LESSON")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser.parse_args(arguments)


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


def _compare(origin: Course, folder: Path, options: argparse.Namespace) -> dict[str, object]:
    classes = {}
    for size in options.submissions:
        runs: dict[str, list[Run]] = {key: [] for key in RIVALS}
        for rival, students in turns(list(RIVALS.values()), size, options.rounds, options.sample):
            Console(stderr=True).print(f"{rival.title}: {len(students)} submissions", style="dim")
            where = folder / f"{size}-{rival.key}-{len(runs[rival.key])}"
            runs[rival.key].append(measure(rival, origin, where, options.assignment, students))
        classes[size] = {key: median_run(each) for key, each in runs.items()}
    cores = len(os.sched_getaffinity(0))
    return {"cores": cores, "classes": classes, "steps": measure_steps()}


def turns(
    rivals: Sequence[Rival], size: int, rounds: int, sample: int
) -> Iterator[tuple[Rival, range]]:
    """Yield who grades which students next.

    In each round everybody has a turn. The fast ones grade the whole class in every turn, the slow
    ones a share of a sample, so that they grade the sample once in total.
    """
    part = min(size, sample)
    for number in range(rounds):
        share = range(part * number // rounds, part * (number + 1) // rounds)
        for rival in rivals:
            yield rival, share if rival.is_slow else range(size)


def median_run(runs: Sequence[Run]) -> Run:
    """Return the medians of everything that was measured."""
    return Run(
        *(median(getattr(run, name) for run in runs) for name in ("seconds", "cpu", "start")),
        peaks=_medians([run.peaks for run in runs]),
        stages=_medians([run.stages for run in runs]),
    )


def _medians(found: Sequence[dict[str, float]]) -> dict[str, float]:
    names = dict.fromkeys(name for each in found for name in each)
    return {name: median(each[name] for each in found if name in each) for name in names}


def _endure(origin: Course, folder: Path, options: argparse.Namespace) -> dict[str, float]:
    course = empty_class(origin, folder / "endurance")
    submit(course, origin, options.assignment, range(options.endurance))
    command = [sys.executable, str(_HERE / "endurance.py"), options.assignment]
    used = meter.run(command, course.root)
    if used.code:
        sys.exit(used.log)
    return json.loads(used.output)


def _show(found: dict) -> None:
    console = Console()
    for size, runs in found.get("classes", {}).items():
        console.print(rivals_table(size, found["cores"], runs), stages_table(runs))
    if "steps" in found:
        console.print(steps_table(found["steps"]))
    if "endurance" in found:
        console.print(endurance_table(found["endurance"]))


if __name__ == "__main__":
    main()
