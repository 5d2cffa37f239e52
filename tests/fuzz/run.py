"""Coverage-guided fuzzing of one target: python -m tests.fuzz.run TARGET FOLDER [libFuzzer's flags…]

FOLDER is the corpus: what is found to be of interest is kept there. The exit code is 0 if nothing was wrong.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

# What is imported below is watched: an input that goes a new way through it is kept and changed further.
with atheris.instrument_imports(include=["autograder"]):
    from tests.fuzz.mutation import mutated_text
    from tests.fuzz.targets import TARGETS, seeds


def main() -> None:
    """Fuzz until libFuzzer's flags say that it is enough."""
    target, folder, *flags = sys.argv[1:]
    corpus = Path(folder)
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds(target)):
        (corpus / f"seed-{number}").write_bytes(seed)

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        changed = mutated_text(data, seed, most) if seed % 4 else None
        return changed if changed is not None else atheris.Mutate(data, most)

    arguments = [sys.argv[0], str(corpus), f"-artifact_prefix={corpus}/fault-", *flags]
    atheris.Setup(arguments, TARGETS[target], custom_mutator=mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
