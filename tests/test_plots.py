"""Pictures: their sentence, their bytes, what is drawn, and how a notebook shows them."""

import io

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from jupyter_client import AsyncKernelManager
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from nbclient import NotebookClient
from PIL import Image

from coursekit import plots
from coursekit.building.execution import sockets_in
from coursekit.data import photograph
from coursekit.drawings import INPUT, OUTPUT, WEIGHTS
from coursekit.plots import figures

GRAY = np.linspace(0, 1, 12).reshape(3, 4)
CURVE = {"square": ([1, 2, 3], [1, 4, 9])}
DRAWINGS = {
    "image": lambda alt: plots.show_image(GRAY, alt=alt),
    "channels": lambda alt: plots.show_channels(np.zeros((3, 2, 2)), alt=alt),
    "grid": lambda alt: plots.show_grid([GRAY, GRAY], alt=alt),
    "windows": lambda alt: plots.show_windows(7, 3, alt=alt),
    "stack": lambda alt: plots.show_stack([(3, 1)], alt=alt),
    "numbers": lambda alt: plots.show_numbers([GRAY], titles=["gray"], alt=alt),
    "curves": lambda alt: plots.plot_curves(CURVE, x_label="x", y_label="y", alt=alt),
    "bars": lambda alt: plots.plot_bars({"a": 1}, x_label="how many", alt=alt),
    "shares": lambda alt: plots.plot_shares(["a", "b"], {"cost": [1, 3]}, alt=alt),
}


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def words(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.texts if text.get_text()]


def squares(axes: Axes, edge: str) -> int:
    return sum(to_hex(patch.get_edgecolor()).upper() == edge for patch in axes.patches)


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png))


@pytest.mark.parametrize("name", DRAWINGS)
def test_every_picture_returns_axes_and_keeps_its_sentence(name):
    axes = DRAWINGS[name]("What it shows.")
    assert isinstance(axes, Axes)
    assert plots.description(axes) == plots.description(axes.figure) == "What it shows."


@pytest.mark.parametrize("name", DRAWINGS)
@pytest.mark.parametrize("nothing", ["", "  ", None])
def test_no_picture_without_a_sentence(name, nothing):
    with pytest.raises(ValueError, match="write one sentence"):
        DRAWINGS[name](nothing)


def test_alt_cannot_be_left_out():
    with pytest.raises(TypeError, match="alt"):
        plots.show_image(GRAY)


def test_a_sentence_can_be_given_to_any_figure():
    figure, axes = plt.subplots()
    assert plots.describe(axes, "My own picture.") is axes
    assert plots.description(figure) == "My own picture."


@pytest.mark.parametrize("name", DRAWINGS)
def test_the_same_picture_has_the_same_bytes_and_no_date(name):
    first, second = (plots.png_bytes(DRAWINGS[name]("Same.").figure) for _ in range(2))
    assert first == second
    assert not opened(first).info.keys() & {"Software", "Creation Time", "date"}


@pytest.mark.parametrize("name", ["chelsea", "brick"])
def test_photographs_are_small_and_their_paper_is_white(name):
    png = plots.png_bytes(plots.show_image(photograph(name), alt="A photograph.").figure)
    picture = opened(png)
    assert len(png) < 130_000
    assert picture.width == figures.WIDTH * figures.DPI
    assert picture.convert("RGB").getpixel((0, 0)) == (255, 255, 255)


def test_gray_pictures_keep_all_their_levels():
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    png = plots.png_bytes(plots.show_image(levels, alt="All levels.").figure)
    assert set(range(0, 256, 5)) <= set(np.unique(np.asarray(opened(png))))


def test_colors_of_the_course_survive_the_reduction():
    axes = plots.show_windows(7, 3, alt="Windows.")
    picture = np.asarray(opened(plots.png_bytes(axes.figure)).convert("RGB"), dtype=int)
    for color in (INPUT, WEIGHTS, OUTPUT):
        rgb = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
        assert np.abs(picture - rgb).max(axis=2).min() <= 8


def test_pictures_are_titled_with_their_shape():
    axes = plots.show_grid([GRAY, GRAY.T], titles=["wide", "tall"], alt="Two pictures.").figure.axes
    assert [one.get_title() for one in axes] == ["wide\n(3, 4)", "tall\n(4, 3)"]
    assert axes[0].get_xlabel() == "column"
    assert axes[0].get_ylabel() == "row"


def test_a_grid_leaves_its_last_places_empty():
    axes = plots.show_grid([GRAY] * 3, columns=2, alt="Three pictures.").figure.axes
    assert [one.axison for one in axes] == [True, True, True, False]


@pytest.mark.parametrize(
    ("pictures", "limits"),
    [
        ([np.full((2, 2), 100, np.uint8)], (0, 255)),
        ([np.full((2, 2), 0.5)], (0, 1)),
        ([np.full((2, 2), -3.0), np.full((2, 2), 2.0)], (-3, 2)),
    ],
)
def test_gray_pictures_share_one_scale(pictures, limits):
    axes = plots.show_grid(pictures, alt="Gray.").figure.axes
    assert {one.images[0].get_clim() for one in axes} == {limits}


def test_channels_from_either_order_of_axes():
    image = photograph("coffee", 8)
    last = plots.show_channels(image, axis=-1, alt="Channels.").figure.axes
    first = plots.show_channels(image.transpose(2, 0, 1), alt="Channels.").figure.axes
    assert [one.get_title() for one in last] == ["red\n(8, 8)", "green\n(8, 8)", "blue\n(8, 8)"]
    for one, other in zip(last, first, strict=True):
        assert np.array_equal(one.images[0].get_array(), other.images[0].get_array())


def test_channels_taken_along_the_wrong_axis_say_so():
    with pytest.raises(ValueError, match=r"8 channels along axis 0 and 3 names; give .* axis=-1"):
        plots.show_channels(photograph("coffee", 8), alt="Channels.")


def test_windows_stand_where_the_layer_reads():
    axes = plots.show_windows(8, 3, stride=2, padding=1, unread=[7], alt="Windows.")
    assert words(axes).count("pad") == 2
    assert [word for word in words(axes) if word.startswith("window")] == [
        "window 0",
        "window 1",
        "window 2",
        "window 3",
    ]
    assert squares(axes, WEIGHTS) == 4 * 3
    assert squares(axes, OUTPUT) == 4
    hatched = [patch for patch in axes.patches if patch.get_hatch()]
    assert [patch.get_center()[0] for patch in hatched] == [pytest.approx(7)]


def test_taps_of_a_dilated_kernel_stand_apart():
    axes = plots.show_windows(5, 3, dilation=2, alt="One window.")
    taps = [p.get_center()[0] for p in axes.patches if to_hex(p.get_edgecolor()).upper() == WEIGHTS]
    assert taps == pytest.approx([0, 2, 4])


def test_pixels_of_a_photograph_have_its_colors():
    row = np.array([[255, 0, 0], [0, 0, 255]], np.uint8)
    axes = plots.show_windows(row, 2, alt="Two pixels.")
    assert [to_hex(patch.get_facecolor()) for patch in axes.patches[:2]] == ["#ff0000", "#0000ff"]


@pytest.mark.parametrize(
    ("layers", "pixels"), [([(3, 1)] * 3, 7), ([(3, 2), (3, 1)], 7), ([(2, 2)] * 2, 4)]
)
def test_a_stack_is_drawn_down_to_every_pixel_it_sees(layers, pixels):
    axes = plots.show_stack(layers, alt="A cone.")
    assert squares(axes, INPUT) == pixels
    assert f"after layer {len(layers)}" in words(axes)


def test_curves_are_labeled_at_their_ends_and_count_in_whole_numbers():
    axes = plots.plot_curves(CURVE, x_label="side", y_label="area", alt="Squares.")
    assert words(axes) == ["square"]
    assert axes.texts[0].xy == (3, 9)
    assert axes.get_legend() is None
    assert all(float(tick).is_integer() for tick in axes.get_xticks())
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("side", "area")


def test_bars_run_from_the_top_and_carry_their_values():
    axes = plots.plot_bars({"few": 12, "many": 3072}, x_label="numbers", alt="Bars.")
    assert words(axes) == ["12", "3,072"]
    assert axes.yaxis_inverted()


def test_shares_are_those_of_each_column_and_small_ones_are_not_written():
    columns = {"weights": [1, 3, 96], "work": [50, 50, 0]}
    axes = plots.plot_shares(["a", "b", "c"], columns, alt="Shares.").figure.axes
    assert [words(one) for one in axes] == [["96%"], ["50%", "50%"]]
    assert [one.get_title() for one in axes] == ["weights", "work"]
    assert [patch.get_width() for patch in axes[0].patches] == pytest.approx([0.01, 0.03, 0.96])
    assert [label.get_text() for label in axes[0].get_yticklabels()] == ["a", "b", "c"]


CELLS = [
    "from coursekit import plots\nbars = {'a': 1}",
    "plots.plot_bars(bars, x_label='n', alt='Last & \"only\".')",
    "axes = plots.plot_bars(bars, x_label='n', alt='Not the last line.')\nprint('done')",
    "import matplotlib.pyplot as plt\nplt.plot([1, 2]);",
]


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """The outputs of CELLS in a real kernel."""
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    notebook = nbformat.v4.new_notebook(cells=cells)
    sockets = sockets_in(tmp_path_factory.mktemp("kernel"))
    kernel = AsyncKernelManager(kernel_name="python3", **sockets)
    NotebookClient(notebook, km=kernel, timeout=120).execute()
    return [cell.outputs for cell in notebook.cells]


def test_a_notebook_shows_a_picture_once_with_its_sentence(shown):
    (output,) = shown[1]
    assert set(output.data) == {"text/plain", "text/html", "image/png"}
    assert output.data["text/plain"] == 'Figure: Last & "only".'
    assert 'alt="Last &amp; &quot;only&quot;."' in output.data["text/html"]
    assert output.metadata["image/png"]["alt"] == 'Last & "only".'


def test_a_picture_that_is_not_the_last_line_is_shown_too(shown):
    kinds = [output.get("name") or output.data["text/plain"] for output in shown[2]]
    assert kinds == ["stdout", "Figure: Not the last line."]


def test_a_students_own_figure_is_still_shown(shown):
    (output,) = shown[3]
    assert output.data["text/plain"] == "Figure: not described"
    assert output.data["image/png"]


def test_small_arrays_are_shown_with_their_numbers_and_roles():
    first = plots.show_numbers(
        [np.array([[0.5, -2.0]]), np.array([[3.0]])],
        titles=["w", "dw"],
        roles=["weights", "gradient"],
        alt="Two small arrays.",
    )
    assert [text.get_text() for text in first.texts] == ["0.5", "−2"]
    assert [axes.get_title() for axes in first.figure.axes] == ["w\n(1, 2)", "dw\n(1, 1)"]
    with pytest.raises(ValueError):
        plots.show_numbers([GRAY], titles=[], alt="No title.")
