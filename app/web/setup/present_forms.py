"""The forms about units and places, first with what is so now, then with what was typed."""

from typing import Final

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app.core.errors import NotFound
from app.edge.entrance import actor, runtime
from app.edge.wording import sentence_of
from app.hazards.open_here import open_hazards_in
from app.units.arranging import may_retire, what_remains
from app.units.census import census_of, headcounts_of
from app.units.making import LEVELS
from app.units.managing import managed_place, managed_unit, managed_units
from app.units.naming import CODE_LONGEST, NAME_LONGEST
from app.units.outlines import written_corners
from app.units.queries import Unit, unit_by_id
from app.web.frames import frame_of
from app.web.pages.frame import Choice, FieldFault
from app.web.setup import words
from app.web.setup.pages import FormPage, Input, RetirePage, UnitFact
from app.web.setup.present_units import unit_address
from app.web.setup.typed import said

Faults = tuple[FieldFault, ...]
_NONE: Final[Faults] = ()


def _input(name: str, kind: str = "text", value: str = "", **more: object) -> Input:
    return Input(name=name, kind=kind, label=str(words.LABELS[name]), value=said(name, value), **more)  # type: ignore[arg-type]


def new_unit_page(code: str, *, faults: Faults = _NONE) -> FormPage:
    """The form of a unit below `code`."""
    with runtime().db.read() as session:
        parent = managed_unit(session, code, by=actor())
    levels = LEVELS[LEVELS.index(parent.kind) :]
    usual = levels[min(1, len(levels) - 1)]
    inputs = (
        _name_input(""),
        _kind_input(usual, levels),
        _input("headcount", "number", hint=str(_("连同下级一共多少人；得分按人数算，可以以后再填"))),
        _code_input("", hint=str(_("用在二维码和表格里；留空就自动编一个"))),
    )
    return _page(
        title=str(_("新建下级单位")),
        about=parent.name,
        back_href=unit_address(parent.code),
        button=str(_("新建单位")),
        inputs=inputs,
        faults=faults,
    )


def unit_form_page(code: str, *, faults: Faults = _NONE) -> FormPage:
    """The form of a unit's name, code, level and zone."""
    with runtime().db.read() as session:
        unit = managed_unit(session, code, by=actor())
    zones = tuple(dict.fromkeys((unit.zone.key, *words.ZONES)))
    inputs = (
        _name_input(unit.name),
        _kind_input(unit.kind, LEVELS),
        _code_input(unit.code, hint=str(_("已经印出去的二维码不受影响；外部系统里用到的要一起改"))),
        _input("timezone", "select", unit.zone.key, choices=_choices(zones, said("timezone", unit.zone.key))),
    )
    return _page(
        title=str(_("修改单位")),
        about=unit.name,
        back_href=unit_address(unit.code),
        button=str(_("保存")),
        inputs=inputs,
        faults=faults,
    )


def _name_input(value: str) -> Input:
    return _input("name", value=value, required=True, limit=NAME_LONGEST)


def _code_input(value: str, *, hint: str) -> Input:
    return _input("code", value=value, limit=CODE_LONGEST, hint=hint)


def _kind_input(value: str, levels: tuple[str, ...]) -> Input:
    chosen = said("kind", value)
    choices = tuple(
        Choice(value=str(kind), label=str(words.KINDS[kind]), chosen=kind == chosen) for kind in levels
    )
    return _input("kind", "radios", value, choices=choices)


def _choices(values: tuple[str, ...], chosen: str) -> tuple[Choice, ...]:
    return tuple(Choice(value=value, label=value, chosen=value == chosen) for value in values)


def _page(
    *, title: str, about: str, back_href: str, button: str, inputs: tuple[Input, ...], **more: object
) -> FormPage:
    return FormPage(
        frame=frame_of(current="setup"),
        title=title,
        about=about,
        back_href=back_href,
        action=request.path,
        button=button,
        inputs=inputs,
        **more,  # type: ignore[arg-type]
    )


def headcount_page(code: str, *, faults: Faults = _NONE) -> FormPage:
    """The form of a headcount, with what was entered before."""
    with runtime().db.read() as session:
        unit = managed_unit(session, code, by=actor())
        past = headcounts_of(session, unit)
    today = runtime().now().astimezone(unit.zone).date()
    return _page(
        title=str(_("登记人数")),
        about=unit.name,
        back_href=unit_address(unit.code),
        button=str(_("登记人数")),
        hint=str(_("人数连同下级单位一共多少。每个月的得分按当月生效的人数算，已经冻结的月份不变。")),
        inputs=(
            _input("headcount", "number", required=True),
            _input("since", "date", today.isoformat()),
        ),
        past=tuple(
            UnitFact(label=str(_("%(day)s 起", day=since.isoformat())), value=str(people))
            for since, people in past
        ),
        past_title=str(_("登记过的人数")),
        faults=faults,
    )


def move_page(code: str, *, faults: Faults = _NONE) -> FormPage:
    """The form that puts a unit under another one."""
    who = actor()
    with runtime().db.read() as session:
        unit = managed_unit(session, code, by=who)
        units = managed_units(session, by=who)
    if not may_retire(unit, by=who):
        raise NotFound
    level = LEVELS.index(unit.kind)
    possible = [to for to in units if unit.id not in to.lineage and LEVELS.index(to.kind) <= level]
    chosen = said("parent", next((to.code for to in possible if to.id == unit.parent_id), ""))
    return _page(
        title=str(_("移到别的上级")),
        about=unit.name,
        back_href=unit_address(unit.code),
        button=str(_("移动")),
        hint=str(
            _(
                "下级单位、点位、区域、人员和隐患都跟着走。上级单位的管理员和安全员从此能看到它，原上级的不再能看到；"
                "原上级安全员手上的未了隐患，按新上级的派单规则移交。"
            )
        ),
        inputs=(_input("parent", "select", choices=_unit_choices(possible, chosen), required=True),),
        faults=faults,
    )


def _unit_choices(units: list[Unit], chosen: str) -> tuple[Choice, ...]:
    return tuple(Choice(value=unit.code, label=unit.name, chosen=unit.code == chosen) for unit in units)


def retire_page(code: str, *, faults: Faults = _NONE) -> RetirePage:
    """What keeps a unit from being retired, or what will happen."""
    del faults  # what remains is asked anew
    who = actor()
    with runtime().db.read() as session:
        unit = managed_unit(session, code, by=who)
        remains = what_remains(session, unit, open_hazards=open_hazards_in)
        found = census_of(session, [unit], day=runtime().now().astimezone(unit.zone).date())[unit.id]
    if not may_retire(unit, by=who):
        raise NotFound
    along = [
        ngettext("%(num)s 个点位", "%(num)s 个点位", found.places) if found.places else "",
        ngettext("%(num)s 个区域", "%(num)s 个区域", found.areas) if found.areas else "",
    ]
    return RetirePage(
        frame=frame_of(current="setup"),
        name=unit.name,
        back_href=unit_address(unit.code),
        action=request.path,
        remains=tuple(sentence_of(fault) for fault in remains),
        goes_along=" · ".join(word for word in along if word),
    )


def new_place_page(code: str, *, faults: Faults = _NONE) -> FormPage:
    """The form of a place in the unit `code`."""
    with runtime().db.read() as session:
        unit = managed_unit(session, code, by=actor())
    return _page(
        title=str(_("新建点位")),
        about=unit.name,
        back_href=unit_address(unit.code),
        button=str(_("建点位")),
        hint=str(_("点位是贴二维码的地方：一台设备、一条线、一扇门。职工扫码上报，位置和单位自动填好。")),
        inputs=(
            _name_input(""),
            *_position_inputs(""),
            _guests_input(allows=False),
            _code_input("", hint=str(_("印在二维码下面；留空就自动编一个，定了不能改"))),
        ),
        faults=faults,
    )


def _position_inputs(value: str) -> tuple[Input, ...]:
    chosen = said("datum", "wgs84")
    datums = tuple(
        Choice(value=code, label=str(word), chosen=code == chosen) for code, word in words.DATUMS.items()
    )
    hint = str(_("纬度,经度，例如 38.0431,114.5032。没有扫码的照片按最近的点位派单；不知道就留空"))
    return (
        _input("position", value=value, hint=hint, own_position=True),
        _input("datum", "select", choices=datums),
    )


def _guests_input(*, allows: bool) -> Input:
    ticked = ("allows_guests" in request.form) if request.method == "POST" else allows
    most = runtime().settings.limits.guest_hazards_per_minute
    hint = str(_("没有账号的访客、骑手、承包商扫现场的二维码也能上报；每分钟最多收 %(num)s 条", num=most))
    label = str(words.LABELS["allows_guests"])
    return Input(name="allows_guests", kind="tick", label=label, value="1" if ticked else "", hint=hint)


def place_page(code: str, *, faults: Faults = _NONE) -> FormPage:
    """The form of a place that exists."""
    who = actor()
    with runtime().db.read() as session:
        row = managed_place(session, code, by=who)
        unit = unit_by_id(session, row.unit_id)
        units = managed_units(session, by=who)
    here = "" if row.lat is None or row.lon is None else written_corners([(row.lat, row.lon)])
    return _page(
        title=str(_("修改点位")),
        about=f"{row.name} · {row.code}",
        back_href=unit_address(unit.code),
        button=str(_("保存")),
        inputs=(
            _name_input(row.name),
            *_position_inputs(here),
            _guests_input(allows=row.allows_guests),
            _input("unit", "select", choices=_unit_choices(units, said("unit", unit.code))),
        ),
        renew_action=url_for("setup.renew_place", code=row.code),
        poster_href=url_for("admin.poster", code=row.code),
        retire_action=url_for("setup.end_place", code=row.code),
        retire_word=str(_("停用这个点位")),
        retire_hint=str(_("停用后它的二维码不再能上报，在这里报过的隐患不变。编号不会再给别的点位。")),
        faults=faults,
    )
