"""What is done to a solved notebook before it is stored."""

import io

import numpy as np
from nbformat.v4 import new_code_cell, new_output
from PIL import Image

from coursework.authoring.tidy import TidySolution
from coursework.plot.picture import smaller_png


def encoded(frames: list[np.ndarray]) -> bytes:
    """Return a PNG, animated where there are several frames."""
    buffer = io.BytesIO()
    first, *rest = (Image.fromarray(frame) for frame in frames)
    first.save(buffer, "png", save_all=bool(rest), append_images=rest)
    return buffer.getvalue()


def decoded(png: bytes) -> np.ndarray:
    """Return the pixels of a PNG."""
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), dtype=float)


def test_smaller_png_looks_the_same() -> None:
    """A smooth ramp loses most of its bytes and hardly any of its colour."""
    ramp = np.linspace(0, 255, 400)
    noise = np.random.default_rng(0).normal(scale=2, size=(300, 400))
    pixels = np.clip(ramp + noise, 0, 255).astype(np.uint8)
    picture = np.stack([pixels, pixels, pixels], axis=-1)
    before = encoded([picture])
    after = smaller_png(before)
    assert len(after) < 0.8 * len(before)
    assert np.abs(decoded(after) - picture).mean() < 4


def test_smaller_png_keeps_colours_of_thin_lines() -> None:
    """Lines of a pixel keep their colours on a ground of many shades, or a legend would lie."""
    shades = np.add.outer(np.arange(240) / 8, np.arange(320) / 4) + 120
    picture = np.stack([shades, shades[::-1], shades[:, ::-1]], axis=-1).clip(0, 255)
    lines = np.array([[0, 114, 178], [213, 94, 0], [0, 158, 115], [204, 121, 167]])
    picture[40:200:40, 20:300] = lines[:, None]
    after = decoded(smaller_png(encoded([picture.astype(np.uint8)])))
    assert np.abs(after[40:200:40, 20:300] - lines[:, None]).max() < 32


def test_animation_stays_as_it_is() -> None:
    """Quantising would keep the first frame alone."""
    frames = [np.full((8, 8, 3), value, dtype=np.uint8) for value in (0, 128, 255)]
    png = encoded(frames)
    assert smaller_png(png) == png


def test_text_printed_in_pieces_is_one_output() -> None:
    """Where a cell's text is cut depends on time: what belongs together is joined."""
    pieces = [
        new_output("stream", text="1\n"),
        new_output("stream", text="2\n"),
        new_output("stream", name="stderr", text="e\n"),
        new_output("display_data", data={"text/plain": "p"}),
        new_output("stream", name="stderr", text="f\n"),
    ]
    cell, _ = TidySolution().preprocess_cell(new_code_cell("x", outputs=pieces), {}, 0)
    texts = [output.get("text") for output in cell.outputs]
    assert texts == ["1\n2\n", "e\n", None, "f\n"]
