"""A program that runs others as if on a system that is not POSIX: `python elsewhere.py FILE-OF-JSON`.

The file holds a list of programs, each a list of words: `["autograder", "list"]` is the command line, and
`["python", "…"]` is code. What each printed, and how it ended, is printed as JSON at last. It may be a fork
that has imported this package, and then imports it once more where what only POSIX has is gone.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import locale
import os
import signal
import sys
import traceback

# Libraries take what POSIX has where they find it; these have done so before it goes.
LIBRARIES = (
    "babel.messages.pofile", "IPython", "jinja2", "platformdirs", "pydantic", "pytest", "rich.console",
    "rich.table", "ruamel.yaml", "subprocess", "tempfile", "typer", "typer.core",
)  # fmt: skip
WITH_KERAS = ("keras", "matplotlib.pyplot", "scipy.optimize")
MODULES = ("resource", "fcntl", "pwd", "grp", "termios", "tty")
ATTRIBUTES = (
    (os, "fork"),
    (os, "sysconf"),
    (os, "getuid"),
    (locale, "LC_MESSAGES"),
    *((os, name) for name in ("O_NONBLOCK", "O_CLOEXEC", "O_NOFOLLOW", "O_DIRECTORY", "geteuid", "killpg")),
    *((signal, name) for name in ("SIGKILL", "SIGALRM", "SIGUSR1", "SIGHUP", "alarm", "setitimer")),
    *((signal, name) for name in ("ITIMER_REAL", "ITIMER_VIRTUAL", "ITIMER_PROF")),
)


class Gone:
    """Finds no module that only POSIX has."""

    @staticmethod
    def find_spec(name: str, *_: object) -> None:
        if name in MODULES:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def run(words: list[str], encoding: str) -> dict[str, object]:
    """Run one program; what it printed, as a terminal of that encoding shows it, and its exit code."""
    out = io.BytesIO()
    stdout = io.TextIOWrapper(out, encoding=encoding)
    code: object = 0
    with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stdout):
        try:
            if words[0] == "autograder":
                from autograder.cli import main

                sys.argv = words
                main()
            else:
                exec(words[1], {})
        except SystemExit as end:
            code = end.code or 0
        except BaseException:
            code = traceback.format_exc()
        stdout.flush()
    return {"code": code, "said": out.getvalue().decode(encoding)}


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        order = json.load(file)
    os.environ.update(order["environment"])
    for name in (*LIBRARIES, *(WITH_KERAS if order["keras"] else ())):
        importlib.import_module(name)
    for name in [name for name in sys.modules if name.partition(".")[0] == "autograder"]:
        del sys.modules[name]
    sys.meta_path.insert(0, Gone)
    for name in MODULES:
        sys.modules.pop(name, None)
    for holder, name in ATTRIBUTES:
        delattr(holder, name)
    answers = [run(words, encoding) for words, encoding in order["programs"]]
    print(json.dumps(answers))


if __name__ == "__main__":
    main()
