"""What the comparator of layer rows notices, misses and refuses; rebuilt models have the same rows."""

from __future__ import annotations

import contextlib
import inspect
import io
import json
from types import SimpleNamespace
from typing import Any

import keras
import pytest
from keras import layers

from autograder.evidence import capture
from autograder.grading.restore import RestoredCell
from benchmarks import results, verdicts
from benchmarks.peers import rows
from benchmarks.peers.rows import rows_of, seen
from benchmarks.rebuilt import function_of, models_in, rebuild
from benchmarks.verdicts import (
    Judged,
    Tally,
    differs,
    fails,
    looks_in,
    parts,
    tally,
    with_looks,
    write_figures,
)

SIDES: dict[str, Any] = {"rows": True, "asserts": None, "ours": True}


def chain(units: int = 8, activation: str = "relu") -> keras.Model:
    inputs = keras.Input((4,))
    return keras.Model(inputs, layers.Dense(3)(layers.Dense(units, activation=activation)(inputs)))


def skipping(*, rewired: bool) -> keras.Model:
    """Two layers of the same size behind each other; the last one reads the first or the second."""
    inputs = keras.Input((4,))
    first = layers.Dense(4)(inputs)
    second = layers.Dense(4)(first)
    return keras.Model(inputs, layers.Add()([second, inputs if rewired else first]))


def two_branches(*, turned: bool) -> keras.Model:
    inputs = keras.Input((8, 8, 2))
    branches = [layers.Conv2D(4, 1)(inputs), layers.Conv2D(4, 3, padding="same")(inputs)]
    return keras.Model(inputs, layers.Add()(branches[::-1] if turned else branches))


def summed(*, operator: bool) -> keras.Model:
    inputs = keras.Input((4,))
    first, second = layers.Dense(4)(inputs), layers.Dense(4)(inputs)
    return keras.Model(inputs, first + second if operator else layers.add([first, second]))


def document_of(answer: Any, probes: Any = ()) -> dict[str, Any]:
    """The evidence of an answer, as it comes out of a learner's process."""
    found: dict[str, Any] = json.loads(json.dumps(capture("task", [answer], probes)))
    return found


def test_a_row_is_class_output_shape_and_parameters() -> None:
    assert rows_of(chain()) == [
        ["InputLayer", [[None, 4]], 0],
        ["Dense", [[None, 8]], 40],
        ["Dense", [[None, 3]], 27],
    ]


def test_rows_notice_another_number_of_units() -> None:
    assert rows_of(chain(units=9)) != rows_of(chain())


def test_rows_do_not_notice_another_activation() -> None:
    assert rows_of(chain(activation="tanh")) == rows_of(chain())


def test_rows_do_not_notice_that_another_tensor_of_the_same_shape_is_read() -> None:
    assert rows_of(skipping(rewired=True)) == rows_of(skipping(rewired=False))


def test_rows_refuse_branches_that_are_added_in_another_order() -> None:
    """Addition has no order, and the table has one."""
    assert rows_of(two_branches(turned=True)) != rows_of(two_branches(turned=False))


def test_rows_refuse_an_activation_as_a_layer_of_its_own() -> None:
    inputs = keras.Input((4,))
    apart = keras.Model(inputs, layers.Dense(3)(layers.ReLU()(layers.Dense(8)(inputs))))

    assert rows_of(apart) != rows_of(chain())


def test_an_operator_has_the_row_of_its_layer() -> None:
    """`summary()` lists both under the name `Add`."""
    assert rows_of(summed(operator=True)) == rows_of(summed(operator=False))


def test_a_function_has_a_table_for_each_probe() -> None:
    probes = [[{"shape": [4], "dtype": "float32"}], [{"shape": [5], "dtype": "float32"}]]
    narrow, wide = seen(lambda tensor: layers.Dense(2)(tensor), probes)["rows"]

    assert (narrow[-1], wide[-1]) == (["Dense", [[None, 2]], 10], ["Dense", [[None, 2]], 12])


def test_a_function_of_numbers_is_called_with_them() -> None:
    assert seen(chain, [[{"value": 8}]])["rows"] == [rows_of(chain())]


@pytest.mark.parametrize("answer", [None, 3, "x", [], lambda tensor: 3])
@pytest.mark.parametrize("probes", [[], [[{"shape": [4]}]]])
def test_what_is_no_model_has_no_rows_and_passes_no_asserts(answer: Any, probes: Any) -> None:
    def check(model: Any) -> None:
        assert model.output_shape == (None, 3)

    assert seen(answer, probes, check) == {"rows": None, "passes": False}


def test_the_comparator_runs_where_nothing_of_ours_is() -> None:
    """A learner's process is given its source."""
    names: dict[str, Any] = {}
    exec(inspect.getsource(rows), names)

    assert "benchmarks" not in "".join(
        line for line in inspect.getsource(rows).splitlines() if line.lstrip().startswith(("import", "from"))
    )
    assert names["seen"](chain(), [])["rows"] == [rows_of(chain())]


def shared_and_nested() -> keras.Model:
    encoder = keras.Sequential([keras.Input((6,)), layers.Dense(5, activation="relu"), layers.Dropout(0.5)])
    left, right = keras.Input((6,), name="left"), keras.Input((6,), name="right")
    both = layers.concatenate([encoder(left), encoder(right)])
    gate = layers.LSTM(3)(layers.Reshape((2, 5))(both))
    return keras.Model([left, right], {"near": layers.Dense(1)(gate), "far": (gate + 1.0) * 2.0})


@pytest.mark.parametrize("model", [chain, shared_and_nested, lambda: two_branches(turned=True)])
def test_a_model_that_is_rebuilt_has_the_same_rows(model: Any) -> None:
    built = model()
    (evidence,) = models_in(document_of(built))

    assert rows_of(rebuild(evidence)) == rows_of(built)


def test_what_cannot_be_rebuilt_is_said() -> None:
    class Own(layers.Dense):
        def call(self, inputs: Any) -> Any:
            return super().call(inputs)

    inputs = keras.Input((4,))
    (evidence,) = models_in(document_of(keras.Model(inputs, Own(3)(inputs))))

    with pytest.raises(LookupError, match="Own"):
        rebuild(evidence)


def test_a_function_that_is_rebuilt_takes_other_sizes() -> None:
    """Its calls are those of the probe of the same shape, and else of the first."""

    def halved(tensor: Any) -> Any:
        return layers.Conv2D(tensor.shape[-1], 3, strides=2, padding="same")(tensor)

    probes = [[{"shape": [8, 8, 2], "dtype": "float32"}], [{"shape": [9, 9, 3], "dtype": "float32"}]]
    function = function_of(document_of(halved, probes))

    assert [tuple(function(keras.Input(shape)).shape) for shape in ((8, 8, 2), (9, 9, 3), (20, 20, 2))] == [
        (None, 4, 4, 2), (None, 5, 5, 3), (None, 10, 10, 2),
    ]  # fmt: skip


def test_what_left_nothing_behind_is_noticed() -> None:
    wanted = {"one": {"rows": [[["Dense", [[None, 2]], 10]]], "passes": True}}

    assert not differs(wanted, wanted, ["one"])
    assert differs({"one": {"rows": None, "passes": False}}, wanted, ["one"])
    assert differs({}, wanted, ["one"])
    assert not fails(wanted, ["one"])
    assert fails({}, ["one"])
    assert fails({"one": {"rows": None, "passes": False}}, ["one"])


def test_what_is_handed_over_is_looked_at_behind_all_cells() -> None:
    """A later cell may give the name to something else; where one task is judged, the run ends with it."""
    scheme: Any = SimpleNamespace(
        assignment=SimpleNamespace(id="none"),
        probes={},
        references=dict.fromkeys(["small", "large"], SimpleNamespace(models=[1], graphs=[1])),
        solution=SimpleNamespace(
            cells=[
                RestoredCell("answer-small", "model = chain(8)", 0),
                RestoredCell("check-small", "check('small', model)", 1, "small"),
                RestoredCell("answer-large", "model = chain(9)", 2),
                RestoredCell("check-large", "check('large', model)", 3, "large"),
            ]
        ),
    )

    def ran(*told: Any) -> Any:
        names: dict[str, Any] = {"chain": chain, "check": lambda *_: None}
        done = []
        for cell in with_looks(scheme, *told):
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(cell.source, names)
            done.append(SimpleNamespace(id=cell.id, outputs=[{"text": printed.getvalue()}]))
        return looks_in(SimpleNamespace(cells=done))

    found = ran({"answer-large": "print('seen: no')\nmodel = chain(10)"})
    assert {task: one["rows"] for task, one in found.items()} == {
        "small": [rows_of(chain(8))],
        "large": [rows_of(chain(10))],
    }
    assert set(ran({}, "small")) == {"small"}


def answers() -> list[Judged]:
    def one(assignment: str, right: bool, compiling: bool, table: bool = True, **sides: Any) -> Judged:
        return Judged(assignment, right, "setting", "", compiling, table, **{**SIDES, **sides})

    return [
        one("inception", False, False, asserts=True),
        one("inception", False, False, rows=False, asserts=False),
        one("inception", True, False, rows=True, asserts=False, ours=False),
        one("loss-weights", False, True, rows=False),
        one("loss-weights", False, False, table=False),
    ]


def test_a_side_judges_what_it_has_a_check_for() -> None:
    assert tally(answers(), "rows", right=False) == Tally(4, 2)
    assert tally(answers(), "asserts", right=False) == Tally(2, 1)
    assert tally(answers(), "ours", right=False).share == 1
    assert tally(answers(), "rows", right=True) == Tally(1, 1)
    assert tally([], "rows", right=True).share == 0


def test_wrong_answers_that_are_models_and_those_that_are_built_wrongly_are_counted_apart() -> None:
    assert {name: len(found) for name, found in parts(answers()).items()} == {
        "verdicts": 5,
        "verdicts.models": 3,
        "verdicts.built": 2,
        "verdicts.inception": 3,
        "verdicts.loss-weights": 2,
    }


def test_a_figure_is_written_for_each_side_that_has_judged(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(results, "RESULTS", tmp_path / "results.json")
    write_figures(answers())
    written = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))

    assert written["verdicts.noticed.rows"]["value"] == 0.5
    assert written["verdicts.models.noticed.rows"]["value"] == 0.3333
    assert written["verdicts.wrong"]["value"] == 4
    assert written["verdicts.wrong.asserts"]["value"] == 2
    assert written["verdicts.inception.refused.ours"]["value"] == 0
    assert {name for name in written if name.startswith("verdicts.loss-weights")} == {
        "verdicts.loss-weights.wrong",
        "verdicts.loss-weights.noticed.rows",
        "verdicts.loss-weights.noticed.ours",
    }
    assert {figure["command"] for figure in written.values()} == {verdicts.COMMAND}
