"""What learner code cannot do, whatever it tries."""

from __future__ import annotations

import importlib.util
import os
import socket
import sys
from pathlib import Path

import autograder
from autograder.sandbox import WarmInterpreter
from autograder.sandbox.plan import make_plan
from tests.sandbox.running import RunCells, errors, printed, states

PACKAGE = Path(autograder.__file__).parent
CHECKOUT = PACKAGE.parent


def attempt(action: str) -> str:
    """A cell that prints `refused` where `action` raises an OSError, else what it gave."""
    return f"import os, sys\ntry:\n    print({action})\nexcept OSError:\n    print('refused')"


ELSEWHERE = (
    CHECKOUT / "graders" / "hidden",
    CHECKOUT / "graders" / "hidden" / "test_inception.py",
    PACKAGE / "__init__.py",
    CHECKOUT / "solutions",
    CHECKOUT / "pyproject.toml",
    CHECKOUT / ".git",
    Path("/etc/shadow"),
    Path("/etc/hostname"),
    Path("/root/.bashrc"),
    Path("/var/log"),
    Path("/run"),
)


def test_nothing_but_the_interpreter_can_be_read(run: RunCells) -> None:
    """A cell for each try, in one run: a try that is refused changes nothing for the next."""
    tries = [
        attempt(f"{way.format(place=place, parent=place.parent)}")
        for place in ELSEWHERE
        for way in (
            "os.listdir('{place}')",
            "open('{place}').read()",
            "os.listdir('/proc/self/root' + '{place}')",
            "open('{parent}' + '/../' + '{place}').read()",
        )
    ]
    ran = run(*tries)

    assert {
        tried: said for cell, tried in enumerate(tries) if (said := printed(ran, cell)) != "refused\n"
    } == {}


def test_the_checkout_shows_at_most_the_way_to_the_interpreter(run: RunCells) -> None:
    ran = run(attempt(f"sorted(os.listdir({str(CHECKOUT)!r}))"))

    trees = [Path(tree) for tree in make_plan("/base").trees]
    way = sorted({tree.relative_to(CHECKOUT).parts[0] for tree in trees if tree.is_relative_to(CHECKOUT)})
    assert printed(ran) in ("refused\n", f"{way}\n")


def test_another_file_of_the_machine_can_be_neither_read_nor_changed(run: RunCells, secrets: str) -> None:
    name = repr(secrets)
    ran = run(
        attempt(f"open({name}).read()"),
        attempt(f"open({name}, 'w').write('forged')"),
        attempt(f"open({name}, 'r+').write('forged')"),
        attempt(f"os.truncate({name}, 0)"),
        attempt(f"os.unlink({name})"),
        attempt(f"os.rename({name}, {name} + '.old')"),
        attempt(f"os.link({name}, 'mine')"),
        attempt(f"os.symlink({name}, 'link') or open('link').read()"),
        f"import os\ntry:\n    os.chmod({name}, 0o777)\nexcept OSError: pass",
    )

    assert [printed(ran, cell) for cell in range(8)] == ["refused\n"] * 8


def test_the_interpreter_cannot_be_changed(run: RunCells) -> None:
    keras = importlib.util.find_spec("keras")
    assert keras is not None
    for place in (str(keras.origin), os.__file__, sys.executable):
        folder = os.path.dirname(place)
        ran = run(
            attempt(f"open({place!r}, 'a').write('x')"),
            attempt(f"open({folder!r} + '/planted.py', 'w')"),
            attempt(f"os.unlink({place!r})"),
            attempt(f"os.rename({folder!r}, {folder!r} + '2')"),
            f"import os\ntry:\n    os.chmod({place!r}, 0)\nexcept OSError: pass",
        )
        assert [printed(ran, cell) for cell in range(4)] == ["refused\n"] * 4
        assert os.stat(place).st_mode & 0o444


def test_home_and_temporary_files_work(run: RunCells) -> None:
    ran = run(
        "import os, tempfile, shutil, pathlib",
        "with tempfile.NamedTemporaryFile('w') as f: f.write('x')",
        "open('mine.txt', 'w').write('x'); shutil.copy2('mine.txt', 'copy.txt'); os.rename('copy.txt', 'c')",
        "os.makedirs('a/b'); pathlib.Path.home().joinpath('x').touch(); shutil.rmtree('a')",
        "sorted(os.listdir())",
    )

    assert states(ran) == ["ok"] * 5
    assert ran.cells[4].outputs[0]["data"]["text/plain"] == "['c', 'mine.txt']"


def test_there_is_no_network(run: RunCells) -> None:
    kinds = ("AF_INET, socket.SOCK_STREAM", "AF_INET, socket.SOCK_DGRAM", "AF_INET6", "AF_UNIX", "AF_NETLINK")
    ran = run("import socket", *(attempt(f"socket.socket(socket.{kind})") for kind in kinds))

    assert [printed(ran, cell) for cell in range(1, 6)] == ["refused\n"] * 5


def test_the_machines_own_servers_cannot_be_reached(run: RunCells) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        ran = run(
            "import socket, urllib.request",
            attempt(f"socket.create_connection(('127.0.0.1', {port}))"),
            attempt(f"urllib.request.urlopen('http://127.0.0.1:{port}/')"),
            attempt("socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)"),
            attempt("socket.socketpair(socket.AF_UNIX, socket.SOCK_RAW)"),
            "a, b = socket.socketpair()\na.send(b'pairs are fine')\nprint(b.recv(20).decode())",
        )

    assert [printed(ran, cell) for cell in (1, 2, 3, 4)] == ["refused\n"] * 4
    assert printed(ran, 5) == "pairs are fine\n"


def test_other_processes_are_out_of_sight_and_out_of_reach(run: RunCells, warm: WarmInterpreter) -> None:
    ran = run(
        *(attempt(f"os.kill({pid}, {signal})") for pid in (warm.pid, os.getpid()) for signal in (0, 9)),
        attempt("os.kill(os.getppid() or 99999, 0)"),
        attempt(f"__import__('signal').pidfd_send_signal(os.pidfd_open({warm.pid}), 9)"),
        "import os\ntry:\n    seen = [int(name) for name in os.listdir('/proc') if name.isdigit()]\n"
        "except OSError:\n    seen = []\nprint(set(seen) <= {os.getpid()})",
        attempt(f"open('/proc/{warm.pid}/environ').read()"),
        attempt(f"os.listdir('/proc/{os.getpid()}/fd')"),
    )

    assert [printed(ran, cell) for cell in range(6)] == ["refused\n"] * 6
    assert printed(ran, 6) == "True\n"
    assert [printed(ran, cell) for cell in (7, 8)] == ["refused\n"] * 2
    assert warm.alive


CALLS = (
    ("ptrace", "16, 1, 0, 0"),
    ("process_vm_readv", "1, 0, 0, 0, 0, 0"),
    ("unshare", "0x10000000"),
    ("setns", "0, 0"),
    ("mount", "b'none', b'/tmp', b'tmpfs', 0, 0"),
    ("umount2", "b'/proc', 2"),
    ("chroot", "b'.'"),
    ("prlimit", f"{os.getppid()}, 0, 0, 0"),
    ("prctl", "1, 0, 0, 0, 0"),
    ("prctl", "4, 0, 0, 0, 0"),
    ("personality", "0x0040000"),
    ("inotify_add_watch", "0, b'/tmp', 1"),
    ("memfd_create", "b'x', 0"),
    ("shmget", "0, 4096, 0o1777"),
    ("setpriority", f"0, {os.getppid()}, 5"),
    ("syscall", "425, 8, 0"),
    ("syscall", "435, 0, 88"),
    ("syscall", "428, -1, b'/', 1"),
    ("syscall", "462, 0, 0, 0"),
)


def test_system_calls_that_a_notebook_has_no_need_of_are_refused(run: RunCells) -> None:
    """A cell for each, in one run: a call that is refused changes nothing for the next."""
    ran = run(
        "import ctypes, os, errno\nlibc = ctypes.CDLL(None, use_errno=True)",
        "def told(answer):\n"
        "    print(answer, errno.errorcode.get(ctypes.get_errno()))\n"
        "    ctypes.set_errno(0)",
        *(f"told(libc.{call}({arguments}))" for call, arguments in CALLS),
    )

    said = {(call, arguments): printed(ran, cell) for cell, (call, arguments) in enumerate(CALLS, 2)}
    refused = ("-1 EPERM\n", "-1 ENOSYS\n")
    assert {call: answer for call, answer in said.items() if answer not in refused} == {}


def test_there_are_no_privileges_to_be_had(run: RunCells) -> None:
    ran = run(
        "import ctypes, os\nlibc = ctypes.CDLL(None)\n"
        "print(libc.prctl(39, 0, 0, 0, 0), libc.prctl(21, 0, 0, 0, 0))",
        attempt("os.setuid(0 if os.getuid() else 1)"),
        "header, data = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()\n"
        "libc.capget(header, data)\nprint([*data][:2], [*data][3:5])",
    )

    assert printed(ran).split() == ["1", "2"]
    assert printed(ran, 1) == "refused\n"
    assert printed(ran, 2) == "[0, 0] [0, 0]\n"


def test_no_descriptor_but_the_way_out_is_open(run: RunCells) -> None:
    ran = run(
        "import os\n"
        "def is_open(n):\n    try:\n        os.fstat(n)\n        return True\n    except OSError:\n"
        "        return False\n"
        "print(sum(is_open(n) for n in range(3, 512)))"
    )

    assert printed(ran) == "1\n"


def test_the_environment_is_a_small_fixed_one(run: RunCells) -> None:
    ran = run(
        "import os\nprint(sorted(os.environ))",
        "import ctypes\nprint(ctypes.CDLL(None).getenv(b'PYTHONPATH'))",
        attempt("open('/proc/self/environ').read().strip(chr(0))"),
    )

    assert printed(ran) == str(
        [
            "CUDA_VISIBLE_DEVICES", "HOME", "KERAS_BACKEND", "LANG", "LOGNAME", "MPLBACKEND", "MPLCONFIGDIR",
            "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "PATH", "PIP_DISABLE_PIP_VERSION_CHECK", "PIP_RETRIES",
            "TERM", "TF_CPP_MIN_LOG_LEVEL", "TF_ENABLE_ONEDNN_OPTS",
            "TF_NUM_INTEROP_THREADS", "TF_NUM_INTRAOP_THREADS", "TMPDIR", "USER", "XDG_CACHE_HOME",
        ]
    ) + "\n"  # fmt: skip
    assert printed(ran, 1) == "0\n"
    assert printed(ran, 2) in ("\n", "refused\n")


def test_the_command_line_of_the_grader_is_not_told(run: RunCells) -> None:
    """Whose folder is graded, and where the reports go."""
    ran = run(
        "import sys\nprint(sys.argv, len(sys.orig_argv))",
        "try:\n    line = open('/proc/self/cmdline', 'rb').read()\nexcept OSError:\n    line = b'python'\n"
        "print(line.rstrip(b'\\0').count(b'\\0'))",
    )

    assert printed(ran) == "['notebook'] 1\n"
    assert printed(ran, 1) == "0\n"


def test_the_next_run_knows_nothing_of_the_one_before(run: RunCells, level: str) -> None:
    run(
        "import keras, numpy, builtins, sys, os",
        "keras.Model.__init__ = numpy.sum = None; builtins.len = lambda x: 0; sys.modules['json'] = None",
        "open('left.txt', 'w').write('x'); open(os.environ['TMPDIR'] + '/left.txt', 'w').write('x')",
        "import autograder; autograder.check = print; get_ipython().ask_exit = None",
        "os.environ['PLANTED'] = '1'",
    )

    ran = run(
        "import keras, json, os, numpy\nfrom autograder import check",
        "print(len([1]), numpy.sum([1, 1]), os.listdir(), os.listdir(os.environ['TMPDIR']))",
        "a = keras.Input((2,)); keras.Model(a, a); check('t', 1); print('PLANTED' in os.environ)",
    )

    # The way to an interpreter that lies in /tmp is there in every run, and nothing else.
    ways = {Path(path).parts[2] for path in (sys.prefix, sys.base_prefix) if path.startswith("/tmp/")}
    assert printed(ran, 1) == f"1 2 [] {sorted(ways) if level == 'full' else []}\n"
    assert printed(ran, 2) == "False\n"
    assert len(ran.cells[2].evidence) == 1


def test_hidden_modules_are_not_in_memory(run: RunCells) -> None:
    ran = run(
        "import sys, gc\n"
        "print([name for name in sys.modules if '.hidden' in name or name.startswith('autograder.') "
        "and name.split('.')[1] in ('checks', 'grading', 'gradebook')])",
        "import graders.hidden.test_inception",
    )

    assert printed(ran) == "[]\n"
    assert errors(ran)[1] in ("ModuleNotFoundError", "PermissionError")
