"""Downloads from a server on this machine: whole and verified, or a sentence and no trace."""

import gzip
import hashlib
import http.server
import io
import os
import pickle
import signal
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from coursekit import data
from coursekit.data import loading, official
from coursekit.data.download import DataUnavailable, fetch, unpack
from coursekit.data.registry import CIFAR10_ARCHIVE, FASHION_FILES, MNIST_FILES, RemoteFile

CONTENT = np.random.default_rng(0).bytes(300_000)


class Server:
    """Serves `files` by path; `manner` says how well."""

    def __init__(self):
        self.files, self.manner, self.requests = {"/a.bin": CONTENT}, "whole", []
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                owner.answer(self)

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def answer(self, request):
        self.requests.append(request.path)
        content = self.files.get(request.path)
        if content is None or self.manner == "missing":
            return request.send_error(404)
        if self.manner == "wrong":
            content = content[:-1] + bytes([content[-1] ^ 1])
        request.send_response(200)
        request.send_header("Content-Length", str(len(content)))
        if self.manner == "labeled" and "identity" not in request.headers["Accept-Encoding"]:
            request.send_header("Content-Encoding", "gzip")
        request.end_headers()
        sent = len(content) // 2 if self.manner in ("truncated", "stalled") else len(content)
        request.wfile.write(content[:sent])
        request.wfile.flush()
        if self.manner == "stalled":
            time.sleep(30)
        return None

    def file(self, name="a.bin"):
        md5 = hashlib.md5(self.files[f"/{name}"]).hexdigest()
        return RemoteFile(name, (f"{self.address}/{name}",), md5)


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server = Server()
    yield server
    server.http.shutdown()
    server.http.server_close()


def visible(folder):
    """What a user sees in a folder: everything but the locks."""
    return sorted(p.name for p in folder.iterdir() if not p.name.endswith(".lock"))


def fetch_elsewhere(file, folder):
    """Start another Python that fetches `file`; for a read-only folder without root's rights."""
    code = (
        "import os, requests; from pathlib import Path; from coursekit.data import download;"
        "from coursekit.data.registry import RemoteFile;"
        "os.geteuid() or {rights};"
        f"download.fetch({file!r}, Path({str(folder)!r}))"
    )
    rights = "os.setuid(65534)" if folder.stat().st_mode & 0o222 == 0 else "None"
    command = [sys.executable, "-c", code.replace("{rights}", rights)]
    return subprocess.Popen(command, stderr=subprocess.PIPE)


def test_a_download_is_kept_and_asked_for_once(server, tmp_path):
    path = fetch(server.file(), tmp_path / "new" / "folder")
    assert path.read_bytes() == CONTENT
    assert fetch(server.file(), path.parent) == path
    assert server.requests == ["/a.bin"]
    assert visible(path.parent) == ["a.bin"]


@pytest.mark.parametrize(
    ("manner", "reason"),
    [
        ("missing", "answered 404"),
        ("wrong", "wrong md5"),
        ("truncated", r"Error|wrong md5"),
    ],
)
def test_a_bad_answer_leaves_nothing_and_repeating_helps(server, tmp_path, manner, reason):
    server.manner = manner
    file = server.file()
    with pytest.raises(DataUnavailable, match=reason) as caught:
        fetch(file, tmp_path)
    for part in (file.name, file.addresses[0], str(tmp_path / file.name)):
        assert part in str(caught.value)
    assert visible(tmp_path) == []
    server.manner = "whole"
    assert fetch(file, tmp_path).read_bytes() == CONTENT


def test_the_second_address_stands_in_for_the_first(server, tmp_path):
    file = server.file()
    file = replace(file, addresses=(f"{server.address}/gone", *file.addresses))
    assert fetch(file, tmp_path).read_bytes() == CONTENT


def test_without_a_network_the_error_says_what_to_put_where(tmp_path):
    file = RemoteFile("a.bin", ("http://127.0.0.1:9/a.bin",), "0" * 32)
    with pytest.raises(DataUnavailable) as caught:
        fetch(file, tmp_path)
    message = str(caught.value)
    assert "http://127.0.0.1:9/a.bin" in message
    assert str(tmp_path / "a.bin") in message
    assert message.count(". ") == 0
    assert caught.value.__class__.__name__ in data.__all__


def test_a_server_that_labels_gz_as_encoding_does_not_unpack_it(server, tmp_path):
    server.files["/x.gz"] = gzip.compress(b"x" * 1000)
    server.manner = "labeled"
    assert fetch(server.file("x.gz"), tmp_path).read_bytes() == server.files["/x.gz"]


def test_a_killed_download_leaves_no_file_and_the_next_clears_up(server, tmp_path):
    server.manner = "stalled"
    process = fetch_elsewhere(server.file(), tmp_path)
    wait_until(lambda: server.requests)
    wait_until(lambda: list(tmp_path.glob(".a.bin.part/*")))
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not (tmp_path / "a.bin").exists()
    server.manner = "whole"
    assert fetch(server.file(), tmp_path).read_bytes() == CONTENT
    assert visible(tmp_path) == ["a.bin"]


def wait_until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def test_of_several_processes_one_downloads(server, tmp_path):
    several = [fetch_elsewhere(server.file(), tmp_path) for _ in range(3)]
    assert [process.wait(60) for process in several] == [0, 0, 0]
    assert server.requests == ["/a.bin"]
    assert (tmp_path / "a.bin").read_bytes() == CONTENT


def test_a_folder_that_cannot_be_written_is_a_sentence(server, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(DataUnavailable, match="COURSEKIT_DATA"):
        fetch(server.file(), tmp_path / "file")


def test_a_read_only_folder_is_a_sentence_and_what_is_there_can_be_read(server):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "there.bin").write_bytes(b"x")
        folder.chmod(0o555)
        missing = fetch_elsewhere(server.file(), folder)
        assert b"which cannot be written" in missing.communicate(timeout=60)[1]
        there = fetch_elsewhere(replace(server.file(), name="there.bin"), folder)
        assert there.wait(60) == 0
        folder.chmod(0o755)


# --- archives and official layouts ----------------------------------------------------------


def cifar_batch(seed, count=10_000):
    rng = np.random.default_rng(seed)
    pixels = np.zeros((count, 3072), np.uint8)
    pixels[:, 0] = rng.integers(0, 256, count)
    return {"data": pixels, "labels": rng.integers(0, 10, count).tolist()}


def write_cifar(home):
    home.mkdir(parents=True)
    for seed in range(6):
        name = f"data_batch_{seed + 1}" if seed < 5 else "test_batch"
        (home / name).write_bytes(pickle.dumps(cifar_batch(seed), protocol=2))


def archive_of(folder):
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz", compresslevel=1) as tar:
        tar.add(folder, folder.name)
    return content.getvalue()


def test_cifar10_is_downloaded_unpacked_and_read(server, tmp_path, monkeypatch):
    write_cifar(tmp_path / "source" / "cifar-10-batches-py")
    server.files["/" + CIFAR10_ARCHIVE.name] = archive_of(tmp_path / "source/cifar-10-batches-py")
    monkeypatch.setattr(official, "CIFAR10_ARCHIVE", server.file(CIFAR10_ARCHIVE.name))
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path / "cache"))
    dataset = data.load("cifar10")
    assert dataset.train.images.shape == (50_000, 3, 32, 32)
    assert dataset.test.labels.tolist() == cifar_batch(5)["labels"]
    assert dataset.train.labels[10_000:20_000].tolist() == cifar_batch(1)["labels"]
    assert dataset.train.images[0, 0, 0, 0] == cifar_batch(0)["data"][0, 0]
    assert "differ from the published" in dataset.source
    assert visible(tmp_path / "cache") == ["cifar-10-batches-py", CIFAR10_ARCHIVE.name]

    # an unpacked copy is used as it is, without a request
    server.http.shutdown()
    assert data.load("cifar10", tmp_path / "source").name == "cifar10"
    assert data.cifar10_or_photos(tmp_path / "source").name == "cifar10"
    assert data.cifar10_or_photos(tmp_path / "empty").name == "photo_patches"

    # damaged copies are refused, whatever the damage
    batch = tmp_path / "source" / "cifar-10-batches-py" / "data_batch_3"
    for content in (
        batch.read_bytes()[:1_000_000],
        pickle.dumps(cifar_batch(2, count=9_999)),
        pickle.dumps({"data": "none"}),
        pickle.dumps(os.getcwd),
    ):
        batch.write_bytes(content)
        with pytest.raises(DataUnavailable, match="data_batch_3 is damaged"):
            data.load("cifar10", tmp_path / "source")
    batch.unlink()
    with pytest.raises(DataUnavailable, match="data_batch_3 is damaged"):
        data.load("cifar10", tmp_path / "source")


def test_a_damaged_archive_gives_no_folder(tmp_path):
    (tmp_path / "top").mkdir()
    (tmp_path / "top" / "file").write_bytes(CONTENT)
    whole = archive_of(tmp_path / "top")
    place = tmp_path / "cache"
    place.mkdir()
    for content in (whole[: len(whole) // 2], b"no archive", whole):
        (place / "a.tgz").write_bytes(content)
        wanted = "top" if content is not whole else "another"
        with pytest.raises(DataUnavailable, match=r"a\.tgz cannot be unpacked"):
            unpack(place / "a.tgz", wanted)
        assert visible(place) == ["a.tgz"]
    assert (unpack(place / "a.tgz", "top") / "file").read_bytes() == CONTENT


def idx(array):
    header = np.array([0x0800 + array.ndim, *array.shape], ">u4").tobytes()
    return gzip.compress(header + array.tobytes(), 1)


@pytest.mark.parametrize(
    ("name", "table"), [("mnist", "MNIST_FILES"), ("fashion_mnist", "FASHION_FILES")]
)
def test_idx_files_are_downloaded_and_read(server, tmp_path, monkeypatch, name, table):
    rng = np.random.default_rng(0)
    arrays = []
    for count in (60_000, 10_000):
        images = np.zeros((count, 28, 28), np.uint8)
        images[:, 3, 4] = rng.integers(0, 256, count)
        arrays += [images, rng.integers(0, 10, count).astype(np.uint8)]
    files = FASHION_FILES if name == "fashion_mnist" else MNIST_FILES
    for file, array in zip(files, arrays, strict=True):
        server.files["/" + file.name] = idx(array)
    monkeypatch.setattr(loading, table, tuple(server.file(file.name) for file in files))
    dataset = data.load(name, tmp_path)
    assert dataset.train.images.shape == (60_000, 1, 28, 28)
    assert np.array_equal(dataset.test.images[:, 0], arrays[2])
    assert dataset.train.labels.tolist() == arrays[1].tolist()
    assert "differ" not in dataset.source  # the bytes have the published md5
    assert dataset.may_flip == (name == "fashion_mnist")

    home = tmp_path / name
    labels = home / files[3].name
    for content, why in (
        (idx(arrays[3][:-1]), "header"),
        (labels.read_bytes()[:-20], "ended|end"),
        (gzip.compress(gzip.decompress(labels.read_bytes())[:-1]), "too early"),
    ):
        labels.write_bytes(content)
        with pytest.raises(DataUnavailable, match=f"{labels.name} is damaged.*({why})"):
            data.load(name, tmp_path)
    labels.write_bytes(gzip.compress(gzip.decompress(idx(arrays[3])), 9))
    assert "differ from the published" in data.load(name, tmp_path).source


def test_imagenette_is_used_where_it_lies(tmp_path):
    with pytest.raises(DataUnavailable, match="train is damaged or incomplete"):
        (tmp_path / "imagenette2-160").mkdir()
        data.load("imagenette", tmp_path)
    for part in ("train", "val"):
        (tmp_path / "imagenette2-160" / part).mkdir()
    assert data.load("imagenette", tmp_path).class_names[0] == "tench"
    assert data.is_here("imagenette", tmp_path)
    assert not data.is_here("mnist", tmp_path)


def test_the_folder_follows_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path))
    assert data.data_folder() == tmp_path
    monkeypatch.delenv("COURSEKIT_DATA")
    assert data.data_folder().name == "coursekit"
