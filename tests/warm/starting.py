"""Which programs the warm server starts, and how it is asked to, with the standard library alone.

A stand-in is started for each program that another starts, and waits for what is imported here. So it is what
Python has in itself, or beside itself in one file, and no module in Python that imports ten others.
"""

from __future__ import annotations

import _signal
import _socket
import _struct
import fcntl
import marshal
import os
import select
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

HERE = os.path.dirname(os.path.realpath(__file__))
SERVER = os.path.join(HERE, "server.py")
STAND_IN = os.path.join(HERE, "stand_in.py")
HOOK = os.path.join(HERE, "hook")
PLACE = "WARM_SERVER"
"""The variable that names the server's socket; beside it lie a lock, by which one server is started, its log,
and the environment that it is started with."""
OWNER = "WARM_SERVER_OWNER"
"""The variable that names the process with which the server ends."""

# What an interpreter or a library reads of its environment before it is asked for anything.
EARLY = ("PYTHON", "LC_", "LANG", "KERAS_", "MPLBACKEND", "OMP_", "OPENBLAS_", "LD_")
# A fork takes these up, but for when its output is written, which is read when it has ended.
TAKEN_UP = ("PYTHONPATH", "PYTHONWARNINGS", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE")
# What the server imports libraries with, as the package does, whether or not a program's environment says
# so, too.
AS_IMPORTED = {
    "KERAS_BACKEND": "tensorflow",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "TF_ENABLE_ONEDNN_OPTS": "0",
}
# What programs start and wait for. A kernel that finds another parent than Jupyter has told it of is content
# with not being an orphan.
OURS = ("autograder", "nbgrader", "tests", "ipykernel_launcher", "sphinx")
RUNS_TESTS = "-u"
"""The option with which pytest-xdist, and nobody else, starts the processes that run tests. What these
processes start is warm only where a test says so."""
PATIENCE_SECONDS = 120


def can_be_forked(words: Sequence[str], environment: Mapping[str, str]) -> bool:
    """Whether a fork of the server can be that program, and have that environment from its beginning on."""
    if len(program(words)) < 2 or program(words)[0] not in ("-m", "-c") or not environment.get(PLACE):
        return False
    servers = _servers_environment(environment[PLACE])
    for name in {*environment, *servers}:
        if name.startswith(EARLY) and name not in TAKEN_UP:
            there = environment.get(name)
            if there not in (servers.get(name), AS_IMPORTED.get(name)):
                return False
    return True


def program(words: Sequence[str]) -> Sequence[str]:
    """The words of a program without the option in front of them."""
    return words[1:] if words[:1] in (["-P"], [RUNS_TESTS]) else words


def offer(folder: str) -> None:
    """Let this process and its children ask for a server, whose socket lies in `folder`."""
    if PLACE not in os.environ:
        os.environ[PLACE] = place = os.path.join(folder, "warm-server")
        os.environ[OWNER] = str(os.getpid())
        with open(f"{place}.environment", "wb") as file:
            marshal.dump({**os.environ}, file)


def _servers_environment(place: str) -> dict[str, str]:
    with open(f"{place}.environment", "rb") as file:
        kept: dict[str, str] = marshal.load(file)
    return kept


def connect(environment: Mapping[str, str]) -> _socket.socket:
    """A connection to the server, which is started if it is not there yet."""
    place = environment[PLACE]
    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
    if not os.path.exists(place):
        with open(f"{place}.lock", "a", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not os.path.exists(place):
                _start_server(place, int(environment[OWNER]))
    connection.setsockopt(_socket.SOL_SOCKET, _socket.SO_SNDBUF, 1 << 20)
    connection.connect(place)
    return connection


def _start_server(place: str, owner: int) -> None:
    # Only who is the first to ask needs it.
    import subprocess

    kept = _servers_environment(place)
    kept.pop("PYTHONPATH", None)
    log = f"{place}.log"
    with open(log, "ab") as said:
        # Who is the first to ask may be read by somebody, who would wait for the server's end as well.
        process = subprocess.Popen(
            [sys.executable, SERVER, place, str(owner)],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            cwd=HERE,
            env={**kept, "PYTHONWARNINGS": "ignore"},
        )
    until = time.monotonic() + PATIENCE_SECONDS
    while not os.path.exists(place):
        if process.poll() is not None or time.monotonic() > until:
            with open(log, encoding="utf-8") as file:
                raise RuntimeError(f"The process that starts programs could not be started:\n{file.read()}")
        time.sleep(0.02)


def order(
    connection: _socket.socket,
    words: Sequence[str],
    *,
    cwd: str,
    environment: Mapping[str, str],
    descriptors: Mapping[int, int],
    session: bool,
) -> int:
    """Order a program; its process id.

    Args:
        descriptors: those that it has: the number there, and the descriptor here.
        session: whether it is the leader of a session of its own.
    """
    said = {
        "words": [*words],
        "cwd": cwd,
        "environment": {**environment},
        "numbers": [*descriptors],
        "session": session,
    }
    passed = _struct.pack(f"{len(descriptors)}i", *descriptors.values())
    connection.sendmsg([marshal.dumps(said)], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, passed)])
    return heard(connection)["pid"]


def heard(connection: _socket.socket) -> dict[str, int]:
    """The server's next answer."""
    data = connection.recv(4096)
    if not data:
        raise RuntimeError("The process that starts programs has ended.")
    answer: dict[str, int] = marshal.loads(data)
    return answer


def stand_in(words: Sequence[str]) -> None:
    """Be, for whoever has started this process, the program that the server starts; ends as it ends."""
    if not can_be_forked(words, os.environ):
        os.execv(sys.executable, [sys.executable, *words])
    descriptors = {}
    for number in map(int, os.listdir("/proc/self/fd")):
        try:
            # The descriptor by which the folder was listed is closed again.
            os.fstat(number)
        except OSError:
            continue
        descriptors[number] = number
    connection = connect(os.environ)
    passed_on = (_signal.SIGINT, _signal.SIGTERM, _signal.SIGHUP, _signal.SIGUSR1, _signal.SIGUSR2)
    # The program may have said something before its number is known here: who has read it may send a signal.
    _signal.pthread_sigmask(_signal.SIG_BLOCK, passed_on)
    pid = order(
        connection, words, cwd=os.getcwd(), environment=os.environ, descriptors=descriptors,
        session=os.getsid(0) == os.getpid(),
    )  # fmt: skip
    for number in passed_on:
        _signal.signal(number, lambda number, _frame: os.kill(pid, number))
    _signal.pthread_sigmask(_signal.SIG_UNBLOCK, passed_on)
    for number in descriptors:
        os.close(number)
    # A signal in the moment before a wait would be passed on after it; the byte that it writes ends the wait.
    signalled, signal = os.pipe()
    os.set_blocking(signal, False)
    _signal.set_wakeup_fd(signal)
    while connection not in select.select([connection, signalled], [], [])[0]:
        os.read(signalled, 64)
    ended = heard(connection)["ended"]
    if ended < 0:
        if -ended != _signal.SIGKILL:
            _signal.signal(-ended, _signal.SIG_DFL)
        os.kill(os.getpid(), -ended)
    os._exit(ended)


def warmed(args: Any, environment: Mapping[str, str]) -> Any:
    """Return the words of a stand-in for a Python program that is ours, and of any other its own."""
    if isinstance(args, list | tuple) and args and args[0] == sys.executable:
        words = [str(word) for word in args[1:]]
        if can_be_forked(words, environment) and _is_ours(program(words)[1]):
            return [sys.executable, "-I", "-S", STAND_IN, *words]
    return args


def _is_ours(what: str) -> bool:
    """Whether a module, or what a program begins with, is one of what programs start and wait for."""
    name = what.removeprefix("from ")
    return any(name.startswith(ours) and not name[len(ours) :][:1].isidentifier() for ours in OURS)


def warm_popen() -> type[Any]:
    """Return a `subprocess.Popen` that starts a Python program of ours as a fork of the server.

    That makes no difference but to the time.
    """
    import subprocess

    class WarmPopen(subprocess.Popen):  # type: ignore[type-arg]
        def __init__(self, args: Any, *rest: Any, **options: Any) -> None:
            another = {"user", "group", "extra_groups", "preexec_fn", "umask", "process_group"} & {
                name for name, value in options.items() if value not in (None, -1)
            }
            if not rest and not another:
                args = warmed(args, options.get("env") or os.environ)
            super().__init__(args, *rest, **options)

    return WarmPopen


_posix_spawn = os.posix_spawn


def warm_posix_spawn(path: Any, argv: Any, env: Any, **options: Any) -> int:
    """Start a Python program as `warm_popen` does."""
    return _posix_spawn(path, argv if options else warmed(argv, env), env, **options)
