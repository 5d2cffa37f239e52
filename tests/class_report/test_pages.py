"""The class page: whole without its script, well-formed, in two languages, and proof against its contents."""

from __future__ import annotations

import re
import shutil
from base64 import b64encode
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from textwrap import dedent

import pytest

from autograder.class_report import ClassReport, class_report, pages, reports_below
from autograder.class_report.model import Alike
from autograder.class_report.pages import page
from autograder.messages import LANGUAGES, Language
from tests.class_report import classes
from tests.feedback import builders
from tests.feedback.markup import Page, dangers, parsed


def shown(report: ClassReport, language: Language = "en") -> Page:
    links = {("s00", "inception"): "feedback/s00/inception.html"}
    return parsed("".join(page(report, language, links=links, back="index.html")))


def texts(of: Page, look: str) -> list[str]:
    """What stands directly in the elements of that class."""
    return [element.text for element in of.elements if look in element.attributes.get("class", "").split()]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_well_formed_and_runs_its_own_script_alone(
    whole: ClassReport, language: Language
) -> None:
    made = shown(whole, language)
    ids = [element.attributes["id"] for element in made.elements if "id" in element.attributes]
    levels = [int(element.name[1]) for element in made.named("h1", "h2", "h3", "h4")]
    inside = [e.attributes["href"][1:] for e in made.named("a") if e.attributes["href"].startswith("#")]
    (script,) = made.named("script")
    (policy,) = [e.attributes["content"] for e in made.named("meta") if "http-equiv" in e.attributes]

    assert made.slips == []
    assert dangers(made) == ["<script>"]
    assert sorted(ids) == sorted({*ids})
    assert {*inside} <= {*ids}
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    digest = b64encode(sha256(script.text.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert made.named("html")[0].attributes["lang"] == language


def test_a_score_is_a_number_with_a_sign_beside_its_colour(whole: ClassReport) -> None:
    made = shown(whole)
    rows = re.findall(r"<tr><th scope=\"row\">(s\d\d)</th>(.*?)</tr>", "".join(page(whole, "en")))
    first = {student: re.sub("<[^>]*>", " ", cells).split() for student, cells in rows}

    assert first["s00"] == ["✓", "4", "✓", "1", "5"]
    assert first["s12"] == ["2", "–", "2"]
    assert first["s98"] == ["!", "0", "–", "0"]
    assert len(texts(made, "bs-level-4")) == classes.FULL + 1
    links = [e.attributes["href"] for e in made.named("a") if "td" in e.within]
    assert links == ["feedback/s00/inception.html"]


def test_a_name_stands_before_the_id_and_a_score_by_hand_has_its_sign(whole: ClassReport) -> None:
    names = {"s00": "Ahn, Yuna", "s12": "</th><script>alert(1)</script>"}
    scores = [one.model_copy(update={"by_hand": one.student == "s00"}) for one in whole.scores]
    update = {"names": names, "scores": scores, "scores_from": "gradebook"}
    made = "".join(page(whole.model_copy(update=update), "en"))
    rows = re.findall(
        r'<th scope="row">([^<]*) <span class="bs-id">([^<]*)</span></th><td[^>]*>([^<]*)', made
    )

    assert rows == [
        ("Ahn, Yuna", "s00", f"{pages.BY_HAND} ✓ 4"),
        ("&lt;/th&gt;&lt;script&gt;alert(1)&lt;/script&gt;", "s12", "2"),
    ]
    assert "The scores are the gradebook" in made
    assert "&lt;/script&gt; (s12)" in made, "at the mistakes, too"
    assert parsed(made).slips == []
    assert dangers(parsed(made)) == ["<script>"]
    assert "gradebook" not in "".join(page(whole, "en"))


def test_mistakes_stand_there_by_how_many_have_made_them(whole: ClassReport) -> None:
    (first, *_) = whole.assignments
    counts = [int(element.text) for element in shown(whole).named("b")]

    assert counts == [one.count for task in first.tasks for one in task.mistakes]


def test_the_distribution_can_be_read_by_ear(whole: ClassReport) -> None:
    plot = shown(whole).named("svg")[0]

    assert plot.attributes["role"] == "img"
    assert plot.attributes["aria-label"].startswith("0–9%: 9, 10–19%: 0")
    assert plot.attributes["aria-label"].endswith("100%: 12")


def test_a_large_class_is_not_listed(whole: ClassReport, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its page opens at once all the same."""
    monkeypatch.setattr(pages, "STUDENTS_SHOWN", 38)
    made = "".join(page(whole, "en"))

    assert "class.csv has all scores" in made
    assert 'id="scores"' not in made


def test_what_is_not_shown_is_counted(whole: ClassReport, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MISTAKES_SHOWN", 1)
    monkeypatch.setattr(pages, "NAMES_SHOWN", 2)
    made = "".join(page(whole, "en"))

    assert "And 3 others, which are in class.json." in made
    assert "s12 · s13 and 9 others" in re.sub(r"\s+", " ", re.sub("<[^>]*>", "", made))


def test_the_most_frequent_mistakes_have_the_picture_of_one_who_made_them(
    whole: ClassReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the report is still there, and the learner has a model at all."""
    said = "The model of s12, with what sets it apart from the target marked."
    captions = [one.text for one in shown(whole).named("figcaption")]
    (learnt,) = [caption for caption in captions if caption.startswith("The model of ")]
    monkeypatch.setattr(pages, "PICTURED", 0)

    assert learnt.startswith(said)
    assert said not in "".join(page(whole, "en"))


def test_a_report_that_is_gone_costs_the_picture(output: Path, tmp_path: Path) -> None:
    moved = tmp_path / "output"
    shutil.copytree(output, moved)
    found = class_report(reports_below(moved))
    shutil.rmtree(moved)

    assert "The model of " not in "".join(page(found, "en"))


def test_who_is_alike_is_named_with_a_word_on_what_that_is_not(whole: ClassReport) -> None:
    (first, *others) = whole.assignments
    (module, *tasks) = first.tasks
    pair = module.model_copy(update={"alike": [Alike(differences=3, students=["s12", "s13"])]})
    assignments = [first.model_copy(update={"tasks": [pair, *tasks]}), *others]
    made = "".join(page(whole.model_copy(update={"assignments": assignments}), "en"))

    assert "The same 3 differences from the target: s12 · s13</li>" in made
    assert "This is no proof" in made
    assert "The same 3" not in "".join(page(whole, "en"))


def test_who_has_the_same_text_is_shown_it_beside_both_pages(whole: ClassReport) -> None:
    links = {(student, "inception"): f"feedback/{student}.html" for student in ("s12", "s13")}
    made = parsed("".join(page(whole, "en", links=links)))
    (pair,) = [e.text for e in made.named("summary") if "characters in common" in e.text]
    (passage,) = [e.text for e in made.named("code") if "pre" in e.within]
    linked = [e.attributes["href"] for e in made.named("a") if "p" in e.within]

    assert pair.strip().startswith("s12 and s13: ")
    assert passage == dedent(classes.PASSAGE)
    assert linked == ["feedback/s12.html#task-module", "feedback/s13.html#task-module"]
    assert "That answers are alike proves nothing" in "".join(page(whole, "en"))
    assert "Both have full marks here" not in "".join(page(whole, "en"))


def test_no_word_of_a_learner_becomes_markup(tmp_path: Path) -> None:
    attack = '</script><script>alert(1)</script>"><img src=x onerror=alert(1)>`{{ 7 * 7 }}'
    made = []
    for name, words in (("calm", "calm"), ("hostile", attack.replace("/", "∕"))):
        one = builders.hostile(words)
        text = "\n".join(f"{words} = {'0' * 40}" for _ in range(3))
        tasks = [task.model_copy(update={"written": text}) for task in one.tasks]
        pair = [one.model_copy(update={"student": f"{words}{n}", "tasks": tasks}) for n in range(2)]
        output = classes.written(pair, tmp_path / name)
        made.append(shown(class_report(reports_below(output))))

    assert [one.slips for one in made] == [[], []]
    assert dangers(made[1]) == ["<script>"]
    # How long a text is in a picture decides how it is broken into lines there.
    calm, hostile = (
        [e.name for e in one.elements if not {"code", "svg"} & {e.name, *e.within}] for one in made
    )
    assert calm == hostile
