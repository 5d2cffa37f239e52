"""Ways out of the jail: the network, other processes, what stays for the next run."""

from __future__ import annotations

from tests.attacks.techniques import Sheet, technique


@technique()
def network(sheet: Sheet) -> None:
    """A connection to another machine, by TCP, by UDP, by name."""
    sheet.first("""
        import socket, urllib.request
        for family, kind, address in [
            (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 22)),
            (socket.AF_INET, socket.SOCK_STREAM, ("1.1.1.1", 443)),
            (socket.AF_INET, socket.SOCK_DGRAM, ("8.8.8.8", 53)),
            (socket.AF_INET6, socket.SOCK_STREAM, ("::1", 22)),
            (socket.AF_INET, socket.SOCK_RAW, ("127.0.0.1", 0)),
            (socket.AF_PACKET, socket.SOCK_RAW, ("lo", 0)),
            (socket.AF_NETLINK, socket.SOCK_RAW, (0, 0)),
        ]:
            try:
                with socket.socket(family, kind) as made:
                    made.settimeout(1)
                    made.connect(address)
                print("forbidden-thing-" + "done", family, kind)
            except OSError:
                pass
        try:
            urllib.request.urlopen("http://example.org", timeout=1)
            print("forbidden-thing-" + "done", "http")
        except OSError:
            pass
    """)


@technique()
def sockets_of_the_machine(sheet: Sheet) -> None:
    """A server on this machine, by a socket on the disk or one without a place."""
    sheet.first("""
        import socket
        for address in ("/run/docker.sock", "/var/run/dbus/system_bus_socket", "/tmp/.s.PGSQL.5432", "\\0abstract"):
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                try:
                    with socket.socket(socket.AF_UNIX, kind) as made:
                        made.connect(address)
                    print("forbidden-thing-" + "done", address)
                except OSError:
                    pass
        try:
            a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
            a.connect("/run/docker.sock")
            print("forbidden-thing-" + "done", "reconnected")
        except OSError:
            pass
    """)


@technique()
def reverse_shell(sheet: Sheet) -> None:
    """A shell that calls home."""
    sheet.first("""
        import subprocess
        for command in ("bash -c 'exec 3<>/dev/tcp/127.0.0.1/22 && echo reached'",
                        "curl -s -m 2 http://127.0.0.1 && echo reached", "nc -w 2 127.0.0.1 22 && echo reached"):
            try:
                done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=5)
            except Exception:
                continue
            if "reached" in done.stdout:
                print("forbidden-thing-" + "done", command)
    """)


@technique()
def drop_box(sheet: Sheet) -> None:
    """A letter left for the next submission, wherever anything can be written."""
    sheet.first(f"""
        import os
        letter = "cana" + "ry-letter"
        for place in ("/tmp", "/dev/shm", "/var/tmp", os.path.expanduser("~"), "/run", ".", "..", "/",
                      {str(sheet.grounds.folder)!r}, {str(sheet.grounds.checkout)!r}):
            try:
                open(f"{{place}}/.letter", "w").write(letter)
            except OSError:
                pass
        import builtins, keras, sys
        builtins.letter = keras.letter = sys.letter = letter
        os.environ["LETTER"] = letter
    """)


@technique()
def drop_box_opened(sheet: Sheet) -> None:
    """The next submission looks for the letter."""
    sheet.first(f"""
        import builtins, keras, os, sys
        for place in ("/tmp", "/dev/shm", "/var/tmp", os.path.expanduser("~"), "/run", ".", "..", "/",
                      {str(sheet.grounds.folder)!r}, {str(sheet.grounds.checkout)!r}):
            try:
                print(open(f"{{place}}/.letter").read())
            except OSError:
                pass
        for place in (builtins, keras, sys):
            print(getattr(place, "letter", ""))
        print(os.environ.get("LETTER", ""))
    """)


@technique()
def memory_that_stays(sheet: Sheet) -> None:
    """A letter in memory that belongs to no process."""
    sheet.first("""
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        letter = b"cana" + b"ry-in-memory"
        segment = libc.shmget(4711, 4096, 0o1666)
        if segment >= 0:
            print("forbidden-thing-" + "done", "shmget")
        if libc.msgget(4711, 0o1666) >= 0:
            print("forbidden-thing-" + "done", "msgget")
        if libc.mq_open(b"/letter", 0o102, 0o666, None) >= 0:
            print("forbidden-thing-" + "done", "mq_open")
        if libc.syscall(248, b"user", b"letter", letter, len(letter), -3) >= 0:
            print("forbidden-thing-" + "done", "add_key")
    """)


@technique()
def exchange_and_release(sheet: Sheet) -> None:
    """Something written where students or the instructor will fetch it."""
    sheet.first(f"""
        for place in ("/usr/local/share/nbgrader/exchange", "/srv/nbgrader/exchange",
                      {str(sheet.grounds.folder / "feedback")!r}, {str(sheet.grounds.folder / "autograded")!r},
                      {str(sheet.grounds.checkout / "assignments" / "en" / "inception")!r}):
            try:
                open(place + "/letter.txt", "w").write("letter")
                print("forbidden-thing-" + "done", place)
            except OSError:
                pass
    """)


@technique()
def feedback_full_of_everything(sheet: Sheet) -> None:
    """Everything that can be reached, printed at once, in the hope that some of it is secret."""
    sheet.first("""
        import os, sys
        for module in list(sys.modules):
            if module.startswith("autograder"):
                print(module, sorted(vars(sys.modules[module])))
        for name, value in os.environ.items():
            print(name, value)
        for folder, _, names in os.walk(os.path.expanduser("~")):
            print(folder, names)
        raise RuntimeError(str(sys.path) + str(sys.argv) + str(sys.flags))
    """)


@technique()
def clock_of_the_machine(sheet: Sheet) -> None:
    """The machine's clock and name are changed, for all to see."""
    sheet.first("""
        import ctypes, time
        libc = ctypes.CDLL(None, use_errno=True)
        try:
            time.clock_settime(time.CLOCK_REALTIME, 0)
            print("forbidden-thing-" + "done", "clock")
        except OSError:
            pass
        if libc.sethostname(b"letter", 6) == 0 or libc.setdomainname(b"letter", 6) == 0:
            print("forbidden-thing-" + "done", "name")
    """)
