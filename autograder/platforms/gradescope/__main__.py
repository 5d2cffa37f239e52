"""Grades the submission in Gradescope's container: `python -m autograder.platforms.gradescope ROOT`."""

import sys
from pathlib import Path

from autograder.platforms.gradescope.container import main

sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "/autograder")))
