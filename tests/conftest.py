"""What every test stands on."""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# The tests compare sentences; the machine's own language must not decide them.
os.environ["AUTOGRADER_LANG"] = "en"

from hypothesis import settings

# A shared machine stalls now and then: absolute times are never asserted.
settings.register_profile("default", deadline=None, print_blob=True)
settings.load_profile("default")
