"""The desk around a ticket: what waits for its reader, filtered, searched, and where to go on."""

from dataclasses import replace
from typing import Any, Final

from flask import request, url_for

from app.edge.entrance import actor, runtime
from app.hazards.lists import ListFilter, Urgency, hazard_list, inbox
from app.hazards.queries import hazard_view
from app.hazards.views import HazardView
from app.web.frames import DESK_LINES, Reader, came_from, frame_of, home_address, reader
from app.web.pages import Count, Desk, HazardCard, InboxPage, TicketPage
from app.web.present_pieces import card_of
from app.web.present_ticket import ticket_address, ticket_of

_COUNTED: Final = ("overdue", "due_today", "submitted", "reviewing")
_COUNTED_TO_REPAIR: Final = ("overdue", "due_today", "rectifying")


def desk_page() -> InboxPage:
    """待办; on a desktop its first hazard stands open."""
    desk, first = _desk(current="")
    ticket = None
    if first:
        means = runtime()
        with means.db.read() as session:
            view = hazard_view(session, first, by=actor(), at=means.now())
            ticket = replace(ticket_of(view), **_onward(desk, view.number))
    showing = desk.showing if desk.showing != "due_today" else ""
    return InboxPage(
        frame=frame_of(current=showing or "inbox"),
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
    desk, _first = _desk(current=view.number)
    ticket = replace(ticket_of(view), **_onward(desk, view.number))
    return TicketPage(frame=frame_of(), ticket=ticket, desk=desk, back_href=url_for("officer.desk"))


def _onward(desk: Desk, number: str) -> dict[str, Any]:
    """Where to go on when nothing is left to do here."""
    others = [card.href for card in desk.cards if card.number != number]
    return {"onward_href": others[0] if others else url_for("officer.desk"), "onward_is_next": bool(others)}


def _desk(*, current: str) -> tuple[Desk, str]:
    """The desk, and the number of its first hazard."""
    words_sought, showing = request.args.get("q", "").strip(), request.args.get("only", "")
    showing = showing if showing in DESK_LINES else ""
    cards = _found(words_sought) if words_sought else _waiting(showing, current=current)
    everything = url_for("officer.desk")
    waiting = reader().waiting.counts
    counts = tuple(
        Count(
            code=code,
            number=sum(waiting[group] for group in DESK_LINES[code]),
            href=everything if code == showing else url_for("officer.desk", only=code),
            current=code == showing,
        )
        for code in _counted(reader())
    )
    desk = Desk(
        counts=counts,
        cards=cards,
        showing=showing,
        all_href=everything,
        search=words_sought,
        search_href=everything,
    )
    return desk, cards[0].number if cards else ""


def _counted(who: Reader) -> tuple[str, ...]:
    """What the desk counts: whoever only repairs neither accepts nor re-inspects."""
    counted = _COUNTED if who.accepts or who.oversees_only else _COUNTED_TO_REPAIR
    return (*counted, "contested") if who.waiting.counts[Urgency.CONTESTED] else counted


def _waiting(showing: str, *, current: str) -> tuple[HazardCard, ...]:
    means, who = runtime(), reader()
    only = DESK_LINES[showing][0] if showing else None
    with means.db.read() as session:
        waiting = inbox(session, by=who.actor, at=means.now(), zone=who.home.zone, only=only)
    return tuple(
        card_of(line, href=ticket_address(line.number), at=means.now(), current=line.number == current)
        for _group, line in waiting.lines
    )


def _found(sought: str) -> tuple[HazardCard, ...]:
    means = runtime()
    with means.db.read() as session:
        page = hazard_list(session, by=actor(), at=means.now(), narrowed=ListFilter(words=sought))
    return tuple(card_of(line, href=ticket_address(line.number), at=means.now()) for line in page.items)
