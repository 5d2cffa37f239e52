"""Outputs as they come from a process that is not trusted, read into nbformat outputs and nothing else."""

from __future__ import annotations

from typing import Any

from autograder.messages import AutograderError
from autograder.sandbox.request import CellError

_MOST_OUTPUTS = 100_000


class OutputError(AutograderError):
    """Something that the sandbox's own shell would not have sent."""


def clean_text(text: str) -> str:
    """`text` as it can be written to a file: half surrogate pairs become question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def read_outputs(found: Any, unclean: bool) -> list[dict[str, Any]]:
    """nbformat 4 outputs, each with `display_id` beside its own keys where it has one.

    `unclean`: the text may hold half surrogate pairs.  Raises OutputError.
    """
    if not isinstance(found, list) or len(found) > _MOST_OUTPUTS:
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
            "ename": _text(found.get("ename")),
            "evalue": _text(found.get("evalue")),
            "traceback": _texts(found.get("traceback")),
        }
    if kind not in ("display_data", "execute_result"):
        raise OutputError
    data, metadata = _bundle(found.get("data")), _bundle(found.get("metadata"))
    output = {"output_type": kind, "data": data, "metadata": metadata}
    if kind == "execute_result":
        count = found.get("execution_count")
        output["execution_count"] = count if type(count) is int else None
    transient = found.get("transient")
    if isinstance(transient, dict) and isinstance(transient.get("display_id"), str):
        output["display_id"] = transient["display_id"]
    return output


def update_outputs(cells: list[list[dict[str, Any]]], updates: Any, unclean: bool) -> None:
    """Puts `update_display`'s new contents in the place of the old, in every cell.  Raises OutputError."""
    if not isinstance(updates, list):
        raise OutputError
    wanted = {}
    for update in updates:
        if not isinstance(update, dict):
            raise OutputError
        contents = {"data": _bundle(update.get("data")), "metadata": _bundle(update.get("metadata"))}
        wanted[_text(update.get("display_id"))] = _clean(contents) if unclean else contents
    if wanted:
        for outputs in cells:
            for output in outputs:
                output.update(wanted.get(output.get("display_id", ""), {}))


def without_display_ids(outputs: list[dict[str, Any]]) -> None:
    """Takes off what only served to find an output again."""
    for output in outputs:
        output.pop("display_id", None)


def read_error(found: Any) -> CellError | None:
    """The description of a cell's exception.  Raises OutputError."""
    if found is None:
        return None
    if not isinstance(found, dict):
        raise OutputError
    line, number = found.get("line"), found.get("line_number")
    return CellError(
        name=clean_text(_text(found.get("name"))),
        value=clean_text(_text(found.get("value"))),
        traceback=tuple(clean_text(text) for text in _texts(found.get("traceback"))),
        line=clean_text(_text(line)) if line is not None else None,
        line_number=number if type(number) is int else None,
    )


def _text(found: Any) -> str:
    if not isinstance(found, str):
        raise OutputError
    return found


def _texts(found: Any) -> list[str]:
    if not isinstance(found, list):
        raise OutputError
    return [_text(text) for text in found]


def _bundle(found: Any) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise OutputError
    return found


def _clean(found: Any) -> Any:
    if isinstance(found, str):
        return clean_text(found)
    if isinstance(found, list):
        return [_clean(item) for item in found]
    if isinstance(found, dict):
        return {clean_text(key): _clean(value) for key, value in found.items()}
    return found
