"""Figures of the course: their look, their alternative text, how a notebook shows them."""

import base64
import io
import sys
from html import escape
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from coursekit.drawings import INK, PAPER

DPI = 120  # 7.5 inches are 900 pixels: sharp on a projector, and small in a notebook
WIDTH = 7.5  # inches
STYLE = {
    "font.size": 11,
    "axes.titlesize": 12,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#80868b",
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.facecolor": PAPER,
}


def new_axes(height: float, alt: str, rows: int = 1, columns: int = 1) -> np.ndarray:
    """Empty Axes (rows, columns) on a described figure of the course's width."""
    # Made outside of the style: a notebook's backend starts here, and its settings are to stay.
    figure = plt.figure(figsize=(WIDTH, height), dpi=DPI, layout="constrained", facecolor=PAPER)
    with plt.rc_context(STYLE):
        axes = figure.subplots(rows, columns, squeeze=False)
    describe(figure, alt)
    return axes


def describe(picture: Axes | Figure, sentence: str) -> Axes | Figure:
    """Give a picture its alternative text.

    sentence: what the picture shows, as one would say it to somebody on the telephone.
    Returns the picture. Raises ValueError where there is no sentence.
    """
    if not isinstance(sentence, str) or not sentence.strip():
        raise ValueError(
            f"alt is {sentence!r}; write one sentence that says what the picture shows"
        )
    figure = picture if isinstance(picture, Figure) else picture.figure
    figure.set_label(sentence.strip())
    _teach_ipython()
    return picture


def description(picture: Axes | Figure) -> str:
    """The alternative text of a picture, or ""."""
    figure = picture if isinstance(picture, Figure) else picture.figure
    return figure.get_label()


def png_bytes(figure: Figure) -> bytes:
    """The figure as a PNG that is small enough to commit; the same figure gives the same bytes."""
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi=DPI, facecolor=PAPER, metadata={"Software": None})
    picture = Image.open(drawn).convert("RGB")
    packed = io.BytesIO()
    (picture.convert("L") if _is_gray(picture) else _few_colors(picture)).save(
        packed, format="png", optimize=True
    )
    return packed.getvalue()


def _is_gray(picture: Image.Image) -> bool:
    return int(np.ptp(np.asarray(picture), axis=2).max()) <= 4  # ink is a trace bluer than gray


def _few_colors(picture: Image.Image) -> Image.Image:
    """At most 256 colors, which cuts a picture's bytes to a third; the paper stays pure white."""
    reduced = picture.quantize(256, method=Image.Quantize.FASTOCTREE)
    colors = np.reshape(reduced.getpalette(), (-1, 3))
    colors[(colors >= 252).all(axis=1)] = 255
    reduced.putpalette(colors.ravel().tolist())
    return reduced


def html(figure: Figure) -> str:
    """The figure as an image that screen readers can read out."""
    picture = base64.b64encode(png_bytes(figure)).decode()
    return (
        f'<img alt="{escape(description(figure))}" src="data:image/png;base64,{picture}" '
        'style="max-width:100%;background:#fff">'
    )


def _teach_ipython() -> None:
    """Let a running IPython show figures with their sentence, and Axes as their figure."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None:
        return
    # One format at a time: matplotlib's own formatter would win over a whole bundle.
    formatters = shell.display_formatter.formatters
    formatters["text/html"].for_type(Figure, html)
    formatters["text/plain"].for_type(Figure, _print_description)
    formatters["image/png"].for_type(
        Figure, lambda figure: (png_bytes(figure), {"alt": description(figure)})
    )
    shell.display_formatter.ipython_display_formatter.for_type(Axes, _display_once)


def _print_description(figure: Figure, printer: Any, cycle: bool) -> None:
    printer.text(f"Figure: {description(figure) or 'not described'}")


def _display_once(axes: Axes) -> None:
    """Display the figure now, so that the end of the cell does not show it a second time."""
    from IPython.display import display

    display(axes.figure)
    plt.close(axes.figure)
