"""What deploy/systemd says to start, started here: the same command lines, of this clone instead of /opt."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.servers.nginx import ROOT, ends_with

INSTALLED = "/opt/hazards"
STOP_SECONDS = 60.0


def commands_of(unit: str, key: str = "ExecStart") -> list[list[str]]:
    """The command lines of a unit (`hazards-queue@photos.service` is one of its template), as arguments."""
    name, _, instance = unit.removesuffix(".service").partition("@")
    template = f"{name}@.service" if instance else unit
    lines = (ROOT / "deploy" / "systemd" / template).read_text("utf-8").splitlines()
    told = [line.partition("=")[2] for line in lines if line.startswith(f"{key}=")]
    assert told, f"{template} has no {key}"
    python = f"{INSTALLED}/.venv/bin/python"
    return [line.replace(python, sys.executable).replace("%i", instance).split() for line in told]


def prepare(name: str, environment: Mapping[str, str]) -> None:
    """What the unit does before it starts."""
    for command in commands_of(name, "ExecStartPre"):
        subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, check=True)


@contextmanager
def unit(name: str, environment: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The service as systemd starts it, after its ExecStartPre; ended with the block, and with this process."""
    (command,) = commands_of(name)
    with log.open("ab") as said:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            preexec_fn=ends_with(os.getpid()),  # noqa: PLW1509  # no lock is held that its one system call needs
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
