"""What verifying a reference solution found, as the document that a run prints."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

# A gradient's length and the loss's slope beside it, measured in single precision, differ by less.
ONCE = 0.01


class Underway(BaseModel):
    """How far a solution is: the steps taken, of those of its trainings together."""

    model_config = ConfigDict(frozen=True)

    step: int
    steps: int
    steps_per_second: float
    """0.0 as long as it cannot be told."""


class Trained(BaseModel):
    """One training: what fell, what moved, and how fast it was.

    Times are in seconds, memory in bytes; steps and samples per second leave the first step out, in which a
    model is compiled.
    """

    model_config = ConfigDict(frozen=True)

    lesson: str
    parameters: int
    samples: int
    epochs: int
    start_loss: dict[str, float]
    """The first step's loss, before any weight has moved: what the backends differ in is rounding alone."""
    first_loss: dict[str, float]
    """The first epoch's loss, and that of each output where there are several."""
    last_loss: dict[str, float]
    falls: float
    """The last epoch's loss must be at most this share of the first one's."""
    still: list[str]
    """Weights that should have moved and did not: no gradient has reached them."""
    shared: dict[str, float]
    """How often one step moves each shared layer's weights (`sharing.shared_moves`)."""
    steps_per_second: float
    samples_per_second: float
    peak_bytes: int
    seconds: float

    @property
    def risen(self) -> list[str]:
        """The losses that did not fall as far as they must: the whole by `falls`, an output's by anything."""
        return [
            name
            for name, last in self.last_loss.items()
            if not last <= self.first_loss[name] * (self.falls if name == "loss" else 1.0)
        ]

    @property
    def astray(self) -> list[str]:
        """The shared layers whose weights a step does not move once, by the gradient of all their calls."""
        return [name for name, moves in self.shared.items() if not abs(moves - 1) <= ONCE]


class Verified(BaseModel):
    """A reference solution on one backend."""

    model_config = ConfigDict(frozen=True)

    assignment: str
    backend: str
    backend_version: str
    keras_version: str
    device: str
    """What the backend says of the device that the model's weights lie on."""
    accelerated: bool
    score: float
    max_score: float
    graphs: str
    """The digest of what each task's solution builds: the same on every backend."""
    trainings: list[Trained]
    seconds: float

    @property
    def passed(self) -> bool:
        """Full marks, losses that fell, weights that moved, and shared ones once."""
        return self.score == self.max_score and not any(
            one.risen or one.still or one.astray for one in self.trainings
        )


class Trouble(BaseModel):
    """Why a solution could not be verified: the last line of what stopped it."""

    model_config = ConfigDict(frozen=True)

    assignment: str
    error: str
    no_accelerator: bool = False
