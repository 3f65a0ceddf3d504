"""The items of a paper, composed from the hazards as they stand when it is issued; no reporter appears in them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.queries import names_of
from app.evidence.models import PhotoRow, PhotoStatus
from app.hazards.lifecycle import OPEN, Action, State
from app.hazards.models import HazardRow, HistoryRow
from app.hazards.words import Level, Stage
from app.papers.content import Content, Item, Result, Shot
from app.papers.models import PaperHazardRow
from app.papers.proofreading import AS_IT_IS, Wording
from app.papers.words import CATEGORIES, day_words, moment_words, problem_words
from app.units.queries import Unit, places_by_id, units_by_id

SHOTS_EACH: Final = 2
"""Photos of one hazard on a notice; an opinion shows the first before and the last after."""
NAMED_MOST: Final = 3
_FAILED_AGAIN: Final = (Action.SEND_BACK, Action.REOPEN)


def joined(texts: Sequence[str], *, rest: str) -> str:
    """The distinct texts, at most three of them by name."""
    distinct = [text for text in dict.fromkeys(texts) if text]
    named = "、".join(distinct[:NAMED_MOST])
    return named if len(distinct) <= NAMED_MOST else named + rest


def items_of_notice(
    session: Session, hazards: Sequence[HazardRow], *, bases: Mapping[str, str], wording: Wording = AS_IT_IS
) -> tuple[Item, ...]:
    """One item for each hazard, in their order."""
    units = units_by_id(session, [hazard.unit_id for hazard in hazards])
    places = places_by_id(session, [hazard.place_id for hazard in hazards])
    names = names_of(session, [hazard.rectifier_id for hazard in hazards])
    photos = _photos(session, [hazard.id for hazard in hazards])
    items = []
    for n, hazard in enumerate(hazards, 1):
        unit, place = units[hazard.unit_id], places.get(hazard.place_id or 0)
        before = [photo for photo in photos.get(hazard.id, []) if photo.stage == Stage.BEFORE]
        shots = _shots(before)[:SHOTS_EACH]
        rectifier = names.get(hazard.rectifier_id) if hazard.rectifier_id else hazard.rectifier_name
        items.append(
            Item(
                n=n,
                number=hazard.number,
                found=moment_words(hazard.submitted_at, unit.zone),
                # A registered place has its name; only the reporter's own words are reworded.
                place=place.name
                if place
                else wording.places.get(hazard.number, hazard.location_text or "") or unit.name,
                problem=wording.problems.get(hazard.number, problem_words(hazard.category, hazard.description)),
                category=_category(hazard),
                is_major=hazard.level == Level.MAJOR,
                basis=bases.get(hazard.number, ""),
                measures=wording.measures.get(hazard.number, hazard.measures or ""),
                deadline=_day(hazard.deadline, unit),
                rectifier=rectifier or "",
                shots=shots,
                photos_left_out=sum(photo.status != PhotoStatus.READY for photo in before),
            )
        )
    return tuple(items)


def _category(hazard: HazardRow) -> str:
    return next((word for code, word in CATEGORIES.items() if code == hazard.category), "")


def _day(at: datetime | None, unit: Unit) -> str:
    return day_words(at.astimezone(unit.zone).date()) if at else ""


def _photos(session: Session, hazard_ids: Sequence[int]) -> dict[int, list[PhotoRow]]:
    found: dict[int, list[PhotoRow]] = {}
    rows = session.execute(select(PhotoRow).where(PhotoRow.hazard_id.in_(hazard_ids)).order_by(PhotoRow.n))
    for photo in rows.scalars():
        found.setdefault(photo.hazard_id, []).append(photo)
    return found


def _shots(photos: Sequence[PhotoRow]) -> tuple[Shot, ...]:
    return tuple(
        Shot(photo.stage, photo.display_key, photo.thumb_key)
        for photo in photos
        if photo.status == PhotoStatus.READY and photo.display_key and photo.thumb_key
    )


def items_of_opinion(session: Session, notice_id: int, notice: Content, *, since: datetime) -> tuple[Item, ...]:
    """The notice's items with what re-inspection found since it was issued."""
    rows = session.execute(
        select(PaperHazardRow.n, HazardRow)
        .join(HazardRow, HazardRow.id == PaperHazardRow.hazard_id)
        .where(PaperHazardRow.paper_id == notice_id)
    ).all()
    hazards: dict[int, HazardRow] = {row[0]: row[1] for row in rows}
    units = units_by_id(session, [hazard.unit_id for hazard in hazards.values()])
    photos = _photos(session, [hazard.id for hazard in hazards.values()])
    failed = _last_failures(session, [hazard.id for hazard in hazards.values()], since=since)
    return tuple(
        _answered(
            item,
            hazards[item.n],
            unit=units[hazards[item.n].unit_id],
            photos=photos.get(hazards[item.n].id, []),
            failure=failed.get(hazards[item.n].id),
        )
        for item in notice.items
    )


def _last_failures(session: Session, hazard_ids: Sequence[int], *, since: datetime) -> dict[int, HistoryRow]:
    rows = session.execute(
        select(HistoryRow)
        .where(HistoryRow.hazard_id.in_(hazard_ids), HistoryRow.action.in_(_FAILED_AGAIN), HistoryRow.at >= since)
        .order_by(HistoryRow.version)
    ).scalars()
    return {row.hazard_id: row for row in rows}


def result_of(state: State, *, has_failed: bool) -> Result:
    """What an opinion says of a hazard in this state, pure."""
    if state is State.CLOSED:
        return Result.FIXED
    if state is State.RECTIFYING and has_failed:
        return Result.NOT_FIXED
    return Result.AWAITED if state in OPEN else Result.OTHERWISE


def _answered(
    item: Item, hazard: HazardRow, *, unit: Unit, photos: Sequence[PhotoRow], failure: HistoryRow | None
) -> Item:
    result = result_of(State(hazard.state), has_failed=failure is not None)
    after = [photo for photo in photos if photo.stage == Stage.AFTER]
    shows = result in {Result.FIXED, Result.NOT_FIXED}
    decided, said = _decision(hazard, result, failure)
    told: dict[str, Any] = {
        **vars(item),
        "shots": (item.shots[:1] + _shots(after)[-1:]) if shows else (),
        "photos_left_out": sum(p.status != PhotoStatus.READY for p in after[-1:]) if shows else 0,
        "deadline": _day(hazard.deadline, unit) if result is not Result.OTHERWISE else "",
        "result": result,
        "done": (hazard.done or "") if shows else "",
        "said": said,
        "decided": _day(decided, unit),
    }
    return Item(**told)


def _decision(hazard: HazardRow, result: Result, failure: HistoryRow | None) -> tuple[datetime | None, str]:
    """When re-inspection decided, and in which words."""
    if result is Result.FIXED:
        return hazard.closed_at, hazard.conclusion or ""
    if result is Result.NOT_FIXED and failure is not None:
        return failure.at, str(failure.detail.get("text", ""))
    return None, ""
