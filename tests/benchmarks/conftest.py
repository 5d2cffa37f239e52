"""Loops in other frameworks are tried where those are (`make test-backends`)."""

from __future__ import annotations

from tests.verification.conftest import OTHERS

collect_ignore = [] if OTHERS else ["test_by_hand.py"]
