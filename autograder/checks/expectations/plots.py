"""Holds expectations about a plot: what it shows and what is written on it, as matplotlib holds it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NoReturn

import numpy as np

from autograder.checks.expectations.base import names_text
from autograder.checks.expectations.numbers import near, not_finite, number_text, towards
from autograder.checks.expectations.values import HandedIn, ValueExpectations
from autograder.checks.subject import shapes_text
from autograder.checks.values import is_near, kind_of
from autograder.checks.verdict import Failure, NothingSeen
from autograder.evidence.schema import MAX_ARRAY_VALUES
from autograder.messages import Message, message, verbatim

Kind = Literal["lines", "points", "bars"]
Axes = Mapping[str, Any]
"""A pair of axes as evidence has it (`evidence.schema.AxesEntry`)."""
Series = Mapping[str, Any]
"""A line, points or bars as evidence has them (`evidence.schema.SeriesEntry`)."""


class PlotExpectations(ValueExpectations):
    """What can be expected of a plot that a task hands in, or that its function returns.

    Where a plot has several pairs of axes, each that shows something must have a title and labels; a line may
    be in any of them.
    """

    def plots(
        self,
        *,
        lines: int | None = None,
        points: int | None = None,
        bars: int | None = None,
        images: int | None = None,
    ) -> None:
        """Expect the plot to show at least so many lines, scatter plots, bar charts and images.

        A histogram counts as a bar chart.

        Without a number, as many of each as the reference's, or anything at all where there is no reference.

        >>> from matplotlib.figure import Figure
        >>> from autograder.checks import expect, subject_of
        >>> figure = Figure()
        >>> ax = figure.subplots()
        >>> line = ax.plot([1, 2, 3], [0.9, 0.5, 0.2], label="loss")
        >>> expect(subject_of(figure)).plots(lines=1)
        >>> expect(subject_of(figure)).plots(lines=2)
        Traceback (most recent call last):
            ...
        autograder.checks.verdict.CheckFailure: The plot has too few lines.
        """
        asked = {"lines": lines, "points": points, "bars": bars, "images": images}
        for one in self.handed_in():
            shown = self._axes(one)
            wanted = {kind: count for kind, count in asked.items() if count is not None}
            if not wanted and one.reference is not None:
                right = _shown_in(one.reference)
                wanted = {kind: sum(len(axes[kind]) for axes in right) for kind in asked}
            for kind, count in wanted.items():
                found = sum(len(axes[kind]) for axes in shown)
                if found < count:
                    self.fail(
                        _MISSING[kind],
                        found=verbatim(str(found)),
                        wanted=verbatim(str(count)),
                        where=one.where,
                    )

    def has_title(self, wanted: str | None = None) -> None:
        """Expect the plot to have a title: any, or `wanted`; capital letters and spaces do not count.

        >>> from matplotlib.figure import Figure
        >>> from autograder.checks import expect, subject_of
        >>> figure = Figure()
        >>> ax = figure.subplots()
        >>> line = ax.plot([1, 2, 3], [0.9, 0.5, 0.2], label="loss")
        >>> expect(subject_of(figure)).has_title()
        Traceback (most recent call last):
            ...
        autograder.checks.verdict.CheckFailure: The plot has no title.
        """
        for one in self.handed_in():
            shown = self._axes(one)
            whole = _plot(one)["title"]
            if wanted is None and whole.strip():
                continue
            titles = [whole, *(axes["title"] for axes in shown)]
            if wanted is not None and any(_same_text(title, wanted) for title in titles):
                continue
            found = " ".join(filter(None, titles))
            for axes in shown:
                if not axes["title"].strip():
                    self._unlabelled(one, message("The plot has no title."), axes, "`ax.set_title(...)`")
            if wanted is not None:
                self.fail(
                    message("The plot has another title."),
                    found=verbatim(found),
                    wanted=verbatim(wanted),
                    where=one.where,
                )

    def has_axis_labels(self, x: str | None = None, y: str | None = None) -> None:
        """Expect both axes to have labels: any, or those; capital letters and spaces do not count.

        >>> from matplotlib.figure import Figure
        >>> from autograder.checks import expect, subject_of
        >>> figure = Figure()
        >>> ax = figure.subplots()
        >>> line = ax.plot([1, 2, 3], [0.9, 0.5, 0.2], label="loss")
        >>> labels = ax.set(xlabel="epoch", ylabel="loss")
        >>> expect(subject_of(figure)).has_axis_labels(x="Epoch")
        >>> expect(subject_of(figure)).has_axis_labels(y="accuracy")
        Traceback (most recent call last):
            ...
        autograder.checks.verdict.CheckFailure: The y axis has another label.
        """
        for one in self.handed_in():
            for axes in self._axes(one):
                if not axes["x_label"].strip():
                    rationale = message("The x axis has no label.")
                    self._unlabelled(one, rationale, axes, "`ax.set_xlabel(...)`")
                if not axes["y_label"].strip():
                    rationale = message("The y axis has no label.")
                    self._unlabelled(one, rationale, axes, "`ax.set_ylabel(...)`")
                for rationale, found, wanted in (
                    (message("The x axis has another label."), axes["x_label"], x),
                    (message("The y axis has another label."), axes["y_label"], y),
                ):
                    if wanted is not None and not _same_text(found, wanted):
                        self.fail(
                            rationale,
                            found=verbatim(found),
                            wanted=verbatim(wanted),
                            where=_place(one, axes),
                        )

    def has_legend(self, *entries: str) -> None:
        """Expect a legend with those entries, or with any; capital letters and spaces do not count.

        >>> from matplotlib.figure import Figure
        >>> from autograder.checks import expect, subject_of
        >>> figure = Figure()
        >>> ax = figure.subplots()
        >>> line = ax.plot([1, 2, 3], [0.9, 0.5, 0.2], label="loss")
        >>> expect(subject_of(figure)).has_legend("loss")
        Traceback (most recent call last):
            ...
        autograder.checks.verdict.CheckFailure: The plot has no legend.
        """
        for one in self.handed_in():
            shown = self._axes(one)
            if all(axes["legend"] is None for axes in shown):
                self.fail(
                    message("The plot has no legend."),
                    wanted=names_text(entries) if entries else None,
                    where=one.where,
                    hint=message("Give each line a `label`, and call `ax.legend()` after the last of them."),
                )
            found = [entry for axes in shown for entry in axes["legend"] or () if entry.strip()]
            missing = [entry for entry in entries if not any(_same_text(entry, other) for other in found)]
            if missing or not found:
                self.fail(
                    message("The legend has no entry {missing}.", missing=names_text(missing))
                    if missing
                    else message("The legend is empty."),
                    found=names_text(found) if found else None,
                    wanted=names_text(entries) if entries else None,
                    where=one.where,
                )

    def has_scale(self, *, x: str | None = None, y: str | None = None) -> None:
        """Expect the axes to have those scales: `linear`, `log`, `symlog` and the like.

        >>> from matplotlib.figure import Figure
        >>> from autograder.checks import expect, subject_of
        >>> figure = Figure()
        >>> ax = figure.subplots()
        >>> line = ax.plot([1, 2, 3], [0.9, 0.5, 0.2], label="loss")
        >>> expect(subject_of(figure)).has_scale(y="log")
        Traceback (most recent call last):
            ...
        autograder.checks.verdict.CheckFailure: The y axis has the wrong scale.
        """
        for one in self.handed_in():
            for axes in self._axes(one):
                for rationale, found, wanted in (
                    (message("The x axis has the wrong scale."), axes["x_scale"], x),
                    (message("The y axis has the wrong scale."), axes["y_scale"], y),
                ):
                    if wanted is not None and found != wanted:
                        self.fail(
                            rationale,
                            found=verbatim(found),
                            wanted=verbatim(wanted),
                            where=_place(one, axes),
                        )

    def has_limits(self, *, x: Sequence[float] | None = None, y: Sequence[float] | None = None) -> None:
        """Expect the axes to reach from the first to the second of those numbers.

        >>> from matplotlib.figure import Figure
        >>> from autograder.checks import expect, subject_of
        >>> figure = Figure()
        >>> ax = figure.subplots()
        >>> line = ax.plot([1, 2, 3], [0.9, 0.5, 0.2], label="loss")
        >>> limits = ax.set_ylim(0, 1)
        >>> expect(subject_of(figure)).has_limits(y=(0, 1))
        >>> expect(subject_of(figure)).has_limits(x=(0, 10))
        Traceback (most recent call last):
            ...
        autograder.checks.verdict.CheckFailure: The x axis has the wrong limits.
        """
        for one in self.handed_in():
            for axes in self._axes(one):
                for rationale, told, wanted in (
                    (message("The x axis has the wrong limits."), axes["x_limits"], x),
                    (message("The y axis has the wrong limits."), axes["y_limits"], y),
                ):
                    found = [float(limit) for limit in told]
                    if wanted is not None and not all(map(is_near, found, wanted)):
                        self.fail(
                            rationale,
                            found=verbatim(_numbers_text(found)),
                            wanted=verbatim(_numbers_text(wanted)),
                            where=_place(one, axes),
                        )

    def shows_line(
        self,
        y: Any = None,
        *,
        x: Any = None,
        label: str | None = None,
        tolerance: float | None = None,
    ) -> None:
        """Expect a line through those points; without `y`, every line that the reference's plot has.

        Args:
            y: the heights of its points.
            x: where they are; anywhere if it is not given.
            label: what the line is called, in whatever capital letters.
            tolerance: how far a number may be off; rounding alone where it is not given.

        >>> from matplotlib.figure import Figure
        >>> from autograder.checks import expect, subject_of
        >>> figure = Figure()
        >>> ax = figure.subplots()
        >>> line = ax.plot([1, 2, 3], [0.9, 0.5, 0.2], label="loss")
        >>> expect(subject_of(figure)).shows_line([0.9, 0.5, 0.2], x=[1, 2, 3], label="Loss")
        >>> expect(subject_of(figure)).shows_line([0.9, 0.5, 0.1])
        Traceback (most recent call last):
            ...
        autograder.checks.verdict.CheckFailure: The line has a wrong y in 1 of 3 points; the first is point 2,
        counted from 0.
        """
        self._shows("lines", x, y, label, tolerance)

    def shows_points(
        self,
        y: Any = None,
        *,
        x: Any = None,
        label: str | None = None,
        tolerance: float | None = None,
    ) -> None:
        """Expect a scatter plot of those points; without `y`, every one that the reference's plot has.

        >>> from matplotlib.figure import Figure
        >>> from autograder.checks import expect, subject_of
        >>> figure = Figure()
        >>> ax = figure.subplots()
        >>> points = ax.scatter([1, 2], [3, 4])
        >>> expect(subject_of(figure)).shows_points([3, 4], x=[1, 2])
        >>> expect(subject_of(figure)).shows_points([3, 5])
        Traceback (most recent call last):
            ...
        autograder.checks.verdict.CheckFailure: The scatter plot has a wrong y in 1 of 2 points; the first is
        point 1, counted from 0.
        """
        self._shows("points", x, y, label, tolerance)

    def shows_bars(
        self,
        lengths: Any = None,
        *,
        at: Any = None,
        label: str | None = None,
        tolerance: float | None = None,
    ) -> None:
        """Expect bars, or a histogram, of those lengths; without them, all that the reference's has.

        Args:
            lengths: how long they are, whether they stand or lie.
            at: where their middles are; anywhere if it is not given.
            label: what they are called, in whatever capital letters.
            tolerance: how far a number may be off; rounding alone where it is not given.

        >>> from matplotlib.figure import Figure
        >>> from autograder.checks import expect, subject_of
        >>> figure = Figure()
        >>> ax = figure.subplots()
        >>> bars = ax.bar(["Adam", "SGD"], [0.9, 0.7])
        >>> expect(subject_of(figure)).shows_bars([0.9, 0.7])
        >>> expect(subject_of(figure)).shows_bars([0.9, 0.8])
        Traceback (most recent call last):
            ...
        autograder.checks.verdict.CheckFailure: 1 of 2 bars have the wrong length; the first is bar 1, counted
        from 0.
        """
        self._shows("bars", at, lengths, label, tolerance)

    def shows_image(self, shape: Sequence[int] | None = None) -> None:
        """Expect an image of that shape; without one, images of the shapes of the reference's.

        >>> from matplotlib.figure import Figure
        >>> from autograder.checks import expect, subject_of
        >>> figure = Figure()
        >>> ax = figure.subplots()
        >>> image = ax.imshow([[0, 1], [1, 0], [0, 0]])
        >>> expect(subject_of(figure)).shows_image((3, 2))
        >>> expect(subject_of(figure)).shows_image((28, 28))
        Traceback (most recent call last):
            ...
        autograder.checks.verdict.CheckFailure: The plot has no image of that shape.
        """
        for one in self.handed_in():
            found = [tuple(image) for axes in self._axes(one) for image in axes["images"]]
            if shape is None:
                assert one.reference is not None, "this expectation needs the reference solution"
                wanted = [tuple(image) for axes in _shown_in(one.reference) for image in axes["images"]]
            else:
                wanted = [tuple(shape)]
            for image in wanted:
                if image not in found:
                    self.fail(
                        message("The plot has no image of that shape.") if found else _MISSING["images"],
                        found=verbatim(shapes_text(found)) if found else None,
                        wanted=verbatim(shapes_text([image])),
                        where=one.where,
                    )

    def _shows(self, kind: Kind, x: Any, y: Any, label: str | None, tolerance: float | None) -> None:
        for one in self.handed_in():
            shown = [series for axes in self._axes(one) for series in axes[kind]]
            if label is not None:
                shown = self._called(one, kind, shown, label)
            if not shown:
                self.fail(_MISSING[kind], where=one.where)
            if y is not None:
                self._has(one, kind, shown, x, y, tolerance)
                continue
            assert one.reference is not None, "this expectation needs the reference solution"
            left = list(shown)
            for series in (series for axes in _shown_in(one.reference) for series in axes[kind]):
                if label is not None and not _same_text(series["label"], label):
                    continue
                if not left:
                    self.fail(_MISSING[kind], where=one.where)
                left.remove(self._has(one, kind, left, _told(series["x"]), _told(series["y"]), tolerance))

    def _called(self, one: HandedIn, kind: Kind, shown: list[Series], label: str) -> list[Series]:
        called = [series for series in shown if _same_text(series["label"], label)]
        if shown and not called:
            self.fail(
                _UNCALLED[kind],
                found=names_text([series["label"] for series in shown if series["label"]]),
                wanted=names_text([label]),
                where=one.where,
            )
        return called

    def _has(
        self, one: HandedIn, kind: Kind, shown: Sequence[Series], x: Any, y: Any, tolerance: float | None
    ) -> Series:
        """Return one of the series that goes through those points; the check fails where there is none."""
        wanted = {
            side: np.asarray(numbers, "float64").reshape(-1).tolist()
            for side, numbers in (("y", y), ("x", x))
            if numbers is not None
        }
        count = len(wanted["y"])
        wrong: list[tuple[int, str, list[int], Series]] = []
        for series in shown:
            # Evidence tells only the first points of a long line, for the reference's as for the learner's.
            if series["y"]["shape"][0] != count and not (
                series["y"]["truncated"] and count >= MAX_ARRAY_VALUES
            ):
                continue
            sides = {
                side: [
                    place
                    for place, pair in enumerate(zip(_told(series[side]), numbers, strict=False))
                    if not is_near(*pair, tolerance)
                ]
                for side, numbers in wanted.items()
            }
            if not any(sides.values()):
                return series
            side = next(side for side, places in sides.items() if places)
            wrong.append((sum(map(len, sides.values())), side, sides[side], series))
        if not wrong:
            counts = ", ".join(str(series["y"]["shape"][0]) for series in shown)
            self.fail(
                _OF_OTHER_LENGTH[kind], found=verbatim(counts), wanted=verbatim(str(count)), where=one.where
            )
        _, side, places, series = min(wrong, key=lambda item: item[0])
        return self._is_off(one, kind, series, side, places, wanted[side], tolerance)

    def _is_off(
        self,
        one: HandedIn,
        kind: Kind,
        series: Series,
        side: str,
        places: list[int],
        wanted: list[float],
        tolerance: float | None,
    ) -> NoReturn:
        """Fail with the first point that is somewhere else."""
        place = places[0]
        found, right = _told(series[side])[place], wanted[place]
        gaps: dict[str, Message | int | float | str] = {
            "count": len(places),
            "total": len(wanted),
            "place": place,
        }
        where = one.where
        if series["label"]:
            label = message("what is labelled {label}", label=repr(series["label"]))
            where = label if where is None else message("{place}, {when}", place=label, when=where)
        self.fail(
            Message(text=_OFF[kind, side].text, values=gaps),
            found=verbatim(number_text(found)),
            wanted=near(right, tolerance) if one.is_returned else towards(found, right, tolerance),
            where=where,
            hint=not_finite(found),
        )

    def _axes(self, one: HandedIn) -> list[Axes]:
        """Return the axes of a plot that show something.

        Raises:
            NothingSeen: it is not a plot, or an empty one.
        """
        if one.value["kind"] != "plot":
            hint = message(
                "Give the figure a name where it is made, `figure, ax = plt.subplots()`, and hand it in."
            )
            raise NothingSeen(
                Failure(
                    rationale=message("This task needs a plot."),
                    found=kind_of(one.value),
                    wanted=message("a figure of matplotlib's, or its axes"),
                    where=one.where,
                    hint=one.none_returned or hint,
                )
            )
        shown = _shown_in(one.value)
        if not shown:
            raise NothingSeen(
                Failure(
                    rationale=message("The plot is empty."),
                    found=message("a figure with nothing drawn into it"),
                    where=one.where,
                    hint=message(
                        "Did its cell stop with an error before it drew? Or was something drawn into the "
                        "axes of another figure?"
                    ),
                )
            )
        return shown

    def _unlabelled(self, one: HandedIn, rationale: Message, axes: Axes, call: str) -> NoReturn:
        self.fail(rationale, wanted=verbatim(call), where=_place(one, axes))


_MISSING = {
    "lines": message("The plot has too few lines."),
    "points": message("The plot has too few scatter plots."),
    "bars": message("The plot has too few bar charts or histograms."),
    "images": message("The plot has too few images."),
}
_UNCALLED = {
    "lines": message("No line of the plot has the label that is wanted."),
    "points": message("No points of the plot have the label that is wanted."),
    "bars": message("No bars of the plot have the label that is wanted."),
}
_OF_OTHER_LENGTH = {
    "lines": message("No line of the plot has as many points as are wanted."),
    "points": message("No scatter plot has as many points as are wanted."),
    "bars": message("The plot has another number of bars."),
}
_OFF = {
    ("lines", "y"): message(
        "The line has a wrong y in {count} of {total} points; the first is point {place}, counted from 0."
    ),
    ("lines", "x"): message(
        "The line has a wrong x in {count} of {total} points; the first is point {place}, counted from 0."
    ),
    ("points", "y"): message(
        "The scatter plot has a wrong y in {count} of {total} points; the first is point {place}, counted "
        "from 0."
    ),
    ("points", "x"): message(
        "The scatter plot has a wrong x in {count} of {total} points; the first is point {place}, counted "
        "from 0."
    ),
    ("bars", "y"): message(
        "{count} of {total} bars have the wrong length; the first is bar {place}, counted from 0."
    ),
    ("bars", "x"): message(
        "{count} of {total} bars are in the wrong place; the first is bar {place}, counted from 0."
    ),
}


def _shown_in(plot: Any) -> list[Axes]:
    """Return the axes of a plot in which something is drawn."""
    if plot["kind"] != "plot":
        return []
    return [axes for axes in plot["axes"] if any(_content(axes))]


def _content(axes: Axes) -> Iterator[bool]:
    yield from (bool(axes[kind]) for kind in ("lines", "points", "bars", "images"))
    yield axes["others"] > 0


def _plot(one: HandedIn) -> Mapping[str, Any]:
    plot: Any = one.value
    return plot  # type: ignore[no-any-return]


def _told(array: Mapping[str, Any]) -> list[float]:
    return [float(value) for value in array["values"]]


def _place(one: HandedIn, axes: Axes) -> Message | None:
    """Return which of several axes are meant, in words."""
    every = _plot(one)["axes"]
    if len(every) == 1:
        return one.where
    number = next(number for number, other in enumerate(every) if other is axes)
    place = message("axes {number} of {count}", number=number + 1, count=len(every))
    return place if one.where is None else message("{place}, {when}", place=place, when=one.where)


def _same_text(found: str, wanted: str) -> bool:
    return " ".join(found.split()).lower() == " ".join(wanted.split()).lower()


def _numbers_text(numbers: Sequence[float]) -> str:
    return ", ".join(map(number_text, numbers))
