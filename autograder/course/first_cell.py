"""Makes a released notebook's first code cell, which gets a learner's machine ready and is not graded.

The release makes it in the notebook's language. Its message for a machine without this package stands in the
cell itself, for nothing else could show it there; `autograder.ready` (`study.ready`) says all the rest.
"""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

from autograder.course.load import SHARED
from autograder.messages import Language, message, render
from autograder.version import VERSION

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from autograder.course.model import Course

ID = "get-ready"
"""The cell's id, as long as an editor keeps it."""
PYTHON = (3, 11)
"""The oldest Python that the package is for, as `pyproject.toml` has it."""
WHEELS = f"{SHARED.replace('-', '_')}-*.whl"

_WIDTH = 84

_CALLED = re.compile(r"^\s*from autograder import ready\b", re.MULTILINE)

_TEXT = """\
# {comment}
import sys
from glob import glob
from importlib.util import find_spec

if sys.version_info < {python}:
    print(
{old}
    )
elif not find_spec("autograder"):
    for wheel in {wheels}[-1:]:
        %pip install --quiet "{{wheel}}"
    if not find_spec("autograder"):
        print(
{missing}
        )
from autograder import ready

ready("{version}", "{language}")"""


def first_cell(course: Course, language: Language) -> NotebookNode:
    """Return the cell as a release in `language` has it.

    It can be neither edited nor deleted by mistake: imports can be added in the cell below.
    """
    from nbformat.v4 import new_code_cell

    metadata = {"deletable": False, "editable": False}
    cell: NotebookNode = new_code_cell(first_cell_text(course, language), id=ID, metadata=metadata)
    return cell


def first_cell_text(course: Course, language: Language) -> str:
    """Return the cell's source."""
    comment = message("This cell gets the computer ready. Run it first; it is not graded.")
    old = message(
        "These exercises need Python {version} or newer, and this kernel's is older: choose another kernel, "
        "or install a newer Python.",
        version=".".join(map(str, PYTHON)),
    )
    missing = (
        message(
            "The package `{package}`, which checks your answers, is not there for this kernel and could not "
            "be installed. Is there a network? (On Kaggle it has to be switched on.) If not, put the file "
            "`{wheel}` beside this notebook, and run this cell again. If that does not help, restart the "
            "kernel.",
            package=SHARED,
            wheel=WHEELS,
        )
        if course.wheel
        else message(
            "The package `{package}`, which checks your answers, is not there for this kernel. Put the file "
            "`{wheel}`, which you were given, beside this notebook (on Colab: into the folder view at the "
            "left) and run this cell again, with a network, for the package needs others. If that does not "
            "help, restart the kernel, or choose the kernel that you have installed it for.",
            package=SHARED,
            wheel=WHEELS,
        )
    )
    uploaded = f'sorted(glob("{WHEELS}"))'
    return _TEXT.format(
        comment=render(comment, language),
        python=PYTHON,
        old=_quoted(render(old, language), 8),
        wheels=f'({uploaded} or ["{course.wheel}"])' if course.wheel else uploaded,
        missing=_quoted(render(missing, language), 12),
        version=VERSION,
        language=language,
    )


def is_first_cell(cell_id: str | None, source: str) -> bool:
    """Return whether a cell is a first cell, even if edited, of an older release, or without its id.

    Nothing that is graded depends on it, and so it may also be missing.
    """
    return cell_id == ID or _CALLED.search(source) is not None


def _quoted(text: str, indent: int) -> str:
    """Return a sentence as lines of Python that are short enough to be read."""
    # A Hangul syllable is as wide as two letters.
    width = _WIDTH if text.isascii() else _WIDTH // 2
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    lines = textwrap.wrap(escaped, width, drop_whitespace=False, break_long_words=False)
    return "\n".join(f'{" " * indent}"{line}"' for line in lines)
