"""The demo organisation: a city federation over a machine works and a hospital, invented from end to end."""

from dataclasses import dataclass
from typing import Final

from app.accounts.permissions import Role

Point = tuple[float, float]


@dataclass(frozen=True)
class DemoUnit:
    """One unit; `people` counts its whole subtree, `area` is a polygon of (lat, lon)."""

    code: str
    name: str
    kind: str
    parent: str
    people: int
    area: tuple[Point, ...] = ()


@dataclass(frozen=True)
class DemoPerson:
    """One account with one role, held in `unit`; `home` is the team, where it is another one."""

    login: str
    name: str
    role: Role
    unit: str
    home: str = ""


@dataclass(frozen=True)
class DemoPlace:
    """One place with its printed code."""

    code: str
    name: str
    unit: str
    lat: float
    lon: float
    allows_guests: bool = False


@dataclass(frozen=True)
class DemoDuty:
    """An officer named for a category."""

    unit: str
    login: str
    category: str


def _square(lat: float, lon: float, size: float) -> tuple[Point, ...]:
    return ((lat, lon), (lat, lon + size), (lat + size, lon + size), (lat + size, lon))


UNITS: Final = (
    DemoUnit("SZH", "市总工会", "federation", "", 1342),
    DemoUnit("HBJX", "华北机械厂", "enterprise", "SZH", 612, _square(38.0400, 114.5000, 0.0100)),
    DemoUnit("HBJX-3", "三号车间", "workshop", "HBJX", 148, _square(38.0420, 114.5020, 0.0030)),
    DemoUnit("HBJX-3-A", "冲压班", "team", "HBJX-3", 36),
    DemoUnit("HBJX-D", "动力车间", "workshop", "HBJX", 64, _square(38.0460, 114.5060, 0.0030)),
    DemoUnit("HBJX-D-P", "配电班", "team", "HBJX-D", 18),
    DemoUnit("RMYY", "第二人民医院", "enterprise", "SZH", 730, _square(38.0700, 114.4700, 0.0080)),
    DemoUnit("RMYY-W", "外科楼", "workshop", "RMYY", 210, _square(38.0720, 114.4720, 0.0030)),
    DemoUnit("RMYY-W-7", "七病区", "team", "RMYY-W", 28),
    DemoUnit("RMYY-H", "后勤保障部", "workshop", "RMYY", 95, _square(38.0750, 114.4750, 0.0020)),
    DemoUnit("RMYY-H-G", "锅炉班", "team", "RMYY-H", 12),
)
"""Parents before children."""

PEOPLE: Final = (
    DemoPerson("lixia", "李霞", Role.WORKER, "HBJX-3", home="HBJX-3-A"),
    DemoPerson("zhaoqiang", "赵强", Role.WORKER, "HBJX-D", home="HBJX-D-P"),
    DemoPerson("wangmin", "王敏", Role.OFFICER, "HBJX-3"),
    DemoPerson("chenjun", "陈军", Role.OFFICER, "HBJX"),
    DemoPerson("zhanglei", "张磊", Role.RECTIFIER, "HBJX"),
    DemoPerson("liujianguo", "刘建国", Role.HEAD, "HBJX"),
    DemoPerson("hbjx-admin", "周洁", Role.ADMIN, "HBJX"),
    DemoPerson("sunli", "孙丽", Role.WORKER, "RMYY-W", home="RMYY-W-7"),
    DemoPerson("hewei", "何伟", Role.WORKER, "RMYY-H", home="RMYY-H-G"),
    DemoPerson("maling", "马玲", Role.OFFICER, "RMYY-W"),
    DemoPerson("dongfang", "董方", Role.OFFICER, "RMYY"),
    DemoPerson("guotao", "郭涛", Role.RECTIFIER, "RMYY"),
    DemoPerson("xuhong", "徐红", Role.HEAD, "RMYY"),
    DemoPerson("rmyy-admin", "冯蕾", Role.ADMIN, "RMYY"),
    DemoPerson("tianye", "田野", Role.REVIEWER, "SZH"),
)

PLACES: Final = (
    DemoPlace("HBJX-A3", "冲压线 A3", "HBJX-3", 38.0431, 114.5032),
    DemoPlace("HBJX-B1", "焊接线 B1", "HBJX-3", 38.0437, 114.5041),
    DemoPlace("HBJX-PD", "1 号配电室", "HBJX-D", 38.0470, 114.5071),
    DemoPlace("HBJX-DM", "东门", "HBJX", 38.0449, 114.5096, allows_guests=True),
    DemoPlace("RMYY-7N", "七病区护士站", "RMYY-W", 38.0733, 114.4731),
    DemoPlace("RMYY-GL", "锅炉房", "RMYY-H", 38.0758, 114.4757),
    DemoPlace("RMYY-MZ", "门诊大厅", "RMYY", 38.0712, 114.4711, allows_guests=True),
)

DUTIES: Final = (
    DemoDuty("HBJX-3", "wangmin", "ELEC"),
    DemoDuty("HBJX", "chenjun", "FIRE"),
    DemoDuty("RMYY-W", "maling", "MEDI"),
)
