"""Where several web processes of one machine pin up their figures, so that whichever is asked can tell them all.

Each process holds one numbered slot (a lock that dies with it) and writes its figures there, a second after they
changed. They are files that nobody maps into memory: a full disk makes the figures old, and never kills a process,
as a shared mapping would (SIGBUS). The slot is the label `process`: a process that takes over a dead one's slot
begins at zero, which Prometheus knows from every restart.
"""

import errno
import fcntl
import json
import os
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import structlog
from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric

SLOTS: Final = 64
"""More than any machine runs, also while old processes end and new ones begin."""
DELAY_SECONDS: Final = 1.0
LABEL: Final = "process"
_log = structlog.get_logger("web")


class FigureBoard:
    """One process's place on the board, and its view of the others'."""

    def __init__(self, folder: Path, registry: CollectorRegistry) -> None:
        self._folder = folder
        self._registry = registry
        self._lock = threading.Lock()
        self._slot: int | None = None
        self._is_due = False

    def touch(self) -> None:
        """Have this process's figures pinned up soon; cheap, for every request."""
        with self._lock:
            if self._is_due:
                return
            self._is_due = True
        timer = threading.Timer(DELAY_SECONDS, self._pin_up_quietly)
        timer.daemon = True
        timer.start()

    def pin_up(self) -> None:
        """Write this process's figures where its sisters read them.

        Raises:
            OSError: they cannot be written; the old ones stay.
        """
        with self._lock:
            # First: whatever is counted from here on is pinned up next time.
            self._is_due = False
            slot = self._own_slot()
            draft = self._folder / f"{slot}.part"
            draft.write_text(json.dumps(_as_json(self._registry)), encoding="utf-8")
            draft.replace(self._folder / f"{slot}.json")

    def collect(self) -> Iterator[Metric]:
        """The figures of every living process, each sample with its slot as a label; this one's are of now.

        Raises:
            OSError: the board cannot be read.
        """
        with self._lock:
            own = self._own_slot()
        merged: dict[str, Metric] = {}
        _merge(merged, _as_json(self._registry), slot=own)
        for path in sorted(self._folder.glob("*.json")):
            slot = int(path.stem)
            if slot != own and _is_held(self._folder / f"{slot}.lock"):
                # Whoever takes a dead process's slot removes its sheet, perhaps right now.
                with suppress(FileNotFoundError):
                    _merge(merged, json.loads(path.read_text(encoding="utf-8")), slot=slot)
        yield from merged.values()

    def _own_slot(self) -> int:
        """This process's slot, taken on first use; it is let go by the kernel when the process ends."""
        if self._slot is None:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            free = (slot for slot in range(SLOTS) if _take(self._folder / f"{slot}.lock"))
            self._slot = next(free, None)
            if self._slot is None:
                raise OSError(errno.ENOSPC, "every place on the board of figures is taken")
            # What a dead process left here is not this one's.
            (self._folder / f"{self._slot}.json").unlink(missing_ok=True)
        return self._slot

    def _pin_up_quietly(self) -> None:
        try:
            self.pin_up()
        except OSError as fault:
            _log.warning("figures_not_shared", fault=type(fault).__name__)


def _take(lock: Path) -> bool:
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return False
    # Left open on purpose: the lock lasts as long as this process.
    return True


def _is_held(lock: Path) -> bool:
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _as_json(registry: CollectorRegistry) -> list[Any]:
    return [
        [family.name, family.documentation, family.type, [[s.name, s.labels, s.value] for s in family.samples]]
        for family in registry.collect()
    ]


def _merge(merged: dict[str, Metric], told: list[Any], *, slot: int) -> None:
    for name, documentation, kind, samples in told:
        family = merged.setdefault(name, Metric(name, documentation, kind))
        for sample, labels, value in samples:
            family.add_sample(sample, {**labels, LABEL: str(slot)}, value)
