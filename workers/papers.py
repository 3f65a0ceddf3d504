"""Prints papers and fills exports of the register: what the jobs of the same names do, each repeatable."""

import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import structlog

from app.accounts.actor import Actor
from app.accounts.permissions import Permission
from app.core.errors import Problem, Unavailable
from app.evidence.reading import keep_object
from app.papers.cells import columns
from app.papers.exports import (
    PICTURED_ROWS_MOST,
    ExportFault,
    Filled,
    PendingExport,
    fail_export,
    keep_export,
    pending_export,
    rights_of,
)
from app.papers.models import FileFormat
from app.papers.printing import PrintFault, fail_print, keep_print, pending_paper
from app.papers.register import count_lines, names_reporters, register_lines
from app.papers.workbook import write_csv, write_xlsx
from app.runtime import Runtime
from storage.object_store import ObjectMissing, ObjectStore
from workers.printer import NotPrinted, print_paper

_log: Final = structlog.get_logger(__name__)


def print_issued(paper_id: int, *, means: Runtime) -> None:
    """Make the PDF of a paper and keep it under its SHA-256.

    Repeatable: the bytes are the same each time, and only a pending paper is settled.

    Raises:
        StoreError, Unavailable: cannot now.
    """
    paper = pending_paper(paper_id, db=means.db)
    if paper is None:
        return
    try:
        pdf = print_paper(paper.content, dated=paper.issued_at, store=means.store)
    except NotPrinted as refused:
        _log.warning("paper_not_printed", paper=paper.content.number, fault=refused.fault)
        fail_print(paper.id, refused.fault, at=means.now(), db=means.db)
        return
    key = keep_object(pdf, store=means.store)
    keep_print(paper.id, sha256=key, size=len(pdf), at=means.now(), db=means.db)


def fill_export(export_id: int, *, means: Runtime) -> None:
    """Write the register as a file, as its owner may read it now.

    Repeatable: only a pending export is settled; a file without a row goes with the orphans.

    Raises:
        StoreError, Unavailable: cannot now.
    """
    pending = pending_export(export_id, db=means.db)
    if pending is None:
        return
    by = pending.actor
    if by is None or not by.can_somewhere(Permission.HAZARD_READ):
        fail_export(pending.id, ExportFault.NOTHING_READABLE, at=means.now(), db=means.db)
        return
    with tempfile.TemporaryDirectory(prefix="register-") as folder:
        path = Path(folder) / "register"
        try:
            rows, rights = _write(path, pending, by=by, means=means)
        except Unavailable:
            raise
        except Problem:  # the unit of the filter has left this person's units since
            fail_export(pending.id, ExportFault.NOTHING_READABLE, at=means.now(), db=means.db)
            return
        content = path.read_bytes()
    key = keep_object(content, store=means.store)
    keep_export(pending.id, Filled(key, len(content), rows, rights), at=means.now(), db=means.db)


def _write(path: Path, pending: PendingExport, *, by: Actor, means: Runtime) -> tuple[int, dict[str, Any]]:
    """How many lines were written, and the rights under which they were read: one moment of the database."""
    shown = columns(has_reporter=names_reporters(by))
    at = means.now()
    with means.db.read() as session:
        rights = rights_of(session, by, unit_code=pending.filters.unit_code)
        lines = register_lines(session, pending.filters, by=by, at=at)
        if pending.format is FileFormat.CSV:
            return write_csv(path, lines, columns=shown), rights
        count = count_lines(session, pending.filters, by=by)
        pictures = _thumbnails(means.store) if count <= PICTURED_ROWS_MOST else None
        return write_xlsx(path, lines, columns=shown, pictures=pictures, at=at), rights


def _thumbnails(store: ObjectStore) -> Callable[[str], bytes | None]:
    def thumbnail(key: str) -> bytes | None:
        with suppress(ObjectMissing), store.open(key) as picture:
            return picture.read()
        return None

    return thumbnail


def give_up_print(paper_id: int, *, means: Runtime) -> None:
    """What a person sees when printing has failed for good."""
    fail_print(paper_id, PrintFault.CRASHED, at=means.now(), db=means.db)


def give_up_export(export_id: int, *, means: Runtime) -> None:
    """What a person sees when an export has failed for good."""
    fail_export(export_id, ExportFault.CRASHED, at=means.now(), db=means.db)
