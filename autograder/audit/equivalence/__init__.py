"""Right answers written in other ways than the reference solution's; each of them must get full marks."""

from autograder.audit.equivalence.programs import Equivalent, equivalents
from autograder.audit.equivalence.refusing import Refusal, refusals, shrunk
from autograder.audit.equivalence.rules import RULES

__all__ = ["RULES", "Equivalent", "Refusal", "equivalents", "refusals", "shrunk"]
