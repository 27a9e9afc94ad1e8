"""Data sets in memory: what they hold, how they are split, batched and augmented."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from PIL import Image

from coursekit import data
from coursekit.data import packaged
from coursekit.data.augment import random_cutout, random_flip, random_gray, random_shift
from coursekit.data.loading import PACKAGED


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def photos():
    return data.load("photo_patches")


def numbered(n=12, classes=3, **more):
    """A data set whose image i holds only the level i."""
    images = torch.arange(n, dtype=torch.uint8).view(n, 1, 1, 1).expand(n, 1, 4, 4).contiguous()
    labels = torch.arange(n) % classes
    names = tuple("abc"[:classes])
    part = data.Examples(images, labels)
    return data.Dataset("numbered", part, part, names, "Made up.", **more)


# --- photographs ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", data.PHOTOGRAPHS)
def test_photographs_are_bytes_and_credited(name):
    image = data.photograph(name, (20, 30))
    gray = "(gray)" in data.PHOTOGRAPHS[name]
    assert image.dtype == np.uint8
    assert image.shape == ((20, 30) if gray else (20, 30, 3))
    assert image.std() > 5


def test_photograph_crops_the_center_to_the_aspect():
    whole = data.photograph("chelsea")  # 300×451
    assert np.array_equal(data.photograph("chelsea", 300), whole[:, 75:375])


def test_a_picture_of_ones_own(tmp_path):
    pixels = np.zeros((4, 6, 3), np.uint8)
    pixels[0, 0] = 255
    turned = Image.Exif()
    turned[0x0112] = 6  # the camera stood on its side
    Image.fromarray(pixels).save(tmp_path / "own.png", exif=turned)
    own = data.photograph(str(tmp_path / "own.png"))
    assert own.shape == (6, 4, 3)
    assert own[0, 3].tolist() == [255, 255, 255]
    Image.fromarray(pixels[..., 0]).save(tmp_path / "gray.JPG")
    assert data.photograph(str(tmp_path / "gray.JPG"), size=5).shape == (5, 5, 3)


def test_what_is_no_picture_is_a_sentence(tmp_path):
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(ValueError, match=r"text\.png' could not be read as a picture"):
        data.photograph(str(tmp_path / "text.png"))
    with pytest.raises(ValueError, match=r"There is no file 'cat\.jpg' in "):
        data.photograph("cat.jpg")
    with pytest.raises(ValueError, match="or give the name of a file of yours, with its ending"):
        data.photograph("cat")


def test_photograph_resizes_with_anti_aliasing():
    small = data.photograph("gravel", 16).astype(float)
    blocks = data.photograph("gravel").reshape(16, 32, 16, 32).mean((1, 3))
    assert abs(small - blocks).mean() < 6  # picking every 32nd pixel is off by some 30


def test_changing_a_photograph_leaves_the_next_one_alone():
    first = data.photograph("coins")
    first[:] = 0
    assert data.photograph("coins").any()


def test_unknown_photograph_lists_the_names():
    with pytest.raises(ValueError, match=r"no packaged photograph 'cat'.*chelsea"):
        data.photograph("cat")
    with pytest.raises(ValueError, match="size is 0"):
        data.photograph("coins", 0)


def test_photographs_need_no_torch():
    code = "import sys; from coursekit import data; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


# --- packaged sets --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "classes", "shape"),
    [
        ("photo_patches", 10, (3, 32, 32)),
        ("digits", 10, (1, 8, 8)),
        ("shapes", 10, (3, 32, 32)),
        ("look_alikes", 2, (3, 32, 32)),
    ],
)
def test_packaged_sets(name, classes, shape):
    dataset = data.load(name)
    for images, labels in (dataset.train, dataset.test):
        assert images.dtype == torch.uint8
        assert images.shape == (len(labels), *shape)
        counts = labels.bincount(minlength=classes)
        assert len(counts) == len(dataset.class_names) == classes
        assert counts.min() > 0.8 * counts.max()
    assert dataset.source in repr(dataset)
    assert torch.equal(data.load(name).train.images, dataset.train.images)


def test_patches_of_train_and_test_share_no_pixel(monkeypatch):
    def numbered_pixels(name, size):
        at = np.arange(size[0] * size[1]).reshape(size)
        return np.stack([at % 256, at // 256 % 256, at // 65536 * 40], axis=2).astype(np.uint8)

    monkeypatch.setattr(packaged, "photograph", numbered_pixels)
    dataset = packaged.photo_patches()

    def pixels(examples, label):
        p = examples.images[examples.labels == label].long()
        return set((p[:, 0] + 256 * p[:, 1] + 65536 * (p[:, 2] // 40)).flatten().tolist())

    for label in range(10):
        train, test = (pixels(part, label) for part in (dataset.train, dataset.test))
        assert len(test) > 5000
        assert not train & test


def test_patches_of_train_and_validation_share_no_block(photos):
    split = photos.with_validation(0.1)
    held = len(split.validation.labels)
    assert len(split.train.labels) + held == len(photos.train.labels)
    assert 0.05 < held / len(photos.train.labels) <= 0.1
    of_all = zip(photos.train.images, photos.groups, strict=True)
    rows = {row.numpy().tobytes(): group for row, group in of_all}
    held_groups = {int(rows[row.numpy().tobytes()]) for row in split.validation.images}
    assert not held_groups & set(split.groups.tolist())


def test_more_patches_than_can_be_cut_is_a_sentence():
    with pytest.raises(ValueError, match="can be cut"):
        packaged.photo_patches(train=10**6)


def test_look_alikes_defeat_templates():
    from sklearn.linear_model import LogisticRegression

    dataset = data.load("look_alikes")
    train, test = (dataset.normalize(p.images).flatten(1) for p in (dataset.train, dataset.test))
    linear = LogisticRegression(C=1e-4, max_iter=200).fit(train, dataset.train.labels)
    assert linear.score(test, dataset.test.labels) < 0.62


def test_unknown_set_lists_the_names():
    with pytest.raises(ValueError, match=r"no data set 'cifar'.*cifar10"):
        data.load("cifar")


# --- statistics and splits ------------------------------------------------------------------


def test_mean_and_std_are_those_of_the_training_images(photos):
    x = photos.train.images.double() / 255
    torch.testing.assert_close(photos.mean.double(), x.mean((0, 2, 3)), atol=1e-6, rtol=0)
    expected = x.std((0, 2, 3), correction=0)
    torch.testing.assert_close(photos.std.double(), expected, atol=1e-6, rtol=0)
    z = photos.normalize(photos.train.images)
    assert abs(z.mean((0, 2, 3))).max() < 1e-4
    assert abs(z.std((0, 2, 3)) - 1).max() < 1e-3


def test_statistics_follow_the_split():
    dataset = numbered()
    split = dataset.with_validation(0.3)
    expected = split.train.images.float().mean() / 255
    torch.testing.assert_close(split.mean, expected[None])
    assert split.mean != dataset.mean


def test_normalizing_leaves_the_images_alone_and_survives_a_constant_channel():
    images = torch.full((2, 1, 4, 4), 7, dtype=torch.uint8)
    part = data.Examples(images, torch.tensor([0, 1]))
    dataset = data.Dataset("flat", part, part, ("a", "b"), "Made up.")
    assert torch.isfinite(dataset.normalize(images)).all()
    assert (images == 7).all()


def test_validation_takes_the_same_share_of_each_class():
    split = numbered(n=120).with_validation(0.25)
    assert split.validation.labels.bincount().tolist() == [10, 10, 10]
    both = torch.cat([split.train.images, split.validation.images])[:, 0, 0, 0]
    assert sorted(both.tolist()) == list(range(120))


def test_validation_keeps_copies_of_an_image_together():
    base = numbered(n=40, classes=1)
    part = data.Examples(base.train.images.repeat(3, 1, 1, 1), base.train.labels.repeat(3))
    dataset = data.Dataset("copies", part, part, ("a",), "Made up.")
    split = dataset.with_validation(0.2)
    train, held = (set(p.images[:, 0, 0, 0].tolist()) for p in (split.train, split.validation))
    assert held
    assert not train & held


@pytest.mark.parametrize("fraction", [0, 1, -0.1, 0.001])
def test_impossible_fractions_are_refused(fraction):
    dataset = numbered(groups=torch.zeros(12, dtype=torch.long))
    with pytest.raises(ValueError, match=r"fraction|side empty"):
        dataset.with_validation(fraction)


def test_smaller_is_balanced_and_keeps_the_groups(photos):
    small = photos.smaller(train=200, test=50)
    assert small.train.labels.bincount().tolist() == [20] * 10
    assert small.test.labels.bincount().tolist() == [5] * 10
    assert len(small.groups) == 200
    assert len(photos.smaller(10**6, 10).train.labels) == 5000


# --- batches --------------------------------------------------------------------------------


def levels(batches, dataset):
    """Which images came, in order, read back from the normalized levels."""
    seen = [dataset.mean * 255 + x[:, 0, 0, 0] * dataset.std * 255 for x, _ in batches]
    return torch.cat(seen).round().int().tolist()


def test_an_epoch_shows_every_image_once_and_each_epoch_another_order():
    dataset = numbered()
    batches = data.Batches(dataset, batch_size=4)
    first, second = levels(batches, dataset), levels(batches, dataset)
    assert sorted(first) == sorted(second) == list(range(12))
    assert first != second
    batches.epoch = 0
    assert levels(batches, dataset) == first


def test_labels_stay_with_their_images():
    dataset = numbered()
    for x, labels in data.Batches(dataset, batch_size=5, drop_last=False):
        level = (dataset.mean * 255 + x[:, 0, 0, 0] * dataset.std * 255).round().long()
        assert torch.equal(level % 3, labels)


def test_test_images_come_in_order_and_all_of_them():
    dataset = numbered()
    batches = data.Batches(dataset, "test", batch_size=5)
    assert len(batches) == 3
    assert levels(batches, dataset) == list(range(12))


def test_a_smaller_last_training_batch_is_left_out():
    batches = data.Batches(numbered(), batch_size=5)
    assert [len(labels) for _, labels in batches] == [5, 5]
    assert len(batches) == 2


def test_two_processes_share_each_batch():
    dataset = numbered()
    whole = list(data.Batches(dataset, batch_size=4))
    halves = [list(data.Batches(dataset, batch_size=4, rank=r, processes=2)) for r in (0, 1)]
    for (x, labels), (x0, labels0), (x1, labels1) in zip(whole, *halves, strict=True):
        assert torch.equal(x, torch.cat([x0, x1]))
        assert torch.equal(labels, torch.cat([labels0, labels1]))


def test_batches_have_their_channels_last(photos):
    x, _ = next(iter(data.Batches(photos, augment=data.Augmentation(shift=2, flip=True))))
    assert x.is_contiguous(memory_format=torch.channels_last)
    assert x.shape == (128, 3, 32, 32)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"part": "validation"}, "no 'validation' images"),
        ({"part": "source"}, "no 'source' images"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"batch_size": 13}, "only 12 train images"),
        ({"batch_size": 3, "processes": 2}, "multiple"),
        ({"part": "test", "augment": data.Augmentation(shift=1)}, "never augmented"),
    ],
)
def test_wrong_batches_are_refused_in_a_sentence(arguments, message):
    with pytest.raises(ValueError, match=message):
        data.Batches(numbered(), **{"batch_size": 4, **arguments})


def test_flipping_digits_is_refused():
    with pytest.raises(ValueError, match="mirror image in digits"):
        data.Batches(data.load("digits"), augment=data.Augmentation(flip=True))


# --- augmentation ---------------------------------------------------------------------------


def test_every_image_is_shifted_on_its_own_and_only_so_far():
    x = torch.zeros(400, 2, 9, 11)
    x[:, :, 4, 5] = 1
    out = random_shift(x, 2, generator())
    assert out.shape == x.shape
    rows, columns = (out[:, 0] == 1).nonzero()[:, 1:].T
    assert set(zip(rows.tolist(), columns.tolist(), strict=True)) == {
        (r, c) for r in range(2, 7) for c in range(3, 8)
    }
    assert torch.equal(out[:, 0], out[:, 1])


def test_a_shifted_image_is_padded_by_its_mirror():
    x = torch.arange(5.0).view(1, 1, 1, 5).expand(64, 1, 5, 5)
    out = random_shift(x, 1, generator())
    rows = {tuple(row.tolist()) for row in out[:, 0, 2]}
    assert rows == {(1, 0, 1, 2, 3), (0, 1, 2, 3, 4), (1, 2, 3, 4, 3)}


def test_half_of_the_images_are_flipped_in_width_only():
    x = torch.randn(200, 3, 4, 5)
    out = random_flip(x, generator())
    same = (out == x).flatten(1).all(1)
    assert torch.equal(out[~same], x[~same].flip(3))
    assert 70 < same.sum() < 130


def test_cutout_blanks_one_square():
    out = random_cutout(torch.ones(300, 2, 10, 12), 4, generator())
    blank = (out == 0).float()
    assert torch.equal(blank[:, 0], blank[:, 1])
    assert blank[:, 0].sum((1, 2)).max() == 16
    assert (blank.mean((0, 1)) > 0).all()  # the border too


def test_gray_images_have_equal_channels():
    x = torch.randn(300, 3, 2, 2)
    out = random_gray(x, 0.3, generator())
    gray = (out[:, 0] == out[:, 1]).flatten(1).all(1)
    torch.testing.assert_close(out[gray].mean(1), x[gray].mean(1))
    assert torch.equal(out[~gray], x[~gray])
    assert 60 < gray.sum() < 120


def test_augmentation_is_reproducible_and_changes_nothing_stored(photos):
    augment = data.Augmentation(shift=2, flip=True, cutout=8, gray=0.2)
    batches = data.Batches(photos, augment=augment)
    stored = batches.images.clone()
    first, labels = next(iter(batches))
    batches.epoch = 0
    again, _ = next(iter(batches))
    assert torch.equal(first, again)
    assert torch.equal(batches.images, stored)
    plain, same_labels = next(iter(data.Batches(photos)))
    assert torch.equal(labels, same_labels)
    assert not torch.equal(first, plain)


# --- images in folders ----------------------------------------------------------------------


@pytest.fixture
def folders(tmp_path):
    for part, count in (("train", 6), ("val", 3)):
        for level, name in ((40, "dark"), (200, "light")):
            place = tmp_path / part / name
            place.mkdir(parents=True)
            for i in range(count):
                Image.new("RGB" if i else "L", (30 + i, 24), (level,) * 3 if i else level).save(
                    place / f"{i}.JPEG"
                )
    return data.ImageFolders(tmp_path, {"dark": "night", "light": "day"}, "Made up.")


@pytest.mark.parametrize("workers", [0, 2])
def test_folders_give_normalized_square_crops(folders, workers):
    batches = folders.batches("train", 4, size=16, workers=workers)
    seen = []
    for x, labels in batches:
        assert x.shape == (4, 3, 16, 16)
        assert torch.equal(x[:, 0].mean((1, 2)) > 0, labels == 1)
        seen += labels.tolist()
    assert len(seen) == 4 * len(batches) == 12
    assert sorted(seen) == [0] * 6 + [1] * 6


def test_folders_test_in_order_and_train_in_an_order_of_the_seed(folders):
    test = folders.batches("test", 4, size=8, workers=0)
    assert torch.cat([labels for _, labels in test]).tolist() == [0, 0, 0, 1, 1, 1]
    train = folders.batches("train", 4, size=8, workers=0)
    first, second = (torch.cat([labels for _, labels in train]).tolist() for _ in range(2))
    train.epoch = 0
    assert torch.cat([labels for _, labels in train]).tolist() == first != second


def test_a_folder_without_images_is_a_sentence(tmp_path, folders):
    assert "12 training + 6 test" in repr(folders)
    with pytest.raises(ValueError, match="no 'val' images"):
        folders.files("val")
    (tmp_path / "new").mkdir()
    with pytest.raises(ValueError, match=r"no images in .*train/dark"):
        data.ImageFolders(tmp_path / "new", {"dark": "night"}, "").files("train")


def test_every_packaged_set_is_listed():
    assert set(PACKAGED) == {"photo_patches", "digits", "shapes", "look_alikes"}
