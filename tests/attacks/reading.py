"""What a learner must not see: hidden checks, solutions, the gradebook, another learner's work."""

from __future__ import annotations

from tests.attacks.techniques import Sheet, technique

# Prints whatever bytes it is handed that hold a canary; the word is put together so as not to find itself.
_TELL = r"""
import os, re, sys
_WORD = re.compile(b"cana" + b"ry-[a-z0-9-]+")
def tell(data):
    for found in set(_WORD.findall(bytes(data))):
        print(found.decode())
def read(path, most=1 << 24):
    try:
        with open(path, "rb") as file:
            tell(file.read(most))
    except OSError:
        pass
def read_all(folder, depth=6):
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            if depth:
                read_all(entry.path, depth - 1)
        else:
            read(entry.path)
"""


def tells(sheet: Sheet, code: str) -> None:
    """The code, with what looks for canaries, in the first answer cell."""
    sheet.first(_TELL + code)


@technique()
def hidden_checks_on_the_disk(sheet: Sheet) -> None:
    """The files of the hidden checks, by the path of the package and by that of the checkout."""
    tells(
        sheet,
        f"""
import autograder
for place in [*autograder.__path__, {str(sheet.grounds.checkout)!r}]:
    read_all(place)
    read_all(place + "/graders")
    read(place + "/graders/hidden/test_inception.py")
    read(place + "/../graders/hidden/test_inception.py")
""",
    )


@technique()
def hidden_checks_imported(sheet: Sheet) -> None:
    """The hidden checks as modules."""
    tells(
        sheet,
        f"""
import importlib, pkgutil, autograder
sys.path.insert(0, {str(sheet.grounds.checkout)!r})
for name in ("graders.hidden", "graders.hidden.test_inception", "hidden.test_inception"):
    try:
        module = importlib.import_module(name)
        tell(repr(vars(module)).encode())
    except Exception:
        pass
for name in [found.name for found in pkgutil.walk_packages(autograder.__path__, "autograder.")] + list(sys.modules):
    if ".hidden" in name:
        print("forbidden-thing-" + "done", name)
""",
    )


@technique()
def compiled_hidden_checks(sheet: Sheet) -> None:
    """The bytecode of the hidden checks."""
    tells(
        sheet,
        f"""
import glob
for path in glob.glob({str(sheet.grounds.checkout)!r} + "/**/__pycache__/*.pyc", recursive=True):
    read(path)
""",
    )


@technique()
def solutions_on_the_disk(sheet: Sheet) -> None:
    """The reference solutions, straight and round corners."""
    tells(
        sheet,
        f"""
place = {str(sheet.grounds.checkout)!r}
read_all(place + "/solutions")
for detour in ("/proc/self/root", "/proc/1/root", "/proc/self/cwd/../../../../../..", "/."):
    read(detour + place + "/solutions/inception/inception.ipynb")
""",
    )


@technique()
def gradebook_on_the_disk(sheet: Sheet) -> None:
    """The gradebook and what was exported from it."""
    tells(
        sheet,
        f"""
place = {str(sheet.grounds.folder)!r}
read_all(place)
for name in ("gradebook.db", "gradebook.db-journal", "gradebook.db-wal", "grades.csv", "roster.csv"):
    read(place + "/" + name)
    read("../" * 8 + place + "/" + name)
""",
    )


@technique()
def neighbours_work_on_the_disk(sheet: Sheet) -> None:
    """Another learner's notebook."""
    tells(
        sheet,
        f"""
read({str(sheet.grounds.neighbour)!r})
read_all({str(sheet.grounds.neighbour.parents[2])!r})
""",
    )


@technique()
def another_program_reads(sheet: Sheet) -> None:
    """Programs of the system read what Python may not."""
    tells(
        sheet,
        f"""
import subprocess
place = {str(sheet.grounds.checkout)!r}
for command in (f"cat {{place}}/graders/hidden/*.py", f"grep -r cana {{place}}", f"tar c {{place}}/solutions",
                f"find {{place}}", f"dd if={{place}}/graders/hidden/test_inception.py", "strings /proc/1/mem"):
    try:
        tell(subprocess.run(command, shell=True, capture_output=True, timeout=5).stdout)
    except Exception:
        pass
get_ipython().run_cell("!cat " + place + "/graders/hidden/test_inception.py")
""",
    )


@technique()
def own_memory(sheet: Sheet) -> None:
    """Whatever the interpreter that this one was forked from had in its memory."""
    tells(
        sheet,
        """
with open("/proc/self/maps") as maps:
    lines = maps.read().splitlines()
memory = os.open("/proc/self/mem", os.O_RDONLY)
for line in lines:
    span, rights, *_ = line.split()
    low, high = (int(part, 16) for part in span.split("-"))
    if rights.startswith("rw") and high - low < 1 << 28:
        try:
            tell(os.pread(memory, high - low, low))
        except OSError:
            pass
""",
    )


@technique()
def other_processes_memory(sheet: Sheet) -> None:
    """The memory of the processes around: by /proc, by process_vm_readv, by ptrace."""
    tells(
        sheet,
        """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
class Span(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]
for pid in {os.getppid(), 1, *range(max(2, os.getpid() - 20), os.getpid())}:
    if pid == os.getpid() or not pid:
        continue
    for name in ("mem", "environ", "cmdline", "maps", "root", "cwd", "exe"):
        read(f"/proc/{pid}/{name}", 1 << 20)
    buffer = ctypes.create_string_buffer(4096)
    mine, theirs = Span(ctypes.addressof(buffer), 4096), Span(0x400000, 4096)
    if libc.process_vm_readv(pid, ctypes.byref(mine), 1, ctypes.byref(theirs), 1, 0) > 0:
        print("forbidden-thing-" + "done", "process_vm_readv", pid)
    if libc.ptrace(16, pid, None, None) == 0:
        print("forbidden-thing-" + "done", "ptrace", pid)
""",
    )


@technique()
def frames_and_modules(sheet: Sheet) -> None:
    """Everything that can be reached from a frame, a module or a caller."""
    tells(
        sheet,
        """
frame = sys._getframe()
while frame is not None:
    tell(repr(frame.f_locals).encode("utf-8", "replace"))
    tell("".join(map(str, frame.f_code.co_consts)).encode("utf-8", "replace"))
    frame = frame.f_back
for module in list(sys.modules.values()):
    name = getattr(module, "__name__", "")
    if name.startswith(("autograder", "course_", "__main__", "tests")):
        tell(repr(vars(module)).encode("utf-8", "replace"))
        if "hidden" in name:
            print("forbidden-thing-" + "done", name)
""",
    )


@technique()
def garbage(sheet: Sheet) -> None:
    """Every object that the collector knows, the frozen ones too."""
    tells(
        sheet,
        """
import gc
gc.unfreeze()
for thing in gc.get_objects():
    if type(thing) in (dict, list, tuple):
        for item in list(thing.values() if type(thing) is dict else thing)[:2000]:
            if type(item) is str and len(item) < 100000:
                tell(item.encode("utf-8", "replace"))
            elif type(item) is bytes:
                tell(item)
""",
    )


@technique()
def environment(sheet: Sheet) -> None:
    """Passwords and paths in the environment of this process and of others."""
    tells(
        sheet,
        """
tell(repr(dict(os.environ)).encode())
for pid in ["self", *(name for name in os.listdir("/proc") if name.isdigit())] if os.path.isdir("/proc") else []:
    read(f"/proc/{pid}/environ")
    read(f"/proc/{pid}/cmdline")
""",
    )


@technique()
def descriptors(sheet: Sheet) -> None:
    """Files that the grader has left open."""
    tells(
        sheet,
        """
for number in range(64):
    try:
        tell(os.pread(number, 1 << 22, 0))
    except OSError:
        pass
    try:
        target = os.readlink(f"/proc/self/fd/{number}")
    except OSError:
        continue
    if number > 2 and not target.startswith(("pipe:", "socket:", "/proc", "/dev/null", "anon_inode")):
        read(target)
""",
    )


@technique()
def handles_instead_of_paths(sheet: Sheet) -> None:
    """Files by their number on the disk, which no path guards."""
    tells(
        sheet,
        """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
class Handle(ctypes.Structure):
    _fields_ = [("size", ctypes.c_uint), ("kind", ctypes.c_int), ("bytes", ctypes.c_ubyte * 128)]
handle, mount = Handle(128), ctypes.c_int()
if libc.name_to_handle_at(-100, b"/", ctypes.byref(handle), ctypes.byref(mount), 0) == 0:
    print("forbidden-thing-" + "done", "name_to_handle_at")
root = os.open("/", os.O_RDONLY)
if libc.open_by_handle_at(root, ctypes.byref(handle), 0) >= 0:
    print("forbidden-thing-" + "done", "open_by_handle_at")
""",
    )


@technique()
def another_processes_descriptors(sheet: Sheet) -> None:
    """Another process's open files, duplicated by the kernel."""
    tells(
        sheet,
        """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
for pid in (os.getppid(), 1):
    try:
        process = os.pidfd_open(pid)
    except OSError:
        continue
    for number in range(3, 32):
        copy = libc.syscall(438, process, number, 0)
        if copy >= 0:
            print("forbidden-thing-" + "done", "pidfd_getfd", pid, number)
""",
    )


@technique()
def kernels_own_secrets(sheet: Sheet) -> None:
    """What the machine keeps for itself: keys, logs, passwords."""
    tells(
        sheet,
        """
for path in ("/etc/shadow", "/etc/ssh", "/root", "/home", "/var/log", "/run", "/proc/kcore", "/proc/kallsyms",
             "/proc/keys", "/dev/mem", "/dev/kmsg", "/sys/kernel"):
    try:
        entries = os.listdir(path) if os.path.isdir(path) else [open(path, "rb").read(64)]
    except OSError:
        continue
    # The interpreter itself may have been installed there.
    entries = [entry for entry in entries if path != "/root" or not sys.base_prefix.startswith(f"/root/{entry}")]
    if path in ("/etc/shadow", "/root", "/proc/kcore", "/dev/mem", "/dev/kmsg"):
        if any(entries):
            print("forbidden-thing-" + "done", path)
""",
    )


@technique()
def what_was_found_as_names_of_layers(sheet: Sheet) -> None:
    """What can be found travels out as the names of layers and in an exception's text."""
    tells(
        sheet,
        f"""
def hidden():
    try:
        return open({str(sheet.grounds.checkout)!r} + "/graders/hidden/test_inception.py").read()
    except OSError as error:
        return "nothing"
text = hidden()
""",
    )
    sheet.answer(
        "inception-network",
        """
images = keras.Input(shape=(28, 28, 1), name="images")
model = keras.Model(images, layers.Dense(10, name=text[-60:].replace("/", "_"))(layers.Flatten()(images)))
raise RuntimeError(text)
""",
    )
