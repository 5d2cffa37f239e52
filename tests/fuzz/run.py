"""Coverage-guided fuzzing: python -m tests.fuzz.run FOLDER TARGET[,TARGET…] [libFuzzer's flags…]

FOLDER/TARGET is a target's corpus: what is found to be of interest is kept there. FOLDER/TARGET.log has what
libFuzzer says. For each target a line is printed: its name, and 0 if nothing was wrong.
"""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path

import atheris

# The packages that read what the targets are given. What takes over from there is not watched: it would take
# longer to import than `make test` has for the fuzzing itself.
WATCHED = ("course", "evidence", "gradebook", "grading", "messages")
PACKAGE = Path(__file__).parents[2] / "autograder"
UNWATCHED = {
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
    for path in PACKAGE.glob("*/**/*.py")
    if path.relative_to(PACKAGE).parts[0] not in WATCHED
}

# What is imported below is watched: an input that goes a new way through it is kept and changed further.
with atheris.instrument_imports(include=["autograder"], exclude=[*UNWATCHED]):
    from tests.fuzz.mutation import mutated_text
    from tests.fuzz.targets import PLANTED, TARGETS, seeds


def main() -> None:
    """Fuzz one target after the other, each until libFuzzer's flags say that it is enough."""
    folder, targets, *flags = sys.argv[1:]
    for target in targets.split(","):
        print(target, waited(target, Path(folder), flags), flush=True)


def waited(target: str, folder: Path, flags: list[str]) -> int:
    """Fuzz a target in a fork: libFuzzer ends its process, and importing takes longer than a short try."""
    (folder / target).mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    process = os.fork()
    if process == 0:
        log = os.open(folder / f"{target}.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        for number in (1, 2):
            os.dup2(log, number)
        try:
            fuzz(target, folder / target, flags)
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def fuzz(target: str, corpus: Path, flags: list[str]) -> None:
    """Fuzz a target; the process ends with it."""
    for number, seed in enumerate(seeds(target)):
        (corpus / f"seed-{number}").write_bytes(seed)

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        changed = mutated_text(data, seed, most) if seed % 4 else None
        return changed if changed is not None else atheris.Mutate(data, most)

    arguments = [sys.argv[0], str(corpus), f"-artifact_prefix={corpus}/fault-", *flags]
    atheris.Setup(arguments, (TARGETS | PLANTED)[target], custom_mutator=mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
