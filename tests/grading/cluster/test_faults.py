"""Whatever happens to a cluster, each submission gets one report: none is lost, none is doubled."""

from __future__ import annotations

import os
import threading

import pytest
from distributed import Client

from autograder.grading import Done, GradingError
from autograder.messages import render

from .clusters import cluster, until

pytestmark = pytest.mark.slow


def each_once(told, students) -> None:
    """Every student's submission was done once, and no other."""
    assert dict(told.done) == dict.fromkeys(students, 1)


def test_each_submission_gets_its_report(made_up_class, two_workers) -> None:
    some = made_up_class({f"student-{number:02}": "" for number in range(20)})
    kept = []

    with Client(two_workers.address, set_as_default=False) as watching:

        def hear(event) -> None:
            if isinstance(event, Done):
                kept.append(watching.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks)))

        told = some.grade(two_workers.address, hear=hear)

    each_once(told, some.students)
    assert sorted(some.reports()) == some.students
    assert max(kept) <= 4, "the scheduler keeps what is done with"


def test_a_second_run_finds_the_reports_standing(made_up_class, two_workers) -> None:
    some = made_up_class({"a": "", "b": ""})
    some.grade(two_workers.address)

    again = some.grade(two_workers.address)

    assert sorted(again.standing) == ["a", "b"]
    assert not again.begun


def test_a_notebook_that_is_not_there_is_a_report(made_up_class, two_workers) -> None:
    some = made_up_class({"a": "", "b": ""})
    (some.folder / "submitted" / "a" / "inception" / "inception.ipynb").unlink()

    some.grade(two_workers.address)

    assert some.reports()["a"]["outcome"] == "unreadable"
    assert some.reports()["b"]["outcome"] == "graded"


def test_a_submission_that_kills_its_grading_process_is_given_up_after_the_second(
    made_up_class, two_workers
) -> None:
    some = made_up_class({"a": "", "b": "poison", "c": "", "d": ""})

    told = some.grade(two_workers.address)

    each_once(told, ["a", "c", "d"])
    assert (told.begun["b"], dict(told.lost)) == (2, {"b": 1})
    assert some.reports()["b"]["outcome"] == "broken"
    assert "twice" in some.reports()["b"]["notes"][0]["text"]


def test_ended_by_ctrl_c_it_keeps_what_is_done_and_the_workers_are_free_again(
    made_up_class, two_workers
) -> None:
    some = made_up_class({f"student-{number:02}": "sleep 0.2" for number in range(8)})

    def hear(event) -> None:
        if isinstance(event, Done):
            raise KeyboardInterrupt

    told = some.grade(two_workers.address, hear=hear)
    with Client(two_workers.address, set_as_default=False) as watching:
        until(lambda: watching.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks)) == 0)
    again = some.grade(two_workers.address)

    assert told.graded.interrupted
    assert len(again.standing) == len(told.graded.summaries)
    assert sorted(some.reports()) == some.students
    assert not [thread for thread in threading.enumerate() if thread.name == "dispatcher"]


def test_submissions_that_kill_workers_cost_nobody_else_a_report(
    made_up_class, two_workers, tmp_path
) -> None:
    """One does so every time, and is given up after the second; one does so once, and is graded."""
    some = made_up_class({"a": "", "b": "poison worker", "c": f"once {tmp_path / 'marker'}", "d": ""})
    two_workers.replenish(4)

    told = some.grade(two_workers.address)

    assert [worker.poll() is None for worker in two_workers.workers].count(True) == 1
    each_once(told, ["a", "c", "d"])
    assert (told.begun["b"], told.begun["c"], dict(told.lost)) == (2, 2, {"b": 1})


def test_a_worker_that_comes_later_gets_work_and_a_slow_one_no_more_than_it_can_do(
    made_up_class, tmp_path
) -> None:
    some = made_up_class({f"student-{number:02}": "" for number in range(12)})

    # Dask's own settings, by which a scheduler tries again by itself.
    with cluster(tmp_path / "cluster", environment={"DASK_CONFIG": str(tmp_path / "none")}) as uneven:
        uneven.add(environment={"MADE_UP_NAME": "slow", "MADE_UP_DELAY": "1"})

        def hear(event) -> None:
            if isinstance(event, Done) and len(uneven.workers) == 1:
                uneven.add(environment={"MADE_UP_NAME": "later"})

        told = some.grade(uneven.address, hear=hear)

    each_once(told, some.students)
    graded_by = [report["notes"][0]["values"]["text"] for report in some.reports().values()]
    assert 0 < graded_by.count("slow") < len(some.students)
    assert graded_by.count("slow") + graded_by.count("later") == len(some.students)


def test_a_worker_with_another_version_is_refused_by_name(made_up_class, tmp_path) -> None:
    some = made_up_class({f"student-{number:02}": "" for number in range(6)})

    with cluster(tmp_path / "cluster") as mixed:
        mixed.add(environment={"MADE_UP_NAME": "other", "MADE_UP_FINGERPRINT": "f" * 64})
        with pytest.raises(GradingError) as raised:
            some.grade(mixed.address, patience=12)
        assert some.reports() == {}
        mixed.add(environment={"MADE_UP_NAME": "same"})
        told = some.grade(mixed.address)

    assert "has no worker that can grade: The worker tcp://" in render(raised.value.message, "en")
    each_once(told, some.students)
    assert {report["notes"][0]["values"]["text"] for report in some.reports().values()} == {"same"}
    (refused,) = told.graded.refused
    assert "The worker tcp://127.0.0.1:" in render(refused, "en")
    assert "has another version of the course and would grade `inception` differently" in render(
        refused, "en"
    )


def test_a_scheduler_restarted_in_the_middle_costs_nobody_a_report(made_up_class, two_workers) -> None:
    some = made_up_class({f"student-{number:02}": "sleep 0.3" for number in range(8)})
    two_workers.replenish(2)
    lives = []

    def hear(event) -> None:
        if isinstance(event, Done) and not lives:
            lives.append("second")
            two_workers.kill_scheduler()
            # Somebody (systemd, Kubernetes) starts what has ended anew: a worker ends with its scheduler.
            two_workers.start()
            for _ in range(2):
                two_workers.add()

    told = some.grade(two_workers.address, hear=hear)

    each_once(told, some.students)
    assert not told.lost


def test_where_the_scheduler_stays_away_the_reports_stay_and_the_next_run_goes_on(
    made_up_class, two_workers
) -> None:
    some = made_up_class({f"student-{number:02}": "sleep 0.3" for number in range(6)})
    two_workers.replenish(2)

    def hear(event) -> None:
        if isinstance(event, Done) and two_workers.scheduler.poll() is None:
            two_workers.kill_scheduler()

    with pytest.raises(GradingError) as raised:
        some.grade(two_workers.address, patience=4, hear=hear)
    before = len(some.reports())
    two_workers.start()
    two_workers.add()
    told = some.grade(two_workers.address)

    assert "is gone, and has not come back" in render(raised.value.message, "en")
    assert 0 < before < len(some.students)
    assert len(told.standing) == before
    assert sorted(some.reports()) == some.students


def test_without_a_scheduler_it_says_so(made_up_class) -> None:
    with pytest.raises(GradingError) as raised:
        made_up_class({"a": ""}).grade("tcp://127.0.0.1:1", patience=1)

    assert "No scheduler answers at tcp://127.0.0.1:1." in render(raised.value.message, "en")


def test_a_worker_without_the_course_is_named(made_up_class, tmp_path) -> None:
    """Dask ends a worker that cannot unpickle the name of a task's function."""
    (tmp_path / "without" / "autograder" / "grading").mkdir(parents=True)
    (tmp_path / "without" / "autograder" / "__init__.py").write_text("")
    # Where the course is installed for development, what is missing here would be found there.
    (tmp_path / "without" / "autograder" / "grading" / "__init__.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'autograder.grading'\")"
    )

    with cluster(tmp_path / "cluster") as other:
        other.add(preload=None, root=tmp_path / "without")
        with pytest.raises(GradingError) as raised:
            made_up_class({"a": ""}).grade(other.address, patience=6)

    assert "has no worker that can grade: The worker tcp://" in render(raised.value.message, "en")
    assert "it ended as soon as it was connected" in render(raised.value.message, "en")


def test_without_workers_it_says_so_after_a_while(made_up_class, tmp_path) -> None:
    with cluster(tmp_path / "cluster") as empty, pytest.raises(GradingError) as raised:
        made_up_class({"a": ""}).grade(empty.address, patience=2)

    assert "has had no worker for 2 seconds" in render(raised.value.message, "en")


def test_students_of_any_name_have_their_reports(made_up_class, two_workers) -> None:
    names = [
        os.fsdecode("김서연".encode("cp949")),
        os.fsdecode(b"\xff"),
        "DOMAIN\\kim",
        "kim\nlee",
        "k" * 255,
    ]
    some = made_up_class(dict.fromkeys(names, ""))

    told = some.grade(two_workers.address)

    assert told.graded is not None
    assert set(some.reports()) == {"김서연", "%FF", "DOMAIN\\kim", "kim%0Alee", "k" * 255}
    assert {report["outcome"] for report in some.reports().values()} == {"graded"}


def test_a_link_in_place_of_a_folder_is_refused_and_costs_nobody_else(made_up_class, two_workers) -> None:
    some = made_up_class({"a": "", "b": ""})
    place = some.folder / "submitted" / "a" / "inception"
    place.rename(some.folder / "elsewhere")
    place.symlink_to(some.folder / "elsewhere")

    some.grade(two_workers.address)

    assert some.reports()["a"]["outcome"] == "unreadable"
    assert some.reports()["b"]["outcome"] == "graded"
