"""The tables of this folder's README that hold figures: written from `results.json`, never by hand.

    python -m benchmarks.tables

Each stands between two comments, `<!-- figures: begin -->` and `<!-- figures: end -->`. What a benchmark
records is in them at once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from string import ascii_uppercase
from typing import Any

Figures = Mapping[str, Mapping[str, Any]]
FOLDER = Path(__file__).parent
AUDITED = ("mutants", "killed", "explained", "equivalents", "refused")

# What each figure says, and what is written behind its value, there and in its aim.
FIGURES: Mapping[str, tuple[str, str]] = {
    "grading.times_nbgrader": (
        "grading a submission, against plain `nbgrader autograde` on one core",
        " times as fast",
    ),
    "grading.times_nbgrader_two_cores": (
        "the same with both cores: `--jobs 2`, against an nbgrader that grades one after the other",
        " times as fast",
    ),
    "grading.times_otter": ("the same against Otter, one core", " times as fast"),
    "grading.times_papermill": (
        "against a grader made with papermill, which has the checks as plain asserts",
        " times as fast",
    ),
    "grading.times_nbclient": ("against the same made with nbclient", " times as fast"),
    "grading.times_floor": (
        "against the learner's own cells in a warm interpreter, without jail or checks; the wrong third of "
        "these submissions is run twice, because errors are carried forward",
        " times their time",
    ),
    "grading.times_floor_right": (
        "the same where every submission is right, so that each is run once",
        " times their time",
    ),
    "gradebook.times_nbgrader": (
        "a class of 30 into the gradebook by `autograder grade --gradebook`, start included, against plain "
        "`nbgrader autograde`, on two processors",
        " times as fast",
    ),
    "gradebook.configured_times_nbgrader": (
        "the same by `nbgrader autograde` with our steps",
        " times as fast",
    ),
    "marks.gap": (
        "the mean distance of our marks from a fair teacher's, over worked cases (see *Marks*)",
        " points of ten",
    ),
    "marks.charged_twice": (
        "points that tasks with right answers lose by forty slips in the other tasks of each assignment",
        "",
    ),
    "errors.explained": (
        "kinds of errors that are explained in each of five versions of Keras",
        "",
    ),
    "graph.architectures_read": ("models of `keras.applications` that are read into a graph", ""),
    "graph.shapes_disagreeing": ("output shapes computed for them that differ from Keras's own", ""),
    "graph.mutants": ("models of `keras.applications` changed in one place: ten places each", ""),
    "graph.misnamed": ("of them, those whose one difference is not exactly that change", ""),
    "graph.copies_refused": ("permuted or renamed copies of them that do not compare equal", ""),
    "watch.over_cold_import": (
        "from a save to its verdict under `autograder watch`, the notebook's own cells left out, against a "
        'cold `python -c "import keras"`',
        " of its time",
    ),
    "check.ms.model-as-layer": (
        "a card in a notebook, for the slowest of the ten assignments: two Xceptions instead of one",
        " ms",
    ),
    "check.ms.capstone": ("the same, for the next slowest", " ms"),
    "author.seconds_to_first_grade": (
        "from `autograder new --course` to a small course that is graded",
        " s",
    ),
    "release.seconds_one_of_ten": ("`autograder release` after a change to one of ten assignments", " s"),
    "startup.seconds_help": ("`autograder --help`", " s"),
    "attacks.runs": (
        "hostile submissions graded: every technique of SECURITY.md, at both levels, as root and as an "
        "ordinary user",
        "",
    ),
    "attacks.forged": ("of them, graded otherwise than their model deserves", ""),
    "attacks.canaries": (
        "files that revealed a string planted in a hidden check, a solution, a gradebook or another "
        "submission",
        "",
    ),
    "attacks.neighbours_harmed": ("honest submissions graded after them that lost a point", ""),
    "gradescope.attacks_runs": (
        "hostile submissions graded by what `autograder export gradescope` makes, in a container's "
        "restrictions: every technique, with Landlock and without",
        "",
    ),
    "gradescope.forged": ("of them, graded otherwise than their model deserves", ""),
    "gradescope.seen": (
        "of them, those that revealed a string planted in a hidden check, a solution, or what was said of "
        "an earlier submission",
        "",
    ),
    "gradescope.changed": ("of them, those that changed the autograder's folder or left files there", ""),
    "gradescope.class_tasks": (
        "tasks of the example class that were graded by what `autograder export gradescope` makes",
        "",
    ),
    "gradescope.scores_differing": ("of them, those whose score is not that of `autograder grade`", ""),
    "github.class_tasks": (
        "the same by the workflows of `autograder export github`: the instructor's, and the learner's for "
        "public checks",
        "",
    ),
    "github.scores_differing": ("of them, those with another score by the instructor's workflow", ""),
    "github.public_scores_differing": (
        "of them, those whose public checks give something else by the learner's workflow",
        "",
    ),
    "jail.full_ms_per_submission": ("what the jail adds to a run at `full`", " ms"),
    "jail.contained_ms_per_submission": ("the same at `contained`", " ms"),
    "odd.time_over_allowed": (
        "a class of 200 with 42 submissions that are hard on the grader, against the right ones alone and "
        "the time that the limits allow the 42",
        " times that time",
    ),
    "faults.kills": (
        "times that `kill -9` ended a grader, or a process below it, during grading",
        "",
    ),
    "faults.lost": ("reports lost because of that", ""),
    "faults.doubled": ("reports that were there twice", ""),
    "faults.different": ("reports that differ from those of an undisturbed run", ""),
    "dask.speedup_2_workers": (
        "two workers of a Dask cluster against one, on two processors that others use as well "
        "([SCALE.md](SCALE.md))",
        " times as fast",
    ),
    "dask.overhead_per_submission": (
        "handing a submission out and its report back, against grading it",
        " of its time",
    ),
    "dask.lost": (
        "reports lost by 30 times `kill -9` for a worker, its grading process or the scheduler",
        "",
    ),
    "dask.doubled": ("reports that were there twice after them", ""),
    "cache.submissions_per_second": (
        "grading a class of 10,000 again in which nothing has changed, the median of five times",
        " submissions a second",
    ),
    "memory.peak_10000_over_500": (
        "the memory of grading 10,000 submissions, against that of 500",
        " times as much",
    ),
    "classreport.seconds_10000": ("the class report of 10,000 submissions", " s"),
    "fuzzing.inputs": ("notebooks, evidence and course files made up by a fuzzer", ""),
    "fuzzing.faults": ("kinds of them that revealed a fault", ""),
    "tests.seconds": ("`make test`", " s"),
    "tests.fast_seconds": ("`make test-fast`", " s"),
}
BOUNDS = {">=": "at least", "<=": "at most", "<": "less than", "=": "exactly"}


def main() -> None:
    """Write the tables anew."""
    write_tables(json.loads((FOLDER / "results.json").read_text(encoding="utf-8")), FOLDER / "README.md")


def write_tables(figures: Figures, page: Path) -> None:
    """Put the tables of these figures in the place of those that a page has."""
    text = page.read_text(encoding="utf-8")
    for name, table in (("figures", figures_table(figures)), ("graders", graders_table(figures))):
        between = re.compile(rf"(<!-- {name}: begin -->\n).*?(<!-- {name}: end -->)", re.DOTALL)
        text = between.sub(lambda found, table=table: f"{found[1]}{table}{found[2]}", text)  # type: ignore[misc]
    page.write_text(text, encoding="utf-8")


def figures_table(figures: Figures) -> str:
    """Return a table with a row for each figure, and below it the machines that its last column names.

    A row has what the figure says, what was measured, its aim, when and on which machine.
    """
    letters: dict[str, str] = {}
    rows = []
    for name, (says, behind) in FIGURES.items():
        if (figure := figures.get(name)) is None:
            continue
        letter = letters.setdefault(machine(figure["machine"]), ascii_uppercase[len(letters)])
        rows.append(
            f"| `{name}` | {says} | {number(figure['value'])}{behind} | {aim(figure['aim'])} "
            f"| {figure['date']}, {letter} |"
        )
    machines = [f"- {letter}: {described}" for described, letter in letters.items()]
    head = ["| figure | what it says | measured | aim | when, where |", "|---|---|---|---|---|"]
    return "\n".join([*head, *rows, "", *machines, ""])


def graders_table(figures: Figures) -> str:
    """Return a table with a row for each assignment that was audited."""
    head = (
        "| assignment | wrong answers | that lose points | with a message that leads to the slip "
        "| right programs | refused |"
    )
    rows = []
    for name in sorted(key.split(".")[1] for key in figures if re.fullmatch(r"audit\..+\.mutants", key)):
        wrong, lose, explained, right, refused = (figures[f"audit.{name}.{key}"]["value"] for key in AUDITED)
        rows.append(f"| `{name}` | {wrong} | {lose:.1%} | {explained:.1%} | {right} | {refused} |")
    return "\n".join([head, "|---|---|---|---|---|---|", *rows, ""])


def machine(described: Mapping[str, Any]) -> str:
    """Write a machine in a line; figures of the first days do not name the processor."""
    processor = described.get("processor", "").replace("(R)", "").removesuffix(" Processor")
    cores = described["cores"]
    written = f"{cores} core{'s' if cores > 1 else ''} of {processor or 'a processor that was not noted'}"
    return f"{written}, {described['system']}, Python {described['python']}"


def number(value: float) -> str:
    """Write a figure's value as people read it: thousands apart, a whole number without a point."""
    return f"{int(value):,}" if value == int(value) else f"{value:,}"


def aim(text: str) -> str:
    """Write an aim in words: `>= 25` is "at least 25"."""
    sign, _, bound = text.rpartition(" ")
    return f"{BOUNDS[sign]} {number(float(bound))}" if sign in BOUNDS else text


if __name__ == "__main__":
    main()
