"""The command line of the builder: its words, its exit status, its streams."""

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

SOURCES = Path(__file__).parents[1] / "fixtures" / "solutions"


def coursekit(*arguments: str, cwd: Path) -> subprocess.CompletedProcess:
    command = [sys.executable, "-c", "from coursekit.cli import main; main()", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120)


@pytest.fixture
def folder(tmp_path) -> Path:
    shutil.copytree(SOURCES, tmp_path / "solutions")
    return tmp_path


@pytest.mark.slow
def test_build_then_check(folder):
    built = coursekit("build", cwd=folder)
    assert (built.returncode, built.stderr) == (0, "")
    assert "01_doubling: notebooks/01_doubling.ipynb" in built.stdout
    assert coursekit("build", "--check", cwd=folder).returncode == 0
    notebook = folder / "notebooks" / "01_doubling.ipynb"
    notebook.write_text(notebook.read_text().replace("Twice", "Thrice"))
    stale = coursekit("build", "--check", "--no-execute", cwd=folder)
    assert stale.returncode == 1
    assert "notebooks/01_doubling.ipynb: cell 1" in stale.stderr
    assert stale.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["build", "99_no_such"], 1, "no lecture is called '99_no_such'; there are 01_doubling"),
        (["build", "--root", "nowhere"], 1, "found no lectures"),
        (["build", "--jobs", "0"], 2, "--jobs"),
        (["bulid"], 2, "bulid"),
    ],
)
def test_misuse_is_one_sentence_and_a_status(folder, arguments, status, words):
    done = coursekit(*arguments, cwd=folder)
    assert done.returncode == status
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_problem_in_one_lecture_ends_with_status_one(folder):
    (folder / "solutions" / "02_bad.py").write_text("# %%\n1 / 0\n")
    done = coursekit("build", cwd=folder)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "solutions/02_bad.py:1: " in done.stderr
    assert "01_doubling: " in done.stdout


@pytest.mark.slow
def test_ctrl_c_ends_the_kernels_and_leaves_nothing(folder):
    source = folder / "solutions" / "01_doubling.py"
    source.write_text(
        source.read_text().replace("numbers = [1, 2, 3]", "import time; time.sleep(90)")
    )
    command = [sys.executable, "-c", "from coursekit.cli import main; main()", "build"]
    process = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True)
    kernels = wait_for_kernels(process)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Traceback" not in said
    assert not any(kernel.is_running() for kernel in kernels)
    assert [path for path in folder.rglob("*") if path.is_file()] == [source]


def wait_for_kernels(process: subprocess.Popen) -> list[psutil.Process]:
    """The two kernels of a build, once they are there and at work."""
    for _ in range(150):
        kernels = psutil.Process(process.pid).children()
        if len(kernels) == 2:
            time.sleep(2)
            return kernels
        time.sleep(0.2)
    raise AssertionError("the build started no kernels within 30 seconds")
