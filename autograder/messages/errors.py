"""The root of every error of this package: what is wrong, in sentences in the reader's language.

    AutograderError
    ├── CourseError             the course is not in order (`course`)
    ├── MarkerError             the markers of a solution cell do not pair up (`course`)
    ├── UnextractableError      a sentence is not written out where it is said (`messages`)
    ├── GraphError              a graph cannot be read or reckoned with (`graph`)
    │   └── ShapeError          its sizes do not meet
    ├── UninspectableError      a configuration holds what a graph cannot say (`graph`)
    ├── EvidenceError           evidence is damaged, too large, or none (`evidence`)
    ├── GraderError             a grader's file is wrong (`checks`)
    ├── CheckFailure            a check has failed (`checks`)
    │   └── NothingSeen         … because there was nothing for it to look at
    ├── ReportError             a report cannot be read or written (`feedback`)
    │   └── ReportChanged       it is not as it was written
    ├── NotPassed               nbgrader validates, and a check has not passed (`study`)
    ├── NotReady                this machine lacks something that the exercises need (`study`)
    ├── SandboxError            the sandbox could not do its work (`sandbox`)
    │   └── WarmInterpreterGone
    ├── OutputError             a learner's process sent what the shell would not have sent (`sandbox`)
    ├── InputNotSupportedError  a notebook asks for input (`sandbox`)
    ├── GradingError            grading cannot go on (`grading`)
    │   └── NoGradebook, GradebookLocked (`gradebook`)
    ├── UnreadableNotebook      a submission's file is no notebook (`grading`)
    ├── OverBudget              judging a submission takes more than the grader has for one (`grading`)
    ├── FrameError              what arrived is no frame (`grading`)
    ├── ProcessDied             a grading process has ended (`grading`)
    ├── NotGraded               the grader itself failed on a submission (`gradebook`)
    ├── RosterError             the class list is not in order (`gradebook`)
    ├── ArchiveError            an archive is not unpacked (`gradebook`)
    ├── TimestampError          nobody can tell when a submission was handed in (`gradebook`)
    ├── NoReports               there is no report to sum up (`class_report`)
    ├── WatchError, Ended       watching cannot go on, or has been asked to end (`watching`)
    └── NoAcceleratorError      the backend finds no GPU (`verification`)

What a module keeps to itself begins with an underscore and is not named here.
"""

from __future__ import annotations

from autograder.messages.message import Message, verbatim
from autograder.messages.rendering import render


class AutograderError(Exception):
    """What is wrong and how to mend it: `messages` has one sentence for each fault.

    What only authors and maintainers read may be given as plain text, which `str` returns unchanged.
    """

    def __init__(self, *messages: Message | str) -> None:
        super().__init__(*messages)
        self.messages = tuple(verbatim(said) if isinstance(said, str) else said for said in messages)

    @property
    def message(self) -> Message:
        """The first sentence."""
        return self.messages[0]

    def __str__(self) -> str:
        return "\n".join(said if isinstance(said, str) else render(said, "en") for said in self.args)
