"""The options that benchmarks have in common: how often to measure, and whether to write what was found."""

from __future__ import annotations

import argparse


def benchmark_options(
    about: str | None, *, rounds: int | None = None, repeats: str = ""
) -> argparse.ArgumentParser:
    """Return a parser of `--dry-run`, and of `--rounds` for what is measured in rounds.

    Args:
        about: the benchmark's docstring.
        rounds: how many rounds there are unless it is said.
        repeats: what is done once in a round.
    """
    options = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--dry-run", action="store_true", help="write no figure")
    if rounds is not None:
        help_ = f"how often {repeats} ({rounds} unless it is said)"
        options.add_argument("--rounds", type=at_least_one, default=rounds, help=help_)
    return options


def at_least_one(text: str) -> int:
    """Read a number of rounds, of students, of processes to kill."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 on (got {text})")
    return number
