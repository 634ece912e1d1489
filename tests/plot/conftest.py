"""Figures of tests are drawn to memory."""

from collections.abc import Iterator

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest


@pytest.fixture(autouse=True)
def _own_figures() -> Iterator[None]:
    """Draw to memory, and leave neither figures nor settings behind."""
    with plt.rc_context():
        mpl.rcdefaults()
        mpl.use("Agg")
        yield
    plt.close("all")
