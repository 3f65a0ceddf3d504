"""What every store of bytes promises: staged writing, durable keeping, reading, and errors of its own.

StoreError
├── ObjectMissing       no object under that key
├── StoreFull           no room (or no quota) for more
└── StoreUnavailable    the store cannot be reached, read or written now
    └── ObjectDamaged   what it gave for a key are other bytes
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import BinaryIO, Final, Protocol

_KEY: Final = re.compile(r"[0-9a-f]{64}")
_PIECE: Final = re.compile(r"[0-9a-f]{32}")


class StoreError(Exception):
    """The root: everything a store can refuse."""


class ObjectMissing(StoreError):  # noqa: N818  # named for what happened
    """No object under that key."""


class StoreFull(StoreError):  # noqa: N818  # named for what happened
    """No room, or no quota, for more."""


class StoreUnavailable(StoreError):  # noqa: N818  # named for what happened
    """The store cannot be reached, read or written now."""


class ObjectDamaged(StoreUnavailable):
    """What the store gave for a key are other bytes: they are not handed out, and `verify` names them."""


class Writing(Protocol):
    """Bytes on their way into the store: invisible to readers until kept."""

    def write(self, part: bytes | memoryview, /) -> None:
        """Add bytes, which may be overwritten afterwards.

        Raises:
            StoreFull: there is no room.
            StoreUnavailable: the store failed; discard this writing.
        """

    def keep(self, key: str) -> None:
        """Make the bytes the object `key`, durable on return; once only.

        An object already there with the same size may stay as it is (the key is the hash of the bytes, so
        they are the same) or be put again, whole; its age begins anew. One of another size is damaged and is
        replaced.

        Raises:
            ValueError: `key` is not a lower-case hex SHA-256.
            StoreFull: there is no room.
            StoreUnavailable: the store failed; nothing is promised about the object.
        """

    def keep_piece(self, name: str) -> None:
        """Make the bytes the piece `name`, durable on return; instead of `keep`.

        A piece is a stretch of an object that has not come whole. It is no object: `keys` does not tell it, and
        who keeps it remembers its name.

        Raises:
            ValueError: `name` is not 32 lower-case hex digits.
            StoreFull: there is no room.
            StoreUnavailable: the store failed; nothing is promised about the piece.
        """

    def discard(self) -> None:
        """Forget the bytes; harmless after `keep` or `keep_piece`, and when called twice."""


class ObjectStore(Protocol):
    """Immutable objects under the SHA-256 of their bytes."""

    def begin(self) -> Writing:
        """Start writing an object whose key is not known yet.

        Raises:
            StoreFull: there is no room.
            StoreUnavailable: the store cannot be written.
        """

    def open(self, key: str) -> BinaryIO:
        """The object's bytes, seekable; the caller closes.

        Raises:
            ValueError: `key` is not a lower-case hex SHA-256.
            ObjectMissing: there is none.
            ObjectDamaged: the store found other bytes under this key; not every store looks.
            StoreUnavailable: the store cannot be read.
        """

    def size(self, key: str) -> int:
        """The object's size in bytes; raises like `open`."""

    def age(self, key: str) -> timedelta:
        """How long ago these bytes were last kept, also when they were there already; raises like `open`."""

    def remove(self, key: str) -> None:
        """Remove the object for good; raises like `open`."""

    def keys(self) -> Iterator[str]:
        """Every key, in order; objects kept meanwhile may or may not appear."""

    def open_piece(self, name: str) -> BinaryIO:
        """A piece's bytes from their beginning; the caller closes.

        Raises:
            ValueError: `name` is not 32 lower-case hex digits.
            ObjectMissing: there is none.
            StoreUnavailable: the store cannot be read.
        """

    def remove_piece(self, name: str) -> None:
        """Remove a piece for good; harmless when it is gone; otherwise raises like `open_piece`."""

    def pieces(self) -> Iterator[tuple[str, timedelta]]:
        """Every piece, in order, and how long ago it was kept."""

    def sweep_staging(self, *, older_than: timedelta) -> int:
        """Remove what dead processes left half written for longer than this; how many."""

    def check(self) -> str:
        """One line for `/healthz` on where the bytes go, after a real write.

        Raises:
            StoreFull: no photo would fit.
            StoreUnavailable: the store cannot be written.
        """

    def internal_address(self, key: str) -> str | None:
        """Where a web server in front finds the object (X-Accel-Redirect), for one request now; None: nowhere.

        Asks nobody whether it is there. Raises ValueError like `open`.
        """


def checked_key(key: str) -> str:
    """The key itself, when it is a lower-case hex SHA-256 and so can never be a path.

    Raises:
        ValueError: it is anything else.
    """
    if not _KEY.fullmatch(key):
        raise ValueError("an object's key is a lower-case hex SHA-256")
    return key


def checked_piece(name: str) -> str:
    """The name itself, when it is 32 lower-case hex digits and so can never be a path.

    Raises:
        ValueError: it is anything else.
    """
    if not _PIECE.fullmatch(name):
        raise ValueError("a piece's name is 32 lower-case hex digits")
    return name
