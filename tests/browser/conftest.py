"""JupyterLab and a real browser for the tests in this folder: one server and one Chromium for all of them."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LAPTOP = {"width": 1366, "height": 768}
# "Run all" before that runs nothing at all, and says nothing either.
KERNEL_READY = """() => {
    const kernel = window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel;
    return kernel?.status === 'idle' && kernel.connectionStatus === 'connected';
}"""
# A lecture's slowest cell, on a machine that does other things too.
PATIENCE_MS = 900_000


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab: its address, its token, and the folder it shows."""

    url: str
    token: str
    folder: Path
    settings: Path

    def set(self, plugin: str, **values: object) -> None:
        """Writes a user setting, e.g. set("apputils-extension/themes", theme="JupyterLab Dark")."""
        file = self.settings / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values), encoding="utf-8")

    def ask(self, path: str, method: str = "GET") -> bytes:
        """What the server's own API answers, e.g. ask("api/status")."""
        request = urllib.request.Request(
            f"{self.url}/{path}", headers={"Authorization": f"token {self.token}"}, method=method
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=60) as answer:
            return answer.read()

    def end_kernel(self, path: str) -> None:
        """Shuts down what runs for the notebook of that path."""
        for session in json.loads(self.ask("api/sessions")):
            if session["path"] == path:
                self.ask(f"api/sessions/{session['id']}", "DELETE")


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium; the tests are skipped where there is none, or no Playwright."""
    pytest.importorskip("playwright", reason="playwright is not installed")
    pytest.importorskip("jupyterlab", reason="jupyterlab is not installed")
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    pytest.skip("no Chromium on this machine: apt-get install chromium")


@pytest.fixture(scope="session")
def lab(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """JupyterLab on a free port, over a copy of the notebooks; nothing of the user's own settings in it."""
    home = tmp_path_factory.mktemp("jupyterlab")
    folder = home / "notebooks"
    for kind in ("lectures", "labs"):
        (folder / kind).mkdir(parents=True)
        for notebook in (ROOT / "notebooks" / kind).glob("*.ipynb"):
            shutil.copy(notebook, folder / kind)
    with running_lab(home, folder) as started:
        yield started


@contextlib.contextmanager
def running_lab(home: Path, folder: Path) -> Iterator[Lab]:
    """JupyterLab as it is when somebody starts it in `folder`; what it keeps is kept in `home`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    started = Lab(f"http://127.0.0.1:{port}", secrets.token_hex(16), folder, home / "settings")
    started.set("apputils-extension/notification", fetchNews="false", checkForUpdates=False)
    # Every cell is in the page, also those that are scrolled out of sight.
    started.set("notebook-extension/tracker", windowingMode="none")
    with (home / "server.log").open("w") as log:
        server = subprocess.Popen(
            _command(port, started), cwd=folder, env=_environment(home), stdout=log, stderr=log
        )
        try:
            _wait_for(started, server, home / "server.log")
            yield started
        finally:
            server.terminate()
            try:
                server.wait(timeout=20)
            except subprocess.TimeoutExpired:
                server.kill()


def _command(port: int, lab: Lab) -> list[str]:
    return [
        *(
            sys.executable,
            "-m",
            "jupyterlab",
            "--no-browser",
            "--allow-root",
            "--expose-app-in-browser",
        ),
        *(f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--ServerApp.ip=127.0.0.1"),
        *(f"--IdentityProvider.token={lab.token}", f"--ServerApp.root_dir={lab.folder}"),
    ]


def _environment(home: Path) -> dict[str, str]:
    places = {
        "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTER_RUNTIME_DIR": home / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": home / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": home / "workspaces",
        "IPYTHONDIR": home / "ipython",
    }
    return {**os.environ, **{name: str(place) for name, place in places.items()}}


def _wait_for(lab: Lab, server: subprocess.Popen, log: Path) -> None:
    for _ in range(240):
        if server.poll() is not None:
            break
        try:
            lab.ask("api/status")
            return
        except OSError:
            time.sleep(0.5)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")


@pytest.fixture(scope="session")
def browser(chromium: str):
    """A Chromium with a profile of its own that is thrown away."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        yield launched
        launched.close()


@contextlib.contextmanager
def new_page(browser) -> Iterator:
    """An empty Playwright page as large as a laptop's screen."""
    context = browser.new_context(viewport=LAPTOP)
    try:
        page = context.new_page()
        page.set_default_timeout(120_000)
        yield page
    finally:
        context.close()


@pytest.fixture(scope="session")
def open_notebook(lab: Lab, browser) -> Callable:
    """with open_notebook("lectures/NAME.ipynb", theme="JupyterLab Dark") as page: shown there, kernel ready.

    The notebook's kernel ends with it.
    """

    @contextlib.contextmanager
    def opened(path: str, theme: str = "JupyterLab Light") -> Iterator:
        lab.set("apputils-extension/themes", theme=theme)
        with new_page(browser) as page:
            page.goto(f"{lab.url}/lab/tree/{path}?reset&token={lab.token}")
            page.wait_for_selector(".jp-Notebook .jp-Cell")
            page.wait_for_function(KERNEL_READY)
            try:
                yield page
            finally:
                lab.end_kernel(path)

    return opened


@pytest.fixture(scope="module")
def handed_out(request: pytest.FixtureRequest, lab: Lab, open_notebook: Callable) -> Iterator:
    """A page with the built lecture NAME of the test's module, outputs and all, in the dark theme."""
    name = request.module.NAME
    built = ROOT / "notebooks" / "lectures" / f"{name}.ipynb"
    if not built.is_file():
        pytest.skip("the lecture is not built: make notebooks")
    shutil.copy(built, lab.folder / "lectures" / f"as_built_{name}.ipynb")
    with open_notebook(f"lectures/as_built_{name}.ipynb", theme="JupyterLab Dark") as page:
        yield page


@pytest.fixture(scope="session")
def run_all() -> Callable:
    """run_all(page) runs every cell of the page's notebook and returns when the last one is done."""

    def run(page) -> None:
        # Not awaited in the page: Playwright does not come back from that promise.
        page.evaluate(
            "() => { window.allRan = false; window.jupyterapp.commands"
            ".execute('notebook:run-all-cells').finally(() => { window.allRan = true; }); }"
        )
        page.wait_for_function("window.allRan", timeout=PATIENCE_MS)

    return run


@pytest.fixture
def screenshot(request: pytest.FixtureRequest) -> Callable:
    """screenshot(page_or_locator, name) keeps a picture to look at, where COURSE_SCREENSHOTS names a folder."""

    def take(shown, name: str) -> None:
        if folder := os.environ.get("COURSE_SCREENSHOTS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            shown.screenshot(path=str(Path(folder) / f"{request.node.name}-{name}.png"))

    return take
