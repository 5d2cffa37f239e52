"""Holds what verifying a reference solution found, as the document that a run prints."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

# In single precision, a gradient's length and the slope of the loss differ by less than this.
ONCE = 0.01


class Underway(BaseModel):
    """The progress of a solution: the steps taken, out of those of all its trainings."""

    model_config = ConfigDict(frozen=True)

    step: int
    steps: int
    steps_per_second: float
    """0.0 as long as it is unknown."""


class Trained(BaseModel):
    """One training: which losses fell, which weights moved, and how fast it was.

    Times are in seconds, memory in bytes; steps and samples per second leave out the first step, in which a
    model is compiled.
    """

    model_config = ConfigDict(frozen=True)

    lesson: str
    parameters: int
    samples: int
    epochs: int
    start_loss: dict[str, float]
    """The first step's loss, before any weight has moved: backends differ in it only by rounding."""
    first_loss: dict[str, float]
    """The first epoch's loss, and that of each output if there are several."""
    last_loss: dict[str, float]
    falls: float
    """The last epoch's loss must be at most this fraction of the first one's."""
    still: list[str]
    """Weights that should have moved and did not: no gradient reached them."""
    shared: dict[str, float]
    """How often one step moves each shared layer's weights (`sharing.shared_moves`)."""
    steps_per_second: float
    samples_per_second: float
    peak_bytes: int
    seconds: float

    @property
    def risen(self) -> list[str]:
        """The losses that did not fall as they must: the whole one by `falls`, an output's by anything."""
        return [
            name
            for name, last in self.last_loss.items()
            if not last <= self.first_loss[name] * (self.falls if name == "loss" else 1.0)
        ]

    @property
    def astray(self) -> list[str]:
        """The shared layers whose weights a step does not move once by the gradient of all their calls."""
        return [name for name, moves in self.shared.items() if not abs(moves - 1) <= ONCE]


class Verified(BaseModel):
    """A reference solution on one backend."""

    model_config = ConfigDict(frozen=True)

    assignment: str
    backend: str
    backend_version: str
    keras_version: str
    device: str
    """The backend's name for the device that the model's weights are on."""
    accelerated: bool
    score: float
    max_score: float
    graphs: str
    """The digest of what the tasks' solutions build: the same on every backend."""
    trainings: list[Trained]
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether there are full marks, the losses fell, and the weights moved, shared ones once."""
        return self.score == self.max_score and not any(
            one.risen or one.still or one.astray for one in self.trainings
        )


class Trouble(BaseModel):
    """Why a solution could not be verified: the last line of what stopped it."""

    model_config = ConfigDict(frozen=True)

    assignment: str
    error: str
    no_accelerator: bool = False
