"""strace from the outside: what a process asks of the kernel, and a death or a fault at the N-th time."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

DURABLE = (
    "write",
    "pwrite64",
    "fsync",
    "fdatasync",
    "rename",
    "renameat",
    "renameat2",
    "unlink",
    "unlinkat",
    "ftruncate",
    "mkdir",
    "mkdirat",
    "sendto",
    "sendmsg",
)
"""What changes the disk or the world: a process is killed at every one of these calls."""
CALLS = (*DURABLE, "openat")
DYING_SECONDS = 90.0
_CALL = re.compile(r"^(\w+)\((.*)$")


@dataclass(frozen=True)
class Call:
    """One system call as strace wrote it: `told` is its arguments and its result."""

    name: str
    told: str

    @property
    def has_failed(self) -> bool:
        return re.search(r"\) += -1 ", self.told) is not None


@dataclass
class Trace:
    """What was seen of one process; complete once the block that made it has ended."""

    log: Path
    calls: list[Call] = field(default_factory=list)
    was_killed: bool = False
    was_injected: bool = False

    def counted(self) -> Counter[str]:
        return Counter(call.name for call in self.calls)

    def read(self) -> None:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        self.calls = [Call(found[1], found[2]) for line in lines if (found := _CALL.match(line))]
        self.was_killed = any("+++ killed by SIGKILL" in line for line in lines)
        self.was_injected = any("(INJECTED)" in line for line in lines)


@contextmanager
def traced(pid: int, log: Path, *, inject: Sequence[str] = (), calls: Sequence[str] = CALLS) -> Iterator[Trace]:
    """Watch `pid` while the block runs; `inject` as strace's option of that name takes it.

    strace counts per thread and per name, so the process must be one thread. It is let go at the end, if it lives.
    """
    asked = ["strace", "-y", "-s", "64", "-o", str(log), "-e", f"trace={','.join(calls)}", "-e", "signal=KILL"]
    for fault in inject:
        asked += ["-e", f"inject={fault}"]
    trace = Trace(log)
    watcher = subprocess.Popen([*asked, "-p", str(pid)], stderr=subprocess.PIPE, text=True, encoding="utf-8")
    assert watcher.stderr is not None
    try:
        told = watcher.stderr.readline()
        assert "attached" in told, told
        yield trace
    finally:
        # Its process is dead or dying: it ends by itself, once it has written that down.
        with contextlib.suppress(subprocess.TimeoutExpired):
            watcher.wait(timeout=DYING_SECONDS if any("SIGKILL" in fault for fault in inject) else 0)
        if watcher.poll() is None:
            watcher.send_signal(signal.SIGINT)
        watcher.communicate(timeout=120)
    trace.read()


@cache
def fault_of_tracing() -> str | None:
    """Why no process can be traced here, as a sentence; None when one can."""
    if shutil.which("strace") is None:
        return "strace is not installed: nothing can be killed at its N-th system call"
    tried = subprocess.run(
        [
            "strace",
            "-o",
            os.devnull,
            "-e",
            "trace=write",
            "-e",
            "inject=write:error=EIO:when=99",
            sys.executable,
            "-c",
            "",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if tried.returncode != 0:
        return f"this system does not let strace trace: {tried.stderr.strip().splitlines()[-1:]}"
    return None


def needs_strace() -> None:
    """Skip the test that asks, by name, where nothing can be traced."""
    fault = fault_of_tracing()
    if fault is not None:
        pytest.skip(fault)
