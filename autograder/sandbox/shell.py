"""An IPython shell whose outputs are nbformat outputs, collected instead of shown."""

from __future__ import annotations

import ast
import base64
import builtins
import getpass
import io
import os
import subprocess
import sys
import warnings
from functools import cache
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import ExecutionResult, InteractiveShell
from traitlets.config import Config

from autograder.cells import empty_lines
from autograder.messages import AutograderError
from autograder.sandbox.request import MOST_OUTPUTS, CellError

_OWN_FOLDER = os.path.dirname(__file__)
_CELL_FILE = "<ipython-input-"


class InputNotSupportedError(AutograderError, RuntimeError):
    """A call of `input()`, which nobody is there to answer."""


class Collector:
    """The outputs of the cell that is running, in order, under a cap of bytes."""

    def __init__(self) -> None:
        self.outputs: list[dict[str, Any]] = []
        self._updates: dict[str, dict[str, Any]] = {}
        self._most = self._left_in_notebook = sys.maxsize
        self._left = sys.maxsize
        self._clear_on_next = False
        self._cut = False

    def allow(self, per_cell: int, per_notebook: int) -> None:
        """Set how many bytes a cell, and the whole notebook, may print."""
        self._most, self._left_in_notebook = per_cell, per_notebook

    def begin(self) -> None:
        """Begin a cell."""
        self.outputs, self._updates = [], {}
        self._left = min(self._most, self._left_in_notebook)
        self._allowed = self._left
        self._clear_on_next = self._cut = False

    def end(self) -> None:
        """End a cell, and take what it used from the notebook's share."""
        self._left_in_notebook -= self._allowed - max(self._left, 0)

    def stream(self, name: str, text: str) -> None:
        """Add text written to `stdout` or `stderr`."""
        # Endless printing must cost as little time as possible once nothing of it is kept.
        if self._cut and not self._clear_on_next:
            return
        text = self._take(text)
        if not text:
            return
        last = self.outputs[-1] if self.outputs else None
        if last is not None and last["output_type"] == "stream" and last["name"] == name:
            last["parts"].append(text)
        elif self._has_room():
            self.outputs.append({"output_type": "stream", "name": name, "parts": [text]})

    def _take(self, text: str) -> str:
        self._clear_if_asked()
        if self._cut:
            return ""
        size = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
        if size <= self._left:
            self._left -= size
            return text
        kept = text[: self._left] if text.isascii() else text[: self._left // 4]
        self._left = 0
        self._note_cut()
        return kept

    def _note_cut(self) -> None:
        self._cut = True

    def _has_room(self) -> bool:
        """Return whether there is room for one more output besides the note that something was left out."""
        if len(self.outputs) < MOST_OUTPUTS - 1:
            return True
        self._note_cut()
        return False

    @property
    def updates(self) -> list[dict[str, Any]]:
        """The newest contents of each display id that was updated."""
        return list(self._updates.values())

    def rich(self, output: dict[str, Any], display_id: str | None = None) -> None:
        """Add an `execute_result`, `display_data` or `error`."""
        self._clear_if_asked()
        size = len(repr(output))
        if self._cut or size > self._left or not self._has_room():
            self._note_cut()
            return
        self._left -= size
        if display_id is not None:
            output["transient"] = {"display_id": display_id}
        self.outputs.append(output)

    def update(self, display_id: str, data: dict[str, Any], metadata: dict[str, Any]) -> None:
        """Give everything shown under `display_id` new contents, in this cell or an earlier one."""
        size = len(repr(data))
        if size > self._left or (len(self._updates) >= MOST_OUTPUTS and display_id not in self._updates):
            self._note_cut()
            return
        self._left -= size
        for output in self.outputs:
            if output.get("transient", {}).get("display_id") == display_id:
                output["data"], output["metadata"] = data, metadata
        # The latest update comes last.
        self._updates.pop(display_id, None)
        self._updates[display_id] = {"display_id": display_id, "data": data, "metadata": metadata}

    def clear(self, wait: bool) -> None:
        """Remove the cell's outputs, as `clear_output` does: now, or with `wait` before the next one."""
        if wait:
            self._clear_on_next = True
        else:
            self.outputs = []

    def _clear_if_asked(self) -> None:
        if self._clear_on_next:
            self._clear_on_next = False
            self.outputs = []

    def finished(self) -> list[dict[str, Any]]:
        """Return the outputs, with streams joined and a note where something was left out."""
        outputs = [
            {"output_type": "stream", "name": output["name"], "text": "".join(output["parts"])}
            if output["output_type"] == "stream"
            else output
            for output in self.outputs
        ]
        if self._cut:
            most = f"{self._most:,} bytes in {MOST_OUTPUTS:,} pieces"
            note = f"\n[… the rest of this output was left out: a cell may print {most}]\n"
            outputs.append({"output_type": "stream", "name": "stderr", "text": note})
        return outputs


class _Stream(io.TextIOBase):
    """The learner's `sys.stdout` or `sys.stderr`."""

    encoding = "utf-8"
    errors = "strict"

    def __init__(self, name: str, collector: Collector) -> None:
        self.name = name
        self._collector = collector

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._collector.stream(self.name, text)
        return len(text)

    def writable(self) -> bool:
        return True


class _Publisher(DisplayPublisher):  # type: ignore[misc]
    """The publisher that `display(...)` uses."""

    def publish(
        self,
        data: dict[str, Any],
        metadata: dict[str, Any] | None = None,
        *,
        transient: dict[str, Any] | None = None,
        update: bool = False,
        **_: Any,
    ) -> None:
        collector: Collector = self.shell.collector
        display_id = (transient or {}).get("display_id")
        contents = _encoded(data)
        if update and display_id is not None:
            collector.update(str(display_id), contents, metadata or {})
        else:
            collector.rich(
                {"output_type": "display_data", "data": contents, "metadata": metadata or {}},
                None if display_id is None else str(display_id),
            )

    def clear_output(self, wait: bool = False) -> None:
        self.shell.collector.clear(wait)


class _Hook(DisplayHook):  # type: ignore[misc]
    """The hook that collects the value of a cell's last line."""

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None) -> None:
        self.shell.collector.rich(
            {
                "output_type": "execute_result",
                "execution_count": self.prompt_count,
                "data": _encoded(format_dict),
                "metadata": md_dict or {},
            }
        )


def _encoded(data: dict[str, Any]) -> dict[str, Any]:
    return {
        kind: base64.b64encode(value).decode("ascii") if isinstance(value, bytes) else value
        for kind, value in data.items()
    }


class Shell(InteractiveShell):  # type: ignore[misc]
    """The shell that a notebook's cells run in."""

    display_pub_class = _Publisher
    displayhook_class = _Hook

    def __init__(self, **settings: Any) -> None:
        self.collector = Collector()
        self._lenient = False
        super().__init__(**settings)

    def run_leniently(self, source: str, **settings: Any) -> ExecutionResult:
        """Run a cell statement by statement, even after an error; the result's error is the first one."""
        self._lenient = True
        try:
            return self.run_cell(source, **settings)
        finally:
            self._lenient = False

    async def run_ast_nodes(
        self,
        nodelist: list[ast.stmt],
        cell_name: str,
        interactivity: str = "last_expr",
        compiler: Any = compile,
        result: ExecutionResult | None = None,
    ) -> bool | None:
        """Run statements as IPython does, but those of a lenient cell one by one."""
        lenient, self._lenient = self._lenient, False
        if not lenient or result is None:
            return await super().run_ast_nodes(nodelist, cell_name, interactivity, compiler, result)  # type: ignore[no-any-return]
        first: BaseException | None = None
        for node in nodelist:
            shown = interactivity if node is nodelist[-1] else "none"
            result.error_in_exec = None
            await super().run_ast_nodes([node], cell_name, shown, compiler, result)
            first = first or result.error_in_exec
            # An interrupted cell, or one that asks to end, must not run on, and this is its error.
            if isinstance(result.error_in_exec, (KeyboardInterrupt, SystemExit)):
                first = result.error_in_exec
                break
        result.error_in_exec = first
        return first is not None

    def enable_gui(self, gui: str | None = None) -> None:
        """Do nothing: without a screen `%gui`, and `%matplotlib` with a window, have no effect."""

    def _showtraceback(self, etype: type[BaseException], evalue: BaseException, stb: list[str]) -> None:
        self.collector.rich(
            {
                "output_type": "error",
                "ename": getattr(etype, "__name__", str(etype)),
                "evalue": _said(evalue),
                "traceback": [str(line) for line in stb if _OWN_FOLDER not in str(line)],
            }
        )

    def system_piped(self, cmd: str) -> None:
        """Run `!command`, and print what it prints as it comes."""
        with subprocess.Popen(
            self.var_expand(cmd, depth=1),
            shell=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                sys.stdout.write(line)
        self.user_ns["_exit_code"] = process.returncode

    system = system_piped

    def ask_exit(self) -> None:
        """End the cell on `exit` and `quit`, as `sys.exit` does."""
        raise SystemExit


def make_shell() -> Shell:
    """Make the shell, with nothing that forks would share: no history file, no threads."""
    config = Config()
    config.HistoryManager.enabled = False
    config.HistoryManager.hist_file = ":memory:"
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.xmode = "Plain"
    config.InteractiveShell.autocall = 0
    config.InteractiveShell.logstart = False
    shell: Shell = Shell.instance(config=config)
    shell.run_line_magic("matplotlib", "inline")
    _make_figure_once()
    draw_once()
    # The first cell is slow, because the shell makes some things only once; they are made here.
    shell.run_cell("pass", store_history=False, silent=True)
    return shell


def _make_figure_once() -> None:
    """Make a figure as a cell does, so that no run has to find out how."""
    from matplotlib import pyplot

    figure, _ = pyplot.subplots()
    pyplot.close(figure)


@cache
def draw_once() -> None:
    """Draw a figure that nobody sees, so that no fork of this process looks for the fonts again."""
    from matplotlib.figure import Figure

    figure = Figure()
    axes = figure.subplots()
    axes.plot([0, 1], label="a")
    axes.legend()
    figure.savefig(io.BytesIO(), format="png")


def attach(shell: Shell) -> None:
    """Send everything printed to the shell's collector, and make input an error."""
    for name in ("stdout", "stderr"):
        stream = _Stream(name, shell.collector)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    # This is IPython's advice to somebody who calls sys.exit() at its prompt.
    warnings.filterwarnings("ignore", message="To exit: use")
    builtins.input = _no_input
    getpass.getpass = _no_input


def _no_input(*_: Any, **__: Any) -> str:
    raise InputNotSupportedError(
        "input() waits for a person, and nobody is there while a notebook is graded. "
        "Write the value into the cell instead."
    )


def describe(shell: Shell, error: BaseException, source: str) -> CellError:
    """Return the error of a cell, with the learner's own line that it came from."""
    number = _line_of(error)
    number = None if number is None else number + empty_lines(source)
    lines = source.splitlines()
    line = lines[number - 1].strip() if number is not None and 0 < number <= len(lines) else None
    shown = next((o for o in reversed(shell.collector.outputs) if o["output_type"] == "error"), None)
    return CellError(
        type(error).__name__,
        _cut(_said(error)),
        tuple(shown["traceback"]) if shown else (),
        line,
        number if line is not None else None,
    )


def _line_of(error: BaseException) -> int | None:
    """Return the running cell's line that fails, or that calls what fails in another cell's code."""
    number, running = None, None
    step = error.__traceback__
    while step is not None:
        file = step.tb_frame.f_code.co_filename
        if file.startswith(_CELL_FILE):
            running = running or file
            if file == running:
                number = step.tb_lineno
        step = step.tb_next
    return error.lineno if number is None and isinstance(error, SyntaxError) else number


def _cut(said: str) -> str:
    """Return at most 2,000 characters; TensorFlow says at the end of a long text what has happened."""
    return said if len(said) <= 2000 else f"{said[:999]}…{said[-1000:]}"


def _said(error: BaseException) -> str:
    try:
        # A syntax error's text ends with IPython's name for the cell, which would only confuse.
        return str(error.msg if type(error) is SyntaxError else error)
    except Exception:
        return f"<{type(error).__name__}: its text cannot be read>"
