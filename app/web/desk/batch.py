"""Several hazards, one form: what is shown, what is done with each, and what became of it.

Each hazard is moved in a transaction of its own, through the same door as alone; one that cannot be is told with
its reason and stops no other. A form that is sent again finds the versions gone on and does nothing twice.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final, NamedTuple

from flask import request, url_for
from flask_babel import gettext as _

from app.core.errors import Fault, Invalid, NotFound, NotOpen, Problem, VersionConflict
from app.edge.entrance import actor, runtime
from app.edge.taking import read_move
from app.edge.wording import sentence_of, title_of
from app.hazards.lifecycle import TABLE, Action, State
from app.hazards.lists import lines_by_number
from app.hazards.moves import move_hazard
from app.hazards.people import rectifiers_for
from app.hazards.told import faults_of
from app.hazards.views import HazardLine
from app.hazards.words import Level
from app.web import words
from app.web.desk.steps import BATCHED, notice_address
from app.web.desk.twins import twins_of
from app.web.desk.words import BATCH, BATCH_DONE
from app.web.forms import action_fields, field_faults
from app.web.frames import frame_of, reader
from app.web.offered import offered_categories
from app.web.pages import Choice
from app.web.pages.alike import Alike
from app.web.pages.desk import BatchDonePage, BatchItem, BatchLine, BatchPage
from app.web.present_deadline import counting_in
from app.web.present_pieces import first_photo, where_of
from app.web.present_pieces import title_of as hazard_title
from app.web.present_ticket import act_address, ticket_address

MOST: Final = 50
"""Hazards in one form: more is no decision any more."""
_LONGEST: Final = 40
_SEEN: Final = "seen"
"""The form's field: a number and the version that was seen, "HZ-2026-000381@3"."""
_BESIDE: Final = "beside"
"""The same of a hazard that may repeat another: it stands in the form, and is done only with a tick in `_SEEN`."""


class Seen(NamedTuple):
    """A hazard as the form saw it; version 0 is none."""

    number: str
    version: int


def batched(action: str) -> Action:
    """The move of this name, if several hazards may be moved by it.

    Raises:
        NotFound: they may not.
    """
    if action not in set(BATCHED):
        raise NotFound
    return Action(action)


def ticked() -> list[str]:
    """The numbers in the address, each once, in their order."""
    return list(dict.fromkeys(number[:_LONGEST] for number in request.args.getlist("hazard")))


def form_page(action: Action, *, problem: Problem | None = None) -> BatchPage:
    """The form for what was ticked; a refused one again with all that was typed.

    Hazards that the reader may not see are not in it, like absent ones.
    """
    form: Mapping[str, str] = request.form
    taken = {one.number for one in _seen()}
    seen = {one.number: one.version for one in (*_seen(), *_seen(_BESIDE))}
    numbers = sorted(seen) if request.method == "POST" else ticked()
    lines = _lines(numbers[:MOST])
    twins = twins_of(lines) if action is Action.ACCEPT else {}
    chosen = form.get("rectifier", "")
    kept: dict[str, Any] = {
        name: form.get(name, "") for name in ("factor", "rectifier_name", "measures", "deadline", "text")
    }
    return BatchPage(
        frame=frame_of(current="inbox"),
        code=action,
        word=str(BATCH[action]),
        # What was decided on stays: a form that was corrected must not overrule what happened meanwhile.
        items=tuple(
            _item(
                line,
                seen.get(line.number, line.version),
                twins=twins.get(line.number, ()),
                taken=line.number in taken or line.number not in twins,
            )
            for line in lines
        ),
        action=url_for("desk.batch", action=action),
        back_href=url_for("officer.desk"),
        left_out=max(0, len(numbers) - MOST),
        category=form.get("category", _shared(line.category for line in lines)),
        categories=_offered(lines, form.get("category", "")),
        rectifiers=_rectifiers(lines, chosen) if "rectifier" in TABLE[action].fields else (),
        deadline_days=form.get("deadline_days", "7"),
        faults=field_faults(problem) if problem is not None else (),
        text_limit=runtime().settings.limits.text,
        **kept,
    )


def _shared(codes: Any) -> str:
    """The one code that all have; empty when they differ."""
    found = set(codes)
    return str(found.pop() or "") if len(found) == 1 else ""


def _offered(lines: list[HazardLine], typed: str) -> tuple[str, ...]:
    """What any of the hazards' units offers, and whatever the hazards already say."""
    keep = {typed, *(line.category or "" for line in lines)}
    with runtime().db.read() as session:
        units = {line.unit.id: line.unit for line in lines}.values()
        shown = {code for unit in units for code in offered_categories(session, unit, keep=keep)}
    return tuple(code for code in words.CATEGORIES if code in shown or not lines)


def _rectifiers(lines: list[HazardLine], chosen: str) -> tuple[Choice, ...]:
    """Whoever may be named for every one of the hazards; nobody, when their enterprises share none."""
    if not lines:
        return ()
    with runtime().db.read() as session:
        units = {line.unit.id: line.unit for line in lines}.values()
        offered = [{p.login: p.name for p in rectifiers_for(session, unit)} for unit in units]
    everywhere = set(offered[0]).intersection(*offered)
    return tuple(
        Choice(value=login, label=name, chosen=login == chosen)
        for login, name in offered[0].items()
        if login in everywhere
    )


def _item(line: HazardLine, version: int, *, twins: tuple[Alike, ...], taken: bool) -> BatchItem:
    return BatchItem(
        number=line.number,
        version=version,
        title=hazard_title(line),
        where=where_of(line),
        href=ticket_address(line.number),
        photo=first_photo(line) if twins else None,
        twins=twins,
        alone_href=act_address(line.number, Action.ACCEPT) if twins else "",
        taken=taken,
    )


def _lines(numbers: list[str]) -> list[HazardLine]:
    means = runtime()
    with means.db.read() as session:
        return lines_by_number(session, numbers, by=actor(), at=means.now())


def _seen(field: str = _SEEN) -> list[Seen]:
    found = {}
    for told in request.form.getlist(field)[:MOST]:
        number, _at, version = told[:_LONGEST].partition("@")
        if version.isascii() and version.isdecimal():
            found[number] = Seen(number, int(version))
    return list(found.values())


def move_each(action: Action) -> BatchDonePage:
    """Make the move with each hazard of the form, and tell what became of each.

    Raises:
        Invalid: what was typed holds for none.
    """
    seen = _seen()
    if not seen:
        raise Invalid(Fault(_SEEN, "no_hazard_chosen"))
    lines = {line.number: line for line in _lines([one.number for one in seen])}
    _check_once(action, next(iter(lines.values()), None))
    became = [_moved(action, one, lines.get(one.number)) for one in seen]
    done = [line.number for line in became if line.done]
    return BatchDonePage(
        frame=frame_of(current="inbox"),
        word=str(BATCH_DONE[action]),
        lines=tuple(became),
        done=len(done),
        back_href=url_for("officer.desk"),
        print_href=notice_address(*done) if done and action is Action.ACCEPT else "",
        left_alone=_left_alone({one.number for one in seen}),
    )


def _left_alone(taken: Collection[str]) -> tuple[BatchLine, ...]:
    """What stood in the form as a possible repetition and was not ticked."""
    numbers = [one.number for one in _seen(_BESIDE) if one.number not in taken]
    return tuple(
        BatchLine(
            number=line.number,
            title=hazard_title(line),
            href=act_address(line.number, Action.ACCEPT)
            if line.state is State.SUBMITTED
            else ticket_address(line.number),
            done=False,
        )
        for line in _lines(numbers)
    )


def _fields(action: Action, line: HazardLine | None, version: int) -> dict[str, Any]:
    zone = line.unit.zone if line is not None else reader().home.zone
    form = {**request.form.to_dict(), "version": str(version)}
    if action is Action.ACCEPT:
        # A major hazard has its own plan, funds and deadline: it is accepted alone.
        form["level"] = Level.GENERAL
    counting = counting_in(line.unit) if line is not None else "calendar"
    return action_fields(action, form, photos=0, zone=zone, at=runtime().now(), counting=counting)


def _check_once(action: Action, line: HazardLine | None) -> None:
    """What holds for none is told beside its field, before anything is done."""
    told, _version, _photos = read_move(action, _fields(action, line, 1), photos=0)
    missing = faults_of(TABLE[action], told, photos=0)
    if missing:
        raise Invalid(*missing)


def _moved(action: Action, one: Seen, line: HazardLine | None) -> BatchLine:
    title = hazard_title(line) if line is not None else ""
    told = {"number": one.number, "title": title, "href": ticket_address(one.number) if line is not None else ""}
    try:
        _move(action, one, line)
    except Problem as problem:
        return BatchLine(**told, done=False, why=_why(problem))
    return BatchLine(**told, done=True)


def _move(action: Action, one: Seen, line: HazardLine | None) -> None:
    if line is None:
        raise NotFound
    means = runtime()
    told, version, _photos = read_move(action, _fields(action, line, one.version), photos=0)
    move_hazard(
        one.number,
        action,
        told,
        version=version,
        by=actor(),
        at=means.now(),
        store=means.store,
        db=means.db,
    )


def _why(problem: Problem) -> str:
    if isinstance(problem, VersionConflict):
        return str(_("刚才已有人处理过，这次没有改动。请看最新情况。"))
    if isinstance(problem, NotFound):
        return str(_("没有这条隐患，或它已不归您处理。"))
    if isinstance(problem, NotOpen):
        return title_of(problem)
    if isinstance(problem, Invalid):
        return " ".join(sentence_of(fault) for fault in problem.faults)
    return title_of(problem)
