"""A JupyterLab of one user: an own home, own configuration, a free port of this machine."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[3]
PATIENCE = 120.0


class LabServer:
    """Runs from `start` to `stop`; `tail` is what it has said last."""

    def __init__(
        self, user: str, place: Path, folder: Path, exchange: Path, language: str | None = None
    ) -> None:
        self.user = user
        self.folder = folder
        self._home = place / f"home-of-{user}"
        self._log = place / f"{user}.log"
        self._language = language
        self._write_configuration(exchange)
        self._process: subprocess.Popen[bytes] | None = None
        self.url = ""

    def start(self) -> None:
        """Start it; `wait` waits until it answers."""
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-P",
                    str(Path(__file__).with_name("hub_user.py")),
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
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait(self) -> None:
        """Wait until it answers.

        Raises:
            RuntimeError: it ended, or it did not answer in time.
        """
        assert self._process is not None
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self._process.poll() is None:
            try:
                urllib.request.urlopen(f"{self.url}/api", timeout=5).close()
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
            else:
                return
        raise RuntimeError(f"{self.user}'s JupyterLab does not answer.\n{self.tail()}")

    def stop(self) -> None:
        """End it and everything that it has started; kernels have process groups of their own."""
        if self._process is None:
            return
        started = _descendants(self._process.pid)
        self._process.terminate()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        for pid in started:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue

    def tail(self, lines: int = 40) -> str:
        """The last lines of its log."""
        said = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join([f"--- the end of {self.user}'s server log ---", *said[-lines:]])

    def _write_configuration(self, exchange: Path) -> None:
        configuration = self._home / ".jupyter"
        configuration.mkdir(parents=True)
        (configuration / "nbgrader_config.py").write_text(
            "c = get_config()\n"
            f"c.Exchange.root = {str(exchange)!r}\n"
            "# In a hub of containers every file belongs to `jovyan`.\n"
            "c.ExchangeCollect.check_owner = False\n",
            encoding="utf-8",
        )
        settings = configuration / "lab" / "user-settings" / "@jupyterlab" / "apputils-extension"
        settings.mkdir(parents=True)
        # Else Lab asks whether it may fetch news, over whatever lies below the question.
        (settings / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}', encoding="utf-8")

    def _environment(self) -> dict[str, str]:
        # Nothing of the tests' own environment: AUTOGRADER_LANG would decide the language of every notebook.
        environment = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "PYTHONPATH": str(ROOT),
            "HOME": str(self._home),
            "JUPYTERHUB_USER": self.user,
            "JUPYTER_CONFIG_DIR": str(self._home / ".jupyter"),
            "JUPYTER_DATA_DIR": str(self._home / ".local" / "share" / "jupyter"),
            "JUPYTER_RUNTIME_DIR": str(self._home / ".runtime"),
            "IPYTHONDIR": str(self._home / ".ipython"),
            "MPLCONFIGDIR": str(self._home / ".matplotlib"),
            "LANG": "C.UTF-8",
            "TF_CPP_MIN_LOG_LEVEL": "3",
        }
        if self._language:
            environment["AUTOGRADER_LANG"] = self._language
        return environment


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
