"""The warm interpreter, which has imported what notebooks import; every run is a fork of it."""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterable
from typing import NoReturn, Self

from autograder.importing import BEFORE_IMPORT, import_quietly, python_path
from autograder.lazy_weights import defer_weights
from autograder.messages import message
from autograder.sandbox import jail, quick_keras, system, tree
from autograder.sandbox.delegation import delegated
from autograder.sandbox.folder import remove
from autograder.sandbox.plan import make_plan
from autograder.sandbox.reader import OnEvent, Reader
from autograder.sandbox.request import Level, Request, Run, SandboxError, WarmInterpreterGone

IMPORTS = ("keras", "IPython", "matplotlib.pyplot", "numpy", "autograder", "autograder.evidence")

# The whole environment of a learner's process, besides the folders of its jail.
_ENVIRONMENT = {
    **BEFORE_IMPORT,
    "CUDA_VISIBLE_DEVICES": "-1",
    "LANG": "C.UTF-8",
    "LOGNAME": "learner",
    # Without a network `!pip install` then fails at once, and not after eight seconds.
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_RETRIES": "0",
    "TERM": "dumb",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "2",
    "USER": "learner",
}
# Rehearsing takes half a second, and collapsing a tenth. Together they save some 0.02 s in each run that
# follows, and a tenth in one that draws. What has been run this often, as a class is, will be run as often
# again; a single notebook, or those of a handful of learners, would be done sooner without.
_FORKS_BEFORE_COLLAPSING = 16


class WarmInterpreter:
    """A handle on the warm interpreter, for the process that started it and all of that one's forks."""

    def __init__(self, requests: socket.socket, pid: int, base: str, hide: tuple[str, ...] = ()) -> None:
        self._requests = requests
        self.pid = pid
        self.hide = hide
        self._base = base
        self._owner = os.getpid()

    @classmethod
    def start(cls, imports: Iterable[str] = IMPORTS, *, hide: Iterable[str | os.PathLike[str]] = ()) -> Self:
        """Import `imports` here and fork the warm interpreter.

        Call this before anything hidden is loaded and before any thread is started: a fork has its parent's
        memory, and only one of its threads.

        Args:
            hide: folders that a run must not see, such as the course's, besides the checkout that holds this
                package; the returned handle's `hide` has them.

        Raises:
            SandboxError: hidden checks are loaded already, or threads are running.
        """
        import_quietly(imports)
        # Garbage collection would write to nearly all of this memory, and the processes would share no page.
        gc.freeze()
        _forkable()
        hidden = tuple(str(path) for path in hide)
        base = tempfile.mkdtemp(prefix="beyond-sequential-")
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            _be_warm(theirs, base, hidden)
        theirs.close()
        return cls(ours, pid, base, hidden)

    @classmethod
    def spawn(cls, imports: Iterable[str] = IMPORTS, *, hide: Iterable[str | os.PathLike[str]] = ()) -> Self:
        """Start one in a new process without this one's memory: slower than `start`, but safe at any time."""
        hidden = tuple(str(path) for path in hide)
        base = tempfile.mkdtemp(prefix="beyond-sequential-")
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        descriptor = theirs.fileno()
        os.set_inheritable(descriptor, True)
        order = json.dumps({"requests": descriptor, "base": base, "imports": [*imports], "hide": hidden})
        pid = os.posix_spawn(
            sys.executable,
            [sys.executable, "-c", "from autograder.sandbox.warm import spawned; spawned()", order],
            os.environ | {"PYTHONPATH": python_path()},
        )
        theirs.close()
        return cls(ours, pid, base, hidden)

    def run(self, request: Request, on_event: OnEvent | None = None) -> Run:
        """Run a notebook and return what it did, whatever it did.

        Raises:
            WarmInterpreterGone: the warm interpreter has ended.
            SandboxError: the jail could not be built.
        """
        events, write_end = os.pipe()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with ours:
            try:
                with theirs, os.fdopen(os.memfd_create("request"), "wb") as file:
                    file.write(json.dumps(request.as_plain()).encode())
                    file.flush()
                    descriptors = [file.fileno(), write_end, theirs.fileno()]
                    socket.send_fds(self._requests, [request.level.encode()], descriptors)
            except OSError as error:
                os.close(events)
                raise self._gone() from error
            finally:
                os.close(write_end)
            try:
                run = Reader(request, on_event).follow(events, ours)
            except SandboxError as error:
                # A jail is built with the warm interpreter's help, and fails where that is gone.
                if not self.alive:
                    raise self._gone() from error
                raise
            finally:
                os.close(events)
        if run.ended is not None and run.exit_code is None and run.signal is None and not self.alive:
            raise self._gone()
        return run

    @property
    def alive(self) -> bool:
        """Whether the warm interpreter is still listening."""
        poll = select.poll()
        poll.register(self._requests, 0)
        return not poll.poll(0)

    def _gone(self) -> WarmInterpreterGone:
        return WarmInterpreterGone(message("The warm interpreter is gone; it must be started again."))

    def close(self) -> None:
        """End the warm interpreter and every run with it; only the process that started it can do so."""
        self._requests.close()
        if os.getpid() != self._owner:
            return
        # It ends by itself as soon as nobody holds the other end of its socket.
        if not _ends(self.pid):
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        if os.path.isdir(self._base):
            remove(self._base)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Reserve:
    """A process that waits to become a warm interpreter, forked when this object is made.

    Its memory holds nothing that is read after the fork: reports, other learners' notebooks, the files of
    hidden checks, a gradebook's password. Such things stay in a process's memory even after they are freed.

    Raises:
        SandboxError: hidden checks are loaded already, or threads are running.
    """

    def __init__(self) -> None:
        _forkable()
        self._orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._started = False
        sys.stdout.flush()
        sys.stderr.flush()
        self._pid = os.fork()
        if self._pid == 0:
            _wait_to_be_warm(theirs)
        theirs.close()

    def start(
        self, imports: Iterable[str] = IMPORTS, *, hide: Iterable[str | os.PathLike[str]] = ()
    ) -> WarmInterpreter:
        """Start it like `WarmInterpreter.start`, only once; both processes import at the same time.

        Where the reserve has been killed meanwhile, another is spawned.
        """
        assert not self._started, "a reserve becomes one warm interpreter"
        self._started = True
        hidden = tuple(str(path) for path in hide)
        base = tempfile.mkdtemp(prefix="beyond-sequential-")
        names = [*imports]
        warm = WarmInterpreter(self._orders, self._pid, base, hidden)
        try:
            self._orders.send(json.dumps({"base": base, "imports": names, "hide": hidden}).encode())
        except ConnectionError:
            warm.close()
            warm = WarmInterpreter.spawn(names, hide=hidden)
        import_quietly(names)
        return warm

    def close(self) -> None:
        """End the process, unless it has become a warm interpreter, which `WarmInterpreter.close` ends."""
        if self._started:
            return
        self._orders.close()
        _ends(self._pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _forkable() -> None:
    """Raise SandboxError where a fork of this process could hold hidden things, or hang."""
    # Imported here and not above, because a spawned warm interpreter needs nothing of a course.
    from autograder.course.modules import hidden_modules

    if hidden_modules():
        raise SandboxError(
            message("The warm interpreter must be started before the hidden checks are loaded.")
        )
    if threading.active_count() > 1:
        raise SandboxError(message("The warm interpreter must be started before any thread is."))


def _ends(pid: int) -> bool:
    """Wait for a child to end, and return whether it did within a second."""
    for _ in range(200):
        try:
            if os.waitpid(pid, os.WNOHANG)[0]:
                return True
        except ChildProcessError:
            return True
        time.sleep(0.005)
    return False


def spawned() -> NoReturn:
    """Be a warm interpreter that was spawned, by the order on the command line; never returns."""
    order = json.loads(sys.argv[1])
    requests = socket.socket(fileno=order["requests"])
    import_quietly(order["imports"])
    _be_warm(requests, order["base"], tuple(order["hide"]))


def _wait_to_be_warm(orders: socket.socket) -> NoReturn:
    """Be a reserve, and the warm interpreter that it becomes; never returns."""
    try:
        _detach(orders)
        text = orders.recv(1 << 16)
        if text:
            order = json.loads(text)
            import_quietly(order["imports"])
            _Server(orders, order["base"], tuple(order["hide"])).serve()
    finally:
        os._exit(0)


def _be_warm(requests: socket.socket, base: str, hide: tuple[str, ...]) -> NoReturn:
    """Be the warm interpreter; never returns."""
    try:
        _detach(requests)
        _Server(requests, base, hide).serve()
    finally:
        os._exit(0)


def _detach(requests: socket.socket) -> None:
    """Leave the terminal, and close everything except the socket that requests come from."""
    os.setsid()
    for ignored in (signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(ignored, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.set_wakeup_fd(-1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    keep = requests.fileno()
    os.closerange(3, keep)
    os.closerange(keep + 1, os.sysconf("SC_OPEN_MAX"))


class _Server:
    """The loop that takes requests and forks a supervisor for each."""

    def __init__(self, requests: socket.socket, base: str, hide: tuple[str, ...]) -> None:
        self._requests = requests
        # The many objects made below would otherwise cause garbage collections of all of Keras.
        gc.freeze()
        self._plan = make_plan(base, hide)
        self._cgroups = delegated()
        self._cgroups.sweep()
        self._kits: dict[str, jail.Kit] = {}
        self._supervisors: dict[int, int] = {}
        self._forks = 0
        system.prctl(system.PR_SET_CHILD_SUBREAPER, 1)
        quick_keras.install()
        system.wipe_origin({**_ENVIRONMENT, "PATH": _search_path()})
        from autograder.sandbox import learner, shell, supervisor

        self._keep, self._draw = supervisor.keep, shell.draw
        learner.prepare()
        defer_weights()
        self._shell = shell.make_shell()
        self._poll = select.poll()
        self._poll.register(requests, select.POLLIN)
        gc.collect()
        gc.freeze()

    def serve(self) -> None:
        """Serve until nobody can send requests any more and the last run is over."""
        asked = True
        while asked or self._supervisors:
            for descriptor, _ in self._poll.poll():
                if descriptor != self._requests.fileno():
                    self._reap(descriptor)
                elif not self._take_request():
                    self._poll.unregister(self._requests)
                    asked = False
        remove(self._plan.base)

    def _take_request(self) -> bool:
        level, descriptors, _, _ = socket.recv_fds(self._requests, 64, 3)
        if not level:
            return False
        try:
            if len(descriptors) == 3:
                self._fork_supervisor(level.decode("ascii", "replace"), descriptors)
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
        return True

    def _kit(self, level: str) -> jail.Kit:
        if level not in self._kits:
            known: dict[str, Level] = {"full": "full", "contained": "contained", "none": "none"}
            self._kits[level] = jail.make_kit(known[level], self._plan, cgroups=self._cgroups)
        return self._kits[level]

    def _fork_supervisor(self, level: str, descriptors: list[int]) -> None:
        try:
            kit: jail.Kit | str = self._kit(level)
        except Exception as error:
            kit = f"{type(error).__name__}: {error}"
        if self._forks == _FORKS_BEFORE_COLLAPSING:
            self._draw()
            quick_keras.rehearse()
            system.collapse_memory()
            system.release_files()
        self._forks += 1
        theirs, ours = os.pipe()
        answer_read, answer_write = os.pipe()
        pid = os.fork()
        if pid == 0:
            self._be_supervisor(kit, descriptors, ours, answer_read, (theirs, answer_write))
        os.close(ours)
        os.close(answer_read)
        process = os.pidfd_open(pid)
        self._supervisors[process] = pid
        self._poll.register(process, select.POLLIN)
        # Once in its namespace, the supervisor may no longer map two users; this process may.
        if isinstance(kit, jail.Kit) and kit.maps_users and os.read(theirs, 1):
            try:
                jail.write_user_map(pid)
                os.write(answer_write, b"m")
            except OSError:
                # The end of the pipe tells the supervisor.
                pass
        os.close(theirs)
        os.close(answer_write)

    def _be_supervisor(
        self, kit: jail.Kit | str, descriptors: list[int], ask: int, answer: int, others: tuple[int, int]
    ) -> NoReturn:
        try:
            self._requests.close()
            for process in (*self._supervisors, *others):
                os.close(process)

            def map_users() -> None:
                os.write(ask, b"u")
                if not os.read(answer, 1):
                    raise OSError(0, "the users could not be mapped", "uid_map")

            request, events, control = descriptors
            with socket.socket(fileno=control) as connection:
                self._keep(kit, request, events, connection, map_users, self._shell)
        finally:
            os._exit(0)

    def _reap(self, process: int) -> None:
        pid = self._supervisors.pop(process)
        self._poll.unregister(process)
        os.close(process)
        _, state = os.waitpid(pid, 0)
        if state:
            # It was killed before it could tidy up; what it watched over now belongs to this process.
            tree.end_all(os.getpid(), frozenset(self._supervisors.values()))
            self._cgroups.remove(f"{os.getpid()}-{pid}")
        folder = os.path.join(self._plan.base, str(pid))
        if os.path.isdir(folder):
            remove(folder)


def _search_path() -> str:
    """Return the search path for programs of a notebook: this interpreter's folder, and the system's."""
    return os.pathsep.join((os.path.dirname(sys.executable), "/usr/local/bin", "/usr/bin", "/bin"))
