"""One look for all figures, in colours that most readers can tell apart.

The colours are those of Okabe and Ito (Color Universal Design, 2008), which differ in
brightness too and so stay distinct for readers with a colour-vision deficiency; their
yellow is left out, since it is hard to see on white.
"""

import matplotlib.pyplot as plt

__all__ = ["COLOURS", "use_style"]

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
"""Blue, vermilion, green, purple, orange, sky blue, black."""


def use_style() -> None:
    """Set the course's colours, sizes and fonts for the figures of this notebook."""
    plt.rcParams.update(
        {
            "axes.axisbelow": True,
            "axes.grid": True,
            "axes.prop_cycle": plt.cycler(color=COLOURS),
            "axes.spines.right": False,
            "axes.spines.top": False,
            "axes.titlelocation": "left",
            "axes.titlesize": "medium",
            "figure.constrained_layout.use": True,
            "figure.dpi": 100,
            "figure.figsize": (6.0, 4.0),
            "font.size": 10.0,
            "grid.alpha": 0.3,
            "legend.frameon": False,
            "lines.linewidth": 1.8,
            "savefig.dpi": 100,
        }
    )
