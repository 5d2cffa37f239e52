"""All of something: time, memory, processes, disk, output, evidence, patience."""

from __future__ import annotations

import json

from tests.attacks.techniques import ENDLESS, Sheet, technique

REST = {"inception-module": 5.0, "inception-network": 3.0}
"""What stays of a solved notebook whose first cell is over its limits."""
ONE_CELL = {"cell_seconds": 1.0}
"""As long as an honest cell may need on a busy machine, for what goes on with the next one."""


@technique(gets=REST, limits=ONE_CELL)
def endless_loop(sheet: Sheet) -> None:
    """A loop without an end."""
    sheet.solve("inception-module", "inception-network")
    sheet.first("while True: pass")


@technique(gets=REST, limits=ONE_CELL)
def sleep(sheet: Sheet) -> None:
    """A sleep of a day."""
    sheet.solve("inception-module", "inception-network")
    sheet.first("import time; time.sleep(86400)")


@technique(limits=ENDLESS)
def deaf_loop(sheet: Sheet) -> None:
    """A loop that swallows every interrupt."""
    sheet.solve("inception-module", "inception-network")
    sheet.first("""
        import signal
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
        while True:
            try:
                while True: pass
            except BaseException: pass
    """)


@technique(limits=ENDLESS)
def loop_in_c(sheet: Sheet) -> None:
    """One call that takes for ever and never looks at a signal."""
    sheet.solve("inception-module", "inception-network")
    sheet.first("import collections, itertools; collections.deque(itertools.repeat(0), maxlen=0)")


@technique(limits=ENDLESS)
def expression_that_never_matches(sheet: Sheet) -> None:
    """A regular expression that tries every way there is."""
    sheet.first('import re; re.match("(a|a)*(a|a)*$", "a" * 64 + "b")')


@technique(gets=REST, limits={**ONE_CELL, "memory_bytes": 2 << 30})
def memory(sheet: Sheet) -> None:
    """More memory than there is."""
    sheet.solve("inception-module", "inception-network")
    sheet.first("hog = []\nwhile True: hog.append(bytearray(1 << 28))")


@technique(limits={"cell_seconds": 0.5, "notebook_seconds": 1.0, "memory_bytes": 2 << 30})
def memory_of_many(sheet: Sheet) -> None:
    """Many processes, each with a little less than too much."""
    sheet.first("""
        import os, time
        try:
            for _ in range(40):
                if os.fork() == 0:
                    hog = bytearray(os.urandom(1 << 20)) * 256
                    time.sleep(60)
                    os._exit(0)
            time.sleep(2)
        except OSError:
            pass
    """)


@technique(limits={**ENDLESS, "processes": 16})
def fork_bomb(sheet: Sheet) -> None:
    """Every process starts two."""
    sheet.first("""
        import os
        while True:
            try:
                os.fork()
            except OSError:
                pass
    """)


@technique()
def threads(sheet: Sheet) -> None:
    """As many threads as there is room for."""
    sheet.first("""
        import threading, time
        try:
            while True:
                threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
        except RuntimeError:
            pass
    """)


@technique()
def open_files(sheet: Sheet) -> None:
    """Every descriptor there is."""
    sheet.first("""
        import os
        kept = []
        try:
            while True: kept.append(os.open("/dev/null", os.O_RDONLY))
        except OSError:
            pass
    """)


@technique(limits=ENDLESS)
def printed_flood(sheet: Sheet) -> None:
    """Gigabytes of text."""
    sheet.first('import sys\nfor _ in range(4000): print("x" * 1000000)\nsys.stderr.write("y" * 100000000)')


@technique()
def flood_past_python(sheet: Sheet) -> None:
    """The same, past `sys.stdout`, onto descriptors 1 and 2."""
    sheet.first("""
        import os
        try:
            for _ in range(1000):
                os.write(1, b"x" * (1 << 20)); os.write(2, b"y" * (1 << 20))
        except OSError:
            pass
    """)


@technique(limits=ENDLESS)
def displayed_flood(sheet: Sheet) -> None:
    """Pictures, tables and updates without number."""
    sheet.first("""
        from IPython.display import HTML, display
        handle = display(HTML("<b>x</b>"), display_id=True)
        for number in range(20000):
            display(HTML("<i>%d</i>" % number * 100))
            handle.update(HTML("<i>%d</i>" % number * 100))
    """)


@technique()
def disk(sheet: Sheet) -> None:
    """Files until the disk is full."""
    sheet.first("""
        import itertools
        try:
            for number in itertools.count():
                with open(f"/tmp/{number}", "wb") as file:
                    for _ in range(32): file.write(b"x" * (1 << 20))
        except OSError:
            pass
    """)


@technique(limits={"cell_seconds": 0.5, "notebook_seconds": 1.0})
def small_files(sheet: Sheet) -> None:
    """Empty files and folders in folders, until there is no number for another."""
    sheet.first("""
        import os
        try:
            for number in range(30000):
                open(f"/tmp/f{number}", "w").close()
        except OSError:
            pass
        place = "/tmp"
        try:
            for _ in range(1500):
                os.mkdir(place + "/d"); os.chdir(place + "/d"); place = "."
        except OSError:
            pass
    """)


@technique()
def recursion(sheet: Sheet) -> None:
    """A recursion that ends the interpreter and not itself."""
    sheet.first("""
        import sys
        sys.setrecursionlimit(10 ** 9)
        def deeper(*_): return deeper(*_)
        class Deep:
            __repr__ = lambda self: repr(self)
        repr(Deep())
    """)


@technique()
def segmentation_fault(sheet: Sheet) -> None:
    """The process dies of itself."""
    sheet.first("import ctypes; ctypes.string_at(0)")


@technique()
def giant_evidence(sheet: Sheet) -> None:
    """An answer of a hundred megabytes."""
    sheet.answer("branch-sizes", 'sizes = {"a" * 1000000: ["x" * 1000000] * 100}')


@technique()
def deep_evidence(sheet: Sheet) -> None:
    """An answer with a hundred thousand lists in each other."""
    sheet.answer("branch-sizes", "sizes = []\nfor _ in range(100000): sizes = [sizes]")


@technique()
def cyclic_evidence(sheet: Sheet) -> None:
    """An answer that contains itself."""
    sheet.answer("branch-sizes", 'sizes = {}\nsizes["a"] = sizes["b"] = [sizes, sizes]')


@technique()
def endless_evidence(sheet: Sheet) -> None:
    """An answer whose entries never end."""
    sheet.answer(
        "branch-sizes",
        """
        class Endless(dict):
            def items(self):
                while True: yield ("a", 14)
            def __iter__(self):
                while True: yield "a"
            keys = __iter__
            __len__ = lambda self: 1 << 60
        class EndlessList(list):
            def __iter__(self):
                while True: yield 14
        sizes = Endless(a=EndlessList([1]))
    """,
    )


@technique()
def giant_numbers(sheet: Sheet) -> None:
    """Numbers too long to be written down."""
    sheet.answer("branch-sizes", 'sizes = {"a": 1 << 10000000, "b": -(1 << 64), "c": 1e308 * 10, "d": 14}')


@technique(limits=ENDLESS)
def giant_graph(sheet: Sheet) -> None:
    """A model of five thousand layers."""
    sheet.answer(
        "inception-network",
        """
        from keras.src import layers as inner
        images = x = keras.Input(shape=(28, 28, 1))
        shared = layers.Activation("relu")
        for _ in range(5000): x = shared(x)
        model = keras.Model(images, x)
    """,
    )


@technique(limits=ENDLESS)
def giant_layer(sheet: Sheet) -> None:
    """A layer with more weights than the machine has memory."""
    sheet.answer(
        "inception-network",
        """
        images = keras.Input(shape=(28, 28, 1))
        x = layers.Flatten()(images)
        model = keras.Model(images, layers.Dense(10**9, name="classes")(layers.Dense(10**9)(x)))
        model.get_weights()
    """,
    )


@technique()
def symmetric_graph(sheet: Sheet) -> None:
    """A graph in which everything looks like everything else, to be compared."""
    sheet.answer(
        "inception-module",
        """
        def inception_module(x):
            towers = [layers.Conv2D(2, 1)(x) for _ in range(16)]
            for _ in range(2):
                towers = [layers.Add()([a, b]) for a, b in zip(towers, towers[1:] + towers[:1])]
            return layers.concatenate(towers)
    """,
    )


@technique(limits=ENDLESS)
def giant_exception(sheet: Sheet) -> None:
    """An error whose text is a hundred megabytes, with a traceback of ten thousand lines."""
    sheet.first("""
        def deeper(n):
            if n: return deeper(n - 1)
            raise RuntimeError("x" * 100000000)
        deeper(900)
    """)


@technique()
def giant_notebook(sheet: Sheet) -> None:
    """A file of forty megabytes."""
    sheet.first("#" + "x" * (40 << 20))


@technique()
def deep_notebook(sheet: Sheet) -> None:
    """A file that is nested deeper than a parser can follow."""
    sheet.save()
    sheet.path.write_text('{"cells":' + "[" * 200_000 + "]" * 200_000 + "}", encoding="utf-8")


@technique()
def giant_number_in_the_notebook(sheet: Sheet) -> None:
    """A number in the file that takes minutes to read."""
    sheet.save()
    text = sheet.path.read_text(encoding="utf-8").replace('"nbformat": 4', '"nbformat": 4' + "0" * 100_000)
    sheet.path.write_text(text, encoding="utf-8")


@technique(limits=ENDLESS)
def countless_cells(sheet: Sheet) -> None:
    """Four thousand cells."""
    sheet.save()
    content = json.loads(sheet.path.read_text(encoding="utf-8"))
    cell = {"cell_type": "code", "metadata": {}, "source": "1", "outputs": [], "execution_count": None}
    content["cells"] = [{**cell, "id": f"c{number}"} for number in range(4_000)] + content["cells"]
    sheet.path.write_text(json.dumps(content), encoding="utf-8")
