"""What Gradescope shows of a report: scores that add up, who sees what when, HTML that is left in."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import nh3
import pytest

from autograder.course import Course, load_course
from autograder.feedback import Report, Target, TaskReport
from autograder.messages import message
from autograder.platforms.gradescope.handed_in import Metadata
from autograder.platforms.gradescope.results import results
from autograder.platforms.gradescope.settings import Settings
from tests.feedback.builders import (
    AFTERWARDS,
    check,
    drawing,
    failing,
    hostile,
    report,
    task,
    unreadable,
)
from tests.feedback.markup import dangers, parsed
from tests.gradebook.courses import ROOT

# What Rails leaves in where nobody says otherwise: Gradescope says that it cleans, and not what it leaves.
# fmt: off
ELEMENTS = {
    "a", "abbr", "acronym", "address", "b", "big", "blockquote", "br", "cite", "code", "dd", "del", "dfn",
    "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "mark",
    "ol", "p", "pre", "samp", "small", "span", "strong", "sub", "sup", "time", "tt", "ul", "var",
}
# fmt: on
ATTRIBUTES = {"img": {"alt", "src", "width", "height"}}


@pytest.fixture(scope="module")
def course() -> Course:
    return load_course(ROOT / "course.yml")


def shown(graded: Report, course: Course, metadata: Metadata = Metadata(), **chosen: Any) -> dict[str, Any]:  # noqa: B008
    settings = Settings(assignment="inception", **chosen)
    document = results(graded, course, settings, metadata, 12.34)
    # It is a file, and JSON has no infinity.
    return dict(json.loads(json.dumps(document, allow_nan=False)))


def two_sided() -> TaskReport:
    """A task of which a public check has passed, and a hidden one failed: the target is shown for that."""
    hidden = [
        check("channels", "failed", 2.0, title="SECRET demand").model_copy(update={"public": False}),
        check("third", points=1 / 3, title="A third").model_copy(update={"public": False}),
    ]
    made = task([check("size", points=2 / 3), *hidden], drawing=drawing())
    return made.model_copy(
        update={"target": Target(graph=drawing("wanted").graph, shows="outline"), "carried": [1]}
    )


def test_a_task_is_a_test_where_everything_is_shown_at_once(course: Course) -> None:
    found = shown(report(tasks=[two_sided(), task([check("size")])]), course, hidden="visible")

    assert [(test["number"], test["visibility"]) for test in found["tests"]] == [
        ("1", "visible"),
        ("2", "visible"),
    ]
    assert [(test["score"], test["max_score"]) for test in found["tests"]] == [(1.0, 3.0), (1.0, 1.0)]
    assert found["execution_time"] == 12.3
    assert found["stdout_visibility"] == "hidden"
    assert "leaderboard" not in found
    assert "score" not in found


@pytest.mark.parametrize("hidden", ["after_due_date", "after_published", "hidden"])
def test_what_hidden_checks_say_is_a_test_of_its_own(course: Course, hidden: str) -> None:
    found = shown(report(tasks=[two_sided()]), course, hidden=hidden)
    now, later = found["tests"]

    assert (now["number"], now["visibility"], later["number"], later["visibility"]) == (
        "1.1", "visible", "1.2", hidden
    )  # fmt: skip
    assert now["score"] == now["max_score"]
    assert now["score"] + later["score"] == pytest.approx(1.0)
    assert now["max_score"] + later["max_score"] == pytest.approx(3.0)
    assert "SECRET" not in json.dumps({**found, "tests": [now]})
    assert "SECRET" in later["output"]


def test_what_is_seen_at_once_does_not_tell_what_hidden_checks_have_found(course: Course) -> None:
    """Neither by a picture's marks, nor by a target that is shown where points are missing, nor in words."""
    lost = two_sided()
    none = lost.model_copy(
        update={
            "checks": [one.model_copy(update={"verdict": "passed", "failure": None}) for one in lost.checks],
            "drawing": drawing().model_copy(update={"differences": []}),
            "target": None,
            "carried": [],
        }
    )
    (now, _), (full, _) = (shown(report(tasks=[one]), course)["tests"] for one in (lost, none))

    assert now == full


def test_a_check_can_be_a_test(course: Course) -> None:
    found = shown(report(tasks=[two_sided()]), course, tests="check")["tests"]

    assert [test["number"] for test in found] == ["1.1.1", "1.2.1", "1.2.2"]
    assert [test["visibility"] for test in found] == ["visible", "after_due_date", "after_due_date"]
    assert sum(test["score"] for test in found) == pytest.approx(1.0, abs=1e-3)
    assert "<img" in found[1]["output"]
    assert "<img" not in found[2]["output"]


def test_a_picture_is_pixels_and_is_told_in_lines(course: Course) -> None:
    found = shown(failing(outcome="graded"), course, hidden="visible")
    output = found["tests"][0]["output"]

    assert re.search(
        r'<img src="data:image/png;base64,[A-Za-z0-9+/=]{1000,}" width="\d+" alt="Your model', output
    )
    assert "[1]" in re.findall(r"<pre>(.*?)</pre>", output, re.S)[0]
    assert "<svg" not in output


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_cleaner_of_html_leaves_everything_in(course: Course, language: str) -> None:
    found = shown(failing(outcome="graded"), course, language=language)
    for html in [found["output"], *(test["output"] for test in found["tests"])]:
        cleaned = nh3.clean(html, tags=ELEMENTS, attributes=ATTRIBUTES, url_schemes={"data"}, link_rel=None)
        # It writes an attribute's and a text's signs as it likes.
        assert re.sub(r"\s+", " ", unescape(cleaned)) == re.sub(r"\s+", " ", unescape(html))


def test_the_language_is_the_notebooks_unless_one_is_chosen(course: Course) -> None:
    korean = shown(report(language="ko"), course)["tests"][0]
    english = shown(report(language="ko"), course, language="en")["tests"][0]

    assert korean["name"].startswith("한곳에서 만나는 네 개의 가지")
    assert english["name"].startswith("Four branches, one join")
    assert "통과" in korean["output"]


def test_what_cannot_be_graded_has_a_score_and_says_why(course: Course) -> None:
    tasks = [TaskReport(id="module", title=task([]).title, points=5.0, score=0.0, checks=[])]
    found = shown(unreadable().model_copy(update={"tasks": tasks}), course, tests="check")

    assert [(test["score"], test["max_score"], test["visibility"]) for test in found["tests"]] == [
        (0.0, 5.0, "visible")
    ]
    assert "so its score is 0" in found["output"]
    assert "inception.ipynb is not a notebook" in found["output"]
    assert found["tests"][0]["output"]


def test_a_group_and_a_resubmission_are_said(course: Course) -> None:
    metadata = Metadata(users=("Kim <b>", "이민준"), before=6.5)
    output = shown(report(), course, metadata)["output"]

    assert "Handed in together: Kim &lt;b&gt;, 이민준. The score counts for all of you." in output
    assert "Score of your submission before this one: 6.5." in output


def test_what_a_learner_wrote_is_text(course: Course) -> None:
    attack = "</pre><script>alert(1)</script><img src=x onerror=alert(1)>"
    found = shown(hostile(attack), course, hidden="visible", tests="check")
    for html in [found["output"], *(test["output"] for test in found["tests"])]:
        own = re.sub(r'<img src="data:image/png;base64,[A-Za-z0-9+/=]+"', "<p", html)
        assert dangers(parsed(own)) == []


def test_a_report_of_a_broken_grader_has_no_results(course: Course) -> None:
    with pytest.raises(AssertionError, match="no result"):
        shown(failing(outcome="broken", notes=[message("It failed.")]), course)


def full_marks() -> Report:
    """Nothing is missing: a public check and a hidden one have passed."""
    hidden = check("channels", title="The join has 512 channels.").model_copy(update={"public": False})
    model = drawing().model_copy(update={"differences": []})
    return report(tasks=[task([check("size"), hidden], drawing=model)], afterwards=AFTERWARDS)


@pytest.mark.parametrize("tests", ["task", "check"])
def test_full_marks_are_said_and_shown_with_the_model(course: Course, tests: str) -> None:
    now, later, afterwards = shown(full_marks(), course, tests=tests)["tests"]

    assert "<img" in now["output"]
    assert "Your model, one line per call" in now["output"]
    if tests == "task":
        assert "All checks of this task that you can run yourself have passed." in now["output"]
        assert "All hidden checks of this task have passed." in later["output"]
        whole = shown(full_marks(), course, hidden="visible")["tests"][0]["output"]
        assert "All checks of this task have passed." in whole
    assert [now["visibility"], later["visibility"]] == ["visible", "after_due_date"]
    assert "score" not in afterwards


def test_why_it_works_is_read_with_full_marks_once_they_are_shown(course: Course) -> None:
    """It has no points, and another solution in it; before the hidden checks it would tell of them."""
    *_, afterwards = shown(full_marks(), course)["tests"]
    *_, at_once = shown(full_marks(), course, hidden="visible")["tests"]
    lost = shown(full_marks().model_copy(update={"score": 1.0}), course)["tests"]

    assert (afterwards["name"], afterwards["status"], afterwards["number"]) == ("Why it works", "passed", "2")
    assert "<strong>meet</strong>" in afterwards["output"]
    assert "def module(x):" in afterwards["output"]
    assert (afterwards["visibility"], at_once["visibility"]) == ("after_due_date", "visible")
    assert len(lost) == 2


def by_hand(*, pending: bool) -> TaskReport:
    written = "Because <b>" if pending else ""
    changes = {"by_hand": True, "pending": pending, "attempted": pending, "points": 2.0, "written": written}
    return task([]).model_copy(update=changes)


def test_a_text_counts_no_points_whether_it_was_written_or_not(course: Course) -> None:
    """Whoever grades it gives them by hand; the points of the autograder are the same for everybody."""
    found = shown(report(tasks=[task([check("size")]), by_hand(pending=False)]), course)["tests"]

    assert ["score" in one or "max_score" in one for one in found] == [True, False]
    assert found[1]["status"] == "failed"
    assert "Nothing has been written yet." in found[1]["output"]


def test_an_assignment_of_texts_alone_has_a_score_on_top(course: Course) -> None:
    """Gradescope takes no results without any."""
    found = shown(report(tasks=[by_hand(pending=True)]), course)

    assert found["score"] == 0
    assert "score" not in shown(report(), course)


@pytest.mark.parametrize("tests", ["task", "check"])
def test_a_text_that_nobody_has_graded_has_no_score(course: Course, tests: str) -> None:
    """A score of 0 would count; its card says who grades it."""
    found = shown(report(tasks=[task([check("size")]), by_hand(pending=True)]), course, tests=tests)["tests"]

    assert [("score" in one, "max_score" in one) for one in found] == [(True, True), (False, False)]
    assert "status" not in found[1]
    assert "To be graded by hand" in found[1]["output"]
    assert "<pre>Because &lt;b&gt;</pre>" in found[1]["output"]
