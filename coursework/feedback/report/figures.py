"""The geometry of the report's figures; the template draws them, and describes them in words."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from coursework.feedback.report.facts import Standing

__all__ = ["Bar", "Histogram", "Summary", "Tick", "histogram_of", "summary_of"]

_N_BINS = 10
_WIDTH, _TOP, _BOTTOM, _LEFT, _RIGHT = 480.0, 28.0, 190.0, 16.0, 464.0
_GAP = 4.0


@dataclass(frozen=True)
class Summary:
    """The marks of a class in a few numbers, as shares of all points."""

    mean: float
    quartiles: tuple[float, float, float]
    n_full: int
    n_late: int
    penalty: float
    open_points: float


@dataclass(frozen=True)
class Bar:
    """A bar of the histogram: the shares that it counts, in percent, and its place."""

    low: int
    high: int
    count: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Tick:
    """A share, in percent, and its place below the bars."""

    percent: int
    x: float


@dataclass(frozen=True)
class Histogram:
    """How many students have which share of the points; `median` is a place on the axis."""

    width: float
    bottom: float
    left: float
    right: float
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    median: float


def summary_of(standings: Sequence[Standing]) -> Summary:
    """Return the marks of a class in a few numbers."""
    shares = np.array([one.share for one in standings])
    low, middle, high = (float(one) for one in np.quantile(shares, (0.25, 0.5, 0.75)))
    return Summary(
        mean=float(shares.mean()),
        quartiles=(low, middle, high),
        n_full=int((shares >= 1).sum()),
        n_late=sum(one.penalty > 0 for one in standings),
        penalty=sum(one.penalty for one in standings),
        open_points=sum(one.open_points for one in standings),
    )


def histogram_of(standings: Sequence[Standing]) -> Histogram:
    """Return the histogram of marks; a bar includes its lower end, the last one both ends."""
    shares = np.array([one.share for one in standings])
    # Tenths are not exact in binary: a share on an edge belongs to the bar above.
    bins = np.minimum((shares * _N_BINS + 1e-9).astype(int), _N_BINS - 1)
    counts = np.bincount(bins, minlength=_N_BINS)
    step, most = (_RIGHT - _LEFT) / _N_BINS, max(int(counts.max()), 1)
    bars = tuple(
        _bar(number, int(count), step, (_BOTTOM - _TOP) * int(count) / most)
        for number, count in enumerate(counts)
    )
    median = _LEFT + float(np.median(shares)) * (_RIGHT - _LEFT)
    ticks = tuple(Tick(one, _LEFT + one / 100 * (_RIGHT - _LEFT)) for one in range(0, 101, 20))
    return Histogram(_WIDTH, _BOTTOM, _LEFT, _RIGHT, bars, ticks, round(median, 1))


def _bar(number: int, count: int, step: float, height: float) -> Bar:
    low = 100 // _N_BINS * number
    return Bar(
        low=low,
        high=low + 100 // _N_BINS,
        count=count,
        x=round(_LEFT + number * step + _GAP / 2, 1),
        y=round(_BOTTOM - height, 1),
        width=round(step - _GAP, 1),
        height=round(height, 1),
    )
