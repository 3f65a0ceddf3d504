"""What becomes of reports, as pages: lists, one hazard, following an anonymous one."""

import base64
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from flask import request, url_for

from app.competition.ledger import balance_of, entries_for
from app.competition.reading import month_at
from app.competition.rule_sets import point_rules_in
from app.core.errors import NotFound, Problem
from app.edge.cursors import sealed, unsealed
from app.edge.entrance import actor, runtime
from app.hazards.case import Case
from app.hazards.following import followed_case
from app.hazards.lifecycle import Action, State, Who
from app.hazards.lists import ListFilter, hazard_list
from app.hazards.policy import View
from app.hazards.queries import Picture, hazard_view, picture_key_of, view_of_case
from app.hazards.views import HazardLine, HazardView
from app.hazards.words import Stage
from app.web import words
from app.web.frames import came_as, came_from, frame_of, reader
from app.web.pages import Fact, FollowPage, HazardCard, HazardListPage, HazardPage, Photo, Step
from app.web.present_next import after_the_end, points_lines, thanks_of, then_of, turn_of
from app.web.present_pieces import card_of, facts_of, objections_of, photos_of, states_of, title_of, where_of
from app.web.present_ticket import closed_steps, step_of
from app.web.present_timeline import told_to_reporter
from app.web.times import moment
from storage.object_store import StoreError

REPORTERS: Final = frozenset({Who.REPORTER})
WORKS_THE_TICKET: Final = frozenset({View.COMMAND, View.FULL, View.ASSIGNED})


def list_page(which: str) -> HazardListPage:
    """`mine`: the own reports with points; `unit`: what may be seen of the others'."""
    means, who = runtime(), reader()
    narrowed = ListFilter(mine=True) if which == "mine" else ListFilter()
    after = unsealed(request.args.get("cursor"), parts=1)
    with means.db.read() as session:
        page = hazard_list(
            session, by=who.actor, at=means.now(), narrowed=narrowed, cursor=after[0] if after else None
        )
        points = balance_of(session, who.actor.account_id) if which == "mine" else None
    own = url_for("reporter.mine" if which == "mine" else "reporter.unit_hazards")
    return HazardListPage(
        frame=frame_of(current=which),
        which=which,
        unit=who.home.name,
        points="" if points is None else str(points),
        points_href=url_for("reporter.points"),
        cards=tuple(_card(line, mine=which == "mine", at=means.now()) for line in page.items),
        mine_href=url_for("reporter.mine"),
        unit_href=url_for("reporter.unit_hazards"),
        report_href=url_for("reporter.report"),
        more_href=f"{own}?cursor={sealed(page.next)}" if page.next else "",
    )


def _card(line: HazardLine, *, mine: bool, at: datetime) -> HazardCard:
    card = card_of(line, href=url_for("reporter.hazard", number=line.number), at=at)
    return replace(card, then=then_of(line, at=at)) if mine and line.is_mine else card


def hazard_address(number: str, *, came: str = "") -> str:
    """Where whoever does not work on it reads a hazard; `came` is the page to come back to."""
    return url_for("reporter.hazard", number=number, **came_as(came))


def view_for_reader(number: str) -> HazardView:
    """The hazard as the reader may see it.

    Raises:
        NotFound: absent or foreign.
    """
    means = runtime()
    with means.db.read() as session:
        return hazard_view(session, number, by=actor(), at=means.now())


def hazard_page(view: HazardView) -> HazardPage:
    """One hazard for its reporter, or its public part for a colleague."""
    mine, at = view.view is View.OWN, runtime().now()
    page = _page(view, kind="mine" if mine else "public", at=at)
    return replace(
        page,
        points=_points(view) if mine else (),
        points_href=url_for("reporter.points", **came_as(hazard_address(view.number))) if mine else "",
        steps=_steps(view),
        closed=closed_steps(view, only=REPORTERS) if mine else (),
        back_href=came_from() or url_for("reporter.mine" if mine else "reporter.unit_hazards"),
        report_href=url_for("reporter.report"),
    )


def _steps(view: HazardView) -> tuple[Step, ...]:
    """The moves open to whoever reads it here: its reporter's, or those of a rectifier of the unit."""
    return tuple(step_of(view, action) for action in view.open_actions)


def _points(view: HazardView) -> tuple[str, ...]:
    means, account_id = runtime(), actor().account_id
    with means.db.read() as session:
        entries = entries_for(session, account_id, view.number)
        rules = point_rules_in(session, month_at(means.now(), view.unit.zone))
    return points_lines(entries, view, rules=rules)


def _page(view: HazardView, *, kind: str, at: datetime) -> HazardPage:
    return HazardPage(
        frame=frame_of(),
        view=kind,
        number=view.number,
        title=title_of(view),
        description=view.description or "",
        states=states_of(view, at=at, zone=view.unit.zone),
        before=photos_of(view, Stage.BEFORE, at=at),
        after=photos_of(view, Stage.AFTER, at=at),
        # Photos of a repair and yet to be repaired: it was sent back, or the hazard was opened again.
        repair_rejected=view.state is State.RECTIFYING,
        facts=_facts(view, at=at),
        objections=objections_of(view, at=at),
        guest=view.guest,
        **({} if kind == "public" else _told(view, at=at)),
    )


def _told(view: HazardView, *, at: datetime) -> dict[str, Any]:
    """What only who reported it is told: how it stands for them, and what was said and done."""
    return {
        "turn": turn_of(view, at=at),
        "thanks": thanks_of(view),
        "ended": after_the_end(view, at=at),
        "answer": _answer(view),
        "timeline": told_to_reporter(view, at=at),
    }


def _facts(view: HazardView, *, at: datetime) -> tuple[Fact, ...]:
    zone = view.unit.zone
    return facts_of(
        (
            ("location", where_of(view)),
            ("unit", view.unit.name),
            ("category", words.CATEGORIES[view.category] if view.category else ""),
            ("level", words.LEVELS[view.level] if view.level else ""),
            ("submitted_at", moment(view.submitted_at, zone, now=at)),
            ("officer", view.routing.officer if view.routing else ""),
            ("rectifier", view.rectifier),
            ("measures", view.measures),
            ("deadline", moment(view.deadline, zone, now=at) if view.deadline else ""),
            ("done", view.done),
            ("conclusion", view.conclusion),
            ("reason", words.REJECT_REASONS[view.reject_reason] if view.reject_reason else ""),
            ("master", view.master),
        )
    )


_ANSWERED_BY: Final = MappingProxyType(
    {
        State.NEED_INFO: frozenset({Action.ASK}),
        State.REJECTED: frozenset({Action.REJECT, Action.VOID, Action.DECIDE_APPEAL}),
    }
)


def _answer(view: HazardView) -> str:
    """What was said to the reporter and may be answered: a question, a refusal, or how the master ended."""
    if view.master_end is not None:
        return view.master_end.says or ""
    said = _ANSWERED_BY.get(view.state, frozenset())
    steps = (step for step in reversed(view.timeline) if step.action in said)
    return str(next((step.detail.get("text") or "" for step in steps), ""))


def follow_page(*, refused: bool = False) -> FollowPage:
    """The form that finds an anonymous hazard by number and code; it never echoes the code."""
    number = request.values.get("number", "")
    return FollowPage(frame=frame_of(current="follow"), number=number, refused=refused)


def is_follow_refusal(problem: Problem) -> bool:
    """Whether number and code simply did not fit."""
    return isinstance(problem, NotFound)


def followed_page(number: str, code: str) -> HazardPage:
    """An anonymous or a guest's hazard for whoever knows its code.

    Raises:
        NotFound: no such hazard, reported with a name, or another code.
    """
    at = runtime().now()
    with runtime().db.read() as session:
        case = followed_case(session, number, code)
        view = view_of_case(session, case, at=at)
        page = _page(view, kind="follow", at=at)
        pictures = {photo.n: _inlined(case, photo.n) for photo in view.photos if photo.status == "ready"}

    def seen(photos: tuple[Photo, ...]) -> tuple[Photo, ...]:
        return tuple(replace(photo, thumb=pictures.get(photo.n, ""), display="", original="") for photo in photos)

    return replace(
        page,
        before=seen(page.before),
        after=seen(page.after),
        objections=seen(page.objections),
        back_href=url_for("reporter.follow", number=number),
        claim_number=number if page.frame.person else "",
    )


def _inlined(case: Case, n: int) -> str:
    """A small picture inside the page: its reader has no account that an address could be checked against."""
    means = runtime()
    try:
        with means.db.read() as session:
            found = picture_key_of(session, case.hazard, n, Picture.THUMB, reads_original=False)
        with means.store.open(found.key) as stream:
            content = stream.read()
    except (NotFound, StoreError):
        # Just replaced, or the store is away: the page still tells how things stand.
        return ""
    return "data:image/jpeg;base64," + base64.b64encode(content).decode("ascii")
