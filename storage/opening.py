"""Which store an address means."""

from pathlib import Path

from storage.filesystem import FilesystemStore
from storage.memory import MemoryStore
from storage.object_store import ObjectStore


def open_store(url: str) -> ObjectStore:
    """The store at `url`: `file:/an/absolute/folder`, or `memory:` for tests and trials.

    Raises:
        ValueError: no store of that kind; settings name the fault before it comes to this.
        StoreError: the store is there but cannot be opened.
    """
    scheme, _, rest = url.partition(":")
    if scheme == "file" and rest.startswith("/"):
        return FilesystemStore(Path(rest))
    if scheme == "memory" and not rest:
        return MemoryStore()
    # The scheme alone: the rest of an address may hold a password.
    raise ValueError(f"no store of the kind {scheme!r}")
