"""SECURITY.md's table of techniques: python -m tests.attacks.table writes it anew from the corpus."""

from __future__ import annotations

import re

from tests.attacks.battlefield import ROOT
from tests.attacks.techniques import CORPUS, FAMILIES, Technique

PAGE = ROOT / "SECURITY.md"
BEGIN, END = "<!-- techniques: `python -m tests.attacks.table` writes this -->", "<!-- end of techniques -->"

AIMS = {
    "forging": "points for a model that was not made",
    "reading": "hidden checks, solutions, the gradebook, another's work",
    "leaking": "ways out: the network, other processes, the next run",
    "outliving": "code that goes on after its run",
    "exhausting": "all of something: time, memory, processes, disk, output",
    "burdening": "the time and memory of the grader itself, behind the jail",
    "escaping": "out of the jail, by the kernel, the file system, a file's name",
    "poisoning": "the next submission's interpreter",
    "aiming": "the instructor's browser, terminal, spreadsheet",
}


def table() -> str:
    """The part of the page that the corpus makes."""
    lines = [
        BEGIN,
        f"{len(CORPUS)} techniques, each a notebook of `tests/attacks`, graded at every level that a machine offers with an",
        "honest learner behind each. Each gets what its model is worth, no planted string is seen, and the honest learner has",
        "full marks; `make bench-attacks` holds that, and tests hold it at one level, and at each where the jail decides: a",
        "submission tries several of a family there, and some learners are honest.",
        "`score` is what honest grading gives: nothing, unless said.",
        "",
    ]
    for family in FAMILIES:
        members = [technique for technique in CORPUS if technique.family == family]
        lines += [
            f"### {family.capitalize()}: {AIMS[family]}",
            "| technique | aim | score | `full` | `contained` |",
            "|---|---|---|---|---|",
            *(_row(technique) for technique in members),
            "",
        ]
    return "\n".join([*lines, END])


def _row(technique: Technique) -> str:
    points = f"{sum(technique.gets.values()):g}" if technique.gets else "0"
    return f"| {technique.id} | {technique.aim} | {points} | held | held |"


def with_table(page: str) -> str:
    """The page with the table as the corpus makes it."""
    return re.sub(f"{re.escape(BEGIN)}.*{re.escape(END)}", lambda _: table(), page, flags=re.DOTALL)


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
