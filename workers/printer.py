"""Has a paper printed by a child process, bounded in memory and time, that reads one folder and no network."""

import json
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from app.papers.content import Content
from app.papers.printing import PrintFault
from app.papers.sheet import STYLE, document_html
from storage.object_store import ObjectMissing, ObjectStore

REPOSITORY: Final = Path(__file__).resolve().parents[1]
START: Final = "import sys; sys.path.insert(0, {root!r}); from workers.print_child import main; main()"
WALL_SECONDS: Final = 150
"""Shorter than an errand's lease, so that nobody prints the same paper at the same time."""
CPU_SECONDS: Final = 140
MEMORY_BYTES: Final = 3 << 30
"""Of address space: 200 hazards with their photos take a third of it."""
NO_PRINTER, NO_FONT = 81, 82
"""Exit codes of a child that has found this machine wanting."""
_FAULTS: Final = {
    NO_PRINTER: PrintFault.NO_PRINTER,
    NO_FONT: PrintFault.NO_FONT,
    -signal.SIGXCPU: PrintFault.OUT_OF_TIME,
    -signal.SIGKILL: PrintFault.OUT_OF_MEMORY,
}


class NotPrinted(Exception):  # noqa: N818  # named for what it tells, like the tree of core.errors
    """There is no PDF; `fault` says why."""

    def __init__(self, fault: PrintFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True)
class Sheet:
    """What the child is told: where the dated document lies and how much it may take."""

    folder: str
    dated: str
    memory_bytes: int = MEMORY_BYTES
    cpu_seconds: int = CPU_SECONDS


def print_paper(content: Content, *, dated: datetime, store: ObjectStore) -> bytes:
    """The PDF of a paper; the same paper gives the same bytes on the same machine.

    Raises:
        NotPrinted: with the fault.
        StoreError: the store cannot be read now.
    """
    with tempfile.TemporaryDirectory(prefix="paper-") as name:
        folder = Path(name)
        _lay_out(content, folder, store=store)
        told = Sheet(folder=name, dated=dated.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
        _run(told)
        return (folder / "paper.pdf").read_bytes()


def _lay_out(content: Content, folder: Path, *, store: ObjectStore) -> None:
    (folder / "paper.html").write_text(document_html(content), "utf-8")
    shutil.copyfile(STYLE, folder / "paper.css")
    for key in set(content.picture_keys()):
        try:
            with store.open(key) as picture, (folder / key).open("wb") as copy:
                shutil.copyfileobj(picture, copy)
        except ObjectMissing as error:
            raise NotPrinted(PrintFault.PICTURE_MISSING) from error


def _run(told: Sheet) -> None:
    argument = json.dumps(vars(told))
    command = [sys.executable, "-I", "-c", START.format(root=str(REPOSITORY)), argument]
    # Nothing of our own environment goes in; the folder is its home, for the cache of fonts.
    environment = {"HOME": told.folder, "TMPDIR": told.folder, "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"}
    try:
        ended = subprocess.run(  # noqa: S603  # our own interpreter, our own code
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
            cwd=told.folder,
            timeout=WALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise NotPrinted(PrintFault.OUT_OF_TIME) from error
    if ended.returncode != 0:
        raise NotPrinted(_FAULTS.get(ended.returncode, PrintFault.CRASHED))
