"""The zygote: a process without secrets that forks one jailed child for each photograph, and the line to it."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from workers.jail import DecoderLimits

REPOSITORY = Path(__file__).resolve().parents[1]
START = "import sys; sys.path.insert(0, {root!r}); from workers.decoder_child import main; main()"
# One arena: each more would reserve 64 MiB of the child's address space. Nothing of our own environment goes in.
ENVIRONMENT = {"MALLOC_ARENA_MAX": "1", "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"}
MAX_REPLY_BYTES = 4096
GRACE_SECONDS = 10.0
"""How much longer than the child's own clock the zygote may take to tell of its end."""


@dataclass(frozen=True)
class Cost:
    """What a photograph took: processor seconds, and bytes of memory at most."""

    cpu_seconds: float
    peak_bytes: int


class ZygoteGone(Exception):  # noqa: N818
    """The zygote no longer answers."""


@dataclass(frozen=True)
class Ended:
    """How a child ended, as the zygote saw it; `exit_code` is negative for a signal."""

    exit_code: int
    is_over: bool
    cost: Cost


class Zygote:
    """One running zygote and the line to it."""

    def __init__(self, *, limits: DecoderLimits, work: str) -> None:
        self.owner = os.getpid()
        self._patience = limits.wall_seconds + GRACE_SECONDS
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            argument = json.dumps([theirs.fileno(), self.owner, asdict(limits), work])
            start = START.format(root=str(REPOSITORY))
            self._process = subprocess.Popen(  # noqa: S603  # our own interpreter, our own code
                [sys.executable, "-I", "-c", start, argument],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                env=ENVIRONMENT,
                cwd="/",
                start_new_session=True,  # a Ctrl-C in the terminal is for the worker, who then hangs up
            )

    def ask(self, request: Mapping[str, Any], descriptors: list[int], *, patience: float | None = None) -> Ended:
        """Have one child forked for `request` and wait for its end.

        Raises:
            ZygoteGone: the zygote is dead or does not answer in time.
        """
        try:
            self._line.settimeout(patience or self._patience)
            socket.send_fds(self._line, [json.dumps(request).encode()], descriptors)
            reply = self._line.recv(MAX_REPLY_BYTES)
        except OSError as fault:
            raise ZygoteGone from fault
        if not reply:
            raise ZygoteGone
        told = json.loads(reply)
        return Ended(
            exit_code=told["exit"],
            is_over=told["is_over"],
            cost=Cost(cpu_seconds=told["cpu_seconds"], peak_bytes=told["peak_bytes"]),
        )

    def end(self) -> None:
        """Hang up and bury it; a process that was forked off the owner only hangs up."""
        self._line.close()
        if self.owner != os.getpid():
            return
        self._process.kill()
        self._process.wait()
