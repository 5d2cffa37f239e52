"""A network of two blocks is trained on striped pictures."""

from __future__ import annotations

from autograder.verification.trainings import Size, on_stripes

TRAININGS = [on_stripes(lambda names: names["deep_network"](2), Size(64, 4, 8))]
