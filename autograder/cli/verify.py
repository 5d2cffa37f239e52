"""`autograder verify`: grade and train the reference solutions on a backend and a device."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

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
from autograder.cli.verified import holds, print_verified, verified_document
from autograder.graph import backends
from autograder.messages import Language, Message, message
from autograder.verification.result import Trouble, Underway, Verified
from autograder.verification.verify import Wish
from autograder.verification.verify import verify as verify_solution


class Backend(StrEnum):
    """The backends that train."""

    tensorflow = "tensorflow"
    jax = "jax"
    torch = "torch"


class Devices(StrEnum):
    """The devices to train on; `auto` is the backend's own choice."""

    auto = "auto"
    cpu = "cpu"
    gpu = "gpu"


class Scales(StrEnum):
    """The sizes of trainings."""

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
    """Run `autograder verify`."""
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
            "The backend `{name}` cannot train; choose another with --backend: {known}.",
            name=wish.backend,
            known=known,
        )
        fail(said, language)
    if (lacking := backends.lacking_for(wish.backend)) is not None:
        fail(lacking, language)
    with explained(lang):
        found = course_at(course)
        chosen = [*found.assignments] if name is None else [found.assignment(name)]
    if output is not None:
        _writable(output, language)
    results: list[Verified | Trouble] = []
    with Bar(Console(stderr=True, highlight=False), language, message("Starting")) as bar:
        for assignment in chosen:
            _show(bar, results, len(chosen), assignment.id)

            def listen(underway: Underway, running: str = assignment.id) -> None:
                _show(bar, results, len(chosen), running, underway)

            results.append(verify_solution(found, assignment, wish, listen))
            if (lacking := _lacks_accelerator(results[-1], wish.backend)) is not None:
                break
    if lacking is not None:
        fail(lacking, language)
    document = verified_document(results, wish)
    if output is not None:
        output.write_text(document, encoding="utf-8")
    if as_json:
        print(document, end="")
    else:
        print_verified(results, language)
    raise typer.Exit(ALL_WELL if all(holds(result) for result in results) else NOT_YET)


def _writable(output: Path, language: Language) -> None:
    """Report now that a file cannot be written, and not after hours of training."""
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
    """Show the progress; the time left is that of the current solution's trainings."""
    done = len(results)
    plainly = message("Solutions verified: {done} of {total}", done=done, total=total)
    left = None
    if underway is not None:
        step, steps = underway.step, underway.steps
        plainly = message(
            "Solutions verified: {done} of {total}; {assignment}: step {step} of {steps}",
            done=done,
            total=total,
            assignment=running,
            step=f"{step:,}",
            steps=f"{steps:,}",
        )
        running = f"{running} · {step:,}/{steps:,}"
        left = (steps - step) / underway.steps_per_second if underway.steps_per_second else None
    bar.show(message("Verifying"), plainly, done=done, total=total, running=running, seconds_left=left)


def _lacks_accelerator(result: Verified | Trouble, backend: str) -> Message | None:
    """Return the message that the backend has found no GPU, whichever the solution; None if it has one."""
    if not (isinstance(result, Trouble) and result.no_accelerator):
        return None
    packages = {"tensorflow": "tensorflow[and-cuda]", "jax": "jax[cuda]", "torch": "torch"}
    return message(
        "`{backend}` finds no GPU here, only `{device}`: this needs a GPU with its "
        "driver, and `{command}`. `--device cpu` trains without a GPU.",
        backend=backend,
        device=result.error,
        command=f"pip install '{packages[backend]}'",
    )
