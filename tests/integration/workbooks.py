"""Workbooks as people fill them, made for tests."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import openpyxl

UNITS = ("单位编号", "单位名称", "层级", "上级编号", "人数")
PEOPLE = ("账号", "姓名", "单位编号", "角色", "任职单位编号")
PLACES = ("点位编号", "点位名称", "单位编号", "纬度 WGS-84", "经度 WGS-84", "访客可报")
Rows = Sequence[Sequence[Any]]


def workbook(
    *, units: Rows = (), people: Rows = (), places: Rows = (), headings: Mapping[str, Sequence[str]] | None = None
) -> bytes:
    """An XLSX with the three sheets; `headings` replaces the headings of a sheet by its title."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, columns, rows in (
        ("单位", UNITS, units),
        ("人员", PEOPLE, people),
        ("点位 Places", PLACES, places),
    ):
        tab = book.create_sheet(title)
        tab.append(list((headings or {}).get(title, columns)))
        for row in rows:
            tab.append(list(row))
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


GOOD = {
    "units": (("HBJX-N", "新车间", "车间", "HBJX", 20), ("HBJX-N-1", "一班", "班组 Team", "HBJX-N", None)),
    "people": (
        ("", "张三", "HBJX-N-1", "", ""),
        ("lisi", "李四", "HBJX-N", "安全员", ""),
        ("", "王五", "HBJX-N-1", "整改人 Rectifier", "HBJX-N"),
    ),
    "places": (
        ("", "新车间大门", "HBJX-N", 38.041, 114.501, "是"),
        ("HBJX-N-X", "仓库", "HBJX-N", None, None, ""),
    ),
}
