"""Pictures of the course: ``show_*`` draws arrays, ``plot_*`` draws numbers.

Every function returns Axes and asks for ``alt``: one sentence that says what the picture shows, for
those who hear the notebook instead of seeing it. Colors mean the same everywhere: input blue,
weights orange, output green, gradient purple. Curves and bars are labeled where they are drawn.
"""

import base64
import io
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator
from PIL import Image

from coursekit import shapes
from coursekit.drawings import FAINT, GRADIENT, INK, INPUT, OUTPUT, PAPER, WEIGHTS

DPI = 120  # 7.5 inches are 900 pixels: sharp on a projector, and small in a notebook
WIDTH = 7.5  # inches
CURVES = (OUTPUT, GRADIENT, WEIGHTS, INPUT, INK)
PALE_INPUT, PALE_WEIGHTS, PALE_OUTPUT = "#cfe5f3", "#fbe3d4", "#cdebe0"
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
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "hatch.linewidth": 1.6,
}


# --- alternative text, and how a figure shows itself ---------------------------------------------


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
    figure.savefig(drawn, format="png", dpi=DPI, metadata={"Software": None})
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


def _new_axes(height: float, alt: str, rows: int = 1, columns: int = 1) -> np.ndarray:
    """Empty Axes (rows, columns) on a described figure of the course's width."""
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(
            rows, columns, figsize=(WIDTH, height), dpi=DPI, layout="constrained", squeeze=False
        )
    describe(figure, alt)
    return axes


# --- pictures of arrays --------------------------------------------------------------------------


def show_image(image: np.ndarray, *, alt: str, title: str = "") -> Axes:
    """Show one picture, titled with its shape.

    image: (H, W), (H, W, 1) or (H, W, 3); bytes in 0…255 or floats in 0…1.
    """
    return show_grid([image], titles=[title], alt=alt)


def show_channels(
    image: np.ndarray, *, alt: str, names: Sequence[str] = ("red", "green", "blue"), axis: int = 0
) -> Axes:
    """Show each channel of an array as its own gray picture.

    image: (C, H, W), or (H, W, C) with axis=-1; names: one for each channel.
    Returns the first picture's Axes; all of them are in ``.figure.axes``.
    """
    planes = np.moveaxis(np.asarray(image), axis, 0)
    if len(names) != len(planes):
        raise ValueError(
            f"there are {len(planes)} channels along axis {axis} and {len(names)} names; give one "
            "name for each channel, and axis=-1 for an array (H, W, C)"
        )
    return show_grid(planes, titles=names, alt=alt)


def show_grid(
    images: Iterable[np.ndarray],
    *,
    alt: str,
    titles: Sequence[str] | None = None,
    columns: int = 4,
) -> Axes:
    """Show pictures side by side, each titled with its shape.

    images: arrays as for ``show_image``; gray floats share one scale, bytes are 0…255.
    Returns the first picture's Axes; all of them are in ``.figure.axes``.
    """
    pictures = [np.asarray(image) for image in images]
    columns = min(columns, len(pictures))
    rows = math.ceil(len(pictures) / columns)
    panel = min(WIDTH / columns, 3.6)
    tallest = max(picture.shape[0] / picture.shape[1] for picture in pictures)
    axes = _new_axes(rows * (panel * tallest * 0.86 + 0.75), alt, rows, columns)
    low, high = _common_scale(pictures)
    for one, picture, title in zip(
        axes.flat, pictures, titles or [""] * len(pictures), strict=False
    ):
        one.imshow(picture, cmap="gray", vmin=low, vmax=high, interpolation="nearest")
        one.set_title(f"{title}\n{picture.shape}".strip())
        _mark_pixels(one, *picture.shape[:2])
    for one in axes.flat[len(pictures) :]:
        one.axis("off")
    axes[0, 0].set_ylabel("row")
    return axes[0, 0]


def _common_scale(pictures: Sequence[np.ndarray]) -> tuple[float, float]:
    if all(picture.dtype == np.uint8 for picture in pictures):
        return 0, 255
    low = min(float(picture.min()) for picture in pictures)
    high = max(float(picture.max()) for picture in pictures)
    return min(low, 0.0), max(high, 1.0)


def _mark_pixels(axes: Axes, height: int, width: int) -> None:
    """Number the first and the last row and column only."""
    axes.set_xticks([0, width - 1])
    axes.set_yticks([0, height - 1])
    axes.set_xlabel("column", labelpad=-8)
    axes.tick_params(length=0, labelsize=9)
    axes.spines[:].set_visible(False)


def show_windows(
    row: int | np.ndarray,
    kernel_size: int,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    *,
    alt: str,
    unread: Iterable[int] = (),
    title: str = "",
) -> Axes:
    """Show a row of pixels and, below it, where every window's taps stand.

    row: how many pixels, or their colors: (W,) or (W, 3), bytes. unread: positions to hatch.
    """
    colors = None if isinstance(row, int) else np.asarray(row) / 255
    w_in = row if colors is None else len(colors)
    count = shapes.output_size(w_in, kernel_size, stride, padding, dilation)
    first, last = -padding - 3.6, w_in + padding + 2.2
    axes = _drawing(first, last, count + 1, alt, title)
    for position in range(-padding, w_in + padding):
        inside = 0 <= position < w_in
        fill, edge = (PALE_INPUT, INPUT) if inside else (PAPER, FAINT)
        if inside and colors is not None:
            fill = np.broadcast_to(colors[position], 3)
        _cell(axes, position, 0, fill, edge, str(position) if inside else "pad")
    for position in unread:
        _cell(axes, position, 0, PAPER, INK, str(position), hatch="////")
    for window in range(count):
        start = window * stride - padding
        axes.text(-padding - 0.9, window + 1, f"window {window}", ha="right", va="center")
        for tap in range(kernel_size):
            _cell(axes, start + tap * dilation, window + 1, PALE_WEIGHTS, WEIGHTS)
        _cell(axes, w_in + padding + 1, window + 1, PALE_OUTPUT, OUTPUT, str(window))
    axes.text(-padding - 0.9, 0, "pixels", ha="right", va="center")
    axes.text(w_in + padding + 1, 0, "output", ha="center", va="center")
    return axes


def show_stack(layers: Sequence[tuple[int, int]], *, alt: str, title: str = "") -> Axes:
    """Show which input pixels one output of a stack of layers can see.

    layers: (kernel_size, stride) of each layer, first layer first.
    """
    needed, jumps = [1], [1]
    for kernel_size, stride in reversed(layers):
        needed.insert(0, (needed[0] - 1) * stride + kernel_size)
    for _, stride in layers:
        jumps.append(jumps[-1] * stride)
    half = (needed[0] - 1) / 2
    axes = _drawing(-half - 3.8, half + 1.2, len(needed), alt, title)
    for level, (count, jump) in enumerate(zip(needed, jumps, strict=True)):
        y = len(layers) - level
        fill, edge = (PALE_OUTPUT, OUTPUT) if level else (PALE_INPUT, INPUT)
        for n in range(count):
            words = str(n) if level == 0 else ""
            _cell(axes, (n - (count - 1) / 2) * jump, y, fill, edge, words)
        name = f"after layer {level}" if level else "pixels"
        axes.text(-half - 0.9, y, name, ha="right", va="center")
    _cone(axes, [(count - 1) / 2 * jump for count, jump in zip(needed, jumps, strict=True)])
    return axes


def _cone(axes: Axes, reaches: Sequence[float]) -> None:
    """Lines from the one output down to the outermost pixels it can see."""
    depth = len(reaches) - 1
    for side in (-1, 1):
        for level in range(depth):
            ends = [side * (reaches[level + 1] + 0.45), side * (reaches[level] + 0.45)]
            y = depth - level
            axes.plot(ends, [y - 1 + 0.42, y - 0.42], color=WEIGHTS, linewidth=1.6)


def _drawing(left: float, right: float, rows: int, alt: str, title: str) -> Axes:
    """Empty Axes in units of one cell, rows counted downward from 0; cells are square."""
    side = min(0.42, WIDTH / (right - left))
    axes = _new_axes(side * (rows + 0.3) + (0.45 if title else 0.1), alt)[0, 0]
    axes.set_title(title)
    axes.set_xlim(left, right)
    axes.set_ylim(rows - 0.4, -0.7)
    axes.set_aspect("equal")
    axes.axis("off")
    return axes


def _cell(
    axes: Axes, x: float, y: float, fill: Any, edge: str, words: str = "", hatch: str = ""
) -> None:
    """One square of a drawing, centered on (x, y)."""
    axes.add_patch(
        Rectangle((x - 0.45, y - 0.42), 0.9, 0.84, facecolor=fill, edgecolor=edge, hatch=hatch)
    )
    plate = {"facecolor": PAPER, "edgecolor": "none", "pad": 1.5} if hatch else None
    axes.text(x, y, words, ha="center", va="center", fontsize=9, color=_ink_on(fill), bbox=plate)


def _ink_on(fill: Any) -> str:
    if isinstance(fill, str):
        return INK
    return INK if float(np.dot(fill, (0.299, 0.587, 0.114))) > 0.55 else PAPER


# --- pictures of numbers -------------------------------------------------------------------------


def plot_curves(
    curves: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    *,
    x_label: str,
    y_label: str,
    alt: str,
    title: str = "",
    dots: bool = False,
) -> Axes:
    """Plot named curves, each labeled at its last point.

    curves: name -> (x values, y values). dots: mark every point, for whole-number data.
    """
    axes = _new_axes(3.4, alt)[0, 0]
    for (name, (x, y)), color in zip(curves.items(), CURVES, strict=False):
        axes.plot(x, y, color=color, linewidth=1.8, marker="o" if dots else "", markersize=5)
        axes.annotate(
            name, (x[-1], y[-1]), (8, 0), textcoords="offset points", color=color, va="center"
        )
    axes.set(xlabel=x_label, ylabel=y_label, title=title)
    _whole_ticks(axes, curves)
    axes.grid(axis="y", color=FAINT, linewidth=0.7)
    axes.set_axisbelow(True)
    return axes


def _whole_ticks(axes: Axes, curves: Mapping[str, tuple[Sequence[float], Sequence[float]]]) -> None:
    """No half pixels on an axis that counts."""
    for axis, side in ((axes.xaxis, 0), (axes.yaxis, 1)):
        values = np.concatenate([np.asarray(curve[side], dtype=float) for curve in curves.values()])
        if (values == values.round()).all():
            axis.set_major_locator(MaxNLocator(integer=True))


def plot_bars(values: Mapping[str, float], *, x_label: str, alt: str, title: str = "") -> Axes:
    """Plot named numbers as bars from the top down, each with its value at its end."""
    axes = _new_axes(0.34 * len(values) + (1.1 if title else 0.8), alt)[0, 0]
    bars = axes.barh(list(values), list(values.values()), color=OUTPUT, height=0.68)
    axes.bar_label(bars, labels=[f"{value:,}" for value in values.values()], padding=5)
    axes.invert_yaxis()
    axes.set(xlabel=x_label, title=title)
    axes.margins(x=0.14)
    axes.set_xticks([])
    axes.tick_params(axis="y", length=0)
    axes.spines[["bottom", "left"]].set_visible(False)
    return axes
