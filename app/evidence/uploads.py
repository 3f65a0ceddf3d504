"""Resumable uploads and who may have them: announced, looked at, ended, and found again by a report."""

import secrets
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import BindParameter, Column, Row, Select, bindparam, case, delete, func, insert, select, union_all
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, Guest, Submitter, Unnamed
from app.core.db import Database, changed_one, table_of
from app.core.errors import NotFound, NotSignedIn, UploadsFull
from app.evidence.arriving import KeptPhoto, as_problem
from app.evidence.orphans import remove_unnamed
from app.evidence.signature import PhotoFormat
from app.evidence.upload_rows import FinishedUploadRow, UploadRow
from storage.object_store import ObjectStore, StoreError

_U, _F = table_of(UploadRow).c, table_of(FinishedUploadRow).c


def _waiting(mine: Column[Any], done: Column[Any]) -> Select[Any]:
    """How many uploads wait of those whose column says so, and their bytes.

    Counted is what is kept beyond `lively`, and its whole length; of the rest no number and the bytes that came,
    for those lie on the disk.
    """
    whose: BindParameter[str] = bindparam("whose")
    at: BindParameter[datetime] = bindparam("at")
    lively: BindParameter[datetime] = bindparam("lively")
    of_both = union_all(
        select(
            case((_U.expires_at > lively, 1), else_=0).label("one"),
            case((_U.expires_at > lively, _U.length), else_=_U.received).label("size"),
        ).where(mine == whose, _U.expires_at > at),
        select(case((_F.expires_at > lively, 1), else_=0).label("one"), _F.bytes.label("size")).where(
            done == whose, _F.expires_at > at
        ),
    ).subquery()
    return select(func.coalesce(func.sum(of_both.c.one), 0), func.coalesce(func.sum(of_both.c.size), 0))


# Built once: every upload asks them.
_OF_POOL: Final = _waiting(_U.pool, _F.pool)
_OF_MAKER: Final = _waiting(_U.maker, _F.maker)
_BEGIN: Final = insert(table_of(UploadRow))
_MINE: Final = [
    select(*columns).where(
        columns.code == bindparam("code"),
        columns.maker == bindparam("maker"),
        columns.expires_at > bindparam("at"),
    )
    for columns in (_U, _F)
]
OWN_RETRY_SECONDS: Final = 3600
"""What stands in the way is one's own: it is reported, or expires."""
POOL_RETRY_SECONDS: Final = 60
"""Others' uploads stand in the way: they are reported any minute."""
PASS_KEPT_FOR: Final = timedelta(days=1)
"""What comes under a pass is kept so long after its last byte; all of it can be sent again."""
IDLE: Final = timedelta(hours=1)
"""An upload under a pass that has brought no byte for so long is not counted among those who share a quota."""


@dataclass(frozen=True)
class Maker:
    """Who may see an upload, and with whom a quota is shared: an account is both; many passes share a pool."""

    scope: str
    pool: str
    has_pass: bool


@dataclass(frozen=True)
class UploadRules:
    """Settings of uploads: days an account's are kept; how many of a pool, and bytes; the same of one pass."""

    kept_for: timedelta
    uploads: int
    bytes: int
    pass_uploads: int
    pass_bytes: int


@dataclass(frozen=True)
class Upload:
    """An upload as it stands: `received` of `length` bytes are durable, in `pieces` of (name, bytes)."""

    code: str
    maker: Maker
    sha256: str
    length: int
    received: int
    pieces: tuple[tuple[str, int], ...]
    format: PhotoFormat | None
    expires_at: datetime

    @property
    def is_finished(self) -> bool:
        """Whether all of it has come."""
        return self.received == self.length


def maker_of(by: Submitter | None) -> Maker:
    """Who uploads: an account, or the bearer of a pass.

    Raises:
        NotSignedIn: nobody, or a guest without a pass.
    """
    match by:
        case Actor():
            return Maker(f"account:{by.account_id}", f"account:{by.account_id}", has_pass=False)
        case Guest(place_id, str() as pass_hash):
            return Maker(f"pass:{pass_hash}", f"place:{place_id}", has_pass=True)
        case Unnamed(unit_id, pass_hash):
            return Maker(f"pass:{pass_hash}", f"unnamed:{unit_id}", has_pass=True)
    raise NotSignedIn


def fresh_code() -> str:
    """What an upload's address ends in; nobody guesses it."""
    return secrets.token_urlsafe(16)


def begin_upload(
    *,
    code: str,
    sha256: str,
    length: int,
    by: Maker,
    may: Callable[[Session], object],
    at: datetime,
    db: Database,
    rules: UploadRules,
) -> Upload:
    """Announce a file of `length` bytes with this SHA-256; `may` refuses who may not, in the transaction.

    Raises:
        UploadsFull: more waits of this maker, or of those who share the quota, than is kept.
        Unavailable: the database cannot keep it now.
    """
    expires_at = kept_until(by, at=at) or (at + rules.kept_for).replace(microsecond=0)
    with db.write() as session:
        may(session)
        _hold_quota(session, by, length=length, at=at, rules=rules)
        told = {
            "code": code,
            "maker": by.scope,
            "pool": by.pool,
            "sha256": sha256,
            "length": length,
            "received": 0,
            "pieces": [],
            "format": None,
            "expires_at": expires_at,
        }
        session.execute(_BEGIN, told)
    return Upload(code, by, sha256, length, 0, (), None, expires_at)


def kept_until(by: Maker, *, at: datetime) -> datetime | None:
    """Until when an upload under a pass is kept that grows at `at`; None: an account's expires when it would."""
    return (at + PASS_KEPT_FOR).replace(microsecond=0) if by.has_pass else None


def _hold_quota(session: Session, by: Maker, *, length: int, at: datetime, rules: UploadRules) -> None:
    """Two who announce at one moment on PostgreSQL may both be the last: the quota is a bound, no till."""
    if by.has_pass:
        own = session.execute(_OF_MAKER, {"whose": by.scope, "at": at, "lively": at}).one()
        if _is_over(own, length, uploads=rules.pass_uploads, size=rules.pass_bytes):
            raise UploadsFull(retry_after=OWN_RETRY_SECONDS)
    lively = at + PASS_KEPT_FOR - IDLE if by.has_pass else at
    shared = session.execute(_OF_POOL, {"whose": by.pool, "at": at, "lively": lively}).one()
    if _is_over(shared, length, uploads=rules.uploads, size=rules.bytes):
        raise UploadsFull(retry_after=POOL_RETRY_SECONDS if by.has_pass else OWN_RETRY_SECONDS)


def _is_over(waiting: Row[Any], length: int, *, uploads: int, size: int) -> bool:
    number, announced = (int(each) for each in waiting)
    return number >= uploads or announced + length > size


def upload_of(session: Session, code: str, *, by: Maker, at: datetime) -> Upload:
    """The upload as it stands.

    Raises:
        NotFound: absent, expired, or another maker's: one answer.
    """
    shown = {"code": code, "maker": by.scope, "at": at}
    row = session.execute(_MINE[0], shown).one_or_none()
    if row is not None:
        pieces = tuple((str(name), int(size)) for name, size in row.pieces)
        told = PhotoFormat(row.format) if row.format else None
        return Upload(code, by, row.sha256, row.length, row.received, pieces, told, row.expires_at)
    done = session.execute(_MINE[1], shown).one_or_none()
    if done is None:
        raise NotFound
    return Upload(code, by, done.sha256, done.bytes, done.bytes, (), PhotoFormat(done.format), done.expires_at)


def end_upload(
    upload: Upload, *, at: datetime, named_by: Sequence[Column[Any]], store: ObjectStore, db: Database
) -> None:
    """Forget an upload, whether it is finished or not; repeatable.

    Its object goes with it if nothing else names it (`named_by`, as `orphans.remove_orphans`): what is counted no
    more must not fill the disk. While a backup copies objects it stays, and is swept.

    Raises:
        Unavailable: the database or the store cannot now; the upload stays.
    """
    with db.write() as session:
        session.execute(delete(UploadRow).where(_U.code == upload.code))
        # Not as it was read: it may have been finished since, or taken up.
        if changed_one(session, delete(table_of(FinishedUploadRow)).where(_F.code == upload.code)):
            with as_problem():
                remove_unnamed(session, upload.sha256, store=store, named_by=named_by, at=at)
    remove_pieces(upload.pieces, store=store)


def remove_pieces(pieces: Collection[tuple[str, int]], *, store: ObjectStore) -> None:
    """Remove pieces that no row speaks of any more; what cannot be removed now is swept later."""
    for name, _size in pieces:
        with suppress(StoreError):
            store.remove_piece(name)


def finished_photos(
    session: Session, keys: Collection[str], *, by: Submitter, at: datetime
) -> tuple[KeptPhoto, ...]:
    """Those of these photos that the same person has uploaded and nobody has taken up, each once."""
    if not keys or (isinstance(by, Guest) and by.pass_hash is None):
        return ()
    found = session.execute(
        select(_F.sha256, _F.bytes, _F.format)
        .where(_F.maker == maker_of(by).scope, _F.sha256.in_(sorted(set(keys))), _F.expires_at > at)
        .distinct()
    )
    return tuple(KeptPhoto(row.sha256, row.bytes, PhotoFormat(row.format)) for row in found)


def take_up(session: Session, keys: Collection[str], *, by: Submitter) -> None:
    """Forget the uploads that a report now speaks of, in the transaction of that report."""
    if not keys or (isinstance(by, Guest) and by.pass_hash is None):
        return
    if isinstance(by, Unnamed):
        forget_everybodys(session, keys)
        return
    session.execute(
        delete(FinishedUploadRow).where(_F.maker == maker_of(by).scope, _F.sha256.in_(sorted(set(keys))))
    )


def forget_everybodys(session: Session, keys: Collection[str]) -> None:
    """Forget all uploads of these bytes, finished or not, whoever made them.

    An anonymous report speaks of them: the same phone may have sent them under its account before, and no row may
    tell so. Whoever else has them uploads them again. Of reports nothing is lost: a report's photos have rows of
    their own, and one that is made just now sees in its transaction whether the bytes are there.
    """
    named = sorted(set(keys))
    session.execute(delete(table_of(FinishedUploadRow)).where(_F.sha256.in_(named)))
    session.execute(delete(table_of(UploadRow)).where(_U.sha256.in_(named)))
