"""An organization on GitHub with learners' repositories, here: a `gh` that lists and clones them."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.gradebook.courses import environment

AUTHOR = ("-c", "user.name=x", "-c", "user.email=x@example.org")
GH = """#!/usr/bin/env bash
if [ "$2" = list ]; then cat "$REMOTE/names"; exit; fi
name=${3#org/}; place=$4; shift 5
exec git clone "$@" "file://$REMOTE/$name" "$place"
"""


class Organization:
    """The organization `org`; `names` are its repositories', those that cannot be read among them."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self.names: list[str] = []
        (place / "bin").mkdir(parents=True)
        (place / "bin" / "gh").write_text(GH)
        (place / "bin" / "gh").chmod(0o755)

    def push(self, name: str, files: Mapping[str, bytes | None]) -> None:
        """Commit those files to a repository, which is made where there is none; None removes one."""
        repository = self._place / name
        if name not in self.names:
            self.names.append(name)
            repository.mkdir()
            subprocess.run(["git", "init", "-q"], cwd=repository, check=True)
        for path, content in files.items():
            if content is None:
                (repository / path).unlink()
            else:
                (repository / path).parent.mkdir(parents=True, exist_ok=True)
                (repository / path).write_bytes(content)
        for words in (("add", "--all"), ("commit", "-qm", "x")):
            subprocess.run(["git", *AUTHOR, *words], cwd=repository, check=True)

    def collect(self, course: Path, prefix: str, assignment: str) -> subprocess.CompletedProcess[str]:
        """Run the step that collects, as the workflow in the instructor's repository does."""
        (self._place / "names").write_text("\n".join(self.names))
        script = course / ".github" / "autograder" / "collect.sh"
        return subprocess.run(
            ["bash", script if script.exists() else course / "collect.sh"],
            cwd=course, capture_output=True, text=True, check=False,
            env={**environment(), "PATH": f"{self._place / 'bin'}:/usr/local/bin:/usr/bin:/bin",
                 "REMOTE": str(self._place), "ORGANIZATION": "org", "PREFIX": prefix,
                 "ASSIGNMENT": assignment, "HOME": str(course)},
        )  # fmt: skip
