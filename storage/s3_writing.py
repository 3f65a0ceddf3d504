"""An object on its way to a bucket: counted and digested while it waits, then sent in one piece."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from storage.filesystem import as_write_error
from storage.object_store import checked_key, checked_piece
from storage.spool import open_spool

OBJECTS: Final = "objects/"
PIECES: Final = "pieces/"


def name_of(key: str) -> str:
    """The object's name in the bucket; ValueError for what is no key."""
    checked_key(key)
    return f"{OBJECTS}{key[:2]}/{key[2:4]}/{key}"


def name_of_piece(name: str) -> str:
    """The piece's name in the bucket; ValueError for what is no piece's name."""
    return PIECES + checked_piece(name)


@dataclass(frozen=True)
class Content:
    """What is sent: the file from where it stands, its size in bytes, and its two digests."""

    file: BinaryIO
    size: int
    sha256: str
    md5: bytes


class S3Writing:
    """Bytes in a spool: the key is their hash, so it is known only when all have come."""

    def __init__(self, put: Callable[[str, Content], None], *, spool: Path | None) -> None:
        """`put` sends the content under a name; `spool` is the folder for what is too large for memory."""
        self._put = put
        self._bytes = 0
        self._sha256 = hashlib.sha256()
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._file: BinaryIO | None = open_spool(spool)

    def write(self, part: bytes | memoryview, /) -> None:
        """Add bytes; see `Writing.write`."""
        with as_write_error():
            self._opened().write(part)
        self._sha256.update(part)
        self._md5.update(part)
        self._bytes += len(part)

    def keep(self, key: str) -> None:
        """Send the bytes to the store and have it confirm them; see `Writing.keep`."""
        self._send(name_of(key))

    def keep_piece(self, name: str) -> None:
        """Send the bytes to the store as a piece; see `Writing.keep_piece`."""
        self._send(name_of_piece(name))

    def _send(self, name: str) -> None:
        file = self._opened()
        with as_write_error():
            file.flush()
            file.seek(0)
        self._put(name, Content(file, self._bytes, self._sha256.hexdigest(), self._md5.digest()))
        self.discard()

    def discard(self) -> None:
        """Let the spool go."""
        if self._file is not None:
            # A full disk says so once more when what it did not take is flushed.
            with suppress(OSError):
                self._file.close()
            self._file = None

    def _opened(self) -> BinaryIO:
        if self._file is None:
            raise ValueError("this writing was kept or discarded")
        return self._file
