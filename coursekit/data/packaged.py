"""Small real data sets that need no download: patches of photographs, handwritten digits."""

import numpy as np
import torch

from coursekit.data.dataset import Dataset, Examples
from coursekit.data.photographs import photograph

# class -> size (height, width) to which its photograph is brought, so that 32×32 pixels show
# parts of things: an eye, a brick, a roof's edge
_SIZES = {
    "astronaut": (512, 512),
    "chelsea": (300, 448),
    "coffee": (400, 600),
    "rocket": (427, 640),
    "hubble": (560, 640),
    "retina": (512, 512),
    "immunohistochemistry": (512, 512),
    "china": (427, 640),
    "flower": (427, 640),
    "brick": (512, 512),
}
_PATCH, _BLOCK, _STRIDE = 32, 64, 8  # pixels


def photo_patches(train: int = 5000, test: int = 1000, seed: int = 0) -> Dataset:
    """Cut 3×32×32 patches out of ten packaged photographs.

    The class is the photograph. Each photograph is divided into blocks of 64×64 pixels, a block
    belongs to either the training or the test images, and a patch never leaves its block: no pixel
    is in both. The patches of a block form a group, so a validation split keeps them together.

    Args:
        train, test: number of patches, the same of each class.

    Returns:
        Dataset of 10 classes; gray photographs have three equal channels.

    Raises:
        ValueError: more patches are asked for than can be cut.

    >>> patches = photo_patches(train=30, test=10)
    >>> patches.train.images.shape, patches.class_names[:2]
    (torch.Size([30, 3, 32, 32]), ('astronaut', 'chelsea'))
    """
    rng = np.random.default_rng(seed)
    cut = [_cut(name, train // 10, test // 10, rng) for name in _SIZES]
    parts = [np.concatenate(part) for part in zip(*cut, strict=True)]
    labels = [np.repeat(np.arange(10), n // 10) for n in (train, test)]
    blocks = parts[1] + 1000 * labels[0]  # block numbers are per photograph
    return Dataset(
        name="photo_patches",
        train=Examples(torch.from_numpy(parts[0]), torch.from_numpy(labels[0])),
        test=Examples(torch.from_numpy(parts[2]), torch.from_numpy(labels[1])),
        class_names=tuple(_SIZES),
        source="Patches of photographs packaged with scikit-image and scikit-learn "
        "(credits: coursekit.data.PHOTOGRAPHS).",
        groups=torch.from_numpy(blocks),
    )


def _cut(name: str, train: int, test: int, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Training patches, their blocks, test patches of one photograph."""
    patches, block = _patches(name)
    blocks = rng.permutation(np.unique(block))
    held = np.isin(block, blocks[: max(1, round(0.2 * len(blocks)))])
    chosen = []
    for candidates, count in ((np.flatnonzero(~held), train), (np.flatnonzero(held), test)):
        if count > len(candidates):
            raise ValueError(
                f"{count} patches of {name} are asked for, but only {len(candidates)} can be cut."
            )
        chosen.append(rng.permutation(candidates)[:count])
    return patches[chosen[0]], block[chosen[0]], patches[chosen[1]]


def _patches(name: str) -> tuple[np.ndarray, np.ndarray]:
    """All patches (N, 3, 32, 32) of a photograph with some detail, and their block's number."""
    image = photograph(name, _SIZES[name])
    channels = np.moveaxis(np.atleast_3d(image), 2, 0)  # (1 or 3, H, W)
    windows = np.lib.stride_tricks.sliding_window_view(channels, (_PATCH, _PATCH), axis=(1, 2))
    rows, columns = np.indices(windows.shape[1:3])
    inside = [(at % _BLOCK <= _BLOCK - _PATCH) & (at % _STRIDE == 0) for at in (rows, columns)]
    rows, columns = np.nonzero(inside[0] & inside[1])
    patches = windows[:, rows, columns].swapaxes(0, 1)
    patches = np.broadcast_to(patches, (len(rows), 3, _PATCH, _PATCH))
    block = rows // _BLOCK * 32 + columns // _BLOCK
    detailed = patches.std(axis=(1, 2, 3)) >= 8  # an empty sky could be any photograph's
    return np.ascontiguousarray(patches[detailed]), block[detailed]


def digits() -> Dataset:
    """Return the 1,797 handwritten digits of 8×8 pixels packaged with scikit-learn.

    The last 360 in the order of the file are the test images.

    Returns:
        Dataset of 10 classes, images (N, 1, 8, 8) with levels 0…255.

    >>> digits().test.images.shape
    torch.Size([360, 1, 8, 8])
    """
    from sklearn.datasets import load_digits

    content = load_digits()
    images = torch.from_numpy(np.rint(content.images * 255 / 16).astype(np.uint8))[:, None]
    labels = torch.from_numpy(content.target.astype(np.int64))
    return Dataset(
        name="digits",
        train=Examples(images[:-360], labels[:-360]),
        test=Examples(images[-360:], labels[-360:]),
        class_names=tuple("0123456789"),
        source="Optical recognition of handwritten digits (Alpaydin and Kaynak, 1998), "
        "packaged with scikit-learn.",
        may_flip=False,
    )
