"""A real worker writes what this machine would have written, and keeps learner code from its cluster."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests import warm
from tests.gradebook.courses import command, hand_in, make_course, nbgrader, scores, url_of
from tests.warm.starting import HOOK

from .clusters import REAL, ROOT, children, cluster

SUBMISSIONS = (
    ("kim-seoyeon", "inception"),
    ("kim-seoyeon", "shared-lstm"),
)
# What is handed in later: by somebody who looks for the cluster, and by somebody who is graded after that.
THE_SPY, AFTERWARDS = "adams-spy", ("okafor-chidi", "inception")

# Looks for a way from the jail to the cluster; what it finds is the error that ends the notebook.
SPY = """
import os, socket
found = []
for family, address in ((socket.AF_INET, ("127.0.0.1", {port})), (socket.AF_UNIX, "\\0beyond-sequential")):
    try:
        with socket.socket(family, socket.SOCK_STREAM) as way:
            way.settimeout(5)
            way.connect(address)
            found.append(f"connected to {{address}}")
    except OSError:
        pass
for number in range(3, 1024):
    try:
        target = os.readlink(f"/proc/self/fd/{{number}}")
    except OSError:
        continue
    if target.startswith("socket:"):
        found.append(f"a socket: {{number}}")
found += [name for name in os.environ if "DASK" in name]
try:
    processes = os.listdir("/proc")
except OSError:
    processes = []
for name in processes:
    try:
        with open(f"/proc/{{name}}/cmdline", "rb") as file:
            if b"dask" in file.read():
                found.append(f"a process of Dask: {{name}}")
    except OSError:
        pass
try:
    import distributed
    distributed.Client("tcp://127.0.0.1:{port}", timeout=2)
    found.append("a client")
except BaseException:
    pass
raise RuntimeError(f"found: {{sorted(found)}}")
"""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory):
    """A class graded here and by a worker, into a gradebook each, and by the worker a spy, before the last.

    The reports from here and from there, without their times; what was said of the workers; the two courses.
    """
    place = tmp_path_factory.mktemp("real")
    here, there = place / "here", place / "there"
    generate(here)
    shutil.copytree(here, there, copy_function=copied)
    another = another_version(place / "another")
    # Learner code looks for processes of Dask by their names, and a fork would not be called so. The grading
    # processes that these start may be forks.
    with cluster(place / "cluster", forked=False) as one:
        worker = one.run(
            kubernetes_command(one.address, place / "scratch"),
            environment={"DASK_COMMENT": "not for learners", "PYTHONPATH": warm.SEARCH_PATH},
        )
        warm_there = f"{HOOK}{os.pathsep}{another}"
        other = one.add(preload=REAL, root=another, environment={"PYTHONPATH": warm_there})
        said = graded_into(there, "--scheduler", one.address)
        one.remove(other)
        # The same warm process serves the next run.
        (process,) = children(worker.pid)
        hand_in(there, "kim-seoyeon", "inception", as_student=THE_SPY)
        spy(there / "submitted" / THE_SPY / "inception" / "inception.ipynb", one.port)
        hand_in(there, *AFTERWARDS)
        graded_into(there, "--scheduler", one.address)
        assert children(worker.pid) == [process]
    hand_in(here, *AFTERWARDS)
    graded_into(here, "--jobs", "1")
    return reports(here / "out"), reports(there / "out"), said, (there, here)


def generate(place: Path) -> None:
    """Make a course with most of the class's submissions, one that is damaged and one that cannot be sent."""
    course = make_course(place)
    for assignment in ("inception", "shared-lstm"):
        assert nbgrader(course, "generate_assignment", assignment).returncode == 0
    for submission in SUBMISSIONS:
        hand_in(course, *submission)
    handed_in = course / "submitted"
    damaged = handed_in / "silva-beatriz" / "inception" / "inception.ipynb"
    damaged.parent.mkdir(parents=True)
    damaged.write_text('{"cells": [')
    # A pipe is nothing that could be sent.
    os.mkfifo(handed_in / "kim-seoyeon" / "inception" / "pipe.ipynb")
    nothing = handed_in / "patel-aarav" / "inception"
    nothing.mkdir(parents=True)
    os.mkfifo(nothing / "inception.ipynb")


def graded_into(course: Path, *words: str) -> str:
    """Grade a course into its gradebook, and return what was said; what was graded before stands."""
    done = command(course, "autograder", "grade", ".", "--gradebook", *words)
    assert done.returncode == 0, done.stderr
    return done.stderr


def copied(source: str, target: str) -> None:
    """Copy a file; a pipe is made anew."""
    if Path(source).is_fifo():
        os.mkfifo(target)
    else:
        shutil.copy2(source, target)


def another_version(place: Path) -> Path:
    """A checkout in which one grader differs."""
    for name in ("autograder", "graders", "solutions"):
        shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "course.yml", place)
    with (place / "graders" / "public" / "test_inception.py").open("a") as grader:
        grader.write("# Another.\n")
    return place


def kubernetes_command(address: str, scratch: Path) -> list[str]:
    """How Kubernetes starts a worker, for another scheduler and with another folder to write in."""
    others = {"tcp://scheduler:8786": address, "/tmp/dask": str(scratch)}
    (manifest,) = YAML(typ="safe").load_all(ROOT / "deploy" / "kubernetes" / "workers.yml")
    (container,) = manifest["spec"]["template"]["spec"]["containers"]
    assert [container["command"].count(word) for word in others] == [1, 1]
    return [others.get(word, word) for word in container["command"]]


def spy(path: Path, port: int) -> None:
    """Have a notebook's own cell look for its cluster."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cell = next(cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("solution"))
    cell["source"] = SPY.format(port=port)
    path.write_text(json.dumps(notebook), encoding="utf-8")


def reports(output: Path) -> dict[str, str]:
    """Reports as they are written, with every time in them made the same."""
    found = {}
    for path in sorted(output.glob("reports/*/*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        text = path.read_text(encoding="utf-8")
        before, _, _ = text.partition('\n "timings"')
        found[f"{path.parent.name}/{path.stem}"] = before
        assert list(document)[-1] == "timings"
    return found


def test_the_reports_are_those_of_this_machine_byte_for_byte(graded) -> None:
    local, wide, *_ = graded

    assert {name: report for name, report in wide.items() if name != f"{THE_SPY}/inception"} == local
    assert len(local) == len(SUBMISSIONS) + 3
    assert '"outcome": "unreadable"' in wide["silva-beatriz/inception"]


def test_a_gradebook_that_is_written_from_there_is_the_one_that_is_written_from_here(graded) -> None:
    """The same scores, the same autograded notebooks; what could not be sent has its zero, too."""
    there, here = graded[3]
    shutil.rmtree(there / "autograded" / THE_SPY)
    found = {key: score for key, score in scores(url_of(there)).items() if key[1] != THE_SPY}
    assert found == scores(url_of(here))
    notebooks = [sorted((one / "autograded").rglob("*.ipynb")) for one in (there, here)]

    assert len(notebooks[0]) == len(SUBMISSIONS) + 3
    assert [path.read_text(encoding="utf-8") for path in notebooks[0]] == [
        path.read_text(encoding="utf-8") for path in notebooks[1]
    ]
    assert found["inception", "patel-aarav", "inception-module"] == 0


def test_learner_code_finds_no_way_to_its_cluster(graded) -> None:
    """And what the same worker grades after it has the report that it deserves."""
    local, wide, *_ = graded
    after = "/".join(AFTERWARDS)

    assert "found: []" in wide[f"{THE_SPY}/inception"]
    assert wide[after] == local[after]


def test_a_worker_with_another_grader_is_refused_by_name(graded) -> None:
    (refused,) = [line for line in graded[2].splitlines() if "The worker tcp://127.0.0.1:" in line]

    assert "would grade `inception` differently" in refused
