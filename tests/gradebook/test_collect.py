"""`nbgrader zip_collect` on what Canvas, Moodle and Blackboard let an instructor download."""

from __future__ import annotations

import io
import logging
import os
import unicodedata
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePath

import pytest
from traitlets.config import Config

from autograder.gradebook.archives import STUDENT_LIMITS
from autograder.gradebook.collect import LmsExtractor
from autograder.gradebook.configuration import configure_platforms
from autograder.gradebook.downloads import read_downloads
from tests.gradebook.conftest import Nbgrader
from tests.gradebook.courses import ROOT
from tests.gradebook.downloaded import notebook, put

INCEPTION = notebook("branch-sizes", "inception-module")
AGAIN = notebook("branch-sizes", "inception-network")


def archive(members: Mapping[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as written:
        for name, content in members.items():
            written.writestr(name, content)
    return buffer.getvalue()


def submitted(folder: Path) -> dict[str, str]:
    root = folder / "submitted"
    return {
        str(path.relative_to(root)): path.read_text(encoding="utf-8", errors="replace")
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def test_nbgrader_is_told_by_dotted_strings() -> None:
    """Formgrader's server writes its configuration down, and loads nothing that it does not use."""
    config = Config()
    config.InCourse.course_file = str(ROOT / "course.yml")
    configure_platforms(config)

    assert config == {
        "InCourse": {"course_file": str(ROOT / "course.yml")},
        "ZipCollectApp": {
            "collector_plugin": "autograder.gradebook.collect.LmsCollector",
            "extractor_plugin": "autograder.gradebook.collect.LmsExtractor",
        },
    }


@pytest.mark.slow
def test_a_download_from_canvas(course_folder: Path, nbgrader: Nbgrader) -> None:
    """The newest of each student; a stranger and a dangerous archive are said, and the rest goes on."""
    put(
        course_folder,
        "downloaded/inception/archive/submissions.zip",
        archive(
            {
                "김서연_12345_100_inception.ipynb": INCEPTION,
                "김서연_LATE_12345_101_inception-1.ipynb": AGAIN,
                "oneilmaryann_12346_102_work.zip": archive({"deep/내 과제.ipynb": INCEPTION}),
                "이하늘_12347_103_work.zip": archive({"../../../escape.ipynb": INCEPTION}),
                "park_999_104_inception.ipynb.txt": INCEPTION,
                "choi_998_105_multi.ipynb": notebook("two-inputs"),
            }
        ),
    )
    said = nbgrader("zip_collect", "inception")
    found = submitted(course_folder)

    assert found.keys() == {
        "kim/inception/inception.ipynb",
        "oneil/inception/inception.ipynb",
        "lee/inception/이하늘_12347_103_work.zip",
        "park-999/inception/inception.ipynb",
    }
    assert found["kim/inception/inception.ipynb"] == AGAIN
    assert "Canvas marks it as late" in said
    assert "which would be written outside its folder" in said
    assert "its owner is not in roster.csv, so it is collected for `park-999`" in said
    assert "its cells belong to `multi-input`" in said
    assert list(course_folder.parent.rglob("escape.ipynb")) == []


@pytest.mark.slow
def test_a_download_from_moodle(course_folder: Path, nbgrader: Nbgrader) -> None:
    """Folders or flat, Korean names taken apart, and no notebook at all."""
    put(
        course_folder,
        "downloaded/inception/archive/CS-Inception-4711.zip",
        archive(
            {
                unicodedata.normalize("NFD", "서연 김_77_assignsubmission_file_/과제.ipynb"): INCEPTION,
                "Mary, Ann O'Neil_78_assignsubmission_file_inception (1).ipynb": AGAIN,
                "이하늘_79_assignsubmission_file_/photo.png": b"",
            }
        ),
    )
    said = nbgrader("zip_collect", "inception")

    assert submitted(course_folder) == {
        "kim/inception/inception.ipynb": INCEPTION,
        "oneil/inception/inception.ipynb": AGAIN,
        "lee/inception/photo.png": "",
    }
    assert "`lee` has handed in none for `inception`; it is collected as it is. Ask for the notebook." in said


@pytest.mark.slow
def test_a_download_from_blackboard(course_folder: Path, nbgrader: Nbgrader) -> None:
    """The last attempt and its time, in UTC; a broken notebook is collected."""
    put(
        course_folder,
        "downloaded/inception/archive/gradebook_CS_1_2_Inception.zip",
        archive(
            {
                "Inception_kim.s_attempt_2026-11-20-10-30-15.txt": "Name: Kim",
                "Inception_kim.s_attempt_2026-11-20-10-30-15_inception.ipynb": INCEPTION,
                "Inception_kim.s_attempt_2026-11-21-08-00-00_final.ipynb": AGAIN,
                "Inception_lee.h_attempt_2026-11-21-09-00-00_inception.ipynb": "{",
            }
        ),
    )
    said = nbgrader("zip_collect", "inception")

    assert submitted(course_folder) == {
        "kim/inception/inception.ipynb": AGAIN,
        "kim/inception/timestamp.txt": "2026-11-20 23:00:00",
        "lee/inception/inception.ipynb": "{",
        "lee/inception/timestamp.txt": "2026-11-21 00:00:00",
    }
    assert "It is collected anyway, and its report will say so." in said


def extracted(folder: Path) -> list[str]:
    """What the archive folder is unpacked to; what is said of it is logged."""
    extractor = LmsExtractor(log=logging.getLogger("extracting"))
    extractor.extract(str(folder / "archive"), str(folder / "extracted"))
    top = folder / "extracted"
    return sorted(str(path.relative_to(top)) for path in top.rglob("*") if path.is_file())


def test_what_is_no_file_is_not_followed_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A link led to a file of the instructor's, which was then somebody's submission."""
    secret = put(tmp_path, "secret.ipynb", INCEPTION)
    put(tmp_path, "archive/kim_1_2_a.ipynb", INCEPTION)
    put(tmp_path, "archive/.hidden_3_4_a.ipynb", INCEPTION)
    put(tmp_path, "archive/.DS_Store", b"")
    put(tmp_path, "archive/__MACOSX/._kim_1_2_a.ipynb", b"")
    (tmp_path / "archive" / "lee_3_4_a.ipynb").symlink_to(secret)
    (tmp_path / "archive" / "folder").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "archive" / "park_5_6_a.ipynb")

    assert extracted(tmp_path) == ["kim_1_2_a.ipynb"]
    assert sorted(record.message.split(" is ")[0] for record in caplog.records) == [
        ".hidden_3_4_a.ipynb",
        "folder",
        "lee_3_4_a.ipynb",
        "park_5_6_a.ipynb",
    ]


def test_a_name_in_whatever_bytes_is_taken(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A name in the code page of Windows is no text here, and control characters are none anywhere."""
    put(tmp_path, os.fsdecode(b"archive/kim_1_2_" + "김".encode("cp949") + b".ipynb"), INCEPTION)
    put(tmp_path, "archive/lee_3_4_\x1b[31m.ipynb", INCEPTION)

    assert extracted(tmp_path) == ["kim_1_2___.ipynb", "lee_3_4__[31m.ipynb"]
    assert caplog.records == []


def test_a_file_in_the_way_of_a_folder_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Signs that do not show become the same sign, and a file and a folder may then be called alike."""
    put(tmp_path, "archive/kim\x01/a", INCEPTION)
    put(tmp_path, "archive/kim\x02/a/inception.ipynb", INCEPTION)
    put(tmp_path, "archive/kim\x02/a/inception (1).ipynb", INCEPTION)
    put(tmp_path, "archive/lee_1_2_a.ipynb", INCEPTION)
    put(tmp_path, "archive/submissions.zip", archive({"a\x01": "1", "a\x02/b.txt": "2", "a\x02/c.txt": "3"}))

    assert extracted(tmp_path) == [
        "kim_/a",
        "kim_/a (2)/inception (1).ipynb",
        "kim_/a (2)/inception.ipynb",
        "lee_1_2_a.ipynb",
        "submissions.zip/a_",
        "submissions.zip/a_ (2)/b.txt",
        "submissions.zip/a_ (2)/c.txt",
    ]
    assert caplog.records == []


@pytest.mark.parametrize("within", [False, True], ids=["alone", "in a class's archive"])
@pytest.mark.parametrize(
    "owner", ["kim_1_2_", "I_kim_attempt_2026-11-20-12-00-00_", "kim_1_assignsubmission_file_"]
)
def test_what_is_in_an_archive_without_a_name_is_its_owner_s(
    tmp_path: Path, owner: str, within: bool
) -> None:
    """Unpacked into a folder `kim_1_2_`, it was whoever's its content was named after."""
    others = archive({"lee_3_4_a.ipynb": INCEPTION, "I_lee_attempt_2026-11-20-12-00-00_a.ipynb": INCEPTION})
    name = f"{owner}.zip"
    if within:
        put(tmp_path, "archive/submissions.zip", archive({name: others}))
    else:
        put(tmp_path, f"archive/{name}", others)
    found = read_downloads(map(PurePath, extracted(tmp_path)))

    assert len(found) == 2
    assert {download.who for download in found.values() if download is not None} == {"kim"}


def test_an_empty_archive_is_still_there(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Its owner would otherwise have handed in nothing."""
    put(tmp_path, "archive/kim_1_2_work.zip", archive({}))
    put(tmp_path, "archive/submissions.zip", archive({"lee_3_4_work.zip": archive({})}))

    assert extracted(tmp_path) == ["kim_1_2_work.zip", "submissions.zip/lee_3_4_work.zip"]
    assert [record.message.split(" contains")[0] for record in caplog.records] == [
        "kim_1_2_work.zip",
        "lee_3_4_work.zip",
    ]


@pytest.mark.parametrize("name", ["kim_1_2_work.zip", "I_kim_attempt_2026-11-20-12-00-00_work.zip"])
def test_a_loose_archive_of_a_student_s_has_a_student_s_limits(tmp_path: Path, name: str) -> None:
    """And a class's has a class's."""
    many = archive({f"{number}.txt": "" for number in range(STUDENT_LIMITS.files + 1)})
    put(tmp_path, f"archive/{name}", many)
    put(tmp_path, "archive/submissions.zip", many)
    found = extracted(tmp_path)

    assert name in found
    assert len(found) == STUDENT_LIMITS.files + 2


@pytest.mark.slow
def test_a_faulty_roster_collects_nothing(course_folder: Path, nbgrader: Nbgrader) -> None:
    """And says what is wrong with it."""
    (course_folder / "roster.csv").write_text("name\nKim\n", encoding="utf-8")
    put(course_folder, "downloaded/inception/archive/kim_1_2_a.ipynb", INCEPTION)
    said = nbgrader("zip_collect", "inception", code=1)

    assert "roster.csv, line 1: the heading has no column `student_id`" in said
    assert not (course_folder / "submitted").exists()


@pytest.mark.slow
def test_an_instructor_s_own_expression_goes_before(course_folder: Path, nbgrader: Nbgrader) -> None:
    put(course_folder, "downloaded/inception/archive/kim-inception.ipynb", INCEPTION)
    expression = r".*/(?P<student_id>\w+)-(?P<file_id>\w+)\.ipynb"
    nbgrader("zip_collect", "inception", f"--FileNameCollectorPlugin.named_regexp={expression}")

    assert submitted(course_folder) == {"kim/inception/inception.ipynb": INCEPTION}
