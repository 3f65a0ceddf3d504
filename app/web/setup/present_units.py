"""The tree of units, and one unit with everything that stands in it."""

from datetime import date
from typing import Any, Final

from flask import current_app, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from app.core.errors import NotFound
from app.edge.entrance import actor, runtime
from app.units.areas import Area, areas_in
from app.units.arranging import may_retire
from app.units.census import NOTHING, Census, census_of
from app.units.choosing import own_choices
from app.units.managing import managed_unit, managed_units
from app.units.queries import Place, Unit, places_in, subtree, unit_by_id
from app.units.settings import UnitSettings, settings_of
from app.web.frames import frame_of
from app.web.setup import words
from app.web.setup.pages import Branch, Line, TreePage, UnitFact, UnitPage

DEEPEST: Final = 5
_KM2: Final = 1_000_000
_KM2_FROM: Final = 100_000


def address_if_any(endpoint: str, **values: Any) -> str:
    """A page of another room, or nothing while that room has none."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else ""


def unit_address(code: str) -> str:
    """A unit's page."""
    return url_for("setup.unit", code=code)


def tree_page() -> TreePage:
    """Every unit in use that the reader sets up.

    Raises:
        NotFound: none is.
    """
    with runtime().db.read() as session:
        units = managed_units(session, by=actor())
        if not units:
            raise NotFound
        found = census_of(session, units, day=_today(units[0]))
    listed = {unit.id for unit in units}
    branches = tuple(
        Branch(
            depth=min(sum(unit_id in listed for unit_id in unit.lineage[:-1]), DEEPEST),
            name=unit.name,
            kind=str(words.KINDS[unit.kind]),
            code=unit.code,
            href=unit_address(unit.code),
            facts=_facts_in_short(found.get(unit.id, NOTHING)),
        )
        for unit in units
    )
    return TreePage(
        frame=frame_of(current="setup"),
        back_href=url_for("setup.overview"),
        add_href=url_for("setup.new_unit", code=units[0].code),
        branches=branches,
    )


def _today(unit: Unit) -> date:
    return runtime().now().astimezone(unit.zone).date()


def _facts_in_short(found: Census) -> str:
    said = [
        "" if found.headcount is None else ngettext("%(num)s 人", "%(num)s 人", found.headcount),
        ngettext("%(num)s 个账号", "%(num)s 个账号", found.people) if found.people else "",
        ngettext("%(num)s 个点位", "%(num)s 个点位", found.places) if found.places else "",
        ngettext("%(num)s 个区域", "%(num)s 个区域", found.areas) if found.areas else "",
    ]
    return " · ".join(word for word in said if word) or str(_("还没有登记人数、人员和点位"))


def unit_page(code: str, *, made: str = "") -> UnitPage:
    """One unit; `made` is "place" right after one was made here.

    Raises:
        NotFound: absent or not managed by the reader.
    """
    who = actor()
    with runtime().db.read() as session:
        unit = managed_unit(session, code, by=who)
        below = [
            child for child in subtree(session, [unit.id]) if child.parent_id == unit.id and not child.retired
        ]
        found = census_of(session, [unit, *below], day=_today(unit))
        places = [place for place in places_in(session, [unit.id]) if place.unit_id == unit.id]
        areas = areas_in(session, [unit.id])
        facts = _facts(session, unit, found[unit.id])
    frame = frame_of(current="setup")
    return UnitPage(
        frame=frame,
        name=unit.name,
        kind=str(words.KINDS[unit.kind]),
        retired=unit.retired,
        back_href=url_for("setup.units"),
        edit_href=url_for("setup.edit_unit", code=unit.code),
        facts=facts,
        units=tuple(
            Line(name=child.name, text=_facts_in_short(found[child.id]), href=unit_address(child.code))
            for child in below
        ),
        add_unit_href=url_for("setup.new_unit", code=unit.code),
        places=tuple(_place_line(place) for place in places),
        add_place_href=url_for("setup.new_place", code=unit.code),
        sheet_href=url_for("admin.sheet", unit=unit.code),
        areas=tuple(_area_line(area) for area in areas),
        add_area_href=url_for("setup.new_area", code=unit.code),
        changes_href=url_for("setup.changes", unit=unit.code),
        move_href=url_for("setup.move", code=unit.code) if may_retire(unit, by=who) else "",
        retire_href=url_for("setup.retire", code=unit.code) if may_retire(unit, by=who) else "",
        # Only together with the notice: a reload shows neither.
        has_new_place=made == "place" and bool(frame.notice and places),
    )


def _facts(session: Session, unit: Unit, found: Census) -> tuple[UnitFact, ...]:
    parent = None if unit.parent_id is None else unit_by_id(session, unit.parent_id)
    settings, own = settings_of(session, unit), own_choices(session, unit)
    people = address_if_any("people.people", unit=unit.code)
    heads = _("还没有登记") if found.headcount is None else str(found.headcount)
    facts = [
        UnitFact(label=str(words.LABELS["code"]), value=unit.code),
        *([UnitFact(label=str(words.LABELS["parent"]), value=parent.name)] if parent else []),
        UnitFact(
            label=str(words.LABELS["headcount"]),
            value=heads,
            href=url_for("setup.headcount", code=unit.code),
            doing=str(_("登记人数")),
        ),
        UnitFact(
            label=str(_("账号数")),
            value=str(found.people),
            href=people,
            doing=str(_("管理人员")) if people else "",
        ),
        UnitFact(
            label=str(_("隐患类别")),
            value=_categories_in_short(settings, follows=parent is not None and "hidden_categories" not in own),
            href=url_for("setup.categories", code=unit.code),
            doing=str(_("选类别")),
        ),
        UnitFact(
            label=str(_("期限算法")),
            value=_deadlines_in_short(settings, follows=parent is not None and "deadline_days" not in own),
            href=url_for("setup.deadlines", code=unit.code),
            doing=str(_("改算法")),
        ),
    ]
    return tuple(facts)


def _categories_in_short(settings: UnitSettings, *, follows: bool) -> str:
    hidden = len(settings.hidden_categories)
    said = ngettext("%(num)s 类不显示", "%(num)s 类不显示", hidden) if hidden else _("全部显示")
    return str(_("%(said)s（随上级）", said=said)) if follows else str(said)


def _deadlines_in_short(settings: UnitSettings, *, follows: bool) -> str:
    said = str(words.DEADLINE_DAYS[settings.deadline_days])
    return str(_("%(said)s（随上级）", said=said)) if follows else said


def _place_line(place: Place) -> Line:
    said = [
        place.code,
        str(_("访客可报")) if place.allows_guests else "",
        "" if place.lat is not None else str(_("没有坐标")),
    ]
    return Line(
        name=place.name,
        text=" · ".join(word for word in said if word),
        href=url_for("setup.edit_place", code=place.code),
    )


def size_in_words(square_metres: float) -> str:
    """An area's size as people say it."""
    if square_metres >= _KM2_FROM:
        return str(_("约 %(size)s 平方千米", size=f"{square_metres / _KM2:.2f}"))
    return str(_("约 %(size)s 平方米", size=f"{square_metres:.0f}"))


def _area_line(area: Area) -> Line:
    corners = ngettext("%(num)s 个角点", "%(num)s 个角点", len(area.corners))
    return Line(
        name=area.name,
        text=f"{size_in_words(area.size_m2)} · {corners}",
        href=url_for("setup.edit_area", key=area.key),
    )
