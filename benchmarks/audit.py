"""The audit of every grader: wrong answers that lose points, messages that explain, right answers refused.

python -m benchmarks.audit [--seed 1] [--pages out/audit] [--dry-run] [ASSIGNMENT ...]
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from autograder.audit.pages import write_audit
from autograder.audit.proof import Proof
from autograder.audit.proving import Event, audit
from autograder.course import load_course
from autograder.grading import usable_cores
from autograder.grading.pool import Done
from benchmarks.options import benchmark_options
from benchmarks.results import record

ROOT = Path(__file__).parents[1]
COMMAND = "make bench-audit"


def main() -> None:
    """Audit, print what is to be mended, and write the figures of each assignment."""
    options = benchmark_options(__doc__)
    options.add_argument("--seed", type=int, default=1, help="decides which answers are made")
    options.add_argument("--pages", type=Path, help="a folder for pages of every wrong answer")
    options.add_argument("assignments", nargs="*", metavar="ASSIGNMENT", help="else all")
    chosen = options.parse_args()
    course = load_course(ROOT / "course.yml")
    assignments = [
        one for one in course.assignments if one.id in chosen.assignments or not chosen.assignments
    ]
    started = time.perf_counter()
    proofs = audit(
        course, assignments, most=None, seed=chosen.seed, jobs=usable_cores(), listen=_progress(started)
    )
    if chosen.pages is not None:
        write_audit(proofs, chosen.pages, "en")
    for proof in proofs:
        _say(proof)
        if not chosen.dry_run:
            _record(proof)
    print(f"{time.perf_counter() - started:.0f} s")


def _progress(started: float) -> Callable[[Event, int], None]:
    said, done = started, 0

    def listen(event: Event, total: int) -> None:
        nonlocal said, done
        if isinstance(event, Done):
            done += event.job.end - event.job.begin
        now = time.perf_counter()
        if now - said > 30:
            said = now
            print(f"{now - started:.0f} s: {done} of {total} answers", flush=True)

    return listen


def _say(proof: Proof) -> None:
    print(f"{proof.assignment.id}: {dict(proof.fates)}, {proof.possible} possible")
    for outcome in proof.outcomes:
        if outcome.fate in ("survived", "broken") or outcome.unexplained or outcome.faults:
            reasons = "; ".join((*outcome.unexplained, *outcome.faults))
            said = outcome.failure.rationale.text if outcome.failure is not None else ""
            print(
                f"  {outcome.fate}: {outcome.task}, {outcome.operator}: {outcome.what} | {said} | {reasons}"
            )
    for refused in proof.refused:
        print(f"  refused: {refused.task}, {refused.rules}\n{refused.program}\n{refused.trouble}")


def _record(proof: Proof) -> None:
    name = f"audit.{proof.assignment.id}"
    record(f"{name}.mutants", proof.mutants, "mutants", ">= 150", COMMAND)
    record(f"{name}.killed", round(proof.killed, 4), "share", "1", COMMAND)
    record(f"{name}.explained", round(proof.explained, 4), "share", ">= 0.98", COMMAND)
    record(f"{name}.equivalents", proof.equivalents, "programs", ">= 200", COMMAND)
    record(f"{name}.refused", len(proof.refused), "programs", "0", COMMAND)


if __name__ == "__main__":
    main()
