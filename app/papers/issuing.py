"""Issuing a notice or an opinion: who may, of which hazards, and one transaction that numbers and freezes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.permissions import Permission
from app.core.db import Database, changed_one
from app.core.errors import Fault, Forbidden, Invalid, NotFound
from app.core.outbox import record
from app.hazards.lifecycle import State
from app.hazards.models import HazardRow
from app.papers.composing import items_of_notice, items_of_opinion, joined
from app.papers.content import Content, Item, Result
from app.papers.events import PaperIssued, PrintAskedAgain
from app.papers.models import FileStatus, PaperHazardRow, PaperKind, PaperRow
from app.papers.numbering import next_paper_number
from app.papers.proofreading import AS_IT_IS, Wording, word_faults
from app.papers.queries import readable_paper
from app.papers.words import day_words
from app.units.queries import Unit, enterprise_of, unit_by_id, units_by_id

HAZARDS_MOST: Final = 300
UNDER_WAY: Final = (State.RECTIFYING, State.REVIEWING)
"""A notice speaks of what was accepted and is not closed yet."""
_COMMANDS: Final = (Permission.HAZARD_TRIAGE, Permission.HAZARD_OVERSEE)


@dataclass(frozen=True)
class NoticeDraft:
    """What an officer wrote on the form; `bases` are the rules each hazard breaks, by its number.

    `wording` rewords hazards for the paper; the hazards themselves stay as they are.
    """

    draft_id: str
    numbers: tuple[str, ...]
    requirement: str
    reinspection_on: date
    inspectors: tuple[str, str]
    bases: Mapping[str, str] = field(default_factory=dict)
    wording: Wording = AS_IT_IS


@dataclass(frozen=True)
class Matter:
    """What a notice would be about: its hazards in the order asked for, and the unit they have in common."""

    hazards: tuple[HazardRow, ...]
    unit: Unit
    issuer: Unit
    last_deadline_on: date | None


def commands(by: Actor, unit: Unit) -> bool:
    """Whether the actor is an officer or head of the unit or of one above it."""
    return any(by.can(permission, lineage=unit.lineage) for permission in _COMMANDS)


def matter_of(session: Session, numbers: Sequence[str], *, by: Actor) -> Matter:
    """The hazards of a notice, once it is sure that this person may issue it.

    Raises:
        NotFound: one of them is absent or foreign.
        Forbidden: this person reads them but commands not all of them.
        Invalid: none or too many, one is not under way, or they belong to several enterprises.
    """
    wanted = tuple(dict.fromkeys(numbers))
    if not wanted:
        raise Invalid(Fault("hazard", "no_hazard_chosen"))
    if len(wanted) > HAZARDS_MOST:
        raise Invalid(Fault("hazard", "too_many_hazards", {"limit": HAZARDS_MOST}))
    found = {h.number: h for h in session.execute(select(HazardRow).where(HazardRow.number.in_(wanted))).scalars()}
    if len(found) != len(wanted):
        raise NotFound
    hazards = tuple(found[number] for number in wanted)
    units = units_by_id(session, [hazard.unit_id for hazard in hazards])
    if not all(by.can(Permission.HAZARD_READ, lineage=unit.lineage) for unit in units.values()):
        raise NotFound
    if not all(commands(by, unit) for unit in units.values()):
        raise Forbidden
    _check_together(session, hazards, units)
    shared = _shared_unit(session, tuple(units.values()))
    days = [h.deadline.astimezone(units[h.unit_id].zone).date() for h in hazards if h.deadline]
    return Matter(hazards, shared, _issuer(session, by, next(iter(units.values()))), max(days, default=None))


def _check_together(session: Session, hazards: Sequence[HazardRow], units: Mapping[int, Unit]) -> None:
    idle = next((hazard for hazard in hazards if hazard.state not in UNDER_WAY), None)
    if idle is not None:
        raise Invalid(Fault("hazard", "not_under_way", {"number": idle.number}))
    if len({enterprise_of(session, unit).id for unit in units.values()}) > 1:
        raise Invalid(Fault("hazard", "several_enterprises"))


def _shared_unit(session: Session, units: Sequence[Unit]) -> Unit:
    """The lowest unit that all of these belong to."""
    first, *others = (unit.lineage for unit in units)
    shared = [step for step in first if all(step in lineage for lineage in others)]
    return unit_by_id(session, shared[-1])


def _issuer(session: Session, by: Actor, unit: Unit) -> Unit:
    """The unit in whose name the actor issues: the lowest above the hazards in which they command."""
    commanded = frozenset[int]().union(*(by.units_where(permission) for permission in _COMMANDS))
    return unit_by_id(session, next(step for step in reversed(unit.lineage) if step in commanded))


def issue_notice(draft: NoticeDraft, *, by: Actor, at: datetime, db: Database) -> str:
    """Issue a rectification notice; returns its number. The same draft again gives the same notice.

    Raises:
        NotFound, Forbidden, Invalid: see `matter_of`; also a date of re-inspection before the last deadline or
            before today, words of government enforcement, and a reporter's name (domain.md §10).
    """
    with db.write() as session:
        known = _already_issued(session, draft.draft_id, by=by)
        if known:
            return known
        matter = matter_of(session, draft.numbers, by=by)
        items = items_of_notice(session, matter.hazards, bases=draft.bases, wording=draft.wording)
        faults = word_faults(session, matter.hazards, items, requirement=draft.requirement)
        if faults:
            raise Invalid(*faults)
        earliest = max(filter(None, (matter.last_deadline_on, at.astimezone(matter.unit.zone).date())))
        if draft.reinspection_on < earliest:
            raise Invalid(Fault("reinspection_on", "reinspection_too_early", {"day": earliest.isoformat()}))
        content = Content(
            kind=PaperKind.NOTICE,
            number=next_paper_number(session, PaperKind.NOTICE, matter.unit, at=at),
            issuer=_full_name(session, matter.issuer),
            unit=_full_name(session, matter.unit),
            place=joined([item.place for item in items], rest="等，见隐患清单"),
            found=_span([item.found for item in items]),
            requirement=draft.requirement,
            deadline=day_words(matter.last_deadline_on) if matter.last_deadline_on else "",
            rectifier=joined([item.rectifier for item in items], rest="等，见隐患清单"),
            reinspection=day_words(draft.reinspection_on),
            inspectors=draft.inspectors,
            issued=day_words(at.astimezone(matter.unit.zone).date()),
            items=items,
        )
        hazard_ids = [hazard.id for hazard in matter.hazards]
        return _keep(session, content, hazard_ids, matter.unit, draft_id=draft.draft_id, by=by, at=at)


def _already_issued(session: Session, draft_id: str, *, by: Actor) -> str | None:
    issued = select(PaperRow.number).where(PaperRow.draft_id == _draft_key(draft_id, by))
    return session.execute(issued).scalar_one_or_none()


def _draft_key(draft_id: str, by: Actor) -> str:
    """A form is its maker's: the id that another person's form bears says nothing here."""
    return f"{by.account_id}/{draft_id}"


def _full_name(session: Session, unit: Unit) -> str:
    enterprise = enterprise_of(session, unit)
    return unit.name if enterprise.id == unit.id else f"{enterprise.name} {unit.name}"


def _span(moments: Sequence[str]) -> str:
    """The days of the findings: one, or the first and the last."""
    days = [moment.split(" ")[0] for moment in moments]
    ordered = sorted(
        set(days), key=lambda day: [int(part) for part in day.rstrip("日").replace("月", "年").split("年")]
    )
    return ordered[0] if len(ordered) == 1 else f"{ordered[0]}至{ordered[-1]}"


def _keep(
    session: Session,
    content: Content,
    hazard_ids: Sequence[int],
    unit: Unit,
    *,
    draft_id: str,
    by: Actor,
    at: datetime,
    answers_id: int | None = None,
) -> str:
    paper_id: int = session.execute(
        insert(PaperRow)
        .values(
            kind=content.kind,
            number=content.number,
            draft_id=_draft_key(draft_id, by),
            unit_id=unit.id,
            answers_id=answers_id,
            issued_at=at,
            issued_by_id=by.account_id,
            content=content.as_json(),
            pdf_status=FileStatus.PENDING,
        )
        .returning(PaperRow.id)
    ).scalar_one()
    for n, hazard_id in enumerate(hazard_ids, 1):
        session.execute(insert(PaperHazardRow).values(paper_id=paper_id, hazard_id=hazard_id, n=n))
    record(session, PaperIssued(paper_id), at=at)
    return content.number


def issue_opinion(
    notice_number: str,
    *,
    draft_id: str,
    inspectors: tuple[str, str],
    by: Actor,
    at: datetime,
    db: Database,
) -> str:
    """Issue the re-inspection opinion that answers a notice; returns its number. Repeatable like a notice.

    Raises:
        NotFound: no such notice for this person.
        Forbidden: this person reads the notice but commands not its unit.
        Invalid: none of its hazards was re-inspected since.
    """
    with db.write() as session:
        known = _already_issued(session, draft_id, by=by)
        if known:
            return known
        notice = readable_paper(session, notice_number, by=by)
        if notice.kind != PaperKind.NOTICE:
            raise NotFound
        unit = unit_by_id(session, notice.unit_id)
        if not commands(by, unit):
            raise Forbidden
        asked = Content.from_json(notice.content)
        items = items_of_opinion(session, notice.id, asked, since=notice.issued_at)
        _check_reinspected(items)
        content = replace(
            _answer_to(asked, items),
            number=next_paper_number(session, PaperKind.OPINION, unit, at=at),
            issuer=_full_name(session, _issuer(session, by, unit)),
            inspectors=inspectors,
            issued=day_words(at.astimezone(unit.zone).date()),
        )
        hazard_ids = _hazards_of(session, notice.id)
        return _keep(session, content, hazard_ids, unit, draft_id=draft_id, by=by, at=at, answers_id=notice.id)


def _answer_to(asked: Content, items: tuple[Item, ...]) -> Content:
    """The notice's matter as an opinion tells it: what became of each hazard."""
    return replace(
        asked,
        kind=PaperKind.OPINION,
        requirement="",
        deadline=joined([i.deadline for i in items if i.result is Result.NOT_FIXED], rest="等"),
        reinspection=joined([i.decided for i in items if i.decided], rest="等"),
        items=items,
        answers=asked.number,
        answers_day=asked.issued,
    )


def _check_reinspected(items: Sequence[Item]) -> None:
    if not any(item.result in {Result.FIXED, Result.NOT_FIXED} for item in items):
        raise Invalid(Fault("notice", "nothing_reinspected"))


def _hazards_of(session: Session, paper_id: int) -> list[int]:
    rows = select(PaperHazardRow.hazard_id).where(PaperHazardRow.paper_id == paper_id).order_by(PaperHazardRow.n)
    return list(session.execute(rows).scalars())


def ask_for_print(number: str, *, by: Actor, at: datetime, db: Database) -> None:
    """Have a failed print tried again; nothing happens while one is under way or ready.

    Raises:
        NotFound: no such paper for this person.
    """
    with db.write() as session:
        paper = readable_paper(session, number, by=by)
        asked = (
            update(PaperRow)
            .where(PaperRow.id == paper.id, PaperRow.pdf_status == FileStatus.FAILED)
            .values(pdf_status=FileStatus.PENDING, pdf_fault=None)
        )
        if changed_one(session, asked):
            record(session, PrintAskedAgain(paper.id), at=at)
