"""What others are given in place of our checks judges as those do; what they say is read as it is meant."""

from __future__ import annotations

import json
import re
import types
from pathlib import Path

import pytest

from autograder.course import load_course
from benchmarks.classes import KINDS, ROOT, example_notebooks, ported
from benchmarks.floor import up_to_the_last_check
from benchmarks.peers.checks import CHECKS, FUNCTIONS, hidden_cell, otter_file, pytest_module
from benchmarks.peers.environment import LOCK, PINNED, SAME, compare_versions, locked_versions
from benchmarks.peers.home_made import read_junit
from benchmarks.peers.otter_run import read_results
from tests.examples import expected

DESERVED = expected("class")
COURSE = load_course(ROOT / "course.yml")
EACH_NOTEBOOK = pytest.mark.parametrize(
    ("student", "assignment"), [(one, assignment) for assignment in KINDS for one in KINDS[assignment]]
)


def names_made_by(student: str, assignment: str, most: int | None = None) -> dict[str, object]:
    """What a learner's notebook leaves behind, or its first cells do."""
    path = example_notebooks()[assignment][KINDS[assignment].index(student)]
    names: dict[str, object] = {"check": lambda *_: None}
    for source in up_to_the_last_check(json.loads(path.read_text(encoding="utf-8")))[:most]:
        try:
            exec(source.replace("from autograder import check, hint", ""), names)
        except Exception:
            continue
    return names


def passes(task: str, assignment: str, names: dict[str, object]) -> bool:
    """Whether a ported check passes, as every one of the tools would call it."""
    check = next(check for check in CHECKS[assignment] if check.task == task)
    function = dict(zip((one.task for one in CHECKS[assignment]), FUNCTIONS[assignment], strict=True))[task]
    try:
        function(names[check.name])
    except Exception:
        return False
    return True


def deserves(student: str, assignment: str, task: str) -> bool:
    """Whether the example class's list says full marks."""
    points = {one.id: one.points for one in COURSE.assignment(assignment).tasks}
    return bool(DESERVED[student][assignment]["scores"][task] == points[task])


@pytest.mark.slow
@EACH_NOTEBOOK
def test_ported_checks_give_the_verdicts_that_learners_deserve(student: str, assignment: str) -> None:
    """But for what is built on an earlier slip: plain asserts charge it once more."""
    names = names_made_by(student, assignment)
    slipped = False
    for check in CHECKS[assignment]:
        passed, deserved = passes(check.task, assignment, names), deserves(student, assignment, check.task)
        assert passed == deserved or (slipped and deserved), check.task
        slipped = slipped or not deserved


@pytest.mark.parametrize(
    ("task", "assignment", "right", "wrong"),
    [
        ("branch-sizes", "inception", {"a": 14, "b": 13, "c": 11, "d": 12}, dict.fromkeys("abcd", 14)),
        (
            "add-shapes",
            "residual-projection",
            {"equal": (14, 14, 128), "fewer_channels": None, "one_channel": (14, 14, 128), "smaller": None},
            {"equal": (14, 14, 128), "fewer_channels": None, "one_channel": None, "smaller": None},
        ),
    ],
)
def test_a_ported_check_passes_what_is_right_only(task, assignment, right, wrong) -> None:
    (name,) = [check.name for check in CHECKS[assignment] if check.task == task]

    assert passes(task, assignment, {name: right})
    assert not passes(task, assignment, {name: wrong})
    assert not passes(task, assignment, {})


def test_every_graded_task_of_the_measured_assignments_has_a_ported_check() -> None:
    assert {name: [check.task for check in checks] for name, checks in CHECKS.items()} == {
        name: [task.id for task in COURSE.assignment(name).tasks] for name in KINDS
    }


def test_a_class_measures_right_wrong_and_untouched_work() -> None:
    """Full marks, less, and none."""
    for assignment, students in KINDS.items():
        given = [[deserves(one, assignment, check.task) for check in CHECKS[assignment]] for one in students]

        assert (all(given[0]), all(given[1]), any(given[2])) == (True, False, False)


@pytest.mark.parametrize("assignment", sorted(CHECKS))
def test_each_tool_is_given_the_same_asserts(assignment: str) -> None:
    module = pytest_module(assignment)
    compile(module, "<module>", "exec")
    for check in CHECKS[assignment]:
        shapes = (hidden_cell(check), otter_file(check, 2), module)
        compile(shapes[1], "<file>", "exec")
        lines = [line.strip() for line in check.body.splitlines() if "assert" in line]

        assert lines
        assert all(line in shape for shape in shapes for line in lines)


def test_a_ported_notebook_keeps_what_the_learner_wrote_and_nothing_of_ours(tmp_path: Path) -> None:
    own = example_notebooks()
    theirs = ported(tmp_path, own, imports="import theirs", check='theirs.check("{task}")')

    for assignment, paths in own.items():
        for mine, other in zip(paths, theirs[assignment], strict=True):
            before, after = (json.loads(path.read_text(encoding="utf-8"))["cells"] for path in (mine, other))
            changed = ["".join(new["source"]) for old, new in zip(before, after, strict=True) if old != new]

            assert [text.splitlines()[-1] for text in changed] == [
                "import theirs",
                *(f'theirs.check("{check.task}")' for check in CHECKS[assignment]),
            ]
            assert "autograder" not in "".join("".join(cell["source"]) for cell in after)


def test_the_lock_says_which_versions_both_sides_run_with() -> None:
    assert set(locked_versions(LOCK.read_text(encoding="utf-8"))) == set(SAME)


def test_peers_with_another_tensorflow_are_not_measured() -> None:
    locked = {"tensorflow": "2.21.0", "keras": "3.15.1"}
    compare_versions(locked, dict(locked))

    with pytest.raises(SystemExit, match=r"keras 3\.14\.0, where requirements\.lock says 3\.15\.1"):
        compare_versions(locked, locked | {"keras": "3.14.0"})


def test_what_the_peers_add_is_pinned_and_replaces_nothing_that_must_be_the_same() -> None:
    lines = [line for line in PINNED.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    names = {line.split("==")[0] for line in lines}

    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9.]+", line) for line in lines)
    assert {"otter-grader", "papermill"} <= names
    assert not names & set(SAME)


def test_otters_results_are_full_marks_or_not(tmp_path: Path) -> None:
    tests = [
        {"name": "Public Tests", "output": "..."},
        {"name": "branch-sizes", "score": 2.0, "max_score": 2.0},
        {"name": "inception-module", "score": 0.0, "max_score": 5.0},
    ]
    (tmp_path / "results.json").write_text(json.dumps({"tests": tests}))

    assert read_results(tmp_path / "results.json") == {"branch-sizes": True, "inception-module": False}


def test_a_test_that_failed_or_broke_has_not_passed(tmp_path: Path) -> None:
    (tmp_path / "report.xml").write_text(
        '<testsuites><testsuite><testcase name="test_branch_sizes"/>'
        '<testcase name="test_inception_module"><failure>assert</failure></testcase>'
        '<testcase name="test_inception_network"><error>no model</error></testcase></testsuite></testsuites>'
    )

    assert read_junit(tmp_path / "report.xml") == {
        "branch-sizes": True,
        "inception-module": False,
        "inception-network": False,
    }


def test_a_pytest_module_reads_the_names_of_the_notebook(monkeypatch) -> None:
    main = types.ModuleType("__main__")
    main.sizes = {"a": 14, "b": 13, "c": 11, "d": 12}
    monkeypatch.setitem(__import__("sys").modules, "__main__", main)
    names: dict[str, object] = {}
    exec(pytest_module("inception"), names)

    names["test_branch_sizes"]()
    main.sizes = {}
    with pytest.raises(AssertionError):
        names["test_branch_sizes"]()
