"""The register as a file for one person: asked for, filled by a worker, handed out under the same rights."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, Grant
from app.accounts.models import AccountRow, GrantRow
from app.accounts.permissions import Permission, Role
from app.core.db import Database, changed_one
from app.core.errors import Fault, Forbidden, Invalid, NotFound, TooMany
from app.core.outbox import record
from app.papers.events import ExportAsked
from app.papers.models import ExportRow, FileFormat, FileStatus
from app.papers.register import RegisterFilter, count_lines

ROWS_MOST: Final = 50_000
PICTURED_ROWS_MOST: Final = 1_000
"""Beyond, the XLSX comes without photos: they would not fit a mail, nor a phone's memory."""
KEPT: Final = timedelta(days=7)
PENDING_MOST: Final = 3
PENDING_WAIT_SECONDS: Final = 60
SHOWN: Final = 10


class ExportFault(StrEnum):
    """Why there is no file, as a code that the page puts into a sentence."""

    NOTHING_READABLE = "nothing_readable"
    CRASHED = "crashed"


@dataclass(frozen=True)
class Export:
    """One export as its owner sees it."""

    public_id: str
    asked_at: datetime
    format: FileFormat
    filters: RegisterFilter
    status: FileStatus
    sha256: str | None
    bytes: int | None
    rows: int | None
    fault: str | None


@dataclass(frozen=True)
class PendingExport:
    """An export to fill, with its owner's grants as they stand now."""

    id: int
    actor: Actor
    filters: RegisterFilter
    format: FileFormat


def ask_for_export(
    narrowed: RegisterFilter, file_format: FileFormat, *, by: Actor, at: datetime, db: Database
) -> str:
    """Ask for the register as a file; returns the export's id.

    Raises:
        Forbidden: this person reads no register.
        NotFound, Invalid: see `register.register_page`; also more than ROWS_MOST lines.
        TooMany: three are still being made.
    """
    if not by.can_somewhere(Permission.HAZARD_READ):
        raise Forbidden
    with db.write() as session:
        lines = count_lines(session, narrowed, by=by)
        if lines > ROWS_MOST:
            raise Invalid(Fault("from_month", "too_many_lines", {"lines": lines, "limit": ROWS_MOST}))
        waiting = select(func.count()).where(
            ExportRow.asked_by_id == by.account_id, ExportRow.status == FileStatus.PENDING
        )
        if session.execute(waiting).scalar_one() >= PENDING_MOST:
            raise TooMany(PENDING_WAIT_SECONDS)
        public_id = str(uuid.uuid4())
        export_id: int = session.execute(
            insert(ExportRow)
            .values(
                public_id=public_id,
                asked_by_id=by.account_id,
                asked_at=at,
                format=file_format,
                filters=narrowed.as_json(),
                status=FileStatus.PENDING,
            )
            .returning(ExportRow.id)
        ).scalar_one()
        record(session, ExportAsked(export_id), at=at)
        return public_id


def pending_export(export_id: int, *, db: Database) -> PendingExport | None:
    """The export, while it is to be filled and its owner still has an account."""
    with db.read() as session:
        row = session.execute(
            select(ExportRow).where(ExportRow.id == export_id, ExportRow.status == FileStatus.PENDING)
        ).scalar_one_or_none()
        if row is None:
            return None
        actor = _actor(session, row.asked_by_id)
        return PendingExport(row.id, actor, RegisterFilter.from_json(row.filters), FileFormat(row.format))


def _actor(session: Session, account_id: int) -> Actor:
    """The account with its grants; a disabled one holds none."""
    account = session.execute(select(AccountRow).where(AccountRow.id == account_id)).scalar_one()
    rows = session.execute(
        select(GrantRow.role, GrantRow.unit_id).where(
            GrantRow.account_id == account_id, GrantRow.ended_at.is_(None)
        )
    )
    grants = () if account.disabled_at else tuple(Grant(Role(role), unit_id) for role, unit_id in rows)
    return Actor(account.id, account.login, account.name, account.home_unit_id, grants)


def rights_of(actor: Actor) -> list[Any]:
    """What the actor may see, as values to compare: the file is theirs while these are the same (P13)."""
    return sorted([str(grant.role), grant.unit_id] for grant in actor.grants)


def keep_export(pending: PendingExport, *, sha256: str, size: int, rows: int, at: datetime, db: Database) -> None:
    """Write down where the file lies (its bytes are durable)."""
    values = {"sha256": sha256, "bytes": size, "rows": rows, "rights": rights_of(pending.actor)}
    _settle(pending.id, db=db, status=FileStatus.READY, made_at=at, **values)


def fail_export(export_id: int, fault: ExportFault, *, at: datetime, db: Database) -> None:
    """Write down why there is no file; asking again makes a new one."""
    _settle(export_id, db=db, status=FileStatus.FAILED, fault=fault, made_at=at)


def _settle(export_id: int, *, db: Database, **values: Any) -> None:
    with db.write() as session:
        changed_one(
            session,
            update(ExportRow)
            .where(ExportRow.id == export_id, ExportRow.status == FileStatus.PENDING)
            .values(**values),
        )


def exports_of(session: Session, *, by: Actor) -> tuple[Export, ...]:
    """The newest exports this person asked for."""
    rows = session.execute(
        select(ExportRow).where(ExportRow.asked_by_id == by.account_id).order_by(ExportRow.id.desc()).limit(SHOWN)
    ).scalars()
    return tuple(_export(row) for row in rows)


def _export(row: ExportRow) -> Export:
    return Export(
        row.public_id,
        row.asked_at,
        FileFormat(row.format),
        RegisterFilter.from_json(row.filters),
        FileStatus(row.status),
        row.sha256,
        row.bytes,
        row.rows,
        row.fault,
    )


def ready_export(session: Session, public_id: str, *, by: Actor) -> Export:
    """The export with its file, for the person who asked and whose rights have not changed since.

    Raises:
        NotFound: absent, somebody else's, not ready, or made under other rights.
    """
    row = session.execute(
        select(ExportRow).where(ExportRow.public_id == public_id, ExportRow.asked_by_id == by.account_id)
    ).scalar_one_or_none()
    if row is None or row.status != FileStatus.READY or row.rights != rights_of(by):
        raise NotFound
    return _export(row)


def forget_exports(*, at: datetime, db: Database) -> None:
    """Remove exports that are a week old; the sweep of orphans takes their files."""
    with db.write() as session:
        session.execute(delete(ExportRow).where(ExportRow.asked_at < at - KEPT))
