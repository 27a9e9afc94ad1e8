"""A network of one lecture in another: the same answers, or none at all."""

import pytest
import torch

from coursekit.models import alexnet_mini, example_convnet
from coursekit.networks import keep_network, open_network


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSEKIT_PROGRESS", str(tmp_path / "progress.json"))
    return tmp_path


def test_a_kept_network_gives_the_same_scores(folder):
    net, x = alexnet_mini(), torch.randn(2, 3, 32, 32)
    said = keep_network(net, "lecture_10", alexnet_mini, "cifar10")
    assert said == "The network is kept in lecture_10.pt, beside your progress."
    assert [path.name for path in folder.iterdir()] == ["lecture_10.pt"]
    assert torch.equal(open_network("lecture_10", "cifar10")(x), net(x))


def test_one_of_other_data_is_not_opened(folder):
    keep_network(alexnet_mini(), "lecture_10", alexnet_mini, "cifar10")
    assert open_network("lecture_10", "photo_patches") is None
    assert open_network("lecture_11", "cifar10") is None


@pytest.mark.parametrize(
    "kept",
    [
        {"build": "example_convnet", "data": "cifar10", "weights": {}},
        {"build": "INPUT_SHAPES", "data": "cifar10", "weights": {}},
        {"build": "WeightsUnavailable", "data": "cifar10", "weights": {}},
        {"weights": example_convnet().state_dict()},
        [1, 2, 3],
    ],
)
def test_a_file_of_another_kind_is_not_opened(folder, kept):
    torch.save(kept, folder / "lecture_10.pt")
    assert open_network("lecture_10", "cifar10") is None


@pytest.mark.parametrize("content", [b"", b"no weights", b"\x80\x04."])
def test_a_damaged_file_is_not_opened(folder, content):
    (folder / "lecture_10.pt").write_bytes(content)
    assert open_network("lecture_10", "cifar10") is None


def test_where_nothing_can_be_written_a_sentence_says_so(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("COURSEKIT_PROGRESS", str(tmp_path / "file" / "progress.json"))
    said = keep_network(example_convnet(), "lecture_10", example_convnet, "cifar10")
    assert said.startswith("The network could not be kept in")
