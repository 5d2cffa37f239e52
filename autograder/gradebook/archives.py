"""Unpacks archives that anybody may have made: checked member by member, whole or not at all."""

from __future__ import annotations

import lzma
import os
import re
import secrets
import shutil
import stat
import struct
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import IO, Self

from autograder.course.size import size_of
from autograder.messages import AutograderError, Message, message

SUFFIXES = (".zip", ".tar", ".tgz", ".gz")

_NAME_BYTES = 240
_DEPTH = 24
_CHUNK = 1024**2
LEFT_BEHIND = {"__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini", ".ipynb_checkpoints"}
"""Files that operating systems leave beside people's own."""

_DAMAGED = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    LookupError,
    ValueError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
)


class ArchiveError(AutograderError):
    """An archive that is not unpacked: why, and what to do about it."""


@dataclass(frozen=True)
class ArchiveLimits:
    """What an archive may unpack to; `ratio` applies from `ratio_from` bytes on."""

    files: int = 20_000
    size: int = 8 * 1024**3
    ratio: int = 200
    ratio_from: int = 32 * 1024**2


STUDENT_LIMITS = ArchiveLimits(files=2_000, size=512 * 1024**2)
"""What an archive within a class's archive may unpack to."""


@dataclass(frozen=True)
class _Member:
    name: str
    size: int
    open: Callable[[], IO[bytes] | None]


def stem_of(name: str, suffixes: Sequence[str] = SUFFIXES) -> str | None:
    """Return the name of an archive without its suffix; None where it is no archive's name."""
    for suffix in sorted((f".tar{suffix}" for suffix in suffixes), key=len) + sorted(suffixes, key=len):
        if name.lower().endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)]
    return None


def notebook_name(name: str) -> str:
    """Return `name` composed, without the `.txt` or `.json` that browsers append to a notebook's name."""
    name = unicodedata.normalize("NFC", name)
    found = re.fullmatch(r"(?P<stem>.+)\.ipynb(?:\.txt|\.json)?", name, re.IGNORECASE | re.DOTALL)
    return f"{found['stem']}.ipynb" if found else name


def unused(path: Path) -> Path:
    """Return `path` with a name that a file system takes; with a number where something is there already."""
    free, number = path.with_name(_fitting(path.name)), 1
    while os.path.lexists(free):
        number += 1
        free = path.with_name(_fitting(path.name, f" ({number})"))
    return free


def folder_within(top: Path, steps: Sequence[str]) -> Path:
    """Make the folder that those steps lead to from `top`, and return it.

    Where a file is in the way, because its name has become the same, the folder gets a number after its name.
    """
    place = top
    for step in steps:
        within, number = place, 1
        place = within / _fitting(step)
        while os.path.lexists(place) and not place.is_dir():
            number += 1
            place = within / _fitting(step, f" ({number})")
        place.mkdir(parents=True, exist_ok=True)
    return place


@dataclass
class Used:
    """What one owner's archives have unpacked to so far: limits apply to all of them together."""

    files: int = 0
    size: int = 0


def unpack_tree(
    archive: Path,
    folder: Path,
    limits: ArchiveLimits,
    suffixes: Sequence[str],
    owner: Callable[[PurePath], Hashable] = lambda _path: None,
) -> list[Message]:
    """Unpack `archive` into the new folder `folder`, and each archive in it in its own place, one level deep.

    Why inner archives were refused is returned; these stay where they are, since they were handed in.

    Args:
        owner: returns whose an inner archive is, from its path in `folder`. What all archives of one owner
            unpack to is limited by `STUDENT_LIMITS`.

    Raises:
        ArchiveError: the archive itself is damaged, dangerous, empty or too large; there is no `folder` then.
    """
    unpack(archive, folder, limits)
    used: dict[Hashable, Used] = {}
    said = []
    for inner in sorted(path for path in folder.rglob("*") if path.is_file()):
        if stem_of(inner.name, suffixes) is None:
            continue
        unpacked = unused(inner.with_name(_fitting(f"{inner.name}.unpacked")))
        mine = used.setdefault(owner(inner.relative_to(folder)), Used())
        try:
            unpack(inner, unpacked, STUDENT_LIMITS, mine)
        except ArchiveError as error:
            said.append(error.message)
        else:
            # The whole name stays: `kim_1_2_.zip` without its suffix would no longer say whose it is.
            inner.unlink()
            unpacked.rename(inner)
    return said


def unpack(archive: Path, folder: Path, limits: ArchiveLimits, used: Used | None = None) -> None:
    """Unpack `archive` into the new folder `folder`: files alone, without their permissions and times.

    Args:
        used: what already counts towards the limits; what is unpacked is added to it.

    Raises:
        ArchiveError: it is damaged, dangerous, empty or too large; there is no `folder` then.
    """
    temporary = folder.parent / f".{secrets.token_hex(8)}.unpacking"
    temporary.mkdir(parents=True)
    try:
        with _members(archive) as members:
            written = _write(members, archive, temporary, limits, used or Used())
        if not written:
            raise ArchiveError(
                message(
                    "{archive} contains no file. Ask its owner for the notebook alone.", archive=archive.name
                )
            )
        os.rename(temporary, folder)
    except _DAMAGED as error:
        raise ArchiveError(_damaged(archive, " ".join(str(error).split()) or type(error).__name__)) from None
    except OSError as error:
        raise ArchiveError(_damaged(archive, error.strerror or type(error).__name__)) from None
    finally:
        with suppress(OSError):
            shutil.rmtree(temporary)


def _write(members: Iterator[_Member], archive: Path, folder: Path, limits: ArchiveLimits, used: Used) -> int:
    """Write the members' files, and return how many there were."""
    packed = archive.stat().st_size
    before, declared, files = used.size, used.size, 0
    for member in members:
        used.files += 1
        if used.files > limits.files:
            raise ArchiveError(
                message(
                    "{archive} contains more than {limit} files and is not unpacked. If that is "
                    "intended, unpack it by hand.",
                    archive=archive.name,
                    limit=limits.files,
                )
            )
        declared += member.size
        _check_size(archive, packed, declared, before, limits)
        parts = member_parts(archive, member.name)
        if not parts:
            continue
        source = member.open()
        if source is None:
            continue
        target = unused(folder_within(folder, parts[:-1]) / parts[-1])
        files += 1
        with source, target.open("xb") as file:
            while chunk := source.read(_CHUNK):
                used.size += len(chunk)
                _check_size(archive, packed, used.size, before, limits)
                file.write(chunk)
    return files


def _check_size(archive: Path, packed: int, size: int, before: int, limits: ArchiveLimits) -> None:
    own = size - before
    if size > limits.size or (own > limits.ratio_from and own > packed * limits.ratio):
        raise ArchiveError(
            message(
                "{archive} ({packed}) would unpack to more than {size} and is not unpacked. Ask its owner "
                "for the notebook alone.",
                archive=archive.name,
                packed=size_of(packed),
                size=size_of(min(size, limits.size)),
            )
        )


def member_parts(archive: Path, name: str) -> tuple[str, ...]:
    """Return where a member goes within the folder, step by step; empty for what systems leave behind.

    Raises:
        ArchiveError: the name would lead out of the folder.
    """
    plain = name.replace("\\", "/")
    steps = plain.split("/")
    if plain.startswith("/") or re.match(r"[A-Za-z]:/", plain) or "\0" in plain or ".." in steps:
        raise ArchiveError(
            message(
                "{archive} contains {member}, which would be written outside its folder; it is "
                "not unpacked. Ask its owner for the notebook alone.",
                archive=archive.name,
                member=f'"{name}"',
            )
        )
    parts = tuple(_fitting(shown(step)) for step in steps if step not in ("", "."))
    if any(part in LEFT_BEHIND or part.startswith("._") for part in parts):
        return ()
    if len(parts) > _DEPTH:
        raise ArchiveError(
            message(
                "{archive} has too many folders inside folders and is not unpacked.", archive=archive.name
            )
        )
    return (*parts[:-1], notebook_name(parts[-1])) if parts else ()


def shown(step: str) -> str:
    """Return a file's or folder's name as everybody can write it: composed, and with printable signs."""
    step = unicodedata.normalize("NFC", step)
    return "".join(character if character.isprintable() else "_" for character in step)


def _fitting(name: str, behind: str = "") -> str:
    """Return `name` with `behind` before its suffix, cut in the middle where no file system would take it."""
    stem, dot, suffix = name.rpartition(".")
    if not stem or len(suffix) > 16:
        stem, dot, suffix = name, "", ""
    ending = f"{behind}{dot}{suffix}"
    # Only the stem is cut: if the number were lost, a name that is taken would be tried again and again.
    room = _NAME_BYTES - len(ending.encode("utf-8", "replace"))
    kept = stem.encode("utf-8", "replace")
    return (stem if len(kept) <= room else kept[:room].decode("utf-8", "ignore")) + ending


class _Header(tarfile.TarInfo):
    """A member's header; one that describes another member is read as a whole, and so must be short."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        header = super().frombuf(buf, encoding, errors)
        if not header.isreg() and header.size > _CHUNK:
            raise EOFError("a header is too long")
        return header


@contextmanager
def _members(archive: Path) -> Iterator[Iterator[_Member]]:
    # A tar archive may end with a zip archive, and would then be taken for one.
    if zipfile.is_zipfile(archive) and (archive.suffix.lower() == ".zip" or not tarfile.is_tarfile(archive)):
        with zipfile.ZipFile(archive) as opened:
            yield _zip_members(archive, opened)
    else:
        with tarfile.open(archive, "r:*", tarinfo=_Header) as packed:
            yield _tar_members(archive, packed)


def _zip_members(archive: Path, opened: zipfile.ZipFile) -> Iterator[_Member]:
    for info in opened.infolist():
        name = _zip_name(info)
        if info.flag_bits & 0x1:
            raise ArchiveError(
                message(
                    "{archive} is locked with a password and is not unpacked. Ask its owner for the notebook "
                    "alone.",
                    archive=archive.name,
                )
            )
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise ArchiveError(_no_file(archive, name))
        if name.endswith(("/", "\\")):
            member_parts(archive, name)
            continue
        yield _Member(name, info.file_size, lambda info=info: opened.open(info))  # type: ignore[misc]


def _zip_name(info: zipfile.ZipInfo) -> str:
    """Return the member's name; Windows writes Korean names in its code page without saying so."""
    if info.flag_bits & 0x800:
        return info.orig_filename
    return _decoded(info.orig_filename.encode("cp437", "replace"), "cp437")


def _tar_members(archive: Path, packed: tarfile.TarFile) -> Iterator[_Member]:
    for info in packed:
        name = _decoded(info.name.encode("utf-8", "surrogateescape"), "latin-1")
        if info.isdir():
            member_parts(archive, name)
        elif info.isreg():
            yield _Member(name, info.size, lambda info=info: packed.extractfile(info))  # type: ignore[misc]
        else:
            raise ArchiveError(_no_file(archive, name))


def _decoded(name: bytes, otherwise: str) -> str:
    for encoding in ("utf-8", "cp949"):
        with suppress(UnicodeDecodeError):
            return name.decode(encoding)
    return name.decode(otherwise)


def _no_file(archive: Path, member: str) -> Message:
    return message(
        "{archive} contains {member}, which is a link or a device and not a file; it "
        "is not unpacked. Ask its owner for the notebook alone.",
        archive=archive.name,
        member=f'"{member}"',
    )


def _damaged(archive: Path, reason: str) -> Message:
    return message(
        "{archive} cannot be unpacked ({reason}). Download it again, or ask its owner for the notebook "
        "alone.",
        archive=archive.name,
        reason=reason.rstrip("."),
    )
