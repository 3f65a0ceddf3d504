"""The desk around a ticket: what waits for its reader, filtered, searched, and where to go on."""

from dataclasses import replace
from itertools import groupby
from typing import Any, Final

from flask import request, url_for

from app.edge.cursors import sealed, unsealed
from app.edge.entrance import actor, runtime
from app.hazards.desk import Inbox, inbox, waits_in
from app.hazards.desk_filters import conditions_of
from app.hazards.desk_groups import Urgency
from app.hazards.lists import ListFilter, ListPage, hazard_list
from app.hazards.queries import hazard_view
from app.hazards.views import HazardLine, HazardView
from app.web.desk.asked import (
    address,
    address_beside,
    filter_asked,
    group_asked,
    mark_asked,
    mark_of,
    narrowing_of,
    words_asked,
)
from app.web.desk.steps import batch_steps
from app.web.frames import DESK_LINES, Reader, came_from, frame_of, home_address, reader
from app.web.pages import Count, Desk, HazardCard, InboxPage, TicketPage
from app.web.pages.desk import CardGroup
from app.web.present_pieces import card_of
from app.web.present_ticket import ticket_of

_COUNTED: Final = ("overdue", "due_today", "submitted", "reviewing")
_COUNTED_TO_REPAIR: Final = ("overdue", "due_today", "rectifying")
_RARE: Final = ("contested", "extension")
_CODES: Final = {groups[0]: code for code, groups in DESK_LINES.items()}


def desk_page() -> InboxPage:
    """待办; on a desktop its first hazard stands open."""
    desk = _desk(current="")
    ticket = None
    if desk.cards:
        means = runtime()
        with means.db.read() as session:
            view = hazard_view(session, desk.cards[0].number, by=actor(), at=means.now())
            ticket = replace(ticket_of(view), **_onward(desk, view.number))
    return InboxPage(
        frame=frame_of(current=_menu_line(desk)),
        desk=desk,
        ticket=ticket,
        oversees=reader().oversees_only,
        report_href=url_for("reporter.report"),
    )


def ticket_page(view: HazardView) -> TicketPage:
    """One ticket; on a desktop the inbox stands beside it, unless the reader has none or comes from elsewhere."""
    came = came_from()
    if came or not reader().has_desk:
        return TicketPage(frame=frame_of(), ticket=ticket_of(view), back_href=came or home_address())
    desk = _desk(current=view.number)
    ticket = replace(ticket_of(view), **_onward(desk, view.number))
    frame = frame_of(current=_menu_line(desk))
    return TicketPage(frame=frame, ticket=ticket, desk=desk, back_href=address(cursor=request.args.get("cursor")))


def _menu_line(desk: Desk) -> str:
    return desk.showing if desk.showing and desk.showing != "due_today" else "inbox"


def _onward(desk: Desk, number: str) -> dict[str, Any]:
    """Where to go on when nothing is left to do here."""
    others = [card.href for card in desk.cards if card.number != number]
    return {"onward_href": others[0] if others else address(cursor=None), "onward_is_next": bool(others)}


def _desk(*, current: str) -> Desk:
    """The desk as it is asked for, by itself or beside a ticket (`current`)."""
    who, sought, showing = reader(), words_asked(), group_asked()
    common: dict[str, Any] = {
        "showing": showing,
        "all_href": url_for("officer.desk"),
        "search": sought,
        "search_href": url_for("officer.desk"),
        "narrowing": narrowing_of(who),
        "first_href": address(cursor=None) if request.args.get("cursor") else "",
        "batch": batch_steps(who.actor),
    }
    if sought:
        found = _found(sought, showing)
        current = current or next((line.number for line in found.items), "")  # stands open beside the list
        cards = tuple(_card(line, current=current) for line in found.items)
        more = address(cursor=sealed(found.next)) if found.next else ""
        # The tallies are of the desk, not of what was found: they would contradict the list.
        whole = not found.next and not request.args.get("cursor")
        return Desk(cards=cards, found=len(cards) if whole else None, more_href=more, **common)
    waiting = _waiting(showing)
    current = current or next((line.number for _group, line in waiting.lines), "")
    groups = tuple(
        CardGroup(code=_CODES[group], cards=tuple(_card(line, current=current) for _same, line in lines))
        for group, lines in groupby(waiting.lines, key=lambda pair: pair[0])
    )
    return Desk(
        counts=_counts(who, waiting, showing),
        cards=tuple(card for group in groups for card in group.cards),
        groups=groups,
        more_href=address(cursor=sealed(*mark_of(waiting.next))) if waiting.next else "",
        **common,
    )


def _counts(who: Reader, waiting: Inbox, showing: str) -> tuple[Count, ...]:
    """The tallies that filter: whoever only repairs neither accepts nor re-inspects; what is rare, when it is."""
    usual = _COUNTED if who.accepts or who.oversees_only else _COUNTED_TO_REPAIR
    rare = tuple(code for code in _RARE if any(waiting.counts[group] for group in DESK_LINES[code]))
    return tuple(
        Count(
            code=code,
            number=sum(waiting.counts[group] for group in DESK_LINES[code]),
            href=address(only=None if code == showing else code, cursor=None, q=None),
            current=code == showing,
        )
        for code in (*usual, *rare)
    )


def _waiting(showing: str) -> Inbox:
    means, who = runtime(), reader()
    only: Urgency | None = DESK_LINES[showing][0] if showing else None
    narrowed, after = filter_asked(), unsealed(request.args.get("cursor"), parts=3)
    with means.db.read() as session:
        return inbox(
            session,
            by=who.actor,
            at=means.now(),
            zone=who.home.zone,
            only=only,
            narrowed=conditions_of(session, narrowed, at=means.now()),
            after=mark_asked(after),
            # The menu has counted the whole desk already.
            counted=None if narrowed.is_set else who.waiting.counts,
        )


def _found(sought: str, showing: str) -> ListPage:
    """What is sought, narrowed by all that narrows the desk: its filters and the group that is shown alone."""
    means, who, narrowed = runtime(), reader(), filter_asked()
    after, at = unsealed(request.args.get("cursor"), parts=1), means.now()
    with means.db.read() as session:
        # Unit, category and level are in the index; what is not is asked of each hazard that it finds.
        more = conditions_of(session, replace(narrowed, unit=None, category=None, level=None), at=at)
        if showing:
            group = DESK_LINES[showing][0]
            more += (waits_in(session, group, by=who.actor, at=at, zone=who.home.zone),)
        wanted = ListFilter(
            words=sought,
            unit_code=narrowed.unit,
            category=narrowed.category,
            level=narrowed.level,
            more=more,
        )
        return hazard_list(session, by=who.actor, at=at, narrowed=wanted, cursor=after[0] if after else None)


def _card(line: HazardLine, *, current: str) -> HazardCard:
    return card_of(line, href=address_beside(line.number), at=runtime().now(), current=line.number == current)
