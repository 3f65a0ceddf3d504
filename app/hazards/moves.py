"""The one way a hazard changes its state: through the table, compare-and-set, with history and event."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.queries import names_of
from app.core.db import Database, changed_one
from app.core.errors import Invalid, NotFound, NotOpen, VersionConflict
from app.core.outbox import record
from app.evidence.arriving import KeptDocument
from app.evidence.keeping import NewPhoto, add_photos
from app.evidence.locations import Source, Witness
from app.evidence.models import PhotoRow
from app.evidence.uploads import take_up
from app.hazards import closure, handing_on, recategorizing, rectification, triage
from app.hazards.case import Case, find_case
from app.hazards.documents import add_document
from app.hazards.drafts import StoredPhoto
from app.hazards.events import PhotosAdded, event_class
from app.hazards.history import Step, write_history
from app.hazards.lifecycle import TABLE, Action, Move
from app.hazards.models import HazardRow
from app.hazards.policy import View, Why, why_closed
from app.hazards.told import Told, faults_of
from app.hazards.verb import Attempt, Effect, Verb
from app.hazards.words import Stage
from storage.object_store import ObjectStore

VERBS: Final[MappingProxyType[Action, Verb]] = MappingProxyType(
    {
        Action.ASK: triage.ask,
        Action.ANSWER: triage.answer,
        Action.WITHDRAW: triage.withdraw,
        Action.REJECT: triage.reject,
        Action.APPEAL: triage.appeal,
        Action.DECIDE_APPEAL: triage.decide_appeal,
        Action.RECATEGORIZE: recategorizing.recategorize,
        Action.TRANSFER: handing_on.transfer,
        Action.RETURN_TRANSFER: handing_on.return_transfer,
        Action.MERGE: handing_on.merge,
        Action.UNMERGE: handing_on.unmerge,
        Action.ACCEPT: triage.accept,
        Action.FIX_ON_THE_SPOT: triage.fix_on_the_spot,
        Action.ACKNOWLEDGE: rectification.acknowledge,
        Action.REASSIGN: rectification.reassign,
        Action.REMIND: rectification.remind,
        Action.REQUEST_EXTENSION: rectification.request_extension,
        Action.DECIDE_EXTENSION: rectification.decide_extension,
        Action.RECORD_DUAL_REPORT: rectification.record_dual_report,
        Action.RECTIFY: rectification.rectify,
        Action.CLOSE: closure.close,
        Action.SEND_BACK: closure.send_back,
        Action.VOID: closure.void,
        Action.OBJECT: closure.object_to_closure,
        Action.REOPEN: closure.reopen,
        Action.DISMISS_OBJECTION: closure.dismiss_objection,
    }
)
"""What each move does beside changing the state."""
FIRST_ACTS: Final = frozenset(
    {Action.ASK, Action.REJECT, Action.TRANSFER, Action.MERGE, Action.ACCEPT, Action.FIX_ON_THE_SPOT}
)
"""What counts as the officer's first act within 24 hours (domain.md §9, Q)."""
SHOWS_THE_REPAIR: Final = frozenset({Action.RECTIFY, Action.FIX_ON_THE_SPOT})


def check_open(number: str, action: Action, *, version: int, by: Actor, at: datetime, db: Database) -> None:
    """See that a move may be tried before its photos are read; `move_hazard` asks again, in its transaction.

    Raises:
        NotFound, VersionConflict, NotOpen: as `move_hazard`.
    """
    with db.read() as session:
        _open_case(session, number, action, version=version, by=by, at=at)


def move_hazard(  # noqa: PLR0913  # a move, its words and its files; who, when and where to keep them
    number: str,
    action: Action,
    told: Told,
    *,
    version: int,
    photos: Sequence[StoredPhoto] = (),
    document: KeptDocument | None = None,
    by: Actor,
    at: datetime,
    store: ObjectStore,
    db: Database,
) -> int:
    """Make one move of the lifecycle table, or none: one transaction. Returns the new version.

    The bytes of photos and document must already be durable in the store.

    Raises:
        NotFound: the hazard is absent or foreign.
        VersionConflict: somebody acted since `version` was read.
        NotOpen: the move is closed to this person, with why.
        Invalid: fields are missing or cannot be.
        Unavailable: the database cannot keep it now.
    """
    move = TABLE[action]
    with db.write() as session:
        case = _open_case(session, number, action, version=version, by=by, at=at)
        faults = faults_of(move, told, photos=len(photos), has_document=document is not None)
        if faults:
            raise Invalid(*faults)
        # The server's clock may have been set back since; a hazard's own time never runs backwards (P22).
        since = case.hazard.changed_at
        moment = max(at, since + timedelta(microseconds=1))
        kept = None
        if document is not None:
            kept = add_document(session, case.hazard.id, document, by=by, at=moment, store=store)
        attempt = Attempt(session, case, told, by, moment, kept, is_put_forward=at < since)
        effect = VERBS[action](attempt)
        _compare_and_set(attempt, move, effect)
        _add_photos(attempt, action, photos, store=store)
        take_up(session, [photo.sha256 for photo in photos], by=by)
        record(session, event_class(move.event)(case.hazard.id, case.hazard.version), at=moment)
        return case.hazard.version


def _open_case(session: Session, number: str, action: Action, *, version: int, by: Actor, at: datetime) -> Case:
    if action not in VERBS:
        raise NotFound
    case = find_case(session, number, by=by)
    if case.hazard.version != version:
        raise VersionConflict(case.hazard.version)
    why = why_closed(action, facts=case.facts, standing=case.standing, at=at)
    if case.is_onlooker or why is not None:
        raise NotOpen(
            Why.WHO if case.is_onlooker or why is None else why,
            action=action,
            state=case.facts.state,
            rectifier=_rectifier_shown(session, case),
        )
    return case


def _rectifier_shown(session: Session, case: Case) -> str | None:
    """Who repairs, for whoever sees more than the public part."""
    if case.view is View.PUBLIC:
        return None
    hazard = case.hazard
    return names_of(session, [hazard.rectifier_id]).get(hazard.rectifier_id or 0) or hazard.rectifier_name


def _compare_and_set(attempt: Attempt, move: Move, effect: Effect) -> None:
    """Move the row from exactly the state and version that were read, and write the step's history.

    Raises:
        VersionConflict: another transaction was first.
    """
    hazard, session = attempt.case.hazard, attempt.session
    source = attempt.case.facts.state
    decision = attempt.told.decision or ""
    first_act = move.action in FIRST_ACTS and hazard.first_act_at is None
    changes: dict[str, Any] = {"first_act_at": attempt.at} if first_act else {}
    changes |= dict(effect.changes)
    if "deadline" in changes:
        changes["deadline_set_at"] = attempt.at
    changes |= {
        "state": move.target(source, decision=decision),
        "version": hazard.version + 1,
        "changed_at": attempt.at,
    }
    moved = changed_one(
        session,
        update(HazardRow)
        .where(
            HazardRow.id == hazard.id,
            HazardRow.state == source,
            HazardRow.version == hazard.version,
        )
        .values(**changes),
    )
    if not moved:
        raise VersionConflict(hazard.version)
    session.refresh(hazard)
    step = Step(move.action, attempt.by.account_id, source, dict(effect.detail))
    write_history(session, hazard, step, at=attempt.at)


def _add_photos(attempt: Attempt, action: Action, photos: Sequence[StoredPhoto], *, store: ObjectStore) -> None:
    if not photos:
        return
    hazard, session = attempt.case.hazard, attempt.session
    last = session.execute(select(func.max(PhotoRow.n)).where(PhotoRow.hazard_id == hazard.id)).scalar_one()
    photo_ids = add_photos(
        session,
        hazard.id,
        [_new_photo(photo) for photo in photos],
        stage=Stage.AFTER if action in SHOWS_THE_REPAIR else Stage.BEFORE,
        first_n=(last or 0) + 1,
        unnamed=hazard.anonymous and attempt.case.standing.is_reporter,
        at=attempt.at,
        store=store,
    )
    record(session, PhotosAdded(hazard.id, hazard.version, photo_ids), at=attempt.at)


def _new_photo(photo: StoredPhoto) -> NewPhoto:
    sent = photo.told.position
    seen: tuple[Witness, ...] = ()
    if sent is not None:
        point = sent.position
        seen = (Witness(Source.PHONE, point.lat, point.lon, sent.accuracy_m, sent.datum, sent.at),)
    return NewPhoto(photo.sha256, photo.bytes, photo.format, photo.told.captured_at, seen)
