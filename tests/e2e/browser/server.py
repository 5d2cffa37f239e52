"""Jupyter's server for one user: an own home, own configuration, a free port of this machine."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests import warm

ROOT = Path(__file__).parents[3]
PATIENCE = 120.0


# What nbgrader adds to Jupyter; who learns alone has none of it.
NBGRADER_PARTS = ("formgrader", "validate_assignment", "assignment_list", "course_list")
# What JupyterLab has and nobody here uses.
UNUSED = (
    "console",
    "csvviewer",
    "debugger",
    "extensionmanager",
    "help",
    "hub",
    "imageviewer",
    "inspector",
    "javascript",
    "json",
    "logconsole",
    "lsp",
    "markdownviewer",
    "mermaid",
    "metadataform",
    "pdf",
    "pluginmanager",
    "settingeditor",
    "terminal",
    "toc",
    "tooltip",
    "vega5",
)
# It looks for language servers by starting programs, as npm; the course has none.
LANGUAGE_SERVERS = "jupyter_lsp"


class JupyterServer:
    """JupyterLab and Notebook 7 from `start` to `stop`; `tail` is what it has said last.

    With an `exchange` its user belongs to a class; without one, to nobody, and has no nbgrader. With
    `everything` JupyterLab has its parts that nobody here uses, too.
    """

    def __init__(
        self,
        user: str,
        place: Path,
        folder: Path,
        exchange: Path | None = None,
        language: str | None = None,
        *,
        everything: bool = False,
    ) -> None:
        self.user = user
        self.folder = folder
        self._home = place / f"home-of-{user}"
        self._log = place / f"{user}.log"
        self._language = language
        self._in_class = exchange is not None
        self._write_configuration(exchange, everything)
        self._program: warm.Program | None = None
        self.url = ""

    def start(self) -> None:
        """Start it; `wait` waits until it answers."""
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._program = warm.start(
            [
                "-P",
                "-m",
                "tests.e2e.browser.user_server",
                "--no-browser",
                "--allow-root",
                "--ip=127.0.0.1",
                f"--port={port}",
                "--ServerApp.port_retries=0",
                "--IdentityProvider.token=",
                "--LabApp.news_url=None",
                "--LabApp.extension_manager=readonly",
            ],
            cwd=self.folder,
            environment=self._environment(),
            log=self._log,
        )

    def wait(self) -> None:
        """Wait until it answers.

        Raises:
            RuntimeError: it ended, or it did not answer in time.
        """
        assert self._program is not None
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and not self._program.has_ended:
            try:
                urllib.request.urlopen(f"{self.url}/api", timeout=5).close()
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
            else:
                return
        raise RuntimeError(f"{self.user}'s server does not answer.\n{self.tail()}")

    def stop(self) -> None:
        """Kill it and everything that it has started: nothing of it is wanted any more."""
        if self._program is None:
            return
        # Kernels have process groups of their own.
        started = _descendants(self._program.pid)
        self._program.kill()
        for pid in started:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue

    def tail(self, lines: int = 40) -> str:
        """The last lines of its log."""
        said = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join([f"--- the end of {self.user}'s server log ---", *said[-lines:]])

    def _write_configuration(self, exchange: Path | None, everything: bool) -> None:
        configuration = self._home / ".jupyter"
        # Else Lab asks whether it may fetch news, over whatever lies below the question.
        settings = configuration / "lab" / "user-settings" / "@jupyterlab" / "apputils-extension"
        _write_json(settings / "notification.jupyterlab-settings", {"fetchNews": "false"})
        parts = {LANGUAGE_SERVERS: False}
        if exchange is None:
            parts |= {f"nbgrader.server_extensions.{part}": False for part in NBGRADER_PARTS}
        server = {"ServerApp": {"jpserver_extensions": parts}}
        _write_json(configuration / "jupyter_server_config.json", server)
        disabled = [] if everything else [f"@jupyterlab/{part}-extension" for part in UNUSED]
        if exchange is None:
            disabled.append("@jupyter/nbgrader")
        page = {"disabledExtensions": dict.fromkeys(disabled, True)}
        _write_json(configuration / "labconfig" / "page_config.json", page)
        if exchange is None:
            return
        (configuration / "nbgrader_config.py").write_text(
            "c = get_config()\n"
            f"c.Exchange.root = {str(exchange)!r}\n"
            "# In a hub of containers every file belongs to `jovyan`.\n"
            "c.ExchangeCollect.check_owner = False\n",
            encoding="utf-8",
        )

    def _environment(self) -> dict[str, str]:
        # Nothing of the tests' own environment: AUTOGRADER_LANG would decide the language of every notebook.
        environment = {
            "PATH": f"{warm.PROGRAMS}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "PYTHONPATH": warm.SEARCH_PATH,
            **{name: os.environ[name] for name in warm.VARIABLES},
            "HOME": str(self._home),
            "JUPYTER_CONFIG_DIR": str(self._home / ".jupyter"),
            "JUPYTER_DATA_DIR": str(self._home / ".local" / "share" / "jupyter"),
            "JUPYTER_RUNTIME_DIR": str(self._home / ".runtime"),
            "IPYTHONDIR": str(self._home / ".ipython"),
            "MPLCONFIGDIR": str(self._home / ".matplotlib"),
            "LANG": "C.UTF-8",
            "TF_CPP_MIN_LOG_LEVEL": "3",
        }
        if self._in_class:
            environment["JUPYTERHUB_USER"] = self.user
        if self._language:
            environment["AUTOGRADER_LANG"] = self._language
        return environment


def _write_json(path: Path, content: dict[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _descendants(pid: int) -> list[int]:
    """The processes that `pid` has started, and theirs."""
    found = []
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            found += [int(child), *_descendants(int(child))]
    return found
