"""The form of a move as a page, first empty, then with what was typed: one page for every row of the table."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app.accounts.permissions import Permission
from app.core.errors import Conflict, Forbidden, NotFound, NotOpen, NotSignedIn, Problem
from app.edge.entrance import actor, runtime
from app.edge.taking import hazard_request
from app.edge.wording import FAULTS
from app.hazards.lifecycle import TABLE, Action, Photos
from app.hazards.moves import VERBS, check_open
from app.hazards.queries import unit_holding
from app.hazards.views import HazardView
from app.hazards.words import Level, Stage
from app.web import act_words, words
from app.web.answers import page_answer, refused_answer, see_other
from app.web.forms import field_faults, kept_statements
from app.web.frames import frame_of, own_mark
from app.web.kept import kept_tokens
from app.web.pages import ActPage, Fact, FieldFault, KeptPhoto, Photo, Subject
from app.web.pages.alike import Alike
from app.web.phone.shell import keep_page
from app.web.present_alike import alike_beside
from app.web.present_inputs import inputs_of, major_inputs, offers_for
from app.web.present_pieces import facts_of, objections_of, photos_of, title_of, where_of
from app.web.present_reported import WORKS_THE_TICKET, hazard_address, view_for_reader
from app.web.present_ticket import act_address, edition_of, repair_facts, ticket_address
from app.web.present_timeline import told_by
from app.web.times import moment

Form = Mapping[str, str]
TEMPLATE: Final = "officer/act.html"
ANSWERED: Final[Mapping[Action, tuple[Action, ...]]] = MappingProxyType(
    {
        Action.ANSWER: (Action.ASK,),
        Action.APPEAL: (Action.REJECT, Action.VOID),
        Action.DECIDE_APPEAL: (Action.REJECT, Action.VOID, Action.APPEAL),
        Action.RETURN_TRANSFER: (Action.TRANSFER,),
        Action.UNMERGE: (Action.MERGE,),
        Action.DECIDE_EXTENSION: (Action.REQUEST_EXTENSION,),
        Action.RECTIFY: (Action.SEND_BACK,),
        Action.CLOSE: (Action.SEND_BACK,),
        Action.SEND_BACK: (Action.SEND_BACK,),
        Action.RECORD_DUAL_REPORT: (Action.RECORD_DUAL_REPORT,),
        Action.OBJECT: (Action.CLOSE,),
        Action.REOPEN: (Action.CLOSE, Action.OBJECT),
        Action.DISMISS_OBJECTION: (Action.CLOSE, Action.OBJECT),
    }
)
"""What was said before that this move answers: nobody should have to decide from memory."""
_JUDGES: Final = frozenset(
    {Action.CLOSE, Action.SEND_BACK, Action.OBJECT, Action.REOPEN, Action.DISMISS_OBJECTION}
)
"""Moves that look at the repair: before and after stand side by side."""
_REINSPECTS: Final = frozenset({Action.CLOSE, Action.SEND_BACK})
"""Of these, the two ends of a re-inspection: promise and repair stand before all that was said."""
_OTHER: Final[Mapping[Action, Action]] = MappingProxyType(
    {Action.CLOSE: Action.SEND_BACK, Action.ACCEPT: Action.FIX_ON_THE_SPOT}
)
_NO_WAY_BACK: Final = frozenset({Action.WITHDRAW, Action.VOID})


def paged_action(action: str) -> Action:
    """The move with this name.

    Raises:
        NotFound: no move of a hazard that exists.
    """
    if action not in set(VERBS):
        raise NotFound
    return Action(action)


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
    page = act_page(view, action, request.args)
    answer = page_answer(TEMPLATE, page)
    if not page.account:
        return answer
    # The phone carries this move by itself, also from where there is no network: there it must open too.
    shown = (page.subject.before, page.subject.after)
    return keep_page(answer, edition=edition_of(view), pictures=[it.display for it in shown if it and it.display])


def act_again(problem: Problem, number: str, action: str) -> Response | None:
    """The refused form, kept; None where another try would be refused the same way."""
    if isinstance(problem, NotFound | NotOpen | Conflict | NotSignedIn | Forbidden):
        return None
    view, move = view_for_reader(number), Action(action)
    faults = (*field_faults(problem), *_lost_document())
    return refused_answer(TEMPLATE, act_page(view, move, request.form, faults=faults), problem=problem)


def after_move(number: str, action: Action) -> Response:
    """Back to the hazard, saying what was done; to the inbox when it has just left this person's sight."""
    try:
        view = view_for_reader(number)
    except NotFound:
        with runtime().db.read() as session:
            holding = unit_holding(session, number)
        flash(("gone", {"number": number, "unit": holding.name}))  # type: ignore[arg-type]  # any JSON may be told
        return see_other(url_for("officer.desk"))
    flash(_notice(view, action))
    works = view.view in WORKS_THE_TICKET
    return see_other(ticket_address(number) if works else hazard_address(number))


def _notice(view: HazardView, action: Action) -> str:
    """The code of what is said now: who re-inspects depends on the level, and on whether an officer repaired."""
    found: str = action
    if action in {Action.RECTIFY, Action.FIX_ON_THE_SPOT}:
        if view.level is Level.MAJOR:
            found = f"{action}_major"
        elif actor().can_somewhere(Permission.HAZARD_VERIFY):
            found = f"{action}_by_officer"
    return found if found in words.NOTICES else "done"


def _lost_document() -> tuple[FieldFault, ...]:
    """A document is not held for a corrected form; whoever sent one is told to choose it again."""
    try:
        lost = hazard_request().photos.document is not None
    except Problem:
        return ()  # the refusal was about the files: its own sentence is there
    return (FieldFault(field="document", sentence=str(FAULTS["document_again"])),) if lost else ()


def act_page(view: HazardView, action: Action, form: Form, *, faults: tuple[FieldFault, ...] = ()) -> ActPage:
    """The page of one move: what was typed, else what the hazard already says."""
    at, move = runtime().now(), TABLE[action]
    offers = offers_for(view, action)
    other = _OTHER.get(action)
    return ActPage(
        frame=frame_of(),
        subject=_subject(view, action, form),
        code=action,
        button=str(act_words.BUTTONS.get(action, words.ACTIONS[action])),
        says=str(act_words.SAYS.get(action, "")),
        done=str(words.NOTICES[_notice(view, action)]),
        context=told_by(view, ANSWERED.get(action, ()), at=at),
        change=_change(view, action, at=at),
        promised=_promised(view, action, at=at),
        facts=facts_of(repair_facts(view, at=at)) if action in _JUDGES else (),
        judges=action in _REINSPECTS,
        inputs=inputs_of(view, action, form, offers),
        major=major_inputs(view, action, form),
        alike=_alike(view, action),
        takes_files=move.photos is not Photos.NONE or "document" in move.fields,
        other_code=other if other in view.open_actions and other else "",
        other_href=act_address(view.number, other) if other in view.open_actions and other else "",
        back_word=str(_("不撤了")) if action in _NO_WAY_BACK else "",
        faults=faults,
        **_camera(view, action, form),
    )


def _promised(view: HazardView, action: Action, *, at: datetime) -> tuple[Fact, ...]:
    """What was to be done, by whom, until when: for who takes it on, and for who judges the repair."""
    if action not in _JUDGES | {Action.ACKNOWLEDGE}:
        return ()
    until = moment(view.deadline, view.unit.zone, now=at) if view.deadline else ""
    whom = view.rectifier if action in _JUDGES else None
    return facts_of((("measures", view.measures), ("deadline", until), ("rectifier", whom)))


def _change(view: HazardView, action: Action, *, at: datetime) -> str:
    """The deadline that holds and the one asked for, side by side, for who decides."""
    now, asked = view.deadline, view.extension_deadline
    if action is not Action.DECIDE_EXTENSION or now is None or asked is None:
        return ""
    zone = view.unit.zone
    told = ngettext(
        "现在的期限 %(now)s → 申请延到 %(asked)s（多 %(num)s 天）",
        "现在的期限 %(now)s → 申请延到 %(asked)s（多 %(num)s 天）",
        max(0, (asked.astimezone(zone).date() - now.astimezone(zone).date()).days),
        now=moment(now, zone, now=at),
        asked=moment(asked, zone, now=at),
    )
    return str(told)


def _alike(view: HazardView, action: Action) -> tuple[Alike, ...]:
    """Before it becomes a ticket: the open hazards that it may repeat."""
    if action is not Action.ACCEPT:
        return ()
    return alike_beside(view.number, may_merge=Action.MERGE in view.open_actions)


def _camera(view: HazardView, action: Action, form: Form) -> dict[str, Any]:
    if TABLE[action].photos is Photos.NONE:
        return {}
    kept: tuple[KeptPhoto, ...] = kept_tokens(scope=scope_of_actor()) if request.method == "POST" else ()
    # Side by side and from the same spot, the two can be compared.
    repairs = action in {Action.RECTIFY, Action.FIX_ON_THE_SPOT}
    return {
        "camera": str(act_words.CAMERA.get(action, words.ACTIONS[action])),
        "beside": repairs and bool(photos_of(view, Stage.BEFORE, at=runtime().now())),
        "kept": kept,
        "captured_positions": kept_statements(form, kept=len(kept)),
        "photo_limit": runtime().settings.limits.photos,
        "account": own_mark(),
        "zone": str(view.unit.zone),
        "made": runtime().now().isoformat(),
    }


def _sides(view: HazardView, action: Action, *, at: datetime) -> tuple[tuple[Photo, ...], tuple[Photo, ...]]:
    """Before and after; for who judges an objection, the repair and what its reporter found."""
    after, objected = photos_of(view, Stage.AFTER, at=at), objections_of(view, at=at)
    if action in {Action.REOPEN, Action.DISMISS_OBJECTION} and objected:
        return after[-1:] or objected[-1:], objected if after else ()
    return photos_of(view, Stage.BEFORE, at=at), after


def _subject(view: HazardView, action: Action, form: Form) -> Subject:
    at = runtime().now()
    before, after = _sides(view, action, at=at)
    sent = form.get("version", "")
    works = view.view in WORKS_THE_TICKET
    return Subject(
        number=view.number,
        # What was decided on stays: a form that was corrected must not overrule what happened meanwhile.
        version=int(sent) if sent.isascii() and sent.isdecimal() else view.version,
        title=title_of(view),
        where=where_of(view),
        href=ticket_address(view.number) if works else hazard_address(view.number),
        action=url_for("officer.act", number=view.number, action=action),
        before=before[0] if before else None,
        after=after[-1] if after and action in _JUDGES else None,
        others=(*before[1:], *after[:-1]) if action in _JUDGES else (),
    )
