"""Images in folders, one a class: read and cropped by worker processes, batch by batch."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader
from torch.utils.data import Dataset as TorchDataset

# Channel statistics of ImageNet, which Imagenette is a part of (Krizhevsky et al., 2012, data).
_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_SUFFIXES = (".jpeg", ".jpg", ".png")


class ImageFolders:
    """A data set too large for memory: train/CLASS/*.jpeg and val/CLASS/*.jpeg.

    Args:
        home: the folder with the folders train and val.
        classes: folder name -> word for the class, in the order of the labels.
        source: one sentence saying which data these are.
    """

    def __init__(self, home: Path, classes: Mapping[str, str], source: str) -> None:
        self.home, self.source = Path(home), source
        self.folders, self.class_names = tuple(classes), tuple(classes.values())

    def __repr__(self) -> str:
        counts = [len(self.files(part)) for part in ("train", "test")]
        return (
            f"{self.home.name}: {counts[0]} training + {counts[1]} test images in folders, "
            f"{len(self.class_names)} classes. {self.source}"
        )

    def files(self, part: str) -> list[tuple[Path, int]]:
        """List the image files of a part with their labels, sorted.

        Args:
            part: "train" or "test" (the folder val).

        Raises:
            ValueError: there is no such part, or a class has no images.
        """
        if part not in ("train", "test"):
            raise ValueError(f"{self.home.name} has no {part!r} images; choose 'train' or 'test'.")
        found = []
        for label, folder in enumerate(self.folders):
            place = self.home / {"train": "train", "test": "val"}[part] / folder
            paths = sorted(p for p in place.glob("*") if p.suffix.lower() in _SUFFIXES)
            if not paths:
                raise ValueError(f"There are no images in {place}; put a whole copy there.")
            found += [(path, label) for path in paths]
        return found

    def batches(
        self,
        part: str = "train",
        batch_size: int = 128,
        *,
        size: int = 128,
        workers: int = 2,
        device: str | torch.device = "cpu",
        seed: int = 0,
    ) -> "FolderBatches":
        """Return the batches of a part.

        Training images are cropped and mirrored at random, test images cropped in the middle.

        Args:
            size: side of the square crop in pixels.
            workers: processes that read and crop; 0 does it in this one.
        """
        crops = _Crops(self.files(part), size, part == "train", seed)
        return FolderBatches(crops, batch_size, workers, device)


class _Crops(TorchDataset):
    """Square uint8 crops (3, size, size) of image files; all randomness from (seed, epoch, i)."""

    def __init__(self, files: list[tuple[Path, int]], size: int, random: bool, seed: int) -> None:
        self.files, self.size, self.random, self.seed = files, size, random, seed
        self.epoch = 0

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, i: int) -> tuple[Tensor, int]:
        path, label = self.files[i]
        rng = np.random.default_rng([self.seed, self.epoch, i])
        with Image.open(path) as opened:
            image = opened.convert("RGB")
        box = _random_box(image.size, rng) if self.random else _center_box(image.size)
        crop = np.asarray(image.resize((self.size, self.size), Image.Resampling.BILINEAR, box))
        if self.random and rng.random() < 0.5:
            crop = crop[:, ::-1]
        return torch.from_numpy(crop.transpose(2, 0, 1).copy()), label


def _random_box(size: tuple[int, int], rng: np.random.Generator) -> tuple[float, ...]:
    """A square of 35 to 100 % of the short side, anywhere: (left, top, right, bottom)."""
    side = min(size) * rng.uniform(0.35, 1) ** 0.5
    left, top = (rng.uniform(0, length - side) for length in size)
    return left, top, left + side, top + side


def _center_box(size: tuple[int, int]) -> tuple[float, ...]:
    """The middle square of 7/8 of the short side: (left, top, right, bottom)."""
    side = min(size) * 7 / 8
    left, top = ((length - side) / 2 for length in size)
    return left, top, left + side, top + side


class FolderBatches:
    """Batches of cropped images on the device, made by worker processes while it computes."""

    def __init__(
        self, crops: _Crops, batch_size: int, workers: int, device: str | torch.device
    ) -> None:
        self.crops, self.batch_size, self.workers, self.device = crops, batch_size, workers, device
        self.epoch = 0

    def __len__(self) -> int:
        """Number of batches in an epoch; a smaller last training batch is left out."""
        whole, rest = divmod(len(self.crops), self.batch_size)
        return whole + (rest > 0 and not self.crops.random)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield (x, labels): float32 (n, 3, size, size) normalized, and int64 (n,)."""
        generator = torch.Generator().manual_seed(self.crops.seed * 100_003 + self.epoch)
        self.crops.epoch = self.epoch
        self.epoch += 1
        loader = DataLoader(
            self.crops,
            self.batch_size,
            shuffle=self.crops.random,
            drop_last=self.crops.random,
            num_workers=self.workers,
            generator=generator,
            pin_memory=torch.device(self.device).type == "cuda",
        )
        mean, std = (torch.tensor(m, device=self.device).view(3, 1, 1) for m in (_MEAN, _STD))
        for images, labels in loader:
            x = images.to(self.device, non_blocking=True).float() / 255
            x = ((x - mean) / std).contiguous(memory_format=torch.channels_last)
            yield x, labels.to(self.device, non_blocking=True)
