"""A font with Hangul, for the pictures of a release and for the plots of a Korean notebook.

A learner's machine may lack one, as Colab and most Linux machines do. It is a file of a package that is not
imported, for importing it would change Matplotlib's settings, and would fail on Python 3.12 (`distutils`).
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

HANGUL = "NanumGothic"
"""The font's name."""


def hangul_files() -> tuple[Path, ...]:
    """Return the files of the font, plain and bold.

    Raises:
        ModuleNotFoundError: the package that has them is not installed.
    """
    return package_files("koreanize_matplotlib", "fonts/NanumGothic.ttf", "fonts/NanumGothicBold.ttf")


def package_files(package: str, *names: str) -> tuple[Path, ...]:
    """Return the paths of a package's files without importing it.

    Raises:
        ModuleNotFoundError: it is not installed.
    """
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(f"No module named {package!r}", name=package)
    return tuple(Path(found.origin).parent / name for name in names)
