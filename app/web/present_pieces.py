"""The pieces of a hazard as pages show them: title, place, states, photos, cards, facts."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from flask import url_for
from flask_babel import gettext as _

from app.hazards.lifecycle import State as Stands
from app.hazards.lists import end_of_day
from app.hazards.policy import View
from app.hazards.queries import Picture
from app.hazards.views import HazardLine, HazardView, PhotoView
from app.hazards.words import Level, Stage
from app.web import words
from app.web.pages import Fact, HazardCard, Photo, State
from app.web.reasons import cause_line
from app.web.times import DAY, HOUR, clock, late_by, moment, span_words

TITLE_LONGEST: Final = 40
Hazard = HazardLine | HazardView


def title_of(hazard: Hazard) -> str:
    """The description's first line, or the category: every report has one of the two."""
    if hazard.description:
        line = hazard.description.splitlines()[0]
        return line if len(line) <= TITLE_LONGEST else line[: TITLE_LONGEST - 1] + "…"
    if hazard.category:
        return str(_("%(category)s隐患", category=words.CATEGORIES[hazard.category]))
    return str(_("隐患"))


def where_of(hazard: Hazard) -> str:
    """The place, else the reporter's words, else the unit."""
    place = hazard.place if isinstance(hazard.place, str | None) else hazard.place.name
    return place or hazard.location_text or hazard.unit.name


def states_of(hazard: Hazard, *, at: datetime, zone: ZoneInfo) -> tuple[State, ...]:
    """What is most pressing about a hazard, then what else is."""
    found = [_main_state(hazard, at=at, zone=zone)]
    if hazard.is_contested:
        found.append(_contested_state(hazard))
    if isinstance(hazard, HazardLine) and hazard.extension_deadline and hazard.state is Stands.RECTIFYING:
        until = moment(hazard.extension_deadline, zone, now=at)
        found.append(State(code="extension", label=str(_("申请延到 %(when)s", when=until))))
    if hazard.level is Level.MAJOR:
        found.append(State(code="major"))
    return tuple(found)


def _contested_state(hazard: Hazard) -> State:
    """What is contested: the refusal by an appeal, the closure by an objection."""
    return State(code="contested", label=contested_word(hazard.state))


def contested_word(state: Stands) -> str:
    """What waits for an answer where a hazard ended so: an objection or an appeal."""
    return str(_("异议待核实") if state is Stands.CLOSED else _("申诉待裁定"))


def _main_state(hazard: Hazard, *, at: datetime, zone: ZoneInfo) -> State:
    due = deadline_state(hazard, at=at, zone=zone)
    if due is not None:
        return due
    arrived = hazard.arrived_at if isinstance(hazard, HazardLine) else None
    if hazard.state is Stands.SUBMITTED and arrived is not None:
        return State(code="submitted", label=_time_to_accept(arrived, at=at))
    if hazard.state is Stands.RECTIFYING and isinstance(hazard, HazardLine) and hazard.deadline is not None:
        until = moment(hazard.deadline, zone, now=at)
        return State(code=hazard.state, label=str(_("整改中 · 期限 %(when)s", when=until)))
    return State(code=hazard.state)


def _time_to_accept(arrived_at: datetime, *, at: datetime) -> str:
    left = arrived_at + DAY - at
    if left.total_seconds() > 0:
        return str(_("待受理 · 还剩 %(span)s", span=span_words(min(left, DAY - HOUR / 60))))
    return str(_("待受理 · 已超 %(span)s", span=span_words(-left)))


def deadline_state(hazard: Hazard, *, at: datetime, zone: ZoneInfo) -> State | None:
    """Overdue or due today; None when neither, or when it is not for this reader."""
    if hazard.is_overdue:
        label = late_by(at - hazard.deadline) if hazard.deadline else ""
        return State(code="overdue", label=label)
    if hazard.state is Stands.RECTIFYING and hazard.deadline and hazard.deadline < end_of_day(at, zone):
        return State(code="due_today", label=str(_("今日 %(time)s 到期", time=clock(hazard.deadline, zone))))
    return None


def card_of(line: HazardLine, *, href: str, at: datetime, current: bool = False) -> HazardCard:
    """A hazard in a list."""
    zone = line.unit.zone
    return HazardCard(
        number=line.number,
        href=href,
        title=title_of(line),
        where=where_of(line),
        category=line.category or "",
        who=_who(line),
        states=states_of(line, at=at, zone=zone),
        photo=first_photo(line),
        when=moment(line.submitted_at, zone, now=at),
        current=current,
    )


def _who(line: HazardLine) -> str:
    if line.rectifier:
        return str(_("%(name)s整改", name=line.rectifier))
    return str(_("匿名")) if line.anonymous else ""


def first_photo(line: HazardLine) -> Photo | None:
    """The first picture as a thumbnail; None while there is none."""
    if line.photo_n is None:
        return None
    return Photo(n=line.photo_n, status="ready", thumb=picture_address(line.number, line.photo_n, Picture.THUMB))


def picture_address(number: str, n: int, picture: Picture) -> str:
    """Where a picture is handed out."""
    return url_for("reporter.photo", number=number, n=n, picture=picture)


def photos_of(view: HazardView, stage: Stage, *, at: datetime) -> tuple[Photo, ...]:
    """The photos of one side of the repair, without those of an objection."""
    wanted = (photo for photo in view.photos if photo.stage is stage and not photo.objection)
    return tuple(_photo(photo, view, at=at) for photo in wanted)


def objections_of(view: HazardView, *, at: datetime) -> tuple[Photo, ...]:
    """What its reporter photographed after the closure: how it looks now."""
    return tuple(_photo(photo, view, at=at) for photo in view.photos if photo.objection)


def _photo(photo: PhotoView, view: HazardView, *, at: datetime) -> Photo:
    if photo.status != "ready":
        return Photo(n=photo.n, status=photo.status, side=side_of(photo), cause=cause_line(photo.cause))
    number = view.number
    reads_original = view.view is View.COMMAND
    return Photo(
        n=photo.n,
        status=photo.status,
        side=side_of(photo),
        caption=caption_of(photo, view, at=at),
        thumb=picture_address(number, photo.n, Picture.THUMB),
        display=picture_address(number, photo.n, Picture.DISPLAY),
        original=picture_address(number, photo.n, Picture.ORIGINAL) if reads_original else "",
    )


def side_of(photo: PhotoView) -> str:
    """整改前, 整改后, or what an objection shows."""
    if photo.objection:
        return str(_("异议"))
    return str(_("整改前") if photo.stage is Stage.BEFORE else _("整改后"))


def caption_of(photo: PhotoView, view: HazardView, *, at: datetime) -> str:
    """整改前 11-02 14:33; in the public part only the side."""
    side = side_of(photo)
    if view.view is View.PUBLIC:
        return str(side)
    return f"{side} {moment(photo.captured_at or photo.received_at, view.unit.zone, now=at)}"


def facts_of(pairs: Iterable[tuple[str, object]]) -> tuple[Fact, ...]:
    """The labelled lines that have something to say."""
    return tuple(Fact(code=code, value=str(value)) for code, value in pairs if value not in {None, ""})


def yuan(fen: int | None) -> str:
    """An amount of fen in yuan, exactly; empty for none."""
    return "" if fen is None else str(_("%(amount)s 元", amount=f"{fen // 100}.{fen % 100:02d}"))
