"""The supervisor of one run: builds the jail, starts the notebook, relays orders, ends what is left."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from autograder.sandbox import jail, system, tree
from autograder.sandbox.cgroup import Group
from autograder.sandbox.folder import remove, weigh
from autograder.sandbox.request import Limits, Request

if TYPE_CHECKING:
    from autograder.sandbox.shell import Shell

_WATCH_MILLISECONDS = 100


def keep(
    kit: jail.Kit | str,
    request_file: int,
    events: int,
    control: socket.socket,
    map_users: Callable[[], None],
    shell: Shell,
) -> None:
    """Do one run in a process of its own, and report the outcome on `control`.

    Where the level's jail could not be prepared, `kit` is a text that says why.
    """
    status: dict[str, Any] = {"exit": None, "signal": None, "ended": None, "broken": None}
    private = ""
    group: Group | None = None
    try:
        request = _read_request(request_file)
        if isinstance(kit, str):
            raise RuntimeError(kit)
        private = os.path.join(kit.plan.base, str(os.getpid()))
        os.mkdir(private, 0o700)
        system.prctl(system.PR_SET_CHILD_SUBREAPER, 1)
        proc = os.open("/proc", os.O_PATH | os.O_DIRECTORY)
        # The group is made while the folders of control groups are still in sight.
        group = kit.cgroups.make(
            f"{os.getppid()}-{os.getpid()}",
            memory_bytes=request.limits.memory_bytes + request.limits.disk_bytes,
            tasks=jail.most_tasks(request.limits),
        )
        jail.build(kit, request.limits, private, map_users)
        counted, tell_counted = os.pipe()
        learner = os.fork()
        if learner == 0:
            os.close(tell_counted)
            _be_learner(kit, request, private, events, shell, group, counted)
        os.close(counted)
        os.close(events)
        events = -1
        _count(learner, group, tell_counted)
        watched = private if kit.level != "full" else None
        status |= _watch(learner, control, request, watched, proc, group)
        if status["signal"] == signal.SIGKILL and status["ended"] is None and group.out_of_memory:
            status["ended"] = "memory"
    except Exception as error:
        status["broken"] = f"{type(error).__name__}: {error}"
    if events >= 0:
        os.close(events)
    if private and status["broken"] is None and request.level != "full":
        status["leftovers"] = tree.end_all(os.getpid())
    if group is not None:
        group.remove()
    if private and os.path.isdir(private):
        remove(private)
    try:
        control.send(json.dumps(status).encode())
    except OSError:
        # The grading process is gone, and nobody else wants the outcome.
        return


def _read_request(file: int) -> Request:
    with os.fdopen(file, "rb") as stream:
        stream.seek(0)
        return Request.from_plain(json.load(stream))


def _count(learner: int, group: Group, tell: int) -> None:
    """Put the learner's process into its group, and tell it by a byte that it may begin.

    Where the kernel takes ten milliseconds for that, the process gives up its rights meanwhile; otherwise it
    enters the group itself.
    """
    try:
        # A process that has already ended reports the reason itself.
        with suppress(ProcessLookupError, BrokenPipeError):
            if group.waits:
                group.enter(learner)
            os.write(tell, b"c")
    finally:
        os.close(tell)


def _be_learner(
    kit: jail.Kit, request: Request, private: str, events: int, shell: Shell, group: Group, counted: int
) -> None:
    """Run the notebook in the child, and never return; learner code waits for a byte on `counted`."""
    from autograder.sandbox.learner import Events, run_notebook, settle

    code = 70
    try:
        sender = Events(events, request.limits.line_bytes)
        try:
            if not group.waits:
                group.enter()
            jail.lock(kit, request.limits, private, [events, counted])
            settle()
            # Where there is no byte, the supervisor says why, or is gone.
            if os.read(counted, 1):
                os.close(counted)
                run_notebook(shell, request, sender)
                code = 0
        except Exception as error:
            sender.send({"event": "broken", "what": f"{type(error).__name__}: {error}"})
    finally:
        os._exit(code)


def _watch(
    learner: int, control: socket.socket, request: Request, private: str | None, proc: int, group: Group
) -> dict[str, Any]:
    """Wait for the learner's process to end, and end it when a limit is passed or an order says so."""
    limits = request.limits
    process = os.pidfd_open(learner)
    poll = select.poll()
    poll.register(process, select.POLLIN)
    poll.register(control, select.POLLIN)
    ended: str | None = None
    while True:
        ready = dict(poll.poll(_WATCH_MILLISECONDS))
        if process in ready:
            break
        if control.fileno() in ready:
            order = control.recv(64)
            if order == b"interrupt":
                signal.pidfd_send_signal(process, signal.SIGINT)
            else:
                poll.unregister(control)
                signal.pidfd_send_signal(process, signal.SIGKILL)
        elif ended is None:
            ended = _excess(learner, limits, private, proc, request.level)
            if group.out_of_memory:
                ended = "memory"
            if ended is not None:
                signal.pidfd_send_signal(process, signal.SIGKILL)
    _, state, usage = os.wait4(learner, 0)
    return {
        "exit": os.waitstatus_to_exitcode(state) if os.WIFEXITED(state) else None,
        "signal": os.WTERMSIG(state) if os.WIFSIGNALED(state) else None,
        "max_rss": usage.ru_maxrss * 1024,
        "cpu": usage.ru_utime + usage.ru_stime,
        "ended": ended,
    }


def _excess(learner: int, limits: Limits, private: str | None, proc: int, level: str) -> str | None:
    """Return which limit is passed, of those that the kernel does not enforce, or None."""
    family = [learner, *tree.descendants(learner, proc)]
    # The kernel keeps a fork bomb from growing further, but left alone it would take its neighbours' time.
    if len(family) > limits.processes:
        return "processes"
    if level != "full" and sum(tree.tasks(pid, proc) for pid in family) > jail.most_tasks(limits):
        return "processes"
    most = limits.memory_bytes
    if len(family) > 1 and tree.memory(family, proc, enough=most) > most:
        return "memory"
    if private is not None and weigh(private, limits.disk_bytes, limits.files) > limits.disk_bytes:
        return "disk"
    return None
