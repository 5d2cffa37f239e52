"""Makes the files of a release: both wheels, a zip of each language's notebooks, and their checksums.

    python deploy/dist.py [OUTPUT]

They are made from the last commit, whatever lies in the working tree, with the commit's time in the place of
today's: the same commit gives the same bytes. `sha256sum --check SHA256SUMS` holds them afterwards.
"""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
SUMS = "SHA256SUMS"


def main(output: Path) -> None:
    """Write the files into a folder, in the place of older ones."""
    if git("status", "--porcelain"):
        print("dist: what is not committed is left out.", file=sys.stderr)
    output.mkdir(parents=True, exist_ok=True)
    for old in (*output.glob("beyond_sequential*.whl"), *output.glob("beyond-sequential-*.zip")):
        old.unlink()
    with tempfile.TemporaryDirectory() as place:
        source = Path(place)
        unpack(source)
        print(make(source, output, int(git("log", "-1", "--format=%ct"))), end="")


def make(source: Path, output: Path, made: int) -> str:
    """Make the files of a release, and return their checksums.

    Args:
        source: a copy of the project, which is written into.
        output: the folder for the files.
        made: the time that all of it has, in seconds since 1970.
    """
    build_wheels(source, output, made)
    for folder in sorted((source / "assignments").iterdir()):
        zip_notebooks(source, folder, output / f"beyond-sequential-{folder.name}.zip", made)
    sums = "".join(
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(output.iterdir())
        if path.suffix in (".whl", ".zip")
    )
    (output / SUMS).write_text(sums, encoding="utf-8")
    return sums


def unpack(place: Path) -> None:
    """Put the files of the last commit into a folder."""
    archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(place, filter="fully_trusted")


def build_wheels(source: Path, output: Path, made: int) -> None:
    """Build what students install, and what instructors install beside it.

    `setuptools` is this environment's, of the version that `requirements.lock` has: pip asks for nothing.
    """
    for path in (source, *source.rglob("*")):
        # A wheel keeps them, and they depend on who has made the copy.
        path.chmod(0o755 if path.is_dir() else 0o644)
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(made)}
    subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet", "--no-deps",
         "--no-build-isolation", "--wheel-dir", output, source, source / "instructor"],
        check=True, env=environment,
    )  # fmt: skip


def zip_notebooks(source: Path, folder: Path, target: Path, made: int) -> None:
    """Zip what students of one language are given, in a folder of its own, with the licence."""
    date = time.gmtime(made)[:6]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, name in (*released(folder), (source / "LICENSE", "LICENSE")):
            entry = zipfile.ZipInfo(f"{target.stem}/{name}", date)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())


def released(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield the files below a folder and their names from there, in an order that is the same everywhere."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path, path.relative_to(folder).as_posix()


def git(*words: str) -> str:
    """Return what git prints."""
    done = subprocess.run(["git", *words], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.strip()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist")
