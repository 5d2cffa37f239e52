"""The grader's own time and memory, behind the jail: what is small to send, and large to read, judge or keep."""

from __future__ import annotations

from tests.attacks.techniques import Sheet, technique

ALL = {"branch-sizes": 2.0, "inception-module": 5.0, "inception-network": 3.0}

_EVENTS = """
import gc
events = next(thing for thing in gc.get_objects() if type(thing).__name__ == "Events")
def end(cell, **changed):
    return {"event": "end", "cell": cell, "state": "ok", "outputs": [], "error": None, **changed}
"""


def sending(sheet: Sheet, code: str) -> None:
    """Events that the shell would not send, from the first answer on."""
    sheet.solve("inception-module", "inception-network")
    sheet.first(_EVENTS + code)


@technique(gets=ALL)
def error_of_megabytes(sheet: Sheet) -> None:
    """An error's text past the cut, made to be searched for ever by what explains errors."""
    sheet.solve()
    sheet.first(
        _EVENTS
        + """
honest, here = events.send, events.cell
text = "Input 0 of layer is incompatible with the layer: expected shape=(" * 230_000
error = {"name": "ValueError", "value": text, "traceback": [], "line": text[:1000], "line_number": 1}
changed = {"error": error, "state": "error"}
events.send = lambda event: honest(event | changed if event.get("cell") == here and "outputs" in event else event)
"""
    )


@technique()
def empty_outputs_without_number(sheet: Sheet) -> None:
    """Outputs with nothing in them, as many as a line holds, in cell after cell."""
    sending(
        sheet,
        'empty = [{"output_type": "stream", "name": "stdout", "text": ""}] * 200_000\n'
        "for cell in range(events.cell, 400):\n"
        "    events.send(end(cell, outputs=empty))\n"
        '    events.send({"event": "start", "cell": cell + 1})',
    )


@technique()
def one_update_in_ten_thousand_places(sheet: Sheet) -> None:
    """A megabyte that is shown ten thousand times, each of which is a copy in the notebook for the gradebook."""
    sending(
        sheet,
        'place = {"output_type": "display_data", "data": {}, "metadata": {}, "transient": {"display_id": "x"}}\n'
        'update = {"display_id": "x", "data": {"text/plain": "y" * 1_000_000}, "metadata": {}}\n'
        "for cell in range(events.cell, 12):\n"
        "    events.send(end(cell, outputs=[place] * 4_000))\n"
        '    events.send({"event": "start", "cell": cell + 1})\n'
        "events.send(end(12, updates=[update]))",
    )


@technique(gets=ALL)
def output_nested_deep(sheet: Sheet) -> None:
    """Data that is nested deeper than whoever copies it can follow, beside a right notebook."""
    sheet.solve()
    sheet.first("""
        from IPython.display import display
        deep = 1
        for _ in range(900): deep = [deep]
        display({"application/json": deep, "text/plain": "deep"}, raw=True)
    """)


@technique(gets=ALL)
def streams_in_turn(sheet: Sheet) -> None:
    """A line to one stream and a line to the other, twenty thousand times, beside a right notebook."""
    sheet.solve()
    sheet.first("""
        import sys
        for _ in range(20_000):
            sys.stdout.write("a"); sys.stderr.write("b")
    """)


@technique(gets={"branch-sizes": 2.0, "inception-module": 5.0})
def size_changed_after_building(sheet: Sheet) -> None:
    """A layer whose weights would take all memory, if the grader were to make them from its settings."""
    sheet.solve()
    sheet.answer(
        "inception-network",
        """
        images = keras.Input(shape=(28, 28, 1))
        model = keras.Model(images, layers.Dense(10)(layers.Flatten()(layers.Normalization()(images))))
        for layer in model.layers:
            if "_batch_shape" in vars(layer): layer._batch_shape = (None, 28, 28, 2**31)
            if "units" in vars(layer): layer.units = 2**40
    """,
    )


@technique(gets={"branch-sizes": 2.0, "inception-module": 5.0})
def parts_without_number(sheet: Sheet) -> None:
    """An operation that was made to give two thousand million tensors, once the model was built."""
    sheet.solve()
    sheet.answer(
        "inception-network",
        """
        images = keras.Input(shape=(28, 28, 1))
        parts = keras.ops.split(images, 2, axis=1)
        model = keras.Model(images, layers.Dense(10)(layers.Flatten()(layers.Add()(parts))))
        for layer in model.operations:
            if "indices_or_sections" in vars(layer): layer.indices_or_sections = 2**31
    """,
    )


@technique(gets={"branch-sizes": 2.0, "inception-module": 5.0})
def sizes_that_multiply(sheet: Sheet) -> None:
    """Layers that each make a picture a thousand times as large, as only a symbolic tensor can be."""
    sheet.solve()
    sheet.answer(
        "inception-network",
        """
        images = x = keras.Input(shape=(28, 28, 1))
        for _ in range(40): x = layers.UpSampling2D(1000)(x)
        model = keras.Model(images, layers.Dense(10)(layers.Flatten()(x)))
    """,
    )


@technique("residual-identity", gets={"identity-costs": 2.0, "identity-block": 5.0})
def function_replaced_by_its_result(sheet: Sheet) -> None:
    """A model under the function's name, so that nothing can be called on hidden sizes."""
    sheet.solve()
    for cell in sheet.notebook.cells:
        if cell.cell_type == "code" and "check(" in cell.source and "deep_network" in cell.source:
            position = sheet.notebook.cells.index(cell)
            sheet.notebook.cells[position - 1].source += "\ndeep_network = deep_network(3)"


@technique(gets={"inception-module": 5.0, "inception-network": 3.0})
def values_that_are_hard_to_compare(sheet: Sheet) -> None:
    """An array without an axis, keys that are no keys, numbers that are none, in an answer."""
    sheet.solve()
    sheet.answer(
        "branch-sizes",
        """
        import numpy as np
        sizes = {"a": np.array(14), (1, (2,)): [np.nan], None: {"b": {}}, 14: np.array([]), "b": float("inf"),
                 np.float64(3): b"x", frozenset([1]): print}
    """,
    )
