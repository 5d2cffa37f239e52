"""The solutions in the chapter's sizes on an accelerator, and `fit` beside loops written by hand.

For each backend that is installed: `autograder verify` of each assignment, then `benchmarks.loops` of some.
What is found goes into `gpu.json` as soon as it is there, so a run that is cut off keeps what it has; what is
measured again replaces what was. `--device cpu` is the rehearsal, which needs no accelerator.

    python -m benchmarks.gpu [--device cpu] [--scale small] [--backends jax] [--assignments ...] [--loops ...]
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograder.course import load_course
from autograder.verification.devices import environment
from benchmarks.results import machine, today

ROOT = Path(__file__).parents[1]
FOUND = Path(__file__).with_name("gpu.json")
NOT_YET = "not yet measured"
BACKENDS = ("jax", "torch", "tensorflow")
# Those that have a loop to be compared with.
WITH_LOOPS = ("jax", "torch")
LOOPS = ("multi-output", "multi-input", "shared-lstm", "inception")


def main() -> int:
    """Measure, print, and keep what is found; 1 where something does not hold, 2 if nothing can be tried."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--device", choices=("gpu", "cpu"), default="gpu")
    options.add_argument("--scale", choices=("chapter", "small"), default="chapter")
    options.add_argument("--backends", nargs="+", choices=BACKENDS, help="those that are installed, else")
    options.add_argument("--assignments", nargs="*", help="to verify; all, else")
    options.add_argument("--loops", nargs="*", default=LOOPS, help="to compare with loops written by hand")
    options.add_argument("--rounds", type=int, default=3, help="how often `fit` and the loops take turns")
    options.add_argument("--seconds", type=float, help="the longest that one measurement may take")
    options.add_argument("--output", type=Path, default=FOUND, help="where to keep what is found")
    chosen = options.parse_args()
    backends = chosen.backends or [name for name in BACKENDS if importlib.util.find_spec(name)]
    if not backends:
        print(f"None of {', '.join(BACKENDS)} is installed: install one.", file=sys.stderr)
        return 2
    known = [assignment.id for assignment in load_course(ROOT / "course.yml").assignments]
    verified = known if chosen.assignments is None else chosen.assignments
    if unknown := {*verified, *chosen.loops}.difference(known):
        print(
            f"No such assignment: {', '.join(sorted(unknown))}. There are: {', '.join(known)}.",
            file=sys.stderr,
        )
        return 2
    well = True
    for backend in backends:
        # Such a machine is lent for minutes: what is asked first comes first.
        work = [("loops", assignment) for assignment in chosen.loops if backend in WITH_LOOPS]
        work += [("verify", assignment) for assignment in verified]
        for kind, assignment in work:
            words = (
                verifying(assignment, backend, chosen) if kind == "verify" else looping(assignment, chosen)
            )
            document = run(words, backend, chosen.device, chosen.seconds)
            if isinstance(document, str):
                print(f"{backend} {assignment}: {document}", file=sys.stderr)
                well = False
                continue
            found = document["assignments"][0] if kind == "verify" else document
            well &= bool(found.get("passed", True))
            keep(chosen.output, f"{chosen.device}, {chosen.scale}", backend, kind, assignment, found)
            for line in verify_lines(found) if kind == "verify" else loop_lines(found):
                print(f"{backend:11}{assignment:22}{line}", flush=True)
    return 0 if well else 1


def verifying(assignment: str, backend: str, chosen: argparse.Namespace) -> list[str]:
    """Return the command that verifies a solution."""
    words = ["autograder", "verify", assignment, "--json", "--backend", backend]
    return [*words, "--device", chosen.device, "--scale", chosen.scale]


def looping(assignment: str, chosen: argparse.Namespace) -> list[str]:
    """Return the command that compares `fit` with a loop."""
    words = ["benchmarks.loops", assignment, "--scale", chosen.scale, "--rounds", str(chosen.rounds)]
    return [*words, "--device", "gpu"] if chosen.device == "gpu" else words


def run(words: list[str], backend: str, device: Any, seconds: float | None) -> dict[str, Any] | str:
    """Return what a module has found on a backend and a device; else what was wrong, in a sentence."""
    process = subprocess.Popen(
        [sys.executable, "-m", *words],
        cwd=ROOT,
        env={**os.environ, **environment(backend, device), "AUTOGRADER_LANG": "en"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        out, said = process.communicate(timeout=seconds)
        document: dict[str, Any] = json.loads(out)
    except subprocess.TimeoutExpired:
        return f"it has taken more than {seconds:g} s, and was ended."
    except ValueError:
        return said.strip().rpartition("\n")[2]
    finally:
        # A verified solution is a process of the command's own; both have the device.
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    troubles = document.get("troubles")
    return str(troubles[0]["error"]) if troubles else document


def keep(file: Path, key: str, backend: str, kind: str, assignment: str, found: dict[str, Any]) -> None:
    """Write one measurement beside what is there, with its date and machine."""
    everything = json.loads(file.read_text()) if file.exists() else {}
    if everything.get(key, NOT_YET) == NOT_YET:
        everything[key] = {}
    everything[key].setdefault(backend, {}).setdefault(kind, {})[assignment] = {
        "date": today(),
        "machine": machine(),
        **found,
    }
    file.write_text(json.dumps(everything, indent=1) + "\n")


def verify_lines(found: dict[str, Any]) -> Iterator[str]:
    """Yield what was found of a solution, a line a training."""
    for training in found["trainings"]:
        losses = f"{training['first_loss']['loss']:.4g} to {training['last_loss']['loss']:.4g}"
        yield (
            f"{'holds' if found['passed'] else 'FAILS'} on {found['device']}, {training['lesson']}: "
            f"loss {losses}, {training['steps_per_second']:.1f} steps/s, "
            f"{training['peak_bytes'] / 2**20:.0f} MiB, {training['seconds']:.1f} s"
        )


def loop_lines(found: dict[str, Any]) -> Iterator[str]:
    """Yield the sides of a comparison, a line each."""
    for name, side in found["sides"].items():
        yield f"{name}: {side['steps_per_second']} steps/s, {side['of_loop']} of the loop"
    for name, reason in found["failed"].items():
        yield f"{name}: fails ({reason})"


if __name__ == "__main__":
    sys.exit(main())
