"""A program that the warm server starts is what a new interpreter would be, but for its imports."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import warm
from tests.warm import starting

pytestmark = pytest.mark.slow

# What a program finds: none of it may tell a fork from a new interpreter.
STATE = """
import atexit, gc, json, locale, os, signal, socket, sys, threading, time, warnings
ignored = {"SHLVL", "_"}
print(json.dumps({
    "arguments": sys.argv,
    "environment": {name: value for name, value in os.environ.items() if name not in ignored},
    "folder": os.getcwd(),
    "search path": sys.path,
    "handlers": {number.name: str(signal.getsignal(number)) for number in signal.valid_signals()
                 if isinstance(number, signal.Signals)},
    "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, ())),
    "wakeup": signal.set_wakeup_fd(-1),
    "locale": [locale.setlocale(category) for category in (locale.LC_CTYPE, locale.LC_COLLATE)],
    "encodings": [sys.getdefaultencoding(), sys.getfilesystemencoding(), sys.stdin.encoding,
                  sys.stdout.encoding, sys.stderr.encoding, sys.stderr.errors],
    "time zone": time.tzname,
    "umask": os.umask(0o022),
    "descriptors": sorted(int(name) for name in os.listdir("/proc/self/fd"))[:-1],
    "threads": threading.active_count(),
    "collecting": gc.isenabled(),
    "trace": [str(sys.gettrace()), str(sys.getprofile())],
    "timeout": socket.getdefaulttimeout(),
    "main": sys.modules["__main__"].__name__,
    "hidden": [name for name in sys.modules if ".hidden." in name],
    "exception hook": sys.excepthook is sys.__excepthook__,
    "recursion": sys.getrecursionlimit(),
    "priority": os.getpriority(os.PRIO_PROCESS, 0),
}))
"""


def new(words: list[str], cwd: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """The same program, as a new interpreter."""
    return subprocess.run(
        [sys.executable, *words], cwd=cwd, env=environment, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False,
        # Whoever runs the tests in the background has told them to ignore ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip


def test_a_fork_finds_what_a_new_interpreter_finds(tmp_path: Path) -> None:
    """Environment, folder, arguments, search path, signals, locale, encodings, descriptors, threads."""
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "SAID": "한국어", "TZ": "Asia/Seoul"}
    words = ["-c", STATE, "one", "2"]

    fork, fresh = warm.run(words, cwd=tmp_path, environment=environment), new(words, tmp_path, environment)

    assert (fork.returncode, fork.stderr) == (fresh.returncode, fresh.stderr) == (0, "")
    found, wanted = json.loads(fork.stdout), json.loads(fresh.stdout)
    assert {name: found[name] for name in wanted if found[name] != wanted[name]} == {}


def test_a_fork_has_keras_imported_and_tensorflow_not_started() -> None:
    program = (
        "import sys; print('keras' in sys.modules); "
        "from tensorflow.python.eager import context; print(context.context()._context_handle)"
    )

    assert warm.run(["-c", program]).stdout == "True\nNone\n"


def test_a_fork_imports_the_package_that_its_environment_has(tmp_path: Path) -> None:
    """From PYTHONPATH, from the folder that a module is run in, or where it is installed: this one."""
    package = tmp_path / "autograder"
    package.mkdir()
    (package / "__init__.py").write_text("mine = True")
    (tmp_path / "asking.py").write_text("import autograder; print(hasattr(autograder, 'mine'))")
    asked = "import autograder, sys; print(hasattr(autograder, 'mine'), 'autograder.course' in sys.modules)"

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    with_path = {**os.environ, "PYTHONPATH": str(tmp_path)}
    from_path = warm.run(["-c", asked], cwd=elsewhere, environment=with_path)
    from_folder = warm.run(["-m", "asking"], cwd=tmp_path)
    installed = warm.run(["-c", asked], cwd=elsewhere)

    assert (from_path.stdout, from_folder.stdout) == ("True False\n", "True\n")
    assert installed.stdout == "False True\n"


def test_two_programs_know_nothing_of_each_other() -> None:
    """What the first has changed in itself, the second does not find."""
    warm.run(["-c", "import os, sys, keras; keras.left = os.environ['LEFT'] = sys.path[0] = 'here'"])

    asked = "import os, sys, keras; print(hasattr(keras, 'left'), 'LEFT' in os.environ, sys.path[0])"

    assert warm.run(["-c", asked]).stdout == "False False \n"


@pytest.mark.parametrize(
    ("program", "code", "errors"),
    [
        ("pass", 0, ""),
        ("import sys; sys.exit(3)", 3, ""),
        ("import sys; sys.exit('so')", 1, "so\n"),
        ("import os; os._exit(7)", 7, ""),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL, ""),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", -signal.SIGTERM, ""),
    ],
)
def test_a_program_ends_as_it_ends(program: str, code: int, errors: str) -> None:
    for done in (warm.run(["-c", program]), new(["-c", program], warm.ROOT, dict(os.environ))):
        assert (done.returncode, done.stderr) == (code, errors)


def test_an_error_that_nobody_catches_is_told_with_its_traceback() -> None:
    done = warm.run(["-c", "def f():\n    1 / 0\nf()"])

    assert done.returncode == 1
    assert done.stderr.startswith("Traceback (most recent call last):\n")
    assert done.stderr.endswith("ZeroDivisionError: division by zero\n")


def test_what_runs_at_the_end_runs() -> None:
    program = (
        "import atexit, threading\n"
        "atexit.register(print, 'last')\n"
        "threading.Timer(0.1, print, ['late']).start()"
    )

    assert warm.run(["-c", program]).stdout == "late\nlast\n"


def test_a_module_is_run_with_its_arguments(tmp_path: Path) -> None:
    """From the folder that the program runs in, as `python -m` does."""
    (tmp_path / "said.py").write_text("import sys; print(__name__, sys.argv[1:])")

    assert warm.run(["-m", "said", "a b", 3], cwd=tmp_path).stdout == "__main__ ['a b', '3']\n"


@pytest.mark.parametrize(
    "other",
    [
        {"LC_ALL": "ko_KR.UTF-8"},
        {"PYTHONIOENCODING": "cp949"},
        {"PYTHONHASHSEED": "0"},
        {"KERAS_BACKEND": "numpy"},
        {"OMP_NUM_THREADS": "7"},
    ],
)
def test_what_is_read_before_anything_is_imported_takes_a_new_interpreter(other: dict[str, str]) -> None:
    environment = {**os.environ, **other}
    (name,) = other

    assert not starting.can_be_forked(["-c", ""], environment)
    program = f"import os, sys; print(os.environ[{name!r}], 'keras' in sys.modules)"
    assert warm.run(["-c", program], environment=environment).stdout == f"{other[name]} False\n"


def test_an_interpreter_can_be_customized(tmp_path: Path) -> None:
    """By a module of that name on PYTHONPATH, as Python's `site` has it."""
    (tmp_path / "sitecustomize.py").write_text("print('customized')")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}

    assert warm.run(["-c", ""], environment=environment).stdout == "customized\n"


def test_what_takes_too_long_is_killed(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    program = f"import os, time; open({str(pid)!r}, 'w').write(str(os.getpid())); time.sleep(60)"

    with pytest.raises(TimeoutError):
        warm.run(["-c", program], timeout=2)

    gone(int(pid.read_text()))


def test_the_programs_that_a_fork_starts_are_forks() -> None:
    """They have what they were started with: input, output, exit code."""
    program = """
import subprocess, sys
asked = [sys.executable, "-m", "tests.warm.echo", "3"]
done = subprocess.run(asked, input="a word", capture_output=True, text=True)
print(done.returncode, done.stdout, done.stderr)
from jupyter_client.launcher import launch_kernel
kernel = launch_kernel([sys.executable, "-m", "tests.warm.echo", "4"], stdout=subprocess.PIPE)
print(kernel.stdout.read().decode(), kernel.wait())
"""
    done = warm.run(["-c", program])

    assert done.stdout == "3 warm: a word\n \nwarm: \n 4\n", done.stderr


def test_what_a_program_says_can_be_read_before_its_end(tmp_path: Path) -> None:
    log = tmp_path / "log"
    program = warm.start(["-c", "print('a word', flush=True); import time; time.sleep(600)"], log=log)
    until = time.monotonic() + 60
    while not (said := log.read_text()) and time.monotonic() < until:
        time.sleep(0.01)
    running = not program.has_ended
    program.kill()

    assert (said, running) == ("a word\n", True)
    gone(program.pid)


def test_what_runs_tests_is_a_fork_and_what_it_starts_is_a_new_interpreter() -> None:
    """Only where a test asks for a warm program may what it starts have imported Keras before."""
    program = (
        "import subprocess, sys; print('keras' in sys.modules); "
        "subprocess.run([sys.executable, '-m', 'tests.warm.echo', '0'])"
    )

    done = warm.run([starting.RUNS_TESTS, "-c", program])

    assert done.stdout.split() == ["new:", "True"], done.stderr


def test_a_stand_in_passes_signals_on_and_takes_its_program_with_it() -> None:
    """SIGTERM reaches the program, which may take its time; SIGKILL ends it at once."""
    slow = [sys.executable, "-I", "-S", starting.STAND_IN, "-c", (
        "import os, signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(5))\n"
        "print(os.getpid(), flush=True)\n"
        # A signal in the moment before a sleep begins would be handled after it.
        "for _ in range(600):\n"
        "    time.sleep(0.1)"
    )]  # fmt: skip
    for number, code in ((signal.SIGTERM, 5), (signal.SIGKILL, -signal.SIGKILL)):
        with subprocess.Popen(slow, stdout=subprocess.PIPE, text=True) as standing_in:
            assert standing_in.stdout is not None
            pid = int(standing_in.stdout.readline())
            standing_in.send_signal(number)
            assert standing_in.wait(timeout=30) == code
        gone(pid)


def test_a_program_in_a_session_of_its_own_takes_with_it_what_it_has_started() -> None:
    """Whoever kills its group has killed what it forked, too, although only a stand-in is in that group."""
    program = (
        "import os, time\n"
        "child = os.fork()\n"
        "if child:\n"
        "    print(os.getsid(0) == os.getpid(), child, flush=True)\n"
        "time.sleep(60)"
    )
    words = [sys.executable, "-I", "-S", starting.STAND_IN, "-c", program]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, start_new_session=True) as standing_in:
        assert standing_in.stdout is not None
        leads, child = standing_in.stdout.readline().split()
        os.killpg(standing_in.pid, signal.SIGKILL)

    assert leads == "True"
    gone(int(child))


# The server as it is, but for its imports, which take it ten seconds and more.
SPARING = """
import sys
import server_with_imports as server
server.IMPORTS, server.OURS = ("jupyter_client.launcher",), ()
server._see_clean = server._be_cheap_to_fork = lambda: None
server.main(sys.argv[1], int(sys.argv[2]))
"""


def test_the_server_outlives_who_has_started_it_and_ends_with_its_owner(tmp_path: Path) -> None:
    """The first program's output ends with it; what runs when the owner ends is ended."""
    copy = tmp_path / "tests" / "warm"
    shutil.copytree(starting.HERE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    server = (copy / "server.py").rename(copy / "server_with_imports.py").with_name("server.py")
    server.write_text(SPARING)
    program = f"""
import os, subprocess, sys
sys.path.insert(0, {str(copy)!r})
import starting
starting.offer({str(tmp_path)!r})
first = [sys.executable, "-I", "-S", starting.STAND_IN, "-c", "print('first')"]
print(subprocess.run(first, stdout=subprocess.PIPE, text=True, timeout=60).stdout.strip())
connection = starting.connect(os.environ)
streams = dict.fromkeys((0, 1, 2), os.open(os.devnull, os.O_RDWR))
words = ["-c", "import time; time.sleep(60)"]
print(starting.order(connection, words, cwd="/", environment=os.environ, descriptors=streams, session=False))
"""
    kept = {name: value for name, value in os.environ.items() if name not in warm.VARIABLES}
    done = new(["-c", program], warm.ROOT, kept)

    assert done.returncode == 0, done.stderr
    first, pid = done.stdout.splitlines()
    assert first == "first"
    gone(int(pid))


# Each needs what others of its file share: a generated course, a warm interpreter, a notebook.
ALONE = (
    "tests/assignments/test_runs.py::test_solutions_and_experiments_run[inception]",
    "tests/gradebook/test_release.py::test_points_come_from_the_course",
    "tests/sandbox/test_walls.py::test_home_and_temporary_files_work",
)


@pytest.mark.parametrize("name", ALONE)
def test_a_test_can_be_run_by_itself(name: str, tmp_path: Path) -> None:
    """Whatever it shares with others is made for it alone."""
    # Else pytest removes at last what earlier runs of all tests have left, which takes most of a minute.
    words = ["-q", "-p", "no:cacheprovider", f"--basetemp={tmp_path / 'own'}", name]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}

    done = warm.run(["-m", "pytest", *words], environment=environment)

    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout


def gone(pid: int) -> None:
    """Wait until a process is no more."""
    until = time.monotonic() + 30
    while Path(f"/proc/{pid}").exists():
        assert time.monotonic() < until
        time.sleep(0.01)
