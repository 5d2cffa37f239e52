"""Runs the public checks of a notebook: `python -m autograder.study.actions NOTEBOOK`."""

import sys
from pathlib import Path

from autograder.messages import AutograderError
from autograder.study.actions.job import main
from autograder.study.actions.telling import tell_failure

try:
    sys.exit(main(Path(sys.argv[1])))
except AutograderError as error:
    # What was given out beside the notebook is missing or damaged: there is no score then, and no 0.
    tell_failure(error.messages)
    sys.exit(1)
