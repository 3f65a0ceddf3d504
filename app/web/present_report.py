"""The report form and its receipt as pages."""

from collections import defaultdict
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from flask import Response, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, Guest, Submitter
from app.accounts.permissions import Permission
from app.competition.reading import month_at
from app.competition.rule_sets import point_rules_in
from app.core.errors import ClientIdReused, Fault, Forbidden, NotFound, NotSignedIn, Problem
from app.edge.entrance import actor, actor_or_none, runtime
from app.edge.taking import fresh_pass, guest_at
from app.edge.wording import sentence_of
from app.hazards.deadlines import FIRST_ACT_WITHIN
from app.hazards.lists import recent_places
from app.hazards.queries import hazard_view
from app.hazards.views import HazardView
from app.hazards.words import Stage
from app.units.queries import (
    Place,
    enterprise_of,
    is_of_enterprise,
    place_for,
    places_in,
    unit_by_id,
    units_by_id,
)
from app.units.surroundings import Because
from app.web.answers import refused_answer
from app.web.forms import field_faults, kept_statements
from app.web.frames import frame_of, own_mark, reader
from app.web.kept import kept_tokens
from app.web.map.present_pin import pin_field
from app.web.nameless import NamelessReceipt
from app.web.offered import offered_categories, unit_of_form
from app.web.pages import Choice, ChoiceGroup, FieldFault, FixedPlace, ReceiptPage, ReportPage
from app.web.present_places import qr_image
from app.web.reasons import routing_told
from app.web.times import by_when

_MIB: Final = 1024 * 1024
RECENT_MOST: Final = 3
"""Places of the last reports that lead the list."""
_FOR_THE_DESK: Final = frozenset({Because.RULE_BROKEN, Because.RULE_PASSED, Because.OFFICER_AWAY})
"""What is wrong with a rule or an account concerns who mends it, not who reports."""
_OFFICER_FOUND: Final = frozenset({Because.OFFICER_FOR_CATEGORY, Because.OFFICER_ON_DUTY_HERE, Because.RULE_WON})


def reporter_at(place_code: str | None) -> Submitter:
    """Who reports through this form: the account, or a guest at a scanned place that allows guests.

    Raises:
        NotSignedIn: nobody, and no such place.
        Forbidden: the account does not report.
    """
    who = actor_or_none()
    if who is None:
        return guest_at(place_code)
    if not who.can_somewhere(Permission.HAZARD_SUBMIT):
        raise Forbidden
    return who


def scope_of(who: Submitter) -> str:
    """Whom photos that wait for a corrected form belong to."""
    return f"place:{who.place_id}" if isinstance(who, Guest) else f"account:{actor().account_id}"


def report_page(*, place_code: str | None = None, faults: tuple[FieldFault, ...] = ()) -> ReportPage:
    """The form, with whatever this request already brought.

    Raises:
        NotFound: the scanned place is absent or foreign.
        NotSignedIn, Forbidden: as `reporter_at`.
    """
    who = reporter_at(place_code)
    form, limits = request.form, runtime().settings.limits
    with runtime().db.read() as session:
        place = _place_for(session, place_code, who) if place_code else None
        fixed = _fixed_place(session, place, who) if place else None
        groups = () if place else _choices(session, chosen=form.get("place_code", ""))
        shown = offered_categories(session, unit_of_form(session, place), keep=[form.get("category", "")])
    keeps_new = isinstance(who, Actor) and "anonymous" not in form
    kept = kept_tokens(scope=scope_of(who), keeps_new=keeps_new) if request.method == "POST" else ()
    if faults and not keeps_new and not any(fault.field == "photos" for fault in faults):
        faults = (*faults, FieldFault(field="photos", sentence=sentence_of(Fault("photos", "photo_again"))))
    return ReportPage(
        frame=frame_of(current="report"),
        action=request.path,
        client_id=_client_id(form.get("client_id", "")),
        unit="" if isinstance(who, Guest) else reader().home.name,
        anonymous_pass=fresh_pass(who) if isinstance(who, Actor) else "",
        place=fixed,
        places=groups,
        location_text=form.get("location_text", ""),
        pin=pin_field(place),
        category=form.get("category", ""),
        categories=shown,
        description=form.get("description", ""),
        anonymous="anonymous" in form,
        may_be_anonymous=isinstance(who, Actor),
        guest=isinstance(who, Guest),
        captured_positions=kept_statements(form, kept=len(kept)),
        kept=kept,
        faults=faults,
        photo_limit=limits.photos,
        photo_mib=limits.photo_bytes // _MIB,
        description_limit=limits.description,
        alike_href=url_for("reporter.look_alike") if isinstance(who, Actor) else "",
        alike_seen=bool(form.get("alike_seen")),
        join_href=url_for("reporter.join_alike") if isinstance(who, Actor) else "",
        account=own_mark() if isinstance(who, Actor) else "",
    )


def _client_id(sent: str) -> str:
    """The form's own name: kept while it is corrected, so that a double tap makes one hazard."""
    try:
        return str(UUID(sent))
    except ValueError:
        return str(uuid4())


def _place_for(session: Session, said: str, who: Submitter) -> Place:
    home = unit_by_id(session, who.home_unit_id) if isinstance(who, Actor) else None
    place = place_for(session, said, home=home)
    if place is None:
        raise NotFound
    return place


def _fixed_place(session: Session, place: Place, who: Submitter) -> FixedPlace:
    """The place at the form's head, with the code that stays good for this person however long the form waits."""
    unit = unit_by_id(session, place.unit_id)
    own = isinstance(who, Actor) and is_of_enterprise(session, place, unit_by_id(session, who.home_unit_id))
    return FixedPlace(
        code=place.code if own else place.scan_code,
        name=place.name,
        unit=unit.name,
        enterprise=enterprise_of(session, unit).name,
    )


def _choices(session: Session, *, chosen: str) -> tuple[ChoiceGroup, ...]:
    """The places of the own enterprise: those of the last reports, then by unit, the own unit's first."""
    home = reader().home
    places = places_in(session, [enterprise_of(session, home).id])
    units = units_by_id(session, [place.unit_id for place in places])
    lately = recent_places(session, actor().account_id)
    recent = [place for place_id in lately for place in places if place.id == place_id][:RECENT_MOST]
    by_unit: dict[int, list[Place]] = defaultdict(list)
    for place in places:
        if place not in recent:  # each place once: a list with the same name twice makes one wonder
            by_unit[place.unit_id].append(place)
    order = sorted(by_unit, key=lambda unit_id: (unit_id != home.id, units[unit_id].lineage))
    groups = [(units[unit_id].name, by_unit[unit_id]) for unit_id in order]
    if recent:
        groups.insert(0, (str(_("最近去过")), recent))
    return tuple(
        ChoiceGroup(
            label=label,
            choices=tuple(Choice(value=p.code, label=p.name, chosen=p.code == chosen) for p in group),
        )
        for label, group in groups
    )


def report_again(problem: Problem, code: str | None = None) -> Response | None:
    """The refused report, kept; None when the form itself is spent or not this person's."""
    pass_is_old = isinstance(problem, NotSignedIn) and "reason" in problem.values
    if isinstance(problem, ClientIdReused | Forbidden | NotFound):
        return None
    if isinstance(problem, NotSignedIn) and not pass_is_old:
        return None
    page = report_page(place_code=code, faults=field_faults(problem))
    return refused_answer("reporter/report.html", page, problem=problem)


def receipt_page(told: NamelessReceipt) -> ReceiptPage:
    """The receipt of a report without an account; its QR code opens where the secret is asked for."""
    follow_href = url_for("reporter.follow", number=told.number)
    return ReceiptPage(
        frame=frame_of(),
        number=told.number,
        photos=told.photos,
        next_step=_nameless_step(told),
        until=_nameless_until(told),
        qr=qr_image(follow_address(told.number)),
        qr_says=str(_("扫码查进展，要填领奖码")),
        points=str(_("受理后计分，凭领奖码领取")) if told.anonymous else "",
        claim_code=told.code,
        claim_shown_before=told.again,
        later=_later(told),
        follow_href=follow_href,
        report_href=_report_address(told.place),
    )


def follow_address(number: str) -> str:
    """Where a report without an account is asked after, as a QR code says it: the code still has to be typed."""
    return runtime().settings.public_url + url_for("reporter.follow", number=number)


def _nameless_step(told: NamelessReceipt) -> str:
    if not told.officer:
        return _next_step(told.unit, "")
    # Where the officer was found is not for everybody: the place and the name are.
    return str(_("%(unit)s，由安全员%(officer)s 24 小时内受理", unit=told.unit, officer=told.officer))


def _nameless_until(told: NamelessReceipt) -> str:
    if not told.received_at or not told.zone:
        return ""
    until = datetime.fromisoformat(told.received_at) + FIRST_ACT_WITHIN
    return by_when(until, ZoneInfo(told.zone), now=runtime().now())


def _later(told: NamelessReceipt) -> str:
    return "" if told.anonymous else str(_("记下编号和领奖码，自己查进展；也可向门卫或安全员查询"))


def _report_address(place_code: str) -> str:
    return url_for("reporter.scanned", code=place_code) if place_code else url_for("reporter.report")


def own_receipt(number: str) -> ReceiptPage:
    """The receipt of an own report, to be read again.

    Raises:
        NotFound: absent, foreign, or somebody else's report.
    """
    means = runtime()
    with means.db.read() as session:
        view = hazard_view(session, number, by=actor(), at=means.now())
        rules = point_rules_in(session, month_at(means.now(), view.unit.zone))
        place = view.place if view.place and is_of_enterprise(session, view.place, reader().home) else None
    routing = view.routing
    if routing is None or not view.is_mine:
        raise NotFound
    return ReceiptPage(
        frame=frame_of(),
        number=view.number,
        photos=sum(1 for photo in view.photos if photo.stage is Stage.BEFORE),
        next_step=_next_step(_officers_unit(view), routing.officer or ""),
        until=by_when(view.submitted_at + FIRST_ACT_WITHIN, view.unit.zone, now=means.now()),
        qr=qr_image(means.settings.public_url + url_for("reporter.hazard", number=view.number)),
        qr_says=str(_("扫码看这条隐患")),
        because=routing_told(reason for reason in routing.because if reason["code"] not in _FOR_THE_DESK),
        points=str(_("受理后计分，一般隐患 +%(points)s", points=rules.general)),
        points_href=url_for("reporter.points"),
        hazard_href=url_for("reporter.hazard", number=view.number),
        report_href=_report_address(place.code if place else ""),
    )


def _officers_unit(view: HazardView) -> str:
    """The unit in which the officer was found, which may lie above the hazard's."""
    because = view.routing.because if view.routing else ()
    found = [reason["unit"] for reason in because if reason["code"] in _OFFICER_FOUND]
    return found[-1] if found else view.unit.name


def _next_step(unit: str, officer: str) -> str:
    if not officer:
        return str(_("%(unit)s 24 小时内受理", unit=unit))
    return str(_("%(unit)s安全员%(officer)s 24 小时内受理", unit=unit, officer=officer))
