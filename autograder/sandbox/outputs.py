"""Reads the outputs of a process that is not trusted into nbformat outputs and nothing else.

Later readers may rely on the caps that are set here: on the number of outputs, on the length of an error's
texts, and on how deep data is nested.
"""

from __future__ import annotations

from typing import Any

from autograder.messages import AutograderError
from autograder.sandbox.request import MOST_OUTPUTS, CellError

_DEEPEST = 32
_MOST_NAME = 200
_MOST_SAID = 4_000
_MOST_TRACEBACK = 200
_LARGEST_NUMBER = 2**31


class OutputError(AutograderError):
    """An output that the sandbox's own shell would not have sent."""


def clean_text(text: str) -> str:
    """Return `text` as it can be written to a file: half surrogate pairs become question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def read_outputs(found: Any, unclean: bool) -> list[dict[str, Any]]:
    """Return nbformat 4 outputs, each with `display_id` beside its own keys where it has one.

    `unclean` says that the text may hold half surrogate pairs. Raises OutputError.
    """
    if not isinstance(found, list) or len(found) > MOST_OUTPUTS:
        raise OutputError
    outputs = [_output(output) for output in found]
    return [_clean(output) for output in outputs] if unclean else outputs


def _output(found: Any) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise OutputError
    kind = found.get("output_type")
    if kind == "stream":
        if found.get("name") not in ("stdout", "stderr"):
            raise OutputError
        return {"output_type": "stream", "name": found["name"], "text": _text(found.get("text"))}
    if kind == "error":
        return {
            "output_type": "error",
            "ename": _text(found.get("ename"))[:_MOST_NAME],
            "evalue": _shortened(_text(found.get("evalue"))),
            "traceback": _traceback(found.get("traceback")),
        }
    if kind not in ("display_data", "execute_result"):
        raise OutputError
    data, metadata = _bundle(found.get("data")), _bundle(found.get("metadata"))
    output = {"output_type": kind, "data": data, "metadata": metadata}
    if kind == "execute_result":
        count = found.get("execution_count")
        output["execution_count"] = _small(count)
    transient = found.get("transient")
    if isinstance(transient, dict) and isinstance(transient.get("display_id"), str):
        output["display_id"] = transient["display_id"]
    return output


def read_updates(found: Any, unclean: bool) -> dict[str, dict[str, Any]]:
    """Return the new contents that `update_display` was given, by display id; raises OutputError."""
    if not isinstance(found, list) or len(found) > MOST_OUTPUTS:
        raise OutputError
    updates = {}
    for update in found:
        if not isinstance(update, dict):
            raise OutputError
        contents = {"data": _bundle(update.get("data")), "metadata": _bundle(update.get("metadata"))}
        updates[_text(update.get("display_id"))] = _clean(contents) if unclean else contents
    return updates


def without_display_ids(outputs: list[dict[str, Any]]) -> None:
    """Remove the display ids, which only served to find an output again."""
    for output in outputs:
        output.pop("display_id", None)


def read_error(found: Any) -> CellError | None:
    """Return the description of a cell's exception; raises OutputError."""
    if found is None:
        return None
    if not isinstance(found, dict):
        raise OutputError
    line, number = found.get("line"), found.get("line_number")
    return CellError(
        name=clean_text(_text(found.get("name"))[:_MOST_NAME]),
        value=clean_text(_shortened(_text(found.get("value")))),
        traceback=tuple(clean_text(text) for text in _traceback(found.get("traceback"))),
        line=clean_text(_shortened(_text(line))) if line is not None else None,
        line_number=_small(number),
    )


def _text(found: Any) -> str:
    if not isinstance(found, str):
        raise OutputError
    return found


def _shortened(text: str) -> str:
    """Return a long text's beginning and end; TensorFlow says at the end what has happened."""
    return text if len(text) <= _MOST_SAID else f"{text[: _MOST_SAID // 2]}…{text[-_MOST_SAID // 2 :]}"


def _traceback(found: Any) -> list[str]:
    if not isinstance(found, list):
        raise OutputError
    lines = found if len(found) <= _MOST_TRACEBACK else [*found[: _MOST_TRACEBACK // 2], "…", found[-1]]
    return [_shortened(_text(text)) for text in lines]


def _small(number: Any) -> int | None:
    return number if type(number) is int and 0 <= number < _LARGEST_NUMBER else None


def _bundle(found: Any) -> dict[str, Any]:
    """Return data by its types, without what is nested too deep for a program that walks through it."""
    if not isinstance(found, dict):
        raise OutputError
    if not any(isinstance(value, (dict, list)) for value in found.values()):
        return found
    return {kind: value for kind, value in found.items() if not _too_deep(value)}


def _too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(_DEEPEST):
        level = [
            inner
            for item in level
            if isinstance(item, (dict, list))
            for inner in (item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return False
    return True


def _clean(found: Any) -> Any:
    if isinstance(found, str):
        return clean_text(found)
    if isinstance(found, list):
        return [_clean(item) for item in found]
    if isinstance(found, dict):
        return {clean_text(key): _clean(value) for key, value in found.items()}
    return found
