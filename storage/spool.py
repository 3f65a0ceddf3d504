"""Bytes on their way to or from another machine: a little in memory, the rest in a file that has no name."""

import tempfile
from pathlib import Path
from typing import BinaryIO, Final, cast

MEMORY_BYTES: Final = 1024 * 1024
"""What one spool holds in memory before it goes to the disk."""


def open_spool(folder: Path | None) -> BinaryIO:
    """An empty seekable file in `folder` (None: the system's own for temporary files); the caller closes.

    The file on the disk has no name from the start, or loses it at once where the filesystem cannot do that:
    nobody else can open it, and nothing of it outlives its process.

    Raises:
        OSError: later, when what is written does not fit.
    """
    spool = tempfile.SpooledTemporaryFile(max_size=MEMORY_BYTES, dir=str(folder) if folder else None)  # noqa: SIM115  # the caller closes
    return cast("BinaryIO", spool)
