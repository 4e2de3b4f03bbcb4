"""A fence around the bot: what it may read, write, reach and see is named, and the kernel refuses the rest.

Rasa's environment is frozen, so known weaknesses in it stay. The fence is what makes them worth little: it needs no
rights, holds for everything the program starts, and cannot be taken down again. It is made of Landlock (files, TCP
ports, signals), of a filter of system calls (no UDP and no other sockets, so no names can be looked up), and of giving
up what root may do. `python -m amends.ops.fence ... -- PROGRAM` puts it up and becomes the program.

Only the standard library is imported: this runs before each start of the bot. The kept packages for Landlock know files
only.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import platform
import shutil
import struct
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SEEN = frozenset(
    (
        *("BOT_TOKEN", "BOT_PORT", "ACTIONS_PORT", "TRACKER_URL"),
        *("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "PYTHONPATH", "PYTHONUNBUFFERED"),
        *("RASA_TELEMETRY_ENABLED", "TF_CPP_MIN_LOG_LEVEL", "OPENBLAS_NUM_THREADS", "SQLALCHEMY_SILENCE_UBER_WARNING"),
    )
)
"""All that the program finds in its environment, with HOME and TMPDIR, which are its own folder. Of secrets: its
channel's token and its tracker's address."""
SYSTEM = (
    *("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/share", "/usr/local/lib", "/proc", "/sys/devices/system/cpu"),
    *("/sys/fs/cgroup", "/etc/ld.so.cache", "/etc/passwd", "/etc/group", "/etc/nsswitch.conf", "/etc/hosts"),
    *("/etc/localtime", "/etc/timezone", "/etc/ssl/openssl.cnf", "/etc/mime.types", "/usr/bin/env", "/usr/bin/nice"),
    *("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"),
)
"""What any program reads. Not `/etc` as a whole: settings of the desk may stand there."""

TEMPORARY = "tmp"
"""The folder in its own one that is emptied at each start."""

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
TRUNCATE, IOCTL_DEV = 1 << 14, 1 << 15
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
"""The rights that a file can have; the others are those of folders."""
ALL_SINCE = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
"""All rights over files that a version of Landlock knows."""
PORTS_SINCE, SCOPES_SINCE = 4, 6
BIND, CONNECT = 1 << 0, 1 << 1
_CREATE, _ADD, _RESTRICT = 444, 445, 446
_BENEATH, _PORT = 1, 2
_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 38, 22, 2
_ROOT_IS_NOBODY, _CAPABILITIES = 28, 0x20080522

SOCKET_CALL = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
"""For each machine: how the kernel names it, and the number of the call `socket`."""
_IO_URING, _OTHER_NUMBERS = 425, 0x40000000
_ALLOW, _DENY = 0x7FFF0000, 0x00050000 | 13  # the second is "permission denied"
_LOAD, _AND, _EQUAL, _FROM, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
_NUMBER, _MACHINE, _FIRST, _SECOND, _THIRD = 0, 4, 16, 24, 32


class NoFence(OSError):  # noqa: N818 - it reads as what it says
    """This system has no such fence. The message is a sentence."""


class Gates(NamedTuple):
    """What is let through.

    Attributes:
        read: files and folders that may be read; what is not there is passed over.
        run: the same, and programs in it may be started.
        list_: folders of which only the names may be seen.
        write: folders that are the program's own.
        listen: TCP ports.
        connect: TCP ports.
    """

    read: tuple[str, ...] = ()
    run: tuple[str, ...] = ()
    list_: tuple[str, ...] = ()
    write: tuple[str, ...] = ()
    listen: tuple[int, ...] = ()
    connect: tuple[int, ...] = ()


def version() -> int:
    """Which version of Landlock this system has; 0 if none."""
    if sys.platform != "linux" or platform.machine() not in SOCKET_CALL:
        return 0
    found: int = _libc().syscall(_CREATE, None, 0, 1)
    return max(0, found)


def put_up(gates: Gates) -> None:
    """Put the fence around this process and all that it starts from now on.

    Raises:
        NoFence: the system has none that knows ports (Linux before 6.7, another system, or another machine).
        OSError: it has, and refused a rule.
    """
    found = version()
    if found < PORTS_SINCE:
        raise NoFence("This system cannot fence the bot in: that needs Linux 6.7 or newer, with Landlock.")
    _call(_libc().prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0))
    every = ALL_SINCE[max(since for since in ALL_SINCE if since <= found)]
    # The last is: no abstract sockets and no signals to those outside.
    wanted = struct.pack("QQQ", every, BIND | CONNECT, 3)
    rules = _call(_libc().syscall(_CREATE, wanted, 24 if found >= SCOPES_SINCE else 16, 0))
    look = READ_FILE | READ_DIR
    _paths(rules, (*SYSTEM, *gates.read), look)
    _paths(rules, (*gates.run, "/lib", "/lib64", "/usr/lib"), look | EXECUTE)
    _paths(rules, gates.list_, READ_DIR)
    _paths(rules, ("/dev/null", "/dev/shm"), (look | WRITE_FILE | every) & ~EXECUTE)  # noqa: S108 - shared memory
    _paths(rules, gates.write, every & ~EXECUTE)
    for ports, right in ((gates.listen, BIND), (gates.connect, CONNECT)):
        for port in ports:
            _call(_libc().syscall(_ADD, rules, _PORT, struct.pack("QQ", right, port), 0))
    _call(_libc().syscall(_RESTRICT, rules, 0))
    os.close(rules)
    _be_nobody_special()
    _filter_calls()


def visible(environment: Mapping[str, str], own: str) -> dict[str, str]:
    """What the program finds in its environment.

    Args:
        own: the folder that is its own.
    """
    kept = {name: value for name, value in environment.items() if name in SEEN}
    return {**kept, "HOME": own, "TMPDIR": str(Path(own, TEMPORARY))}


def _paths(rules: int, paths: Iterable[str], rights: int) -> None:
    for path in paths:
        try:
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue
        try:
            given = rights if Path(path).is_dir() else rights & OF_FILES
            _call(_libc().syscall(_ADD, rules, _BENEATH, struct.pack("=Qi", given, place), 0))
        finally:
            os.close(place)


def _be_nobody_special() -> None:
    """Give up the rights of root, for now and for what is started: with them one reads what others keep in memory."""
    _libc().prctl(_ROOT_IS_NOBODY, 3, 0, 0, 0)  # refused to who is not root, and not needed there
    _call(_libc().capset(struct.pack("Ii", _CAPABILITIES, 0), bytes(24)))


def _filter_calls() -> None:
    """Refuse all sockets but those of TCP and of files, and the calls by which a socket could be made unseen."""
    machine, socket_call = SOCKET_CALL[platform.machine()]
    steps = [
        (_LOAD, 0, 0, _MACHINE),
        (_EQUAL, 0, 15, machine),
        (_LOAD, 0, 0, _NUMBER),
        (_FROM, 13, 0, _OTHER_NUMBERS),
        (_EQUAL, 12, 0, _IO_URING),
        (_EQUAL, 0, 10, socket_call),
        (_LOAD, 0, 0, _FIRST),
        (_EQUAL, 8, 0, 1),  # sockets that are files
        (_EQUAL, 1, 0, 2),  # IP
        (_EQUAL, 0, 7, 10),  # IP version 6
        (_LOAD, 0, 0, _SECOND),
        (_AND, 0, 0, 0xF),
        (_EQUAL, 0, 4, 1),  # streams
        (_LOAD, 0, 0, _THIRD),
        (_EQUAL, 1, 0, 0),  # what a stream is by itself: TCP
        (_EQUAL, 0, 1, 6),  # TCP by its number
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _DENY),
    ]
    packed = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(packed))
    _call(_libc().prctl(_SECCOMP, _FILTER, program, 0, 0))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _call(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def main() -> None:
    """Put the fence up and become the program. `python -m amends.ops.fence --own FOLDER ... -- PROGRAM ...`."""
    parser = argparse.ArgumentParser(prog="python -m amends.ops.fence")
    parser.add_argument("--own", required=True)
    for name, kind in (("read", str), ("run", str), ("list", str), ("write", str), ("listen", int), ("connect", int)):
        parser.add_argument(f"--{name}", type=kind, action="append", default=[])
    parser.add_argument("program", nargs="+")
    given = parser.parse_args()
    own = Path(given.own)
    # What an earlier start unpacked and could not remove, because it was killed.
    shutil.rmtree(own / TEMPORARY, ignore_errors=True)
    (own / TEMPORARY).mkdir(parents=True, exist_ok=True)
    gates = Gates(
        *(tuple(given.read), tuple(given.run), tuple(given.list), (*given.write, str(own))),
        *(tuple(given.listen), tuple(given.connect)),
    )
    try:
        put_up(gates)
    except NoFence as error:
        print(error, file=sys.stderr, flush=True)  # noqa: T201
    os.execve(given.program[0], given.program, visible(os.environ, str(own)))  # noqa: S606 - no shell


if __name__ == "__main__":
    main()
