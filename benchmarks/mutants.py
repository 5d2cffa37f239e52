"""Wrong answers made from every reference solution: how many of them the graders notice.

A sample of each assignment's mutants, spread evenly over its tasks and operators, goes the way of every
submission from the evidence on. A mutant that loses no points survives, and is printed; one that a canonical
graph proves to be the right model, or that Keras would not have built, is none.

    python -m benchmarks.mutants [--most 150] [--seed 1] [ASSIGNMENT ...]
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from autograder.audit.examiner import Examiner
from autograder.audit.mutation.killing import Verdict, mutants_of, verdicts
from autograder.audit.mutation.mutants import sample
from autograder.checks import Checker, serve_checks
from autograder.course import load_course
from autograder.grading import limits_of, load_graders, prepare
from autograder.sandbox import WarmInterpreter, best_level
from benchmarks.results import record

ROOT = Path(__file__).parents[1]
COMMAND = "make bench-mutants"


def main() -> None:
    """Mutate, judge, and write how many mutants there were and how many of them were noticed."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--most", type=int, default=150, help="mutants of an assignment")
    options.add_argument("--seed", type=int, default=1, help="decides which")
    options.add_argument("assignments", nargs="*", metavar="ASSIGNMENT", help="else all")
    chosen = options.parse_args()
    found: list[Verdict] = []
    for name, judged in judged_mutants(chosen.assignments, chosen.most, chosen.seed).items():
        fates = Counter(verdict.fate for verdict in judged)
        real = fates["killed"] + fates["survived"]
        print(f"{name}: {fates['killed']} of {real} killed, {dict(fates)}")
        for verdict in judged:
            if verdict.fate in ("survived", "broken"):
                mutant = verdict.mutant
                print(f"  {verdict.fate}: {mutant.task}, {mutant.operator}: {mutant.what}")
        found += judged
    fates = Counter(verdict.fate for verdict in found)
    real = fates["killed"] + fates["survived"]
    if not chosen.assignments:
        record("mutants.judged", real, "mutants", "all ten assignments", COMMAND)
        record("mutants.killed", round(100 * fates["killed"] / real, 1), "%", "100", COMMAND)
        record("mutants.broken", fates["broken"], "mutants", "0", COMMAND)


def judged_mutants(names: list[str], most: int, seed: int) -> dict[str, list[Verdict]]:
    """What becomes of a sample of each assignment's mutants, by assignment."""
    course = load_course(ROOT / "course.yml")
    assignments = [one for one in course.assignments if not names or one.id in names]
    level = best_level().level
    with WarmInterpreter.spawn() as warm:
        schemes = prepare(course, load_graders(assignments), warm, level)

        def work(checker: Checker) -> dict[str, list[Verdict]]:
            found = {}
            for name, scheme in schemes.items():
                examiner = Examiner(scheme, checker, warm, limits_of(course), level)
                found[name] = list(verdicts(examiner, sample(mutants_of(scheme.solution.run), most, seed)))
            return found

        return serve_checks([scheme.grader for scheme in schemes.values()], work)


if __name__ == "__main__":
    main()
