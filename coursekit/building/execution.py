"""Runs a copy in a fresh kernel, in an empty folder, as a student's Run All would."""

import os
import tempfile
import uuid
from pathlib import Path

from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpecManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from coursekit.building.outputs import BadOutput, clean_outputs


class CellFailed(Exception):
    """A cell that does not run cleanly: id and reason."""

    def __init__(self, cell_id: str, sentence: str):
        super().__init__(f"cell {cell_id!r} {sentence}")
        self.cell_id = cell_id


def run_copy(notebook: NotebookNode, timeout: float, snapshots: bool = False) -> None:
    """Run every cell in place and keep its cleaned outputs.

    timeout: seconds a cell. snapshots: let widgets leave what slides need to bring them to life.
    Raises CellFailed for the first cell that raises, hangs or writes to stderr.
    """
    with (
        tempfile.TemporaryDirectory(prefix="coursekit-") as folder,
        tempfile.TemporaryDirectory(prefix="coursekit-kernel-") as sockets,
    ):
        # No folders to search: the kernel of this very environment, whatever else is installed.
        kernels = KernelSpecManager(kernel_dirs=[])
        client = NotebookClient(
            notebook,
            km=AsyncKernelManager(
                kernel_name="python3", kernel_spec_manager=kernels, **sockets_in(sockets)
            ),
            timeout=timeout,
            record_timing=False,
            store_widget_state=False,
            extra_arguments=["--IPKernelApp.log_level=40"],  # its advice on sockets is not ours
        )
        environment = _environment(Path(folder), snapshots)
        with client.setup_kernel(cwd=folder, env=environment, cleanup_kc=True):
            codes = [n for n, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
            for count, index in enumerate(codes, start=1):
                _run_cell(client, index, count, snapshots)


def sockets_in(folder: str | Path) -> dict[str, str]:
    """What a kernel manager needs for a kernel that talks through sockets in this folder.

    Network ports are chosen before they are taken: of two kernels that start at once, one may
    find its ports gone, and die.
    """
    name = uuid.uuid4().hex[:8]  # a socket's path has to be short
    return {"transport": "ipc", "connection_file": str(Path(folder) / f"{name}.json")}


def _environment(folder: Path, snapshots: bool) -> dict[str, str]:
    own = {"MPLBACKEND", "COURSEKIT_SNAPSHOT", "NBGRADER_EXECUTION"}
    environment = {key: value for key, value in os.environ.items() if key not in own}
    environment["COURSEKIT_QUICK"] = "1"
    environment["COURSEKIT_PROGRESS"] = str(folder / "progress.json")
    environment["PYTHONHASHSEED"] = "0"
    if snapshots:
        environment["COURSEKIT_SNAPSHOT"] = "1"
    return environment


def _run_cell(client: NotebookClient, index: int, count: int, snapshots: bool) -> None:
    cell = client.nb.cells[index]
    try:
        client.execute_cell(cell, index)
        cell.outputs = clean_outputs(cell.outputs, keep_snapshots=snapshots)
    except CellExecutionError as problem:
        message = (problem.evalue.splitlines() or [""])[0]
        raise CellFailed(cell.id, f"raised {problem.ename}: {message}") from problem
    except CellTimeoutError as problem:
        raise CellFailed(cell.id, "did not finish in time; make it quicker") from problem
    except DeadKernelError as problem:
        raise CellFailed(cell.id, "ended the Python process") from problem
    except BadOutput as problem:
        raise CellFailed(cell.id, str(problem)) from problem
    # Kernels may count differently; stored copies count their code cells.
    cell.execution_count = count
    for output in cell.outputs:
        if output.output_type == "execute_result":
            output.execution_count = count
