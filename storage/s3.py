"""Objects in a bucket of an S3-compatible store: confirmed by the store before `keep` returns."""

import hashlib
import io
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import BinaryIO, Final

from minio.datatypes import Object
from urllib3 import BaseHTTPResponse

from storage.call_time import within
from storage.object_store import ObjectDamaged, ObjectMissing, StoreUnavailable
from storage.s3_address import S3Address
from storage.s3_faults import NO_BUCKET, as_store_error
from storage.s3_line import S3Line
from storage.s3_writing import OBJECTS, PIECES, Content, S3Writing, name_of, name_of_piece
from storage.spool import open_spool

PROBE: Final = "probes/healthz"
HANDED_OUT_FOR: Final = timedelta(seconds=60)
"""How long the address works that a front server is given; nobody else sees it."""
_BLOCK: Final = 256 * 1024


@dataclass(frozen=True)
class S3Patience:
    """How long a whole call may take, in seconds, whatever the store does."""

    connect: float = 3
    """To each address of the host."""
    small: float = 10
    transfer: float = 30
    """An object's way there, with its confirmation, or back."""
    check: float = 5


class S3Store:
    """Objects under `objects/ab/cd/` of one private bucket; speaks to the store only when something is asked."""

    def __init__(
        self, address: S3Address, *, spool: Path | None = None, patience: S3Patience | None = None
    ) -> None:
        """Open the store; `spool` is the folder for what is too large for memory while it passes through."""
        self._bucket = address.bucket
        self._spool = spool
        self._patience = patience or S3Patience()
        self._line = S3Line(address, connect_seconds=self._patience.connect)

    def begin(self) -> S3Writing:
        """Start a spool; see `ObjectStore.begin`."""
        return S3Writing(self._put, spool=self._spool)

    def open(self, key: str) -> BinaryIO:
        """The object's bytes, all here and found to be those of the key; see `ObjectStore.open`.

        Raises:
            ObjectDamaged: the store holds other bytes under this key.
        """
        spool, digest = self._fetch(name_of(key))
        if digest != key:
            with suppress(OSError):
                spool.close()
            raise ObjectDamaged("digest")
        return spool

    def _fetch(self, name: str) -> tuple[BinaryIO, str]:
        """All bytes under a name, here, and their SHA-256."""
        spool = open_spool(self._spool)
        try:
            with self._call(self._patience.transfer):
                return spool, _pour(self._line.client.get_object(self._bucket, name), spool)
        except BaseException:
            with suppress(OSError):
                spool.close()
            raise

    def size(self, key: str) -> int:
        """The object's size in bytes; see `ObjectStore.size`."""
        return self._stat(name_of(key)).size or 0

    def age(self, key: str) -> timedelta:
        """How long ago it was last kept, to the second and by the store's own clock; see `ObjectStore.age`."""
        return self._age_of(name_of(key))

    def _age_of(self, name: str) -> timedelta:
        found = self._stat(name)
        if found.last_modified is None:
            raise StoreUnavailable("no Last-Modified")
        told = (found.metadata or {}).get("date")
        with as_store_error():
            # Our clock and the store's may differ by a day; the orphans' grace is little more.
            now = parsedate_to_datetime(str(told)) if told else datetime.now(UTC)
        age: timedelta = now - found.last_modified
        return age

    def remove(self, key: str) -> None:
        """Remove the object; see `ObjectStore.remove`. The bucket must keep no older versions."""
        # A store answers the removal of nothing like any other.
        self._stat(name_of(key))
        with self._call(self._patience.small):
            self._line.client.remove_object(self._bucket, name_of(key))

    def keys(self) -> Iterator[str]:
        """Every key, page by page; see `ObjectStore.keys`."""
        listed = self._line.client.list_objects(self._bucket, prefix=OBJECTS, recursive=True)
        last = ""
        while (entry := self._next(listed)) is not None:
            name = entry.object_name or ""
            key = name.rpartition("/")[2]
            with suppress(ValueError):
                if name != name_of(key):
                    # Nothing of ours.
                    continue
                if key <= last:
                    # A store that lists in circles would keep us for ever.
                    raise StoreUnavailable("unordered list")
                yield key
                last = key

    def open_piece(self, name: str) -> BinaryIO:
        """The piece's bytes, all here; see `ObjectStore.open_piece`."""
        return self._fetch(name_of_piece(name))[0]

    def remove_piece(self, name: str) -> None:
        """Remove the piece; see `ObjectStore.remove_piece`."""
        named = name_of_piece(name)
        with suppress(ObjectMissing), self._call(self._patience.small):
            self._line.client.remove_object(self._bucket, named)

    def pieces(self) -> Iterator[tuple[str, timedelta]]:
        """Every piece, its age by the store's own clock; see `ObjectStore.pieces`."""
        listed = self._line.client.list_objects(self._bucket, prefix=PIECES, recursive=True)
        last = ""
        while (entry := self._next(listed)) is not None:
            name = (entry.object_name or "").removeprefix(PIECES)
            with suppress(ValueError, ObjectMissing):
                age = self._age_of(name_of_piece(name))
                if name <= last:
                    raise StoreUnavailable("unordered list")
                yield name, age
                last = name

    def sweep_staging(self, *, older_than: timedelta) -> int:
        """Nothing to do: a spool has no name, and the store shows no object before all of it has come."""
        del older_than
        return 0

    def check(self) -> str:
        """Keep and remove a small object outside `objects/`; see `ObjectStore.check`."""
        content = b"\0" * 4096
        md5 = hashlib.md5(content, usedforsecurity=False).digest()
        with self._call(self._patience.check):
            self._line.send(
                PROBE, Content(io.BytesIO(content), len(content), hashlib.sha256(content).hexdigest(), md5)
            )
            # Somebody else's check may have removed it already.
            with suppress(ObjectMissing), as_store_error():
                self._line.client.remove_object(self._bucket, PROBE)
        return f"s3, bucket {self._bucket}"

    def internal_address(self, key: str) -> str | None:
        """A signed path for one GET, valid for `HANDED_OUT_FOR`; see `ObjectStore.internal_address`."""
        url = self._line.client.get_presigned_url("GET", self._bucket, name_of(key), expires=HANDED_OUT_FOR)
        parts = urllib.parse.urlsplit(url)
        return f"/_s3{parts.path}?{parts.query}"

    def make_bucket(self) -> None:
        """Make the bucket, private as stores make them; harmless when it is there. For whoever sets a store up.

        Raises:
            StoreUnavailable: it cannot be made.
        """
        with self._call(self._patience.small):
            if not self._line.client.bucket_exists(self._bucket):
                self._line.client.make_bucket(self._bucket)

    def _put(self, name: str, content: Content) -> None:
        """Send one object or piece and have the store say that it is there."""
        try:
            with self._call(self._patience.transfer):
                self._line.send(name, content)
                found = self._line.client.stat_object(self._bucket, name)
        except ObjectMissing as error:
            raise StoreUnavailable("not kept") from error
        if found.size != content.size:
            raise StoreUnavailable("kept with another size")

    def _stat(self, name: str) -> Object:
        with self._call(self._patience.small):
            return self._line.client.stat_object(self._bucket, name)

    def _next(self, listed: Iterator[Object]) -> Object | None:
        """The next entry; asks for the next page when one is read to its end."""
        with self._call(self._patience.small):
            return next(listed, None)

    @contextmanager
    def _call(self, seconds: float) -> Iterator[None]:
        """One call within its time. An object is missing only from a bucket that is there."""
        with within(seconds):
            try:
                with as_store_error():
                    yield
            except ObjectMissing:
                with as_store_error():
                    is_there = self._line.client.bucket_exists(self._bucket)
                if not is_there:
                    raise StoreUnavailable(NO_BUCKET) from None
                raise


def _pour(answer: BaseHTTPResponse, into: BinaryIO) -> str:
    """All bytes of the answer into the file, which is then at its start; returns their SHA-256."""
    digest = hashlib.sha256()
    try:
        while block := answer.read(_BLOCK):
            digest.update(block)
            into.write(block)
        answer.release_conn()
    finally:
        answer.close()
    into.flush()
    into.seek(0)
    return digest.hexdigest()
