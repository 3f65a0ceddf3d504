"""The zygote that keeps the decoding libraries warm, and the jailed child it forks for each photograph."""

import errno
import json
import logging
import os
import select
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, BinaryIO

from app.evidence import exif
from app.evidence.causes import Cause
from app.evidence.pictures import NoPictures, develop, load_decoders
from app.evidence.signature import PhotoFormat
from workers import jail
from workers.jail import DecoderLimits

MAX_REQUEST_BYTES = 4096
ORIGINAL, REPORT, DISPLAY, THUMB, CLEAN = range(5)
"""The order of the descriptors that come with a request."""

Work = Callable[[list[int], Mapping[str, Any]], dict[str, Any]]
"""What the child does with its descriptors and the request; it returns its report."""


def main() -> None:
    """Serve the parent at the other end of the descriptor in argv until it hangs up."""
    control_fd, parent, limits, work = json.loads(sys.argv[1])
    jail.die_with_parent(parent)
    jail.adopt_orphans()
    logging.disable(logging.CRITICAL)  # libraries quote a file's own words in their warnings
    load_decoders()
    module, _, name = work.partition(":")
    serve(
        socket.socket(fileno=control_fd),
        limits=DecoderLimits(**limits),
        work=getattr(import_module(module), name),
        empty_folder=_empty_folder(),
    )


def _empty_folder() -> int:
    """A descriptor of a folder that is empty and stays so, since it no longer has a name."""
    with tempfile.TemporaryDirectory() as path:
        return os.open(path, os.O_RDONLY | os.O_DIRECTORY)


def serve(control: socket.socket, *, limits: DecoderLimits, work: Work, empty_folder: int) -> None:
    """Answer each request with how its child ended; returns when the parent is gone."""
    zygote = os.getpid()
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, MAX_REQUEST_BYTES, CLEAN + 1)
        if not message:
            return
        pid = os.fork()
        if pid == 0:
            try:
                jail.die_with_parent(zygote)
                request = json.loads(message)
                os._exit(_inside(descriptors, request, limits=limits, work=work, empty_folder=empty_folder))
            finally:
                os._exit(1)  # a fault of the child is never told by a traceback: it may quote the file
        for descriptor in descriptors:
            os.close(descriptor)
        ended = _watched(pid, control, limits=limits)
        _sweep()
        try:
            control.send(json.dumps(ended).encode())
        except BrokenPipeError:
            return


def _watched(pid: int, control: socket.socket, *, limits: DecoderLimits) -> dict[str, Any]:
    """Wait for the child; kill it when its time is over or when nobody waits for it any more."""
    pidfd = os.pidfd_open(pid)
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    poll.register(control, 0)  # hang-up is always reported
    deadline = time.monotonic() + limits.wall_seconds
    ready = poll.poll(max(0.0, deadline - time.monotonic()) * 1000)
    is_over = not any(descriptor == pidfd for descriptor, _ in ready)
    if is_over:
        signal.pidfd_send_signal(pidfd, signal.SIGKILL)
    os.close(pidfd)
    _, status, used = os.wait4(pid, 0)
    return {
        "exit": os.waitstatus_to_exitcode(status),
        "is_over": is_over,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "peak_bytes": used.ru_maxrss * 1024,
    }


def _sweep() -> None:
    """Kill and bury whatever the child has left behind."""
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as children:  # noqa: PTH123
                orphans = [int(child) for child in children.read().split()]
            for orphan in orphans:
                os.kill(orphan, signal.SIGKILL)
                os.waitpid(orphan, 0)


def _inside(
    descriptors: list[int],
    request: Mapping[str, Any],
    *,
    limits: DecoderLimits,
    work: Work,
    empty_folder: int,
) -> int:
    """The child's life: walls first, then the bytes; the exit code."""
    os.dup2(1, 2)  # the zygote's standard output is nowhere
    _close_all_but({0, 1, 2, empty_folder, *descriptors})
    walls = jail.enter(
        limits, empty_folder=empty_folder, is_thread_needed=request.get("fmt") == PhotoFormat.HEIC
    ).as_json()
    os.close(empty_folder)
    if request.get("walls", walls) != walls:
        return jail.WEAK_JAIL
    report = {"walls": walls} if request.get("fmt") is None else _told(work, descriptors, request)
    _write(descriptors[REPORT], json.dumps(report).encode())
    return 0


def _told(work: Work, descriptors: list[int], request: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return work(descriptors, request)
    except NoPictures as refused:
        return {"cause": refused.cause}
    except MemoryError:
        return {"cause": Cause.OUT_OF_MEMORY}
    except OSError as fault:
        if fault.errno == errno.EFBIG:
            return {"cause": Cause.TOO_LARGE_OUTPUT}
        raise


def _close_all_but(kept: set[int]) -> None:
    below = 0
    for descriptor in sorted(kept):
        if below < descriptor:  # an empty range that ends at 0 would close everything
            os.closerange(below, descriptor)
        below = descriptor + 1
    os.closerange(below, os.sysconf("SC_OPEN_MAX"))


def _write(descriptor: int, content: bytes) -> None:
    with os.fdopen(descriptor, "wb", closefd=False) as target:
        target.write(content)


def develop_photo(descriptors: list[int], request: Mapping[str, Any]) -> dict[str, Any]:
    """Read the original, write its pictures, report its size and its EXIF.

    Raises:
        NoPictures: with the cause.
        OSError: a picture is larger than may be written (EFBIG).
    """
    original: BinaryIO
    with os.fdopen(descriptors[ORIGINAL], "rb") as original:
        pictures = develop(original, fmt=PhotoFormat(request["fmt"]), is_clean_wanted=request["clean"])
    _write(descriptors[DISPLAY], pictures.display)
    _write(descriptors[THUMB], pictures.thumb)
    if pictures.clean is not None:
        _write(descriptors[CLEAN], pictures.clean)
    return {
        "width": pictures.width,
        "height": pictures.height,
        "exif": exif.read(pictures.exif_block).as_json(),
    }
