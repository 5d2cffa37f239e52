"""Plots: what they show and what is written at them, by what matplotlib holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from autograder.checks import expect
from tests.checks.subjects import said, subject

X, LOSS, VALIDATION = [1, 2, 3], [0.9, 0.5, 0.25], [0.95, 0.7, 0.6]


def curves(
    loss: Any = LOSS, *, labels: bool = True, title: str = "Loss", legend: bool = True, x: Any = X
) -> Any:
    """Two curves of a training, as a figure."""
    figure = Figure()
    axes = figure.subplots()
    axes.plot(x, loss, label="training")
    axes.plot(X, VALIDATION, label="validation")
    if labels:
        axes.set(xlabel="epoch", ylabel="loss")
    axes.set_title(title)
    if legend:
        axes.legend()
    return figure


def drawn(draw: Callable[[Any], object]) -> Any:
    figure = Figure()
    axes = figure.subplots()
    draw(axes)
    return figure


def test_a_right_plot_meets_every_demand() -> None:
    for handed_in in (curves(), curves().axes, curves().axes[0], np.array(curves().axes)):
        plot = expect(subject(handed_in, curves()))

        plot.plots(lines=2)
        plot.plots()
        plot.has_title()
        plot.has_title(" loss")
        plot.has_axis_labels()
        plot.has_axis_labels(x="Epoch")
        plot.has_legend("Training", "validation")
        plot.has_scale(x="linear", y="linear")
        plot.shows_line()
        plot.shows_line(LOSS, label="training")
        plot.shows_line(np.array(LOSS) + 0.01, x=X, tolerance=0.02)


@pytest.mark.parametrize(
    ("plot", "demand", "sentence"),
    [
        (3, lambda e: e.has_title(), "This task needs a plot. | 3 | a figure of matplotlib's, or its axes"),
        (
            drawn(lambda axes: None),
            lambda e: e.has_title(),
            "The plot is empty. | a figure with nothing drawn into it",
        ),
        (curves(title=""), lambda e: e.has_title(), "The plot has no title. | `ax.set_title(...)`"),
        (curves(), lambda e: e.has_title("Accuracy"), "The plot has another title. | Loss | Accuracy"),
        (
            curves(labels=False),
            lambda e: e.has_axis_labels(),
            "The x axis has no label. | `ax.set_xlabel(...)`",
        ),
        (curves(), lambda e: e.has_axis_labels(y="error"), "The y axis has another label. | loss | error"),
        (curves(legend=False), lambda e: e.has_legend(), "The plot has no legend."),
        (
            curves(),
            lambda e: e.has_legend("test"),
            "The legend has no entry 'test'. | 'training', 'validation' | 'test'",
        ),
        (curves(), lambda e: e.has_scale(y="log"), "The y axis has the wrong scale. | linear | log"),
        (
            curves(),
            lambda e: e.has_limits(y=(0, 2)),
            "The y axis has the wrong limits. | 0.215, 0.985 | 0, 2",
        ),
        (curves(), lambda e: e.plots(lines=3), "The plot has too few lines. | 2 | 3"),
        (curves(), lambda e: e.plots(images=1), "The plot has too few images. | 0 | 1"),
        (
            curves([0.9, 0.4, 0.2]),
            lambda e: e.shows_line(),
            "The line has a wrong y in 2 of 3 points; the first is point 1, counted from 0. | 0.4 | a larger "
            "number | what is labelled 'training'",
        ),
        (
            curves(x=[0, 1, 2]),
            lambda e: e.shows_line(),
            "The line has a wrong x in 3 of 3 points; the first is point 0, counted from 0. | 0 | a larger "
            "number | what is labelled 'training'",
        ),
        (
            curves([0.9, 0.5], x=[1, 2]),
            lambda e: e.shows_line([1, 2, 3, 4]),
            "No line of the plot has as many points as are wanted. | 2, 3 | 4",
        ),
        (
            curves(),
            lambda e: e.shows_line(LOSS, label="test"),
            "No line of the plot has the label that is wanted. | 'training', 'validation' | 'test'",
        ),
        (drawn(lambda axes: axes.bar([1], [2])), lambda e: e.shows_line(LOSS), "The plot has too few lines."),
    ],
)
def test_what_a_plot_lacks_is_said(plot: Any, demand: Callable[[Any], None], sentence: str) -> None:
    assert said(lambda: demand(expect(subject(plot, curves())))) == sentence


def test_points_bars_and_images_are_seen() -> None:
    points = expect(subject(drawn(lambda axes: axes.scatter([1, 2], [3, 4]))))
    bars = expect(subject(drawn(lambda axes: axes.bar(["a", "b"], [3, 4]))))
    lying = expect(subject(drawn(lambda axes: axes.barh(["a", "b"], [3, 4]))))
    counts = expect(subject(drawn(lambda axes: axes.hist([0, 0, 1, 1, 1], bins=2))))
    image = expect(subject(drawn(lambda axes: axes.imshow(np.zeros((4, 5))))))

    points.shows_points([3, 4], x=[1, 2])
    bars.shows_bars([3, 4], at=[0, 1])
    lying.shows_bars([3, 4], at=[0, 1])
    counts.shows_bars([2, 3])
    image.shows_image((4, 5))
    assert said(lambda: image.shows_image((5, 4))) == "The plot has no image of that shape. | (4, 5) | (5, 4)"
    assert said(lambda: counts.shows_bars([1, 3])) == (
        "1 of 2 bars have the wrong length; the first is bar 0, counted from 0. | 2 | a smaller number"
    )
    assert said(lambda: bars.shows_bars([3])) == "The plot has another number of bars. | 2 | 1"


def test_what_is_drawn_otherwise_is_not_taken_for_nothing() -> None:
    expect(subject(drawn(lambda axes: axes.pie([1, 2])))).plots()
    expect(subject(drawn(lambda axes: axes.fill_between(X, LOSS)))).plots()


def test_labels_that_several_axes_share_are_said_once() -> None:
    figure = Figure()
    above, below = figure.subplots(2, sharex=True)
    above.plot(X, LOSS)
    below.plot(X, VALIDATION)
    below.set_xlabel("epoch")
    figure.supylabel("loss")
    figure.suptitle("A training")

    expect(subject(figure)).has_axis_labels()
    expect(subject(figure)).has_title()
    figure.suptitle("")
    above.set_title("Training")
    assert said(lambda: expect(subject(figure)).has_title()) == (
        "The plot has no title. | `ax.set_title(...)` | axes 2 of 2"
    )


def test_twin_axes_and_colour_bars_need_no_title_of_their_own() -> None:
    figure = Figure()
    axes = figure.subplots()
    axes.plot(X, LOSS)
    axes.twinx().plot(X, VALIDATION)
    axes.set(title="Both", xlabel="epoch", ylabel="loss")
    figure.axes[1].set_ylabel("accuracy")
    expect(subject(figure)).has_title()
    expect(subject(figure)).has_axis_labels()

    figure = Figure()
    axes = figure.subplots()
    figure.colorbar(axes.imshow(np.zeros((2, 2))))
    axes.set(title="Image", xlabel="x", ylabel="y")
    expect(subject(figure)).has_title()


def test_a_plot_that_a_function_returns_is_judged_for_each_call() -> None:
    made = subject(
        lambda n: drawn(lambda axes: axes.plot(range(n))),
        lambda n: drawn(lambda axes: axes.plot(np.arange(n) * 2)),
        [[{"value": 3}]],
    )

    assert said(lambda: expect(made).shows_line()) == (
        "The line has a wrong y in 2 of 3 points; the first is point 1, counted from 0. | 1 | 2 | when "
        "called with 3"
    )
