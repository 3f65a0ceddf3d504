"""`restore FILE`: onto empty data, of either database and any store; killed anywhere, it is run again.

The whole file is checked before anything is written. Then objects (each durable, those that are there already are
skipped), then all rows in one transaction, which reads them back and compares before it commits: until that
moment the data counts as empty, after it as restored.
"""

import hashlib
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import IO

from sqlalchemy import Table, insert
from sqlalchemy.engine import Connection

from app.keeping.archive import manifest_of, object_member, opened, parts_of, sha256_of, table_member
from app.keeping.layout import Migrate, first_row_anywhere, kept_tables, revision_of
from app.keeping.lines import ROWS_AT_ONCE, Digest, TableDigest, digest_of, row_of
from app.keeping.manifest import Manifest, Objects
from app.keeping.refusal import Refused
from app.keeping.unbound import count_on_from, references_deferred
from app.runtime import Runtime
from storage.object_store import ObjectDamaged, ObjectMissing, ObjectStore

Tell = Callable[[str], None]
_ALTERED = "the file is no whole backup: {what} is not what its manifest says"


def restore(
    path: Path, *, means: Runtime, revisions: tuple[str, ...], migrate: Migrate, tell: Tell = lambda _line: None
) -> Manifest:
    """Bring back what the backup holds; `revisions` are those this version knows, oldest first.

    Run again after a kill it goes on; run again after success it says so and changes nothing.

    Raises:
        Refused: the file is cut short, altered or of a newer version; the data is not empty.
        Unavailable, StoreError: the database or the store does not answer; run it again.
    """
    manifest = check_file(path)
    tell(f"{path} is whole: {manifest.objects.count} objects, {len(manifest.tables)} tables")
    if manifest.revision not in revisions:
        raise Refused(
            f"the backup was made by version {manifest.version}, at migration {manifest.revision}, which this "
            "version does not know: restore with that version or a later one"
        )
    _refuse_other_data(manifest, means=means)
    # Before the objects, which may take hours, and after them: by then somebody may have migrated.
    _blank_or_older(manifest, means=means, revisions=revisions)
    _restore_objects(path, store=means.store, tell=tell)
    if _blank_or_older(manifest, means=means, revisions=revisions):
        migrate(manifest.revision)
    _restore_rows(path, manifest, means=means, tell=tell)
    migrate("head")
    return manifest


def check_file(path: Path) -> Manifest:
    """Read the whole file and compare each table and each object with what the manifest and the keys say.

    Raises:
        Refused: it is cut short or altered, or no backup at all.
    """
    manifest = None
    tables: dict[str, TableDigest] = {}
    count, size, names = 0, 0, hashlib.sha256()
    with opened(path) as members:
        for member, content in members:
            if manifest is not None:
                raise Refused(_ALTERED.format(what=member))
            kind, _, name = member.partition("/")
            if kind == "tables":
                # Of two members of one name nobody could say which is meant.
                if tables.setdefault(name.removesuffix(".jsonl"), (told := _digest_of_lines(content))) is not told:
                    raise Refused(_ALTERED.format(what=member))
            elif kind == "objects":
                digest, length = sha256_of(content)
                if digest != name:
                    raise Refused(_ALTERED.format(what=f"object {name}"))
                count, size = count + 1, size + length
                names.update(f"{name}\n".encode())
            else:
                manifest = manifest_of(content)
    if manifest is None:
        raise Refused("the file is no whole backup: it was cut short (its manifest is missing)")
    _compare(tables, manifest)
    if manifest.objects != Objects(count, size, names.hexdigest()):
        raise Refused(_ALTERED.format(what="the number of its objects"))
    return manifest


def _digest_of_lines(content: IO[bytes]) -> TableDigest:
    digest = Digest()
    for line in content:
        digest.add(line)
    return digest.result()


def _compare(tables: dict[str, TableDigest], manifest: Manifest) -> None:
    for name in sorted(set(tables) | set(manifest.tables)):
        if tables.get(name) != manifest.tables.get(name):
            raise Refused(_ALTERED.format(what=f"table {name}"))


def _refuse_other_data(manifest: Manifest, *, means: Runtime) -> None:
    """Look before the objects, which may take hours; the transaction with the rows looks again."""
    with means.db.read() as session:
        connection = session.connection()
        revision = revision_of(connection)
        filled = first_row_anywhere(connection)
        if filled is None:
            if revision is None and kept_tables(connection):
                raise Refused("the database holds tables of something else: name a blank one")
            return
        if revision != manifest.revision or not _holds_it(connection, manifest):
            raise Refused(
                f"the database is not empty (table {filled} has rows): restore needs blank data; move $DATA away, "
                "or name another DATABASE_URL, and run it again before the service is started"
            )


def _holds_it(connection: Connection, manifest: Manifest) -> bool:
    """Whether the database holds exactly what the backup does: an earlier run came this far."""
    tables = {table.name: table for table in kept_tables(connection)}
    return set(tables) == set(manifest.tables) and all(
        digest_of(connection, table) == manifest.tables[name] for name, table in tables.items()
    )


def _blank_or_older(manifest: Manifest, *, means: Runtime, revisions: tuple[str, ...]) -> bool:
    """Whether migrations must come first.

    Raises:
        Refused: the tables are newer than the backup, and empty tables are not taken back a step here; or they
            are of a migration that this version does not know.
    """
    with means.db.read() as session:
        revision = revision_of(session.connection())
    if revision is None:
        return True
    if revision not in revisions:
        raise Refused(
            f"the tables are at migration {revision}, which this version does not know: name a blank database"
        )
    if revisions.index(revision) > revisions.index(manifest.revision):
        raise Refused(
            f"the tables are at migration {revision}, the backup at {manifest.revision}: name a blank database, "
            "which is brought to the backup's migration first and to the newest afterwards"
        )
    return revision != manifest.revision


def _restore_objects(path: Path, *, store: ObjectStore, tell: Tell) -> None:
    with opened(path) as members:
        for count, (key, content) in enumerate(_objects(members), start=1):
            _keep(key, content, store=store)
            tell(f"object {count}")


def _objects(members: Iterator[tuple[str, IO[bytes]]]) -> Iterator[tuple[str, IO[bytes]]]:
    prefix = object_member("")
    return ((name.removeprefix(prefix), content) for name, content in members if name.startswith(prefix))


def _keep(key: str, content: IO[bytes], *, store: ObjectStore) -> None:
    """Make an object durable under its key; one that is there whole is skipped, so that a second run is quick."""
    there = _digest_in(store, key)
    if there == key:
        return
    if there is not None:
        # The store would keep a damaged object of the right size: it takes the key's word for the bytes.
        store.remove(key)
    writing = store.begin()
    try:
        digest = hashlib.sha256()
        for part in parts_of(content):
            digest.update(part)
            writing.write(part)
        if digest.hexdigest() != key:
            raise Refused(_ALTERED.format(what=f"object {key}"))
        writing.keep(key)
    finally:
        writing.discard()


def _digest_in(store: ObjectStore, key: str) -> str | None:
    """The digest of what stands there: None for nothing, "" for bytes that the store found to be others."""
    try:
        with store.open(key) as stream:
            return sha256_of(stream)[0]
    except ObjectDamaged:
        return ""
    except ObjectMissing:
        return None


def _restore_rows(path: Path, manifest: Manifest, *, means: Runtime, tell: Tell) -> None:
    with means.db.write() as session:
        connection = session.connection()
        if first_row_anywhere(connection) is not None:
            if _holds_it(connection, manifest):
                tell("the rows are there already")
                return
            raise Refused("somebody has written into the database meanwhile: stop the service and begin anew")
        tables = {table.name: table for table in kept_tables(connection)}
        if set(tables) != set(manifest.tables):
            raise Refused("the backup has other tables than its migration makes: it was altered")
        with references_deferred(connection, tuple(tables.values())):
            for table in tables.values():
                _load(connection, table, path, tell=tell)
        count_on_from(connection, tuple(tables.values()))
        tell("comparing")
        _compare({name: digest_of(connection, table) for name, table in tables.items()}, manifest)
    tell("committed")


def _load(connection: Connection, table: Table, path: Path, *, tell: Tell) -> None:
    """Insert a table's lines; the file is walked for each, since tables stand in it as the backup met them."""
    with opened(path) as members:
        for member, content in members:
            if member == table_member(table.name):
                rows = (row_of(line, table) for line in content)
                while batch := list(islice(rows, ROWS_AT_ONCE)):
                    connection.execute(insert(table), batch)
                tell(f"table {table.name}")
                return
