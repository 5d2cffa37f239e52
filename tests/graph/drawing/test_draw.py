"""Pictures of graphs: safe to put in a page, readable without colour, the same every time."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import Any

import pytest

from autograder.graph.comparison.compare import compare
from autograder.graph.drawing import style
from autograder.graph.drawing.draw import draw
from autograder.graph.model import Graph
from autograder.messages import message
from tests.graph.builders import (
    Builder,
    changed,
    inception,
    multi_output,
    pruned,
    residual,
    rewired,
    shuffled,
    siamese,
    tower,
    without,
    without_branch,
)

SVG = "{http://www.w3.org/2000/svg}"


def parsed(graph: Graph, wanted: Graph | None = None, **options: Any) -> ET.Element:
    differences = compare(graph, wanted) if wanted else ()
    return ET.fromstring(draw(graph, differences=differences, **options))


def of_class(picture: ET.Element, name: str) -> list[ET.Element]:
    return [element for element in picture.iter() if name in (element.get("class") or "").split()]


def words(picture: ET.Element) -> list[str]:
    return ["".join(element.itertext()) for element in picture.iter(f"{SVG}text")]


@pytest.mark.parametrize("make", [inception, residual, siamese, multi_output])
def test_every_call_has_its_box(make):
    graph = make()

    assert len(graph.calls) == len(of_class(parsed(graph), "call"))


def test_a_shared_layers_calls_are_two_boxes_of_one_colour():
    picture = parsed(siamese())

    assert {"call layer s0"} == {box.get("class") for box in of_class(picture, "s0")}
    assert len(of_class(picture, "s0")) == 2
    assert {"shared · 1 of 2", "shared · 2 of 2"} <= set(words(picture))


def test_a_box_says_kind_settings_and_shape():
    shown = words(parsed(inception()))

    assert {"Concatenate", "(None, 14, 14, 512)", "pool_size=3, strides=2,", "128, 1, relu"} <= set(shown)


def test_the_same_graph_gives_the_same_text():
    assert draw(inception()) == draw(inception())


def test_pictures_on_one_page_do_not_share_ids():
    ids = [re.findall(r'id="([^"]+)"', draw(graph)) for graph in (inception(), residual(), siamese())]
    ids.append(re.findall(r'id="([^"]+)"', draw(siamese(), language="ko")))

    assert sum(map(len, ids)) == len({name for names in ids for name in names})


def test_styles_hold_for_the_picture_alone():
    picture = draw(siamese())
    scope = re.search(r'id="(g[0-9a-f]+)"', picture)
    assert scope is not None
    sheet = picture.partition("<style>")[2].partition("</style>")[0]
    sheet = re.sub(r"@media[^{]*\{|:is\([^)]*\)", "", sheet)

    selectors = [part for rule in re.findall(r"([^{}]+)\{", sheet) for part in rule.split(",")]
    assert selectors
    assert all(f"#{scope[1]}" in selector for selector in selectors)


def test_a_plain_style_is_that_of_the_light_theme_written_out():
    """For what draws SVG and knows neither variables nor media: every layer's colour is its own."""
    plain = style.plain_stylesheet("here")

    assert "var(" not in plain
    assert "@" not in plain
    assert "--" not in plain
    for number, colour in enumerate(style.SHARED_LIGHT):
        assert f"#here .s{number} .badge{{fill:{colour};" in plain
    assert style.plain_stylesheet("here") in draw(siamese(), themes=False).replace(
        str(parsed(siamese(), themes=False).get("id")), "here"
    )


def test_nothing_is_loaded_and_nothing_is_run():
    picture = draw(inception(), differences=compare(residual(), inception()))

    for forbidden in ("<script", "href", "url(", "@import", "<image", "<foreignObject", "javascript:"):
        assert forbidden not in picture
    assert re.findall(r"https?://[^\"' ]+", picture) == ["http://www.w3.org/2000/svg"]


def test_what_a_learner_writes_is_text_and_nothing_else():
    b = Builder()
    x = b.input(4, name="</svg><script>alert(1)</script>")
    y = b.dense(x, 4, name='"><img src=x onerror=alert(1)>\x00\x1b[31m\u202e' + "x" * 500, activation="<b>")
    picture = draw(b.graph(y, names=("&amp;<i>",)), title="<u>\x07")

    root = ET.fromstring(picture)
    assert {"svg", "title", "desc", "style", "rect", "g", "path", "text", "tspan"} >= {
        element.tag.removeprefix(SVG) for element in root.iter()
    }
    assert "\x1b" not in picture
    assert "\u202e" not in picture
    assert max(map(len, words(root))) < 60


def test_a_difference_is_marked_by_shape_and_number_and_told_in_words():
    picture = parsed(changed(inception(), 3, strides=(1, 1)), inception())

    assert len(of_class(picture, "differs")) == 1
    # Once at the box, once in front of the sentence.
    assert len(of_class(picture, "difference")) == 2
    assert {"1"} == {"".join(mark.itertext()) for mark in of_class(picture, "difference")}
    assert any("strides is (1, 1); it should be (2, 2)." in line for line in words(picture))


def test_marks_of_different_kinds_have_different_shapes():
    found = [
        (changed(siamese(), 2, units=3), siamese()),
        (siamese(shared=False), siamese()),
        (without(residual(), 4), residual()),
        (residual(), without(residual(), 4)),
        (rewired(residual(), 4, 0, 1), residual()),
    ]
    shapes = {of_class(parsed(*pair), "mark")[0].get("d") for pair in found}

    assert len(found) == len(shapes)


def test_a_missing_call_is_a_ghost_in_its_place():
    picture = parsed(without_branch(inception(), 9, 2), inception())

    (ghost,) = of_class(picture, "ghost")
    assert "missing" in "".join(ghost.itertext())
    assert "AveragePooling2D → Conv2D" in "".join(ghost.itertext())
    assert len(of_class(picture, "absent")) == 4


def test_a_missing_output_is_a_ghost():
    graph = multi_output()
    found = pruned(replace(graph, outputs=graph.outputs[:2], output_names=graph.output_names[:2]))

    (ghost,) = of_class(parsed(found, graph), "ghost")
    assert "".join(ghost.itertext()) == "missing output"


def test_a_wrong_wire_is_crossed_out_and_the_right_one_dashed():
    picture = parsed(rewired(residual(), 4, 0, 1), residual())

    assert len(of_class(picture, "cross")) == 1
    assert len([wire for wire in of_class(picture, "wire") if "wrong" in (wire.get("class") or "")]) == 1
    assert len([wire for wire in of_class(picture, "wire") if "absent" in (wire.get("class") or "")]) == 1


def test_the_picture_is_told_to_those_who_hear_it():
    picture = parsed(changed(siamese(), 2, units=16), siamese(), title="Siamese LSTM")
    title, description = picture.find(f"{SVG}title"), picture.find(f"{SVG}desc")

    assert picture.get("role") == "img"
    assert title is not None
    assert description is not None
    assert title.text == "Siamese LSTM"
    assert picture.get("aria-labelledby") == title.get("id")
    assert picture.get("aria-describedby") == description.get("id")
    assert "Layer calls in this graph: 6." in (description.text or "")
    assert "`units` is 16; it should be 32." in (description.text or "")


def test_a_deep_sub_model_is_one_box_for_each_call_of_it():
    graph = tower()

    picture = parsed(graph)

    assert len(of_class(picture, "call")) == 5
    assert ["a model of 129 calls" in "".join(box.itertext()) for box in of_class(picture, "s0")] == [
        True,
        True,
    ]


def test_a_sub_model_called_on_its_own_result_is_two_boxes():
    b = Builder()
    x = b.input(8)
    layers = [b.operation("Dense", units=8) for _ in range(25)]
    for _ in range(2):
        for layer in layers:
            x = b.call(layer, b.layer("Flatten", x, path=("encoder",)), path=("encoder",))

    picture = parsed(b.graph(x))

    assert len(of_class(picture, "group")) == 2
    assert len(of_class(picture, "s0")) == 2


@pytest.mark.slow
def test_a_huge_model_is_one_box():
    b = Builder("huge")
    x = b.input(8)
    graph = b.graph(b.merge("Add", *(b.dense(x, 8) for _ in range(1000))))

    picture = parsed(graph, changed(graph, 5, units=7))

    assert "a model of 1,001 calls" in words(picture)
    assert len(of_class(picture, "call")) == 2
    assert len(of_class(picture, "differs")) == 1


def test_copied_sub_models_are_boxes_without_a_common_colour():
    picture = parsed(tower(copies=True), tower())

    assert of_class(picture, "tint") == []
    assert len(of_class(picture, "differs")) == 2


def test_a_difference_inside_a_sub_model_marks_its_box():
    picture = parsed(changed(tower(), 100, strides=(2, 2)), tower())

    assert len(of_class(picture, "differs")) == 2


def test_many_differences_are_cut_short():
    wrong = inception()
    for call in range(1, 9):
        activation = "elu" if wrong.operation_of(call).kind == "Conv2D" else None
        wrong = changed(
            wrong, call, activation=activation, padding="causal", strides=(7, 7), dilation_rate=(9, 9)
        )
    differences = compare(wrong, inception())

    assert len(differences) > 20
    assert f"… and other differences: {len(differences) - 20}." in draw(wrong, differences=differences)


def test_differences_of_another_graph_do_no_harm():
    assert "<svg" in draw(siamese(), differences=compare(shuffled(residual()), inception()))


def test_korean_takes_two_columns_a_character():
    assert style.columns("한글") == 4
    assert style.columns("a한") == 3
    assert style.width("한글", 12) > style.width("abc", 12)


def test_lines_are_broken_between_words_and_inside_what_is_too_long():
    lines = list(style.wrapped("one two " + "가" * 30, 100, 12))

    assert lines[0] == "one two"
    assert "".join(lines[1:]) == "가" * 30
    assert all(style.width(line, 12) <= 100 for line in lines)


def test_a_note_stands_in_the_box_of_its_call_and_in_no_other():
    graph = inception()
    pool = graph.of_kind("AveragePooling2D")[0].id

    drawn = draw(graph, notes={pool: message("{count} <here>", count=3)})

    assert drawn.count("3 &lt;here&gt;") == 1
    assert "3 &lt;here&gt;" not in draw(graph)
