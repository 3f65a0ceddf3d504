"""Objects in memory, for tests and trials: the same promises but for a power cut."""

import io
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import BinaryIO

from storage.object_store import ObjectMissing, StoreFull, checked_key, checked_piece


class MemoryWriting:
    """Bytes in a buffer, on their way to their key."""

    def __init__(self, store: "MemoryStore") -> None:
        self._store = store
        self._parts: list[bytes] | None = []

    def write(self, part: bytes | memoryview, /) -> None:
        """Add bytes; see `Writing.write`."""
        self._store.take(len(part))
        self._opened().append(bytes(part))

    def keep(self, key: str) -> None:
        """Make the bytes the object `key`; see `Writing.keep`."""
        checked_key(key)
        self._store.put(key, b"".join(self._opened()))
        self.discard()

    def keep_piece(self, name: str) -> None:
        """Make the bytes the piece `name`; see `Writing.keep_piece`."""
        checked_piece(name)
        self._store.put_piece(name, b"".join(self._opened()))
        self.discard()

    def discard(self) -> None:
        """Forget the bytes and give their room back."""
        if self._parts is not None:
            self._store.take(-sum(len(part) for part in self._parts))
            self._parts = None

    def _opened(self) -> list[bytes]:
        if self._parts is None:
            raise ValueError("this writing was kept or discarded")
        return self._parts


class MemoryStore:
    """A dictionary with the manners of a store; `capacity` in bytes, none for no bound."""

    def __init__(self, *, capacity: int | None = None) -> None:
        self._capacity = capacity
        self._objects: dict[str, bytes] = {}
        self._kept_at: dict[str, float] = {}
        self._pieces: dict[str, tuple[bytes, float]] = {}
        self._staged = 0
        self._lock = threading.Lock()

    def begin(self) -> MemoryWriting:
        """Start writing; see `ObjectStore.begin`."""
        return MemoryWriting(self)

    def open(self, key: str) -> BinaryIO:
        """The object's bytes; see `ObjectStore.open`."""
        return io.BytesIO(self._found(key))

    def size(self, key: str) -> int:
        """The object's size in bytes; see `ObjectStore.size`."""
        return len(self._found(key))

    def age(self, key: str) -> timedelta:
        """How long ago it was last kept; see `ObjectStore.age`."""
        self._found(key)
        return timedelta(seconds=time.monotonic() - self._kept_at[key])

    def remove(self, key: str) -> None:
        """Forget the object; see `ObjectStore.remove`."""
        self._found(key)
        with self._lock:
            self._objects.pop(key, None)

    def keys(self) -> Iterator[str]:
        """Every key, in order; see `ObjectStore.keys`."""
        yield from sorted(self._objects)

    def open_piece(self, name: str) -> BinaryIO:
        """The piece's bytes; see `ObjectStore.open_piece`."""
        checked_piece(name)
        with self._lock:
            if name not in self._pieces:
                raise ObjectMissing
            return io.BytesIO(self._pieces[name][0])

    def remove_piece(self, name: str) -> None:
        """Forget the piece; see `ObjectStore.remove_piece`."""
        checked_piece(name)
        with self._lock:
            self._pieces.pop(name, None)

    def pieces(self) -> Iterator[tuple[str, timedelta]]:
        """Every piece; see `ObjectStore.pieces`."""
        with self._lock:
            kept = sorted((name, kept_at) for name, (_content, kept_at) in self._pieces.items())
        for name, kept_at in kept:
            yield name, timedelta(seconds=time.monotonic() - kept_at)

    def sweep_staging(self, *, older_than: timedelta) -> int:
        """Nothing outlives its process here."""
        del older_than
        return 0

    def check(self) -> str:
        """One line for `/healthz`; see `ObjectStore.check`."""
        self.take(0)
        return f"memory, {len(self._objects)} objects"

    def internal_address(self, key: str) -> str | None:
        """Nowhere: another process sees nothing of this memory."""
        checked_key(key)
        return None

    def put(self, key: str, content: bytes) -> None:
        """Make the object visible; one of the same size stays as it is."""
        with self._lock:
            present = self._objects.get(key)
            if present is None or len(present) != len(content):
                self._objects[key] = content
            self._kept_at[key] = time.monotonic()

    def put_piece(self, name: str, content: bytes) -> None:
        """Keep a piece."""
        with self._lock:
            self._pieces[name] = (content, time.monotonic())

    def take(self, size: int) -> None:
        """Count `size` bytes of staging against the capacity; negative gives them back."""
        with self._lock:
            used = self._staged + sum(len(content) for content in self._objects.values())
            used += sum(len(content) for content, _kept_at in self._pieces.values())
            if size >= 0 and self._capacity is not None and used + size > self._capacity:
                raise StoreFull("capacity")
            self._staged += size

    def _found(self, key: str) -> bytes:
        checked_key(key)
        with self._lock:
            if key not in self._objects:
                raise ObjectMissing
            return self._objects[key]
