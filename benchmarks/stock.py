"""Plain nbgrader, as it comes: a course whose graded cells hold hidden tests of the same things as ours."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[1]

TESTS = {
    "branch-sizes": 'assert sizes == {"a": 14, "b": 13, "c": 11, "d": 12}',
    "inception-module": """
for shape in ((28, 28, 192), (27, 27, 64), (33, 20, 8)):
    probe = keras.Input(shape)
    built = keras.Model(probe, inception_module(probe))
    height, width = (size + 1 >> 1 for size in shape[:2])
    assert built.output_shape == (None, height, width, 512)
    convolutions = [layer for layer in built.layers if isinstance(layer, layers.Conv2D)]
    found = sorted((layer.kernel_size[0], layer.strides[0]) for layer in convolutions)
    assert found == [(1, 1), (1, 1), (1, 2), (3, 1), (3, 1), (3, 2), (3, 2)]
    assert all(layer.filters == 128 for layer in convolutions)
    assert all(layer.padding == "same" and layer.activation.__name__ == "relu" for layer in convolutions)
    assert sum(isinstance(layer, layers.AveragePooling2D) for layer in built.layers) == 1
    assert sum(isinstance(layer, layers.Concatenate) for layer in built.layers) == 1
""",
    "inception-network": """
assert model.input_shape == (None, 28, 28, 1)
assert model.output_shape == (None, 10)
assert sum(isinstance(layer, layers.Concatenate) for layer in model.layers) == 1
assert sum(isinstance(layer, layers.GlobalAveragePooling2D) for layer in model.layers) == 1
assert model.layers[-1].activation.__name__ == "softmax"
assert model.count_params() == 745_226
""",
    "add-shapes": """
assert sums == {"equal": (14, 14, 128), "fewer_channels": None, "one_channel": (14, 14, 128), "smaller": None}
""",
    "residual-block": """
for shape in ((28, 28, 64), (27, 27, 64), (31, 18, 16)):
    probe = keras.Input(shape)
    built = keras.Model(probe, residual_block(probe))
    height, width = (size + 1 >> 1 for size in shape[:2])
    assert built.output_shape == (None, height, width, 128)
    convolutions = [layer for layer in built.layers if isinstance(layer, layers.Conv2D)]
    found = sorted((layer.filters, layer.kernel_size[0], layer.strides[0]) for layer in convolutions)
    assert found == [(128, 1, 2), (128, 3, 1), (128, 3, 1)]
    assert sum(isinstance(layer, layers.MaxPooling2D) for layer in built.layers) == 1
    assert sum(isinstance(layer, layers.Add) for layer in built.layers) == 1
""",
    "residual-network": """
assert model.input_shape == (None, 28, 28, 1)
assert model.output_shape == (None, 10)
assert sum(isinstance(layer, layers.Add) for layer in model.layers) == 2
assert model.layers[-1].activation.__name__ == "softmax"
assert model.count_params() == 1_151_242
""",
}


def make_stock_course(place: Path, assignments: list[str]) -> None:
    """A course folder for stock nbgrader, its assignments generated."""
    for assignment in assignments:
        notebook = nbformat.read(
            ROOT / "assignments" / "en" / assignment / f"{assignment}.ipynb", as_version=4
        )
        for cell in notebook.cells:
            settings = cell.metadata.get("nbgrader", {})
            if settings.get("grade"):
                test = TESTS[settings["grade_id"]].strip()
                cell.source = f"### BEGIN HIDDEN TESTS\n{test}\n### END HIDDEN TESTS"
        target = place / "source" / assignment / f"{assignment}.ipynb"
        target.parent.mkdir(parents=True)
        nbformat.write(notebook, target)
        nbgrader(place, "generate_assignment", assignment)


def nbgrader(place: Path, *words: str) -> None:
    """Run stock nbgrader in a course folder; it calls programs of its environment by their bare names."""
    programs = Path(sys.executable).parent
    environment = {
        **os.environ,
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        # Stock nbgrader gives nothing for a cell that writes to standard error, and TensorFlow's log does.
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    subprocess.run(
        [programs / "nbgrader", *words],
        cwd=place, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def stock_scores(place: Path) -> dict[tuple[str, str, str], bool]:
    """Whether nbgrader gave full marks, by student, assignment and graded cell."""
    return {task: score == points for task, (score, points) in saved_scores(place).items()}


def saved_scores(place: Path) -> dict[tuple[str, str, str], tuple[float | None, float]]:
    """A gradebook's scores and points, by student, assignment and graded cell; None is not graded."""
    from nbgrader.api import Gradebook, SubmittedAssignment

    scores = {}
    with Gradebook(f"sqlite:///{place}/gradebook.db") as gradebook:
        for submission in gradebook.db.query(SubmittedAssignment):
            for notebook in submission.notebooks:
                for grade in notebook.grades:
                    key = (submission.student_id, submission.name, grade.name)
                    scores[key] = (grade.auto_score, grade.max_score)
    return scores
