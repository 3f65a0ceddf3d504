"""The file itself: an uncompressed tar, written beside its name and put there whole, read without trust.

`tables/NAME.jsonl` come first, then `objects/KEY` in the order of the keys, then `manifest.json`. Because the
manifest is last, a file without one was not finished. Any tar reads it, should this product be gone.
"""

import fcntl
import hashlib
import io
import os
import re
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, BinaryIO, Final, Self

from app.keeping.manifest import Manifest, manifest_from
from app.keeping.refusal import Refused

MANIFEST: Final = "manifest.json"
MANIFEST_BYTES_MOST: Final = 64 * 1024 * 1024
"""A manifest names every lost object; more than half a million of them is no backup any more."""
PART_BYTES: Final = 1024 * 1024
_MEMBER: Final = re.compile(r"tables/[a-z0-9_]{1,60}\.jsonl|objects/[0-9a-f]{64}|manifest\.json")
_TORN: Final = "the file is no whole backup: it was cut short or altered"


def table_member(name: str) -> str:
    """Where a table's lines stand."""
    return f"tables/{name}.jsonl"


def object_member(key: str) -> str:
    """Where an object's bytes stand."""
    return f"objects/{key}"


class Draft:
    """A backup being written: `FILE.part`, mode 0600, which becomes `FILE` when it is whole.

    One that a kill left behind is written over by the next; two at once refuse each other.
    """

    def __init__(self, target: Path, *, is_replacing: bool) -> None:
        """Open the draft.

        Raises:
            Refused: FILE is there, its folder is not, or somebody else writes it.
            OSError: it cannot be written.
        """
        self._target = target
        self._is_replacing = is_replacing
        self._part = target.with_name(f"{target.name}.part")
        self._refuse_to_clobber()
        if not target.parent.is_dir():
            raise Refused(f"there is no folder {target.parent}")
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        self._file = os.fdopen(os.open(self._part, flags, 0o600), "r+b")
        if not self._is_ours():
            self._file.close()
            raise Refused(f"another backup is writing {self._part}")
        os.fchmod(self._file.fileno(), 0o600)
        self._file.truncate(0)
        self._tar = tarfile.open(fileobj=self._file, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115  # closed below

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave no half file behind, whatever went wrong."""
        if not self._file.closed:
            self._part.unlink(missing_ok=True)
            self._file.close()

    def add(self, member: str, content: BinaryIO | IO[bytes], *, size: int) -> None:
        """Write one member from the beginning of `content`, `size` bytes.

        Raises:
            OSError: the content ends early, or the disk is full.
        """
        content.seek(0)
        told = tarfile.TarInfo(member)
        told.size = size
        told.mode = 0o600
        self._tar.addfile(told, content)
        # It remembers every member otherwise: a gigabyte for a million of them.
        self._tar.members.clear()  # type: ignore[attr-defined]  # not in its type, but in its source

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest and give the file its name, durable on return.

        Raises:
            Refused: FILE has come to be meanwhile.
            OSError: the disk is full or away.
        """
        page = manifest.as_json()
        self.add(MANIFEST, io.BytesIO(page), size=len(page))
        self._tar.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._refuse_to_clobber()
        self._part.replace(self._target)
        self._file.close()
        sync_folder(self._target.parent)

    def _is_ours(self) -> bool:
        """Whether the draft is locked by us and still has its name: whoever held the lock may have renamed it."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return os.path.samestat(os.fstat(self._file.fileno()), self._part.stat())
        except (BlockingIOError, FileNotFoundError):
            return False

    def _refuse_to_clobber(self) -> None:
        if self._target.exists() and not self._is_replacing:
            raise Refused(f"{self._target} exists: choose another name, or replace it on purpose with --replace")


def sync_folder(folder: Path) -> None:
    """Bring the folder's names to the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def opened(path: Path) -> Iterator[Iterator[tuple[str, IO[bytes]]]]:
    """The members of a backup, name and bytes, in their order; each is read before the next is asked for.

    Raises:
        Refused: there is no such file, it is cut short, or it holds what no backup does.
    """
    if not path.is_file():
        raise Refused(f"there is no file {path}")
    with path.open("rb") as file:
        try:
            with tarfile.open(fileobj=file, mode="r:") as tar:
                yield _members(tar)
        except (tarfile.TarError, EOFError) as fault:
            raise Refused(_TORN) from fault


def _members(tar: tarfile.TarFile) -> Iterator[tuple[str, IO[bytes]]]:
    while (member := tar.next()) is not None:
        content = tar.extractfile(member) if _is_ours(member) else None
        if content is None:
            raise Refused("the file holds what no backup does: it was altered")
        yield member.name, content
        tar.members.clear()  # type: ignore[attr-defined]  # as above


def _is_ours(member: tarfile.TarInfo) -> bool:
    """Whether it is a plain file of a known name; one with holes would unpack to any size out of nothing."""
    return member.isreg() and member.sparse is None and _MEMBER.fullmatch(member.name) is not None


def parts_of(content: IO[bytes] | BinaryIO) -> Iterator[bytes]:
    """The bytes that are left to read, PART_BYTES at a time."""
    while part := content.read(PART_BYTES):
        yield part


def sha256_of(content: IO[bytes] | BinaryIO) -> tuple[str, int]:
    """Digest and number of the bytes that are left to read."""
    digest, size = hashlib.sha256(), 0
    for part in parts_of(content):
        digest.update(part)
        size += len(part)
    return digest.hexdigest(), size


def manifest_of(content: IO[bytes]) -> Manifest:
    """The manifest in a member.

    Raises:
        Refused: it is too long, or none.
    """
    page = content.read(MANIFEST_BYTES_MOST + 1)
    if len(page) > MANIFEST_BYTES_MOST:
        raise Refused(_TORN)
    return manifest_from(page)
