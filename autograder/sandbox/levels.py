"""Finds out which isolation level this machine offers, by trying each in a process that is thrown away."""

from __future__ import annotations

import errno
import functools
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from autograder.messages import AutograderError, Message, message
from autograder.sandbox import jail, landlock
from autograder.sandbox.plan import make_plan
from autograder.sandbox.request import Level, Limits


@dataclass(frozen=True)
class Offer:
    """The best level that this machine offers, and what keeps it from a better one."""

    level: Level
    lacking: tuple[Message, ...] = ()


class _NotOfferedError(AutograderError):
    """A level that this machine does not offer, and why."""


@functools.cache
def best_level() -> Offer:
    """Return the best level, trying `full`, then `contained`."""
    if sys.platform != "linux":
        return Offer("none", (message("Learner code can only be isolated on Linux."),))
    lacking: list[Message] = []
    tried: tuple[Level, ...] = ("full", "contained")
    for level in tried:
        try:
            try_level(level)
        except _NotOfferedError as reason:
            if reason.message not in lacking:
                lacking.append(reason.message)
        else:
            if level == "full" and not landlock.abi():
                lacking.append(_no_landlock())
            return Offer(level, tuple(lacking))
    return Offer("none", tuple(lacking))


def closed_container(closed: Sequence[Path]) -> Offer:
    """Return `contained` without Landlock, where only file permissions keep learner code from some folders.

    Learner code then sees whatever every user of this machine may read. This is meant for a container that
    holds one submission, and nothing hidden except in those folders.

    Args:
        closed: folders and files that no other user may read or change, which is tried from inside.
    """
    base = tempfile.mkdtemp(prefix="beyond-sequential-")
    try:
        kit = jail.make_kit("contained", make_plan(base), landlock_at_most=0)
        if kit.become is None:
            # Without a user of its own, learner code would have the rights of the user who grades.
            return Offer("none", (_no_landlock(), _no_user()))
        own = Path(f"/proc/{os.getpid()}")
        secrets = [*closed, own / "environ", own / "mem", own / "maps"]
        found = in_jail(
            kit, base, lambda: b"held" if _without_network() and _out_of_reach(secrets) else b"holes"
        )
    except (ImportError, RuntimeError, OSError) as error:
        return Offer("none", (_no_landlock(), _no_libseccomp(error)))
    finally:
        shutil.rmtree(base, ignore_errors=True)
    if found != b"held":
        return Offer("none", (_no_landlock(), _explain(found.decode("utf-8", "replace"))))
    return Offer("contained", (*_why_not_full(), _no_landlock()))


def try_level(level: Level, *, landlock_at_most: int = 7) -> None:
    """Build a jail of `level` and test from inside whether it holds; raises _NotOfferedError."""
    if level == "contained" and not landlock.abi():
        raise _NotOfferedError(_no_landlock())
    base = tempfile.mkdtemp(prefix="beyond-sequential-")
    try:
        try:
            kit = jail.make_kit(level, make_plan(base), landlock_at_most=landlock_at_most)
        except (ImportError, RuntimeError, OSError) as error:
            raise _NotOfferedError(_no_libseccomp(error)) from error
        found = in_jail(kit, base, lambda: b"held" if _holds() else b"holes")
    finally:
        shutil.rmtree(base, ignore_errors=True)
    if found != b"held":
        raise _NotOfferedError(_explain(found.decode("utf-8", "replace")))


def in_jail(kit: jail.Kit, base: str, look: Callable[[], bytes]) -> bytes:
    """Return what `look` returns in a jail that is thrown away, or `call:errno` where it could not be built.

    It is at most 4,000 bytes, and empty if the process died both times.
    """
    # A process that something else has killed, as the kernel does when memory is short, says nothing of the
    # machine; the whole class would otherwise be graded at a lower level, or not at all.
    return _in_one_jail(kit, base, look) or _in_one_jail(kit, base, look)


def _in_one_jail(kit: jail.Kit, base: str, look: Callable[[], bytes]) -> bytes:
    said, say = os.pipe()
    answered, answer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(said)
            os.close(answer)

            def map_users() -> None:
                os.write(say, b"map")
                if os.read(answered, 3) != b"yes":
                    raise PermissionError(errno.EPERM, "refused", "uid_map")

            _build_and_look(kit, base, map_users, say, look)
        finally:
            os._exit(1)
    os.close(say)
    os.close(answered)
    try:
        heard = os.read(said, 4000)
        if heard == b"map":
            # The answer cannot be written where the process is dead, which its silence then shows.
            with suppress(BrokenPipeError):
                try:
                    jail.write_user_map(child)
                    os.write(answer, b"yes")
                except OSError:
                    os.write(answer, b"no")
            heard = os.read(said, 4000)
    finally:
        os.close(answer)
        os.close(said)
        os.waitpid(child, 0)
    return heard


def _build_and_look(
    kit: jail.Kit, base: str, map_users: Callable[[], None], say: int, look: Callable[[], bytes]
) -> None:
    private = os.path.join(base, "probe")
    try:
        os.makedirs(private, 0o700, exist_ok=True)
        jail.build(kit, Limits(), private, map_users)
        if os.fork():
            os.close(say)
            os.wait()
            return
        jail.lock(kit, Limits(), private, [say])
    except OSError as error:
        os.write(say, f"{error.filename or ''}:{error.errno}".encode()[:200])
    else:
        os.write(say, look()[:4000])


def _holds() -> bool:
    """Return whether, from inside, home is writable, there is no network, and our checkout is hidden."""
    if not _without_network():
        return False
    try:
        os.listdir(Path(__file__).parents[2])
    except OSError:
        return True
    # In the jail's own root, of the checkout only folders that lead to the interpreter may be visible.
    return not os.path.exists(__file__) or "site-packages" in __file__


def _without_network() -> bool:
    """Return whether, from inside, home is writable and there is no network."""
    try:
        (Path.home() / "probe").write_text("")
        (Path.home() / "probe").unlink()
    except OSError:
        return False
    try:
        socket.socket().close()
    except OSError:
        return True
    return False


def _out_of_reach(paths: Sequence[Path]) -> bool:
    """Return whether, from inside, none of those files and folders can be opened to be read or changed."""
    for path in paths:
        for flags in (os.O_RDONLY, os.O_WRONLY):
            try:
                os.close(os.open(path, flags | os.O_NONBLOCK))
            except OSError:
                continue
            return False
        if os.access(path, os.W_OK):
            return False
    return True


def _no_libseccomp(error: Exception) -> Message:
    return message(
        "libseccomp cannot be loaded ({error}); install your system's package of it "
        "(libseccomp2 on Debian and Ubuntu).",
        error=str(error),
    )


def _no_user() -> Message:
    return message(
        "Learner code cannot have a user of its own: the grader is not root, may not change its user, or the "
        "folder of its Python may not be read by others."
    )


def _why_not_full() -> tuple[Message, ...]:
    try:
        try_level("full")
    except _NotOfferedError as reason:
        return (reason.message,)
    return ()


def _no_landlock() -> Message:
    return message(
        "The kernel offers no Landlock: this needs Linux 5.13 or later, with `landlock` in its `lsm=` list."
    )


def _explain(failure: str) -> Message:
    call, _, number = failure.rpartition(":")
    if call in ("unshare", "uid_map") or call.startswith("/proc/self/"):
        return _explain_namespaces()
    if failure in ("holes", ""):
        return message("The isolated environment was built, but it does not isolate.")
    why = os.strerror(int(number)) if number.isdigit() else failure
    return message("The system refuses `{call}`: {why}.", call=call or "?", why=why)


def _explain_namespaces() -> Message:
    if _sysctl("user/max_user_namespaces") == "0":
        return message(
            "User namespaces are switched off; `sysctl user.max_user_namespaces=10000` (as root) allows them."
        )
    if _sysctl("kernel/unprivileged_userns_clone") == "0":
        return message(
            "User namespaces are for root only; `sysctl kernel.unprivileged_userns_clone=1` (as root) allows "
            "them to everyone."
        )
    if _sysctl("kernel/apparmor_restrict_unprivileged_userns") == "1":
        return message(
            "AppArmor restricts user namespaces; `sysctl kernel.apparmor_restrict_unprivileged_userns=0` "
            "(as root) allows them."
        )
    return message(
        "The system refuses new namespaces, as most containers do; run the grader outside the container, or "
        "start the container with `--security-opt seccomp=unconfined`."
    )


def _sysctl(name: str) -> str:
    try:
        return Path("/proc/sys", name).read_text(encoding="utf-8").strip()
    except OSError:
        return ""
