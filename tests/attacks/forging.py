"""Points for a model that was not made: the grader, the notebook or the model says what is not so."""

from __future__ import annotations

import copy
import json
import textwrap

import nbformat

from autograder.course.tags import nbgrader
from tests.attacks.techniques import Sheet, technique

# Everything right but for the first branch, which lacks its activation.
_WITHOUT_ACTIVATION = """
def inception_module(x):
    a = {conv}(128, 1, strides=2, padding="same", name="forged")(x)
    b = layers.Conv2D(128, 1, activation="relu")(x)
    b = layers.Conv2D(128, 3, strides=2, padding="same", activation="relu")(b)
    c = layers.AveragePooling2D(3, strides=2, padding="same")(x)
    c = layers.Conv2D(128, 3, padding="same", activation="relu")(c)
    d = layers.Conv2D(128, 1, activation="relu")(x)
    d = layers.Conv2D(128, 3, padding="same", activation="relu")(d)
    d = layers.Conv2D(128, 3, strides=2, padding="same", activation="relu")(d)
    return layers.concatenate([a, b, c, d])
"""


def without_activation(before: str, conv: str = "layers.Conv2D") -> str:
    """The module, behind what is to hide that something is missing."""
    return textwrap.dedent(before) + _WITHOUT_ACTIVATION.replace("{conv}", conv)


@technique()
def own_check(sheet: Sheet) -> None:
    """A `check` of the learner's own, which is always content."""
    sheet.first("""
        def check(task, *objects):
            print("passed", task, "5 / 5")
            return 5.0
    """)


@technique()
def printed_marker(sheet: Sheet) -> None:
    """A card that says full marks, shown beside the wrong answer."""
    sheet.first("""
        from IPython.display import HTML, display
        display(HTML("<div class='bs-card'><b>10 / 10</b> every check passed</div>"))
        print("10 passed in 0.01s")
    """)


@technique()
def number_as_a_result(sheet: Sheet) -> None:
    """A number as the cell's value, which nbgrader takes for its score."""
    sheet.first("10.0")
    sheet.cell("inception-network-answer").source += "\n10.0"


@technique()
def edited_check_cell(sheet: Sheet) -> None:
    """The locked cells say a number instead of checking."""
    for cell in sheet.notebook.cells:
        if nbgrader(cell).get("grade"):
            cell.source = "5.0"


@technique()
def raised_points(sheet: Sheet) -> None:
    """The notebook's metadata say that every task is worth a thousand points, all of them given."""
    for cell in sheet.notebook.cells:
        if nbgrader(cell).get("grade"):
            cell.metadata["nbgrader"].update(points=1000, score=1000, auto_score=1000)


@technique()
def deleted_check_cells(sheet: Sheet) -> None:
    """Without checks nothing can fail."""
    sheet.notebook.cells = [cell for cell in sheet.notebook.cells if not nbgrader(cell).get("grade")]


@technique(gets={"branch-sizes": 2.0})
def easy_task_counted_three_times(sheet: Sheet) -> None:
    """The check that passes stands in the place of those that would not."""
    sheet.solve("branch-sizes")
    for cell in sheet.notebook.cells:
        if nbgrader(cell).get("grade"):
            cell.source = 'check("branch-sizes", sizes)'


@technique(gets={"branch-sizes": 2.0})
def check_cells_renumbered(sheet: Sheet) -> None:
    """The check that passes carries the other tasks' ids."""
    sheet.solve("branch-sizes")
    passing = sheet.cell("branch-sizes")
    for place, cell in enumerate(sheet.notebook.cells):
        if nbgrader(cell).get("grade") and cell is not passing:
            forged = copy.deepcopy(passing)
            forged["id"] = cell["id"]
            forged.metadata["nbgrader"]["grade_id"] = nbgrader(cell)["grade_id"]
            sheet.notebook.cells[place] = forged


@technique()
def check_cells_duplicated(sheet: Sheet) -> None:
    """Each check stands there twice, and the second copy is the learner's."""
    for cell in [cell for cell in sheet.notebook.cells if nbgrader(cell).get("grade")]:
        forged = copy.deepcopy(cell)
        forged["id"] = f"{cell['id']}-2"[:64]
        forged.source = "5.0"
        sheet.notebook.cells.append(forged)


@technique()
def check_cells_as_text(sheet: Sheet) -> None:
    """The checks become Markdown, which never fails."""
    for cell in sheet.notebook.cells:
        if nbgrader(cell).get("grade"):
            cell.cell_type = "markdown"
            for name in ("outputs", "execution_count"):
                cell.pop(name, None)


@technique()
def outputs_brought_along(sheet: Sheet) -> None:
    """The graded cells already hold the card of a right answer."""
    for cell in sheet.notebook.cells:
        if nbgrader(cell).get("grade"):
            data = {"text/html": "<div class='bs-card'>5 / 5</div>", "text/plain": "5.0"}
            cell.outputs = [nbformat.v4.new_output("execute_result", data=data, execution_count=1)]


@technique()
def another_language(sheet: Sheet) -> None:
    """The notebook claims to be a shell's, where nothing of the course would run."""
    sheet.notebook.metadata["kernelspec"] = {"name": "bash", "display_name": "Bash", "language": "bash"}
    sheet.notebook.metadata["language_info"] = {"name": "bash"}
    sheet.first("echo 10")


@technique()
def right_model_in_another_cell(sheet: Sheet) -> None:
    """A right answer is checked in a cell of the learner's own, under the graded task's name."""
    wrong = sheet.cell("inception-module-answer").source
    sheet.solve("inception-module")
    right = sheet.cell("inception-module-answer").source
    sheet.answer("inception-module", f"{right}\ncheck('inception-module', inception_module)\n{wrong}")


@technique()
def exit_before_the_checks(sheet: Sheet) -> None:
    """The interpreter ends with success before anything is checked."""
    sheet.first("import sys; sys.exit(0)")


@technique()
def process_ends_with_success(sheet: Sheet) -> None:
    """The process ends with success before anything is checked."""
    sheet.first("import os; os._exit(0)")


@technique()
def swallowed_exceptions(sheet: Sheet) -> None:
    """Whatever goes wrong is not shown."""
    sheet.first("""
        shell = get_ipython()
        shell.set_custom_exc((BaseException,), lambda *_: None)
        shell.showtraceback = lambda *_, **__: None
        shell.showsyntaxerror = lambda *_, **__: None
    """)


@technique()
def equal_to_everything(sheet: Sheet) -> None:
    """Numbers that say yes to every comparison."""
    sheet.answer(
        "branch-sizes",
        """
        class Yes(int):
            __eq__ = __ge__ = __le__ = lambda *_: True
            __ne__ = __lt__ = __gt__ = lambda *_: False
            __hash__ = int.__hash__

        class YesToo(dict):
            __eq__ = lambda *_: True
            __getitem__ = lambda *_: Yes(14)
            __missing__ = lambda *_: Yes(14)

        sizes = YesToo({name: Yes(1) for name in "abcd"})
    """,
    )


@technique()
def a_model_equal_to_everything(sheet: Sheet) -> None:
    """A model that says yes to every comparison and has every attribute."""
    sheet.answer(
        "inception-network",
        """
        class Yes:
            __eq__ = lambda *_: True
            __getattr__ = lambda self, _: self
            __call__ = lambda self, *_, **__: self
            __getitem__ = lambda self, _: self
            __iter__ = lambda self: iter([])
            __len__ = lambda _: 0
            __bool__ = lambda _: True
            __hash__ = lambda _: 0

        model = Yes()
    """,
    )


@technique()
def shadowed_builtins(sheet: Sheet) -> None:
    """The words that a grader is written in mean something else."""
    sheet.first("""
        import builtins
        builtins.isinstance = builtins.issubclass = builtins.callable = builtins.hasattr = lambda *_: True
        builtins.all = builtins.any = lambda *_: True
        builtins.len = lambda *_: 4
        builtins.AssertionError = builtins.Exception = type("Nothing", (BaseException,), {})
    """)


@technique()
def patched_tests(sheet: Sheet) -> None:
    """pytest, unittest and assertions that cannot fail."""
    sheet.first("""
        import sys, unittest
        for name in [name for name in dir(unittest.TestCase) if name.startswith("assert")]:
            setattr(unittest.TestCase, name, lambda *_, **__: None)
        try:
            import pytest, _pytest.reports, _pytest.runner
            _pytest.reports.TestReport.outcome = _pytest.reports.TestReport.passed = property(lambda _: "passed")
            _pytest.runner.runtestprotocol = lambda *_, **__: []
            pytest.main = lambda *_, **__: 0
        except ImportError:
            pass
        import autograder.evidence
        for name, module in list(sys.modules.items()):
            if name.startswith("autograder.checks"):
                for thing in list(vars(module)):
                    setattr(module, thing, lambda *_, **__: None)
    """)


@technique()
def planted_conftest(sheet: Sheet) -> None:
    """Files beside the notebook that pytest or the interpreter would pick up."""
    sheet.save()
    hook = "def pytest_runtest_makereport(item, call):\n    import os\n    os._exit(0)\n"
    for name in ("conftest.py", "sitecustomize.py", "keras.py", "pytest.py", "autograder.py"):
        (sheet.folder / name).write_text(hook, encoding="utf-8")
    (sheet.folder / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\n", encoding="utf-8")


@technique()
def planted_at_run_time(sheet: Sheet) -> None:
    """The same files, written by the notebook while it runs."""
    sheet.first("""
        for name in ("conftest.py", "sitecustomize.py", "autograder.py", "scipy.py", "nbformat.py"):
            for folder in (".", "..", "/tmp"):
                try:
                    open(f"{folder}/{name}", "w").write("raise SystemExit(0)")
                except OSError:
                    pass
    """)


@technique()
def results_written_first(sheet: Sheet) -> None:
    """A report, evidence and scores lie there already, some of them not to be overwritten."""
    forged = json.dumps({"score": 10.0, "max_score": 10.0, "outcome": "graded", "tasks": []})
    sheet.first(f"""
        import os, pickle
        for name in ("report.json", "inception.json", "evidence.json", "results.json", "grades.csv"):
            for folder in (".", "..", "/tmp", os.path.expanduser("~")):
                try:
                    open(f"{{folder}}/{{name}}", "w").write({forged!r})
                    os.chmod(f"{{folder}}/{{name}}", 0o444)
                except OSError:
                    pass
        pickle.dump({{"score": 10}}, open("results.pkl", "wb"))
    """)


@technique()
def nothing_is_a_number(sheet: Sheet) -> None:
    """Answers that are no numbers, but compare like some."""
    sheet.answer(
        "branch-sizes",
        """
        sizes = {"a": float("nan"), "b": float("inf"), "c": 1e400, "d": 14 + 0j}
    """,
    )


@technique()
def strings_that_are_keys(sheet: Sheet) -> None:
    """A dict whose keys change while they are read."""
    sheet.answer(
        "branch-sizes",
        """
        class Key(str):
            __hash__ = lambda self: 0
            __eq__ = lambda self, other: True
            __str__ = lambda self: "a"
            __getitem__ = lambda self, part: "abcd"

        class Sizes(dict):
            items = lambda self: [("a", 14), ("b", 14), ("c", 14), ("d", 14)]
            __iter__ = lambda self: iter("abcd")

        sizes = Sizes({Key(name): 0 for name in ("w", "x", "y", "z")})
    """,
    )


@technique()
def forged_recorder(sheet: Sheet) -> None:
    """What takes the evidence takes another's word instead."""
    sheet.first("""
        from autograder.evidence import recorder
        take = recorder._current.take
        def forged(task, objects):
            recorder._current.recorder.record(
                {"evidence": 1, "task": task, "passed": True, "score": 5, "arguments": [], "probes": []}
            )
        type(recorder._current).take = lambda self, task, objects: forged(task, objects)
    """)


@technique()
def forged_events(sheet: Sheet) -> None:
    """The run's own way out tells of cells that never ran."""
    sheet.first("""
        import json, os
        for number in range(3, 64):
            try:
                os.write(number, b'{"event":"evidence","cell":1,"document":{"score":5}}\\n')
                os.write(number, json.dumps({"event": "end", "cell": 0, "state": "ok"}).encode() + b"\\n")
                os.write(number, b'{"event":"done"}\\n')
            except OSError:
                pass
        os._exit(0)
    """)


@technique()
def patched_json(sheet: Sheet) -> None:
    """What writes the evidence writes something else."""
    sheet.first("""
        import json
        honest = json.dumps
        def dumps(thing, *words, **more):
            if isinstance(thing, dict) and "arguments" in thing:
                thing = {**thing, "verdict": "passed", "score": 5.0, "points": 5.0}
            return honest(thing, *words, **more)
        json.dumps = dumps
    """)


# The join is right, and so are the settings of the other layers.
@technique(gets={"inception-module": 2.0})
def subclass_with_another_configuration(sheet: Sheet) -> None:
    """A layer of the learner's own that says of itself that it has an activation."""
    sheet.answer(
        "inception-module",
        without_activation(
            """
            class Conv2D(layers.Conv2D):
                def get_config(self):
                    return {**super().get_config(), "activation": "relu"}

                activation = property(lambda self: keras.activations.relu, lambda self, value: None)
            """,
            "Conv2D",
        ),
    )


@technique()
def class_only_called_like_kerass(sheet: Sheet) -> None:
    """A class of the learner's that calls itself Keras's, and joins nothing."""
    sheet.answer(
        "inception-module",
        """
        class Concatenate(layers.Layer):
            def call(self, tensors):
                return keras.ops.tile(tensors[0][:, ::2, ::2], [1, 1, 1, 4])

        Concatenate.__module__ = keras.layers.Concatenate.__module__
        Concatenate.__qualname__ = "Concatenate"

        def inception_module(x):
            a = layers.Conv2D(128, 1, activation="relu")(x)
            return Concatenate()([a, a, a, a])
    """,
    )


@technique()
def class_that_lies_about_itself(sheet: Sheet) -> None:
    """An object whose `__class__`, `__reduce__` and `__dict__` say that it is a model."""
    sheet.answer(
        "inception-network",
        """
        class Model:
            __class__ = property(lambda self: keras.Model)
            __dict__ = property(lambda self: {"name": "m", "_nodes": []})
            def __reduce__(self):
                print("forbidden-thing-" + "done")
                return (print, ())
            def __getattribute__(self, name):
                return object.__getattribute__(self, name) if name.startswith("__") else None

        model = Model()
    """,
    )


@technique()
def configuration_patched_in_keras(sheet: Sheet) -> None:
    """Keras's own class is made to say what it does not have."""
    sheet.answer(
        "inception-module",
        without_activation(
            """
            base = keras.layers.Conv2D.__mro__[1]
            honest = base.get_config

            def get_config(self):
                return {**honest(self), "activation": "relu"} if self.name.startswith("forged") else honest(self)

            base.get_config = get_config
            """
        ),
    )


@technique()
def code_exchanged_in_keras(sheet: Sheet) -> None:
    """The same, but the function stays the same object: only its code is another one."""
    sheet.answer(
        "inception-module",
        without_activation(
            """
            import types
            base = keras.layers.Conv2D.__mro__[1]
            kept = types.FunctionType(base.get_config.__code__, base.get_config.__globals__, "kept", None, base.get_config.__closure__)
            keras.kept = kept

            def closed():
                __class__ = base
                def get_config(self):
                    __class__
                    import keras
                    found = keras.kept(self)
                    return {**found, "activation": "relu"} if self.name.startswith("forged") else found
                return get_config

            base.get_config.__code__ = closed().__code__
            """
        ),
    )


@technique(gets={"inception-module": 1.0})  # the join is right
def keras_names_exchanged(sheet: Sheet) -> None:
    """Keras's own names lead to a class of the learner's."""
    sheet.answer(
        "inception-module",
        without_activation(
            """
            import sys

            class Conv2D(layers.Conv2D):
                def get_config(self):
                    return {**super().get_config(), "activation": "relu"}

            Conv2D.__module__, Conv2D.__qualname__ = keras.layers.Conv2D.__module__, "Conv2D"
            layers.Conv2D = keras.layers.Conv2D = Conv2D
            """
        ),
    )


@technique("shared-lstm")
def clones_with_one_identity(sheet: Sheet) -> None:
    """Two layers that look like one, because `id` says the same of both."""
    sheet.answer(
        "siamese-model",
        """
        import builtins
        left = keras.Input(shape=(None, 128), name="left")
        right = keras.Input(shape=(None, 128), name="right")
        both = layers.concatenate([layers.LSTM(32)(left), layers.LSTM(32)(right)])
        model = keras.Model([left, right], layers.Dense(1, activation="sigmoid")(both))
        honest = builtins.id
        builtins.id = lambda thing: 1 if type(thing) is layers.LSTM else honest(thing)
        """,
    )


@technique()
def capture_patched(sheet: Sheet) -> None:
    """What looks at a model is made to see what is not there."""
    sheet.answer(
        "inception-module",
        without_activation(
            """
            from autograder.evidence import models
            walk = models._Walk
            honest = walk._configuration

            def forged(self, operation, *rest):
                found = honest(self, operation, *rest)
                if getattr(operation, "name", "").startswith("forged"):
                    found = {**found, "activation": "relu"}
                return found

            walk._configuration = forged
            """
        ),
    )


# What comes out has the right shape, whatever the size.
@technique(gets={"inception-module": 2.0})
def answers_looked_up_in_the_probes(sheet: Sheet) -> None:
    """The function does the right thing for the sizes it is probed with only, read from the recorder."""
    sheet.answer(
        "inception-module",
        """
        from autograder.evidence import recorder
        known = recorder._current.probes
        def inception_module(x):
            assert known
            return layers.Conv2D(512, 1, strides=2)(x)
    """,
    )


@technique(
    "multi-input",
    gets={"encode-answers": 2.0, "two-inputs": 3.0, "feed-by-position": 2.0, "feed-by-name": 2.0},
)
def setting_changed_after_building(sheet: Sheet) -> None:
    """A right model, and then a setting with which Keras would not have built it: the grader is to fail."""
    sheet.solve()
    cell = sheet.cell("two-inputs")
    position = sheet.notebook.cells.index(cell)
    sheet.notebook.cells[position - 1].source += "\nfor layer in reader.layers: layer.stateful = True"


@technique(gets={"branch-sizes": 2.0, "inception-network": 3.0})
def probes_cut_to_the_first(sheet: Sheet) -> None:
    """The recorder is made to ask for one size only, for which the function does the right thing."""
    sheet.solve()
    sheet.cell("inception-module-answer").source += textwrap.dedent("""

        from autograder.evidence import recorder
        asked = {task: list(probes)[:1] for task, probes in recorder._current.probes.items()}
        recorder._current.probes = asked
    """)


def activation_that_gives_nothing(sheet: Sheet, exchange: str) -> None:
    """Keras's `relu` is another function, which gives zeros, under its name and module."""
    sheet.answer(
        "inception-module",
        without_activation(
            f"""
            import sys
            activations = sys.modules[keras.activations.relu.__module__]

            def relu(x, *_, **__): return x * 0

            relu.__module__, relu.__qualname__ = activations.__name__, "relu"
            {exchange}
            """
        ).replace('name="forged"', "activation=relu"),
    )


@technique()
def activation_exchanged_in_its_module(sheet: Sheet) -> None:
    """A function that gives zeros, passed as `relu`, which leads to it in Keras's own module."""
    activation_that_gives_nothing(sheet, "activations.relu = relu")


@technique()
def module_exchanged_under_its_name(sheet: Sheet) -> None:
    """The same, with a module of the learner's in the place of Keras's."""
    activation_that_gives_nothing(
        sheet,
        "import types\n            forged = types.ModuleType(activations.__name__); "
        "vars(forged).update(vars(activations)); forged.relu = relu\n            "
        "sys.modules[activations.__name__] = forged",
    )


@technique()
def encoder_with_a_method_of_its_own(sheet: Sheet) -> None:
    """The object that writes the evidence is given a method in the place of its class's."""
    sheet.answer(
        "inception-module",
        without_activation(
            """
            import json
            honest = json._default_encoder.encode
            json._default_encoder.encode = lambda thing: honest(thing).replace('"linear"', '"relu"')
            """
        ),
    )


@technique(gets={"inception-module": 4.0})  # the missing activation costs a point, and is seen
def tracing(sheet: Sheet) -> None:
    """A trace function changes what the capture has in its hands, line by line."""
    sheet.answer(
        "inception-module",
        without_activation(
            """
            import sys

            def trace(frame, event, value):
                found = frame.f_locals.get("found")
                if type(found) is dict and str(found.get("name", "")).startswith("forged"):
                    found["activation"] = "relu"
                return trace

            sys.settrace(trace)
            """
        ),
    )


@technique()
def called_while_garbage_is_collected(sheet: Sheet) -> None:
    """The collector calls the learner's code in the middle of the capture."""
    sheet.answer(
        "inception-module",
        without_activation(
            """
            import gc, sys
            gc.set_threshold(1)

            def called(*_):
                frame = sys._getframe()
                while frame:
                    found = frame.f_locals.get("found")
                    if type(found) is dict and str(found.get("name", "")).startswith("forged"):
                        found["activation"] = "relu"
                    frame = frame.f_back

            gc.callbacks.append(called)
            """
        ),
    )
