"""The network is trained on striped pictures."""

from __future__ import annotations

from autograder.verification.trainings import Size, on_stripes

TRAININGS = [on_stripes(lambda names: names["model"], Size(48, 2, 8))]
