"""What takes long to be trained is trained by `make test-backends`."""

from __future__ import annotations

from tests.assignments.notebooks import WHOLE

collect_ignore = [] if WHOLE else ["test_trainings.py"]
