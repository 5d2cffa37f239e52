"""Raises learners' slips in several versions of Keras: a program of its own, for a process has one Keras.

It reads `{"folders": [...], "slips": [[name, code, in_graph], ...]}` from standard input and prints, for each
folder, `{name: [class, text, line] or null}`. TensorFlow is imported once, each folder's Keras by a fork.
"""

from __future__ import annotations

import hashlib
import json
import linecache
import os
import re
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

from ruamel.yaml import YAML

SLIPS: Mapping[str, Mapping[str, object]] = YAML(typ="safe").load(
    Path(__file__).with_name("slips.yml").read_text(encoding="utf-8")
)
# What older versions say does not change any more: it is recorded, and `make bench-errors` asks them again.
RECORDED = Path(__file__).with_name("raised.json")
# The oldest of the supported range, each that words errors otherwise than the one before, and the newest but
# one; the newest is installed.
OLDER = ("3.4.1", "3.10.0", "3.13.2", "3.14.1")
INSTALLED = "installed"
Raised = Mapping[str, Sequence[str] | None]


def kinds(slip: str) -> list[str]:
    """Return the kinds of error that a slip may be: several where versions tell apart what others do not."""
    kind = SLIPS[slip]["kind"]
    return kind if isinstance(kind, list) else [str(kind)]


def recorded() -> dict[str, dict[str, Sequence[str] | None]]:
    """Return what each slip raises in the older versions of Keras, as it was recorded for the code it has."""
    found: dict[str, dict[str, Sequence[str] | None]] = {version: {} for version in OLDER}
    for slip, record in json.loads(RECORDED.read_text(encoding="utf-8")).items():
        if record["code"] == digest_of(slip):
            for one in record["told"]:
                for version in one["versions"]:
                    found[version][slip] = one["raised"]
    return found


def as_record(everywhere: Mapping[str, Raised]) -> str:
    """Return what is recorded of the older versions: each error once, with the versions that raise it."""
    record = {}
    for slip in SLIPS:
        told = {json.dumps(everywhere[version][slip]) for version in OLDER}
        record[slip] = {
            "code": digest_of(slip),
            "told": [
                {
                    "versions": [one for one in OLDER if json.dumps(everywhere[one][slip]) == error],
                    "raised": json.loads(error),
                }
                for error in sorted(told)
            ],
        }
    return json.dumps(record, ensure_ascii=False, indent=1) + "\n"


def digest_of(slip: str) -> str:
    """Return what tells a slip's code from another; empty for a slip that is no more."""
    told = SLIPS.get(slip)
    return hashlib.sha256(f"{told['code']}{told.get('graph')}".encode()).hexdigest()[:12] if told else ""


def raised_in(place: Path, versions: Sequence[str]) -> dict[str, Raised]:
    """Return what each slip raises, by version of Keras: the one that is installed, and older ones.

    Those are installed into an empty folder, Keras alone, from pip's package registry.
    """
    for version in versions:
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile",
             "--target", place / version, f"keras=={version}"],
            check=True,
        )  # fmt: skip
    told = {
        "folders": ["", *(str(place / version) for version in versions)],
        "slips": [[name, slip["code"], bool(slip.get("graph"))] for name, slip in SLIPS.items()],
    }
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parents[3]),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",
        "PYTHONWARNINGS": "ignore",
    }
    if versions:
        # Else sets that errors name have another order each time, and so has what is recorded.
        environment["PYTHONHASHSEED"] = "0"
        # Else TensorFlow imports the Keras that is installed.
        environment["TF_USE_LEGACY_KERAS"] = "1"
    done = subprocess.run(
        [sys.executable, "-m", __name__],
        input=json.dumps(told),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return dict(zip((INSTALLED, *versions), json.loads(done.stdout.splitlines()[-1]), strict=True))


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
        # Where an object lies in memory, and a file on the disk, is another place each time.
        said = re.sub("0x[0-9a-f]{8,}", "0x7f0000000000", said)
        said = re.sub(r'File "(?:/[^"]*/([^"/]+)|(<frozen [^"]+>))", line \d+', r'File "\1\2", line 0', said)
        said = re.sub(r"(?<=\()/[^()]*?/(?=keras/)", "", said)
        return type(error).__name__, said, line.strip()
    return None


def raise_all(folder: str, slips: Sequence[Sequence[object]], answer: Path) -> None:
    """Run every slip with the Keras of a folder, or with the installed one; write what came of each."""
    import tensorflow as tf

    sys.path[:0] = [folder] if folder else []
    found = {}
    for name, code, graph in slips:
        # Tracing every `fit` into a graph takes most of the time, and few errors read otherwise there.
        tf.config.run_functions_eagerly(not graph)
        found[name] = raised(str(name), str(code))
    answer.write_text(json.dumps(found), encoding="utf-8")


def main() -> None:
    """Raise the slips that standard input names in every folder's Keras, and print what came of each."""
    import tensorflow  # noqa: F401 - what the forks have in common

    warnings.simplefilter("ignore")
    said = sys.stdout
    sys.stdout = sys.stderr
    told, found = json.load(sys.stdin), []
    with tempfile.TemporaryDirectory() as place:
        for number, folder in enumerate(told["folders"]):
            answer = Path(place, str(number))
            child = os.fork()
            if child == 0:
                raise_all(folder, told["slips"], answer)
                os._exit(0)
            os.waitpid(child, 0)
            found.append(json.loads(answer.read_text(encoding="utf-8")))
    print(json.dumps(found), file=said)


if __name__ == "__main__":
    main()
