"""A real worker writes what this machine would have written, and keeps learner code from its cluster."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from autograder.course import load_course
from autograder.grading import grade_folder
from autograder.grading.cluster.run import ClusterWorkers
from autograder.messages import render
from tests import warm
from tests.gradebook.courses import command, make_course, nbgrader, scores, url_of
from tests.warm.starting import HOOK

from .clusters import REAL, ROOT, children, cluster

CLASS = ROOT / "examples" / "class" / "submitted"
SUBMISSIONS = (
    ("kim-seoyeon", "inception"),
    ("okafor-chidi", "inception"),
    ("kim-seoyeon", "functional-api"),
)

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
    """A class's reports from here and from a worker, and from there with a spy, all without their times; who
    was refused; and a course whose gradebook was written from there, and one from here."""
    place = tmp_path_factory.mktemp("real")
    course = load_course(ROOT / "course.yml")
    for student, assignment in SUBMISSIONS:
        shutil.copytree(CLASS / student / assignment, place / "class" / "submitted" / student / assignment)
    damaged = place / "class" / "submitted" / "silva-beatriz" / "inception" / "inception.ipynb"
    damaged.parent.mkdir(parents=True)
    damaged.write_text('{"cells": [')
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
        with_spy = place / "with-spy" / "submitted"
        for student in ("kim-seoyeon", "okafor-chidi"):
            shutil.copytree(CLASS / student / "inception", with_spy / student / "inception")
        spy(with_spy / "kim-seoyeon" / "inception" / "inception.ipynb", one.port)
        workers = ClusterWorkers(one.address)
        wide = grade_folder(course, place / "class", place / "wide", workers=workers)
        one.remove(other)
        # The same warm process serves the next run.
        (process,) = children(worker.pid)
        grade_folder(course, place / "with-spy", place / "spied", workers=workers)
        assert children(worker.pid) == [process]
        there = gradebook_of(place, "there", "--scheduler", one.address)
    # A process of its own: Keras counts the layers that other tests have made in this one.
    command = ["grade", place / "class", "--output", place / "local", "--jobs", "1"]
    done = warm.run(["-m", "autograder", *command, "--course", ROOT / "course.yml"], timeout=300)
    assert done.returncode == 0, done.stderr
    here = gradebook_of(place, "here", "--jobs", "1")
    found = (reports(place / name) for name in ("local", "wide", "spied"))
    return *found, wide.refused, (there, here)


def gradebook_of(place: Path, name: str, *words: str) -> Path:
    """A course with the class's submissions to one assignment, graded into its gradebook."""
    generated = place / "generated"
    if not generated.is_dir():
        course = make_course(generated)
        assert nbgrader(course, "generate_assignment", "inception").returncode == 0
        handed_in = course / "submitted"
        shutil.copytree(place / "class" / "submitted", handed_in)
        shutil.rmtree(handed_in / "kim-seoyeon" / "functional-api")
        # A pipe is nothing that could be sent.
        os.mkfifo(handed_in / "okafor-chidi" / "inception" / "pipe.ipynb")
        nothing = handed_in / "patel-aarav" / "inception"
        nothing.mkdir(parents=True)
        os.mkfifo(nothing / "inception.ipynb")
    course = place / name
    shutil.copytree(generated, course, copy_function=copied)
    done = command(course, "autograder", "grade", ".", "--gradebook", *words)
    assert done.returncode == 0, done.stderr
    return course


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

    assert wide == local
    assert len(wide) == len(SUBMISSIONS) + 1
    assert '"outcome": "unreadable"' in wide["silva-beatriz/inception"]


def test_a_gradebook_that_is_written_from_there_is_the_one_that_is_written_from_here(graded) -> None:
    """The same scores, the same autograded notebooks; what could not be sent has its zero, too."""
    there, here = graded[4]
    assert scores(url_of(there)) == scores(url_of(here))
    notebooks = [sorted((one / "autograded").rglob("*.ipynb")) for one in (there, here)]

    assert len(notebooks[0]) == 4
    assert [path.read_text(encoding="utf-8") for path in notebooks[0]] == [
        path.read_text(encoding="utf-8") for path in notebooks[1]
    ]
    assert scores(url_of(there))["inception", "patel-aarav", "inception-module"] == 0


def test_learner_code_finds_no_way_to_its_cluster(graded) -> None:
    local, _, spied, *_ = graded

    assert "found: []" in spied["kim-seoyeon/inception"]
    assert spied["okafor-chidi/inception"] == local["okafor-chidi/inception"]


def test_a_worker_with_another_grader_is_refused_by_name(graded) -> None:
    (refused,) = [render(said, "en") for said in graded[3]]

    assert "The worker tcp://127.0.0.1:" in refused
    assert "would grade `inception` differently" in refused
