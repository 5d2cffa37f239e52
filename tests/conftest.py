"""What every test stands on."""

from __future__ import annotations

import gc
import importlib
import os
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Tests already keep every processor busy; a thread that waits for work of TensorFlow's takes time from them.
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")
# The tests compare sentences; the machine's own language must not decide them.
os.environ["AUTOGRADER_LANG"] = "en"

import pytest
from hypothesis import settings

from tests import warm
from tests.scheduling import GroupScheduling, rank

if (
    threading.current_thread() is threading.main_thread()
    and signal.getsignal(signal.SIGINT) is signal.SIG_IGN
):
    # A shell starts what runs in the background so, and every program that a test starts would inherit it.
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A shared machine stalls now and then: absolute times are never asserted.
settings.register_profile("default", deadline=None, print_blob=True)
settings.load_profile("default")


TESTS = Path(__file__).parent
WARM = pytest.StashKey[str]()

# Files that `make test-fast` does not even read: they run whole commands, wait for jails and clocks, ...
SLOW = ("cli", "e2e", "sandbox", "fuzz", "test_pinned.py", "test_wheel.py")
# ... or start a Python of their own for most of their tests ...
PROCESSES = (
    "audit/linting/test_course.py",
    "course/test_first_cell.py",
    "grading/test_pool.py",
    "grading/test_process.py",
    "platforms/gradescope/test_archive.py",
    "verification/test_verify.py",
)
# ... or need Keras, whose import takes seconds.
KERAS = (
    "attacks/test_corpus.py",
    "audit/equivalence/test_rules.py",
    "audit/mutation/test_mutants.py",
    "audit/test_messages.py",
    "benchmarks/test_loops.py",
    "benchmarks/test_verdicts.py",
    "checks/test_causes.py",
    "checks/expectations/test_numbers.py",
    "checks/expectations/test_plots.py",
    "checks/expectations/test_tables.py",
    "checks/test_expectations.py",
    "evidence/test_capture.py",
    "evidence/test_plots.py",
    "evidence/test_probing.py",
    "evidence/test_reading.py",
    "evidence/test_recorder.py",
    "evidence/test_seal.py",
    "evidence/test_stand_in.py",
    "evidence/test_tables.py",
    "graders/test_marks.py",
    "graders/test_non_answers.py",
    "graph/comparison/test_unfolding.py",
    "graph/test_allowed.py",
    "graph/test_applications.py",
    "graph/test_canonical.py",
    "graph/test_compile_effects.py",
    "graph/test_uninspectable.py",
    "graph/test_plain.py",
    "graph/test_read.py",
    "graph/test_shapes.py",
    "test_doctests.py",
    "verification/test_devices.py",
    "verification/test_sharing.py",
    "verification/test_training.py",
)
FAST = "not slow"
# Here lie modules in Keras's and TensorFlow's place that cannot be imported.
WITHOUT_KERAS = TESTS / "without_keras"


def pytest_configure(config: pytest.Config) -> None:
    """Let all processes that run tests share one warm server; where none may import Keras, see to that."""
    if config.option.markexpr == FAST:
        os.environ["PYTHONPATH"] = str(WITHOUT_KERAS)
        sys.path.insert(0, str(WITHOUT_KERAS))
    elif "PYTEST_XDIST_WORKER" not in os.environ:
        config.stash[WARM] = tempfile.mkdtemp(prefix="warm-")
        warm.offer(config.stash[WARM])
        # Nobody's own cache is read or written; what one test has built, another need not build again.
        os.environ["XDG_CACHE_HOME"] = os.path.join(config.stash[WARM], "cache")
        # Nor is anybody's own progress: `check` remembers the best scores of whoever runs it.
        os.environ["XDG_DATA_HOME"] = os.path.join(config.stash[WARM], "data")
        # What runs tests need not wait for Keras either.
        config.option.tx = [warm.INTERPRETER if spec == "popen" else spec for spec in config.option.tx]


def pytest_unconfigure(config: pytest.Config) -> None:
    if WARM in config.stash:
        shutil.rmtree(config.stash[WARM], ignore_errors=True)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """`make test-fast` reads no file of which it runs nothing, or that imports Keras."""
    if config.option.markexpr != FAST or collection_path.suffix != ".py":
        return None
    place = collection_path.relative_to(TESTS)
    return is_left_out(place) or None


def is_left_out(place: Path) -> bool:
    """Whether `make test-fast` leaves a file or folder out, by its place below `tests`."""
    return place.as_posix() in (*PROCESSES, *KERAS) or any(name in place.parts for name in SLOW)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`make test-fast` leaves out what is no unit test; what takes long begins first."""
    slow = {path for path in {item.path for item in items} if is_left_out(path.relative_to(TESTS))}
    for item in items:
        if item.path in slow:
            item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: rank(item.nodeid))


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Thousands of tests and Keras are never garbage: looking for some takes a fifth of the time to collect.

    What is there afterwards stays, and need not be looked through again.
    """
    gc.disable()
    try:
        everything = session.config.args == session.config.getini("testpaths")
        if everything and "PYTEST_XDIST_WORKER" in os.environ:
            import_a_share(session.config.option.markexpr == FAST)
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def import_a_share(fast: bool) -> None:
    """Import some of the test modules, each of the processes that run tests others.

    In a new clone pytest rewrites each module's assertions, which takes longer than all else that collecting
    does. All processes would do so for all modules at the same time; so each finds what another has written.
    """
    number = int(os.environ["PYTEST_XDIST_WORKER"].removeprefix("gw"))
    count = int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
    for path in sorted(TESTS.rglob("test_*.py"))[number::count]:
        place = path.relative_to(TESTS.parent).with_suffix("")
        if not (fast and is_left_out(path.relative_to(TESTS))):
            # What cannot be imported is not there yet when pytest collects it, which tells why.
            with suppress(Exception, pytest.skip.Exception):
                importlib.import_module(".".join(place.parts))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """With `--dist loadscope` tests that share what is slow to make are run by one process."""
    return GroupScheduling(config, log) if config.getvalue("dist") == "loadscope" else None


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
