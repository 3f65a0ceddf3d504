"""What a tampered child might try in the jail: a stand-in for decoding that obeys an original's last words."""

import errno
import json
import os
import select
import signal
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests import photos
from workers.decoder_child import DISPLAY, ORIGINAL, REPORT, THUMB, develop_photo

WORK = "tests.probes:obey"
ORDER = b"#probe:"

Descriptors = list[int]
Answer = dict[str, Any]


def order(name: str, argument: int = 0) -> bytes:
    """A photo that tells the child to run the named probe instead of decoding it."""
    return photos.photo() + ORDER + f"{name}:{argument}".encode()


def obey(descriptors: Descriptors, request: Mapping[str, Any]) -> Answer:
    """Decode honestly, unless the original's last words are an order."""
    content = os.pread(descriptors[ORIGINAL], 1 << 20, 0)
    picture, found, words = content.rpartition(ORDER)
    if not found:
        return develop_photo(descriptors, request)
    os.write(descriptors[DISPLAY], picture)
    os.write(descriptors[THUMB], picture)
    name, argument = words.decode().split(":")
    finding = PROBES[name](descriptors, int(argument))
    return {"width": 1, "height": 1, "exif": {"make": json.dumps(finding)}}


def _look_around(descriptors: Descriptors, _argument: int) -> object:
    own = {0, 1, 2, *descriptors}
    foreign = [number for number in range(256) if number not in own and _is_open(number)]
    return [len(foreign), _is_readable("/etc/passwd"), len(os.environ)]


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def _is_readable(path: str) -> bool:
    try:
        return bool(Path(path).read_bytes())
    except OSError:
        return False


def _call_home(_descriptors: Descriptors, port: int) -> object:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


def _fork(_descriptors: Descriptors, _argument: int) -> object:
    try:
        pid = os.fork()
    except BlockingIOError:
        return "refused"
    if pid == 0:
        os._exit(0)
    return "forked"


def _rewrite_original(descriptors: Descriptors, _argument: int) -> object:
    try:
        os.write(descriptors[ORIGINAL], b"x")
    except OSError as fault:
        return fault.errno == errno.EBADF
    return False


def _burn(_descriptors: Descriptors, _argument: int) -> object:
    while True:
        pass


def _hoard(_descriptors: Descriptors, size: int) -> object:
    return len(bytearray(size))


def _crash(_descriptors: Descriptors, _argument: int) -> object:
    os.kill(os.getpid(), signal.SIGSEGV)
    return None


def _wait(_descriptors: Descriptors, _argument: int) -> object:
    select.select([], [], [])
    return None


def _overflow(descriptors: Descriptors, size: int) -> object:
    content = bytes(size)
    return sum(os.write(descriptors[DISPLAY], content) for _ in range(2))


def _leak(descriptors: Descriptors, _argument: int) -> object:
    os.pwrite(descriptors[DISPLAY], photos.photo(exif=photos.exif_block(make="A")), 0)
    return None


def _chatter(descriptors: Descriptors, size: int) -> object:
    os.write(descriptors[REPORT], b"[" * size)
    return None


def _kill_zygote(_descriptors: Descriptors, _argument: int) -> object:
    try:
        os.kill(os.getppid(), signal.SIGKILL)
    except PermissionError:
        return "refused"
    return "killed"


PROBES: dict[str, Callable[[Descriptors, int], object]] = {
    "look_around": _look_around,
    "call_home": _call_home,
    "fork": _fork,
    "rewrite_original": _rewrite_original,
    "burn": _burn,
    "hoard": _hoard,
    "crash": _crash,
    "wait": _wait,
    "overflow": _overflow,
    "leak": _leak,
    "chatter": _chatter,
    "kill_zygote": _kill_zygote,
}
