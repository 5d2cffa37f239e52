"""Decides how a program is written: by a seeded generator, or by hypothesis, which makes it smaller."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TypeVar

Thing = TypeVar("Thing")


class Choices(ABC):
    """A source of choices, which keeps the rules by which something was written in another way."""

    def __init__(self, only: Collection[str] | None = None) -> None:
        """Begin without a choice; `only` are the rules that may be used, None for all."""
        self.used: dict[str, None] = {}
        self._only = only

    def allow_any(self, rules: Iterable[str]) -> bool:
        """Return whether one of those rules may be used."""
        return self._only is None or any(rule in self._only for rule in rules)

    def pick(self, usual: Thing, others: Sequence[tuple[str, Thing]]) -> Thing:
        """Return `usual`, or one of the others, each of which is paired with its rule."""
        allowed = [(rule, other) for rule, other in others if self._only is None or rule in self._only]
        number = self._number(len(allowed)) if allowed else 0
        if number == 0:
            return usual
        rule, chosen = allowed[number - 1]
        self.used[rule] = None
        return chosen

    @abstractmethod
    def _number(self, most: int) -> int:
        """Return a number from 0, which changes nothing, to `most`."""


class Seeded(Choices):
    """Choices that leave a place as it is unless a random number falls below `likelihood`."""

    def __init__(
        self, generator: random.Random, likelihood: float, only: Collection[str] | None = None
    ) -> None:
        super().__init__(only)
        self._generator = generator
        self._likelihood = likelihood

    def _number(self, most: int) -> int:
        return self._generator.randint(1, most) if self._generator.random() < self._likelihood else 0


class Drawn(Choices):
    """Choices by a function that gives a number from 0 to a greatest one; hypothesis prefers 0."""

    def __init__(self, draw: Callable[[int], int], only: Collection[str] | None = None) -> None:
        super().__init__(only)
        self._number_up_to = draw

    def _number(self, most: int) -> int:
        return self._number_up_to(most)
