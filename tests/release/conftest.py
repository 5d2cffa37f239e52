"""What solutions are run by is a fork of the warm server, where it is not a fork of this process."""

from __future__ import annotations

from tests.warm import programs_are_warm  # noqa: F401
