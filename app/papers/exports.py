"""The register as a file for one person: asked for, filled by a worker, handed out under the same rights."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.permissions import Permission
from app.accounts.roster import actor_now
from app.core.db import Database, changed_one
from app.core.errors import Fault, Forbidden, Invalid, NotFound, TooMany
from app.core.outbox import record
from app.papers.events import ExportAsked
from app.papers.models import ExportRow, FileFormat, FileStatus
from app.papers.register import RegisterFilter, count_lines
from app.units.queries import subtree, unit_by_code

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
    """An export to fill; `actor` is its owner as the account stands now, None when it was shut."""

    id: int
    actor: Actor | None
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
    """The export, while it is to be filled."""
    with db.read() as session:
        row = session.execute(
            select(ExportRow).where(ExportRow.id == export_id, ExportRow.status == FileStatus.PENDING)
        ).scalar_one_or_none()
        if row is None:
            return None
        actor = actor_now(session, row.asked_by_id)
        return PendingExport(row.id, actor, RegisterFilter.from_json(row.filters), FileFormat(row.format))


def rights_of(session: Session, actor: Actor, *, unit_code: str | None = None) -> dict[str, Any]:
    """What the actor may see in the register, as JSON values: roles, units read, units whose reporters are named.

    With `unit_code` the units are only those that an export narrowed to this unit can speak of.
    """
    top = unit_by_code(session, unit_code) if unit_code else None
    told = None if top is None else {unit.id for unit in subtree(session, [top.id])}

    def units(permission: Permission) -> list[int]:
        covered = {unit.id for unit in subtree(session, actor.units_where(permission))}
        return sorted(covered if told is None else covered & told)

    return {
        "grants": sorted([str(grant.role), grant.unit_id] for grant in actor.grants),
        "units": units(Permission.HAZARD_READ),
        "reporters": units(Permission.HAZARD_READ_REPORTER),
    }


def _still_hold(kept: dict[str, Any] | None, now: dict[str, Any]) -> bool:
    """Whether whoever made a file under `kept` may see all of it: a unit may have moved away since (P13)."""
    return (
        kept is not None
        and kept["grants"] == now["grants"]
        and all(set(kept[name]) <= set(now[name]) for name in ("units", "reporters"))
    )


@dataclass(frozen=True)
class Filled:
    """A file of an export whose bytes are durable; `rights` as they were when its lines were read."""

    sha256: str
    bytes: int
    rows: int
    rights: dict[str, Any]


def keep_export(export_id: int, filled: Filled, *, at: datetime, db: Database) -> None:
    """Write down where the file lies."""
    values = {"sha256": filled.sha256, "bytes": filled.bytes, "rows": filled.rows, "rights": filled.rights}
    _settle(export_id, db=db, status=FileStatus.READY, made_at=at, **values)


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
    """The export with its file, for the person who asked, with the same roles and every unit it speaks of.

    Raises:
        NotFound: absent, somebody else's, not ready, made under other roles, or a unit has moved away since.
    """
    row = session.execute(
        select(ExportRow).where(ExportRow.public_id == public_id, ExportRow.asked_by_id == by.account_id)
    ).scalar_one_or_none()
    if row is None or row.status != FileStatus.READY or not _still_hold(row.rights, rights_of(session, by)):
        raise NotFound
    return _export(row)


def forget_exports(*, at: datetime, db: Database) -> None:
    """Remove exports that are a week old; the sweep of orphans takes their files."""
    with db.write() as session:
        session.execute(delete(ExportRow).where(ExportRow.asked_at < at - KEPT))
