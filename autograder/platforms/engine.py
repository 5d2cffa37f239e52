"""Packs this package as a wheel, and what it needs as pinned requirements, for a machine that has neither.

Both are made from what is running: a checkout and an installation give the same, and nothing is built.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from packaging.requirements import Requirement

from autograder.regular import read_text
from autograder.version import VERSION

PACKAGE = Path(__file__).parents[1]
DISTRIBUTION = "beyond-sequential"
EXTRA = "instructor"
NAME = f"beyond_sequential_engine-{VERSION}"
WHEEL = f"{NAME}-py3-none-any.whl"
LOCK = PACKAGE.parent / "requirements.lock"

BACKEND = "tensorflow"

INSTRUCTORS = frozenset(
    (
        *("audit", "authoring", "class_report", "gradebook", "grading", "platforms", "release", "sandbox"),
        *("verification", "watching"),
    )
)
"""The parts of this package that students do not install, as in `pyproject.toml`."""

LEFT_OUT = frozenset({"jupyterlab", "nbgrader", "psycopg", "watchfiles"})
"""What instructors install for nbgrader, Jupyter and `watch`, and what grading a submission does not need."""

_THERE = {"os_name": "posix", "platform_system": "Linux", "sys_platform": "linux"}
"""What a platform's machine is, whatever an instructor exports on, as requirements name it."""

_DATE = (1980, 1, 1, 0, 0, 0)
_EXTRAS = re.compile(r"(?<=[A-Za-z0-9._-])\[[^\]]*\](?===)")
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==")


def wheel(*, learners: bool = False) -> bytes:
    """Return a wheel of this package as it is, without dependencies; the same bytes each time.

    `learners` leaves out what students do not install.
    """
    left_out = INSTRUCTORS if learners else ()
    paths = [path for path in _files() if path.relative_to(PACKAGE).parts[0] not in left_out]
    files = {path.relative_to(PACKAGE.parent).as_posix(): path.read_bytes() for path in paths}
    info = f"{NAME}.dist-info"
    files[f"{info}/METADATA"] = (
        f"Metadata-Version: 2.1\nName: beyond-sequential-engine\nVersion: {VERSION}\n".encode()
    )
    files[f"{info}/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: autograder\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    # The command itself, which a workflow calls by its name.
    files[f"{info}/entry_points.txt"] = b"[console_scripts]\nautograder = autograder.cli:main\n"
    record = [f"{name},sha256={_digest(content)},{len(content)}" for name, content in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""]).encode()
    return zipped({name: (content, False) for name, content in files.items()})


def zipped(files: dict[str, tuple[bytes, bool]]) -> bytes:
    """Return a zip archive of those files by name, each with whether it is executable."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, (content, executable) in files.items():
            entry = zipfile.ZipInfo(name, _DATE)
            entry.external_attr = (0o100755 if executable else 0o100644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return packed.getvalue()


def requirements(lock: Path = LOCK, *, learners: bool = False) -> str:
    """Return what grading needs besides this package, or what a learner needs, as a pinned requirements file.

    The pins are the lock's, with its hashes, where this package is in a checkout; else the versions installed
    here, without hashes.
    """
    names = sorted(needed(learners=learners))
    pins = _locked(read_text(lock)) if lock.is_file() else {}
    if not all(name in pins for name in names):
        return "".join(f"{_as_installed(name)}\n" for name in names)
    return "".join(pins[name] for name in names)


def needed(*, learners: bool = False) -> set[str]:
    """Return the names of the packages that grading needs besides this one, and that those need in turn.

    `learners` returns those that a learner needs, who has a backend as well.
    """
    found: set[str] = set()
    own = _required(DISTRIBUTION, () if learners else (EXTRA,))
    wanted = [Requirement(BACKEND), *(one for one in own if _normal(one.name) not in LEFT_OUT)]
    while wanted:
        one = wanted.pop()
        name = _normal(one.name)
        if name not in found or one.extras:
            found.add(name)
            wanted += [more for more in _required(name, one.extras) if _normal(more.name) not in found]
    return found


def _as_installed(name: str) -> str:
    try:
        return f"{name}=={importlib.metadata.version(name)}"
    except importlib.metadata.PackageNotFoundError:
        return name


def _files() -> Iterator[Path]:
    for path in sorted(PACKAGE.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def _required(name: str, extras: Iterable[str]) -> Iterator[Requirement]:
    """Yield what a package requires on a platform's machine, with those extras."""
    try:
        requirements = importlib.metadata.requires(name) or ()
    except importlib.metadata.PackageNotFoundError:
        # It is for Linux alone, and this machine is none.
        return
    for requirement in map(Requirement, requirements):
        marker = requirement.marker
        if marker is None or any(marker.evaluate({**_THERE, "extra": extra}) for extra in ("", *extras)):
            yield requirement


def _locked(text: str) -> dict[str, str]:
    """Return the entries of a lock by package name, each with its hashes, without comments and extras.

    What an extra brings has an entry of its own where grading needs it; hashes of the others would be
    missing.
    """
    entries: dict[str, str] = {}
    name = None
    for line in text.splitlines():
        begins = _PINNED.match(line)
        if begins is not None:
            name = _normal(begins[1])
            entries[name] = ""
            line = _EXTRAS.sub("", line)
        if name is not None and line.strip() and not line.strip().startswith("#"):
            entries[name] += f"{line}\n"
    return entries


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
