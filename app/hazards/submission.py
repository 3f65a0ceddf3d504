"""How a report becomes a hazard: one transaction with number, routing, photos, history and event."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, Guest, Submitter
from app.accounts.queries import names_of
from app.core.db import Database, table_of
from app.core.errors import ClientIdReused, TooMany
from app.core.outbox import record_all
from app.evidence.keeping import NewPhoto, add_photos
from app.evidence.locations import Source, Witness
from app.evidence.uploads import take_up
from app.hazards.drafts import HazardDraft, StoredPhoto, content_digest
from app.hazards.events import HazardSubmitted, PhotosAdded
from app.hazards.history import Step, write_history
from app.hazards.indexing import index_words
from app.hazards.lifecycle import Action, State
from app.hazards.models import HazardRow
from app.hazards.numbering import next_number
from app.hazards.routing_facts import decide_route, keep_decision, position_of
from app.hazards.submitters import (
    check_pass,
    check_submitter,
    found_by,
    home_of,
    scanned_place,
    scope_of,
    spend_pass,
)
from app.hazards.words import Stage
from app.units.queries import Place, Unit, unit_by_id
from app.units.routing import NEAR_M, Routing
from storage.object_store import ObjectStore

# Built once: every report asks them.
_KNOWN: Final = select(table_of(HazardRow).c.id, table_of(HazardRow).c.content_digest).where(
    table_of(HazardRow).c.client_scope == bindparam("scope"),
    table_of(HazardRow).c.client_id == bindparam("client_id"),
)
_INSERT: Final = insert(table_of(HazardRow)).returning(table_of(HazardRow).c.id)
_LATELY: Final = (
    select(func.count())
    .select_from(table_of(HazardRow))
    .where(
        table_of(HazardRow).c.client_scope == bindparam("scope"),
        table_of(HazardRow).c.submitted_at > bindparam("since"),
        table_of(HazardRow).c.submitted_at < bindparam("until"),
    )
)


@dataclass(frozen=True)
class SubmissionRules:
    """Settings of a submission: new hazards a minute (repeats of a client_id do not count), metres of "near"."""

    per_account: int = 120
    per_guest_place: int = 10
    near_m: float = NEAR_M


@dataclass(frozen=True)
class Receipt:
    """What the reporter is told: the phone deletes its draft only on one that names its id and hashes (P4)."""

    hazard_id: int
    number: str
    state: State
    version: int
    unit: Unit
    officer: str | None
    received_at: datetime
    client_id: str
    photos: tuple[tuple[str, int | None], ...]
    """SHA-256 and bytes of each, in order; bytes are None where nobody knows them any more (`known_receipt`)."""
    is_new: bool


def submit_hazard(
    draft: HazardDraft,
    photos: Sequence[StoredPhoto],
    *,
    by: Submitter,
    at: datetime,
    store: ObjectStore,
    db: Database,
    rules: SubmissionRules = SubmissionRules(),  # frozen
) -> Receipt:
    """Make exactly one hazard of a report, however often it is sent.

    The photos' bytes must already be durable in the store; this is the first row that speaks of them.

    Raises:
        Invalid: fields, an unknown place, an anonymous report with an account.
        ClientIdReused: this client_id came before with other content.
        TooMany: over the limit of new hazards a minute.
        NotSignedIn: the anonymous pass was spent on another report.
        Forbidden: the actor may not report.
        Unavailable: the database cannot keep it now, or a photo's bytes are gone again.
    """
    draft.check(nameless=isinstance(by, Guest))
    check_submitter(draft, by)
    stored = tuple(photos)
    digest = content_digest(draft, stored)
    scope = scope_of(by)
    with db.write() as session:
        known = recognised(session, scope, draft, stored, digest=digest)
        if known is not None:
            return known
        check_pass(session, by)
        spend_pass(session, by, at=at)
        take_up(session, [photo.sha256 for photo in stored], by=by)
        _hold_rate(session, scope, by=by, at=at, rules=rules)
        hazard = _insert(
            session, draft, stored, by=by, at=at, identity=(scope, digest), near_m=rules.near_m, store=store
        )
        return _receipt(session, hazard, stored, is_new=True)


def check_submission(
    draft: HazardDraft,
    photos: Sequence[StoredPhoto],
    *,
    by: Submitter,
    at: datetime,
    db: Database,
    rules: SubmissionRules,
) -> Receipt | None:
    """Before any photo is kept: refuse what can be refused, and recognise what came before.

    A report that is known needs nothing kept: its anonymous originals may be gone on purpose. `submit_hazard`
    asks again, in its transaction.

    Raises:
        Invalid, ClientIdReused, TooMany, NotSignedIn, Forbidden, Unavailable: as `submit_hazard`.
    """
    draft.check(nameless=isinstance(by, Guest))
    check_submitter(draft, by)
    stored, scope = tuple(photos), scope_of(by)
    with db.read() as session:
        known = recognised(session, scope, draft, stored, digest=content_digest(draft, stored))
        if known is None:
            check_pass(session, by)
            _hold_rate(session, scope, by=by, at=at, rules=rules)
            scanned_place(session, draft, by)
        return known


def recognised(
    session: Session, scope: str, draft: HazardDraft, photos: tuple[StoredPhoto, ...], *, digest: str
) -> Receipt | None:
    """The receipt of a report that came before under this client_id; raises ClientIdReused for other content."""
    known = session.execute(_KNOWN, {"scope": scope, "client_id": str(draft.client_id)}).one_or_none()
    if known is None:
        return None
    if known.content_digest != digest:
        raise ClientIdReused
    return _receipt(session, session.get_one(HazardRow, known.id), photos, is_new=False)


def _hold_rate(session: Session, scope: str, *, by: Submitter, at: datetime, rules: SubmissionRules) -> None:
    limit = rules.per_guest_place if isinstance(by, Guest) else rules.per_account
    # What lies ahead was sent before the clock was set back: it must not lock anybody out (P22).
    span = {"scope": scope, "since": at - timedelta(minutes=1), "until": at + timedelta(minutes=1)}
    lately: int = session.execute(_LATELY, span).scalar_one()
    if lately >= limit:
        raise TooMany(retry_after=60)


def _insert(
    session: Session,
    draft: HazardDraft,
    photos: tuple[StoredPhoto, ...],
    *,
    by: Submitter,
    at: datetime,
    identity: tuple[str, str],
    near_m: float,
    store: ObjectStore,
) -> HazardRow:
    place = scanned_place(session, draft, by)
    witnesses = [_witnesses_of(photo, draft, place) for photo in photos]
    decision = decide_route(
        session,
        place=place,
        witnesses=[witness for of_photo in witnesses for witness in of_photo],
        reporter_unit_id=home_of(by),
        category=draft.category,
        at=at,
        near_m=near_m,
    )
    told = _told(session, draft, decision, by=by, at=at, identity=identity)
    told["place_id"] = place.id if place else None
    position = position_of(place, [witness for of_photo in witnesses for witness in of_photo])
    told["lat"], told["lon"] = position or (None, None)
    # Inserted as it is told; the object beside it is not the session's, whose own bookkeeping costs as much.
    hazard = HazardRow(id=session.execute(_INSERT, told).scalar_one(), **told)
    index_words(session, hazard)
    write_history(session, hazard, Step(Action.SUBMIT, actor_id=hazard.reporter_id, from_state=None), at=at)
    keep_decision(session, hazard.id, decision, at=at)
    new = [
        _new_photo(photo, seen, place_scanned=place is not None)
        for photo, seen in zip(photos, witnesses, strict=True)
    ]
    photo_ids = add_photos(
        session, hazard.id, new, stage=Stage.BEFORE, first_n=1, unnamed=draft.anonymous, at=at, store=store
    )
    submitted = HazardSubmitted(hazard.id, hazard.version)
    record_all(session, [submitted, PhotosAdded(hazard.id, hazard.version, photo_ids)], at=at)
    return hazard


def _told(
    session: Session,
    draft: HazardDraft,
    decision: Routing,
    *,
    by: Submitter,
    at: datetime,
    identity: tuple[str, str],
) -> dict[str, Any]:
    """The hazard's row as it was reported and routed; takes its number."""
    unit = unit_by_id(session, decision.unit_id)
    scope, digest = identity
    return {
        "number": next_number(session, unit, at=at),
        "state": State.SUBMITTED,
        "version": 1,
        "changed_at": at,
        "client_scope": scope,
        "client_id": str(draft.client_id),
        "content_digest": digest,
        "submitted_at": at,
        "reporter_id": by.account_id if isinstance(by, Actor) else None,
        "anonymous": draft.anonymous,
        "guest": isinstance(by, Guest),
        "claim_hash": draft.claim_hash,
        "reporter_unit_id": home_of(by),
        "location_text": draft.location_text,
        "category": draft.category,
        "description": draft.description,
        "found_by": found_by(session, by, unit),
        "unit_id": unit.id,
        "officer_id": decision.officer_id,
        "arrived_at": at,
    }


def _new_photo(photo: StoredPhoto, seen: list[Witness], *, place_scanned: bool) -> NewPhoto:
    said_at = photo.told.captured_at
    return NewPhoto(photo.sha256, photo.bytes, photo.format, said_at, tuple(seen), place_scanned=place_scanned)


def _witnesses_of(photo: StoredPhoto, draft: HazardDraft, place: Place | None) -> list[Witness]:
    """What is known of this photo's position before anybody has read it; each its own witness."""
    seen = []
    sent = photo.told.position
    if sent is not None:
        point = sent.position
        seen.append(Witness(Source.PHONE, point.lat, point.lon, sent.accuracy_m, sent.datum, sent.at))
    if draft.pin is not None:
        seen.append(Witness(Source.PIN, draft.pin.lat, draft.pin.lon))
    if place is not None and place.lat is not None and place.lon is not None:
        seen.append(Witness(Source.PLACE, place.lat, place.lon))
    return seen


def _receipt(session: Session, hazard: HazardRow, photos: tuple[StoredPhoto, ...], *, is_new: bool) -> Receipt:
    unit = unit_by_id(session, hazard.unit_id)
    names = names_of(session, [hazard.officer_id])
    return Receipt(
        hazard_id=hazard.id,
        number=hazard.number,
        state=State(hazard.state),
        version=hazard.version,
        unit=unit,
        officer=names.get(hazard.officer_id) if hazard.officer_id else None,
        received_at=hazard.submitted_at,
        client_id=hazard.client_id,
        photos=tuple((photo.sha256, photo.bytes) for photo in photos),
        is_new=is_new,
    )
