"""The command line: one small module per command."""

from autograder.cli.app import main

__all__ = ["main"]
