"""What breaks in the sandbox's own machinery costs one run, and is told apart from a learner's mistake."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.course import modules
from autograder.messages import message, render
from autograder.sandbox import (
    CellSource,
    Limits,
    Request,
    SandboxError,
    WarmInterpreter,
    WarmInterpreterGone,
)
from tests import warm as programs
from tests.sandbox.running import printed, states

SLEEP = "import time; time.sleep(60)"


@pytest.fixture
def own() -> Iterator[WarmInterpreter]:
    """A warm interpreter to be mistreated: it imports only what the shell needs."""
    with WarmInterpreter.spawn(("IPython", "autograder")) as interpreter:
        yield interpreter


def notebook(level: str, *sources: str) -> Request:
    cells = [CellSource(index, str(index), source) for index, source in enumerate(sources)]
    return Request(cells, level=level, limits=Limits(cell_seconds=30))


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def supervisor_of(interpreter: WarmInterpreter) -> int:
    """The supervisor of the one run that is on; that of the run before may need a moment to end."""
    until = time.monotonic() + 10
    while len(found := children(interpreter.pid)) > 1 and time.monotonic() < until:
        time.sleep(0.005)
    (supervisor,) = found
    return supervisor


def vanished(pid: int, seconds: float = 10.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.01)
    return False


def test_a_killed_keeper_costs_its_run_only(warm: WarmInterpreter, level: str) -> None:
    learners = []

    def kill(kind: str, _cell: object) -> None:
        if kind == "start" and not learners:
            supervisor = supervisor_of(warm)
            learners.extend(children(supervisor))
            os.kill(supervisor, signal.SIGKILL)

    ran = warm.run(notebook(level, SLEEP, "1"), kill)

    assert states(ran) == ["ended", "not_run"]
    assert ran.ended is not None
    assert "supervised" in render(ran.ended, "en")
    assert all(vanished(learner) for learner in learners)
    assert printed(warm.run(notebook(level, "print(2)"))) == "2\n"


def test_a_killed_learner_costs_its_run_only(warm: WarmInterpreter, level: str) -> None:
    def kill(kind: str, _cell: object) -> None:
        if kind == "start":
            os.kill(children(supervisor_of(warm))[0], signal.SIGKILL)

    ran = warm.run(notebook(level, SLEEP, "1"), kill)

    assert (states(ran), ran.signal) == (["ended", "not_run"], signal.SIGKILL)
    assert printed(warm.run(notebook(level, "print(2)"))) == "2\n"


def test_a_killed_warm_interpreter_is_told_as_such_and_what_runs_runs_on(own: WarmInterpreter) -> None:
    def kill(kind: str, _cell: object) -> None:
        if kind == "start":
            os.kill(own.pid, signal.SIGKILL)

    assert states(own.run(notebook("contained", "import time; time.sleep(0.2)"), kill)) == ["ok"]
    assert vanished(own.pid)
    with pytest.raises(WarmInterpreterGone):
        own.run(notebook("contained", "1"))
    assert not own.alive


def test_a_jail_that_could_not_be_built_for_want_of_the_warm_interpreter_is_told_as_that(
    own: WarmInterpreter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the fork and the map of users, it leaves a supervisor that knows no more than that."""

    def follow(*_: object) -> None:
        os.kill(own.pid, signal.SIGKILL)
        assert vanished(own.pid)
        raise SandboxError(message("The users could not be mapped."))

    monkeypatch.setattr("autograder.sandbox.warm.Reader.follow", follow)

    with pytest.raises(WarmInterpreterGone):
        own.run(notebook("contained", "1"))


def test_a_killed_grader_takes_its_run_with_it(warm: WarmInterpreter, level: str) -> None:
    started, say = os.pipe()
    grader = os.fork()
    if grader == 0:
        try:
            warm.run(notebook(level, SLEEP), lambda _kind, _cell: os.write(say, b"s"))
        finally:
            os._exit(0)
    os.read(started, 1)
    supervisor = supervisor_of(warm)
    learners = children(supervisor)

    os.kill(grader, signal.SIGKILL)
    os.waitpid(grader, 0)

    assert learners
    assert all(vanished(process) for process in (supervisor, *learners))
    os.close(started)
    os.close(say)


def test_nothing_is_left_on_the_disk(warm: WarmInterpreter, level: str) -> None:
    deep = "import os\nfor i in range(2000):\n    os.mkdir('d'); os.chdir('d')"
    warm.run(notebook(level, deep, "os._exit(1)"))
    warm.run(notebook(level, "import os; os.mkdir('locked'); open('locked/f', 'w'); os.chmod('locked', 0)"))
    warm.run(notebook(level, "import os; os.symlink('/', 'root'); os.mkfifo('fifo')"))
    base = Path(warm._base)
    until = time.monotonic() + 10
    while time.monotonic() < until and os.listdir(base):
        time.sleep(0.01)
    assert os.listdir(base) == []


def scan(number: str) -> str:
    """A cell that counts how often `CANARY-` and that number are in the memory of its process."""
    return (
        "import ctypes\n"
        f"needle = b''.join([b'CAN', b'ARY-', b'{number[:2]}', b'{number[2:]}'])\n"
        "found = 0\n"
        "own = id(needle)\n"
        "for line in open('/proc/self/maps').read().splitlines():\n"
        "    fields = line.split()\n"
        "    if fields[1].startswith('rw') and len(fields) < 6 or fields[-1] in ('[heap]', '[stack]'):\n"
        "        low, high = (int(part, 16) for part in fields[0].split('-'))\n"
        "        held = ctypes.string_at(low, high - low)\n"
        "        at = held.find(needle)\n"
        "        while at >= 0:\n"
        "            found += low + at != own + bytes.__basicsize__ - 1\n"
        "            at = held.find(needle, at + 1)\n"
        "        del held\n"
        "print('found', found)"
    )


def test_the_graders_own_environment_is_in_no_corner_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADEBOOK_PASSWORD", "CANARY" + "-5f21")
    with WarmInterpreter.spawn(("IPython", "autograder")) as own:
        ran = own.run(notebook("contained", scan("5f21")))

    assert printed(ran) == "found 0\n"


# A process of its own: a reserve is forked off where there is no thread and no hidden check.
RESERVED = """
import os
from autograder.sandbox import CellSource, Request, Reserve, WarmInterpreter

def printed(interpreter):
    cells = [CellSource(0, "cell-0", SCAN)]
    return interpreter.run(Request(cells, level="contained")).cells[0].outputs[0]["text"].strip()

with Reserve() as unused:
    pass
print(os.path.exists(f"/proc/{unused._pid}"))
with Reserve() as reserve:
    read = ["".join(["CANARY", "-", "7c", "80"]) for _ in range(100)]
    with reserve.start(("IPython", "autograder")) as own:
        print(printed(own))
with WarmInterpreter.start(("IPython", "autograder")) as late:
    print(int(printed(late).split()[1]) >= len(read))
"""


def test_what_is_read_once_a_process_is_reserved_is_in_no_corner_of_its_memory() -> None:
    """As the files of hidden checks, others' notebooks and reports, a gradebook's password."""
    done = programs.run(["-c", f"SCAN = {scan('7c80')!r}\n{RESERVED}"])

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["False", "found 0", "True"]


# The reserve is dead when it is to become the warm interpreter.
KILLED = """
import os, signal
from autograder.sandbox import CellSource, Request, Reserve

with Reserve() as reserve:
    os.kill(reserve._pid, signal.SIGKILL)
    os.waitid(os.P_PID, reserve._pid, os.WEXITED | os.WNOWAIT)
    with reserve.start(("IPython", "autograder"), hide=("/srv/course",)) as own:
        print(own.run(Request([CellSource(0, "cell-0", "print(2)")], level="contained")).cells[0].outputs)
        print(own.hide, own.pid != reserve._pid, os.path.exists(f"/proc/{reserve._pid}"))
"""


def test_a_killed_reserve_is_replaced_when_it_is_needed() -> None:
    """Its end must cost nothing: the grader would otherwise end without a word."""
    done = programs.run(["-c", KILLED])

    assert done.returncode == 0, done.stderr
    outputs, rest = done.stdout.splitlines()
    assert "'text': '2\\n'" in outputs
    assert rest == "('/srv/course',) True False"


def test_it_imports_what_it_is_told_to_and_no_more(own: WarmInterpreter) -> None:
    """Where Keras is not among it, nobody waits for Keras, and nobody looks at models."""
    assert printed(own.run(notebook("contained", "import sys; print('keras' in sys.modules)"))) == "False\n"


def test_closing_ends_it_and_leaves_nothing(own: WarmInterpreter) -> None:
    assert own.alive

    own.close()

    assert vanished(own.pid)
    assert not os.path.exists(own._base)


def test_it_refuses_to_be_forked_with_hidden_checks_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(modules, "_hidden", [])
    module = modules.load_module("", Path("hidden/test_x.py"), "hidden")
    try:
        with pytest.raises(SandboxError, match="before the hidden checks are loaded"):
            WarmInterpreter.start(())
    finally:
        del sys.modules[module.__name__]


def test_it_refuses_to_be_forked_beside_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in modules.hidden_modules():
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr("threading.active_count", lambda: 2)

    with pytest.raises(SandboxError, match="before any thread is"):
        WarmInterpreter.start(())


def test_several_graders_share_one_warm_interpreter(warm: WarmInterpreter, level: str) -> None:
    graders = []
    for number in range(4):
        grader = os.fork()
        if grader == 0:
            code = 1
            try:
                ran = warm.run(notebook(level, f"print({number})"))
                code = 0 if printed(ran) == f"{number}\n" else 2
            finally:
                os._exit(code)
        graders.append(grader)

    assert [os.waitstatus_to_exitcode(os.waitpid(grader, 0)[1]) for grader in graders] == [0] * 4
