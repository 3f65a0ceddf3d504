"""A ticket: what its officer, rectifier or verifier may see and do."""

from datetime import datetime
from typing import Final

from flask import url_for
from flask_babel import gettext as _

from app.core.errors import NotOpen
from app.edge.entrance import actor, runtime
from app.edge.wording_moves import WHYS
from app.evidence.datums import Datum
from app.evidence.locations import Source
from app.hazards.lifecycle import OPEN, TABLE, Action, Photos, Who
from app.hazards.lifecycle import State as Stands
from app.hazards.moves import check_open
from app.hazards.policy import View, Why
from app.hazards.views import HazardView, PhotoView, StepView, WitnessView
from app.hazards.words import Stage
from app.web import words
from app.web.frames import came_as
from app.web.pages import (
    ClosedStep,
    Evidence,
    Fact,
    Link,
    Quote,
    State,
    Step,
    Ticket,
    WitnessLine,
)
from app.web.present_deadline import assumption_note
from app.web.present_major import major_box
from app.web.present_pieces import (
    deadline_state,
    facts_of,
    objections_of,
    photos_of,
    states_of,
    title_of,
    where_of,
    yuan,
)
from app.web.present_timeline import timeline_of
from app.web.reasons import closed_line, grade_line, routing_lines
from app.web.times import moment

_FIRST: Final = (
    Action.ACCEPT,
    Action.CLOSE,
    Action.RECTIFY,
    Action.DECIDE_APPEAL,
    Action.ANSWER,
    Action.DECIDE_EXTENSION,
)
_SECOND: Final = (Action.REJECT, Action.SEND_BACK, Action.ACKNOWLEDGE, Action.REQUEST_EXTENSION, Action.REMIND)
_CONTESTED_FIRST: Final = (Action.REOPEN,)
_CONTESTED_SECOND: Final = (Action.DISMISS_OBJECTION,)
"""What an objection asks for is the plain way; to throw it out is the other."""
_AWAITED: Final = (Action.ACCEPT, Action.CLOSE, Action.RECTIFY)
"""What a hazard on its straight way waits for."""
_AT_WORK: Final = frozenset({Stands.RECTIFYING, Stands.REVIEWING, Stands.CLOSED})
_REPAIRED: Final = frozenset({Stands.REVIEWING, Stands.CLOSED})
"""Here what was done is the repair that stands; before, it is one that did not pass."""
_NEEDS_ANOTHER: Final = frozenset({Why.OWN_REPAIR, Why.OWN_REPORT})
_NOBODY_ELSE: Final = frozenset({Why.PERMISSION, Why.STATE})


def act_address(number: str, action: Action) -> str:
    """Where a move's form is."""
    return url_for("officer.act_form", number=number, action=action)


def edition_of(view: HazardView) -> str:
    """Changes when the page of a move of this hazard does: a phone sees whether what it kept is of today."""
    ready = sum(photo.status == "ready" for photo in view.photos)
    return f"{view.version}-{ready}"


def step_of(view: HazardView, action: Action) -> Step:
    """A move as a link to its form; where the phone itself carries the move, it keeps the form too."""
    is_carried = TABLE[action].photos is not Photos.NONE
    return Step(
        action=action, href=act_address(view.number, action), edition=edition_of(view) if is_carried else ""
    )


def ticket_address(number: str, *, came: str = "") -> str:
    """Where a ticket is; `came` is the page to come back to."""
    return url_for("officer.ticket", number=number, **came_as(came))


def ticket_of(view: HazardView) -> Ticket:
    """Everything about a hazard, and what this person may do next."""
    at, zone = runtime().now(), view.unit.zone
    first = _of_these(view, (*_CONTESTED_FIRST, *_FIRST) if view.is_contested else _FIRST)
    second = _of_these(view, (*_CONTESTED_SECOND, *_SECOND) if view.is_contested else _SECOND)
    rest = [action for action in view.open_actions if action not in {first, second}]
    work = _work(view, at=at)
    return Ticket(
        number=view.number,
        href=ticket_address(view.number),
        title=title_of(view),
        description=view.description or "",
        states=_states(view, at=at),
        before=photos_of(view, Stage.BEFORE, at=at),
        after=photos_of(view, Stage.AFTER, at=at),
        objections=objections_of(view, at=at),
        objected=_objected(view, at=at),
        is_contested=view.is_contested,
        after_href=act_address(view.number, Action.RECTIFY) if Action.RECTIFY in view.open_actions else "",
        after_expected=view.state in OPEN,
        evidence=tuple(_evidence(photo, view, at=at) for photo in view.photos if photo.grade),
        because=_because(view, at=at),
        because_of=_routed_to(view),
        returned=_returned(view, at=at),
        deadline=moment(view.deadline, zone, now=at) if view.deadline else "",
        deadline_note=assumption_note(view.deadline, view.unit, level=view.level),
        first_deadline=_first_deadline(view, at=at),
        deadline_state=_deadline_state(view, at=at),
        work=work,
        facts=tuple(fact for fact in _facts(view, at=at) if fact not in work),
        timeline=timeline_of(view, at=at),
        next_step=_step(view, first),
        second_step=_step(view, second),
        more_steps=tuple(step_of(view, action) for action in rest),
        closed_because="" if first else _closed_because(view, at=at),
        closed=closed_steps(view),
        major=major_box(view, at=at),
        joined=_joined(view),
    )


def _states(view: HazardView, *, at: datetime) -> tuple[State, ...]:
    found = list(states_of(view, at=at, zone=view.unit.zone))
    if view.supervised_at is not None and all(state.code != "supervised" for state in found):
        found.append(State(code="supervised"))
    return tuple(found)


def _of_these(view: HazardView, wanted: tuple[Action, ...]) -> Action | None:
    return next((action for action in wanted if action in view.open_actions), None)


def _objected(view: HazardView, *, at: datetime) -> Quote | None:
    """The reporter's own words against the closure."""
    step = _last(view, Action.OBJECT)
    if step is None or not step.detail.get("text"):
        return None
    return Quote(text=str(step.detail["text"]), when=moment(step.at, view.unit.zone, now=at))


def closed_steps(view: HazardView, *, only: frozenset[Who] | None = None) -> tuple[ClosedStep, ...]:
    """What else could be done here, and what keeps it closed to this person; `only` moves of these people."""
    found = [
        ClosedStep(action=move.action, why=closed_line(move, view), later=move.awaits_state)
        for move in view.closed_moves
        if only is None or TABLE[move.action].who in only
    ]
    return tuple(sorted(found, key=lambda step: step.later))


def _joined(view: HazardView) -> tuple[Link, ...]:
    """The reports that were merged into this one, or the hazard this one was merged into."""
    numbers = [view.master] if view.master else view.duplicates
    return tuple(Link(word=number, href=ticket_address(number)) for number in numbers if number)


def _because(view: HazardView, *, at: datetime) -> tuple[str, ...]:
    """Why the hazard is where it is; for its rectifier, who gave it."""
    given = _last(view, Action.ACCEPT, Action.REASSIGN)
    if view.view is View.ASSIGNED and given is not None and given.who:
        when = moment(given.at, view.unit.zone, now=at)
        return (str(_("%(who)s %(when)s 派给您", who=given.who, when=when)),)
    return routing_lines(view.routing.because) if view.routing else ()


def _routed_to(view: HazardView) -> str:
    """Whom those reasons are about; empty when it is the reader."""
    routing = view.routing
    if view.view is View.ASSIGNED or (routing is not None and routing.officer_id == actor().account_id):
        return ""
    return (routing.officer if routing else None) or view.unit.name


def _returned(view: HazardView, *, at: datetime) -> str:
    """What the last re-inspection found, while it is being put right."""
    back = _last(view, Action.SEND_BACK)
    if view.state is not Stands.RECTIFYING or back is None:
        return ""
    when = moment(back.at, view.unit.zone, now=at)
    return str(_("退回：%(text)s（%(who)s %(when)s）", text=back.detail.get("text", ""), who=back.who, when=when))


def _last(view: HazardView, *actions: Action) -> StepView | None:
    return next((step for step in reversed(view.timeline) if step.action in actions), None)


def _step(view: HazardView, action: Action | None) -> Step | None:
    return step_of(view, action) if action else None


def _deadline_state(view: HazardView, *, at: datetime) -> State | None:
    return deadline_state(view, at=at, zone=view.unit.zone) if view.deadline else None


def _first_deadline(view: HazardView, *, at: datetime) -> str:
    if view.first_deadline is None or view.first_deadline == view.deadline:
        return ""
    return moment(view.first_deadline, view.unit.zone, now=at)


def _closed_because(view: HazardView, *, at: datetime) -> str:
    """Why the move that this hazard waits for is not this person's; empty where somebody else's duty is plain."""
    awaited = next((action for action in _AWAITED if view.state in TABLE[action].sources), None)
    if awaited is None:
        return ""
    try:
        check_open(view.number, awaited, version=view.version, by=actor(), at=at, db=runtime().db)
    except NotOpen as closed:
        if closed.why in _NOBODY_ELSE:
            return ""
        if closed.why == Why.WHO:
            return str(_("这一步由%(who)s办。", who=_who_acts(view, awaited)))
        why = str(WHYS[closed.why])
        if closed.why in _NEEDS_ANOTHER:
            why += str(_("等%(unit)s没有上报、也没有整改的安全员办理。", unit=view.unit.name))
        return why
    return ""


def _who_acts(view: HazardView, awaited: Action) -> str:
    if awaited is Action.RECTIFY and view.rectifier:
        return view.rectifier
    return str(_("%(unit)s的安全员", unit=view.unit.name))


def _work(view: HazardView, *, at: datetime) -> tuple[Fact, ...]:
    """Who has what to do, and what was done: what a rectifier and a verifier come for, so it stands first."""
    if view.state not in _AT_WORK:
        return ()
    repair = (*repair_facts(view, at=at), ("conclusion", view.conclusion)) if view.state in _REPAIRED else ()
    return facts_of((("rectifier", view.rectifier), ("measures", view.measures), *repair))


def _facts(view: HazardView, *, at: datetime) -> tuple[Fact, ...]:
    zone = view.unit.zone
    unnamed = _("匿名") if view.anonymous else _("访客") if view.guest else ""
    extension = moment(view.extension_deadline, zone, now=at) if view.extension_deadline else ""
    return facts_of(
        (
            ("unit", view.unit.name),
            ("location", where_of(view)),
            ("category", words.CATEGORIES[view.category] if view.category else ""),
            ("level", words.LEVELS[view.level] if view.level else ""),
            ("factor", words.FACTORS[view.factor] if view.factor else ""),
            ("found_by", words.FOUND_BY[view.found_by]),
            ("reporter", view.reporter or unnamed),
            ("submitted_at", moment(view.submitted_at, zone, now=at)),
            ("officer", view.routing.officer if view.routing else ""),
            ("rectifier", view.rectifier),
            ("measures", view.measures),
            ("extension", extension),
            *repair_facts(view, at=at),
            ("conclusion", view.conclusion),
            ("returned", view.times_returned or ""),
            ("reason", words.REJECT_REASONS[view.reject_reason] if view.reject_reason else ""),
            ("master", view.master),
        )
    )


def repair_facts(view: HazardView, *, at: datetime) -> tuple[tuple[str, object], ...]:
    """What was done about it, when, and what it cost."""
    finished = moment(view.finished_at, view.unit.zone, now=at) if view.finished_at else ""
    return (("done", view.done), ("finished_at", finished), ("cost", yuan(view.cost_fen)))


def _evidence(photo: PhotoView, view: HazardView, *, at: datetime) -> Evidence:
    zone = view.unit.zone
    lines = [WitnessLine(source=witness.source, says=_says(witness, view)) for witness in photo.witnesses]
    if photo.captured_at:
        lines.append(WitnessLine(source="time", says=moment(photo.captured_at, zone, now=at)))
    return Evidence(n=photo.n, grade=photo.grade or "", because=grade_line(photo), witnesses=tuple(lines))


def _says(witness: WitnessView, view: HazardView) -> str:
    point = f"{witness.lat:.5f}, {witness.lon:.5f}"
    if witness.source == Source.PLACE and view.place is not None:
        return view.place.name
    if witness.accuracy_m is not None:
        point += str(_("，精度 %(metres)s 米", metres=round(witness.accuracy_m)))
    if witness.datum != Datum.WGS84:
        point += str(_("，由 %(datum)s 换算", datum=witness.datum.upper()))
    return point
