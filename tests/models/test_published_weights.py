"""Published weights: torchvision's names and shapes, the download, and what can go wrong."""

import hashlib
import re
import threading
from collections import OrderedDict
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from math import prod
from pathlib import Path

import pytest
import torch
from torchvision_names import PUBLISHED

from coursekit import models
from coursekit.models import weights
from coursekit.models.weights import ADDRESSES, WeightsUnavailable, fetch_weights

STATISTICS = ("running_mean", "running_var", "num_batches_tracked")


def stand_in(name: str) -> dict[str, torch.Tensor]:
    """A state dict of full size whose every tensor is one number, repeated: a few kB as a file."""
    shapes, *_ = PUBLISHED[name]
    return OrderedDict(
        (key, torch.tensor(0 if key.endswith("tracked") else i / 1000).expand(shape))
        for i, (key, shape) in enumerate(shapes.items())
    )


def save(state: dict, folder: Path, stem: str, **options) -> Path:
    """Save as publishers do, with the digits that begin the file's SHA-256 in its name."""
    torch.save(state, folder / "new.pth", **options)
    digits = hashlib.sha256((folder / "new.pth").read_bytes()).hexdigest()[:8]
    return (folder / "new.pth").rename(folder / f"{stem}-{digits}.pth")


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_) -> None:
        self.server.requests += 1


@pytest.fixture
def publisher(tmp_path):
    """A folder, served on this machine: (folder, address, server)."""
    folder = tmp_path / "published"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=folder))
    server.requests = 0
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_port}/", server
    server.shutdown()
    server.server_close()


@pytest.fixture
def kept(tmp_path, monkeypatch) -> Path:
    """The folder where downloaded weights are kept, empty."""
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path / "data"))
    return tmp_path / "data" / "models"


# --- names and shapes ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", PUBLISHED)
def test_state_dicts_have_torchvisions_names_and_shapes(name) -> None:
    shapes, keys, parameters = PUBLISHED[name]
    with torch.device("meta"):
        state = getattr(models, name)().state_dict()
    assert {key: tuple(tensor.shape) for key, tensor in state.items()} == shapes
    assert len(state) == keys
    learned = [key for key in state if not key.endswith(STATISTICS)]
    assert sum(state[key].numel() for key in learned) == parameters
    assert sum(prod(shapes[key]) for key in learned) == parameters


def test_the_addresses_are_the_official_ones() -> None:
    assert ADDRESSES.keys() == PUBLISHED.keys()
    for name, address in ADDRESSES.items():
        pattern = rf"https://download\.pytorch\.org/models/{name}(-owt)?-[0-9a-f]{{8}}\.pth"
        assert re.fullmatch(pattern, address)


# --- download and load --------------------------------------------------------------------------


@pytest.mark.parametrize("name", PUBLISHED)
def test_pretrained_networks_hold_the_published_numbers(name, publisher, kept, monkeypatch) -> None:
    folder, address, server = publisher
    file = save(stand_in(name), folder, name)
    monkeypatch.setitem(ADDRESSES, name, address + file.name)
    for _ in range(2):
        state = getattr(models, name)(pretrained=True).state_dict()
    assert server.requests == 1  # the second time it is there
    assert (kept / file.name).read_bytes() == file.read_bytes()
    expected = {key: tensor for key, tensor in stand_in(name).items() if "aux" not in key}
    assert state.keys() == expected.keys()
    assert all(state[key].flatten()[0] == tensor.flatten()[0] for key, tensor in expected.items())
    assert all(state[key].shape == tensor.shape for key, tensor in expected.items())


def test_old_files_without_batch_counts_load_too(publisher, kept, monkeypatch) -> None:
    folder, address, _ = publisher
    state = {k: v for k, v in stand_in("resnet18").items() if "num_batches" not in k}
    file = save(state, folder, "resnet18", _use_new_zipfile_serialization=False)
    monkeypatch.setitem(ADDRESSES, "resnet18", address + file.name)
    model = models.resnet18(pretrained=True)
    assert all(parameter.requires_grad for parameter in model.parameters())
    assert model.bn1.num_batches_tracked == 0
    assert model(torch.zeros(2, 3, 32, 32)).shape == (2, 1000)


def test_pretrained_googlenet_has_no_heads_and_shifts_its_input(
    publisher, kept, monkeypatch
) -> None:
    folder, address, _ = publisher
    file = save(stand_in("googlenet"), folder, "googlenet")
    monkeypatch.setitem(ADDRESSES, "googlenet", address + file.name)
    model = models.googlenet(pretrained=True)
    assert model.training
    assert model.transform_input
    assert model(torch.zeros(2, 3, 64, 64)).shape == (2, 1000)  # logits alone, also in training


# --- what can go wrong --------------------------------------------------------------------------


def test_offline_the_error_names_file_address_and_place(kept, monkeypatch) -> None:
    address = "http://127.0.0.1:9/alexnet-owt-7be5be79.pth"  # the discard port: nobody answers
    monkeypatch.setitem(ADDRESSES, "alexnet", address)
    with pytest.raises(WeightsUnavailable) as caught:
        models.alexnet(pretrained=True)
    sentence = str(caught.value)
    assert sentence.startswith(f"alexnet-owt-7be5be79.pth could not be downloaded from {address} (")
    assert sentence.endswith(f"put the file by hand at {kept / 'alexnet-owt-7be5be79.pth'}")
    assert "\n" not in sentence
    assert caught.value.__suppress_context__
    assert not list(kept.glob("*"))


def test_an_address_that_has_moved_is_reported_the_same_way(publisher, kept, monkeypatch) -> None:
    _, address, _ = publisher
    monkeypatch.setitem(ADDRESSES, "vgg16", f"{address}vgg16-397923af.pth")
    with pytest.raises(WeightsUnavailable, match=r"vgg16-397923af\.pth .*HTTPError"):
        fetch_weights("vgg16")


def test_a_file_put_there_by_hand_is_used(publisher, kept, monkeypatch) -> None:
    kept.mkdir(parents=True)
    file = save(stand_in("resnet18"), kept, "resnet18")
    monkeypatch.setitem(ADDRESSES, "resnet18", f"http://127.0.0.1:9/{file.name}")
    assert fetch_weights("resnet18") == file


def test_a_file_that_is_not_the_published_one_is_not_loaded(publisher, kept, monkeypatch) -> None:
    folder, address, _ = publisher
    (folder / "vgg11-8a719046.pth").write_bytes(b"something else")
    monkeypatch.setitem(ADDRESSES, "vgg11", address + "vgg11-8a719046.pth")
    with pytest.raises(WeightsUnavailable, match=r"begins with .* instead of 8a719046.*load again"):
        models.vgg11(pretrained=True)
    assert not (kept / "vgg11-8a719046.pth").exists()


def test_a_damaged_file_of_the_students_is_named_and_left_alone(kept, monkeypatch) -> None:
    kept.mkdir(parents=True)
    damaged = kept / ADDRESSES["vgg16"].rpartition("/")[2]
    damaged.write_bytes(b"half a download")
    with pytest.raises(WeightsUnavailable, match=f"{re.escape(str(damaged))} .*; delete it"):
        models.vgg16(pretrained=True)
    assert damaged.read_bytes() == b"half a download"


def test_other_numbers_of_classes_are_refused_before_any_download(monkeypatch) -> None:
    monkeypatch.setattr(weights, "fetch_weights", lambda name: pytest.fail(f"fetched {name}"))
    with pytest.raises(ValueError, match="1000 classes apart, not 10: load them as they are"):
        models.resnet50(num_classes=10, pretrained=True)
