"""Workbooks that are handed out: the template to fill, and the sheet of one-time links; no cell is a formula."""

import io
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

import xlsxwriter

from app.accounts.permissions import Role
from app.units.queries import UnitKind
from app.units.workbook_words import COLUMNS, KINDS, ROLES, TITLES, Column, Sheet, choice_of

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LISTED_ROWS: Final = 2000
_PLAIN: Final = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_NOTES: Final = (
    ("怎么填 How to fill this in", ""),
    ("1", "三张表：单位、人员、点位。不用的表可以空着或删掉。"),
    ("", "Three sheets: units, people, places. Leave a sheet empty, or delete it, if you do not need it."),
    ("2", "第一行是标题，请不要改。带 * 的必须填。可以自己加一列“备注”，系统不读。"),
    (
        "",
        "Row 1 holds the headings: keep them. Columns with * are needed. Your own column “Notes” is not read.",
    ),
    ("3", "单位编号用大写字母、数字和连字符，例如 HB-3。上级编号填已有的单位，或本表里的单位；空着就是您的单位。"),
    (
        "",
        "A unit code has capitals, digits and hyphens: HB-3. The parent is a unit that exists or is in this file.",
    ),
    ("4", "账号空着时系统自动编。同一单位有同名的人，请分别填账号。"),
    ("", "Without a login one is made. Where two people of a unit share a name, type their logins."),
    ("5", "任职单位空着就是本人所在单位。没有填角色的新人是职工。"),
    (
        "",
        "Without “Role in unit” the role is in the person's own unit. Somebody new without a role is a worker.",
    ),
    ("6", "经纬度用 WGS-84（手机 GPS、天地图），不是高德或百度的坐标；不知道就空着。"),
    ("", "Positions are WGS-84 (GPS), not those of maps that shift them; leave them empty when unknown."),
    ("7", "只填文字和数字，不要用公式。导入只新增和更正，不会停用人员或撤销角色。"),
    (
        "",
        "Words and numbers only, no formulas. An import adds and corrects; it disables nobody and ends no role.",
    ),
)
_EXAMPLES: Final = {
    Sheet.UNITS: (
        ("HB-3", "三号车间", choice_of(KINDS[UnitKind.WORKSHOP]), "", "148"),
        ("HB-3-A", "冲压班", choice_of(KINDS[UnitKind.TEAM]), "HB-3", "36"),
    ),
    Sheet.PEOPLE: (
        ("", "李霞", "HB-3-A", choice_of(ROLES[Role.WORKER]), "", "", ""),
        ("wangmin", "王敏", "HB-3", choice_of(ROLES[Role.OFFICER]), "", "", ""),
    ),
    Sheet.PLACES: (("HB-A3", "冲压线 A3", "HB-3", "38.0431", "114.5032", "否"),),
}


class LinkLine(NamedTuple):
    """One person's one-time link as it is handed out."""

    unit: str
    name: str
    login: str
    address: str
    until: str


def template() -> bytes:
    """The workbook to fill: three sheets with headings in both languages and lists to choose from, and notes."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True, **_PLAIN})
    head = book.add_format(
        {"bold": True, "text_wrap": True, "valign": "vcenter", "bg_color": "#E6F0FA", "border": 1}
    )
    text = book.add_format({"num_format": "@"})
    for sheet in Sheet:
        tab = book.add_worksheet(" ".join(TITLES[sheet]))
        _head(tab, COLUMNS[sheet], head, text)
        for index, column in enumerate(COLUMNS[sheet]):
            if choices := _choices(column.field):
                tab.data_validation(1, index, LISTED_ROWS, index, {"validate": "list", "source": choices})
    _notes(book, head)
    book.close()
    return made.getvalue()


def links_sheet(lines: Iterable[LinkLine], *, headings: Sequence[str], title: str) -> bytes:
    """One line for each person with the link that opens the account once."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True, **_PLAIN})
    head = book.add_format({"bold": True, "bg_color": "#E6F0FA", "border": 1})
    tab = book.add_worksheet(title)
    tab.freeze_panes(1, 0)
    for index, (heading, width) in enumerate(zip(headings, (24, 14, 18, 76, 18), strict=True)):
        tab.set_column(index, index, width)
        tab.write_string(0, index, heading, head)
    for row, line in enumerate(lines, start=1):
        for index, said in enumerate(line):
            tab.write_string(row, index, said)
    book.close()
    return made.getvalue()


def _head(tab: Any, columns: Sequence[Column], head: Any, text: Any) -> None:
    tab.set_row(0, 36)
    tab.freeze_panes(1, 0)
    for index, column in enumerate(columns):
        # As text, so that a code such as 0012 keeps its noughts.
        tab.set_column(index, index, column.width, text)
        tab.write_string(0, index, column.heading + (" *" if column.needed else ""), head)


def _choices(field: str) -> list[str]:
    if field == "kind":
        return [choice_of(pair) for pair in KINDS.values()]
    if field in {"role", "role_2"}:
        return [choice_of(pair) for pair in ROLES.values()]
    return ["是", "否"] if field == "guests" else []


def _notes(book: Any, head: Any) -> None:
    tab = book.add_worksheet("填写说明 Notes")
    tab.set_column(0, 0, 26)
    tab.set_column(1, 6, 22)
    row = 0
    for number, note in _NOTES:
        tab.write_string(row, 0, number)
        tab.write_string(row, 1, note)
        row += 1
    for sheet in Sheet:
        row += 1
        tab.write_string(row, 0, "例 Example: " + " ".join(TITLES[sheet]))
        row += 1
        for index, column in enumerate(COLUMNS[sheet]):
            tab.write_string(row, index, " ".join(column.heading.split()), head)
        for example in _EXAMPLES[sheet]:
            row += 1
            for index, said in enumerate(example):
                tab.write_string(row, index, said)
        row += 1
