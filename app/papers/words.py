"""The Chinese words of papers and register. Papers are Chinese whoever reads them: they are signed and kept."""

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from app.hazards.lifecycle import State
from app.hazards.words import Category, Factor, FoundBy, Level

CATEGORIES: Final[Mapping[Category, str]] = MappingProxyType(
    {
        Category.FIRE: "消防",
        Category.ELEC: "用电",
        Category.MECH: "机械",
        Category.SPEC: "特种设备",
        Category.HIGH: "高处临边",
        Category.LIFT: "起重吊装",
        Category.CHEM: "危化品",
        Category.GASH: "燃气动火",
        Category.CONF: "有限空间",
        Category.DUST: "粉尘涉爆",
        Category.OCCH: "职业健康",
        Category.TRAF: "厂内交通",
        Category.STRU: "建筑与作业环境",
        Category.PPEQ: "劳动防护",
        Category.BEHV: "三违",
        Category.MGMT: "安全管理",
        Category.FOOD: "食品",
        Category.MEDI: "医疗与放射",
        Category.WEAT: "防汛防雷",
        Category.SECU: "治安值守",
        Category.OTHR: "其他",
    }
)
STATES: Final[Mapping[State, str]] = MappingProxyType(
    {
        State.SUBMITTED: "待受理",
        State.NEED_INFO: "待补充",
        State.RECTIFYING: "整改中",
        State.REVIEWING: "待复查",
        State.CLOSED: "已闭环",
        State.REJECTED: "不予受理",
        State.DUPLICATE: "已合并",
        State.WITHDRAWN: "已撤回",
    }
)
CONTESTED: Final[Mapping[State, str]] = MappingProxyType(
    {State.CLOSED: "异议待核实", State.REJECTED: "申诉待裁定"}
)
LEVELS: Final[Mapping[Level, str]] = MappingProxyType({Level.GENERAL: "一般", Level.MAJOR: "重大"})
FACTORS: Final[Mapping[Factor, str]] = MappingProxyType(
    {
        Factor.PERSON: "人的行为",
        Factor.THING: "物的状态",
        Factor.ENVIRONMENT: "环境",
        Factor.MANAGEMENT: "管理",
    }
)
FOUND_BY: Final[Mapping[FoundBy, str]] = MappingProxyType(
    {
        FoundBy.SNAP: "随手拍",
        FoundBy.DAILY_PATROL: "日常巡查",
        FoundBy.MONTHLY_INSPECTION: "月度检查",
        FoundBy.SPECIAL_CHECK: "专项检查",
        FoundBy.HOLIDAY_CHECK: "节假日检查",
        FoundBy.WORKERS_PATROL: "职工代表巡查",
        FoundBy.SUPERIOR_INSPECTION: "上级检查",
        FoundBy.TEN_ONES: "十个一",
    }
)
ANONYMOUS: Final = "匿名"
GUEST: Final = "访客"
ENFORCEMENT: Final = (
    "行政处罚",
    "行政强制",
    "行政执法",
    "执法",
    "责令",
    "处罚",
    "罚款",
    "查封",
    "扣押",
    "没收",
    "吊销",
    "立案",
    "强制措施",
    "停产停业",
    "强制执行",
    "行政拘留",
    "取缔",
    "当事人",
)
"""Words of government enforcement: a company's own notice borrows none of them (domain.md §10)."""


def enforcement_word_in(text: str) -> str | None:
    """The first word of government enforcement in a text, or None."""
    return next((word for word in ENFORCEMENT if word in text), None)


def day_words(day: date) -> str:
    """`2026年11月2日`."""
    return f"{day.year}年{day.month}月{day.day}日"


def moment_words(at: datetime, zone: ZoneInfo) -> str:
    """`2026年11月2日 09:00`, in the zone of the hazard's unit."""
    local = at.astimezone(zone)
    return f"{day_words(local.date())} {local:%H:%M}"


def problem_words(category: str | None, description: str | None) -> str:
    """What is wrong: the description, or at least the category."""
    if description:
        return description
    return f"{CATEGORIES[Category(category)]}隐患" if category else "隐患（见照片）"


REQUIREMENT: Final = (
    "请按清单落实整改责任人、措施、资金和期限，整改完成前采取可靠的防范措施；按期完成后拍照提交，由我方复查。"
)
"""What the form of a notice proposes; the officer edits it."""
