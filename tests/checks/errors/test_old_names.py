"""What older versions of Keras called otherwise is not there any more, and what to write instead is."""

from __future__ import annotations

import pytest

from autograder.checks.errors import meaning_of, old_names, public_names
from autograder.checks.errors.old_names import PLACES, keyword, place
from autograder.messages import render

pytestmark = pytest.mark.slow


def is_there(name: str) -> bool:
    module, _, last = name.rpartition(".")
    known = public_names.names_by_module()
    return name in known or last in known.get(module, ())


@pytest.mark.parametrize(
    "name", sorted(name for name in PLACES if name.startswith("keras") and "*" not in name)
)
def test_an_old_name_is_gone_and_the_new_one_there(name: str) -> None:
    now = PLACES[name].now.split("(")[0]

    assert not is_there(name)
    assert not now or is_there(now)


@pytest.mark.parametrize(
    ("name", "now"),
    [
        ("keras.layers.core.Dense", "keras.layers.Dense"),
        ("keras.layers.normalization.BatchNormalization", "keras.layers.BatchNormalization"),
        ("keras.backend.abs", "keras.ops.abs"),
        ("keras.backend.concatenate", "keras.ops.concatenate"),
        ("tensorflow.python.keras.layers", "keras"),
    ],
)
def test_what_was_in_an_old_module_has_a_place(name: str, now: str) -> None:
    found = place(name)

    assert found is not None
    assert found.now == now


def test_nothing_of_todays_has_another_name() -> None:
    assert place("keras.layers.Dense") is None
    assert keyword("activation") is None


@pytest.mark.parametrize("name", ["merge", "average_of_branches", "qqqq", "join"])
def test_no_suggestion_is_better_than_a_wild_one(name: str) -> None:
    meaning = meaning_of("AttributeError", f"module 'keras.layers' has no attribute '{name}'")

    assert meaning is not None
    assert "average`" not in render(meaning.says, "en")
    assert "but it has" not in render(meaning.says, "en")


@pytest.mark.parametrize(("name", "owner"), [("strides", "Conv2D"), ("units", "Dense"), ("rate", "Dropout")])
def test_what_a_keyword_is_called_now_is_a_parameter(name: str, owner: str) -> None:
    assert name in public_names.parameters(owner)


def test_every_keyword_has_a_new_name_that_some_layer_or_function_takes() -> None:
    """Looked for among all public names of Keras."""
    taken = {
        parameter
        for names in public_names.names_by_module().values()
        for one in names
        for parameter in public_names.parameters(one)
    } | set(public_names.parameters("Model.fit"))
    # `keras.Model` takes anything; its two are known.
    known = taken | {"inputs", "outputs"}

    assert {old.now for old in old_names.KEYWORDS.values() if old.now.isidentifier()} <= known
