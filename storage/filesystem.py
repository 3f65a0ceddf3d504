"""Objects as files in sharded folders of one filesystem, durable when `keep` returns."""

import errno
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO, Final

from storage.object_store import ObjectMissing, StoreFull, StoreUnavailable, checked_key, checked_piece

FOLDER_MODE: Final = 0o700
FILE_MODE: Final = 0o600
MIB: Final = 1024 * 1024
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_STAGING: Final = "staging"
_OBJECTS: Final = "objects"
_PIECES: Final = "pieces"


@contextmanager
def _as_store_error() -> Iterator[None]:
    """Turn the system's errors into the store's, without a path in the message."""
    try:
        yield
    except FileNotFoundError as error:
        raise ObjectMissing from error
    except OSError as error:
        name = errno.errorcode.get(error.errno or 0, "unknown")
        raise (StoreFull(name) if error.errno in _FULL else StoreUnavailable(name)) from error


@contextmanager
def as_write_error() -> Iterator[None]:
    """The same for writers, to whom a missing folder means a broken store, not a missing object."""
    try:
        with _as_store_error():
            yield
    except ObjectMissing as error:
        raise StoreUnavailable("ENOENT") from error


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class FileWriting:
    """A file in the staging folder, on its way to its key."""

    def __init__(self, store: "FilesystemStore") -> None:
        self._store = store
        self._path = store.staging / f"{uuid.uuid4().hex}.part"
        self._bytes = 0
        with as_write_error():
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            self._descriptor: int | None = os.open(self._path, flags, FILE_MODE)

    def write(self, part: bytes | memoryview, /) -> None:
        """Add bytes; see `Writing.write`."""
        rest = memoryview(part)
        with as_write_error():
            # A nearly full disk writes a part of what it is given before it refuses.
            while rest:
                rest = rest[os.write(self._opened(), rest) :]
        self._bytes += len(part)

    def keep(self, key: str) -> None:
        """Make the bytes durable under `key`; see `Writing.keep`.

        Order matters: the file's bytes first, then its name, then the folders that hold the name. A crash
        in between leaves a staging file or a whole object, never half of one.
        """
        target = self._store.path_of(key)
        with as_write_error():
            self._store.make_folder(target.parent)
            if self._store.has(target, size=self._bytes):
                # Whoever sweeps what no row names goes by the age: these bytes are wanted anew.
                os.utime(target)
            else:
                os.fsync(self._opened())
                self._path.replace(target)
            # Also when somebody else put it there: their sync of the folder may still be under way.
            _sync_folder(target.parent)
        self.discard()

    def keep_piece(self, name: str) -> None:
        """Make the bytes durable as a piece; see `Writing.keep_piece`. In the same order as `keep`."""
        target = self._store.path_of_piece(name)
        with as_write_error():
            os.fsync(self._opened())
            self._path.replace(target)
            _sync_folder(target.parent)
        self.discard()

    def sync(self) -> None:
        """Bring the bytes written so far to the disk."""
        with as_write_error():
            os.fsync(self._opened())

    def discard(self) -> None:
        """Close and remove the staging file if it is still there."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
            # What cannot be removed now is swept later.
            with suppress(OSError):
                self._path.unlink(missing_ok=True)

    def _opened(self) -> int:
        if self._descriptor is None:
            raise ValueError("this writing was kept or discarded")
        return self._descriptor


class FilesystemStore:
    """Objects under `root/objects/ab/cd/`, half-written ones under `root/staging`: one filesystem.

    Pieces lie in `root/pieces`.
    """

    def __init__(self, root: Path) -> None:
        """Open the store at `root`, making its folders.

        Raises:
            StoreFull: there is no room for them.
            StoreUnavailable: they cannot be made.
        """
        self.staging = root / _STAGING
        self._objects = root / _OBJECTS
        self._pieces = root / _PIECES
        # Folders whose own name this process has seen reach the disk. A folder another process has just
        # made may not have: existing is not enough.
        self._settled: set[Path] = set()
        with as_write_error():
            root.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
            self.staging.mkdir(mode=FOLDER_MODE, exist_ok=True)
            self._objects.mkdir(mode=FOLDER_MODE, exist_ok=True)
            self._pieces.mkdir(mode=FOLDER_MODE, exist_ok=True)
            _sync_folder(root)
            _sync_folder(root.parent)

    def begin(self) -> FileWriting:
        """Start a staging file; see `ObjectStore.begin`."""
        return FileWriting(self)

    def open(self, key: str) -> BinaryIO:
        """The object's file; see `ObjectStore.open`."""
        path = self.path_of(key)
        with _as_store_error():
            return path.open("rb")

    def size(self, key: str) -> int:
        """The file's size in bytes; see `ObjectStore.size`."""
        path = self.path_of(key)
        with _as_store_error():
            return path.stat().st_size

    def age(self, key: str) -> timedelta:
        """How long ago it was last kept; see `ObjectStore.age`."""
        return self._age_of(self.path_of(key))

    def remove(self, key: str) -> None:
        """Unlink the file and sync its folder; see `ObjectStore.remove`."""
        path = self.path_of(key)
        with _as_store_error():
            path.unlink()
            _sync_folder(path.parent)

    def keys(self) -> Iterator[str]:
        """Every key, in order; see `ObjectStore.keys`."""
        with _as_store_error():
            for outer in sorted(self._objects.iterdir()):
                for inner in sorted(outer.iterdir()):
                    yield from sorted(entry.name for entry in inner.iterdir())

    def open_piece(self, name: str) -> BinaryIO:
        """The piece's file; see `ObjectStore.open_piece`."""
        path = self.path_of_piece(name)
        with _as_store_error():
            return path.open("rb")

    def remove_piece(self, name: str) -> None:
        """Unlink the file; see `ObjectStore.remove_piece`. A crash may bring it back: the sweep comes again."""
        path = self.path_of_piece(name)
        with _as_store_error():
            path.unlink(missing_ok=True)

    def pieces(self) -> Iterator[tuple[str, timedelta]]:
        """Every piece; see `ObjectStore.pieces`."""
        with _as_store_error():
            names = sorted(entry.name for entry in self._pieces.iterdir())
        for name in names:
            # Its upload may have ended between our look and our stat.
            with suppress(ObjectMissing):
                yield name, self._age_of(self._pieces / name)

    def sweep_staging(self, *, older_than: timedelta) -> int:
        """Remove staging files that nobody has written to for longer than this; how many."""
        before = time.time() - older_than.total_seconds()
        swept = 0
        with as_write_error():
            for path in self.staging.glob("*.part"):
                # Its writer may finish or discard it between our look and our unlink.
                with suppress(FileNotFoundError):
                    if path.stat().st_mtime < before:
                        path.unlink()
                        swept += 1
        return swept

    def check(self) -> str:
        """Write, sync and remove a small file; see `ObjectStore.check`."""
        probe = self.begin()
        try:
            probe.write(b"\0" * 4096)
            probe.sync()
        finally:
            probe.discard()
        with as_write_error():
            room = os.statvfs(self._objects)
        return f"filesystem, {room.f_bavail * room.f_frsize // MIB} MiB free"

    def internal_address(self, key: str) -> str | None:
        """The path below the front server's alias of this store's root; see `ObjectStore.internal_address`."""
        return f"/_store/{self.path_of(key).relative_to(self._objects.parent)}"

    def path_of(self, key: str) -> Path:
        """Where the object lies; ValueError for what is no key."""
        checked_key(key)
        return self._objects / key[:2] / key[2:4] / key

    def _age_of(self, path: Path) -> timedelta:
        with _as_store_error():
            return timedelta(seconds=time.time() - path.stat().st_mtime)

    def path_of_piece(self, name: str) -> Path:
        """Where the piece lies; ValueError for what is no piece's name."""
        checked_piece(name)
        return self._pieces / name

    def has(self, path: Path, *, size: int) -> bool:
        """Whether an object of exactly this size is already there."""
        try:
            return path.stat().st_size == size
        except FileNotFoundError:
            return False

    def make_folder(self, folder: Path) -> None:
        """Make a shard's two folders, and sync the folders that hold their names."""
        for each in (folder.parent, folder):
            if each not in self._settled:
                each.mkdir(mode=FOLDER_MODE, exist_ok=True)
                _sync_folder(each.parent)
                self._settled.add(each)
