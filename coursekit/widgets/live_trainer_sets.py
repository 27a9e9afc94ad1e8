"""The images a live trainer is given, in whatever form, as tensors beside its net."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from coursekit.data.augment import Augmentation
from coursekit.data.batches import Batches
from coursekit.data.dataset import Dataset, Examples
from coursekit.problem import Problem


class Images(NamedTuple):
    """Images as the net takes them, float32 (N, C, H, W), with labels, int64 (N,)."""

    x: Tensor
    labels: Tensor

    def first(self, count: int) -> "Images":
        """At most `count` images."""
        return Images(self.x[:count], self.labels[:count])

    def batches(self, size: int = 250) -> list[tuple[Tensor, Tensor]]:
        """Pairs (x, labels) of at most `size` images, views of these."""
        return list(zip(self.x.split(size), self.labels.split(size), strict=True))


@dataclass(frozen=True)
class Sets:
    """All that a trainer learns from and is measured on.

    Attributes:
        train, validation, test: `Images`, the latter two or None. Those two are in random order
            with the classes taking turns, so that their first images are a fair sample.
        class_names: the word for each label.
        augment: what is done to training batches, or None.
        normalize: from pixels, uint8 (N, C, H, W), to what the net takes.
        low, high: (C, 1, 1), the values drawn as 0 and as 255.
    """

    train: Images
    validation: Images | None
    test: Images | None
    class_names: tuple[str, ...]
    augment: Augmentation | None
    normalize: Callable[[Tensor], Tensor]
    low: Tensor
    high: Tensor

    def pixels(self, x: Tensor) -> np.ndarray:
        """Images (N, C, H, W) for the eye: uint8 (N, H, W, 3)."""
        levels = 255 * (x - self.low) / (self.high - self.low)
        shown = levels.clamp(0, 255).to(torch.uint8).cpu()
        shown = shown[:, :3] if shown.shape[1] >= 3 else shown[:, :1].expand(-1, 3, -1, -1)
        return shown.permute(0, 2, 3, 1).contiguous().numpy()


def read_sets(
    train_set: Any,
    test_set: Any,
    validation_set: Any,
    class_names: Any,
    augment: Augmentation | None,
    device: torch.device,
) -> Sets:
    """Training, validation and test images out of what `LiveTrainer` was given.

    Raises Problem when one of them cannot be read, in one sentence.
    """
    source = _dataset(train_set, class_names)
    held, source = _held_out(source, validation_set)
    test = source.test if test_set is None else _examples(test_set, "test_set")
    train = source.train
    normalize = source.normalize if train.images.dtype == torch.uint8 else _as_it_is
    parts = {"train_set": train, "validation_set": held, "test_set": test}
    for name, part in parts.items():
        _require_alike(name, part, train)
    images = {name: _images(part, normalize, device) for name, part in parts.items()}
    low, high = _ends(images["train_set"].x)
    if normalize is _as_it_is:

        def normalize(pixels: Tensor) -> Tensor:
            return low.cpu() + (high - low).cpu() * pixels / 255

    return Sets(
        train=images["train_set"],
        validation=_taking_turns(images["validation_set"]),
        test=_taking_turns(images["test_set"]),
        class_names=source.class_names,
        augment=augment or getattr(train_set, "augment", None),
        normalize=normalize,
        low=low,
        high=high,
    )


def _as_it_is(images: Tensor) -> Tensor:
    return images


def _dataset(train_set: Any, class_names: Any) -> Dataset:
    """Whatever holds the training images, as a data set."""
    if isinstance(train_set, Dataset):
        return train_set
    train = _examples(train_set, "train_set")
    none = Examples(train.images[:0], train.labels[:0])
    count = int(train.labels.max()) + 1
    names = tuple(map(str, range(count) if class_names is None else class_names))
    if len(names) < count:
        raise Problem(
            f"There are {len(names)} class_names, but labels go up to {count - 1}; give "
            f"{count} names, or none."
        )
    return Dataset("your images", train, none, names, "", groups=torch.arange(len(train.labels)))


def _held_out(source: Dataset, validation_set: Any) -> tuple[Examples | None, Dataset]:
    """The validation images, and the data set without them."""
    if validation_set is None:
        return None, source
    if not isinstance(validation_set, float):
        return _examples(validation_set, "validation_set"), source
    if source.validation is None:
        try:
            source = source.with_validation(validation_set)
        except ValueError as error:
            raise Problem(f"validation_set: {error} Or pass validation_set=None.") from None
    return source.validation, source


def _examples(given: Any, name: str) -> Examples:
    """Images and labels out of batches or a pair of arrays."""
    if isinstance(given, Batches):
        return Examples(given.images, given.labels)
    try:
        images, labels = (
            part if isinstance(part, Tensor) else torch.tensor(np.array(part)) for part in given
        )
    except (TypeError, ValueError, RuntimeError):
        raise Problem(
            f"{name} is {_short(given)}; expected a data set of coursekit.data, Batches, or a "
            "pair (x, labels) of arrays."
        ) from None
    if images.ndim != 4 or 0 in images.shape or labels.shape != images.shape[:1]:
        raise Problem(
            f"{name} has images of shape {tuple(images.shape)} and labels of shape "
            f"{tuple(labels.shape)}; expected (N, C, H, W) and (N,)."
        )
    if labels.is_floating_point() or labels.dtype == torch.bool or labels.min() < 0:
        raise Problem(
            f"{name} has labels of {labels.dtype} from {labels.min().item()}; expected whole "
            "numbers from 0, one an image."
        )
    return Examples(_numbers(images, name), labels.long())


def _numbers(images: Tensor, name: str) -> Tensor:
    """uint8 as it is, everything else as float32."""
    if images.dtype == torch.uint8:
        return images
    images = images.float()
    if bad := int((~images.isfinite()).sum()):
        raise Problem(
            f"{name} holds {bad} values that are nan or infinite; replace them, for example with "
            "torch.nan_to_num."
        )
    return images


def _short(thing: Any) -> str:
    text = repr(thing)
    return text if len(text) < 40 else f"a {type(thing).__name__}"


def _require_alike(name: str, part: Examples | None, train: Examples) -> None:
    if part is None:
        return
    found, expected = part.images, train.images
    if found.shape[1:] != expected.shape[1:] or found.dtype != expected.dtype:
        raise Problem(
            f"{name} has images of {tuple(found.shape[1:])} in {found.dtype}; expected "
            f"{tuple(expected.shape[1:])} in {expected.dtype}, as the training images."
        )


def _images(
    part: Examples | None, normalize: Callable[[Tensor], Tensor], device: torch.device
) -> Images | None:
    if part is None or not len(part.labels):
        return None
    x = normalize(part.images).to(device).contiguous(memory_format=torch.channels_last)
    return Images(x, part.labels.to(device))


def _taking_turns(images: Images | None) -> Images | None:
    """The same images in a fixed random order in which the classes take turns."""
    if images is None:
        return None
    order = torch.randperm(len(images.labels), generator=torch.Generator().manual_seed(0))
    labels = images.labels.cpu()[order]
    rank = torch.zeros_like(order)  # which number an image has within its class
    for label in labels.unique():
        mine = labels == label
        rank[mine] = torch.arange(int(mine.sum()))
    order = order[(rank * (labels.max() + 1) + labels).argsort()].to(images.labels.device)
    x = images.x[order].contiguous(memory_format=torch.channels_last)
    return Images(x, images.labels[order])


def _ends(x: Tensor) -> tuple[Tensor, Tensor]:
    """Lowest and highest value of each channel, (C, 1, 1) each; never the same."""
    sample = x[:2000].transpose(0, 1).flatten(1)
    low, high = sample.amin(1), sample.amax(1)
    return low.view(-1, 1, 1), torch.maximum(high, low + 1e-6).view(-1, 1, 1)
