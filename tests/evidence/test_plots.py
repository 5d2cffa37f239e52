"""Plots as evidence: what matplotlib holds, under caps, and nothing of what only looks like a plot."""

from __future__ import annotations

import json
from itertools import repeat
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from autograder.evidence import capture, read, schema


def told(thing: Any) -> Any:
    """A value as it is read outside."""
    (value,) = read(json.dumps(capture("task", [thing]))).arguments
    return value


def figure(count: int = 1) -> Any:
    made = Figure()
    for axes in np.atleast_1d(made.subplots(count)):
        axes.plot([1, 2], [3.0, float("nan")], label="loss")
    return made


def test_a_figure_is_told_by_its_axes() -> None:
    made = figure()
    axes = made.axes[0]
    axes.set(title="Loss", xlabel="epoch", ylabel="loss", yscale="log", xlim=(0, 4))
    axes.legend()
    made.suptitle("Training")

    plot = told(made)

    (shown,) = plot["axes"]
    assert (plot["kind"], plot["title"], shown["title"]) == ("plot", "Training", "Loss")
    assert (shown["x_label"], shown["y_label"]) == ("epoch", "loss")
    assert (shown["x_scale"], shown["y_scale"], shown["x_limits"]) == ("linear", "log", [0.0, 4.0])
    assert (shown["legend"], shown["others"]) == (["loss"], 0)
    (line,) = shown["lines"]
    assert (line["label"], line["x"]["values"], line["y"]["values"]) == ("loss", [1.0, 2.0], [3.0, "nan"])


def test_axes_and_lists_of_them_and_what_draws_returns_are_the_same_plot() -> None:
    made = figure(2)
    first, second = made.axes

    forms: list[Any] = [made, [first, second], np.array([[first], [second]]), (made, made.axes)]

    assert [told(form) for form in forms] == [told(made)] * len(forms)
    assert told(first.plot([1])) == told(first)
    assert told(first.bar(["a"], [1]))["kind"] == "plot"


def test_long_lines_are_cut_and_many_are_refused() -> None:
    long, many = figure(), figure()
    long.axes[0].plot(range(5000))
    many.axes[0].plot(np.zeros((2, schema.MAX_SERIES + 1)))

    line = told(long)["axes"][0]["lines"][1]
    assert (line["y"]["shape"], len(line["y"]["values"])) == ([5000], 1000)
    assert told(many)["kind"] == "opaque"
    assert told(figure(schema.MAX_AXES + 1))["kind"] == "opaque"


def test_a_list_of_many_plots_has_an_end() -> None:
    """A list that is longer than a plot may have axes is a list, whose plots take the room for values."""
    made = Figure()
    made.subplots()

    kinds = [item["kind"] for item in told(dict.fromkeys(range(3000), made))["items"][0]]
    items = told(dict.fromkeys(range(3000), made))["items"]

    assert kinds == ["number", "plot"]
    assert [item["kind"] for _, item in items][-1] == "opaque"


class Odd(Figure):
    """A figure that is asked for its axes and answers something else, once it is made."""

    answer: Any = None

    @property
    def axes(self) -> Any:
        return [] if self.answer is None else self.answer()


def odd(answer: Any) -> Any:
    made = Odd()
    made.answer = answer
    return made


def raising() -> Any:
    raise RuntimeError("asked")


class Named:
    """It says that it is a figure."""

    __module__ = "matplotlib.figure"
    axes = ()

    @property
    def __class__(self) -> type:  # type: ignore[override]
        return Figure


class Titled(Axes):
    """Axes that say a title that they do not have."""

    def get_title(self, *_: Any, **__: Any) -> str:
        return "Loss"


@pytest.mark.parametrize("thing", [odd(lambda: [object()]), odd(raising), Named()])
def test_what_only_looks_like_a_plot_is_opaque(thing: Any) -> None:
    assert told(thing)["kind"] == "opaque"


def test_axes_without_an_end_are_the_same_ones() -> None:
    axes = figure().axes[0]

    assert len(told(odd(lambda: repeat(axes)))["axes"]) == 1


def test_a_class_cannot_answer_for_its_title() -> None:
    made = Figure()
    made.add_axes(Titled(made, [0, 0, 1, 1]))

    assert told(made)["axes"][0]["title"] == ""
