"""Measures and removes a run's private folder on the disk, however hostile its contents."""

from __future__ import annotations

import os
import stat


def weigh(folder: str, most: int, files: int) -> int:
    """Return the bytes of all files below `folder`, counting no further once they exceed `most`.

    Each file counts as at least `most // files` bytes, so that this limits their number, too.
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
            # It has gone in the meantime, or its owner has made it unreadable.
            continue
    return total


def remove(folder: str) -> None:
    """Remove `folder` and everything in it.

    Nested folders are moved to the top one by one, so that no nesting is too deep; links are not followed.
    Nobody else may still be writing there.
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
        # Only a user who may write in a folder can move it, because its ".." changes.
        os.chmod(path, 0o700)
        os.rename(path, target)
    else:
        os.unlink(path)
