"""The report's documents say what the report is."""

import json
import re
from pathlib import Path

from autograder.feedback.schema import schema_text

DOCS = Path(__file__).parents[2] / "docs"


def test_the_schema_document_is_in_step() -> None:
    """`python -m autograder.feedback.schema docs/report.schema.json` would change nothing."""
    assert schema_text() == (DOCS / "report.schema.json").read_text(encoding="utf-8")


def test_every_key_is_described_and_no_other() -> None:
    """Model by model, docs/report.md has a row for each key."""
    schema = json.loads(schema_text())
    models = {"Report": schema, **schema["$defs"]}
    described: dict[str, list[str]] = {}
    section = ""
    for line in (DOCS / "report.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            section = line[3:]
        row = re.match(r"\| `(\w+)` \| .+ \|$", line)
        if row:
            described.setdefault(section, []).append(row[1])

    expected = {name: list(model["properties"]) for name, model in models.items() if name != "Localized"}
    pair = "Message and Localized"
    expected[pair] = expected.pop("Message")
    assert {name: sorted(keys) for name, keys in expected.items()} == {
        name: sorted(keys) for name, keys in described.items()
    }
