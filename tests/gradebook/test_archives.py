"""Archives are unpacked whole and inside their folder, or not at all."""

from __future__ import annotations

import io
import stat
import tarfile
import unicodedata
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.gradebook import archives
from autograder.gradebook.archives import (
    SUFFIXES,
    ArchiveError,
    ArchiveLimits,
    notebook_name,
    stem_of,
    unpack,
    unpack_tree,
)
from autograder.messages import render


def zipped(members: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tarred(*members: tarfile.TarInfo) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for info in members:
            archive.addfile(info, io.BytesIO(b"x" * info.size))
    return buffer.getvalue()


def entry(name: str, size: int = 0, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.type, info.linkname = size, kind, link
    return info


def unpacked(folder: Path, content: bytes, name: str = "work.zip", **limits: int) -> dict[str, bytes]:
    """What lies in the folder that the archive is unpacked into."""
    archive = folder / name
    archive.write_bytes(content)
    unpack(archive, folder / "out", ArchiveLimits(**limits))
    return {
        str(path.relative_to(folder / "out")): path.read_bytes()
        for path in sorted((folder / "out").rglob("*"))
        if path.is_file()
    }


def refusal(folder: Path, content: bytes, name: str = "work.zip", **limits: int) -> str:
    """Why an archive is not unpacked; nothing of it may be left."""
    before = {path for path in folder.parent.rglob("*") if path.name != name}
    with pytest.raises(ArchiveError) as raised:
        unpacked(folder, content, name, **limits)
    assert {path for path in folder.parent.rglob("*") if path.name != name} == before
    return render(raised.value.message, "en")


def test_files_lie_as_they_lay(tmp_path: Path) -> None:
    """In a zip archive or a packed tar archive."""
    members = {"a/b.ipynb": b"one", "c.txt": b""}

    assert unpacked(tmp_path, zipped(members)) == members
    (tmp_path / "tar").mkdir()
    assert unpacked(tmp_path / "tar", tarred(entry("a/b.ipynb", 2), entry("c.txt")), "work.tar.gz") == {
        "a/b.ipynb": b"xx",
        "c.txt": b"",
    }


def test_what_systems_leave_behind_is_left_there(tmp_path: Path) -> None:
    members = {
        "a.ipynb": b"1",
        "__MACOSX/._a.ipynb": b"2",
        ".DS_Store": b"3",
        ".ipynb_checkpoints/a.ipynb": b"4",
    }

    assert unpacked(tmp_path, zipped(members)) == {"a.ipynb": b"1"}


@pytest.mark.parametrize(
    "name",
    [
        "../out.ipynb",
        "a/../../out.ipynb",
        "/etc/out.ipynb",
        "..\\out.ipynb",
        "C:\\out.ipynb",
        "\\\\host\\out.ipynb",
    ],
)
def test_nothing_is_written_outside_of_the_folder(tmp_path: Path, name: str) -> None:
    """Whichever way the separators lean; the good members do not save the archive."""
    folder = tmp_path / "inner"
    folder.mkdir()
    said = refusal(folder, zipped({"good.ipynb": b"", name: b"x"}))

    assert said == (
        f'work.zip contains "{name}", which would be written outside its folder; it is not unpacked. Ask its '
        "owner for the notebook alone."
    )


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_refused(tmp_path: Path, kind: bytes) -> None:
    folder = tmp_path / "inner"
    folder.mkdir()
    said = refusal(folder, tarred(entry("a.ipynb", kind=kind, link="/etc/passwd")), "work.tar.gz")

    assert said.startswith('work.tar.gz contains "a.ipynb", which is a link or a device and not a file')


def test_a_link_in_a_zip_archive_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "inner"
    folder.mkdir()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        info = zipfile.ZipInfo("a.ipynb")
        info.create_system = 3
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")

    assert "which is a link or a device and not a file" in refusal(folder, buffer.getvalue())


def test_a_bomb_is_refused_by_number_size_and_ratio(tmp_path: Path) -> None:
    folder = tmp_path / "inner"
    folder.mkdir()
    many = zipped({f"{number}.txt": b"" for number in range(11)})
    large = zipped({"a": bytes(3000), "b": bytes(3000)})

    assert "contains more than 10 files" in refusal(folder, many, files=10)
    assert "would unpack to more than 3.906 KiB" in refusal(folder, large, size=4000)
    assert "would unpack to more than" in refusal(folder, large, ratio=2, ratio_from=1000)
    assert len(unpacked(folder, large, ratio=2, ratio_from=10_000)) == 2


def test_a_header_s_header_is_not_read_whole(tmp_path: Path) -> None:
    """A tar archive may announce a name of gigabytes."""
    folder = tmp_path / "inner"
    folder.mkdir()
    long_name = entry("././@LongLink", 2 * 1024**2, tarfile.GNUTYPE_LONGNAME)

    assert "a header is too long" in refusal(folder, tarred(long_name, entry("a")), "work.tar.gz")


@pytest.mark.parametrize(
    "content",
    # Named: an archive holds the time it was made, and pytest's workers must find the same names.
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"PK\x03\x04 no archive", id="text"),
        pytest.param(zipped({"a.ipynb": b"text" * 99})[:-30], id="cut short"),
    ],
)
def test_a_damaged_archive_is_a_sentence(tmp_path: Path, content: bytes) -> None:
    folder = tmp_path / "inner"
    folder.mkdir()

    assert refusal(folder, content).endswith("Download it again, or ask its owner for the notebook alone.")


def test_a_damaged_member_is_a_sentence(tmp_path: Path) -> None:
    """The checksum of what it unpacks to is held."""
    folder = tmp_path / "inner"
    folder.mkdir()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.ipynb", "right")

    assert "Bad CRC-32" in refusal(folder, buffer.getvalue().replace(b"right", b"wrong"))


def test_an_archive_with_a_password_is_a_sentence(tmp_path: Path) -> None:
    folder = tmp_path / "inner"
    folder.mkdir()
    content = bytearray(zipped({"a.ipynb": b"x"}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1

    assert "is locked with a password" in refusal(folder, bytes(content))


@pytest.mark.parametrize("encoding", ["cp949", "utf-8"])
def test_korean_names_without_a_flag_are_read(tmp_path: Path, encoding: str) -> None:
    """Windows writes its code page, macOS UTF-8, and neither says so."""
    written = "김서연/과제_최종.ipynb"
    placeholder = "x" * len(written.encode(encoding))
    content = zipped({placeholder: b"1"}).replace(placeholder.encode(), written.encode(encoding))

    assert unpacked(tmp_path, content) == {written: b"1"}


def test_syllables_are_put_together(tmp_path: Path) -> None:
    content = zipped({unicodedata.normalize("NFD", "김서연.ipynb"): b"1"})

    assert unpacked(tmp_path, content) == {"김서연.ipynb": b"1"}


def test_two_members_of_one_name_are_both_kept(tmp_path: Path) -> None:
    content = zipped({"a.ipynb": b"1", "./a.ipynb": b"2", "A.ipynb.txt": b"3"})

    assert unpacked(tmp_path, content) == {"a.ipynb": b"1", "a (2).ipynb": b"2", "A.ipynb": b"3"}


def test_a_name_that_no_file_system_takes_is_cut(tmp_path: Path) -> None:
    (name,) = unpacked(tmp_path, zipped({"김" * 200 + ".ipynb": b"1"}))

    assert name == "김" * 78 + ".ipynb"


def test_two_names_that_are_cut_to_one_are_both_kept(tmp_path: Path) -> None:
    """Cut with its number, the second one's name would be looked for without an end."""
    found = unpacked(tmp_path, zipped({"김" * count + ".ipynb": b"%d" % count for count in (200, 201)}))

    assert found == {"김" * 78 + ".ipynb": b"200", "김" * 76 + " (2).ipynb": b"201"}


def test_folders_that_are_cut_to_one_and_a_file_in_their_way_are_all_kept(tmp_path: Path) -> None:
    members = {"k" * 250: b"1", "k" * 251 + "/a.txt": b"2", "k" * 252 + "/b.txt": b"3"}

    assert unpacked(tmp_path, zipped(members)) == {
        "k" * 240: b"1",
        "k" * 236 + " (2)/a.txt": b"2",
        "k" * 236 + " (2)/b.txt": b"3",
    }


def test_archives_within_are_unpacked_one_level_deep(tmp_path: Path) -> None:
    """What is refused there is said and stays; the rest goes on."""
    deepest = zipped({"deep.ipynb": b"1"})
    content = zipped(
        {
            "kim_1_2_work.zip": zipped({"a.ipynb": b"1", "again.zip": deepest}),
            "lee_3_4_work.zip": zipped({"../../b.ipynb": b"1"}),
            "park_5_6_c.ipynb": b"1",
        }
    )
    archive = tmp_path / "submissions.zip"
    archive.write_bytes(content)
    said = unpack_tree(archive, tmp_path / "out", ArchiveLimits(), SUFFIXES)

    assert [render(message, "en").split(",")[0] for message in said] == [
        'lee_3_4_work.zip contains "../../b.ipynb"'
    ]
    assert sorted(str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.*")) == [
        "kim_1_2_work.zip",
        "kim_1_2_work.zip/a.ipynb",
        "kim_1_2_work.zip/again.zip",
        "lee_3_4_work.zip",
        "park_5_6_c.ipynb",
    ]


def test_an_empty_archive_is_a_sentence_and_stays(tmp_path: Path) -> None:
    """Also one with nothing in it but what a system has left there."""
    folder = tmp_path / "inner"
    folder.mkdir()
    for members in ({}, {"__MACOSX/._a.ipynb": b"1"}, {"folder/": b""}):
        assert refusal(folder, zipped(members)) == (
            "work.zip contains no file. Ask its owner for the notebook alone."
        )
    archive = tmp_path / "submissions.zip"
    archive.write_bytes(zipped({"kim_1_2_work.zip": zipped({})}))
    unpack_tree(archive, tmp_path / "out", ArchiveLimits(), SUFFIXES)

    assert (tmp_path / "out" / "kim_1_2_work.zip").is_file()


def test_one_owner_s_archives_are_held_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody gets more room by handing in more of them, and nobody else gets less."""
    monkeypatch.setattr(archives, "STUDENT_LIMITS", ArchiveLimits(files=5))
    three = zipped({f"{number}.txt": b"" for number in range(3)})
    archive = tmp_path / "submissions.zip"
    archive.write_bytes(zipped({"kim-a.zip": three, "kim-b.zip": three, "lee.zip": three}))
    said = unpack_tree(
        archive, tmp_path / "out", ArchiveLimits(), SUFFIXES, lambda path: path.name.split("-")[0]
    )

    assert [render(message, "en").split(" and ")[0] for message in said] == [
        "kim-b.zip contains more than 5 files"
    ]
    assert (tmp_path / "out" / "kim-a.zip").is_dir()
    assert (tmp_path / "out" / "lee.zip").is_dir()


def test_browsers_suffixes_are_taken_off() -> None:
    assert [
        notebook_name(name) for name in ("a.ipynb.txt", "a.ipynb.json", "a.IPYNB", "a.txt", ".ipynb")
    ] == [
        "a.ipynb",
        "a.ipynb",
        "a.ipynb",
        "a.txt",
        ".ipynb",
    ]
    assert [stem_of(name) for name in ("a.tar.gz", "a.ZIP", "a.b.tgz", "a.ipynb", ".zip")] == [
        "a",
        "a",
        "a.b",
        None,
        None,
    ]


member_names = (
    st.lists(
        st.text(
            st.one_of(st.sampled_from("./\\a:~김\0\n"), st.characters(exclude_categories=["Cs"])), max_size=12
        ),
        max_size=6,
    )
    .map("/".join)
    .filter(lambda name: name.split("\0")[0])
)


@given(st.lists(member_names, min_size=1, max_size=4), st.booleans())
def test_no_member_ever_escapes(tmp_path_factory, names: list[str], as_tar: bool) -> None:
    """Whatever members are called, all that is written lies in the folder, as plain files."""
    top = tmp_path_factory.mktemp("top")
    folder = top / "inner"
    folder.mkdir()
    archive = folder / "work.zip"
    archive.write_bytes(
        tarred(*(entry(name, 1) for name in names)) if as_tar else zipped(dict.fromkeys(names, b"x"))
    )
    try:
        unpack(archive, folder / "out", ArchiveLimits())
    except ArchiveError:
        written = set()
    else:
        written = {path for path in (folder / "out").rglob("*") if not path.is_dir()}

    assert {path for path in top.rglob("*") if path.is_symlink() or path.is_file()} == {archive, *written}
    assert all(path.read_bytes() == b"x" for path in written)
