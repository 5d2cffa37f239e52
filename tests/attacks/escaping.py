"""Out of the jail: by the kernel, by the file system, by the name of a file."""

from __future__ import annotations

import os
import socket

from tests.attacks.techniques import Sheet, technique


@technique()
def namespaces(sheet: Sheet) -> None:
    """New namespaces, mounts and roots, in which this process would be root."""
    sheet.first("""
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)
        tries = {
            "unshare": lambda: libc.unshare(0x10000000),
            "setns": lambda: libc.setns(os.open("/proc/self/ns/user", os.O_RDONLY), 0),
            "mount": lambda: libc.mount(b"none", b"/tmp", b"tmpfs", 0, None),
            "umount": lambda: libc.umount2(b"/proc", 2),
            "chroot": lambda: libc.chroot(b"/tmp"),
            "pivot_root": lambda: libc.syscall(155, b"/tmp", b"/tmp"),
            "clone": lambda: libc.syscall(56, 0x10000000 | 17, 0, 0, 0, 0),
            "clone3": lambda: libc.syscall(435, ctypes.create_string_buffer(88), 88),
            "fsopen": lambda: libc.syscall(430, b"tmpfs", 0),
            "open_tree": lambda: libc.syscall(428, -100, b"/", 1),
        }
        for name, attempt in tries.items():
            try:
                if attempt() >= 0:
                    if name.startswith("clone"): os._exit(3)
                    print("forbidden-thing-" + "done", name)
            except OSError:
                pass
    """)


@technique()
def calls_of_the_kernel(sheet: Sheet) -> None:
    """Calls that a notebook has no use for: bpf, io_uring, userfaultfd, keys, modules, perf."""
    sheet.first("""
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        page = ctypes.create_string_buffer(4096)
        for name, number, arguments in [
            ("bpf", 321, (0, page, 128)), ("io_uring_setup", 425, (8, page)), ("userfaultfd", 323, (1,)),
            ("keyctl", 250, (0, -3, 1)), ("perf_event_open", 298, (page, 0, -1, -1, 0)),
            ("init_module", 175, (page, 4096, b"")), ("kexec_load", 246, (0, 0, None, 0)),
            ("memfd_secret", 447, (0,)), ("fanotify_init", 300, (0, 0)), ("personality", 135, (0x0040000,)),
            ("modify_ldt", 154, (0, page, 16)), ("swapon", 167, (b"/tmp/x", 0)), ("reboot", 169, (0, 0, 0, None)),
        ]:
            if libc.syscall(number, *arguments) >= 0:
                print("forbidden-thing-" + "done", name)
    """)


@technique()
def more_rights(sheet: Sheet) -> None:
    """Root again: setuid, capabilities, programs that are root's, a changed mind of no_new_privs."""
    sheet.first("""
        import ctypes, os, subprocess
        libc = ctypes.CDLL(None, use_errno=True)
        before = os.getresuid()
        for attempt in (lambda: os.setuid(0), lambda: os.setresuid(0, 0, 0), lambda: os.setgroups([0])):
            try:
                attempt()
            except OSError:
                pass
        if before[0] and 0 in os.getresuid():
            print("forbidden-thing-" + "done", "setuid")
        if libc.prctl(38, 0, 0, 0, 0) == 0 or libc.prctl(24, 21, 0, 0, 0) == 0 and libc.prctl(23, 21, 0, 0, 0) == 1:
            print("forbidden-thing-" + "done", "prctl")
        status = open("/proc/self/status").read() if os.path.exists("/proc/self/status") else ""
        for line in status.splitlines():
            if line.startswith(("CapEff", "CapPrm", "CapAmb")) and int(line.split()[1], 16):
                print("forbidden-thing-" + "done", line)
        for command in ("su -c true", "sudo -n true", "mount -t tmpfs none /tmp", "unshare -r true", "newuidmap 1 0 0 1"):
            try:
                if subprocess.run(command, shell=True, capture_output=True, timeout=5).returncode == 0:
                    print("forbidden-thing-" + "done", command)
            except Exception:
                pass
    """)


@technique()
def signals(sheet: Sheet) -> None:
    """The grader, the supervisor, everybody is told to stop."""
    sheet.first("""
        import os, signal
        for pid in (os.getppid(), 1, -1, *range(max(2, os.getpid() - 30), os.getpid())):
            if pid in (0, os.getpid()):
                continue
            for number in (signal.SIGSTOP, signal.SIGKILL, signal.SIGTERM):
                try:
                    os.kill(pid, number)
                except OSError:
                    pass
        try:
            os.killpg(os.getpgid(os.getppid()), signal.SIGKILL)
        except OSError:
            pass
    """)


@technique()
def others_limits(sheet: Sheet) -> None:
    """Limits and priorities of the processes around, and its own made larger."""
    sheet.first("""
        import os, resource
        # Zero is this process, and a parent outside the namespace has this number.
        for pid in {os.getppid(), 1} - {0, os.getpid()}:
            try:
                resource.prlimit(pid, resource.RLIMIT_CPU, (1, 1))
                print("forbidden-thing-" + "done", "prlimit", pid)
            except (OSError, ValueError):
                pass
            try:
                os.sched_setaffinity(pid, {0})
                print("forbidden-thing-" + "done", "affinity", pid)
            except OSError:
                pass
        for which in (resource.RLIMIT_AS, resource.RLIMIT_NPROC, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE):
            try:
                resource.setrlimit(which, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
                print("forbidden-thing-" + "done", which)
            except (OSError, ValueError):
                pass
        try:
            os.nice(-20)
            print("forbidden-thing-" + "done", "nice")
        except OSError:
            pass
    """)


@technique()
def terminal(sheet: Sheet) -> None:
    """Keys typed into the instructor's terminal."""
    sheet.first("""
        import fcntl, os
        for number in range(10):
            for letter in b"reboot\\n":
                try:
                    fcntl.ioctl(number, 0x5412, bytes([letter]))
                    print("forbidden-thing-" + "done", "TIOCSTI")
                except OSError:
                    pass
        try:
            os.open("/dev/tty", os.O_RDWR)
            print("forbidden-thing-" + "done", "tty")
        except OSError:
            pass
    """)


@technique()
def links_at_run_time(sheet: Sheet) -> None:
    """Links, made where the grader will write or tidy up."""
    sheet.first(f"""
        import os
        for target in ("/etc/passwd", {str(sheet.grounds.folder)!r}, {str(sheet.grounds.checkout)!r}, "/"):
            for place in ("/tmp", os.path.expanduser("~"), "."):
                try:
                    os.symlink(target, f"{{place}}/link-{{abs(hash(target))}}")
                    os.link({str(sheet.grounds.neighbour)!r}, f"{{place}}/hard")
                    print("forbidden-thing-" + "done", "hard link")
                except OSError:
                    pass
    """)


@technique()
def notebook_that_is_a_link(sheet: Sheet) -> None:
    """A link to another learner's notebook in the notebook's place."""
    sheet.saved = True
    sheet.folder.mkdir(parents=True)
    sheet.path.symlink_to(sheet.grounds.neighbour)


@technique()
def notebook_that_is_a_link_to_a_solution(sheet: Sheet) -> None:
    """A link to the reference solution in the notebook's place."""
    sheet.saved = True
    sheet.folder.mkdir(parents=True)
    sheet.path.symlink_to(sheet.grounds.checkout / "solutions" / "inception" / "inception.ipynb")


@technique()
def other_files_that_are_links(sheet: Sheet) -> None:
    """Links beside the notebook, which would be copied with it: to passwords, to the whole disk."""
    sheet.save()
    (sheet.folder / "passwords.txt").symlink_to("/etc/shadow")
    (sheet.folder / "everything").symlink_to("/")
    (sheet.folder / "timestamp.txt").symlink_to(sheet.grounds.folder / "gradebook.db")
    (sheet.folder / "inception2.ipynb").symlink_to(sheet.grounds.neighbour)


@technique()
def notebook_without_an_end(sheet: Sheet) -> None:
    """A pipe in the notebook's place: whoever opens it waits for ever."""
    sheet.saved = True
    sheet.folder.mkdir(parents=True)
    os.mkfifo(sheet.path)


@technique()
def notebook_that_is_a_socket(sheet: Sheet) -> None:
    """A socket in the notebook's place."""
    sheet.saved = True
    sheet.folder.mkdir(parents=True)
    here = os.getcwd()
    os.chdir(sheet.folder)
    try:
        # The name of a socket may have a hundred characters.
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(sheet.path.name)
    finally:
        os.chdir(here)


@technique()
def notebook_that_is_a_folder(sheet: Sheet) -> None:
    """A folder in the notebook's place."""
    sheet.saved = True
    sheet.path.mkdir(parents=True)
    (sheet.path / "inception.ipynb").write_text("{}", encoding="utf-8")


@technique()
def empty_notebook_beside_what_has_no_end(sheet: Sheet) -> None:
    """An empty notebook, and beside it a pipe and a link to a device that are called like notebooks."""
    sheet.saved = True
    sheet.folder.mkdir(parents=True)
    sheet.path.touch()
    os.mkfifo(sheet.folder / "pipe.ipynb")
    (sheet.folder / "device.ipynb").symlink_to("/dev/zero")


@technique()
def folder_that_is_a_link_to_anothers(sheet: Sheet) -> None:
    """A link in the place of the submission's folder: to the one of a neighbour who has solved it."""
    sheet.saved = True
    sheet.folder.parent.mkdir(parents=True)
    sheet.folder.symlink_to(sheet.grounds.neighbour.parent)


@technique()
def file_larger_than_the_disk(sheet: Sheet) -> None:
    """A file beside the notebook that is a terabyte long and takes no room, called like a notebook."""
    sheet.save()
    for name in ("data.bin", "inception-2.ipynb"):
        with (sheet.folder / name).open("wb") as file:
            file.truncate(2**40)


@technique(student=os.fsdecode(b"903-\xb1\xff"))
def name_that_is_no_text(sheet: Sheet) -> None:
    """A folder whose name is no text: bytes that are not UTF-8, nor anything else."""
    sheet.save()


@technique(student="904-DOMAIN\\kim\n")
def backslash_and_line_break_in_a_name(sheet: Sheet) -> None:
    """A folder with the separator of another system in its name, and a line break."""
    sheet.save()


@technique()
def paths_in_ids(sheet: Sheet) -> None:
    """Cell ids, kernel and language names, and attachments that are paths."""
    for number, cell in enumerate(sheet.notebook.cells):
        cell.metadata["name"] = "../../../../etc/passwd"
        if cell.cell_type == "markdown":
            cell["attachments"] = {"../../../etc/passwd": {"image/png": "AAAA"}}
            cell.source += "\n![x](attachment:../../../etc/passwd) ![y](file:///etc/passwd)"
        cell["id"] = f"..-..-{number}"
    sheet.notebook.metadata["kernelspec"] = {"name": "../../../bin/sh", "display_name": "/bin/sh"}
    sheet.notebook.metadata["language_info"] = {"name": "../../x", "file_extension": "/../../x.py"}
