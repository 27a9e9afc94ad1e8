"""JupyterLab and headless Chromium for tests: one server and one browser a session.

Tests ask for `lab` (a notebook in the real JupyterLab), `notebook7` (the same in Notebook 7) or
`offline_page` (a page from a file). All refuse every address but this machine's own and keep a list
of what was refused.
"""

import ast
import contextlib
import functools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / "build" / "screenshots"
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SETTINGS = {
    "notification": {"fetchNews": "false", "checkForUpdates": False},
}

# Run in the page. Running cells before the kernel has answered loses some of them.
KERNEL_READY = """async () => {
  const app = window.jupyterapp;
  const panel = app.shell.currentWidget;
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const ready = async () => {
    await panel.context.ready;
    await panel.sessionContext.ready;
    const kernel = panel.sessionContext.session.kernel;
    await kernel.info;
    while (kernel.status !== "idle") await pause(50);
    window.rig = {panel, kernel};
  };
  const late = pause(60000).then(() => { throw new Error("no kernel within 60 s"); });
  await Promise.race([ready(), late]);
  if (!app.shell.leftCollapsed) app.shell.collapseLeft();
}"""
# Key events on what has the focus; a handler is done when its microtasks are.
HANDLER = """async ([keys, count]) => {
  const times = [];
  for (let i = 0; i < count; i += 1) {
    await new Promise((done) => setTimeout(done, 20));
    const start = performance.now();
    document.activeElement.dispatchEvent(
      new KeyboardEvent("keydown", {key: keys[i % 2], bubbles: true, cancelable: true}));
    for (let turn = 0; turn < 4; turn += 1) await null;
    times.push(performance.now() - start);
  }
  return times;
}"""
EXECUTE = """async ([code, expressions]) => {
  const future = window.rig.kernel.requestExecute(
    {code, store_history: false, user_expressions: expressions, stop_on_error: false});
  return (await future.done).content;
}"""
RUN_ALL = """async (limit) => {
  const late = new Promise((_, fail) => setTimeout(
    () => fail(new Error(`Run All took more than ${limit} ms`)), limit));
  await Promise.race([window.jupyterapp.commands.execute("notebook:run-all-cells"), late]);
}"""
ERRORS = """() => [...window.rig.panel.content.model.cells].flatMap((cell) =>
  cell.type !== "code" ? [] : cell.outputs.toJSON()
    .filter((output) => output.output_type === "error")
    .map((output) => `${output.ename}: ${output.evalue}`))"""


def _unavailable(reason: str) -> None:
    """Skip on a machine without a browser; in CI a missing browser is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Headless Chromium: the system's, or the one Playwright downloaded."""
    try:
        from playwright.sync_api import Error, Locator, sync_playwright
    except ImportError:
        _unavailable("Playwright is not installed: pip install playwright")
    act_until_drawn(Locator, lambda args: args[0].page)
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=found, args=CHROMIUM_ARGUMENTS)
        except Error as error:
            _unavailable(f"no Chromium starts here ({str(error).splitlines()[0]}): install one")
        yield browser
        browser.close()


# Widgets draw a turn after the event, so that the next event does not wait; a test that looked at
# once would see what was there before.
DRAWN = "() => new Promise((done) => setTimeout(done))"
ACTIONS = {"check", "click", "dblclick", "down", "drag_to", "fill", "hover", "move", "press"}
ACTIONS |= {"select_option", "set_input_files", "type", "uncheck", "up"}


def act_until_drawn(thing: Any, page_of: Callable[[Any], Any]) -> None:
    """Have what acts on a page, or its class, wait until what it set off is drawn."""
    from playwright.sync_api import Error

    def patient(action: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(action)
        def acted(*args: Any, **kwargs: Any) -> Any:
            found = action(*args, **kwargs)
            with contextlib.suppress(Error):  # the action may have led to another page
                page_of(args).evaluate(DRAWN)
            return found

        return acted

    for name in ACTIONS & set(dir(thing)):
        setattr(thing, name, patient(getattr(thing, name)))


@dataclass
class OfflinePage:
    """A browser page that reaches nothing but this machine."""

    page: Any
    refused: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(60_000)
        self.page.context.route("**/*", self._gate)
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        for hand in (self.page, self.page.keyboard, self.page.mouse):
            act_until_drawn(hand, lambda args: self.page)

    def _gate(self, route: Any) -> None:
        address = route.request.url
        if address.startswith(("http://127.0.0.1:", "file:", "data:", "blob:")):
            route.continue_()
            return
        self.refused.append(address)
        route.abort()

    def screenshot(self, name: str, selector: str | None = None) -> Path:
        """Write build/screenshots/NAME.png, of the page or of one element."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        target = SCREENSHOTS / f"{name}.png"
        shown = self.page.locator(selector).first if selector else self.page
        shown.screenshot(path=target)
        return target


@pytest.fixture
def offline_page(chromium: Any) -> Iterator[OfflinePage]:
    """A fresh page without a network; fails the test if the page asked for one."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    offline = OfflinePage(context.new_page())
    yield offline
    context.close()
    assert not offline.refused, f"the page asked the network for {offline.refused}"


@dataclass
class LabServer:
    """A running JupyterLab or Notebook 7 whose files, settings and kernels are its own."""

    url: str
    folder: Path
    notebooks: str = "lab/tree"  # where in it a notebook is opened


def _lab_environment(home: Path) -> dict[str, str]:
    folders = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    own = {name: str(home / folder) for name, folder in folders.items()}
    own |= {"COURSEKIT_PROGRESS": str(home / "progress.json"), "COURSEKIT_QUICK": "1"}
    return os.environ | own


def _write_settings(home: Path) -> None:
    folder = home / "settings" / "@jupyterlab" / "apputils-extension"
    folder.mkdir(parents=True)
    for name, values in SETTINGS.items():
        (folder / f"{name}.jupyterlab-settings").write_text(json.dumps(values))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_until_answers(url: str, process: subprocess.Popen, log: Path) -> None:
    for _ in range(240):
        try:
            urllib.request.urlopen(f"{url}/api/status", timeout=5).close()
        except OSError:
            time.sleep(0.5)
        else:
            return
        if process.poll() is not None:
            break
    pytest.fail(f"JupyterLab did not start; its log ends with:\n{log.read_text()[-2000:]}")


@pytest.fixture(scope="session")
def lab_server(chromium: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """JupyterLab on a free port."""
    arguments = ["--LabApp.extension_manager=readonly", "--LabApp.expose_app_in_browser=True"]
    yield from _serving(tmp_path_factory.mktemp("lab"), "jupyterlab", arguments, "lab/tree")


@pytest.fixture(scope="session")
def notebook_server(chromium: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """Notebook 7 on a free port."""
    arguments = ["--JupyterNotebookApp.expose_app_in_browser=True"]
    yield from _serving(tmp_path_factory.mktemp("notebook"), "notebook", arguments, "notebooks")


def _serving(home: Path, module: str, arguments: list[str], notebooks: str) -> Iterator[LabServer]:
    """A server without passwords, seen by this machine only."""
    folder = home / "files"
    folder.mkdir()
    _write_settings(home)
    port = _free_port()
    command = [sys.executable, "-m", module, "--no-browser", "--allow-root", *arguments]
    command += ["--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}"]
    command += ["--ServerApp.port_retries=0", f"--ServerApp.root_dir={folder}"]
    command += ["--IdentityProvider.token=", "--PasswordIdentityProvider.hashed_password="]
    log = home / "server.log"
    with log.open("w") as sink:
        process = subprocess.Popen(
            command,
            env=_lab_environment(home),
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_until_answers(f"http://127.0.0.1:{port}", process, log)
        yield LabServer(f"http://127.0.0.1:{port}", folder, notebooks)
    finally:
        _stop(process)


def _stop(process: subprocess.Popen) -> None:
    process.terminate()  # the server ends its kernels itself
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)


@dataclass
class Lab(OfflinePage):
    """One browser tab with JupyterLab, its notebook and its kernel."""

    server: LabServer | None = None

    def open(self, notebook: Path) -> None:
        """Copy a notebook beside the server, open it and wait for its kernel."""
        shutil.copy(notebook, self.server.folder / notebook.name)
        self.page.goto(f"{self.server.url}/{self.server.notebooks}/{notebook.name}?reset")
        self.page.wait_for_function(
            "() => window.jupyterapp?.shell.currentWidget?.sessionContext !== undefined"
        )
        self.page.evaluate(KERNEL_READY)

    def open_cells(self, *sources: str, name: str = "test.ipynb") -> None:
        """Open a new notebook made of these code cells."""
        import nbformat.v4 as v4

        cells = [v4.new_code_cell(source) for source in sources]
        path = self.server.folder.parent / name
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)"}}
        path.write_text(json.dumps(v4.new_notebook(cells=cells, metadata=kernel)))
        self.open(path)

    def run_all(self, seconds: float = 300) -> None:
        """Run All through Lab's own command; wait until the kernel is idle again."""
        self.page.evaluate(RUN_ALL, seconds * 1000)
        self.page.wait_for_function("() => window.rig.kernel.status === 'idle'")

    def errors(self) -> list[str]:
        """Every error shown in an output, as 'Name: message'."""
        return self.page.evaluate(ERRORS)

    def handler_times(self, keys: tuple[str, str], count: int) -> list[float]:
        """Milliseconds that each of `count` key events takes on what has the focus."""
        return self.page.evaluate(HANDLER, [keys, count])

    def kernel_run(self, code: str) -> None:
        """Run statements in the kernel, outside the notebook's history."""
        reply = self.page.evaluate(EXECUTE, [code, {}])
        assert reply["status"] == "ok", reply

    def kernel_eval(self, expression: str) -> Any:
        """Value of an expression in the kernel; it travels as JSON."""
        wanted = f"__import__('json').dumps({expression})"
        reply = self.page.evaluate(EXECUTE, ["", {"value": wanted}])["user_expressions"]["value"]
        assert reply["status"] == "ok", reply
        return json.loads(ast.literal_eval(reply["data"]["text/plain"]))

    def active_cell(self) -> int:
        """Number of the cell that Lab has selected."""
        return self.page.evaluate("() => window.rig.panel.content.activeCellIndex")

    def theme(self, name: str) -> None:
        """Switch Lab's theme: 'JupyterLab Light' or 'JupyterLab Dark'."""
        self.page.evaluate(
            "(theme) => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", name
        )
        light = str("Dark" not in name).lower()
        self.page.wait_for_selector(f"body[data-jp-theme-light='{light}']", state="attached")

    def save(self) -> Path:
        """Save the notebook with Lab's command; its path on disk."""
        self.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
        return self.server.folder / self.page.evaluate("() => window.rig.panel.context.path")


@pytest.fixture
def lab(chromium: Any, lab_server: LabServer) -> Iterator[Lab]:
    """A JupyterLab tab without a network; its kernels end with the test."""
    yield from _tab(chromium, lab_server)


@pytest.fixture
def notebook7(chromium: Any, notebook_server: LabServer) -> Iterator[Lab]:
    """A tab of Notebook 7 without a network; its kernels end with the test."""
    yield from _tab(chromium, notebook_server)


def _tab(chromium: Any, server: LabServer) -> Iterator[Lab]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    tab = Lab(context.new_page(), server=server)
    yield tab
    tab.page.evaluate("() => window.jupyterapp?.serviceManager.sessions.shutdownAll()")
    context.close()
    assert not tab.refused, f"Jupyter asked the network for {tab.refused}"
