"""Figures show what they are given, where a reader expects it, and fit into a notebook."""

import io
from collections.abc import Callable
from itertools import pairwise

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from PIL import Image

from coursework import plot


def bowl(u: float, v: float) -> float:
    """Be lowest, with the value 1, at (2, -1)."""
    return 1.0 + (u - 2.0) ** 2 + 3.0 * (v + 1.0) ** 2


def line_at(height: float) -> Callable[[Axes, int], None]:
    """Return a function that draws a level line at a height that depends on the frame."""

    def draw(ax: Axes, frame: int) -> None:
        ax.plot([0.0, 1.0], [height * frame, height * frame])
        ax.set(ylim=(0, 10), title=f"frame {frame}")

    return draw


def test_style_draws_in_the_cycle() -> None:
    """After `use_style` lines take the course's colours in their order."""
    plot.use_style()
    lines = [plt.plot([0, 1])[0] for _ in plot.COLOURS]

    assert [to_hex(line.get_color()) for line in lines] == list(plot.COLOURS)


def test_colours_differ_in_brightness() -> None:
    """The first four colours stay distinct without any sense of colour."""
    channels = np.array([mpl.colors.to_rgb(colour) for colour in plot.COLOURS[:4]])
    brightness = np.sort(channels @ [0.2126, 0.7152, 0.0722])

    assert np.diff(brightness).min() > 0.03


def test_import_sets_no_style() -> None:
    """The style is the notebook's choice: importing or drawing changes no setting."""
    before = dict(plt.rcParams)
    plot.fit([0.0, 1.0], [0.0, 1.0], [0.0, 1.0])

    assert dict(plt.rcParams) == before


def test_fit_orders_the_samples() -> None:
    """The prediction is drawn from left to right, whatever order the samples have."""
    x, y, y_hat = np.array([3.0, 1.0, 2.0]), np.array([9.0, 1.0, 4.0]), np.array([8.0, 2.0, 5.0])
    ax = plot.fit(x, y, y_hat)
    data, prediction = ax.lines

    np.testing.assert_array_equal(data.get_xydata(), [[1, 1], [2, 4], [3, 9]])
    np.testing.assert_array_equal(prediction.get_xydata(), [[1, 2], [2, 5], [3, 8]])


def test_fit_residuals_join_prediction_and_target() -> None:
    """Each residual is a vertical line between prediction and target; they can be left out."""
    ax = plot.fit([1.0, 2.0], [1.0, 4.0], [2.0, 5.0])

    segments = ax.collections[0].get_segments()
    np.testing.assert_array_equal(segments, [[[1, 2], [1, 1]], [[2, 5], [2, 4]]])
    assert not plot.fit([1.0], [1.0], [2.0], residuals=False).collections


def test_fit_draws_on_the_given_axes() -> None:
    """A figure of several panels passes each its axes."""
    ax = plt.subplots(1, 2)[1][1]

    assert plot.fit([1.0], [1.0], [2.0], ax=ax) is ax


def test_loss_curves_over_steps() -> None:
    """By default the horizontal axis counts steps from 0, and the loss is logarithmic."""
    ax = plot.loss_curves({"fast": [4.0, 1.0], "slow": [4.0, 3.0, 2.0]})

    np.testing.assert_array_equal(ax.lines[1].get_xydata(), [[0, 4], [1, 3], [2, 2]])
    assert (ax.get_xlabel(), ax.get_yscale()) == ("step", "log")
    assert [text.get_text() for text in ax.get_legend().texts] == ["fast", "slow"]


def test_loss_curves_over_epochs() -> None:
    """With steps per epoch, curves whose steps cost differently end at the same epoch."""
    losses = {"all": [3.0, 2.0, 1.0], "batches": [3.0, 2.5, 2.0, 1.5, 1.0, 0.9, 0.8]}
    ax = plot.loss_curves(losses, per_epoch={"all": 1, "batches": 3}, log=False)

    assert [curve.get_xdata()[-1] for curve in ax.lines] == [2.0, 2.0]
    assert (ax.get_xlabel(), ax.get_yscale()) == ("epoch", "linear")


def test_contours_surround_the_minimum() -> None:
    """Every closed contour has the minimum inside, and the axes have the asked ranges."""
    ax = plot.contours(bowl, (0.0, 4.0), (-3.0, 1.0))
    innermost = ax.collections[0].get_paths()[0]

    assert innermost.contains_point((2.0, -1.0))
    assert (ax.get_xlim(), ax.get_ylim()) == ((0.0, 4.0), (-3.0, 1.0))


def test_contours_show_paths_and_keep_the_ranges() -> None:
    """Paths are drawn in full and named; one that runs away does not stretch the axes."""
    path = [[0.0, 0.0], [1.0, -1.0], [1e9, 1e9]]
    ax = plot.contours(bowl, (0.0, 4.0), (-3.0, 1.0), paths={"away": path}, labels=("u", "v"))

    np.testing.assert_array_equal(ax.lines[0].get_xydata(), path)
    assert (ax.get_xlim(), ax.get_ylim()) == ((0.0, 4.0), (-3.0, 1.0))
    assert [text.get_text() for text in ax.get_legend().texts] == ["away"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("u", "v")


def test_surface_marks_the_lowest_point() -> None:
    """The marked point is the minimum, to the width of the grid, and `top` cuts the bowl."""
    ax = plot.surface(bowl, (0.0, 4.0), (-3.0, 1.0), top=6.0)
    u, v, height = ax.lines[0].get_data_3d()

    np.testing.assert_allclose([u[0], v[0], height[0]], [2.0, -1.0, 1.0], atol=0.06)
    assert ax.get_zlim()[1] == pytest.approx(6.0)


def test_surface_shows_where_heights_begin() -> None:
    """The map lies below the bowl, so one tick at or below the lowest point says where zero is."""
    ax = plot.surface(bowl, (0.0, 4.0), (-3.0, 1.0), top=6.0)
    ticks = ax.get_zticks()

    assert ticks[0] <= 1.0 < ticks[1]
    assert ticks[-1] <= 6.0


def test_landscape_marks_what_is_inside_the_ranges() -> None:
    """Surface and map show the function; points outside the ranges are left out."""
    space, flat = plot.landscape(
        bowl, (0.0, 4.0), (-3.0, 1.0), minima=[(2.0, -1.0)], others=[(0.0, 1.0), (9.0, 0.0)]
    )
    others, minima = (np.asarray(dots.get_offsets()) for dots in flat.collections[-2:])

    np.testing.assert_array_equal(minima, [[2.0, -1.0]])
    np.testing.assert_array_equal(others, [[0.0, 1.0]])
    assert (flat.get_xlim(), flat.get_ylim()) == ((0.0, 4.0), (-3.0, 1.0))
    assert space.get_zlim()[0] == pytest.approx(1.0, abs=0.5)


def test_landscape_can_show_powers_of_ten() -> None:
    """The logarithm counts from the lowest point, so that its height is zero."""
    space, _ = plot.landscape(lambda u, v: 10.0 ** (u + v) - 5.0, (0.0, 2.0), (0.0, 2.0), log=True)

    low, high = space.get_zlim()
    assert low == pytest.approx(0.0, abs=0.3)
    assert high == pytest.approx(4.0, abs=0.3)


def test_projection_draws_the_residual_at_a_right_angle() -> None:
    """The residual goes from the fit to the targets, and the mark there is a right angle."""
    X, y = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]]), np.array([1.0, 3.0, 2.0])
    y_hat = X @ np.linalg.lstsq(X, y)[0]
    residual, mark = (np.array(line.get_data_3d()).T for line in plot.projection(X, y, y_hat).lines)

    np.testing.assert_allclose(residual, [y_hat, y])
    first, second = np.diff(mark, axis=0)
    assert first @ second == pytest.approx(0.0, abs=1e-12)


def test_strip_draws_each_frame_once() -> None:
    """A strip has a panel for each frame, in their order, with one label for the shared axis."""
    figure = plot.strip(line_at(1.0), [1, 4, 9])

    assert [ax.get_title() for ax in figure.axes] == ["frame 1", "frame 4", "frame 9"]
    assert figure.axes[0].get_ylim() == figure.axes[2].get_ylim()


def test_animation_has_all_frames() -> None:
    """The image holds every frame, each unlike the one before, and takes the asked time."""
    image = plot.animation(line_at(1.0), range(8), seconds=4.0, alt="A line rises.")
    film = Image.open(io.BytesIO(image.data))
    frames = []
    for index in range(film.n_frames):
        film.seek(index)
        frames.append(np.asarray(film.convert("RGB")))

    assert len(frames) == 8
    assert all(not np.array_equal(one, other) for one, other in pairwise(frames))
    assert film.info["duration"] == pytest.approx(500)


def test_animation_frames_are_what_was_drawn() -> None:
    """Frames that store what changes add up: each looks as it does when drawn by itself."""
    plot.use_style()

    def draw(ax: Axes, frame: int) -> None:
        ax.plot([0, frame], [0, 1], color=plot.COLOURS[frame % 3])
        ax.set(xlim=(0, 8), ylim=(0, 1), title=f"step {frame}")

    steps = [1, 5, 5, 2, 7]
    film = Image.open(io.BytesIO(plot.animation(draw, steps, alt="Lines.").data))
    for index, frame in enumerate(steps):
        film.seek(index)
        shown = np.asarray(film.convert("RGB"), dtype=float)
        alone = Image.open(io.BytesIO(plot.animation(draw, [frame], alt="A line.").data))
        away = np.abs(shown - np.asarray(alone.convert("RGB"), dtype=float)).max(axis=-1)
        assert (away > 48).mean() < 0.002


def test_animation_is_a_png_that_any_viewer_opens() -> None:
    """A notebook keeps it as `image/png`, on white; who cannot play it sees the first frame."""
    image = plot.animation(line_at(1.0), range(3), alt="A line rises.")
    still = Image.open(io.BytesIO(image.data)).convert("RGB")

    assert image.data.startswith(b"\x89PNG")
    assert image.alt == "A line rises."
    assert still.getpixel((0, 0)) == (255, 255, 255)


def test_animation_has_the_asked_size() -> None:
    """A frame is as wide and high as asked, with two pixels for each of the page."""
    plot.use_style()
    image = plot.animation(line_at(1.0), range(2), size=(4.0, 2.0), alt="A line rises.")

    assert image.width == 400
    assert Image.open(io.BytesIO(image.data)).size == (800, 400)


def test_animation_stays_small() -> None:
    """Forty frames of a line and sixty points take less than 100 kB."""
    x = np.linspace(0.0, 2.0, 60)

    def draw(ax: Axes, frame: int) -> None:
        plot.fit(x, np.sin(9 * x), frame / 40 * x, ax=ax)
        ax.set(ylim=(-1, 2))

    assert len(plot.animation(draw, range(40), alt="A line turns.").data) < 100_000


def test_animation_leaves_no_figure_open() -> None:
    """Figures of frames are closed, or a notebook would show the last one a second time."""
    plot.animation(line_at(1.0), range(2), alt="A line rises.")

    assert not plt.get_fignums()


def test_tangents_touch_the_curve_with_the_given_slopes() -> None:
    """Each tangent has its point in the middle, its slope, and a width that suits the curve."""
    x = np.linspace(-1.0, 3.0, 9)
    ax = plot.tangents(x, x**2, [0.0, 2.0], [0.0, 4.0], [0.0, 4.0], length=0.25)
    curve, flat, steep, dots = ax.lines

    np.testing.assert_array_equal(curve.get_xydata(), np.column_stack([x, x**2]))
    np.testing.assert_allclose(flat.get_xydata(), [[-0.5, 0.0], [0.5, 0.0]])
    np.testing.assert_allclose(steep.get_xydata(), [[1.5, 2.0], [2.5, 6.0]])
    np.testing.assert_array_equal(dots.get_xydata(), [[0.0, 0.0], [2.0, 4.0]])


def test_graph_goes_from_left_to_right() -> None:
    """Each node is to the right of everything that it is computed from."""
    edges = [("a", "p", "3"), ("b", "p", ""), ("p", "y", ""), ("a", "y", "")]
    ax = plot.graph({node: f"node {node}" for node in "ypab"}, edges)
    x = {
        text.get_text()[-1]: text.get_position()[0]
        for text in ax.texts
        if "node" in text.get_text()
    }

    assert (x["a"], x["b"], x["p"], x["y"]) == (0, 0, 1, 2)


def test_graph_shows_both_arrows_of_a_square() -> None:
    """A node used twice has two arrows, apart from each other, each with its text."""
    ax = plot.graph({"x": "x", "y": "x x"}, [("x", "y", "left"), ("x", "y", "right")])
    places = {text.get_text(): text.get_position() for text in ax.texts}

    assert places["left"][1] != pytest.approx(places["right"][1])
    assert sum(text.get_text() == "" for text in ax.texts) == 2


def test_graph_marks_nodes() -> None:
    """A marked node has the second colour, all others the first."""
    ax = plot.graph({"x": "x", "y": "y"}, [("x", "y", "")], marked={"y"}, backward=True)
    edges = {
        t.get_text(): to_hex(t.get_bbox_patch().get_edgecolor()) for t in ax.texts if t.get_text()
    }

    assert edges["x"] == plot.COLOURS[0]
    assert edges["y"] == plot.COLOURS[1]


def test_images_stand_in_order_with_their_titles() -> None:
    """Each picture shows its array; places that are left over stay empty."""
    pictures = {f"number {k}": np.full((2, 3), float(k)) for k in range(5)}
    axes = plot.images(pictures, n_columns=3, limits=(0.0, 9.0))

    assert [ax.get_title(loc="left") or ax.get_title() for ax in axes] == list(pictures)
    for ax, picture in zip(axes, pictures.values(), strict=True):
        (shown,) = ax.images
        np.testing.assert_array_equal(shown.get_array(), picture)
        assert shown.get_clim() == (0.0, 9.0)
    assert len(axes[0].figure.axes) == 6
    assert not any(ax.axison for ax in axes[0].figure.axes)


def test_images_of_their_own_range() -> None:
    """Without limits the least number of each picture is black, and the greatest white."""
    dark, bright = plot.images({"dark": [[0.0, 1.0]], "bright": [[5.0, 7.0]]})

    assert dark.images[0].get_clim() == (0.0, 1.0)
    assert bright.images[0].get_clim() == (5.0, 7.0)
