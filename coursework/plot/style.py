"""One look for all figures, in colours that most readers can tell apart.

The colours are those of Okabe and Ito (Color Universal Design, 2008), which differ in
brightness too and so stay distinct for readers with a colour-vision deficiency; their
yellow is left out, since it is hard to see on white. Each comes with a line style of its own,
for readers and printers without colours.
"""

import matplotlib.pyplot as plt

__all__ = ["COLOURS", "use_style"]

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
"""Blue, vermilion, green, purple, orange, sky blue, black."""

# Solid, dashed, dash-dotted, dotted; then those that a figure of four series does not need.
_LINES = (
    "-",
    (0, (5.0, 1.6)),
    (0, (6.0, 1.6, 1.2, 1.6)),
    (0, (1.2, 1.4)),
    (0, (9.0, 1.6)),
    (0, (5.0, 1.4, 1.2, 1.4, 1.2, 1.4)),
    (0, (2.6, 1.2)),
)


def use_style() -> None:
    """Set the course's colours, line styles, sizes and fonts for the figures of this notebook.

    If you set a line's colour, set its `linestyle` too, or it takes the next one of the cycle.
    """
    plt.rcParams.update(
        {
            "axes.axisbelow": True,
            "axes.grid": True,
            "axes.prop_cycle": plt.cycler(color=COLOURS, linestyle=_LINES),
            "axes.spines.right": False,
            "axes.spines.top": False,
            "axes.titlelocation": "left",
            "axes.titlesize": "medium",
            "figure.constrained_layout.use": True,
            "figure.dpi": 100,
            "figure.figsize": (5.6, 3.7),
            "font.size": 11.0,
            "grid.alpha": 0.3,
            "legend.frameon": False,
            "lines.linewidth": 1.8,
            "savefig.dpi": 100,
        }
    )
