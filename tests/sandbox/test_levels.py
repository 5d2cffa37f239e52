"""The level that is offered is the level that holds, and what is lacking is said with its cure."""

from __future__ import annotations

import mmap
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.messages import render
from autograder.sandbox import best_level, jail, landlock, levels, seccomp
from autograder.sandbox.plan import make_plan
from tests.sandbox.conftest import LEVELS

Look = Callable[[], bytes]


def refused(action: Callable[[], object]) -> bytes:
    try:
        action()
    except OSError:
        return b"refused"
    return b"done"


@pytest.fixture(scope="session")
def jailed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Look, int], bytes]:
    """Calls a function in a jail, with no more of Landlock than the version given."""

    def look_in(level: str, look: Look, version: int = 7) -> bytes:
        base = str(tmp_path_factory.mktemp("base"))
        kit = jail.make_kit(level, make_plan(base), landlock_at_most=version)
        return levels.in_jail(kit, base, look)

    return look_in


def test_what_is_best_is_named_with_what_is_lacking() -> None:
    offer = best_level()

    assert offer.level in ("full", "contained")
    assert (offer.level == "full") or offer.lacking


@pytest.mark.parametrize("version", [1, 2, 3, 4, 5, 6, 7])
@pytest.mark.parametrize("level", LEVELS)
def test_a_jail_holds_with_every_version_of_landlock(
    jailed: Callable[..., bytes], level: str, version: int, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.write_text("kept")
    parent = os.getpid()
    tried = [
        lambda: other.read_text(),
        lambda: os.truncate(other, 0),
        lambda: os.kill(parent, 0),
        lambda: os.listdir(tmp_path),
        lambda: __import__("_socket").socket(),
    ]

    found = jailed(level, lambda: b" ".join(refused(action) for action in tried), version)

    assert found == b"refused refused refused refused refused"
    assert other.read_text() == "kept"


def test_the_machine_alone_with_namespaces_holds_too(jailed: Callable[..., bytes], tmp_path: Path) -> None:
    if "full" not in LEVELS:
        assert best_level().lacking
        return

    assert jailed("full", lambda: refused(lambda: os.listdir(tmp_path)), 0) == b"refused"


def test_own_signals_work_where_landlock_cannot_tell_them_apart(jailed: Callable[..., bytes]) -> None:
    assert jailed("contained", lambda: refused(lambda: os.kill(os.getpid(), 0)), 5) == b"done"


@pytest.mark.parametrize("level", LEVELS)
def test_a_trial_that_something_else_has_killed_is_made_again(
    jailed: Callable[..., bytes], level: str
) -> None:
    """Its end says nothing of the machine; where it always ends, the level does not hold."""
    with mmap.mmap(-1, 1) as tried:

        def dying_once() -> bytes:
            if not tried[0]:
                tried[0] = 1
                os._exit(1)
            return b"held"

        assert jailed(level, dying_once) == b"held"
    assert jailed(level, lambda: os._exit(1)) == b""


def test_a_trial_that_is_killed_while_it_waits_for_its_users_is_made_again(
    jailed: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As root its users are mapped from outside; here they are at any rate, and nothing else is built."""
    killed = []

    def write_user_map(process: int) -> None:
        if not killed:
            killed.append(process)
            os.kill(process, signal.SIGKILL)
            os.waitid(os.P_PID, process, os.WEXITED | os.WNOWAIT)
            raise ProcessLookupError

    monkeypatch.setattr(jail, "write_user_map", write_user_map)
    monkeypatch.setattr(jail, "build", lambda _kit, _limits, _private, map_users: map_users())
    monkeypatch.setattr(jail, "lock", lambda *_: None)

    assert jailed("contained", lambda: b"held") == b"held"
    assert killed


REFUSING = """
import errno, os, sys
import pyseccomp
rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
rules.add_rule(pyseccomp.ERRNO(errno.EPERM), {call!r})
rules.load()
from autograder.sandbox import best_level
from autograder.messages import render
offer = best_level()
print(offer.level, *(render(lacking, "en") for lacking in offer.lacking))
"""


def offered_without(call: str) -> str:
    """What `best_level` says where the kernel refuses `call`, as a container's filter does."""
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    source = REFUSING.format(call=call)
    ran = subprocess.run(
        [sys.executable, "-c", source], env=environment, capture_output=True, text=True, check=True
    )
    return ran.stdout.strip()


@pytest.mark.parametrize("level", LEVELS)
def test_the_home_can_be_written(jailed: Callable[..., bytes], level: str) -> None:
    assert jailed(level, written_at_home) == b"done"


AS_ANOTHER = pytest.mark.skipif(
    os.geteuid() != 0 or not jail._may_become_learner(),
    reason="only root, and none that a namespace has made, can run learner code as another user",
)


@AS_ANOTHER
def test_the_home_can_be_written_by_another_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """As root, with an interpreter that all may read, learner code runs as a user of its own."""
    monkeypatch.setattr(jail, "_open_to_others", lambda *_, **__: True)
    base = tempfile.mkdtemp(dir="/tmp")
    try:
        kit = jail.make_kit("contained", make_plan(base))
        assert kit.become is not None
        assert levels.in_jail(kit, base, written_at_home) == b"done"
        assert (
            levels.in_jail(kit, base, lambda: str(os.getresuid()).encode()) == str((kit.become,) * 3).encode()
        )
    finally:
        shutil.rmtree(base)


@AS_ANOTHER
def test_where_another_user_cannot_get_to_its_home_it_stays_the_same_user(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(jail, "_open_to_others", lambda *_, **__: True)
    (tmp_path / "closed").mkdir(mode=0o700)
    (tmp_path / "closed" / "base").mkdir()

    assert jail.make_kit("contained", make_plan(str(tmp_path / "closed" / "base"))).become is None


def written_at_home() -> bytes:
    place = Path.home() / "work" / "written"
    return refused(lambda: (place.write_text("x"), Path("here").write_text("x"), place.read_text()))


def test_where_namespaces_are_refused_the_level_is_contained() -> None:
    found = offered_without("unshare")

    assert found.startswith("contained ")
    assert "user namespaces" in found.lower() or "new namespaces" in found


def test_where_landlock_is_refused_too_there_is_no_level_and_the_cure_is_named() -> None:
    found = offered_without("landlock_create_ruleset")

    assert found.startswith(("full", "none"))
    assert "`lsm=`" in found


def test_without_libseccomp_there_is_no_level(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: object) -> bytes:
        raise RuntimeError("Unable to find libseccomp")

    monkeypatch.setattr(seccomp, "compile_filter", missing)
    best_level.cache_clear()
    try:
        offer = best_level()
    finally:
        best_level.cache_clear()

    assert offer.level == "none"
    assert [render(lacking, "en") for lacking in offer.lacking] == [
        "libseccomp cannot be loaded (Unable to find libseccomp); install your system's package of it "
        "(libseccomp2 on Debian and Ubuntu)."
    ]


@pytest.mark.parametrize(
    ("setting", "value", "cure"),
    [
        ("user/max_user_namespaces", "0", "sysctl user.max_user_namespaces"),
        ("kernel/unprivileged_userns_clone", "0", "sysctl kernel.unprivileged_userns_clone"),
        ("kernel/apparmor_restrict_unprivileged_userns", "1", "AppArmor"),
        ("none", "", "--security-opt"),
    ],
)
def test_each_way_to_refuse_namespaces_has_its_cure(
    monkeypatch: pytest.MonkeyPatch, setting: str, value: str, cure: str
) -> None:
    monkeypatch.setattr(levels, "_sysctl", lambda name: value if name == setting else "")

    assert cure in render(levels._explain("unshare:1"), "en")


def test_what_else_is_refused_is_named() -> None:
    assert render(levels._explain("/tmp/x:28"), "en") == (
        "The system refuses `/tmp/x`: No space left on device."
    )
    assert (
        render(levels._explain("holes"), "en")
        == "The isolated environment was built, but it does not isolate."
    )


def test_a_container_that_covers_parts_of_proc_gets_none(tmp_path: Path) -> None:
    """As in Docker: then no new /proc can be mounted, and the machine's must not show."""
    if "full" not in LEVELS:
        assert best_level().lacking
        return
    source = (
        "import os, tempfile\n"
        "from autograder.sandbox import jail, levels, system\n"
        "from autograder.sandbox.plan import make_plan\n"
        "system.unshare(system.CLONE_NEWUSER)\n"
        "open('/proc/self/setgroups', 'w').write('deny')\n"
        f"open('/proc/self/uid_map', 'w').write('{os.getuid()} {os.getuid()} 1')\n"
        f"open('/proc/self/gid_map', 'w').write('{os.getgid()} {os.getgid()} 1')\n"
        "system.unshare(system.CLONE_NEWNS)\n"
        "system.mount('none', '/proc/sys', 'tmpfs')\n"
        "base = tempfile.mkdtemp()\n"
        "kit = jail.make_kit('full', make_plan(base))\n"
        "def look():\n"
        "    return repr((os.listdir('/proc'), os.path.basename(os.readlink('/proc/self/exe')))).encode()\n"
        "print(levels.in_jail(kit, base, look).decode())\n"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2]), "TMPDIR": str(tmp_path)}
    ran = subprocess.run([sys.executable, "-c", source], env=environment, capture_output=True, text=True)

    assert ran.stdout == f"(['self'], {os.path.basename(sys.executable)!r})\n", ran.stderr


def test_landlock_passes_over_what_does_not_exist(jailed: Callable[..., bytes]) -> None:
    assert landlock.abi() >= 1
    assert jailed("contained", lambda: refused(lambda: os.stat("/nowhere"))) == b"refused"
