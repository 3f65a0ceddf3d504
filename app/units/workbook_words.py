"""The words of the set-up workbook: its three sheets, their columns, and what a cell may say. Pure.

A heading is known by its Chinese or its English name, alone or both in one cell as the template has them; so are
levels, roles, yes and no. These are words of a file, not of a page: they do not follow the reader's language.
"""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from app.accounts.permissions import Role
from app.units.queries import UnitKind


class Sheet(StrEnum):
    """The three sheets that are read; others are left alone."""

    UNITS = "units"
    PEOPLE = "people"
    PLACES = "places"


@dataclass(frozen=True)
class Column:
    """One column: its field, its heading in both languages, whether it must be there and filled."""

    field: str
    chinese: str
    english: str
    needed: bool = False
    width: int = 18
    also: tuple[str, ...] = ()  # what else people, pages and older templates call it

    @property
    def heading(self) -> str:
        """As the template has it."""
        return f"{self.chinese}\n{self.english}"


TITLES: Final = MappingProxyType(
    {Sheet.UNITS: ("单位", "Units"), Sheet.PEOPLE: ("人员", "People"), Sheet.PLACES: ("点位", "Places")}
)
COLUMNS: Final = MappingProxyType(
    {
        Sheet.UNITS: (
            Column("code", "单位编号", "Unit code", needed=True, also=("编号", "单位代码", "代码")),
            Column("name", "单位名称", "Unit name", needed=True, width=26),
            Column("kind", "级别", "Level", needed=True, also=("层级",)),
            Column("parent", "上级编号", "Parent code", also=("上级代码", "上级单位编号", "上级单位代码")),
            Column("headcount", "人数", "Headcount", width=12),
        ),
        Sheet.PEOPLE: (
            Column("login", "账号", "Login"),
            Column("name", "姓名", "Name", needed=True),
            Column("unit", "单位编号", "Unit code", needed=True, also=("单位代码",)),
            Column("role", "角色", "Role"),
            Column("role_unit", "任职单位编号", "Role in unit", also=("任职单位代码",)),
            Column("role_2", "第二角色", "Second role"),
            Column("role_2_unit", "第二任职单位编号", "Second role in unit", width=20),
        ),
        Sheet.PLACES: (
            Column("code", "点位编号", "Place code", also=("编号", "点位代码", "代码")),
            Column("name", "点位名称", "Place name", needed=True, width=26),
            Column("unit", "单位编号", "Unit code", needed=True, also=("单位代码",)),
            Column("lat", "纬度 WGS-84", "Latitude", width=14),
            Column("lon", "经度 WGS-84", "Longitude", width=14),
            Column("guests", "访客可报", "Guests may report"),
        ),
    }
)
NOTES: Final = frozenset({"备注", "notes", "note", "remark", "remarks"})
"""Headings of columns that belong to whoever fills the sheet; they are not read."""
KINDS: Final = MappingProxyType(
    {
        UnitKind.FEDERATION: ("总工会", "Federation"),
        UnitKind.DISTRICT: ("区县、行业或直属工会", "District"),
        UnitKind.ENTERPRISE: ("企业", "Enterprise"),
        UnitKind.WORKSHOP: ("车间或部门", "Workshop"),
        UnitKind.TEAM: ("班组", "Team"),
    }
)
_ALSO: Final = MappingProxyType(
    {
        UnitKind.FEDERATION: {"市总工会", "工会"},
        UnitKind.DISTRICT: {"区县", "区县或行业", "行业", "直属工会"},
        UnitKind.ENTERPRISE: {"公司", "单位", "医院", "学校"},
        UnitKind.WORKSHOP: {"车间", "部门", "科室", "department"},
        UnitKind.TEAM: {"班", "组", "小组"},
    }
)
"""What people type instead of choosing."""
ROLES: Final = MappingProxyType(
    {
        Role.WORKER: ("职工", "Worker"),
        Role.OFFICER: ("安全员", "Safety officer"),
        Role.RECTIFIER: ("整改责任人", "Rectifier"),
        Role.HEAD: ("负责人", "Head"),
        Role.REVIEWER: ("竞赛办", "Reviewer"),
        Role.ADMIN: ("管理员", "Administrator"),
    }
)
_ROLES_ALSO: Final = MappingProxyType({Role.RECTIFIER: {"整改人", "整改人 rectifier"}})
"""What older templates offered."""
_YES: Final = frozenset({"是", "yes", "y", "true", "1", "√", "✓"})
_NO: Final = frozenset({"", "否", "no", "n", "false", "0"})


def choice_of(pair: tuple[str, str]) -> str:
    """A choice as the template's lists offer it."""
    return f"{pair[0]} {pair[1]}"


def plain(text: str) -> str:
    """A heading or a choice for comparing: half width, small letters, one space between words."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


def field_of_heading(sheet: Sheet, text: str) -> str | None:
    """The field that a heading names; None for a heading we do not know."""
    said = plain(text).rstrip("*").strip()
    for column in COLUMNS[sheet]:
        names = (column.chinese, *column.also)
        if said in {plain(column.english), *map(plain, names), *(plain(f"{it} {column.english}") for it in names)}:
            return column.field
    return None


def sheet_of_title(title: str) -> Sheet | None:
    """The sheet that a tab's title names; None for one that is not ours."""
    said = plain(title)
    for sheet, (chinese, english) in TITLES.items():
        if said in {plain(chinese), plain(english), plain(f"{chinese} {english}")}:
            return sheet
    return None


def kind_of(text: str) -> UnitKind | None:
    """The level that a cell names."""
    said = plain(text)
    return next((kind for kind, pair in KINDS.items() if said in _says(pair, kind) | _ALSO[kind]), None)


def role_of(text: str) -> Role | None:
    """The role that a cell names."""
    said = plain(text)
    return next(
        (role for role, pair in ROLES.items() if said in _says(pair, role) | _ROLES_ALSO.get(role, set())), None
    )


def yes_or_no(text: str) -> bool | None:
    """What a cell says to "may guests report"; empty is no, None is neither."""
    said = plain(text)
    return True if said in _YES else False if said in _NO else None


def letter_of(index: int) -> str:
    """A column's letter from its index: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _says(pair: tuple[str, str], code: str) -> set[str]:
    return {plain(pair[0]), plain(pair[1]), plain(choice_of(pair)), code}
