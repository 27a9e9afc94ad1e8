"""The pooling router as a still picture, for pages that run no script."""

from typing import Any

import numpy as np

from coursekit.widgets.pooling_state import close, routed
from coursekit.widgets.still import Panel, draw_numbers, frame, page


def draw(router: Any, figure: Any) -> None:
    """Map and output at the left, dout and gradient at the right; the window is framed."""
    found = router.windows()
    if not found:
        page(figure).write(0.5, 0.5, "no output", 18, "center")
        return
    shape, width = router.dout.shape, router.x.shape[1]
    window = found[router.step - 1] if router.step and router.revealed else None
    out = np.reshape([each.value for each in found], shape)
    index = np.reshape([row * width + col for row, col in (w.winners[0] for w in found)], shape)
    maximum = router.kind == "max"
    ratios = [router.x.shape[1], *[shape[1]] * (3 if maximum else 2), router.x.shape[1]]
    panels = page(figure).beside(ratios)
    draw_numbers(panels[0], router.x, "input", "map x")
    draw_numbers(panels[1], out, "output", "output")
    if maximum:
        draw_numbers(panels[2], index, "output", "index of the max.")
    draw_numbers(panels[-2], router.dout, "gradient", "dout = ∂L/∂output")
    _draw_gradient(router, panels[-1])
    if window is None:
        return
    top, left = (at * router.stride for at in window.place)
    frame(panels[0], top, left, router.kernel_size, "weights")
    for panel in panels[1:-1]:
        frame(panel, *window.place, 1, "weights")
    for pixel in window.takers:
        frame(panels[0], *pixel, 1, "gradient")
        frame(panels[-1], *pixel, 1, "gradient")


def _draw_gradient(router: Any, panel: Panel) -> None:
    if not router.revealed:
        panel.write(0.5, 0.5, "?", 18, "center")
        return
    shown, right = (routed(router, router.step, rule) for rule in (router.rule, "accumulate"))
    wrong = np.vectorize(lambda a, b: not close(a, b))(shown, right)
    title = "dx, overwritten" if router.rule == "overwrite" else "dx = ∂L/∂x"
    draw_numbers(panel, shown, "gradient", title, hatched=wrong)
