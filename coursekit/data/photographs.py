"""The photographs that come with scikit-image and scikit-learn, and pictures of one's own."""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path

import numpy as np

# name -> what is seen, by whom, under which terms (as scikit-image and scikit-learn state them)
PHOTOGRAPHS: dict[str, str] = {
    "astronaut": "Astronaut Eileen Collins; NASA, public domain",
    "chelsea": "Chelsea the cat; Stefan van der Walt, CC0",
    "coffee": "Coffee cup, courtesy of Pikolo Espresso Bar; Rachel Michetti, CC0",
    "rocket": "Falcon 9 lifting off with DSCOVR; SpaceX, public domain",
    "hubble": "Hubble eXtreme Deep Field; NASA, public domain",
    "retina": "Retina of a left eye; Mikael Häggström, CC0",
    "immunohistochemistry": "Stained colonic glands; Center for Microscopy and Molecular Imaging, "
    "no known copyright restrictions",
    "china": "Temple in China; danielbuechele on Flickr, CC BY 2.0",
    "flower": "Dahlia; vultilion on Flickr, CC BY 2.0",
    "camera": "Photographer at work (gray); Lav Varshney, CC0",
    "coins": "Greek coins from Pompeii (gray); Brooklyn Museum, no known copyright restrictions",
    "brick": "Brick wall (gray); CC0Textures Bricks25, CC0",
    "grass": "Grass (gray); linolafett on DeviantArt, CC0",
    "gravel": "Gravel (gray); CC0Textures Gravel04, CC0",
    "moon": "Surface of the Moon (gray); as packaged with scikit-image",
}
_NAMES_THERE = {"hubble": "hubble_deep_field"}
_FROM_SCIKIT_LEARN = ("china", "flower")


def photograph(name: str, size: int | tuple[int, int] | None = None) -> np.ndarray:
    """Return a packaged photograph, or a picture of one's own, as an array of bytes.

    Args:
        name: one of `PHOTOGRAPHS`; or the name of a file with an ending, such as "cat.jpg".
        size: (height, width) in pixels, or one number for a square. The photograph is cropped
            around its center to that aspect and resized with anti-aliasing; None keeps it whole.

    Returns:
        uint8 array, (H, W, 3) for a color photograph and any picture of one's own, (H, W) for a
        gray photograph.

    Raises:
        ValueError: the name is unknown, the file no picture, or the size not positive.

    >>> photograph("astronaut", size=64).shape
    (64, 64, 3)
    >>> photograph("coins").shape
    (303, 384)
    """
    if Path(name).suffix:
        image = _own(Path(name))
    elif name in PHOTOGRAPHS:
        image = np.asarray(_loader(name)())
    else:
        raise ValueError(
            f"There is no packaged photograph {name!r}; choose one of {', '.join(PHOTOGRAPHS)}, or "
            "give the name of a file of yours, with its ending."
        )
    return image.copy() if size is None else _fit(image, size)


def _own(path: Path) -> np.ndarray:
    """A file's picture (H, W, 3), the way up in which it was taken."""
    from PIL import Image, ImageOps

    try:
        with Image.open(path) as picture:
            return np.asarray(ImageOps.exif_transpose(picture).convert("RGB"))
    except FileNotFoundError:
        raise ValueError(f"There is no file {str(path)!r} in {Path.cwd()}.") from None
    except (OSError, ValueError, Image.DecompressionBombError) as problem:
        raise ValueError(f"{str(path)!r} could not be read as a picture: {problem}.") from None


def _loader(name: str) -> Callable[[], np.ndarray]:
    if name in _FROM_SCIKIT_LEARN:
        return partial(import_module("sklearn.datasets").load_sample_image, f"{name}.jpg")
    return getattr(import_module("skimage.data"), _NAMES_THERE.get(name, name))


def _fit(image: np.ndarray, size: int | tuple[int, int]) -> np.ndarray:
    """Crop `image` (H, W[, 3]) around its center to the aspect of `size`, then resize it."""
    from skimage.transform import resize

    height, width = (size, size) if isinstance(size, int | np.integer) else size
    if height < 1 or width < 1:
        raise ValueError(f"size is {size}, but both sides must be at least 1 pixel.")
    h, w = image.shape[:2]
    scale = min(h / height, w / width)
    h_crop, w_crop = max(1, round(height * scale)), max(1, round(width * scale))
    top, left = (h - h_crop) // 2, (w - w_crop) // 2
    crop = image[top : top + h_crop, left : left + w_crop]
    resized = resize(crop, (height, width), anti_aliasing=True, preserve_range=True)
    return resized.round().clip(0, 255).astype(np.uint8)
