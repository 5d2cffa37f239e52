"""What every test stands on."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import threading

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# The tests compare sentences; the machine's own language must not decide them.
os.environ["AUTOGRADER_LANG"] = "en"

import pytest
from hypothesis import settings

from tests import warm

if (
    threading.current_thread() is threading.main_thread()
    and signal.getsignal(signal.SIGINT) is signal.SIG_IGN
):
    # A shell starts what runs in the background so, and every program that a test starts would inherit it.
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A shared machine stalls now and then: absolute times are never asserted.
settings.register_profile("default", deadline=None, print_blob=True)
settings.load_profile("default")


WARM = pytest.StashKey[str]()

# These run whole commands, wait for jails and clocks, or judge whole models and all pinned submissions.
SLOW = ("cli", "sandbox", "fuzz", "test_applications.py", "test_pinned.py", "test_wheel.py")


def pytest_configure(config: pytest.Config) -> None:
    """Let all processes that run tests share one warm server, which ends with the first of them."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        config.stash[WARM] = tempfile.mkdtemp(prefix="warm-")
        warm.offer(config.stash[WARM])
        # Nobody's own cache is read or written; what one test has built, another need not build again.
        os.environ["XDG_CACHE_HOME"] = os.path.join(config.stash[WARM], "cache")


def pytest_unconfigure(config: pytest.Config) -> None:
    if WARM in config.stash:
        shutil.rmtree(config.stash[WARM], ignore_errors=True)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items) -> None:
    """`make test-fast` leaves out what is no unit test."""
    for item in items:
        if any(name in item.path.parts for name in SLOW):
            item.add_marker(pytest.mark.slow)


def pytest_terminal_summary(terminalreporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    if os.environ.get("CI") and skipped:
        terminalreporter.write_line(
            f"CI: {len(skipped)} tests were skipped; every test belongs to CI.", red=True
        )


def pytest_sessionfinish(session, exitstatus) -> None:
    """In CI a skipped test fails the run: what is not run is not known."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter is not None and reporter.stats.get("skipped") and exitstatus == 0:
        session.exitstatus = 1
