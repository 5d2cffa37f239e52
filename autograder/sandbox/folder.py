"""A run's private folder on the disk: how much is in it, and its removal, however hostile its contents."""

from __future__ import annotations

import os
import stat


def weigh(folder: str, most: int, files: int) -> int:
    """The bytes of all files below `folder`; stops counting once past `most`.

    Each weighs at least as much as it may where there are as many as `files`, so that there are no more.
    """
    total, least = 0, most // files
    waiting = [folder]
    while waiting and total <= most:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    details = entry.stat(follow_symlinks=False)
                    total += max(details.st_blocks * 512, least)
                    if stat.S_ISDIR(details.st_mode):
                        waiting.append(entry.path)
        except OSError:
            # Gone in the meantime, or made unreadable by its owner.
            continue
    return total


def remove(folder: str) -> None:
    """Removes `folder` and all in it.

    Folders are lifted to the top one by one, so that no depth of nesting is too deep; links are not followed.
    Nobody else may be writing there any more.
    """
    number = 0
    while True:
        try:
            names = os.listdir(folder)
        except OSError:
            return
        if not names:
            break
        for name in names:
            path = os.path.join(folder, name)
            if not stat.S_ISDIR(os.lstat(path).st_mode):
                os.unlink(path)
                continue
            os.chmod(path, 0o700)
            for inner in os.listdir(path):
                number += 1
                lifted = f".lifted-{number}-{os.urandom(4).hex()}"
                _lift(os.path.join(path, inner), os.path.join(folder, lifted))
            os.rmdir(path)
    os.rmdir(folder)


def _lift(path: str, target: str) -> None:
    if stat.S_ISDIR(os.lstat(path).st_mode):
        # A folder can only be moved by one who may write in it: its ".." changes.
        os.chmod(path, 0o700)
        os.rename(path, target)
    else:
        os.unlink(path)
