"""`autograder verify`: the reference solutions on a backend and a device, graded and trained."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from autograder.cli.common import (
    ALL_WELL,
    NOT_YET,
    CourseOption,
    JsonOption,
    LangOption,
    course_at,
    explained,
    fail,
    language_of,
)
from autograder.cli.installation import installation, refusal
from autograder.cli.progress import Bar
from autograder.graph import backends
from autograder.messages import Language, Message, message, render
from autograder.verification.result import Trouble, Underway, Verified
from autograder.verification.verify import Wish
from autograder.verification.verify import verify as verify_solution

MEBI = 1 << 20
# What a model is trained with: arrays in the order of its inputs, or by their names, where there are several.
LESSONS = {
    "fit": message("plain"),
    "by position": message("by position"),
    "by name": message("by name"),
}


class Backend(StrEnum):
    """The backends that train."""

    tensorflow = "tensorflow"
    jax = "jax"
    torch = "torch"


class Devices(StrEnum):
    """Where to train; `auto` is what the backend takes of itself."""

    auto = "auto"
    cpu = "cpu"
    gpu = "gpu"


class Scales(StrEnum):
    """How much to train."""

    small = "small"
    chapter = "chapter"


def verify(
    name: Annotated[
        str | None, typer.Argument(metavar="[ASSIGNMENT]", help="An assignment's id; else all of them.")
    ] = None,
    backend: Annotated[
        Backend | None,
        typer.Option("--backend", help="The backend; else the one that Keras takes.", show_default=False),
    ] = None,
    device: Annotated[Devices, typer.Option("--device", help="Where to train.")] = Devices.auto,
    scale: Annotated[
        Scales, typer.Option("--scale", help="Small tasks that can be learnt, or the chapter's own sizes.")
    ] = Scales.small,
    mixed_bfloat16: Annotated[
        bool, typer.Option("--mixed-bfloat16", help="Train in mixed precision.")
    ] = False,
    jit_compile: Annotated[
        bool | None,
        typer.Option("--jit-compile/--no-jit-compile", help="Compile, or not; else as is usual."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="What weights and data begin with.")] = 0,
    output: Annotated[
        Path | None, typer.Option("--output", help="A file for the JSON document.", show_default=False)
    ] = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
    course: CourseOption = None,
) -> None:
    """Run, grade and train the reference solutions (exit 0: all well, 1: one fails, 2: could not try)."""
    language = language_of(lang)
    here = installation()
    if not here.hidden_checks:
        fail(refusal("verify", here), language)
    wish = Wish(
        backend=backend.value if backend is not None else backends.wished(),
        device=device.value,
        scale=scale.value,
        mixed_bfloat16=mixed_bfloat16,
        jit_compile=jit_compile,
        seed=seed,
    )
    if wish.backend not in [*Backend]:
        known = ", ".join(f"`{known}`" for known in Backend)
        said = message(
            "The backend `{name}` trains nothing: choose one with --backend: {known}.",
            name=wish.backend,
            known=known,
        )
        fail(said, language)
    if (lacking := backends.lacking_for(wish.backend)) is not None:
        fail(lacking, language)
    with explained(language):
        found = course_at(course)
        chosen = [*found.assignments] if name is None else [found.assignment(name)]
    if output is not None:
        _writable(output, language)
    results: list[Verified | Trouble] = []
    with Bar(Console(stderr=True, highlight=False), language, message("Starting")) as bar:
        for assignment, next_one in zip(chosen, [*chosen[1:], None], strict=True):
            if not results:
                _show(bar, results, len(chosen), assignment.id)

            def listen(underway: Underway, running: str = assignment.id) -> None:
                _show(bar, results, len(chosen), running, underway)

            results.append(verify_solution(found, assignment, wish, listen))
            if (lacking := _lacks_accelerator(results[-1], wish.backend)) is not None:
                break
            _show(bar, results, len(chosen), next_one.id if next_one is not None else "")
    if lacking is not None:
        fail(lacking, language)
    document = _document(results, wish)
    if output is not None:
        output.write_text(document, encoding="utf-8")
    if as_json:
        print(document, end="")
    else:
        _print(results, language)
    raise typer.Exit(ALL_WELL if all(_passed(result) for result in results) else NOT_YET)


def _writable(output: Path, language: Language) -> None:
    """Say now that a file cannot be written, and not after hours of training."""
    try:
        output.open("a", encoding="utf-8").close()
    except OSError as error:
        reason = error.strerror or str(error)
        fail(message("{file} cannot be written: {reason}.", file=str(output), reason=reason), language)


def _show(
    bar: Bar,
    results: Sequence[Verified | Trouble],
    total: int,
    running: str,
    underway: Underway | None = None,
) -> None:
    """Say how far things are; the time that is told is what the solution's trainings still take."""
    done = len(results)
    plainly = message("{done} of {total} solutions verified", done=done, total=total)
    left = None
    if underway is not None:
        step, steps = underway.step, underway.steps
        plainly = message(
            "{done} of {total} solutions verified; {assignment}: {step} of {steps} steps",
            done=done,
            total=total,
            assignment=running,
            step=f"{step:,}",
            steps=f"{steps:,}",
        )
        running = f"{running} · {step:,}/{steps:,}"
        left = (steps - step) / underway.steps_per_second if underway.steps_per_second else None
    bar.show(message("Verifying"), plainly, done=done, total=total, running=running, seconds_left=left)


def _passed(result: Verified | Trouble) -> bool:
    return isinstance(result, Verified) and result.passed


def _lacks_accelerator(result: Verified | Trouble, backend: str) -> Message | None:
    """What to say where the backend has found no GPU, whichever solution it is."""
    if not (isinstance(result, Trouble) and result.no_accelerator):
        return None
    packages = {"tensorflow": "tensorflow[and-cuda]", "jax": "jax[cuda]", "torch": "torch"}
    return message(
        "`{backend}` finds no GPU here, only `{device}`: it takes a GPU with its driver, and `{command}`. "
        "`--device cpu` trains without.",
        backend=backend,
        device=result.error,
        command=f"pip install '{packages[backend]}'",
    )


def _document(results: Sequence[Verified | Trouble], wish: Wish) -> str:
    document = {
        "schema_version": 1,
        "command": "verify",
        "passed": all(_passed(result) for result in results),
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


def _print(results: Sequence[Verified | Trouble], language: Language) -> None:
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
        for training in one.trainings:
            table.add_row(
                one.assignment,
                say(LESSONS[training.lesson]),
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
    passed = sum(_passed(result) for result in results)
    console.print(say(message("{passed} of {total} solutions hold.", passed=passed, total=len(results))))


def _faults(result: Verified | Trouble) -> list[Message]:
    """What is wrong with it, one sentence a fault."""
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
                    "`{lesson}`: the loss `{name}` goes from {first} to {last}, and must fall.",
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
                    "`{lesson}`: a step moves the weights of the shared `{layer}` {moves} times as far as "
                    "its calls together ask for.",
                    lesson=training.lesson,
                    layer=name,
                    moves=f"{training.shared[name]:.3g}",
                )
            )
    return faults
