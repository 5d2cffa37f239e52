"""A notebook runs in the jail as it does in Jupyter."""

from __future__ import annotations

import json

import nbformat
import pytest

from autograder.sandbox import Run
from autograder.sandbox.request import MOST_OUTPUTS
from tests.sandbox.running import RunCells, errors, printed, states


def outputs(run: Run) -> list[dict]:
    return [output for cell in run.cells for output in cell.outputs]


def test_outputs_come_in_the_order_in_which_they_were_made(run: RunCells) -> None:
    ran = run("import sys\nprint('a')\nprint('b')\nprint('c', file=sys.stderr)\n6 * 7")

    assert outputs(ran) == [
        {"output_type": "stream", "name": "stdout", "text": "a\nb\n"},
        {"output_type": "stream", "name": "stderr", "text": "c\n"},
        {"output_type": "execute_result", "execution_count": 1, "data": {"text/plain": "42"}, "metadata": {}},
    ]


def test_outputs_are_valid_nbformat(run: RunCells) -> None:
    ran = run(
        "from IPython.display import display, HTML\ndisplay(HTML('<b>x</b>'), display_id='x')",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2, 3]);",
        "print('text')\n1 / 0",
        "{'a': [1, None]}",
    )

    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell(outputs=[nbformat.from_dict(output) for output in cell.outputs])
            for cell in ran.cells
        ]
    )
    nbformat.validate(notebook)
    assert "image/png" in ran.cells[1].outputs[0]["data"]


def test_later_cells_see_what_earlier_ones_made(run: RunCells) -> None:
    ran = run("x = 20", "import numpy as np", "int(np.sum([x, 22]))")

    assert states(ran) == ["ok", "ok", "ok"]
    assert ran.cells[2].outputs[0]["data"] == {"text/plain": "42"}


def test_await_stands_at_the_top_level(run: RunCells) -> None:
    ran = run("import asyncio\nawait asyncio.sleep(0.001)\nasync def f(): return 5\nawait f()")

    assert ran.cells[0].outputs[0]["data"] == {"text/plain": "5"}


def test_magics_work(run: RunCells) -> None:
    ran = run("%who_ls", "%%capture said\nprint('kept')", "said.stdout")

    assert ran.cells[2].outputs[0]["data"] == {"text/plain": r"'kept\n'"}


def test_update_display_reaches_into_an_earlier_cell(run: RunCells) -> None:
    ran = run(
        "from IPython.display import display, HTML, update_display\ndisplay(HTML('old'), display_id='d');",
        "update_display(HTML('new'), display_id='d')",
    )

    assert ran.cells[0].outputs[0]["data"]["text/html"] == "new"
    assert ran.cells[1].outputs == []


def test_clear_output_takes_back_what_was_shown(run: RunCells) -> None:
    ran = run("from IPython.display import clear_output\nprint(1)\nclear_output(wait=True)\nprint(2)")

    assert printed(ran) == "2\n"


def test_what_a_library_writes_past_python_is_shown_too(run: RunCells) -> None:
    ran = run("import os\nos.write(1, b'from C\\n');", "print('next')")

    assert printed(ran) == "from C\n"
    assert printed(ran, 1) == "next\n"


def test_an_error_names_the_learners_own_line(run: RunCells) -> None:
    ran = run("def f():\n    return keras.layers.conv2d(3)\nimport keras\nf()", "1")

    error = ran.cells[0].error
    assert error is not None
    assert (error.name, error.line, error.line_number) == (
        "AttributeError",
        "return keras.layers.conv2d(3)",
        2,
    )
    assert ran.cells[0].outputs[-1]["ename"] == "AttributeError"
    assert states(ran) == ["error", "ok"]


def test_a_syntax_error_names_its_line(run: RunCells) -> None:
    ran = run("x = 1\ndef f(:\n    pass")

    error = ran.cells[0].error
    assert error is not None
    assert (error.name, error.line, error.line_number) == ("SyntaxError", "def f(:", 2)


def test_an_error_in_another_cells_function_names_the_line_that_calls_it(run: RunCells) -> None:
    ran = run("def fails():\n    x = 1\n    return x / 0", "a = 2\nb = fails()")

    error = ran.cells[1].error
    assert error is not None
    assert (error.name, error.line, error.line_number) == ("ZeroDivisionError", "b = fails()", 2)


def test_empty_lines_at_the_beginning_of_a_cell_count(run: RunCells) -> None:
    """IPython takes them off; a learner sees them."""
    ran = run("\n\nx = 1\ny = x / 0", "\nx = (1\n")

    first, second = ran.cells[0].error, ran.cells[1].error
    assert first is not None
    assert (first.line, first.line_number) == ("y = x / 0", 4)
    assert second is not None
    assert (second.line, second.line_number) == ("x = (1", 2)


def test_of_a_long_error_the_beginning_and_the_end_are_kept(run: RunCells) -> None:
    """TensorFlow says at the end what has happened."""
    ran = run("raise ValueError('a' * 5000 + 'the end')")

    error = ran.cells[0].error
    assert error is not None
    assert error.value.startswith("aaa")
    assert error.value.endswith("the end")
    assert len(error.value) == 2000


def test_a_cell_that_writes_to_both_streams_for_ever_so_often_keeps_what_it_made(run: RunCells) -> None:
    """Each change of the stream is an output; what is too many of them is left out, and that is said."""
    ran = run(
        "import sys\nfor _ in range(20_000):\n    print(1)\n    print(2, file=sys.stderr)\nx = 1", "print(x)"
    )

    assert (ran.ended, errors(ran), printed(ran, 1)) == (None, [None, None], "1\n")
    assert len(ran.cells[0].outputs) <= MOST_OUTPUTS
    assert "the rest of this output was left out" in ran.cells[0].outputs[-1]["text"]


@pytest.mark.parametrize("call", ["import sys; sys.exit(0)", "exit", "quit()", "raise SystemExit"])
def test_leaving_costs_only_the_cell(run: RunCells, call: str) -> None:
    ran = run(call, "print('still here')")

    assert errors(ran) == ["SystemExit", None]
    assert printed(ran, 1) == "still here\n"


def test_input_says_that_nobody_answers(run: RunCells) -> None:
    ran = run("input('your name? ')", "import getpass; getpass.getpass()", "import sys; sys.stdin.read()")

    assert errors(ran) == ["InputNotSupportedError", "InputNotSupportedError", None]


def test_odd_text_arrives(run: RunCells) -> None:
    ran = run(r"print('가\x00\ud800z')", r"'\ud800'", r"raise ValueError('\udfff')")

    assert printed(ran) == "가\x00?z\n"
    assert ran.cells[2].error is not None
    assert ran.cells[2].error.value == "?"
    json.dumps([cell.outputs for cell in ran.cells], ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "data", ["{(1, 2): 3}", "(lambda d: d.update(d=d) or d)({})", "{'application/json': float('nan')}"]
)
def test_a_display_that_is_no_json_costs_only_itself(run: RunCells, data: str) -> None:
    ran = run(f"from IPython.display import display\nprint('x')\ndisplay({data}, raw=True)", "print('y')")

    assert states(ran) == ["ok", "ok"]
    assert printed(ran) == "x\n"
    assert printed(ran, 1) == "y\n"


def test_evidence_arrives_with_the_cell_that_left_it(run: RunCells) -> None:
    ran = run("from autograder import check", "check('a', 1)", "check('b', 2); check('c', 3)")

    found = [[json.loads(document)["task"] for document in cell.evidence] for cell in ran.cells]
    assert found == [[], ["a"], ["b", "c"]]


def test_a_function_is_probed_with_the_sizes_asked_for(run: RunCells) -> None:
    source = "import keras\nfrom autograder import check\ncheck('t', lambda x: keras.layers.Dense(2)(x))"

    ran = run(source, probes={"t": [[{"shape": [5], "dtype": "float32"}]]})

    (probe,) = json.loads(ran.cells[0].evidence[0])["probes"]
    assert probe["error"] is None
    assert probe["result"]["kind"] == "model"


def test_tensorflow_trains_in_the_jail(run: RunCells) -> None:
    ran = run(
        "import keras, numpy as np\n"
        "model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3), keras.layers.Dense(1)])\n"
        "model.compile('sgd', 'mse')\n"
        "history = model.fit(np.ones((32, 4)), np.ones((32, 1)), epochs=2, verbose=0)\n"
        "print(len(history.history['loss']))",
        "model.save('m.keras')\nimport tensorflow as tf\ntf.print('in cell')",
    )

    assert states(ran) == ["ok", "ok"]
    assert printed(ran) == "2\n"
    assert "in cell" in printed(ran, 1)


def test_an_empty_notebook_is_done_at_once(run: RunCells) -> None:
    ran = run()

    assert (ran.cells, ran.ended, ran.exit_code) == ([], None, 0)


def test_the_caller_can_watch_the_cells_pass(warm, level) -> None:
    from autograder.sandbox import CellSource, Request

    seen = []
    cells = [CellSource(3, "a", "1"), CellSource(8, "b", "1/0", "task")]
    warm.run(Request(cells, level=level), lambda kind, cell: seen.append((kind, cell.index, cell.state)))

    assert seen == [
        ("start", 3, "not_run"),
        ("end", 3, "ok"),
        ("start", 8, "not_run"),
        ("end", 8, "error"),
    ]
