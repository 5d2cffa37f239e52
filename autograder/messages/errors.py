"""The errors whose words are for people: what is in the way, in sentences in the reader's language.

AutograderError
├── CourseError     the course is not in order (`course`)
├── GradingError    grading cannot go on (`grading`)
└── SandboxError    the sandbox could not do its work (`sandbox`)
    └── WarmInterpreterGone
"""

from __future__ import annotations

from autograder.messages.message import Message
from autograder.messages.rendering import render


class AutograderError(Exception):
    """What is in the way, and the cure: `messages` has one sentence for each fault."""

    def __init__(self, *messages: Message) -> None:
        super().__init__("\n".join(render(said, "en") for said in messages))
        self.messages = messages

    @property
    def message(self) -> Message:
        """The first sentence."""
        return self.messages[0]
