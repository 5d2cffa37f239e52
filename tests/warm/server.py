"""Starts Python programs as forks of itself, which has imported already what they would wait for, as Keras.

    python tests/warm/server.py SOCKET OWNER

It listens at SOCKET until the process OWNER has ended. Of this project it has imported what most commands
need, and nothing of a course; a fork whose environment has the package elsewhere forgets that, and
imports its own. A fork has the environment, folder, arguments, descriptors and search path that a new
interpreter would have; signal handlers are those that Python begins with, and TensorFlow has not been
started. That libraries have been imported is the only difference.

Each connection is one program. The first message orders it: a dictionary with `words`, `cwd`, `environment`,
`session` (whether it has one of its own) and `numbers`, and as many descriptors, which the program has under
those numbers. The answers are {"pid": …} and, when it has ended, {"ended": …}: its exit code, or below zero
the signal. Who closes the connection before that kills it, with all that is left of its session.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import marshal
import os
import random
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
import types
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

# It lies beside this program, whose folder is searched first.
import starting  # type: ignore[import-not-found]

IMPORTS = (
    "keras",
    "IPython",
    "IPython.core.application",
    "IPython.core.completer",
    "IPython.core.completerlib",
    "IPython.core.magics.execution",
    "IPython.core.magics.pylab",
    "IPython.core.oinspect",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_agg",
    "matplotlib_inline.backend_inline",
    "pytest",
    "scipy.optimize",
    "pydantic.dataclasses",
    "pydantic.fields",
    "pydantic.json_schema",
    "pydantic.main",
    "pydantic.type_adapter",
    "typer",
    "typer.rich_utils",
    "rich.console",
    "rich.markdown",
    "rich.progress",
    "rich.table",
    "rich._emoji_codes",
    "ruamel.yaml",
    "babel.messages.pofile",
    "jinja2",
    "nbformat",
    "nh3",
    "pyseccomp",
    "PIL.PngImagePlugin",
    "resvg_py",
    "sqlite3",
    "sqlalchemy.dialects.sqlite",
    "sqlalchemy.dialects.postgresql.psycopg",
    "psycopg",
    "nbgrader.apps",
    "nbgrader.api",
    "nbgrader.preprocessors",
    "nbgrader.server_extensions.assignment_list",
    "nbgrader.server_extensions.course_list",
    "nbgrader.server_extensions.formgrader",
    "nbgrader.server_extensions.validate_assignment",
    "nbconvert.exporters",
    "jupyterlab.labapp",
    "notebook.app",
    "alembic.command",
    "alembic.config",
)
OURS = (
    "autograder.audit.linting",
    "autograder.class_report",
    "autograder.cli.grade",
    "autograder.cli.lint",
    "autograder.cli.listing",
    "autograder.cli.release",
    "autograder.course.release",
    "autograder.evidence.recorder",
    "autograder.evidence.stand_in",
    "autograder.gradebook.autograded",
    "autograder.gradebook.direct",
    "autograder.gradebook.exchange",
    "autograder.gradebook.execute",
    "autograder.gradebook.late",
    "autograder.gradebook.pages",
    "autograder.gradebook.release",
    "autograder.gradebook.safety",
    "autograder.gradebook.service",
    "autograder.gradebook.stale",
    "autograder.gradebook.submissions",
    "autograder.lazy_weights",
    "autograder.release.targets",
    "autograder.sandbox.learner",
    "autograder.sandbox.shell",
    "autograder.sandbox.supervisor",
    "autograder.study",
)
# As they were before anything was imported: what a new interpreter begins with, or what it inherits; but a
# shell has told those who run tests in the background to ignore ctrl-C, and none of them means that.
HANDLERS = {number: signal.getsignal(number) for number in signal.valid_signals()} | {
    signal.SIGINT: signal.default_int_handler
}
LARGEST_ORDER = 1 << 20
MOST_DESCRIPTORS = 250
ROOT = Path(__file__).resolve().parents[2]


def main(place: str, owner: int) -> None:
    """Import, then start what is asked for until the owner has ended."""
    os.setsid()
    # Libraries add to it while they are imported; a new interpreter has not. First is this file's folder.
    path = sys.path[1:]
    os.environ.update(starting.AS_IMPORTED | {"TF_CPP_MIN_LOG_LEVEL": "3"})
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    gc.disable()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sys.path.insert(0, str(ROOT))
        for name in (*IMPORTS, *OURS):
            importlib.import_module(name)
    gc.enable()
    gc.freeze()
    _see_clean()
    _be_cheap_to_fork()
    # Whoever waits for the file finds somebody who answers.
    listening.bind(f"{place}.new")
    listening.listen(64)
    os.rename(f"{place}.new", place)
    Server(listening, os.pidfd_open(owner), path).serve()


def _be_cheap_to_fork() -> None:
    """Gather memory into huge pages, of which a fork copies fewer entries; do what most forks would."""
    import nbformat.v4
    from sqlalchemy.orm import configure_mappers

    from autograder.class_report import ClassReport
    from autograder.class_report.pages import page
    from autograder.course import fingerprint, load_course
    from autograder.feedback.card import environment
    from autograder.feedback.pages import renderer
    from autograder.messages import LANGUAGES
    from autograder.messages.catalogue import translations
    from autograder.sandbox import quick_keras
    from autograder.sandbox.shell import draw
    from autograder.sandbox.system import collapse_memory

    load_course(ROOT / "course.yml")
    # A release is compared with what the course would give out, whose first cell speaks each language; what
    # is kept of one run for the next is kept for this version of the package.
    for language in LANGUAGES:
        translations(language)
    fingerprint._engine()
    # The first drawing looks for the fonts.
    draw()
    # The first page of a class compiles its template.
    "".join(page(ClassReport(students=[], scores=[], assignments=[]), "en"))
    # So does the first page of a submission; and each page says of which version of the package it is.
    for name in environment().list_templates(extensions=["j2"]):
        environment().get_template(name)
    renderer()
    # The first notebook that is read compiles the format's schema.
    for minor in range(nbformat.v4.nbformat_minor + 1):
        nbformat.validate(nbformat.v4.new_notebook(nbformat_minor=minor))
    # nbconvert, and with it each of nbgrader's steps, reads by a schema of its own.
    nbformat.validate(nbformat.v4.new_notebook(), relax_add_props=True)
    # Each warm interpreter asks `inspect` about all of Keras's functions, and whether they are known.
    quick_keras._table()
    quick_keras.unknown()
    # The first query asks how nbgrader's tables belong together.
    configure_mappers()
    gc.collect()
    gc.freeze()
    collapse_memory()
    # A fork finds no file that is made after this by what was known of a folder before, and need not forget
    # all of that itself, which writes to many pages.
    importlib.invalidate_caches()
    sys.path_importer_cache.clear()


def _see_clean() -> None:
    """Stop where a fork would have what a new interpreter has not."""
    from tensorflow.python.eager import context

    with open("/proc/self/status", encoding="ascii") as status:
        (threads,) = (int(line.split()[1]) for line in status if line.startswith("Threads:"))
    if threads > 1:
        sys.exit(f"{threads} threads are running, and a fork has only one of them: {threading.enumerate()}")
    if context.context()._context_handle is not None:
        sys.exit("TensorFlow has been started, and no fork could use it.")
    from autograder.course.modules import hidden_modules

    if hidden_modules():
        sys.exit("The hidden checks have been imported, and every learner's process would have them.")


class Server:
    """Starts what connections ask for, and tells them how it ended."""

    def __init__(self, listening: socket.socket, owner: int, path: list[str]) -> None:
        self._listening = listening
        self._owner = owner
        self._path = path
        self._poll = select.poll()
        self._asking: dict[int, socket.socket] = {}
        self._running: dict[int, tuple[int, socket.socket, bool]] = {}
        """By the descriptor of a program: its id, who has asked for it, and whether it leads a session."""

    def serve(self) -> None:
        """Until the owner has ended; then what still runs is killed."""
        self._poll.register(self._listening, select.POLLIN)
        self._poll.register(self._owner, select.POLLIN)
        while True:
            for ready, _ in self._poll.poll():
                if ready == self._owner:
                    for pid, _, leads in self._running.values():
                        _kill(pid, leads)
                    return
                if ready == self._listening.fileno():
                    connection = self._listening.accept()[0]
                    self._asking[connection.fileno()] = connection
                    self._poll.register(connection, select.POLLIN)
                elif ready in self._running:
                    self._ended(ready)
                elif ready in self._asking:
                    self._heard(self._asking[ready])

    def _heard(self, connection: socket.socket) -> None:
        """An order, or the end of somebody who waited."""
        data, descriptors, _, _ = socket.recv_fds(connection, LARGEST_ORDER, MOST_DESCRIPTORS)
        waiting = [(pid, leads) for pid, asked, leads in self._running.values() if asked is connection]
        if not data or waiting:
            for pid, leads in waiting:
                _kill(pid, leads)
            self._poll.unregister(connection)
            del self._asking[connection.fileno()]
            if not waiting:
                connection.close()
            return
        what = marshal.loads(data)
        pid = os.fork()
        if pid == 0:
            _become(what, descriptors, self._path)
        for descriptor in descriptors:
            os.close(descriptor)
        process = os.pidfd_open(pid)
        self._running[process] = pid, connection, what["session"]
        self._poll.register(process, select.POLLIN)
        connection.send(marshal.dumps({"pid": pid}))

    def _ended(self, process: int) -> None:
        pid, connection, _ = self._running.pop(process)
        self._poll.unregister(process)
        os.close(process)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        if self._asking.pop(connection.fileno(), None) is not None:
            self._poll.unregister(connection)
            with suppress(OSError):
                connection.send(marshal.dumps({"ended": code}))
        connection.close()


def _kill(pid: int, leads: bool) -> None:
    """Kill a program, and the processes that it has started, where they can be told from others'."""
    os.kill(pid, signal.SIGKILL)
    if leads:
        # It may not have come so far as to have its session.
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


def _become(order: dict[str, Any], descriptors: list[int], path: list[str]) -> NoReturn:
    """Be the program that was ordered; never returns."""
    code = 1
    try:
        if order["session"]:
            os.setsid()
        _take(descriptors, order["numbers"])
        _prepare(order, path)
        if order["words"][0] != starting.RUNS_TESTS:
            _start_others_warm()
        code = _run(order["words"])
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _take(descriptors: list[int], numbers: list[int]) -> None:
    """Have the descriptors under those numbers, and no others."""
    above = max([*numbers, *descriptors, 2]) + 1
    for moved, descriptor in enumerate(descriptors):
        os.dup2(descriptor, above + moved)
    os.closerange(0, above)
    for moved, number in enumerate(numbers):
        os.dup2(above + moved, number)
    os.closerange(above, os.sysconf("SC_OPEN_MAX"))


def _prepare(order: dict[str, Any], path: list[str]) -> None:
    for number, handler in HANDLERS.items():
        if signal.getsignal(number) != handler:
            signal.signal(number, handler)
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["cwd"])
    time.tzset()
    random.seed()
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr  # type: ignore[misc]
    entries = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    first = {"-m": [os.getcwd()], "-c": [""], "-P": [], starting.RUNS_TESTS: [""]}[order["words"][0]]
    sys.path[:] = [*first, *entries, *path]
    _forget_the_package_unless_it_is_found_in(sys.path)
    sys.dont_write_bytecode = bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))
    _customize(entries)


def _forget_the_package_unless_it_is_found_in(path: list[str]) -> None:
    """Where the program would find another copy of the package, it has to import that one."""
    places = (Path(entry or os.curdir, "autograder") for entry in path)
    first = next((place for place in places if (place / "__init__.py").exists()), None)
    if first is not None and first.resolve() != ROOT / "autograder":
        for name in [name for name in sys.modules if name.partition(".")[0] == "autograder"]:
            del sys.modules[name]


def _customize(entries: list[str]) -> None:
    """Run the first `sitecustomize.py` of PYTHONPATH, as a new interpreter does; the hook's comes below."""
    for entry in entries:
        path = Path(entry, "sitecustomize.py")
        if path.exists() and str(path.parent) != starting.HOOK:
            sys.modules.pop("sitecustomize", None)
            importlib.import_module("sitecustomize")
            return


def _start_others_warm() -> None:
    """What the program starts is started by this server, too."""
    subprocess.Popen = starting.warm_popen()  # type: ignore[misc]
    # It has taken the class from there before, by its name, and starts kernels.
    sys.modules["jupyter_client.launcher"].Popen = subprocess.Popen  # type: ignore[attr-defined]
    os.posix_spawn = starting.warm_posix_spawn


def _run(words: list[str]) -> int:
    """Run `-m module words…` or `-c program words…`; the exit code."""
    kind, what, *rest = starting.program(words)
    sys.argv = [what if kind == "-m" else "-c", *rest]
    try:
        if kind == "-m":
            runpy.run_module(what, run_name="__main__", alter_sys=True)
        else:
            module = types.ModuleType("__main__")
            sys.modules["__main__"] = module
            exec(compile(what, "<string>", "exec"), module.__dict__)
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
