"""The forms of the moves as pages, first empty, then with what was typed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Response, request, url_for

from app.core.errors import Conflict, Forbidden, NotFound, NotOpen, NotSignedIn, Problem
from app.edge.entrance import actor, runtime
from app.hazards.lifecycle import Action
from app.hazards.moves import check_open
from app.hazards.people import rectifiers_for
from app.hazards.views import HazardView
from app.hazards.words import Level, Stage
from app.web import words
from app.web.answers import page_answer, refused_answer
from app.web.forms import field_faults, kept_statements
from app.web.frames import frame_of
from app.web.kept import kept_tokens
from app.web.pages import (
    AcceptPage,
    Choice,
    ClosePage,
    ConfirmPage,
    FieldFault,
    KeptPhoto,
    RectifyPage,
    RejectPage,
    SendBackPage,
    Subject,
)
from app.web.present_pieces import facts_of, photos_of, title_of, where_of
from app.web.present_reported import view_for_reader
from app.web.present_ticket import act_address, repair_facts, ticket_address
from app.web.times import typed

Form = Mapping[str, str]
ActPage = AcceptPage | RejectPage | RectifyPage | ClosePage | SendBackPage | ConfirmPage
_TEMPLATES = {
    Action.ACCEPT: "officer/accept.html",
    Action.REJECT: "officer/reject.html",
    Action.RECTIFY: "officer/rectify.html",
    Action.CLOSE: "officer/close.html",
    Action.SEND_BACK: "officer/send_back.html",
}
_CONFIRM = "officer/confirm.html"


def scope_of_actor() -> str:
    """Whom photos that wait for a corrected form belong to."""
    return f"account:{actor().account_id}"


def act_answer(number: str, action: Action) -> Response:
    """A move's form, if the move is open.

    Raises:
        NotFound: absent or foreign.
        NotOpen: with why.
    """
    view = view_for_reader(number)
    means = runtime()
    check_open(number, action, version=view.version, by=actor(), at=means.now(), db=means.db)
    return page_answer(_TEMPLATES.get(action, _CONFIRM), act_page(view, action, {}))


def act_again(problem: Problem, number: str, action: str) -> Response | None:
    """The refused form, kept; None where another try would be refused the same way."""
    if isinstance(problem, NotFound | NotOpen | Conflict | NotSignedIn | Forbidden):
        return None
    view, move = view_for_reader(number), Action(action)
    page = act_page(view, move, request.form, faults=field_faults(problem))
    return refused_answer(_TEMPLATES.get(move, _CONFIRM), page, problem=problem)


def act_page(view: HazardView, action: Action, form: Form, *, faults: tuple[FieldFault, ...] = ()) -> ActPage:
    """The page of one move: what was typed, else what the hazard already says."""
    common: dict[str, Any] = {"frame": frame_of(), "subject": _subject(view, action, form), "faults": faults}
    if action in _TEMPLATES:
        common["text_limit"] = runtime().settings.limits.text
    at = runtime().now()
    match action:
        case Action.ACCEPT:
            return _accept_page(view, form, common)
        case Action.REJECT:
            return RejectPage(**common, reason=form.get("reason", ""), text=form.get("text", ""))
        case Action.RECTIFY:
            return _rectify_page(view, form, common, at=at)
        case Action.CLOSE:
            return ClosePage(
                **common,
                rectification=facts_of(repair_facts(view, at=at)),
                conclusion=form.get("conclusion", ""),
                send_back_href=act_address(view.number, Action.SEND_BACK),
            )
        case Action.SEND_BACK:
            return SendBackPage(
                **common,
                rectification=facts_of(repair_facts(view, at=at)),
                text=form.get("text", ""),
                deadline_days=form.get("deadline_days", "3"),
                deadline=form.get("deadline", ""),
            )
        case _:
            return ConfirmPage(**common, code=action)


def _subject(view: HazardView, action: Action, form: Form) -> Subject:
    at = runtime().now()
    before, after = photos_of(view, Stage.BEFORE, at=at), photos_of(view, Stage.AFTER, at=at)
    compares = action in {Action.CLOSE, Action.SEND_BACK}
    sent = form.get("version", "")
    return Subject(
        number=view.number,
        # What was decided on stays: a form that was corrected must not overrule what happened meanwhile.
        version=int(sent) if sent.isascii() and sent.isdecimal() else view.version,
        title=title_of(view),
        where=where_of(view),
        href=ticket_address(view.number),
        action=url_for("officer.act", number=view.number, action=action),
        before=before[0] if before else None,
        after=after[-1] if after and compares else None,
    )


def _accept_page(view: HazardView, form: Form, common: dict[str, Any]) -> AcceptPage:
    with runtime().db.read() as session:
        people = rectifiers_for(session, view.unit)
    chosen = form.get("rectifier", "")
    listed = {person.login: person.name for person in people}
    names = ("rectifier_name", "measures", "deadline", "funds", "emergency_plan", "interim_control")
    kept: dict[str, Any] = {name: form.get(name, "") for name in names}
    return AcceptPage(
        **common,
        level=form.get("level", Level.GENERAL),
        category=form.get("category", view.category or ""),
        categories=tuple(words.CATEGORIES),
        factor=form.get("factor", ""),
        rectifiers=tuple(
            Choice(value=login, label=name, chosen=login == chosen) for login, name in listed.items()
        ),
        deadline_days=form.get("deadline_days", "7"),
        **kept,
    )


def _rectify_page(view: HazardView, form: Form, common: dict[str, Any], *, at: datetime) -> RectifyPage:
    kept: tuple[KeptPhoto, ...] = kept_tokens(scope=scope_of_actor()) if request.method == "POST" else ()
    return RectifyPage(
        **common,
        done=form.get("done", ""),
        finished_at=form.get("finished_at", typed(at, view.unit.zone)),
        cost=form.get("cost", ""),
        kept=kept,
        captured_positions=kept_statements(form, kept=len(kept)),
        photo_limit=runtime().settings.limits.photos,
    )
