"""The corpus handed in as a class, honest learners behind its attackers, and graded once a level."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat

from autograder.feedback import Report, read_report, report_path
from autograder.messages import name_in_text
from tests.attacks.techniques import CANARY, CORPUS, DONE, FAMILIES, Grounds, Sheet, Technique
from tests.gradebook.courses import ROOT, environment

CANARIES = {
    kind: f"{CANARY}-{kind}-5c1e" for kind in ("hidden", "solution", "gradebook", "neighbour", "secret")
}
PRINTED = "-printed-5c1e"
"""What an honest learner prints behind the word that every planted string begins with."""
HONEST = "residual-projection"
LIMITS = {"cell_seconds": 3.0, "notebook_seconds": 6.0, "memory": "4 GiB", "processes": 64}
"""Of a submission: an honest run takes a tenth of a second, and on a busy machine a second.
What would take whatever there is has shorter ones of its own (`Technique.limits`)."""

for family in FAMILIES:
    importlib.import_module(f"tests.attacks.{family}")


@dataclass
class Outcome:
    """What grading the corpus at one level left behind."""

    level: str
    corpus: Sequence[Technique]
    grounds: Grounds
    students: dict[str, str]
    """Each technique's folder name."""
    neighbours: dict[str, str]
    """The folder name of the first honest learner behind each technique."""
    said: str = ""
    returncode: int = 1
    touched: list[str] = field(default_factory=list)
    """Files outside the output folder that were not as before."""

    @property
    def output(self) -> Path:
        """What grading wrote: reports, pages and tables."""
        return self.grounds.folder.with_name("out")

    @property
    def notebooks(self) -> Path:
        """Where the autograded notebooks are."""
        return self.grounds.folder.with_name("autograded")

    @property
    def log(self) -> Path:
        """All that grading said on the terminal."""
        return self.grounds.folder.with_name("said.txt")

    def notebook(self, student: str) -> Path:
        """A learner's autograded notebook."""
        return self.notebooks / f"{student.encode().hex()}.ipynb"

    def report(self, technique: Technique) -> Report:
        """An attacker's report."""
        student = name_in_text(self.students[str(technique)])
        return read_report(report_path(self.output, student, technique.assignment))

    def neighbour(self, technique: Technique) -> Report:
        """The report of the honest learner who came next."""
        return read_report(report_path(self.output, self.neighbours[str(technique)], HONEST))

    def row(self, technique: Technique) -> list[Technique]:
        """An attacker and the others in front of the same honest learner."""
        behind = self.neighbours[str(technique)]
        return [one for one in self.corpus if self.neighbours[str(one)] == behind]

    def honestly_graded(self, technique: Technique) -> bool:
        """Whether an attacker got what the model is worth, task by task."""
        report = self.report(technique)
        found = {task.id: task.score for task in report.tasks}
        return report.outcome in ("graded", "unreadable") and found == {
            **dict.fromkeys(found, 0.0),
            **technique.gets,
        }

    def unharmed(self, technique: Technique) -> bool:
        """Whether the honest learner behind an attacker has full marks, and no note."""
        report = self.neighbour(technique)
        return report.outcome == "graded" and report.score == report.max_score and report.notes == []

    def seen(self) -> dict[str, list[str]]:
        """Planted strings, and the cry of one who has got through, by the file that they stand in."""
        words = re.compile(f"(?:{CANARY}-|{DONE}).{{0,80}}")
        return {name: found for name, text in self.written() if (found := words.findall(text))}

    def written(self) -> Iterator[tuple[str, str]]:
        """Everything that grading wrote, and what it said on the terminal; honest learners may see their own."""
        yield "the terminal", self.said
        own = {self.notebook(student) for student in ("000-neighbour", *self.neighbours.values())}
        for path in sorted(self.notebooks.iterdir()):
            if path not in own:
                yield path.name, path.read_text(encoding="utf-8")
        for path in sorted(self.output.rglob("*")):
            if path.is_file():
                yield str(path.relative_to(self.output)), path.read_text(encoding="utf-8", errors="replace")


def prepare(place: Path, limits: Mapping[str, float | str] = LIMITS) -> Grounds:
    """A checkout and a class's folder with canaries in everything that a learner must not see."""
    return class_in(place / "class", checkout_in(place / "checkout", limits))


def checkout_in(checkout: Path, limits: Mapping[str, float | str]) -> Path:
    """A checkout with canaries in its hidden checks and solutions."""
    # What is compiled of the package need not be compiled anew.
    shutil.copytree(ROOT / "autograder", checkout / "autograder")
    for name in ("graders", "solutions", "assignments"):
        shutil.copytree(ROOT / name, checkout / name, ignore=shutil.ignore_patterns("__pycache__"))
    course = (ROOT / "course.yml").read_text(encoding="utf-8")
    for name, value in limits.items():
        course, replaced = re.subn(rf"^(  {name}): .+$", rf"\1: {value}", course, flags=re.MULTILINE)
        assert replaced == 1, name
    (checkout / "course.yml").write_text(course, encoding="utf-8")
    for path in (checkout / "graders" / "hidden").glob("test_*.py"):
        text = path.read_text(encoding="utf-8")
        path.write_text(f"{text}\n\nPLANTED = {CANARIES['hidden']!r}\n", encoding="utf-8")
    for path in (checkout / "solutions").glob("*/*.ipynb"):
        text = path.read_text(encoding="utf-8")
        planted = f'"### BEGIN SOLUTION\\n",\n    "# {CANARIES["solution"]}\\n",'
        assert '"### BEGIN SOLUTION\\n",' in text, path
        path.write_text(text.replace('"### BEGIN SOLUTION\\n",', planted), encoding="utf-8")
    return checkout


def class_in(folder: Path, checkout: Path) -> Grounds:
    """A class's folder, without submissions yet, whose gradebook holds a canary."""
    folder.mkdir(parents=True)
    (folder / "gradebook.db").write_text(CANARIES["gradebook"], encoding="utf-8")
    neighbour = folder / "submitted" / "000-neighbour" / HONEST / f"{HONEST}.ipynb"
    return Grounds(checkout, folder, neighbour)


def longer(limits: Mapping[str, Any], patience: float) -> dict[str, Any]:
    """Limits with that many times as many seconds."""
    return {name: value * patience if name.endswith("seconds") else value for name, value in limits.items()}


def hand_in(
    grounds: Grounds, corpus: Sequence[Technique], in_a_row: int
) -> tuple[dict[str, str], dict[str, str]]:
    """Every attacker's submission, and an honest one behind every `in_a_row` of them."""
    honest(grounds, grounds.neighbour.parents[1].name)
    students, neighbours = {}, {}
    for number, technique in enumerate(corpus, 1):
        student = technique.student or f"{number:03d}-a-{technique.id}"
        sheet = Sheet(
            technique.assignment, grounds.folder / "submitted" / student / technique.assignment, grounds
        )
        technique.write(sheet)
        sheet.save()
        students[str(technique)] = student
        last = min(-(-number // in_a_row) * in_a_row, len(corpus))
        neighbours[str(technique)] = f"{last:03d}-b-honest"
        if number == last:
            honest(grounds, neighbours[str(technique)])
    return students, neighbours


def honest(grounds: Grounds, student: str) -> None:
    """A right submission that holds a canary of its own."""
    sheet = Sheet(HONEST, grounds.folder / "submitted" / student / HONEST, grounds)
    sheet.solve()
    sheet.notebook.cells.append(nbformat.v4.new_markdown_cell(CANARIES["neighbour"]))
    # In front of the first check: what comes after the last one is not run.
    sheet.notebook.cells.insert(1, nbformat.v4.new_code_cell(f"print({CANARY!r} + {PRINTED!r})"))
    sheet.save()


def fight(place: Path, level: str, corpus: Sequence[Technique] = tuple(CORPUS), **how: Any) -> Outcome:
    """Grade the corpus at a level; see `fights`."""
    return fights(place, {level: corpus}, **how)[level]


def fights(
    place: Path,
    corpora: Mapping[str, Sequence[Technique]],
    *,
    in_a_row: int = 1,
    user: int | None = None,
    patience: float = 1,
) -> dict[str, Outcome]:
    """Grade a corpus at each of some levels, one submission after the other by one worker.

    All levels have one checkout and one program, which imports Keras once and is a fork of itself at each level.

    Args:
        corpora: the techniques by level.
        in_a_row: how many attackers come before an honest learner.
        user: whose grader it is, by number, where it is not this process's; only root can choose.
        patience: how many times as long as usual each may take.
    """
    checkout = checkout_in(place / "checkout", longer(LIMITS, patience))
    outcomes, classes = {}, []
    for level, corpus in corpora.items():
        grounds = class_in(place / level / "class", checkout)
        outcomes[level] = outcome = Outcome(level, corpus, grounds, *hand_in(grounds, corpus, in_a_row))
        own = {outcome.students[str(one)]: longer(one.limits, patience) for one in corpus if one.limits}
        words = [grounds.folder, "--output", outcome.output, "--course", checkout / "course.yml", "--jobs", "1",
                 "--lang", "en"]  # fmt: skip
        classes.append([level, str(outcome.notebooks), own, str(outcome.log), [str(word) for word in words]])
    if user is not None:
        for path in (place, *place.rglob("*")):
            os.chown(path, user, user, follow_symlinks=False)
    before = fingerprints(outcomes.values())
    variables = environment(
        PYTHONPATH=f"{checkout}{os.pathsep}{ROOT}",
        PLANTED=CANARIES["secret"],
        PYTHONDONTWRITEBYTECODE="1",
        COLUMNS="120",
        **({"HOME": str(place)} if user is not None else {}),
    )
    someone = {} if user is None else {"user": user, "group": user, "extra_groups": []}
    # A fork of what runs other tests would have the environment in its memory, as the order that it came in.
    done = subprocess.run(
        [sys.executable, "-m", "tests.attacks.grade", json.dumps(classes)], cwd=place, env=variables,
        capture_output=True, text=True, errors="replace", timeout=1500, check=False, **someone,
    )  # fmt: skip
    after = fingerprints(outcomes.values())
    touched = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
    for level, outcome in outcomes.items():
        outcome.returncode = json.loads(done.stdout)[level] if done.returncode == 0 else 1
        outcome.said = done.stderr + outcome.log.read_text(encoding="utf-8", errors="replace")
        outcome.touched = touched
    return outcomes


def fingerprints(outcomes: Iterable[Outcome]) -> dict[str, tuple[int, int, str]]:
    """Mode, size and content of the files that no learner may touch."""
    theirs = {place for outcome in outcomes for place in (outcome.grounds.checkout, outcome.grounds.folder)}
    places = [*theirs, package("keras"), package("autograder")]
    found = {}
    for place in places:
        for path in place.rglob("*"):
            if path.is_file() and not path.is_symlink() and "__pycache__" not in path.parts:
                state = path.stat()
                with path.open("rb") as file:
                    # One of them says that it is a terabyte long.
                    digest = hashlib.sha256(file.read(2**25)).hexdigest()
                found[str(path)] = (state.st_mode, state.st_size, digest)
    return found


def package(name: str) -> Path:
    """The folder of an installed package, which is not imported for it."""
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def processes_with(mark: str) -> list[str]:
    """The command lines of living processes that hold a mark."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            except OSError:
                continue
            if mark in line:
                found.append(line)
    return found
