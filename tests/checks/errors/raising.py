"""Raises learners' slips in one version of Keras: a program of its own, for a process has one Keras.

It reads `[[name, code, in_graph], ...]` from standard input and prints `{name: [class, text, line] or null}`.
"""

from __future__ import annotations

import json
import linecache
import os
import subprocess
import sys
import warnings
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

SLIPS: Mapping[str, Mapping[str, object]] = YAML(typ="safe").load(
    Path(__file__).with_name("slips.yml").read_text(encoding="utf-8")
)
Raised = Mapping[str, tuple[str, str, str] | None]


def kinds(slip: str) -> list[str]:
    """Return the kinds of error that a slip may be: several where versions tell apart what others do not."""
    kind = SLIPS[slip]["kind"]
    return kind if isinstance(kind, list) else [str(kind)]


@cache
def raised_by(keras: Path | None = None) -> Raised:
    """Return what each slip raises; `keras` is the folder of another version than the installed one."""
    told = [[name, slip["code"], bool(slip.get("graph"))] for name, slip in SLIPS.items()]
    path = os.pathsep.join(map(str, [*([keras] if keras else []), Path(__file__).parents[3]]))
    environment = {
        **os.environ,
        "PYTHONPATH": path,
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", __name__],
        input=json.dumps(told),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


def raised(name: str, code: str) -> tuple[str, str, str] | None:
    """Run a slip as a notebook would; None where this version of Keras raises nothing."""
    import keras
    import numpy as np

    cell = f"<ipython-input-{name}>"
    linecache.cache[cell] = (len(code), None, code.splitlines(keepends=True), cell)
    try:
        exec(compile(code, cell, "exec"), {"np": np, "keras": keras, "layers": keras.layers})
    except Exception as error:
        line, trace = "", error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == cell:
                line = linecache.getline(cell, trace.tb_lineno)
            trace = trace.tb_next
        said = error.msg if type(error) is SyntaxError else str(error)
        return type(error).__name__, said, line.strip()
    return None


def main() -> None:
    """Raise the slips that standard input names, and print what came of each."""
    import tensorflow as tf

    warnings.simplefilter("ignore")
    said = sys.stdout
    sys.stdout = sys.stderr
    found = {}
    for name, code, graph in json.load(sys.stdin):
        # Tracing every `fit` into a graph takes most of the time, and few errors read otherwise there.
        tf.config.run_functions_eagerly(not graph)
        found[name] = raised(name, code)
    print(json.dumps(found), file=said)


if __name__ == "__main__":
    main()
