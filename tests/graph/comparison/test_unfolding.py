"""What the canonical form writes as one call is compared apart where the other graph has it apart."""

from __future__ import annotations

from autograder.graph import Graph, Tensor, canonical
from autograder.graph.comparison.compare import compare
from tests.graph.builders import Builder
from tests.graph.comparison.words import both, said


def normalised(b: Builder, x: Tensor, normalise: bool = True, drop: bool = False) -> Tensor:
    """A convolution, its normalisation, its activation; one more layer between them."""
    x = b.layer("Conv2D", x, name="conv", shape=(None, 8, 8, 4), filters=4, kernel_size=(1, 1))
    if normalise:
        x = b.layer("BatchNormalization", x, name="norm", shape=(None, 8, 8, 4))
    if drop:
        x = b.layer("Dropout", x, name="drop", shape=(None, 8, 8, 4), rate=0.5)
    return b.layer("Activation", x, name="act", shape=(None, 8, 8, 4), function="relu")


def one_branch(**layers: bool) -> Graph:
    b = Builder()
    return canonical(b.graph(normalised(b, b.input(8, 8, 4), **layers)))


def test_a_missing_normalisation_is_one_difference():
    found = one_branch(normalise=False)
    assert len(found.calls) == 2

    (difference,) = compare(found, one_branch())

    assert said(difference).startswith("A call of `BatchNormalization` is missing between `conv` and ")
    assert set(difference.after) <= {call.id for call in found.calls}


def test_a_layer_between_a_convolution_and_its_activation_is_one_difference():
    (difference,) = compare(one_branch(normalise=False, drop=True), one_branch(normalise=False))

    assert said(difference).startswith("`drop` is an extra call")


def test_a_missing_layer_whose_activation_is_still_there_is_missing():
    b = Builder()
    x = b.dense(b.input(8), 8)
    found = canonical(b.graph(b.layer("Activation", b.layer("Flatten", x), function="relu")))
    b = Builder()
    x = b.dense(b.input(8), 8)
    wanted = canonical(b.graph(b.dense(b.layer("Flatten", x), 8, activation="relu")))

    (difference,) = compare(found, wanted)

    assert (difference.kind, difference.missing) == ("missing", ("Dense",))


def two_joins(second: str, kind: str = "Concatenate") -> Graph:
    """Heads that read a join of two and a join of that with a third; the third head reads `second`."""
    b = Builder()
    x = b.input(8)
    p, q, r = (b.dense(x, size) for size in (4, 5, 6))
    small = b.merge(kind, p, q, name="small")
    large = b.merge(kind, small, r, name="large")
    heads = b.dense(large, 1, name="one"), b.dense({"small": small, "large": large}[second], 2, name="two")
    return canonical(b.graph(*heads, names=("one", "two")))


def test_a_head_that_reads_the_smaller_of_two_joins_is_one_edge():
    found, wanted = two_joins("small"), two_joins("large")
    assert len(found.calls) == len(wanted.calls) + 1

    (difference,) = compare(found, wanted)

    assert said(difference) == "`two` takes `small`; it should take `large`."
    assert len(difference.wires) == len(difference.absent_wires) == 1


def test_a_head_that_reads_the_larger_of_two_joins_is_one_edge():
    (difference,) = compare(two_joins("large"), two_joins("small"))

    assert difference.kind == "edge"
    assert said(difference).startswith("`two` takes `large`; it should take ")
    assert len(difference.wires) == 1
    # The smaller join is part of the larger one: it has no wire in the picture of what was found.
    assert difference.absent_wires == ()


def test_a_part_of_a_sum_that_is_another_merge_is_one_operator():
    def merged(kind: str) -> Graph:
        b = Builder()
        x = b.input(8)
        p, q, r = (b.dense(x, 4, activation=name) for name in ("relu", "tanh", None))
        return canonical(b.graph(b.merge("Add", b.merge(kind, p, q, name="inner"), r, name="outer")))

    (difference,) = compare(merged("Multiply"), merged("Add"))
    assert (difference.kind, *both(difference)) == ("operator", "Multiply", "Add")

    (difference,) = compare(merged("Add"), merged("Multiply"))
    assert (difference.kind, *both(difference)) == ("operator", "Add", "Multiply")


def test_a_factor_is_kept_where_it_stands():
    def scaled(kind: str) -> Graph:
        b = Builder()
        x = b.input(8)
        gate = b.layer("Multiply", b.dense(x, 8, activation="relu6"), shape=(None, 8), constant=0.5)
        return canonical(b.graph(b.merge(kind, x, gate, name="gated")))

    (difference,) = compare(scaled("Average"), scaled("Multiply"))

    assert (difference.kind, *both(difference)) == ("operator", "Average", "Multiply")


def gated(*, gate: bool, factor: float = 0.5) -> Graph:
    """A product of two tensors, the second of them behind two layers and a factor, or as it is."""
    b = Builder()
    x = b.dense(b.input(8), 8, activation="tanh")
    other = b.layer("Dropout", x, shape=(None, 8), rate=0.5)
    if gate:
        narrow = b.dense(b.dense(other, 2, activation="relu"), 8, activation="relu6")
        other = b.layer("Multiply", narrow, shape=(None, 8), constant=factor)
    return canonical(b.graph(b.dense(b.merge("Multiply", x, other), 3)))


def test_a_branch_takes_its_factor_with_it():
    """Whoever leaves a gate out, or puts one where there is none, has made one mistake."""
    (missing,) = compare(gated(gate=False), gated(gate=True))
    (extra,) = compare(gated(gate=True), gated(gate=False))
    (other,) = compare(gated(gate=True, factor=0.25), gated(gate=True))

    assert (missing.kind, missing.missing) == ("missing", ("Dense", "Dense"))
    assert (extra.kind, len(extra.found_calls)) == ("extra", 2)
    assert (other.kind, other.setting) == ("setting", "constant")
