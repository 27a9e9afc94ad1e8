"""The rig itself: a real JupyterLab runs a notebook and answers about its kernel."""

import pytest

pytestmark = pytest.mark.browser


def test_run_all_runs_every_cell_and_the_kernel_answers(lab):
    lab.open_cells("x = 20", "import time; time.sleep(0.5)", "x = x * 2 + 2", "1 / 0")
    lab.run_all()
    assert lab.kernel_eval("[x, 'ö']") == [42, "ö"]
    assert lab.errors() == ["ZeroDivisionError: division by zero"]


def test_comms_stay_on_the_main_thread(lab):
    """Callbacks of widgets on subshell threads would run beside a cell: pyplot breaks there."""
    lab.open_cells("x = 1")
    assert lab.page.evaluate("() => window.rig.kernel.commsOverSubshells") == "disabled"
