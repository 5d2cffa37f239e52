"""`make catalogue`: keeps the Korean catalogue in step with the sentences of the source."""

from __future__ import annotations

import argparse
import ast
import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from autograder.messages.catalogue import CATALOGUE, HIDDEN_CATALOGUE
from autograder.messages.rendering import GAP

PACKAGE = Path(__file__).resolve().parent.parent
GRADERS = ("hidden/test_*.py", "checks/public/test_*.py")

_HEADER = """# What Beyond Sequential says, in Korean.
# Gaps keep their names and may carry a particle: {layer:은/는}, {x:으로/로}, `{x}`{:이/가}; see particles.py.
# `make catalogue` keeps this file in step with the source; write translations here by hand.
msgid ""
msgstr ""
"Language: ko\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""

Found = Iterator[tuple[int, str, str, list[str]]]


class UnextractableError(Exception):
    """A call of `message` whose sentence is not written out in it."""


def sentences(package: Path = PACKAGE, *, hidden: bool = False) -> set[str]:
    """Every sentence that wants a translation: of the hidden checks, or of everything else.

    Raises:
        UnextractableError: a sentence is not a literal.
    """
    methods = [
        *((pattern, "autograder.messages.extract:from_grader") for pattern in GRADERS),
        ("**.py", "autograder.messages.extract:from_python"),
        ("**/templates/**.j2", "jinja2.ext:babel_extract"),
    ]
    found: set[str] = set()
    for file, _, text, _, _ in extract_from_dir(package, methods, {}, {"message": None, "say": None}):
        assert isinstance(text, str)
        if file.startswith("hidden/") == hidden and any(map(str.isalpha, GAP.sub("", text))):
            found.add(text)
    return found


def catalogues() -> dict[Path, set[str]]:
    """The sentences of each catalogue: what hidden checks alone say has one of its own."""
    shipped = sentences()
    return {CATALOGUE: shipped, HIDDEN_CATALOGUE: sentences(hidden=True) - shipped}


def from_python(file: IO[bytes], *_keywords_and_tags: Any, **_options: Any) -> Found:
    """Babel's extraction method for source files: the literal sentences of `message(...)`."""
    name = getattr(file, "name", "?")
    for node in ast.walk(ast.parse(file.read())):
        if isinstance(node, ast.Call) and _called(node) == "message" and node.args:
            for text in _literals(node.args[0]):
                if text is None:
                    raise UnextractableError(f"{name}:{node.lineno}: write the sentence out in message(...)")
                yield node.lineno, "message", text, []


def from_grader(file: IO[bytes], *keywords_and_tags: Any, **options: Any) -> Found:
    """Babel's extraction method for grader files: as `from_python`, and the titles of their checks."""
    source = file.read()
    copy = io.BytesIO(source)
    copy.name = getattr(file, "name", "?")
    yield from from_python(copy, *keywords_and_tags, **options)
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            paragraph = (ast.get_docstring(node) or "").split("\n\n")[0]
            yield node.lineno, "message", " ".join(paragraph.split()), []


def updated(wanted: Iterable[str], sources: Sequence[Catalog]) -> Catalog:
    """A catalogue of exactly the wanted sentences, each translated as the first source that does."""
    new = Catalog(locale="ko", fuzzy=False)
    for text in sorted(wanted):
        entries = (source.get(text) for source in sources)
        translation = next(
            (entry.string for entry in entries if entry and entry.string and not entry.fuzzy), ""
        )
        new.add(text, translation)
    return new


def written(catalogue: Catalog) -> str:
    """A catalogue as the text of a .po file: by sentence, without dates and line numbers."""
    buffer = io.BytesIO()
    for entry in catalogue:
        # Our gaps may carry particles, which no checker of Python's formats knows.
        entry.flags.discard("python-brace-format")
    write_po(buffer, catalogue, width=100, no_location=True, omit_header=True, sort_output=True)
    return _HEADER + buffer.getvalue().decode("utf-8").strip("\n") + "\n"


def read(path: Path) -> Catalog:
    """The catalogue in a .po file, or an empty one where there is no file."""
    if not path.exists():
        return Catalog(locale="ko")
    with path.open("rb") as file:
        return read_po(file, locale="ko")


def main(arguments: Sequence[str] | None = None) -> int:
    """Update ko.po; with `--check`, only say whether it is in step (exit 1 if not)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--merge", nargs="*", type=Path, default=[], metavar="FILE", help="take translations from"
    )
    parser.add_argument("--replace", action="store_true", help="what is merged wins over what is there")
    parser.add_argument(
        "--check", action="store_true", help="change nothing, fail where something would change"
    )
    parser.add_argument(
        "--missing", action="store_true", help="print the sentences without a translation as .po"
    )
    options = parser.parse_args(arguments)
    present = [read(CATALOGUE), read(HIDDEN_CATALOGUE)]
    fragments = [read(path) for path in options.merge]
    sources = [*fragments, *present] if options.replace else [*present, *fragments]
    made = {path: updated(wanted, sources) for path, wanted in catalogues().items()}
    missing = Catalog(locale="ko")
    for entry in (entry for catalogue in made.values() for entry in catalogue):
        if entry.id and not entry.string:
            missing.add(entry.id)
    if options.missing:
        sys.stdout.write(written(missing))
    if options.check:
        in_step = not len(missing) and all(
            path.read_text(encoding="utf-8") == written(catalogue) for path, catalogue in made.items()
        )
        said = "in step." if in_step else "out of step: run `make catalogue`."
        print(f"The Korean catalogue is {said}", file=sys.stderr)
        return 0 if in_step else 1
    for path, catalogue in made.items():
        path.write_text(written(catalogue), encoding="utf-8")
    count = sum(len(catalogue) for catalogue in made.values())
    print(f"{count} sentences, {len(missing)} without a translation.", file=sys.stderr)
    return 0


def _called(call: ast.Call) -> str:
    function = call.func
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def _literals(node: ast.expr) -> Iterator[str | None]:
    if isinstance(node, ast.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)
    else:
        yield node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


if __name__ == "__main__":
    sys.exit(main())
