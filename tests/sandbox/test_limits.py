"""Whatever a notebook does too much of costs that cell or that notebook, and nothing else."""

from __future__ import annotations

import os
import time

import pytest

from autograder.messages import render
from autograder.sandbox import CellSource, Limits, Request, Run, WarmInterpreter, reader
from tests.sandbox.running import RunCells, errors, printed, states

UNSTOPPABLE = "while True:\n    try:\n        while True: pass\n    except BaseException: pass"


def reason(run: Run) -> str:
    assert run.ended is not None
    return render(run.ended, "en")


def test_an_endless_loop_is_interrupted_and_the_next_cell_runs(run: RunCells) -> None:
    ran = run("while True: pass", "print('on')", cell_seconds=0.25)

    assert states(ran) == ["interrupted", "ok"]
    assert ran.ended is None
    assert printed(ran, 1) == "on\n"
    assert errors(ran)[0] == "KeyboardInterrupt"


def test_a_sleep_is_interrupted(run: RunCells) -> None:
    ran = run("import time; time.sleep(1000)", "1", cell_seconds=0.5)

    assert states(ran) == ["interrupted", "ok"]


@pytest.mark.parametrize(
    "loop",
    [
        f"def f():\n    {UNSTOPPABLE.replace(chr(10), chr(10) + '    ')}\nf()\n" + UNSTOPPABLE,
        "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
        "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())\nwhile True: pass",
        "(lambda: 1); 9 ** 9 ** 9",
    ],
)
def test_what_does_not_heed_the_interrupt_is_ended(
    run: RunCells, loop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "GRACE_SECONDS", 0.25)
    ran = run("1", loop, "print('never')", cell_seconds=0.25)

    if ran.ended is None:  # caught once, and the loop came to its end
        assert states(ran)[1] == "interrupted"
        return
    assert states(ran) == ["ok", "ended", "not_run"]
    assert reason(ran).startswith(
        "A cell ran for more than 0.25 seconds and did not stop when it was interrupted"
    )


def test_a_notebook_has_a_limit_of_its_own(run: RunCells) -> None:
    ran = run(*["import time; time.sleep(0.4)"] * 5, notebook_seconds=1.0)

    assert states(ran)[0] == "ok"
    assert states(ran)[-2:] == ["ended", "not_run"] or states(ran)[-1] in ("ended", "not_run")
    assert reason(ran) == "The notebook ran longer than 1 seconds and was stopped."


def test_a_memory_hog_gets_a_memory_error_and_the_notebook_goes_on(run: RunCells) -> None:
    ran = run(
        "big = bytearray(7 << 30)",
        "import numpy as np; np.ones((1 << 32,))",
        "pieces = []\nwhile True: pieces.append(np.empty(1 << 25))",
        "del pieces; print('on')",
    )

    assert [str(name)[-11:] for name in errors(ran)] == ["MemoryError"] * 3 + ["None"]
    assert printed(ran, 3) == "on\n"


def test_a_fork_bomb_dies_in_its_jail(run: RunCells, warm: WarmInterpreter) -> None:
    ran = run("import os\nwhile True:\n    os.fork()", "print('on')", cell_seconds=5, processes=8)

    assert states(ran)[0] in ("error", "ended", "interrupted")
    assert warm.alive
    assert printed(run("print('next')")) == "next\n"


def test_a_child_that_falls_through_a_cell_ends_there(run: RunCells, level: str) -> None:
    ran = run("import os\npid = os.fork()\nif pid: os.waitpid(pid, 0)", "print('once')")

    assert states(ran) == (["ok", "ok"] if level == "full" else ["error", "ok"])
    assert printed(ran, 1) == "once\n"


def test_threads_are_counted(run: RunCells) -> None:
    ran = run(
        "import threading, time\nstarted = 0\ntry:\n"
        "    for _ in range(100_000):\n"
        "        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n        started += 1\n"
        "finally:\n    print(started)",
        processes=16,
    )

    assert states(ran) == ["error"] or "too many processes" in reason(ran)


def test_a_flood_of_output_is_cut_with_a_note(run: RunCells) -> None:
    ran = run("for i in range(10_000): print('x' * 100)", "print('on')", output_bytes=5_000)

    assert len(printed(ran)) == 5_000
    assert ran.cells[0].outputs[-1]["name"] == "stderr"
    assert "left out" in ran.cells[0].outputs[-1]["text"]
    assert printed(ran, 1) == "on\n"


@pytest.mark.parametrize(
    "flood",
    [
        "from IPython.display import display, HTML\nfor i in range(100): display(HTML('x' * 1000))",
        "'x' * 1_000_000",
        "import os\nfor i in range(100): os.write(1, b'y' * 1000)",
        "import sys\nfor i in range(100): sys.stderr.write('é' * 1000)",
        "raise ValueError('z' * 1_000_000)",
    ],
)
def test_every_kind_of_output_counts(run: RunCells, flood: str) -> None:
    ran = run(flood, "print('on')", output_bytes=5_000)

    assert len(str(ran.cells[0].outputs)) < 12_000
    assert printed(ran, 1) == "on\n"


def test_the_way_out_itself_is_capped(run: RunCells) -> None:
    ran = run(
        "import os\nout = next(n for n in range(3, 512) if os.path.exists(f'/dev/fd/{n}') or n > 2)",
        "import fcntl\n"
        "for n in range(3, 512):\n    try:\n        os.write(n, b'x' * 70_000_000)\n    except OSError: pass",
        "1",
        events_bytes=1 << 20,
    )

    assert "was stopped" in reason(ran)
    assert states(ran)[-1] == "not_run"


def test_giant_evidence_is_refused_in_the_cell(run: RunCells) -> None:
    ran = run(
        "from autograder import check\ncheck('t', *[list(range(9000)) for _ in range(10)])",
        "check('t', 1)",
        line_bytes=100_000,
    )

    assert errors(ran) == ["ValueError", None]
    assert [len(cell.evidence) for cell in ran.cells] == [0, 1]


def test_a_single_file_has_a_limit(run: RunCells) -> None:
    ran = run("f = open('big', 'wb')\nwhile True: f.write(b'x' * 65536)", "1", file_bytes=1 << 20)

    assert errors(ran) == ["OSError", None]


def test_the_disk_has_a_limit(run: RunCells) -> None:
    ran = run(
        "i = 0\nwhile True:\n    i += 1\n    with open(f'f{i}', 'wb') as f: f.write(b'x' * 1_000_000)",
        "1",
        disk_bytes=8 << 20,
        cell_seconds=20,
    )

    assert errors(ran) == ["OSError", None] or "disk" in reason(ran)


@pytest.mark.parametrize(
    ("leave", "expected"),
    [
        ("os._exit(0)", (0, None)),
        ("os._exit(7)", (7, None)),
        ("ctypes.string_at(0)", (None, 11)),
    ],
)
def test_a_process_that_ends_itself_costs_the_rest_of_its_notebook(
    run: RunCells, leave: str, expected: tuple[int | None, int | None]
) -> None:
    ran = run("import os, ctypes\nfrom autograder import check\ncheck('a', 1)", leave, "check('b', 1)")

    assert (ran.exit_code, ran.signal) == expected
    assert states(ran) == ["ok", "ended", "not_run"]
    assert [len(cell.evidence) for cell in ran.cells] == [1, 0, 0]
    assert ran.ended is not None


def test_nothing_outlives_its_notebook(run: RunCells) -> None:
    began = time.monotonic()
    ran = run(
        "import os, time, threading\n"
        "try:\n"
        "    if os.fork() == 0:\n"
        "        os.setsid()\n"
        "        if os.fork() == 0:\n"
        "            for n in range(3, 512):\n"
        "                try: os.close(n)\n"
        "                except OSError: pass\n"
        "            time.sleep(600)\n"
        "        os._exit(0)\n"
        "except PermissionError: pass\n"
        "threading.Thread(target=time.sleep, args=(600,)).start()\n"
        "time.sleep(0.1)"
    )

    assert ran.ended is None
    assert time.monotonic() - began < 60
    # No process is started at `contained`, and at `full` they die with their namespace.
    assert ran.leftovers == 0


def test_a_neighbour_is_not_harmed(warm: WarmInterpreter, level: str) -> None:
    import multiprocessing

    def honest(results) -> None:
        cells = [CellSource(i, str(i), "import time; time.sleep(0.15); print(1)") for i in range(4)]
        results.put([cell.state for cell in warm.run(Request(cells, level=level)).cells])

    context = multiprocessing.get_context("fork")
    results = context.Queue()
    neighbour = context.Process(target=honest, args=(results,))
    neighbour.start()
    bomb = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass"
    limits = Limits(cell_seconds=0.5, notebook_seconds=1, processes=32)
    warm.run(Request([CellSource(0, "bomb", bomb)], level=level, limits=limits))

    assert results.get(timeout=60) == ["ok"] * 4
    neighbour.join()


def test_without_a_jail_the_limits_still_hold(warm: WarmInterpreter) -> None:
    """Level `none`: only on explicit demand, and for notebooks that one trusts."""
    cells = [
        CellSource(0, "loop", "while True: pass"),
        CellSource(1, "hog", "bytearray(7 << 30)"),
        CellSource(2, "daemon", "import os, time\nif os.fork() == 0:\n    time.sleep(600)"),
        CellSource(3, "last", "from autograder import check\ncheck('t', 1)\nprint(os.getcwd())"),
    ]
    ran = warm.run(Request(cells, level="none", limits=Limits(cell_seconds=0.5)))

    assert states(ran) == ["interrupted", "error", "ok", "ok"]
    assert len(ran.cells[3].evidence) == 1
    assert ran.leftovers == 1
    assert not os.path.exists(printed(ran, 3).strip())
