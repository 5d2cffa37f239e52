"""Whether browsers go every way, as for `make test-browsers`, or those that `make test` has time for."""

import os

EVERY_WAY = os.environ.get("BROWSER_WAYS") == "all"
