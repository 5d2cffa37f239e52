"""Shows what `autograder verify` has found: a table and a sentence for each fault, or a JSON document."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from autograder.messages import Language, Message, message, render, verbatim
from autograder.verification.result import Trouble, Verified
from autograder.verification.verify import Wish

MEBI = 1 << 20
# How a model gets its data: plain, or, with several inputs, in their order or by their names.
_TRAININGS = {
    "fit": message("plain"),
    "by position": message("by position"),
    "by name": message("by name"),
}


def holds(result: Verified | Trouble) -> bool:
    """Return whether a solution could be verified and has passed."""
    return isinstance(result, Verified) and result.passed


def verified_document(results: Sequence[Verified | Trouble], wish: Wish) -> str:
    """Return the JSON document, whose keys `docs/json.md` describes."""
    document = {
        "schema_version": 1,
        "command": "verify",
        "passed": all(holds(result) for result in results),
        "backend": wish.backend,
        "wished_device": wish.device,
        "scale": wish.scale,
        "mixed_bfloat16": wish.mixed_bfloat16,
        "jit_compile": wish.jit_compile,
        "seed": wish.seed,
        "assignments": [
            {**result.model_dump(), "passed": result.passed}
            for result in results
            if isinstance(result, Verified)
        ],
        "troubles": [
            {"assignment": result.assignment, "error": result.error}
            for result in results
            if isinstance(result, Trouble)
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def print_verified(results: Sequence[Verified | Trouble], language: Language) -> None:
    """Print one line for each training; what is wrong goes to standard error."""

    def say(said: Message) -> str:
        return render(said, language)

    verified = [result for result in results if isinstance(result, Verified)]
    console = Console(highlight=False)
    if verified:
        first = verified[0]
        where = message(
            "{backend} {version} with Keras {keras} on {device}",
            backend=first.backend,
            version=first.backend_version,
            keras=first.keras_version,
            device=first.device,
        )
        console.print(say(where), markup=False)
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    heads = (
        message("Assignment"),
        message("Training"),
        message("Points"),
        message("Parameters"),
        message("Loss"),
        message("Steps/s"),
        message("Memory"),
    )
    for number, head in enumerate(heads):
        table.add_column(say(head), justify="left" if number < 2 else "right", no_wrap=True)
    for one in verified:
        if not one.trainings:
            score = f"{one.score:g}/{one.max_score:g}"
            table.add_row(one.assignment, say(message("none")), score, "–", "–", "–", "–")
        for training in one.trainings:
            table.add_row(
                one.assignment,
                say(_TRAININGS.get(training.lesson) or verbatim(training.lesson)),
                f"{one.score:g}/{one.max_score:g}",
                f"{training.parameters:,}",
                f"{training.first_loss['loss']:.3g}→{training.last_loss['loss']:.3g}",
                f"{training.steps_per_second:.1f}",
                f"{training.peak_bytes / MEBI:,.0f} MiB",
            )
    console.print(table)
    for result in results:
        for said in _faults(result):
            print(f"{result.assignment}: {say(said)}", file=sys.stderr)
    passed = sum(holds(result) for result in results)
    console.print(
        say(message("Solutions that pass: {passed} of {total}.", passed=passed, total=len(results)))
    )


def _faults(result: Verified | Trouble) -> list[Message]:
    """Return what is wrong with it, one sentence for each fault."""
    if isinstance(result, Trouble):
        return [message("it could not be verified: {reason}.", reason=result.error.rstrip("."))]
    faults = []
    if result.score != result.max_score:
        faults.append(
            message("it gets {found} of {wanted} points.", found=result.score, wanted=result.max_score)
        )
    for training in result.trainings:
        for name in training.risen:
            faults.append(
                message(
                    "`{lesson}`: the loss `{name}` goes from {first} to {last}; it must fall.",
                    lesson=training.lesson,
                    name=name,
                    first=f"{training.first_loss[name]:.4g}",
                    last=f"{training.last_loss[name]:.4g}",
                )
            )
        if training.still:
            faults.append(
                message(
                    "`{lesson}`: no gradient has reached {weights}.",
                    lesson=training.lesson,
                    weights=", ".join(f"`{name}`" for name in training.still),
                )
            )
        for name in training.astray:
            faults.append(
                message(
                    "`{lesson}`: one training step moves the weights of the shared `{layer}` "
                    "{moves} times as far as the gradients of all its calls add up to.",
                    lesson=training.lesson,
                    layer=name,
                    moves=f"{training.shared[name]:.3g}",
                )
            )
    return faults
