"""How Sphinx builds the site of one language: the English one, or with the tag `ko` the Korean one.

The pages are the repository's own Markdown files and the notebooks that students get, where they lie. What
they need to be pages of a site is done here as they are read, so that a Git server shows the same files.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import sys
from pathlib import Path

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.locale import _
from sphinx.search import SearchLanguage
from sphinx.transforms.post_transforms import SphinxPostTransform

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "deploy"))

import vocabulary  # noqa: E402

KOREAN = tags.has("ko")  # type: ignore[name-defined]  # noqa: F821 (Sphinx puts it there)
HERE, ELSEWHERE = ("ko", "en") if KOREAN else ("en", "ko")
# In both languages they are `NAME.md` and `NAME.ko.md`; every other page is English in both sites.
IN_BOTH = [path.relative_to(ROOT).as_posix() for path in ROOT.glob("docs/*.ko.md")] + ["README.ko.md"]

project = "Beyond Sequential"
html_title = project
language = HERE
root_doc = "README.ko" if KOREAN else "README"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
source_suffix = {".md": "markdown", ".ipynb": "markdown"}
include_patterns = [
    "*.md",
    "docs/**.md",
    "benchmarks/*.md",
    f"assignments/{HERE}/*/*.ipynb",
]
# What cannot hold a page is not even looked through.
folders = [path.name for path in ROOT.iterdir() if path.is_dir()]
exclude_patterns = [name for name in folders if name not in ("docs", "benchmarks", "assignments")]
exclude_patterns += [name.replace(".ko.md", ".md") for name in IN_BOTH] if KOREAN else IN_BOTH

myst_heading_anchors = 4
highlight_language = "text"
# Docstrings are written as Markdown is: `code`.
default_role = "literal"
# `--json` is no dash.
smartquotes = False
autodoc_default_options = {"exclude-members": "__init__, __new__"}
autodoc_member_order = "bysource"
autodoc_class_signature = "separated"
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
toc_object_entries_show_parents = "hide"

html_theme = "furo"
html_math_renderer = "mathml"
templates_path = ["templates"]
html_static_path = ["static"]
html_css_files = ["site.css"]
html_sidebars = {
    "**": [
        "sidebar/brand.html",
        "sidebar/language.html",
        "sidebar/search.html",
        "sidebar/scroll-start.html",
        "sidebar/navigation.html",
        "sidebar/scroll-end.html",
    ]
}
html_show_sourcelink = html_copy_source = html_use_index = html_domain_indices = False
html_show_copyright = False

READ_ONLY = {
    "en": "This is the notebook to read. To solve it, open <path:{name}> in Jupyter, Colab or VS Code.",
    "ko": "읽기 위한 페이지이다. 풀려면 <path:{name}> 파일을 주피터, 코랩, VS Code에서 연다.",
}
# What the theme says in English alone.
IN_KOREAN = {
    "Back to top": "맨 위로",
    "Home": "처음",
    "Made with ": "만든 도구: ",
    "Next": "다음",
    "On this page": "이 페이지",
    "Previous": "이전",
}
ENGLISH_ONLY = '<p class="english-only" lang="ko">이 페이지는 영어로만 있다.</p>'


def setup(app: Sphinx) -> None:
    """Register what pages need here."""
    app.connect("source-read", make_page)
    app.connect("html-page-context", name_languages)
    app.add_post_transform(LinksBetweenLanguages)
    app.add_search_language(KoreanSearch)
    app.add_html_math_renderer("mathml", (inline_formula, None), (block_formula, None))


def make_page(_app: Sphinx, docname: str, source: list[str]) -> None:
    """Make Markdown of a notebook, and give some pages what they lead to or what a Git server cannot show."""
    if docname.startswith("assignments/"):
        source[0] = notebook_page(f"{Path(docname).name}.ipynb", json.loads(source[0]))
    elif docname == root_doc:
        index = f"docs/{docname}.md"
        source[0] += f"\n\n```{{toctree}}\n:hidden:\n\n/{index}\n```\n"
        source[0] += tables_of_contents(index, (ROOT / index).read_text(encoding="utf-8"))
    elif docname == "docs/decisions/README":
        source[0] += tables_of_contents(f"{docname}.md", source[0])
    elif docname == "docs/vocabulary":
        source[0] = vocabulary_page(source[0])


def notebook_page(name: str, notebook: dict) -> str:
    """Return a notebook's texts and code as Markdown, without the cell that gets a computer ready."""
    parts = ["---\nmyst:\n  enable_extensions: [dollarmath, html_image]\n---"]
    for cell in notebook["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(text)
        elif cell["id"] != "get-ready":
            # IPython's, because a cell may have a line of its own like `%pip`.
            parts.append(f"```ipython3\n{text}\n```")
    title, _, rest = parts[1].partition("\n")
    parts[1] = f"{title}\n\n*{READ_ONLY[HERE].format(name=name)}*\n{rest}"
    return "\n\n".join(parts)


def vocabulary_page(text: str) -> str:
    """Return the page of the vocabulary with all of each docstring at its end, where the tables then lead."""
    text = vocabulary.with_tables(text, lambda one: f"{{py:obj}}`{one.written} <{one.path}>`")
    directives = []
    entries = [one for several in vocabulary.SECTIONS.values() for one in several]
    for home, group in itertools.groupby(entries, lambda one: one.path.rpartition(".")[0]):
        if home.rpartition(".")[2][0].isupper():
            members = ", ".join(one.path.rpartition(".")[2] for one in group)
            directives.append(f".. autoclass:: {home}\n   :members: {members}\n")
        else:
            directives += [f".. autofunction:: {one.path}\n" for one in group]
    return "\n".join([text, "## In full, with examples", "```{eval-rst}", *directives, "```", ""])


def tables_of_contents(page: str, text: str) -> str:
    """Return the sidebar's entries for the items of a page's lists, a table for each of its headings.

    Args:
        page: the page, from the root of the repository.
        text: what it says: `## Heading`, and `- [title](page.md) (language): ...`.
    """
    tables = []
    for heading, items in re.findall(r"^#+ (.+)\n((?:(?!#).*\n?)*)", text, re.MULTILINE):
        found = re.findall(r"^- \[(.+?)\]\((.+?)\)( \(.+?\))?", items, re.MULTILINE)
        # A sidebar shows no code in a title.
        lines = [
            f"{title.replace('`', '')}{only} </{os.path.normpath(Path(page).parent / target)}>"
            for title, target, only in found
        ]
        if lines:
            tables.append(
                "\n".join(["```{toctree}", ":hidden:", f":caption: {heading}", "", *lines, "```", ""])
            )
    return "\n\n" + "\n".join(tables)


class LinksBetweenLanguages(SphinxPostTransform):
    """Lead links to pages that this site does not have to where they are, before MyST looks for them.

    A page of the other language is this language's, or else the other site's; what is no page of either, such
    as a folder of the repository, becomes plain text. A link that leads nowhere is left to MyST, which warns.
    """

    default_priority = 8

    def run(self, **_: object) -> None:
        """Go over the links of one page."""
        for link in self.document.findall(pending_xref):
            target, page = link["reftarget"], self.env.docname
            if link["reftype"] != "myst" or target in self.env.all_docs:
                continue
            if link["refdomain"] != "doc":
                if (ROOT / page).parent.joinpath(target).is_dir():
                    link.replace_self(link.children)
                continue
            same = target.removesuffix(".ko") if not KOREAN else f"{target}.ko"
            if same in self.env.all_docs and same != page and not link["reftargetid"]:
                link["reftarget"] = same
            elif same in self.env.all_docs:
                there = "../" * (page.count("/") + 1) + f"{ELSEWHERE}/{target}.html"
                anchor = f"#{link['reftargetid']}" if link["reftargetid"] else ""
                link.replace_self(nodes.reference("", "", *link.children, refuri=there + anchor))
            else:
                link.replace_self(link.children)


def name_languages(_app: Sphinx, page: str, _template: str, context: dict, _doctree: object) -> None:
    """Tell a page where the same one is in the other language; in the Korean site, speak Korean around it."""
    if KOREAN:
        context["_"] = context["gettext"] = lambda text: IN_KOREAN.get(text) or _(text)
        there = page.removesuffix(".ko")
        if context.get("body") and there == page and not page.startswith("assignments/"):
            context["body"] = f'{ENGLISH_ONLY}<div lang="en">{context["body"]}</div>'
    else:
        there = f"{page}.ko" if f"{page}.ko.md" in IN_BOTH else page
    there = there.replace(f"assignments/{HERE}/", f"assignments/{ELSEWHERE}/")
    context["other_language"] = "../" * (page.count("/") + 1) + f"{ELSEWHERE}/{there}.html"
    context["other_code"] = ELSEWHERE


class KoreanSearch(SearchLanguage):
    """Finds Korean words without their particles: each is in the index with all that it begins with."""

    lang = "ko"
    language_name = "Korean"
    js_splitter_code = """
function splitQuery(query) {
    return query.match(/[가-힣]+|(?:(?![가-힣])[\\p{L}\\p{N}_])+/gu) || [];
}
"""

    def split(self, input: str) -> list[str]:
        """Return the words of a text, `함수를` as `함, 함수, 함수를`."""
        words = []
        for word in re.findall(r"[가-힣]+|[^\W가-힣]+", input):
            words += [word[:size] for size in range(1, len(word))] if "가" <= word[0] <= "힣" else []
            words.append(word)
        return words


def inline_formula(translator: nodes.NodeVisitor, node: nodes.Element) -> None:
    """Write a formula in a line as MathML, which browsers draw without a script."""
    translator.body.append(convert(node.astext()))
    raise nodes.SkipNode


def block_formula(translator: nodes.NodeVisitor, node: nodes.Element) -> None:
    """Write a formula of its own as MathML."""
    translator.body.append(f'<div class="formula">{convert(node.astext(), display="block")}</div>')
    raise nodes.SkipNode
