"""Prepares the plots of a notebook for a language whose letters Matplotlib's own font does not have."""

from __future__ import annotations

import logging

from autograder.course.fonts import HANGUL, hangul_files
from autograder.messages import Language


def write_plots_in(language: Language) -> None:
    """Let Matplotlib write a language's letters, which would be empty boxes otherwise.

    Where the font is missing, the plots keep the boxes, and nothing stops.
    """
    if language != "ko":
        return
    log = logging.getLogger("matplotlib")
    level = log.level
    # In a home that cannot be written to, Matplotlib says so at length, and draws all the same.
    log.setLevel(logging.ERROR)
    try:
        from matplotlib import font_manager, rcParams

        for file in hangul_files():
            font_manager.fontManager.addfont(file)
    except (ImportError, OSError, RuntimeError):
        return
    finally:
        log.setLevel(level)
    # Letters and digits stay as they were: the second font is used only for what the first does not have.
    if HANGUL not in rcParams["font.family"]:
        rcParams["font.family"] = [*rcParams["font.family"], HANGUL]
