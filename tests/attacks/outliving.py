"""Code that goes on after its run is over: to change what was judged, or to meet the next learner."""

from __future__ import annotations

from tests.attacks.techniques import Sheet, technique

MARK = "outlives-its-run"
"""Stands in the command line of every process that a technique of this family starts."""


@technique(gets={"inception-module": 5.0, "inception-network": 3.0})
def thread(sheet: Sheet) -> None:
    """A thread that waits for the end and then changes whatever it finds."""
    sheet.solve("inception-module", "inception-network")
    sheet.first("""
        import threading, time, sys
        def later():
            while True:
                time.sleep(0.01)
                for module in list(sys.modules.values()):
                    if getattr(module, "__name__", "").startswith("autograder"):
                        vars(module).setdefault("score", 10)
        threading.Thread(target=later, daemon=False).start()
    """)


@technique(gets={"inception-module": 5.0, "inception-network": 3.0})
def thread_that_forges(sheet: Sheet) -> None:
    """A thread that writes evidence for the task that was not solved while the others are checked."""
    sheet.solve("inception-module", "inception-network")
    sheet.first("""
        import threading, time
        from autograder import check
        def later():
            for _ in range(200):
                time.sleep(0.002)
                check("branch-sizes", {"a": 1})
        threading.Thread(target=later, daemon=True).start()
    """)


@technique()
def daemon(sheet: Sheet) -> None:
    """A process that leaves its parents, its session and its terminal, twice over."""
    sheet.first(f"""
        import os, subprocess, sys
        def daemonise():
            if os.fork():
                return
            os.setsid()
            if os.fork():
                os._exit(0)
            os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(600)", {MARK!r}])
        try:
            daemonise()
        except OSError:
            pass
    """)


@technique()
def nohup(sheet: Sheet) -> None:
    """A program of the system's, started so that it survives."""
    sheet.first(f"""
        import os, subprocess, sys
        for command in (f"nohup setsid sleep 600 {MARK} &", "setsid -f sleep 601", "(sleep 602 &) &", "disown"):
            try:
                subprocess.Popen(command, shell=True, start_new_session=True)
            except OSError:
                pass
    """)


@technique()
def children_that_ignore_signals(sheet: Sheet) -> None:
    """Children that heed no signal that can be ignored, and that have children of their own."""
    sheet.first(f"""
        import os, signal, sys, time
        code = "import signal, time, os\\nfor n in range(1, 65):\\n    try: signal.signal(n, signal.SIG_IGN)\\n    "
        code += "except (OSError, ValueError): pass\\ntime.sleep(600)"
        try:
            for _ in range(4):
                if os.fork() == 0:
                    os.setpgid(0, 0)
                    os.execv(sys.executable, [sys.executable, "-c", code, {MARK!r}])
        except OSError:
            pass
    """)


@technique()
def at_exit(sheet: Sheet) -> None:
    """Code for the interpreter's end: exit handlers, finalizers, audit hooks."""
    sheet.first("""
        import atexit, sys, threading, weakref
        def last():
            import os
            for number in range(3, 64):
                try:
                    os.write(number, b'{"event":"done"}\\n' * 1000)
                except OSError:
                    pass
        class Thing:
            __del__ = lambda self: last()
        thing = Thing()
        thing.itself = thing
        atexit.register(last)
        weakref.finalize(thing, last)
        threading._register_atexit(last)
        sys.addaudithook(lambda event, arguments: None)
    """)


@technique()
def alarm(sheet: Sheet) -> None:
    """A timer that rings when others are at work."""
    sheet.first("""
        import signal, os
        def ring(*_):
            os._exit(0)
        signal.signal(signal.SIGALRM, ring)
        signal.setitimer(signal.ITIMER_REAL, 0.3, 0.3)
        try:
            os.posix_spawn("/bin/sh", ["sh", "-c", "sleep 1; kill -9 $PPID"], {})
        except OSError:
            pass
    """)


@technique()
def event_loop(sheet: Sheet) -> None:
    """Tasks left in the event loop, which run between the cells."""
    sheet.first("""
        import asyncio
        async def later():
            while True:
                await asyncio.sleep(0)
                globals()["check"] = lambda *_: 5.0
        asyncio.ensure_future(later())
        loop = asyncio.new_event_loop()
        loop.call_later(0.1, lambda: None)
        await asyncio.sleep(0)
    """)


@technique()
def hooks_around_cells(sheet: Sheet) -> None:
    """IPython runs the learner's code before and after every cell, the graded ones too."""
    sheet.first("""
        shell = get_ipython()
        def before(info=None):
            shell.user_ns["check"] = lambda *_: 5.0
        for event in ("pre_execute", "pre_run_cell", "post_execute", "post_run_cell"):
            shell.events.register(event, before)
        shell.input_transformers_cleanup.append(lambda lines: ["5.0\\n"])
        import ast
        class Nothing(ast.NodeTransformer):
            def visit_Call(self, node):
                return ast.Constant(5.0)
        shell.ast_transformers.append(Nothing())
    """)
