"""The first hour of an administrator as a list: what stands, what is missing, and where it is made."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.permissions import Permission, Role
from app.core.errors import NotFound
from app.edge.entrance import actor, runtime
from app.units.census import Census, census_of, holders_of
from app.units.managing import managed_unit
from app.units.queries import Unit, subtree, units_by_id
from app.units.settings import UnitSettings, settings_of
from app.web.frames import frame_of
from app.web.pages.frame import Choice
from app.web.reachable import only_here
from app.web.setup import words
from app.web.setup.pages import OverviewPage, Step
from app.web.setup.present_units import address_if_any, unit_address

UNNAMED: Final = "ROOT"
"""The code a clean installation gives its first unit."""


@dataclass(frozen=True)
class Standing:
    """What stands in a unit and below it."""

    unit: Unit
    below: int
    own: Census
    people: int
    places: int
    areas: int
    holders: Counter[Role]
    settings: UnitSettings


def overview_page(code: str) -> OverviewPage:
    """The list for one of the units that the reader was made administrator of, the first unless named.

    Raises:
        NotFound: none is, or `code` is not managed by the reader.
    """
    who = actor()
    with runtime().db.read() as session:
        roots = _roots(session, who)
        unit = managed_unit(session, code, by=who) if code else roots[0]
        standing = _standing(session, unit)
    steps = _steps(standing)
    several = len(roots) > 1
    return OverviewPage(
        frame=frame_of(current="setup"),
        unit=unit.name,
        unit_href=unit_address(unit.code),
        todo=sum(step.state == "todo" for step in steps),
        steps=steps,
        others=tuple(
            Choice(value=url_for("setup.overview", unit=root.code), label=root.name, chosen=root.id == unit.id)
            for root in roots
            if several
        ),
        tree_href=url_for("setup.units"),
        changes_href=url_for("setup.changes"),
        places_href=url_for("admin.places"),
        only_here=only_here(),
    )


def _roots(session: Session, who: Actor) -> list[Unit]:
    units = units_by_id(session, who.units_where(Permission.UNIT_MANAGE)).values()
    roots = sorted((unit for unit in units if not unit.retired), key=lambda unit: unit.lineage)
    if not roots:
        raise NotFound
    return roots


def _standing(session: Session, unit: Unit) -> Standing:
    units = [one for one in subtree(session, [unit.id]) if not one.retired]
    found = census_of(session, units, day=runtime().now().astimezone(unit.zone).date())
    return Standing(
        unit=unit,
        below=len(units) - 1,
        own=found[unit.id],
        people=sum(one.people for one in found.values()),
        places=sum(one.places for one in found.values()),
        areas=sum(one.areas for one in found.values()),
        holders=holders_of(session, [*(one.id for one in units), *unit.lineage]),
        settings=settings_of(session, unit),
    )


def _steps(it: Standing) -> tuple[Step, ...]:
    steps = (_named(it), _units(it), _headcount(it), _people(it), _places(it), _sheet(it), _areas(it))
    later = (_rules(it), _messages(), _absences(), _categories(it), _deadlines(it))
    return tuple(step for step in (*steps, *later) if step.href)


def _named(it: Standing) -> Step:
    done = it.unit.code != UNNAMED
    text = (
        f"{it.unit.name} · {words.KINDS[it.unit.kind]}" if done else str(_("先把“本单位”改成单位的全称，选对级别"))
    )
    return Step(
        state="done" if done else "todo",
        title=str(_("单位名称和级别")),
        text=text,
        href=url_for("setup.edit_unit", code=it.unit.code),
    )


def _units(it: Standing) -> Step:
    text = (
        ngettext("已有 %(num)s 个下级单位", "已有 %(num)s 个下级单位", it.below)
        if it.below
        else _("车间、班组各建一个，隐患才能派到人；小单位可以不建")
    )
    upload = address_if_any("people.upload")
    return Step(
        state="done" if it.below else "open",
        title=str(_("下级单位")),
        text=str(text),
        href=url_for("setup.units") if it.below else url_for("setup.new_unit", code=it.unit.code),
        also=str(_("用表格导入")) if upload else "",
        also_href=upload,
    )


def _headcount(it: Standing) -> Step:
    count = it.own.headcount
    said = _("得分按人数算，没有人数算不出参与率") if count is None else _("%(count)s 人（连同下级）", count=count)
    return Step(
        state="todo" if count is None else "done",
        title=str(_("人数")),
        text=str(said),
        href=url_for("setup.headcount", code=it.unit.code),
    )


def _people(it: Standing) -> Step:
    officers, workers = it.holders[Role.OFFICER], it.holders[Role.WORKER]
    if not officers:
        text = _("还没有安全员：上报没有人受理")
    elif officers == 1:
        text = _("只有 1 位安全员：他自己整改的由上级复查。职工 %(workers)s 人", workers=workers)
    else:
        text = _("安全员 %(officers)s 人，职工 %(workers)s 人", officers=officers, workers=workers)
    return Step(
        state="done" if officers and workers else "todo",
        title=str(_("人员")),
        text=str(text),
        href=address_if_any("people.people", unit=it.unit.code),
    )


def _places(it: Standing) -> Step:
    text = (
        ngettext("已有 %(num)s 个点位", "已有 %(num)s 个点位", it.places)
        if it.places
        else _("贴二维码的地方：设备、生产线、门口。扫码上报最快也最准")
    )
    return Step(
        state="done" if it.places else "todo",
        title=str(_("现场点位")),
        text=str(text),
        href=url_for("setup.new_place", code=it.unit.code),
    )


def _sheet(it: Standing) -> Step:
    return Step(
        state="open",
        title=str(_("打印二维码")),
        text=str(_("A4 纸一张多个，剪开就能贴")),
        href=url_for("admin.sheet", unit=it.unit.code) if it.places else "",
    )


def _areas(it: Standing) -> Step:
    text = (
        ngettext("已有 %(num)s 个区域", "已有 %(num)s 个区域", it.areas)
        if it.areas
        else _("在地图上画出各车间的范围，没扫码的照片也能派对单位")
    )
    return Step(
        state="done" if it.areas else "open",
        title=str(_("区域范围")),
        text=str(text),
        href=url_for("setup.new_area", code=it.unit.code),
    )


def _rules(it: Standing) -> Step:
    return Step(
        state="open",
        title=str(_("派单规则")),
        text=str(_("按类别、区域或点位指定安全员；不定就派给本单位的安全员")),
        href=address_if_any("rules.rules", unit=it.unit.code),
    )


def _messages() -> Step:
    return Step(
        state="open",
        title=str(_("群机器人和邮件")),
        text=str(_("新上报、到期和催办发到企业微信、钉钉或飞书群；邮箱由每个人自己填")),
        href=address_if_any("messages.channels"),
    )


def _absences() -> Step:
    return Step(
        state="open",
        title=str(_("请假与代理")),
        text=str(_("安全员、负责人不在时，指定谁代为受理和办理")),
        href=address_if_any("absence.absences"),
    )


def _categories(it: Standing) -> Step:
    hidden = len(it.settings.hidden_categories)
    text = (
        ngettext("%(num)s 类不显示", "%(num)s 类不显示", hidden)
        if hidden
        else _("21 类全部显示，用不到的可以收起来，上报更快")
    )
    return Step(
        state="done" if hidden else "open",
        title=str(_("隐患类别")),
        text=str(text),
        href=url_for("setup.categories", code=it.unit.code),
    )


def _deadlines(it: Standing) -> Step:
    return Step(
        state="open",
        title=str(_("期限算法")),
        text=str(words.DEADLINES_COUNTED[it.settings.deadline_days]),
        href=url_for("setup.deadlines", code=it.unit.code),
    )
