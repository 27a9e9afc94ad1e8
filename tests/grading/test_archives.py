"""Zip files from learning platforms and students: read, bounded, and never trusted."""

import json
import stat
import zipfile

import handins as h
import pytest

from coursekit.grading import archives, submission
from coursekit.grading.submission import read_submissions
from coursekit.problem import Problem

NAME = f"{h.LECTURE}.ipynb"


def zipped(path, members, **settings):
    """A zip file of names and contents; a notebook is given as its dictionary."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **settings) as file:
        for name, content in members.items():
            data = json.dumps(content) if isinstance(content, dict) else content
            file.writestr(zipfile.ZipInfo(name, (2026, 11, 20, 12, 30, 0)), data)
    return path


def students(path):
    return {one.student: sorted(one.notebooks) for one in read_submissions(path)}


def test_moodles_download_with_folders_and_without(tmp_path):
    members = {
        f"Ada Lovelace_11_assignsubmission_file/{NAME}": h.solved(),
        f"Émilie_du Châtelet_12_assignsubmission_file_{NAME}": h.solved(),
        "Bob_13_assignsubmission_onlinetext.html": "<p>see my notebook</p>",
    }
    assert students(zipped(tmp_path / "moodle.zip", members)) == {
        "Ada Lovelace_11": [h.LECTURE],
        "Émilie_du Châtelet_12": [h.LECTURE],
    }


def test_canvass_download_late_and_handed_in_twice(tmp_path):
    members = {
        f"lovelaceada_1234_99_{NAME}": h.untouched(),
        "lovelaceada_1234_99_notes.pdf": "%PDF",
        f"noetheremmy_LATE_77_100_{h.LECTURE}-1.ipynb": h.solved(),
    }
    assert students(zipped(tmp_path / "canvas.zip", members)) == {
        "lovelaceada_1234": [h.LECTURE],
        "noetheremmy_77": [h.LECTURE],
    }


def test_a_zip_file_inside_a_students_folder(tmp_path):
    inner = zipped(tmp_path / "inner.zip", {f"work/{NAME}": h.solved(), "__MACOSX/._x.ipynb": "x"})
    (tmp_path / "in" / "ada").mkdir(parents=True)
    inner.rename(tmp_path / "in" / "ada" / "all.zip")
    outer = {
        f"Bob_5_assignsubmission_file/{name}": (tmp_path / "in/ada/all.zip").read_bytes()
        for name in ("bob.zip",)
    }
    zipped(tmp_path / "moodle.zip", outer)
    assert students(tmp_path / "in") == {"ada": [h.LECTURE]}
    assert students(tmp_path / "moodle.zip") == {"Bob_5": [h.LECTURE]}


def test_nothing_is_written_outside_and_links_are_left_out(tmp_path):
    link = zipfile.ZipInfo("cleo/05.ipynb")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = zipped(
        tmp_path / "a.zip",
        {
            f"../../{NAME}": h.solved(),
            f"/etc/{NAME}": h.solved(),
            f"..\\..\\dan\\{NAME}": h.solved(),
        },
    )
    with zipfile.ZipFile(path, "a") as file:
        file.writestr(link, "/etc/passwd")
    (tmp_path / "in").mkdir()
    found = archives.unpack(path, tmp_path / "in", 1 << 30, by_student=True)
    assert found == 3
    inside = {str(p.relative_to(tmp_path / "in")) for p in tmp_path.rglob("*.ipynb")}
    assert inside == {f"05_stride_and_padding/{NAME}", f"etc/{NAME}", f"dan/{NAME}"}


def test_a_bomb_costs_its_student_only(tmp_path, monkeypatch):
    monkeypatch.setattr(submission, "MOST_OF_A_STUDENT", 1 << 20)
    folder = tmp_path / "in"
    folder.mkdir()
    zipped(folder / "eve.zip", {NAME: b" " * (8 << 20)})
    (folder / "ada.ipynb").write_text(json.dumps(h.solved()))
    read = {one.student: one for one in read_submissions(folder)}
    assert sorted(read["ada"].notebooks) == [h.LECTURE]
    assert read["eve"].unreadable
    assert read["eve"].troubles == ("eve.zip: it unpacks to more than a class can hand in",)


def test_a_broken_archive_is_a_sentence(tmp_path):
    data = zipped(tmp_path / "a.zip", {NAME: h.solved()}).read_bytes()
    (tmp_path / "cut.zip").write_bytes(data[: len(data) // 2])
    with pytest.raises(Problem, match=r"cut\.zip: it cannot be unpacked .*; download it again"):
        read_submissions(tmp_path / "cut.zip")
    zipped(tmp_path / "empty.zip", {"readme.txt": "nothing"})
    with pytest.raises(Problem, match="found no notebook in it"):
        read_submissions(tmp_path / "empty.zip")
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "ada.zip").write_bytes(data[: len(data) // 2])
    (ada,) = read_submissions(folder)
    assert ada.unreadable and "ada.zip: it cannot be unpacked" in ada.troubles[0]


def test_an_encrypted_archive_is_a_sentence(tmp_path):
    path = zipped(tmp_path / "a.zip", {NAME: h.solved()})
    data = bytearray(path.read_bytes())
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + place] |= 1  # the flag that says "encrypted"
    path.write_bytes(data)
    with pytest.raises(Problem, match="it cannot be unpacked"):
        read_submissions(path)


def test_when_it_was_handed_in(tmp_path):
    folder = tmp_path / "submitted" / "ada" / h.LECTURE
    folder.mkdir(parents=True)
    (folder / NAME).write_text(json.dumps(h.solved()))
    (ada,) = read_submissions(tmp_path / "submitted")
    assert ada.handed_in is None  # a file's own time says when it was copied
    (folder / "timestamp.txt").write_text("2026-11-20 12:30:00.25 Europe/Zurich")
    (ada,) = read_submissions(tmp_path / "submitted")
    assert ada.handed_in == "2026-11-20T11:30:00.250000+00:00"
    (bob,) = read_submissions(zipped(tmp_path / "a.zip", {NAME: h.solved()}))
    assert bob.handed_in.startswith("2026-11-")
