"""Renders a report's drawing as pixels, for pages that show no SVG."""

from __future__ import annotations

import base64
import logging

from autograder.course.pictures import png
from autograder.feedback import Drawing
from autograder.messages import Language

_LOG = logging.getLogger(__name__)
_LARGEST = 400_000
"""Largest picture in bytes; a larger one is told in lines, like everything that cannot be drawn."""


def data_address(drawing: Drawing, language: Language) -> tuple[str, int] | None:
    """Return the drawing as a `data:` address of a PNG, and its width; None where it cannot be drawn."""
    # Graphs need Keras, and grading alone should not wait for it.
    from autograder.graph import difference_from_plain, draw, from_plain

    try:
        graph = from_plain(drawing.graph)
        differences = tuple(difference_from_plain(difference) for difference in drawing.differences)
        pixels, width = png(draw(graph, differences=differences, language=language, themes=False))
    except Exception:
        # A picture that cannot be drawn is left out; the results stay.
        _LOG.exception("a picture could not be drawn")
        return None
    if len(pixels) > _LARGEST:
        return None
    return f"data:image/png;base64,{base64.b64encode(pixels).decode()}", width
