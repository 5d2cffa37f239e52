"""`make catalogue`: keeps catalogues in step with the sentences of the source, the engine's and a course's.

    python -m autograder.messages.extract --graders graders --language ko

The engine's catalogue has what the package says, a course's (`graders/messages/<language>.po`) what its
graders say. A sentence that is not translated yet is left empty in it, and is shown in English.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from autograder.messages.catalogue import catalogue_of
from autograder.messages.message import Language
from autograder.messages.sentences import said_by, said_by_grader, wants_translation

PACKAGE = Path(__file__).resolve().parent.parent
ENGINE, COURSE = "Beyond Sequential", "this course"
"""Whose sentences a catalogue has."""

_HEADER = """# What {what} says, in the language `{language}`.
# Gaps keep their names; in Korean they may carry a particle: {{layer:은/는}}, `{{x}}`{{:이/가}}.
# `{command}` keeps this file in step with the source; write translations here by hand.
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""

Found = Iterator[tuple[int, str, str, list[str]]]


def sentences(package: Path = PACKAGE) -> set[str]:
    """Return every sentence of the engine that needs a translation.

    Raises:
        UnextractableError: a sentence is not a literal.
    """
    methods = [
        ("**.py", "autograder.messages.extract:from_python"),
        ("**/templates/**.j2", "jinja2.ext:babel_extract"),
    ]
    found = extract_from_dir(package, methods, {}, {"message": None, "say": None})
    return {text for _, _, text, _, _ in found if isinstance(text, str) and wants_translation(text)}


def grader_sentences(graders: Path) -> set[str]:
    """Return every sentence of a course's graders that needs a translation: titles of checks, and hints.

    Raises:
        UnextractableError: a sentence is not a literal.
        SyntaxError: a grader is no Python; its `filename` is relative to the course.
    """
    files = [path for part in ("public", "hidden") for path in sorted((graders / part).glob("test_*.py"))]
    named = {path: path.relative_to(graders.parent).as_posix() for path in files}
    said = (
        text for path in files for _, text in said_by_grader(path.read_text(encoding="utf-8"), named[path])
    )
    return {sentence for sentence in said if wants_translation(sentence)}


def from_python(file: IO[bytes], *_keywords_and_tags: Any, **_options: Any) -> Found:
    """Yield the literal sentences of `message(...)` in a source file, as Babel's extraction method."""
    for line, text in said_by(file.read().decode("utf-8"), getattr(file, "name", "?")):
        yield line, "message", text, []


def updated(wanted: Iterable[str], sources: Sequence[Catalog]) -> Catalog:
    """Return a catalogue of exactly these sentences, each translated as in the first source that has it."""
    new = Catalog(fuzzy=False)
    for text in sorted(wanted):
        entries = (source.get(text) for source in sources)
        translation = next(
            (entry.string for entry in entries if entry and entry.string and not entry.fuzzy), ""
        )
        new.add(text, translation)
    return new


def written(catalogue: Catalog, what: str, language: Language) -> str:
    """Return a catalogue as the text of a .po file: sorted by sentence, without dates and line numbers."""
    buffer = io.BytesIO()
    for entry in catalogue:
        # Our gaps may carry particles, which no checker of Python's format strings knows.
        entry.flags.discard("python-brace-format")
    write_po(buffer, catalogue, width=100, no_location=True, omit_header=True, sort_output=True)
    command = "make catalogue" if what == ENGINE else "autograder catalogue"
    header = _HEADER.format(what=what, language=language, command=command)
    return header + buffer.getvalue().decode("utf-8").strip("\n") + "\n"


def read(path: Path) -> Catalog:
    """Return the catalogue in a .po file, or an empty one where there is no file."""
    if not path.exists():
        return Catalog()
    with path.open("rb") as file:
        return read_po(file)


def main(arguments: Sequence[str] | None = None) -> int:
    """Update the catalogues; with `--check`, only say whether they are up to date (exit 1 if not)."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--language", default="ko", help="the catalogues' language (ko)")
    parser.add_argument("--graders", type=Path, metavar="FOLDER", help="a course's graders, and no engine's")
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
    language: Language = options.language
    if options.graders is None:
        path, what, wanted = catalogue_of(language), ENGINE, sentences()
    else:
        path = options.graders / "messages" / f"{language}.po"
        what, wanted = COURSE, grader_sentences(options.graders)
    fragments = [read(fragment) for fragment in options.merge]
    sources = [*fragments, read(path)] if options.replace else [read(path), *fragments]
    made = updated(wanted, sources)
    missing = Catalog()
    for entry in made:
        if entry.id and not entry.string:
            missing.add(entry.id)
    if options.missing:
        sys.stdout.write(written(missing, what, language))
    text = written(made, what, language)
    if options.check:
        in_step = not len(missing) and path.is_file() and path.read_text(encoding="utf-8") == text
        said = "in step." if in_step else "out of step: run `make catalogue`."
        print(f"{path} is {said}", file=sys.stderr)
        return 0 if in_step else 1
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    print(f"{path}: {len(wanted)} sentences, {len(missing)} without a translation.", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
