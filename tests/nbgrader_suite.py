"""nbgrader's own tests, as nbgrader comes and with this course's steps in place of nbgrader's.

A test that passes with nbgrader's own steps must pass with ours: with another course's assignment ours do as
nbgrader's. Its wheel holds its tests, and nothing in them is changed: our steps come from a folder on
`JUPYTER_CONFIG_PATH`.

    python -m tests.nbgrader_suite [export collect ...] [--limit 30] [--configuration nbgrader_config.py]
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).parents[1]

# The commands that run our steps. `nbgrader.tests.api` reads no configuration and takes a quarter of an hour.
MODULES = {
    "export": "nbgrader.tests.apps.test_nbgrader_export",
    "collect": "nbgrader.tests.apps.test_nbgrader_collect",
    "zip_collect": "nbgrader.tests.apps.test_nbgrader_zip_collect",
    "generate_feedback": "nbgrader.tests.apps.test_nbgrader_generate_feedback",
    "generate_assignment": "nbgrader.tests.apps.test_nbgrader_generate_assignment",
    "autograde": "nbgrader.tests.apps.test_nbgrader_autograde",
    "api": "nbgrader.tests.apps.test_api",
}

# Tests that pass with nbgrader's steps and are not to pass with ours, each with the reason.
DIFFERENT: dict[str, str] = {}

OUR_STEPS = """\
from autograder.gradebook.configuration import configure_steps

configure_steps(get_config())
"""


@dataclass
class Outcomes:
    """How the tests of a module ended, what the failed ones said, and how long all took."""

    by_test: dict[str, str] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    def __str__(self) -> str:
        counts = Counter(self.by_test.values())
        ended = ", ".join(f"{counts[outcome]} {outcome}" for outcome in ("passed", "failed", "skipped"))
        return f"{ended} in {self.seconds:.0f} s"


def main() -> int:
    """Run both, compare test by test, and say what differs."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("modules", nargs="*", metavar="module", help=f"of {', '.join(MODULES)}; else all")
    options.add_argument("--limit", type=float, default=30, help="minutes that one run of a module may take")
    options.add_argument("--configuration", type=Path, help="another nbgrader_config.py instead of our steps")
    chosen = options.parse_args()
    if unknown := sorted(set(chosen.modules) - set(MODULES)):
        options.error(f"no such module: {', '.join(unknown)}; there are {', '.join(MODULES)}")
    ours = chosen.configuration.read_text(encoding="utf-8") if chosen.configuration else OUR_STEPS
    complaints, table = [], []
    for name in chosen.modules or MODULES:
        module = MODULES[name]
        print(f"\n{name}, with nbgrader's steps", flush=True)
        stock = run([module], "", chosen.limit)
        print(f"{name}, with ours", flush=True)
        mine = run([module], ours, chosen.limit)
        # The kernels that these tests start are late now and then on a busy machine: one more try.
        if lost := [test for test in judge(stock.by_test, mine.by_test, DIFFERENT) if test in mine.by_test]:
            print(f"{name}, once more: {len(lost)} that passed with nbgrader's steps only", flush=True)
            again = run([f"{module}::{test}" for test in lost], ours, chosen.limit)
            mine.by_test |= again.by_test
            mine.said |= again.said
        found = judge(stock.by_test, mine.by_test, DIFFERENT)
        table.append(f"{name:<20} stock: {stock!s:<44} ours: {mine}")
        complaints += [f"{name}: {test}: {why}\n{mine.said.get(test, '')}" for test, why in found.items()]
    print("\n" + "\n".join(table))
    print("\n" + ("\n".join(complaints) or "With our steps everything passes that passes with nbgrader's."))
    return 1 if complaints else 0


def judge(stock: Mapping[str, str], ours: Mapping[str, str], different: Collection[str]) -> dict[str, str]:
    """The tests that end otherwise than they should, each with what is wrong."""
    if "passed" not in stock.values():
        return {"(all)": "nothing passed with nbgrader's own steps: there is nothing to compare with"}
    wrong = {}
    for test, outcome in stock.items():
        found = ours.get(test, "not run")
        if test in different and found == "passed":
            wrong[test] = "listed as different, and it passes with our steps: take it off the list"
        elif test not in different and outcome == "passed" and found != "passed":
            wrong[test] = f"passed with nbgrader's steps, {found} with ours"
    return wrong


def run(tests: list[str], configuration: str, limit: float) -> Outcomes:
    """Run some of nbgrader's tests under a configuration, their dots going to our own output."""
    place = Path(tempfile.mkdtemp(prefix="nbgrader-suite-"))
    try:
        for folder in ("configuration", "home", "work"):
            (place / folder).mkdir()
        (place / "configuration" / "nbgrader_config.py").write_text(configuration, encoding="utf-8")
        # Our own settings of pytest are not theirs, and `.venv` may lie in the folder that has them.
        (place / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "pytest", "--pyargs", *tests, "-c", place / "pytest.ini",
             f"--rootdir={place}", f"--junitxml={place / 'outcomes.xml'}", "-p", "no:cacheprovider",
             "-q", "--tb=short", "--no-summary", "-W", "ignore"],
            cwd=place / "work", env=environment(place), stdin=subprocess.DEVNULL,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            process.wait(limit * 60)
        except subprocess.TimeoutExpired:
            print(f"stopped after {limit:g} minutes", flush=True)
        finally:
            end(process)
        return read_outcomes(place / "outcomes.xml", time.perf_counter() - started)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def environment(place: Path) -> dict[str, str]:
    """The environment of a run: no configuration but the one that is handed in."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "PYTEST"))}
    programs = Path(sys.executable).parent
    return {
        **kept,
        "HOME": str(place / "home"),
        "JUPYTER_CONFIG_PATH": str(place / "configuration"),
        # nbgrader calls programs of its environment by their bare names.
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH")))),
        "AUTOGRADER_LANG": "en",
    }


def end(process: subprocess.Popen[bytes]) -> None:
    """End the run and what it has started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def read_outcomes(path: Path, seconds: float) -> Outcomes:
    """The outcomes that pytest has written; none where it was stopped before it wrote them."""
    outcomes = Outcomes(seconds=seconds)
    if not path.is_file():
        return outcomes
    for case in ElementTree.parse(path).iter("testcase"):
        owner = case.get("classname", "").rpartition(".")[2]
        test = f"{owner}::{case.get('name')}" if owner.startswith("Test") else str(case.get("name"))
        parts = {part.tag: part for part in case}
        broken = parts.get("failure", parts.get("error"))
        if broken is not None:
            outcomes.by_test[test] = "failed"
            outcomes.said[test] = broken.text or ""
        else:
            outcomes.by_test[test] = "skipped" if "skipped" in parts else "passed"
    return outcomes


if __name__ == "__main__":
    sys.exit(main())
