"""What the notebook `inception` claims, counted and run anew."""

from __future__ import annotations

import pytest

from autograder.course.source import read_source
from autograder.course.starter import starter
from tests.assignments.notebooks import COURSE, answers, code_of, run_code


def test_the_chapter_s_slip_is_the_stub_s() -> None:
    """Learners meet the name that the lecture notes mistyped."""
    assert "layers.conv2D(" in "".join(
        starter(cell.source) for cell in answers(COURSE.assignment("inception"))
    )


def test_the_numbers_in_the_prose_are_right() -> None:
    """Counted anew: the parameters that the inception notebook quotes."""

    def parameters(kernel: int, channels: int, filters: int) -> int:
        return (kernel**2 * channels + 1) * filters

    def detour(width: int, kernel: int = 3) -> int:
        return parameters(1, 192, width) + parameters(kernel, width, 128)

    prose = "\n".join(cell.source for cell in read_source(COURSE, COURSE.assignment("inception")).cells)
    straight = parameters(3, 192, 128)
    module = 3 * parameters(1, 192, 128) + 3 * parameters(3, 128, 128) + straight

    assert f"{parameters(3, 1, 192) + parameters(1, 192, 10):,} parameters" in prose
    assert module > 700_000
    assert f"({detour(128):,} parameters instead of {straight:,})" in prose
    assert abs(1 - detour(128) / straight - 1 / 5) < 0.03
    assert abs(1 - detour(32) / straight - 4 / 5) < 0.01
    assert detour(164) < straight < detour(165)
    assert parameters(5, 192, 128) - detour(32, 5) > 500_000


@pytest.mark.slow
def test_the_sizes_of_task_one_are_what_keras_makes_of_the_stub() -> None:
    """The four branches without padding, put through Keras, come out as the solution says."""
    import keras

    names, errors = run_code(code_of(COURSE, "inception", given="inception-module-answer"))
    stub = dict(code_of(COURSE, "inception", given="inception-module-answer"))["inception-module-answer"]
    branches = stub.replace("conv2D", "Conv2D").replace("return layers.concatenate(", "return (")
    exec(branches, names)
    found = [branch.shape[1] for branch in names["inception_module"](keras.Input((28, 28, 192)))]

    assert errors == {"inception-network-answer": "AttributeError"}
    assert found == list(names["sizes"].values())


@pytest.mark.slow
def test_the_network_s_stub_leaves_the_module_out() -> None:
    """It builds without a word and has as many parameters as the task says."""
    names, errors = run_code(code_of(COURSE, "inception", given="inception-network-answer"))

    assert errors == {}
    assert names["model"].count_params() == 3850
