"""Writes the report's JSON Schema, by `python -m autograder.feedback.schema docs/report.schema.json`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from autograder.feedback.report import Report

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_text() -> str:
    """Return the JSON Schema of a report, as the document in `docs/`."""
    schema = {"$schema": DIALECT, **Report.model_json_schema(mode="serialization")}
    return json.dumps(schema, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(schema_text(), encoding="utf-8")
