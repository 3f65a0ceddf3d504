"""Which store an address means."""

from pathlib import Path

from storage.filesystem import FilesystemStore
from storage.memory import MemoryStore
from storage.object_store import ObjectStore
from storage.s3 import S3Store
from storage.s3_address import S3Address


def open_store(url: str, *, spool: Path | None = None) -> ObjectStore:
    """The store at `url`: `file:/an/absolute/folder`, `s3+http(s)://…`, or `memory:` for tests and trials.

    `spool` is the folder for what passes through on its way to another machine (None: the system's own).

    Raises:
        ValueError: no store of that kind; settings name the fault before it comes to this.
        StoreError: the store is there but cannot be opened.
    """
    scheme, _, rest = url.partition(":")
    if scheme == "file" and rest.startswith("/"):
        return FilesystemStore(Path(rest))
    if scheme == "memory" and not rest:
        return MemoryStore()
    if scheme in {"s3+http", "s3+https"}:
        return S3Store(S3Address.parse(url), spool=spool)
    # The scheme alone: the rest of an address may hold a password.
    raise ValueError(f"no store of the kind {scheme!r}")
