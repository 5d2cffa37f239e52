"""Folders as nobody expects them: any bytes for names and for content, links, pipes, notebooks by half."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from hypothesis import strategies as st

ROOT = Path(__file__).parents[2]
STARTER = (ROOT / "assignments" / "en" / "inception" / "inception.ipynb").read_bytes()

Things = Mapping[bytes, tuple[str, bytes]]


def answered(text: str = "# an answer of the learner's own") -> bytes:
    """The starter notebook with something written into every answer."""
    notebook = json.loads(STARTER)
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            cell["source"] = text
    return json.dumps(notebook).encode()


def folder_with(place: Path, **files: bytes) -> Path:
    """A learner's folder with those files; `_` stands for a point."""
    place.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (place / name.replace("_", ".")).write_bytes(content)
    return place


names = st.binary(min_size=1, max_size=40).filter(
    lambda name: not {0, ord("/")} & set(name) and not name.startswith(b".") and name != b"honest"
)
"""What a system takes for a name, none of them hidden."""

contents = st.one_of(
    st.binary(max_size=200),
    st.sampled_from(
        [b"", b"{}", b"[]", b"null", STARTER, STARTER[:1000], answered(), b"\xef\xbb\xbf" + STARTER]
    ),
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    ).flatmap(
        lambda value: st.sampled_from(
            [{"cells": value}, {"cells": [value], "nbformat": 4}, {"nbformat": value, "cells": []}]
        ).map(lambda notebook: json.dumps(notebook).encode())
    ),
)
kinds = st.sampled_from(["file", "link", "pipe", "folder"])
things = st.dictionaries(
    st.one_of(names, st.sampled_from([b"inception.ipynb", b"a.ipynb", b"b.ipynb.txt", b"timestamp.txt"])),
    st.tuples(kinds, contents),
    max_size=4,
)


def fill_class(top: Path, folders: Mapping[bytes, Things], beside: Things) -> None:
    """Put students' folders into a class, each with those things in its submission, and things beside."""
    for name, inside in folders.items():
        make(os.path.join(os.fsencode(top), name, b"inception"), inside)
    loose = {b"x%d" % number + name[:200]: thing for number, (name, thing) in enumerate(beside.items())}
    # A folder there would be a student's.
    make(
        os.fsencode(top),
        {name: (kind, content) for name, (kind, content) in loose.items() if kind != "folder"},
    )


def make(folder: bytes, inside: Things) -> None:
    """Make a folder with those things in it."""
    os.makedirs(folder, exist_ok=True)
    for name, (kind, content) in inside.items():
        path = os.path.join(folder, name)
        if kind == "file":
            with open(path, "wb") as file:
                file.write(content)
        elif kind == "link":
            os.symlink("/dev/zero", path)
        elif kind == "pipe":
            os.mkfifo(path)
        else:
            os.mkdir(path)
