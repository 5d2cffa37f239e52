"""Evidence: the plain JSON that leaves the jail, written next to learner code and read outside."""

from autograder.evidence.capture import capture
from autograder.evidence.reading import read
from autograder.evidence.schema import (
    Evidence,
    EvidenceError,
    KnownCall,
    ModelEvidence,
    Probe,
    ProbeError,
    ProbeInput,
    ProbeRequest,
    Replacement,
    TensorRequest,
    Value,
)

__all__ = [
    "Evidence",
    "EvidenceError",
    "KnownCall",
    "ModelEvidence",
    "Probe",
    "ProbeError",
    "ProbeInput",
    "ProbeRequest",
    "Replacement",
    "TensorRequest",
    "Value",
    "capture",
    "read",
]
