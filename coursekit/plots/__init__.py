"""Pictures of the course: ``show_*`` draws arrays, ``plot_*`` draws numbers.

Every function returns Axes and asks for ``alt``: one sentence that says what the picture shows, for
those who hear the notebook instead of seeing it. Colors mean the same everywhere: input blue,
weights orange, output green, gradient purple. Curves and bars are labeled where they are drawn.
"""

from coursekit.plots.boxes import show_boxes
from coursekit.plots.figures import describe, description, png_bytes
from coursekit.plots.grids import show_numbers
from coursekit.plots.images import show_channels, show_grid, show_image
from coursekit.plots.layers import show_stack, show_windows
from coursekit.plots.numbers import plot_bars, plot_curves
from coursekit.plots.points import plot_three_classes
from coursekit.plots.profiles import plot_shares

__all__ = [
    "describe",
    "description",
    "plot_bars",
    "plot_curves",
    "plot_shares",
    "plot_three_classes",
    "png_bytes",
    "show_boxes",
    "show_channels",
    "show_grid",
    "show_image",
    "show_numbers",
    "show_stack",
    "show_windows",
]
