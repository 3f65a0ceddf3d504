"""`backup FILE`: everything there is at one moment, while reports come in.

All tables are read from one snapshot, so every hazard in the file is whole. The objects that the snapshot's rows
name are copied after it; a hold keeps removers away meanwhile, and objects never change under their key. What is
not in the file: the secret key, demo accounts' passwords, signs of life, and what triggers make anew.
"""

import hashlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from app.core.db import Base
from app.core.errors import Unavailable
from app.core.holds import BackupHoldRow
from app.evidence.lost import MissingObjectRow, note_lost
from app.keeping.archive import Draft, object_member, sha256_of, table_member
from app.keeping.holding import objects_held
from app.keeping.layout import kept_tables, revision_of
from app.keeping.lines import Digest, TableDigest, lines_of
from app.keeping.manifest import Manifest, Objects
from app.keeping.naming import keys_missed, keys_named, who_names
from app.keeping.patience import PAUSES, opened_patiently
from app.keeping.refusal import Refused
from app.runtime import Runtime
from app.version import VERSION
from storage.object_store import ObjectDamaged, ObjectMissing

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Loss:
    """An object that rows name and the backup could not copy."""

    key: str
    what: str
    named_by: tuple[str, ...]
    is_known: bool
    """Whether people were told before: a photo set apart because its original is missing."""


@dataclass(frozen=True)
class Saved:
    """What stands in the file, and what does not."""

    manifest: Manifest
    losses: tuple[Loss, ...]

    @property
    def fresh_losses(self) -> tuple[Loss, ...]:
        """Those that nobody knew of."""
        return tuple(loss for loss in self.losses if not loss.is_known)


def back_up(
    target: Path,
    *,
    means: Runtime,
    is_replacing: bool = False,
    pauses: Sequence[float] = PAUSES,
    tell: Tell = lambda _line: None,
) -> Saved:
    """Write the backup; `target` is there when this returns, whole and on the disk, or it is not there at all.

    An object that is missing or altered does not stop it: all else is saved, and the loss is named.
    A store that does not answer is asked again after each of the pauses (seconds).

    Raises:
        Refused: the file exists, its folder does not, or the database has no tables.
        Unavailable, StoreError: the database or the store does not answer.
        OSError: the disk is full or away.
    """
    with Draft(target, is_replacing=is_replacing) as draft, _held(means):
        with tempfile.TemporaryFile(dir=target.parent) as keys:
            at = means.now()
            with means.db.read() as session:
                connection = session.connection()
                revision = revision_of(connection)
                if revision is None:
                    raise Refused("the database is blank: there is nothing to save")
                tables = _save_tables(connection, draft, folder=target.parent, tell=tell)
                known = _note_keys(connection, keys)
            objects, losses = _save_objects(keys, draft, known=known, means=means, pauses=pauses, tell=tell)
        manifest = Manifest(VERSION, revision, at, tables, objects, tuple(loss.key for loss in losses))
        draft.finish(manifest)
    saved = Saved(manifest, tuple(losses))
    _raise_alarm(saved, means=means)
    return saved


@contextmanager
def _held(means: Runtime) -> Iterator[None]:
    """Hold the objects, where the database knows of holds: an older one has removers that do not ask."""
    with means.db.read() as session:
        knows = _has_table(session, BackupHoldRow)
    with ExitStack() as stack:
        if knows:
            stack.enter_context(objects_held(now=means.now, db=means.db))
        yield


def _has_table(session: Session, row: type[Base]) -> bool:
    connection = session.connection()
    return connection.dialect.has_table(connection, row.__tablename__)


def _raise_alarm(saved: Saved, *, means: Runtime) -> None:
    """Have the watch count what was found missing: its own round may come by a fortnight later."""
    missing = {loss.key for loss in saved.fresh_losses if loss.what == "missing"}
    if not missing:
        return
    # Where that cannot be written now the file stands all the same, and its maker is told of the losses.
    with suppress(Unavailable), means.db.write() as session:
        # An older database has no such table, and nobody who counts.
        if _has_table(session, MissingObjectRow):
            note_lost(session, missing, at=means.now())


def _save_tables(connection: Connection, draft: Draft, *, folder: Path, tell: Tell) -> dict[str, TableDigest]:
    """Each table as a member; its size must be known first, so it passes through a file without a name."""
    saved = {}
    for table in kept_tables(connection):
        digest = Digest()
        with tempfile.TemporaryFile(dir=folder) as lines:
            for line in lines_of(connection, table):
                digest.add(line)
                lines.write(line)
            draft.add(table_member(table.name), lines, size=lines.tell())
        saved[table.name] = digest.result()
        tell(f"table {table.name}: {saved[table.name].rows} rows")
    return saved


def _note_keys(connection: Connection, keys: IO[bytes]) -> set[str]:
    """Write down what the snapshot names, so that it need not stay open for as long as the objects take."""
    tables = kept_tables(connection)
    for key in keys_named(connection, tables):
        keys.write(key.encode() + b"\n")
    return keys_missed(connection, tables)


def _save_objects(
    keys: IO[bytes], draft: Draft, *, known: set[str], means: Runtime, pauses: Sequence[float], tell: Tell
) -> tuple[Objects, list[Loss]]:
    count, size, names = 0, 0, hashlib.sha256()
    losses: list[Loss] = []
    keys.seek(0)
    for line in keys:
        key = line.decode().strip()
        copied = _copy(key, draft, means=means, pauses=pauses)
        if isinstance(copied, str):
            losses.append(_loss(key, copied, known=known, means=means))
            continue
        count, size = count + 1, size + copied
        names.update(line)
        if count % 1000 == 0:
            tell(f"objects: {count}")
    return Objects(count, size, names.hexdigest()), losses


def _copy(key: str, draft: Draft, *, means: Runtime, pauses: Sequence[float]) -> int | str:
    """Copy one object whose bytes are what its key says; its size, or what is wrong with it."""
    try:
        with opened_patiently(means.store, key, pauses=pauses) as stream:
            digest, size = sha256_of(stream)
            if digest != key:
                return "altered"
            # From the beginning again: the tar wants the size first, and only good bytes may come in.
            draft.add(object_member(key), stream, size=size)
            return size
    except ObjectDamaged:
        return "altered"
    except (ObjectMissing, ValueError):  # what is no key at all names nothing either
        return "missing"


def _loss(key: str, what: str, *, known: set[str], means: Runtime) -> Loss:
    with means.db.read() as session:
        return Loss(key, what, tuple(who_names(session, key)), what == "missing" and key in known)
