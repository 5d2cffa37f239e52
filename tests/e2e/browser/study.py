"""How somebody learns alone: a released notebook, a wrong answer, its card, a hint, a right one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser

from autograder.course import load_course
from autograder.course.source import read_source
from autograder.course.starter import solution
from tests.e2e.browser.card import Card, card_in, seen, told
from tests.e2e.browser.chromium import running_chromium
from tests.e2e.browser.learner import Application, Learner
from tests.e2e.browser.notebook import OpenNotebook
from tests.e2e.browser.pages import new_profile
from tests.e2e.browser.server import ROOT, JupyterServer
from tests.e2e.browser.ways import EVERY_WAY

COURSE = load_course(ROOT / "course.yml")
NARROW = 760
STATIONS = ("untouched", "wrong", "right")


@dataclass(frozen=True)
class Slip:
    """A line of an answer, as it is right and as somebody gets it wrong."""

    assignment: str
    task: str
    right: str
    wrong: str


# Each with an assignment of its own: what is remembered of hints is one file a course.
EVERY_SLIP: dict[tuple[Application, str], Slip] = {
    ("lab", "en"): Slip(
        "residual-projection",
        "residual-block",
        'projection = layers.Conv2D(filters, 1, strides=2, padding="same")(x)',
        'projection = layers.Conv2D(1, 1, strides=2, padding="same")(x)',
    ),
    ("lab", "ko"): Slip(
        "inception",
        "inception-module",
        'branch_b = layers.Conv2D(128, 3, strides=2, padding="same", activation="relu")(branch_b)',
        'branch_b = layers.Conv2D(64, 3, strides=2, padding="same", activation="relu")(branch_b)',
    ),
    ("notebook", "en"): Slip(
        "shared-lstm", "siamese-model", "right_code = lstm(right)", "right_code = layers.LSTM(32)(right)"
    ),
    ("notebook", "ko"): Slip(
        "residual-identity",
        "identity-block",
        "return layers.add([y, x])",
        "return layers.concatenate([y, x])",
    ),
}
# Each way takes most of a minute. Two of them see both applications and both languages.
SLIPS = {
    way: slip for way, slip in EVERY_SLIP.items() if EVERY_WAY or way in (("lab", "ko"), ("notebook", "en"))
}
# Both applications take out of a card what JupyterLab's one sanitizer takes out; a page more takes seconds.
UNTRUSTED = [way for way in SLIPS if EVERY_WAY or way == ("notebook", "en")]
# Another theme takes a second and a half. Both applications have JupyterLab's themes and style sheets.
IN_BOTH_THEMES: dict[Application, tuple[str, ...]] = {
    "lab": STATIONS,
    "notebook": STATIONS if EVERY_WAY else ("wrong",),
}


@dataclass
class Study:
    """What was seen on the way; a station's cards by the page's theme."""

    application: Application
    language: str
    slip: Slip
    pictured: tuple[str, int, int] | None = None
    """The picture of what is to be built: its description, its pixels across, and its width on the page."""
    untouched: dict[str, Card] = field(default_factory=dict)
    wrong: dict[str, Card] = field(default_factory=dict)
    right: dict[str, Card] = field(default_factory=dict)
    checked: dict[str, Card] = field(default_factory=dict)
    narrow: Card | None = None
    printed: Card | None = None
    told: list[tuple[str, str]] = field(default_factory=list)
    reached: bool = False
    folded: list[list[bool]] = field(default_factory=list)
    hint: str = ""
    saved: dict[str, str] = field(default_factory=dict)
    untrusted: dict[str, str] = field(default_factory=dict)
    """The card of the wrong answer where the notebook is not trusted, and its plain twin; of some ways."""
    requests: int = 0
    elsewhere: set[tuple[str, str]] = field(default_factory=set)

    @property
    def stations(self) -> dict[str, dict[str, Card]]:
        return dict(zip(STATIONS, (self.untouched, self.wrong, self.right), strict=True))

    @property
    def cards(self) -> list[Card]:
        """Every card that was seen on the screen."""
        both_themes = [card for station in self.stations.values() for card in station.values()]
        return [*both_themes, *self.checked.values()]


class Desk:
    """A learner's folder with the released notebooks, and a server and a browser to open them with."""

    def __init__(self, server: JupyterServer, browser: Browser, stations: Path) -> None:
        self.server = server
        self._browser = browser
        self._stations = stations
        self._ready: dict[tuple[Application, str], tuple[Learner, OpenNotebook]] = {}

    def ready(self, application: Application, language: str) -> tuple[Learner, OpenNotebook]:
        """A learner with the notebook open, its kernel busy with importing Keras."""
        key = application, language
        if key not in self._ready:
            # A profile each: of two pages of one profile, the one behind stands still.
            learner = Learner(
                application,
                "-".join(key),
                new_profile(self._browser),
                self.server.url,
                self._stations,
                self.server.folder,
            )
            notebook = learner.open(_path(SLIPS[key].assignment, language))
            learner.photograph("opened")
            notebook.start("imports")
            self._ready[key] = learner, notebook
        return self._ready[key]


@contextmanager
def open_desk(place: Path, stations: Path) -> Iterator[Desk]:
    """One server for both applications and both languages."""
    folder = place / "course"
    folder.mkdir()
    for slip, language in ((slip, language) for (_, language), slip in SLIPS.items()):
        path = _path(slip.assignment, language)
        shutil.copytree((ROOT / path).parent, (folder / path).parent)
    # Who learns alone has all of JupyterLab; what no notebook here uses takes seconds to be read.
    server = JupyterServer("learner", place, folder, everything=EVERY_WAY)
    try:
        server.start()
        with running_chromium(place / "chromium") as browser:
            server.wait()
            yield Desk(server, browser, stations)
    finally:
        server.stop()


def study(desk: Desk, application: Application, language: str) -> Study:
    """Walk the whole way and note what is seen; an error is told with what was seen last."""
    key = application, language
    learner, notebook = desk.ready(*key)
    # What takes long goes on meanwhile: the next kernel imports Keras.
    order = list(SLIPS)
    for coming in order[order.index(key) + 1 :][:1]:
        desk.ready(*coming)
    noted = Study(application, language, SLIPS[key])
    try:
        _study(learner, notebook, noted)
        learner.end_kernel()
        if noted.untrusted:
            path = _elsewhere(notebook).relative_to(learner.folder).as_posix()
            noted.untrusted["card"] = learner.read_untrusted(path, noted.slip.task)
    except Exception as error:
        learner.photograph("failed")
        error.add_note(desk.server.tail())
        error.add_note(f"What was seen last: {learner.name}-*-failed.png among the screenshots")
        raise
    learner.leave()
    return noted


def _study(learner: Learner, notebook: OpenNotebook, study: Study) -> None:
    slip = study.slip
    notebook.finish("imports")
    study.pictured = notebook.picture()
    if study.application == "lab":
        learner.run_all(notebook, slip.task)
    else:
        learner.run_through(notebook, slip.task)
    study.untouched = _in_themes(learner, notebook, slip.task, "untouched")

    answers = solutions(slip.assignment)
    wrong = answers[slip.task].replace(slip.right, slip.wrong)
    for task, answer in {**answers, slip.task: wrong}.items():
        notebook.write(f"{task}-answer", answer)
    notebook.run(f"{slip.task}-answer")
    notebook.run(slip.task)
    study.wrong = _in_themes(learner, notebook, slip.task, "wrong")
    _look_closely(learner, notebook, study)
    if (study.application, study.language) in UNTRUSTED:
        study.untrusted = {"plain": _copied_untrusted(learner, notebook, slip.task)}
    asked = notebook.write_below(slip.task, f'hint("{slip.task}")')
    study.hint = notebook.run(asked).inner_text()
    learner.photograph("hint")

    lines = [line.strip() for line in answers[slip.task].splitlines()]
    notebook.type_line(f"{slip.task}-answer", lines.index(slip.right), slip.right)
    if study.application == "lab":
        learner.run_all(notebook, list(answers)[-1])
    else:
        for task in answers:
            notebook.run(f"{task}-answer")
            notebook.run(task)
    study.right = _in_themes(learner, notebook, slip.task, "right")
    study.checked = {task: seen(notebook.output(task)) for task in answers}
    notebook.save()
    study.saved = _sources(notebook.path)
    study.requests = len(learner.traffic)
    study.elsewhere = learner.traffic.elsewhere()


def _in_themes(learner: Learner, notebook: OpenNotebook, task: str, station: str) -> dict[str, Card]:
    """A task's card in the theme that the page has, and at some stations in the other, too, which stays."""
    cards = {}
    both = station in IN_BOTH_THEMES[learner.application]
    for change in (False, True) if both else (False,):
        if change:
            learner.change_theme()
        theme = learner.theme
        cards[theme] = seen(notebook.output(task))
        learner.photograph(f"{station}-{theme.split()[-1].lower()}", notebook.cell(task))
    return cards


def _look_closely(learner: Learner, notebook: OpenNotebook, study: Study) -> None:
    """What the keyboard, a screen reader, a narrow window and a printer make of a wrong answer's card."""
    output = notebook.output(study.slip.task)
    card = card_in(output)
    study.told = told(output)
    with learner.narrow(NARROW):
        study.narrow = seen(output)
        learner.photograph("narrow")
    notebook.select(study.slip.task)
    study.reached = learner.tab_to(card.locator("details[open] > summary"))
    study.folded = [seen(output).opened]
    learner.page.keyboard.press("Enter")
    study.folded.append(seen(output).opened)
    with learner.printing():
        study.printed = seen(output)
        learner.photograph("printed", card)
    learner.page.keyboard.press("Enter")
    study.folded.append(seen(output).opened)


def _elsewhere(notebook: OpenNotebook) -> Path:
    return notebook.path.with_name("from-elsewhere.ipynb")


def _copied_untrusted(learner: Learner, notebook: OpenNotebook, task: str) -> str:
    """Make a copy of the notebook that comes from elsewhere; what a task's card there has as text."""
    notebook.save()
    document = json.loads(notebook.path.read_text(encoding="utf-8"))
    # The server has signed what was run here; and without a kernel's name none is started.
    document["metadata"] = {"title": "from elsewhere"}
    _elsewhere(notebook).write_text(json.dumps(document), encoding="utf-8")
    (output,) = document["cells"][notebook.names.index(task)]["outputs"]
    return "".join(output["data"]["text/plain"])


def solutions(assignment: str) -> dict[str, str]:
    """The reference solution of each task's answer."""
    entry = COURSE.assignment(assignment)
    sources = {cell.id: cell.source for cell in read_source(COURSE, entry).cells}
    return {task.id: solution(sources[f"{task.id}-answer"]) for task in entry.tasks}


def _path(assignment: str, language: str) -> str:
    return f"assignments/{language}/{assignment}/{assignment}.ipynb"


def _sources(path: Path) -> dict[str, str]:
    """What a notebook's cells hold, by id."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return {cell["id"]: "".join(cell["source"]) for cell in cells}
