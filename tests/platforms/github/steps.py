"""The step of a learner's workflow that checks, run with what GitHub sets."""

from __future__ import annotations

import base64
import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests import warm
from tests.gradebook.courses import environment


@dataclass
class Ran:
    """How the step ended, and what it told GitHub; the result is empty where there is none."""

    done: subprocess.CompletedProcess[str]
    result: dict[str, Any]
    summary: str

    @property
    def annotations(self) -> list[tuple[int, str]]:
        """Line and sentence of each."""
        command = r"^::error file=inception\.ipynb,line=(\d+),title=[^:]*::(.*)$"
        found = re.findall(command, self.done.stdout, re.M)
        return [(int(line), said) for line, said in found]


def workflow(repository: Path, name: str) -> Any:
    """A workflow of a repository, as it is written there."""
    return YAML(typ="safe", pure=True).load(repository / ".github" / "workflows" / f"{name}.yml")


def checked(repository: Path, files: Mapping[str, bytes]) -> Ran:
    """Write a learner's repository and run the step in it."""
    for name, content in files.items():
        (repository / name).parent.mkdir(parents=True, exist_ok=True)
        (repository / name).write_bytes(content)
    return step(repository)


def step(repository: Path, **limits: float) -> Ran:
    """Run the step that checks, by the words that the workflow has; `limits` are those of `running`."""
    steps = workflow(repository, "classroom")["jobs"]["run-autograding-tests"]["steps"]
    (checks,) = (one for one in steps if one.get("id") == "public-checks")
    words = checks["run"].split()
    assert words[:2] == ["python", "-P"]
    if limits:
        chosen = "".join(f"running.{name} = {seconds}; " for name, seconds in limits.items())
        program = (
            f"from autograder.study.actions import job, running; from pathlib import Path; {chosen}"
            f"job.main(Path({words[-1]!r}))"
        )
        words[2:] = ["-c", program]
    output, summary = repository.parent / "output", repository.parent / "summary"
    done = warm.run(
        words[2:],
        cwd=repository,
        environment=environment(
            GITHUB_OUTPUT=str(output), GITHUB_STEP_SUMMARY=str(summary), GITHUB_ACTIONS="true",
            XDG_DATA_HOME=str(repository.parent / "data"), **checks["env"],
        ),
    )  # fmt: skip
    if not output.exists():
        return Ran(done, {}, "")
    name, _, value = output.read_text().strip().partition("=")
    assert name == "result"
    return Ran(done, json.loads(base64.b64decode(value)), summary.read_text(encoding="utf-8"))
