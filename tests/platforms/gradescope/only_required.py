"""As a `sitecustomize`: packages that a file of requirements does not name cannot be imported.

The file is `REQUIREMENTS`; modules of no package are the standard library's and this project's own.
"""

from __future__ import annotations

import importlib.metadata
import os
import re
import sys
from importlib.abc import MetaPathFinder
from typing import Any

_NAMED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==", re.MULTILINE)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


class _OnlyRequired(MetaPathFinder):
    """Refuses modules of packages that are not named."""

    def __init__(self) -> None:
        with open(os.environ["REQUIREMENTS"], encoding="utf-8") as file:
            named = {_normal(name) for name in _NAMED.findall(file.read())}
        packages = importlib.metadata.packages_distributions()
        self.refused = {
            module
            for module, owners in packages.items()
            if not named & {_normal(owner) for owner in owners} and module not in ("autograder", "pip")
        }

    def find_spec(self, fullname: str, *_: Any) -> None:
        """Refuse, or let others find."""
        if fullname.partition(".")[0] in self.refused:
            raise ModuleNotFoundError(f"No module named {fullname!r}: it is not required", name=fullname)


# The processes that learner code runs in have another environment, and what they import is imported already.
if "REQUIREMENTS" in os.environ:
    sys.meta_path.insert(0, _OnlyRequired())
