"""What the pixel microscope shows: arithmetic in 8 bits, bits, places in memory, the sentence.

microscope_state.js says the same in the browser.
"""

from typing import Any

import numpy as np

from coursekit.widgets.forgiving import Forgiving, Whole

LARGEST = 512  # pixels; more would make a page heavy
SPAN = 7  # pixels across the magnified neighborhood


class Pixels(Forgiving):
    """Picture as bytes (H, W, C); floats from 0 to 1 are turned into levels.

    Takes (H, W), (H, W, C) or (C, H, W) with one channel or three; the last axis counts the
    channels if it can.
    """

    def read(self, value: Any) -> np.ndarray:
        """Contiguous uint8 copy (H, W, C); raises ValueError."""
        try:
            array = np.array(value)
        except (TypeError, ValueError, RuntimeError) as error:
            raise ValueError(f"could not be read as numbers: {str(error).rstrip('.')}") from None
        if array.dtype.kind not in "buif":
            raise ValueError(f"holds {array.dtype}; give whole numbers or floats")
        return np.ascontiguousarray(_levels(_channels_last(array)))


class Place(Forgiving):
    """Row and column, two whole numbers."""

    def read(self, value: Any) -> tuple[int, int]:
        """Pair of ints; raises ValueError."""
        try:
            row, column = value
            if isinstance(row, float) or isinstance(column, float):
                raise ValueError
            return int(row), int(column)
        except (TypeError, ValueError):
            raise ValueError(f"is {value!r}; this picture takes (row, column)") from None


class Bit(Whole):
    """Number of one bit, 7 (worth 128) to 0 (worth 1), or None for all of them."""

    def read(self, value: Any) -> int | None:
        """Bit or None; raises ValueError."""
        return None if value is None else super().read(value)


def _channels_last(array: np.ndarray) -> np.ndarray:
    if array.ndim == 2:
        array = array[..., np.newaxis]
    if array.ndim == 3 and array.shape[2] not in (1, 3) and array.shape[0] in (1, 3):
        array = array.transpose(1, 2, 0)
    if array.ndim != 3 or array.shape[2] not in (1, 3):
        wanted = "expected (H, W), (H, W, C) or (C, H, W) with one channel or three"
        raise ValueError(f"has shape {array.shape}; {wanted}")
    if array.size == 0:
        raise ValueError(f"is empty, its shape is {array.shape}; give at least one pixel")
    if max(array.shape) > LARGEST:
        limit = f"at most {LARGEST} by {LARGEST} pixels: pass a crop"
        raise ValueError(f"has shape {array.shape}; this picture shows {limit}")
    return array


def _levels(array: np.ndarray) -> np.ndarray:
    """Bytes from 0 to 255; raises ValueError for numbers that are neither levels nor 0 to 1."""
    if not np.isfinite(array).all():
        raise ValueError("holds nan or infinite values: replace them, as with numpy.nan_to_num")
    low, high = float(array.min()), float(array.max())
    whole = array.dtype.kind in "ui"
    if low < 0 or high > (255 if whole else 1):
        kind, range_ = ("whole numbers", "0 to 255") if whole else ("floats", "0 to 1")
        raise ValueError(f"holds {kind} from {low:g} to {high:g}; {kind} have to run from {range_}")
    return array.astype(np.uint8) if whole else np.rint(array * 255.0).astype(np.uint8)


def overflows(image: np.ndarray, brightness: int) -> np.ndarray:
    """Where image + brightness leaves 0 to 255; bool, the image's shape."""
    total = image.astype(int) + brightness
    return (total < 0) | (total > 255)


def added(image: np.ndarray, brightness: int, dtype: str, overflow: str) -> np.ndarray:
    """Image plus brightness: uint8 that wraps or saturates, or floats in units of 255."""
    total = image.astype(int) + brightness
    if dtype == "float32":
        return total / 255
    return (total % 256 if overflow == "wrap" else total.clip(0, 255)).astype(np.uint8)


def flat_position(
    place: tuple[int, int], channel: int, shape: tuple[int, int, int], order: str
) -> int:
    """Place in memory, counted from 0, of one number of an image (H, W, C).

    >>> flat_position((1, 2), 0, (4, 5, 3), "HWC"), flat_position((1, 2), 0, (4, 5, 3), "CHW")
    (21, 7)
    """
    (row, column), (height, width, channels) = place, shape
    if order == "HWC":
        return (row * width + column) * channels + channel
    return (channel * height + row) * width + column


def neighborhood(place: tuple[int, int], shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """First row, first column, rows and columns of what is magnified; it stays in the image."""
    sizes = [min(SPAN, size) for size in shape[:2]]
    starts = [
        min(max(at - SPAN // 2, 0), full - size)
        for at, full, size in zip(place, shape[:2], sizes, strict=True)
    ]
    return starts[0], starts[1], sizes[0], sizes[1]


def channel_names(channels: int) -> tuple[str, ...]:
    """Words for the channels of an image."""
    return ("red", "green", "blue") if channels == 3 else ("gray",)


def level_text(value: float | int | np.generic) -> str:
    """A level as it is written: a whole number, or a float with three decimals."""
    if isinstance(value, int | np.integer):
        return f"{int(value)}".replace("-", "−")
    return f"{float(value):.3f}".replace("-", "−")


def index_text(place: tuple[int, int], channel: int, order: str) -> str:
    """The index expression of one number."""
    row, column = place
    inside = f"{row}, {column}, {channel}" if order == "HWC" else f"{channel}, {row}, {column}"
    return f"image[{inside}]"


def sentence(scope: Any) -> str:
    """State of the microscope in a few sentences; spoken, and read back from Python."""
    parts = [_pixel_text(scope), _sum_text(scope), _bit_text(scope), _memory_text(scope)]
    return " ".join(part for part in parts if part)


def _named(values: np.ndarray) -> str:
    names = channel_names(len(values))
    return ", ".join(f"{n} {level_text(v)}" for n, v in zip(names, values, strict=True))


def _pixel_text(scope: Any) -> str:
    height, width, _ = scope.image.shape
    row, column = scope.position
    before = added(scope.image[row, column], 0, scope.dtype, scope.overflow)
    return f"Row {row}, column {column} of {height} by {width}: {_named(before)}."


_OUTSIDE = {
    "wrap": "wrap around",
    "saturate": "stop at 0 or 255",
    "float32": "leave the range 0 to 1 and are kept",
}


def _sum_text(scope: Any) -> str:
    if scope.brightness == 0:
        return ""
    floats = scope.dtype == "float32"
    much = level_text(scope.brightness / 255 if floats else scope.brightness)
    count = int(overflows(scope.image, scope.brightness).sum())
    outside = _OUTSIDE["float32" if floats else scope.overflow]
    return (
        f"Adding {much} gives {_named(scope.values)}; in the whole picture {count} of "
        f"{scope.image.size} numbers {outside}."
    )


def _bit_text(scope: Any) -> str:
    if scope.bit is None or scope.dtype == "float32":
        return ""
    bits = (scope.values >> scope.bit) & 1
    return f"Bit {scope.bit}, worth {2**scope.bit}: {_named(bits)}."


def _memory_text(scope: Any) -> str:
    position = flat_position(scope.position, 0, scope.image.shape, scope.order)
    return (
        f"Stored as {scope.order}, {index_text(scope.position, 0, scope.order)} is number "
        f"{position} of the {scope.image.size} in memory, counted from 0."
    )
