"""What was measured, as tables."""

from collections.abc import Mapping

from rich.table import Table
from rivals import RIVALS, Run

__all__ = ["endurance_table", "ratio", "rivals_table", "stages_table", "steps_table"]

_MIB = 2**20


def rivals_table(size: int, cores: int, runs: Mapping[str, Run]) -> Table:
    """Return the graders, one per row."""
    title = f"{size} submissions, one worker, {cores} cores"
    table = _table(
        title,
        "",
        "s each",
        "CPU s each",
        "start s",
        "faster",
        "of limit",
        "most memory (MiB)",
    )
    for key, run in runs.items():
        memory = ", ".join(f"{kind} {peak / _MIB:.0f}" for kind, peak in run.peaks.items())
        table.add_row(
            RIVALS[key].title,
            f"{run.seconds:.3f}",
            f"{run.cpu:.3f}",
            f"{run.start:.1f}",
            ratio(runs.get("nbgrader"), run),
            ratio(run, runs.get(RIVALS[key].limit)),
            memory,
        )
    return table


def ratio(first: Run | None, second: Run | None) -> str:
    """Return how many times longer the first one takes per submission."""
    return f"{first.seconds / second.seconds:.1f}x" if first and second else ""


def stages_table(runs: Mapping[str, Run]) -> Table:
    """Return where the judge's time goes."""
    with_stages = {key: run.stages for key, run in runs.items() if run.stages}
    titles = (RIVALS[key].title for key in with_stages)
    table = _table("Milliseconds a submission by stage", "", *titles)
    for stage in next(iter(with_stages.values()), ()):
        values = (f"{1000 * stages[stage]:.1f}" for stages in with_stages.values())
        table.add_row(stage, *values)
    return table


def steps_table(steps: Mapping[str, float]) -> Table:
    """Return the judge's single steps."""
    table = _table("Single steps", "", "median")
    for name, seconds in steps.items():
        text = f"{1e6 * seconds:.0f} µs" if seconds < 1e-3 else f"{1e3 * seconds:.2f} ms"  # noqa: PLR2004
        table.add_row(name, text)
    return table


def endurance_table(found: Mapping[str, float]) -> Table:
    """Return what a long run showed."""
    table = _table(f"{found['submissions']} submissions in a row", "", "")
    for name, value in found.items():
        is_part = isinstance(value, float)
        table.add_row(name.replace("_", " "), f"{100 * value:+.1f} %" if is_part else str(value))
    return table


def _table(title: str, first: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, padding=(0, 2, 0, 0))
    table.add_column(first)
    for column in columns:
        table.add_column(column, justify="right")
    return table
