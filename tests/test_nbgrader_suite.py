"""What `make test-nbgrader` holds against our steps, and what it reads of a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.nbgrader_suite import judge, read_outcomes


@pytest.mark.parametrize("ours", [{"test_a": "failed"}, {"test_a": "skipped"}, {}])
def test_a_test_that_passes_with_nbgraders_steps_only_is_held_against_ours(ours: dict[str, str]) -> None:
    assert list(judge({"test_a": "passed"}, ours, ())) == ["test_a"]


def test_nothing_is_held_against_ours_where_nbgraders_own_fail() -> None:
    stock = {"test_a": "passed", "test_b": "failed", "test_c": "skipped"}

    assert judge(stock, {"test_a": "passed", "test_b": "failed", "test_c": "failed"}, ()) == {}


def test_a_listed_test_may_fail_and_may_not_pass() -> None:
    stock = {"test_a": "passed", "test_b": "passed"}

    found = judge(stock, {"test_a": "failed", "test_b": "passed"}, ("test_a", "test_b"))
    assert list(found) == ["test_b"]


def test_where_nothing_passed_there_is_nothing_to_compare_with() -> None:
    assert list(judge({}, {}, ())) == ["(all)"]


def test_outcomes_are_told_apart_by_class_and_name(tmp_path: Path) -> None:
    written = tmp_path / "outcomes.xml"
    written.write_text("""<testsuites><testsuite>
      <testcase classname="x.test_m.TestA" name="test_one"/>
      <testcase classname="x.test_m" name="test_one[a]"><skipped/></testcase>
      <testcase classname="x.test_m.TestB" name="test_one"><failure>said</failure></testcase>
      <testcase classname="x.test_m.TestB" name="test_two"><error>broke</error></testcase>
    </testsuite></testsuites>""")

    found = read_outcomes(written, 1.0)
    assert found.by_test == {
        "TestA::test_one": "passed",
        "test_one[a]": "skipped",
        "TestB::test_one": "failed",
        "TestB::test_two": "failed",
    }
    assert found.said == {"TestB::test_one": "said", "TestB::test_two": "broke"}


def test_a_run_that_was_stopped_has_no_outcomes(tmp_path: Path) -> None:
    assert read_outcomes(tmp_path / "outcomes.xml", 1.0).by_test == {}
