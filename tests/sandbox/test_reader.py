"""The reader believes nothing that comes out of a jail, and always comes to an end."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.messages import render
from autograder.sandbox import CellSource, Limits, Request, Run, SandboxError
from autograder.sandbox.reader import Reader
from autograder.sandbox.request import MIB, MOST_OUTPUTS

DONE = {"event": "done"}
BROKE = "The notebook's process broke the protocol it runs under and was stopped."


def start(cell: int) -> dict[str, Any]:
    return {"event": "start", "cell": cell}


def end(cell: int, **changed: Any) -> dict[str, Any]:
    return {"event": "end", "cell": cell, "state": "ok", "outputs": [], "error": None} | changed


def read(*events: bytes | dict[str, Any], cells: int = 2, status: object = None, **limits: float) -> Run:
    """What the reader makes of `events`, sent by a process that then ends with `status`."""
    text = b"".join(
        event if isinstance(event, bytes) else json.dumps(event).encode() + b"\n" for event in events
    )
    request = Request([CellSource(index, str(index), "") for index in range(cells)], limits=Limits(**limits))
    out, way_in = os.pipe()
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)

    def send() -> None:
        try:
            with os.fdopen(way_in, "wb") as pipe:
                pipe.write(text)
        except BrokenPipeError:
            pass
        if status is not None:
            theirs.send(json.dumps(status).encode())
        theirs.close()

    sender = threading.Thread(target=send)
    sender.start()
    try:
        return Reader(request).follow(out, ours)
    finally:
        os.close(out)
        ours.close()
        sender.join()


def said(run: Run) -> str:
    return render(run.ended, "en") if run.ended is not None else ""


def test_a_run_by_the_protocol_has_no_reason_to_end() -> None:
    run = read(start(0), end(0), start(1), end(1), DONE, status={"exit": 0})

    assert (run.ended, [cell.state for cell in run.cells]) == (None, ["ok", "ok"])


@pytest.mark.parametrize(
    "events",
    [
        [start(1)],
        [start(0), start(1)],
        [start(0), end(1)],
        [end(0)],
        [start(0), end(0), end(0)],
        [DONE],
        [start(0), DONE],
        [{"event": "unknown"}],
        [{"no": "event"}],
        [b"[]\n"],
        [b"null\n"],
        [b"{\n"],
        [b"\xff\xfe\n"],
        [b"[" * 100_000 + b"\n"],
        [b'{"event": ' + b"9" * 5000 + b"}\n"],
        [b"\n"],
        [start(0), end(0, state="passed")],
        [start(0), end(0, outputs={})],
        [start(0), end(0, outputs=[{"output_type": "pickle"}])],
        [start(0), end(0, outputs=[{"output_type": "stream", "name": "stdin", "text": ""}])],
        [start(0), end(0, outputs=[{"output_type": "stream", "name": "stdout", "text": 1}])],
        [start(0), end(0, outputs=[{"output_type": "display_data", "data": [], "metadata": {}}])],
        [start(0), end(0, outputs=[{"output_type": "error", "ename": "E", "evalue": "", "traceback": ""}])],
        [start(0), end(0, error="text")],
        [start(0), end(0, error={"name": "E", "value": None, "traceback": []})],
        [start(0), end(0, updates={})],
        [start(0), end(0), {"event": "broken", "what": "a lie"}],
        [{"event": ["start"], "cell": 0}],
        [{"event": "start", "cell": True}],
    ],
)
def test_what_breaks_the_protocol_ends_the_run_with_a_reason(events: list[Any]) -> None:
    run = read(*events, status={"exit": 0})

    assert said(run) == BROKE
    assert run.cells[1].state == "not_run"


def test_a_flood_of_events_ends_the_run() -> None:
    run = read(b"x" * 3_000_000, status={"exit": 0}, events_bytes=1 << 20)

    assert said(run) == "The notebook printed more than 1 MiB and was stopped."


def test_a_line_without_end_ends_the_run() -> None:
    run = read(start(0), b"x" * 3_000_000, status={"exit": 0}, line_bytes=1 << 20)

    assert said(run) == "One cell printed more than 1 MiB at once, and the notebook was stopped."
    assert run.cells[0].state == "ended"


def test_a_line_that_is_too_long_ends_the_run_although_it_ends() -> None:
    run = read(start(0), b"x" * 2_000_000 + b"\n", status={"exit": 0}, line_bytes=1 << 20)

    assert said(run) == "One cell printed more than 1 MiB at once, and the notebook was stopped."


def test_evidence_counts_for_the_cell_that_is_running_and_for_no_other() -> None:
    def evidence(cell: int, text: str) -> bytes:
        return b'{"event":"evidence","cell":%d,"document":{"task":"%b"}}\n' % (cell, text.encode())

    run = read(
        evidence(0, "early"), start(0), evidence(0, "right"), evidence(1, "wrong"), end(0),
        evidence(0, "late"), start(1), evidence(0, "stale"), evidence(1, "second"), end(1),
        DONE, evidence(1, "over"),
        status={"exit": 0},
    )  # fmt: skip

    assert [cell.evidence for cell in run.cells] == [[b'{"task":"right"}'], [b'{"task":"second"}']]


def test_evidence_is_not_parsed_here() -> None:
    run = read(start(0), b'{"event":"evidence","cell":0,"document":not json}\n', status={"exit": 0})

    assert run.cells[0].evidence == [b"not json"]


def test_a_jail_that_could_not_be_built_is_no_learners_mistake() -> None:
    with pytest.raises(SandboxError, match="could not be built: OSError: no room"):
        read({"event": "broken", "what": "OSError: no room"})
    with pytest.raises(SandboxError, match="could not be built: unshare"):
        read(status={"broken": "unshare"})


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ({"exit": 3}, "ended itself with exit code 3"),
        ({"signal": 9}, "ended by the signal SIGKILL"),
        ({"signal": 40}, "ended by the signal 40"),
        ({"signal": 9, "ended": "memory"}, "too much memory"),
        ({"signal": 9, "ended": "disk"}, "too much to the disk"),
        ({"signal": 9, "ended": "processes"}, "too many processes"),
        (None, "supervised the notebook was lost"),
    ],
)
def test_an_early_end_is_explained(status: object, reason: str) -> None:
    run = read(start(0), end(0), start(1), status=status)

    assert reason in said(run)
    assert [cell.state for cell in run.cells] == ["ok", "ended"]


@pytest.mark.parametrize(
    ("events", "status", "lost"),
    [
        ([start(0)], None, True),
        ([start(0)], {"signal": 9}, True),
        ([], {"exit": 70}, True),
        ([], {"signal": 11}, True),
        ([start(0)], {"exit": 70}, False),
        ([start(0)], {"signal": 11}, False),
        ([start(0)], {"signal": 9, "ended": "memory"}, False),
        ([end(0)], None, False),
        ([start(0), end(0), start(1), end(1), {"event": "done"}], None, False),
    ],
)
def test_a_run_is_lost_where_neither_the_notebook_nor_a_limit_has_ended_it(
    events: list[dict[str, Any]], status: object, lost: bool
) -> None:
    """One that breaks the protocol has ended itself; one that came to its end has lost nothing."""
    assert read(*events, status=status).lost is lost


def test_numbers_that_are_none_become_null() -> None:
    output = b'[{"output_type":"display_data","data":{"application/json":[NaN, Infinity]},"metadata":{}}]'
    line = b'{"event":"end","cell":0,"state":"ok","error":null,"outputs":%b}\n' % output
    run = read(start(0), line, status={"exit": 0})

    assert run.cells[0].outputs[0]["data"] == {"application/json": [None, None]}


def follow_silence(limits: Limits, *sent: dict[str, Any]) -> tuple[Run, list[bytes]]:
    """A run whose process sends `sent` and then nothing; the orders that its supervisor was given."""
    out, way_in = os.pipe()
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    os.write(way_in, b"".join(json.dumps(event).encode() + b"\n" for event in sent))
    orders = []

    def keep() -> None:
        while (order := theirs.recv(64)) and order != b"stop":
            orders.append(order)
        orders.append(order)
        os.close(way_in)
        theirs.send(b'{"signal": 9}')
        theirs.close()

    supervisor = threading.Thread(target=keep)
    supervisor.start()
    run = Reader(Request([CellSource(0, "0", "")], limits=limits)).follow(out, ours)
    supervisor.join()
    os.close(out)
    ours.close()
    return run, orders


def test_a_cell_over_its_time_is_interrupted_first_and_stopped_after_a_grace() -> None:
    run, orders = follow_silence(Limits(cell_seconds=0.05), start(0))

    assert orders == [b"interrupt", b"stop"]
    assert run.cells[0].state == "ended"
    assert run.seconds > 2.0


def test_a_notebook_over_its_time_is_stopped() -> None:
    run, orders = follow_silence(Limits(notebook_seconds=0.1), start(0))

    assert orders == [b"stop"]
    assert said(run) == "The notebook ran longer than 0.1 seconds and was stopped."


@given(st.binary(max_size=300))
def test_any_bytes_come_to_an_end(noise: bytes) -> None:
    run = read(start(0), noise, b"\n", status={"exit": 0})

    assert run.ended is not None


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(plain, st.sampled_from(["event", "cell", "state", "outputs", "updates", "error"]))
def test_any_value_in_any_place_of_an_event_comes_to_an_end(value: Any, key: str) -> None:
    run = read(start(0), end(0) | {key: value}, start(1), end(1), DONE, status={"exit": 0})

    assert run.ended is not None or [cell.state for cell in run.cells][1] == "ok"


@given(plain)
def test_any_value_as_an_output_comes_to_an_end(value: Any) -> None:
    outputs = [{"output_type": "display_data", "data": value, "metadata": {}}]
    run = read(start(0), end(0, outputs=outputs), start(1), end(1), DONE, status={"exit": 0})

    assert (run.ended is None) == isinstance(value, dict)
    json.dumps(run.cells[0].outputs, ensure_ascii=False).encode()


def shown(display_id: str) -> dict[str, Any]:
    return {
        "output_type": "display_data",
        "data": {},
        "metadata": {},
        "transient": {"display_id": display_id},
    }


def update(display_id: str, text: str) -> dict[str, Any]:
    return {"display_id": display_id, "data": {"text/plain": text}, "metadata": {}}


def test_the_texts_of_an_error_are_cut_by_the_reader() -> None:
    """What a jail cuts in its own process, a hostile one sends whole."""
    long = "x" * 1_000_000
    error = {"name": long, "value": long, "traceback": [long] * 10, "line": long, "line_number": 10**400}
    output = {"output_type": "error", "ename": long, "evalue": long, "traceback": ["y"] * 100_000}
    run = read(start(0), end(0, error=error, outputs=[output], state="error"), start(1), end(1), DONE)

    found = run.cells[0].error
    assert found is not None
    assert found.line_number is None
    assert all(len(text) < 5_000 for text in (found.name, found.value, found.line or "", *found.traceback))
    assert len(run.cells[0].outputs[0]["traceback"]) < 1_000
    assert sum(map(len, run.cells[0].outputs[0]["evalue"])) < 5_000


def test_more_outputs_than_a_cell_may_leave_are_not_read() -> None:
    outputs = [{"output_type": "stream", "name": "stdout", "text": ""}] * (MOST_OUTPUTS + 1)

    assert said(read(start(0), end(0, outputs=outputs), status={"exit": 0})) == BROKE
    assert read(start(0), end(0, outputs=outputs[1:]), start(1), end(1), DONE).ended is None


@pytest.mark.parametrize(("depth", "kept"), [(20, True), (900, False)])
def test_data_is_nested_as_deep_as_every_later_copier_bears(depth: int, kept: bool) -> None:
    nested: Any = 1
    for _ in range(depth):
        nested = [nested]
    data = {"text/plain": "a", "application/json": nested}
    output = {"output_type": "display_data", "data": data, "metadata": {"deep": nested}}
    run = read(start(0), end(0, outputs=[output]), start(1), end(1), DONE)

    assert run.ended is None
    assert run.cells[0].outputs[0]["data"] == (data if kept else {"text/plain": "a"})
    assert ("deep" in run.cells[0].outputs[0]["metadata"]) is kept


def test_an_update_reaches_every_place_that_shows_it() -> None:
    run = read(
        start(0),
        end(0, outputs=[shown("a"), shown("b")]),
        start(1),
        end(1, outputs=[shown("a")], updates=[update("a", "new"), update("gone", "lost")]),
        DONE,
    )

    told = [[output["data"] for output in cell.outputs] for cell in run.cells]
    assert told == [[{"text/plain": "new"}, {}], [{"text/plain": "new"}]]


def test_an_update_counts_once_for_each_place_that_shows_it() -> None:
    """The notebook for the gradebook holds its contents as many times."""
    many = end(0, outputs=[shown("a")] * 1_000)
    run = read(
        start(0), many, start(1), end(1, updates=[update("a", "x" * 50_000)]), DONE, events_bytes=10 * MIB
    )

    assert said(run) == "The notebook printed more than 10 MiB and was stopped."
    assert not any(output["data"] for output in run.cells[0].outputs)


def test_a_watcher_that_fails_fails_the_reading() -> None:
    def watch(_kind: str, _cell: object) -> None:
        raise RuntimeError("the display is gone")

    out, way_in = os.pipe()
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    os.write(way_in, json.dumps(start(0)).encode() + b"\n")
    reader: Callable[..., Run] = Reader(Request([CellSource(0, "0", "")]), watch).follow

    with pytest.raises(RuntimeError, match="the display is gone"):
        reader(out, ours)
    for descriptor in (out, way_in):
        os.close(descriptor)
    ours.close()
    theirs.close()
