"""A class with one odd submission of each kind: what they cost the others, and whether any is left out.

Two classes are graded by as many processes, one after the other: right submissions alone, and as many right
ones, some of them in odd files or under odd names, among half notebooks, links and techniques of
`tests/attacks`. Every right submission must have full marks in both classes; no technique may get more than
its model is worth; each folder has a report, and no traceback is said.

An odd submission may use up a limit of the course: a cell's seconds, a notebook's, the judging's. The reports
tell which. So the class may take the time of the right ones and those seconds, and no more.

    python -m benchmarks.odd [--students 200] [--jobs 2] [--dry-run]
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat

from autograder.course import Course, load_course
from autograder.feedback import Report, read_report, report_path
from autograder.grading.budget import budget_of
from autograder.grading.finding import find_submissions
from autograder.sandbox.reader import GRACE_SECONDS
from benchmarks.options import at_least_one, benchmark_options
from benchmarks.results import record
from tests.attacks.battlefield import prepare
from tests.attacks.techniques import CORPUS, Grounds, Sheet, Technique
from tests.gradebook.courses import environment

COMMAND = "make bench-odd"
ASSIGNMENTS = ("residual-projection", "inception", "residual-identity", "multi-input")
ODD = "inception"
SHOWN = 10
"""How many are shown that have used up no limit."""

TECHNIQUES = (
    "burdening-error-of-megabytes",
    "burdening-size-changed-after-building",
    "burdening-parts-without-number",
    "burdening-sizes-that-multiply",
    "burdening-empty-outputs-without-number",
    "burdening-one-update-in-ten-thousand-places",
    "burdening-output-nested-deep",
    "burdening-streams-in-turn",
    "burdening-function-replaced-by-its-result",
    "burdening-values-that-are-hard-to-compare",
    "escaping-empty-notebook-beside-what-has-no-end",
    "escaping-notebook-without-an-end",
    "escaping-notebook-that-is-a-folder",
    "escaping-folder-that-is-a-link-to-anothers",
    "escaping-file-larger-than-the-disk",
    "escaping-name-that-is-no-text",
    "escaping-backslash-and-line-break-in-a-name",
    "exhausting-endless-loop",
    "exhausting-sleep",
    "exhausting-deaf-loop",
    "exhausting-loop-in-c",
    "exhausting-memory",
    "exhausting-printed-flood",
    "exhausting-small-files",
    "exhausting-giant-numbers",
    "exhausting-deep-notebook",
    "exhausting-giant-number-in-the-notebook",
    "forging-probes-cut-to-the-first",
    "forging-setting-changed-after-building",
    "forging-activation-exchanged-in-its-module",
    "forging-module-exchanged-under-its-name",
    "forging-encoder-with-a-method-of-its-own",
    "forging-tracing",
    "forging-called-while-garbage-is-collected",
    "reading-own-memory",
    "aiming-formula-in-a-students-name",
    "aiming-script-in-outputs",
)
"""One of each kind, by their names in the corpus."""

NAMES = (
    "DOMAIN\\kim",
    os.fsdecode("김서연".encode("cp949")),
    unicodedata.normalize("NFC", "김"),
    unicodedata.normalize("NFD", "김"),
    "k" * 255,
    "@kim",
    ";=1",
    "Kim",
    "kim",
)
"""Folders of right submissions."""

Form = Callable[[Sheet], None]
HandIn = Callable[[str], None]
"""Hands something in, told how the folder's name begins."""


@dataclass(frozen=True)
class Expected:
    """What is known of a folder beforehand: the least and the most points that it may get."""

    least: float
    most: float


def byte_order_mark(sheet: Sheet) -> None:
    """As Windows' editor writes text."""
    sheet.path.write_bytes(b"\xef\xbb\xbf" + sheet.path.read_bytes())


def utf_16(sheet: Sheet) -> None:
    """As PowerShell writes text."""
    sheet.path.write_bytes(sheet.path.read_text(encoding="utf-8").encode("utf-16"))


def no_format(sheet: Sheet) -> None:
    """Leave of a notebook what some editor has left: cells."""
    notebook = json.loads(sheet.path.read_text(encoding="utf-8"))
    sheet.path.write_text(json.dumps({"cells": notebook["cells"]}), encoding="utf-8")


def older_format(sheet: Sheet) -> None:
    """Format 4.4, which has no cell ids, with cell ids."""
    notebook = json.loads(sheet.path.read_text(encoding="utf-8"))
    sheet.path.write_text(json.dumps({**notebook, "nbformat_minor": 4}), encoding="utf-8")


def text_suffix(sheet: Sheet) -> None:
    """As browsers save what they take for text."""
    sheet.path.rename(sheet.path.with_name(f"{ODD}.ipynb.txt"))


def json_suffix(sheet: Sheet) -> None:
    """As browsers save what they take for JSON."""
    sheet.path.rename(sheet.path.with_name(f"{ODD}.ipynb.json"))


def upper_suffix(sheet: Sheet) -> None:
    """As old systems write names."""
    sheet.path.rename(sheet.path.with_name(f"{ODD}.IPYNB"))


def starter_beside(sheet: Sheet) -> None:
    """Hand in the work under a name of its own, and the notebook as it was given out under the right one."""
    sheet.path.rename(sheet.path.with_name("final.ipynb"))
    Sheet(ODD, sheet.folder, sheet.grounds).save()


def time_in_words(sheet: Sheet) -> None:
    """Write a time that nobody understands, beside a pipe."""
    (sheet.folder / "timestamp.txt").write_text("어제 저녁", encoding="utf-8")
    os.mkfifo(sheet.folder / "data.csv")


def import_changed(sheet: Sheet) -> None:
    """Add a line to the imports that fails anywhere but on Colab."""
    _imports(sheet).source = f"from google.colab import drive\n{_imports(sheet).source}"
    nbformat.write(sheet.notebook, sheet.path)


def _imports(sheet: Sheet) -> nbformat.NotebookNode:
    return next(cell for cell in sheet.notebook.cells if "from autograder import" in cell.source)


def import_deleted(sheet: Sheet) -> None:
    """No imports."""
    sheet.notebook.cells.remove(_imports(sheet))
    nbformat.write(sheet.notebook, sheet.path)


def long_markdown(sheet: Sheet) -> None:
    """Text over which Markdown's own readers take minutes."""
    for text in ("\\begin{a}" * 10_000, "<div>" * 50_000):
        sheet.notebook.cells.insert(0, nbformat.v4.new_markdown_cell(text))
    nbformat.write(sheet.notebook, sheet.path)


def page_over_the_page(sheet: Sheet) -> None:
    """Print an output that would lie over an instructor's page."""
    sheet.first(
        "from IPython.display import HTML, display\n"
        'display(HTML(\'<div class="modal show"><b class="autograder-card">10/10</b></div>\'))'
    )
    nbformat.write(sheet.notebook, sheet.path)


def exported(sheet: Sheet) -> None:
    """Export a model with weights that are drawn late."""
    sheet.first(
        "import keras as k\n"
        "small = k.Sequential([k.Input((4,)), k.layers.Dense(2), k.layers.Dropout(0.5)])\n"
        "small.export('exported', verbose=False)"
    )
    nbformat.write(sheet.notebook, sheet.path)


def cut_short(sheet: Sheet) -> None:
    """Half of a notebook."""
    sheet.path.write_bytes(sheet.path.read_bytes()[:2000])


def no_notebook(sheet: Sheet) -> None:
    """Put an archive in the notebook's place."""
    sheet.path.rename(sheet.path.with_name("work.zip"))


def two_of_other_names(sheet: Sheet) -> None:
    """Two notebooks with work in them, neither of which has the right name."""
    (sheet.folder / "a.ipynb").write_bytes(sheet.path.read_bytes() + b" ")
    sheet.path.rename(sheet.folder / "b.ipynb")


def braces_in_an_error(sheet: Sheet) -> None:
    """Raise an error whose text looks like a gap in a sentence."""
    sheet.answer("branch-sizes", "raise ValueError('{text} {0} {')")
    nbformat.write(sheet.notebook, sheet.path)


def long_constant(sheet: Sheet) -> None:
    """Write a number with more digits than Python reads."""
    sheet.answer("branch-sizes", "sizes = {'a': 10**5600, 'b': 14, 'c': 14, 'd': 14}")
    nbformat.write(sheet.notebook, sheet.path)


RIGHT: tuple[Form, ...] = (
    byte_order_mark,
    utf_16,
    no_format,
    older_format,
    text_suffix,
    json_suffix,
    upper_suffix,
    starter_beside,
    time_in_words,
    import_changed,
    import_deleted,
    long_markdown,
    page_over_the_page,
    exported,
)
"""Right work in an odd file: full marks."""

WRONG: tuple[Form, ...] = (cut_short, no_notebook, two_of_other_names, braces_in_an_error, long_constant)
"""What cannot have full marks."""


def main() -> None:
    """Grade both classes, and write what the odd ones cost and how many reports there are."""
    options = benchmark_options(__doc__, rounds=3, repeats="both classes are graded")
    options.add_argument("--students", type=at_least_one, default=200, help="of the class with the odd ones")
    processors = len(os.sched_getaffinity(0))
    options.add_argument("--jobs", type=at_least_one, default=processors, help="processes that grade")
    chosen = options.parse_args()
    odd = [one for one in CORPUS if str(one) in TECHNIQUES]
    if len(odd) != len(TECHNIQUES):
        sys.exit(f"Not in the corpus: {sorted(set(TECHNIQUES) - set(map(str, odd)))}")
    wrong = len(odd) + len(WRONG)
    plain = chosen.students - wrong - len(RIGHT) - len(NAMES)
    if plain < 1:
        sys.exit(f"There are {chosen.students - plain} odd submissions: a class of more students is needed.")
    ratios = []
    with tempfile.TemporaryDirectory(prefix="odd-") as folder:
        alone = make_class(Path(folder, "alone"), plain, only_right)
        mixed = make_class(Path(folder, "mixed"), plain, lambda made: hand_in_odd(made, odd))
        warm = make_class(Path(folder, "warm"), len(ASSIGNMENTS), lambda _: iter(()))
        # What is kept between runs is there for neither side, or for both.
        graded(warm, chosen.jobs)
        course = load_course(mixed.grounds.checkout / "course.yml")
        for _ in range(chosen.rounds):
            right = graded(alone, chosen.jobs)
            reports_of(alone, course)
            print(f"{len(alone.expected)} right submissions: {right:.1f} s", flush=True)
            seconds = graded(mixed, chosen.jobs)
            reports = reports_of(mixed, course)
            used = {report.student: took for report in reports if (took := used_up(report, course))}
            allowed = right + sum(used.values())
            ratios.append(seconds / allowed)
            print(f"{len(reports)}, of them {wrong} wrong ones: {seconds:.1f} s", flush=True)
            for report in sorted(reports, key=lambda one: -one.timings.total)[: len(used) + SHOWN]:
                limit = f", used up {used[report.student]:g} s of limits" if report.student in used else ""
                print(f"  {report.student}: {report.timings.total:.1f} s{limit}")
            print(f"{seconds:.1f} s of {allowed:.1f} s: {ratios[-1]:.3f}", flush=True)
    ratio = statistics.median(ratios)
    if not chosen.dry_run:
        record("odd.time_over_allowed", round(ratio, 3), "x", "<= 1", COMMAND)
        record("odd.reports", len(reports), f"reports of {chosen.students}", "200", COMMAND)
    if ratio > 1:
        sys.exit(1)


@dataclass(frozen=True)
class Class:
    """A class's folder, and what is expected of each student's folder in it."""

    grounds: Grounds
    expected: dict[str, Expected]

    @property
    def output(self) -> Path:
        """Where its reports go."""
        return self.grounds.folder.with_name("out")


def make_class(place: Path, plain: int, more: Callable[[Class], Iterator[HandIn]]) -> Class:
    """Make a class of that many right submissions of all assignments, and of what `more` hands in."""
    place.mkdir()
    made = Class(prepare(place, {}), {})
    others = list(more(made))
    total = plain + len(others)
    places = {int((number + 0.5) * total / len(others)): one for number, one in enumerate(others)}
    index = 0
    for number in range(total):
        if hand_in := places.get(number):
            hand_in(f"{number:03d}-")
            continue
        # Some techniques are after the first one.
        student = made.grounds.neighbour.parents[1].name if index == 0 else f"{number:03d}-right"
        hand_in_right(made, student, ASSIGNMENTS[index % len(ASSIGNMENTS)])
        index += 1
    return made


def only_right(made: Class) -> Iterator[HandIn]:
    """Yield what hands in as many right submissions as are in odd files or under odd names otherwise."""
    for _ in (*RIGHT, *NAMES):
        yield lambda begin: hand_in_right(made, f"{begin}right", ODD)


def hand_in_right(made: Class, student: str, assignment: str) -> None:
    """Hand in a right submission, and expect full marks for it."""
    solved(made.grounds, student, assignment)
    points = load_course(made.grounds.checkout / "course.yml").assignment(assignment).points
    made.expected[student] = Expected(points, points)


def hand_in_odd(made: Class, techniques: Sequence[Technique]) -> Iterator[HandIn]:
    """Yield what hands in each odd submission; where the name is what is odd, it begins as it does."""
    full = load_course(made.grounds.checkout / "course.yml").assignment(ODD).points

    def technique(one: Technique, begin: str) -> None:
        student = one.student or f"{begin}{one.id}"
        folder = made.grounds.folder / "submitted" / student / one.assignment
        sheet = Sheet(one.assignment, folder, made.grounds)
        one.write(sheet)
        sheet.save()
        made.expected[student] = Expected(0, sum(one.gets.values()))

    def form(write: Form, least: float, most: float, begin: str) -> None:
        student = f"{begin}{write.__name__.replace('_', '-')}"
        write(solved(made.grounds, student, ODD))
        made.expected[student] = Expected(least, most)

    for one in techniques:
        yield lambda begin, one=one: technique(one, begin)  # type: ignore[misc]
    for write in RIGHT:
        yield lambda begin, write=write: form(write, full, full, begin)  # type: ignore[misc]
    for write in WRONG:
        yield lambda begin, write=write: form(write, 0, full - 1, begin)  # type: ignore[misc]
    for student in NAMES:
        yield lambda _, student=student: hand_in_right(made, student, ODD)  # type: ignore[misc]


def solved(grounds: Grounds, student: str, assignment: str) -> Sheet:
    """Hand in a right submission."""
    sheet = Sheet(assignment, grounds.folder / "submitted" / student / assignment, grounds)
    sheet.solve()
    sheet.save()
    return sheet


def graded(made: Class, jobs: int) -> float:
    """Grade a class as the command does; the seconds that it took.

    Raises:
        SystemExit: the command failed, or said a traceback.
    """
    shutil.rmtree(made.output, ignore_errors=True)
    checkout = made.grounds.checkout
    words = ["-m", "autograder", "grade", made.grounds.folder, "--output", made.output,
             "--course", checkout / "course.yml", "--jobs", jobs, "--lang", "en"]  # fmt: skip
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *map(str, words)],
        cwd=made.grounds.folder, env=environment(PYTHONPATH=str(checkout)), capture_output=True, text=True,
        errors="replace", check=False,
    )  # fmt: skip
    seconds = time.perf_counter() - began
    said = done.stdout + done.stderr
    if done.returncode != 0 or "Traceback" in said:
        sys.exit(f"The class was not graded, or something went wrong:\n{said}")
    return seconds


def reports_of(made: Class, course: Course) -> list[Report]:
    """Return the report of each folder of a class.

    Raises:
        SystemExit: a folder has none, or other points than it should have.
    """
    reports = []
    wrong = []
    found = find_submissions(made.grounds.folder, course)
    for one in found.submissions:
        folder = one.path.relative_to(made.grounds.folder / "submitted").parts[0]
        report = read_report(report_path(made.output, one.student, one.assignment))
        expected = made.expected[folder]
        if report.outcome == "broken" or not expected.least <= report.score <= expected.most:
            wrong.append(f"{report.student}: {report.outcome}, {report.score:g}, {expected}")
        reports.append(report)
    if len(reports) != len(made.expected):
        wrong.append(f"{len(reports)} reports of {len(made.expected)} folders")
    if wrong:
        sys.exit("\n".join(wrong))
    return reports


def used_up(report: Report, course: Course) -> float:
    """Return the seconds of those limits that a submission has used up, as its report tells."""
    interrupted = sum(cell.state == "interrupted" for cell in report.cells) * course.limits.cell_seconds
    said = [note.text for note in report.notes] + [cell.error.text for cell in report.cells if cell.error]
    ends = endings(course)
    return float(max(interrupted, *(ends[text] for text in said if text in ends), 0))


def endings(course: Course) -> dict[str, float]:
    """Return what is said of a submission that has used up a limit of time, and how many seconds that is."""
    limits = course.limits
    return {
        "The notebook ran longer than {seconds} seconds and was stopped.": limits.notebook_seconds,
        "A cell ran for more than {seconds} seconds and did not stop when it was interrupted. "
        "The notebook was ended with it; the cells after it did not run.": limits.cell_seconds
        + GRACE_SECONDS,
        budget_of(course).exceeded.text: limits.judging_seconds,
    }


if __name__ == "__main__":
    main()
