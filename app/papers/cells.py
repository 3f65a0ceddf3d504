"""The register's columns: one heading, one value and one width each, the same for XLSX and CSV."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from app.papers import words
from app.papers.register import RegisterLine

Cell = str | int | Decimal | datetime | date | None
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a table program may take for the beginning of a formula, in half and full width (P19)."""


@dataclass(frozen=True)
class Column:
    """One column; `width` in characters of the sheet."""

    heading: str
    value: Callable[[RegisterLine], Cell]
    width: int


def _local(pick: Callable[[RegisterLine], datetime | None]) -> Callable[[RegisterLine], datetime | None]:
    def value(line: RegisterLine) -> datetime | None:
        at = pick(line)
        return _wall_clock(at, line.unit.zone) if at else None

    return value


def _wall_clock(at: datetime, zone: ZoneInfo) -> datetime:
    """What a clock on the wall of the unit shows: tables know no zones."""
    return at.astimezone(zone).replace(tzinfo=None, second=0, microsecond=0)


def _reporter(line: RegisterLine) -> str:
    if line.anonymous:
        return words.ANONYMOUS
    return words.GUEST if line.guest else line.reporter or ""


def _contested(line: RegisterLine) -> str:
    return words.CONTESTED[line.state] if line.is_contested else ""


def _cost(line: RegisterLine) -> Decimal | None:
    return None if line.cost_fen is None else Decimal(line.cost_fen) / 100


_REPORTED: Final = (
    Column("编号", lambda line: line.number, 17),
    Column("状态", lambda line: words.STATES[line.state], 10),
    Column("级别", lambda line: words.LEVELS[line.level] if line.level else "", 8),
    Column("类别", lambda line: words.CATEGORIES[line.category] if line.category else "", 14),
    Column("人物环管", lambda line: words.FACTORS[line.factor] if line.factor else "", 12),
    Column("单位", lambda line: line.unit.name, 18),
    Column("地点", lambda line: line.place, 20),
    Column("问题", lambda line: line.description, 40),
    Column("来源", lambda line: words.FOUND_BY[line.found_by], 14),
)
_REPORTER: Final = Column("上报人", _reporter, 10)
_HANDLED: Final = (
    Column("上报时间", _local(lambda line: line.submitted_at), 17),
    Column("受理时间", _local(lambda line: line.accepted_at), 17),
    Column("整改责任人", lambda line: line.rectifier, 12),
    Column("整改措施", lambda line: line.measures, 36),
    Column("首次期限", _local(lambda line: line.first_deadline), 17),
    Column("整改期限", _local(lambda line: line.deadline), 17),
    Column("逾期", lambda line: "逾期" if line.is_overdue else "", 8),
    Column("整改完成时间", _local(lambda line: line.finished_at), 17),
    Column("整改情况", lambda line: line.done, 36),
    Column("整改费用（元）", _cost, 16),
    Column("报监管部门", lambda line: line.to_regulator_on, 12),
    Column("报职代会", lambda line: line.to_congress_on, 12),
    Column("退回次数", lambda line: line.times_returned, 10),
    Column("闭环时间", _local(lambda line: line.closed_at), 17),
    Column("复查人", lambda line: line.closed_by, 10),
    Column("复查结论", lambda line: line.conclusion, 30),
    Column("异议或申诉", _contested, 14),
)


def columns(*, has_reporter: bool) -> tuple[Column, ...]:
    """The columns for a reader; without that right there is no column of reporters at all."""
    return (*_REPORTED, *((_REPORTER,) if has_reporter else ()), *_HANDLED)


_LATER_PIECE: Final = re.compile(rf"([;\t\r\n]\s*)(?=[{re.escape(''.join(FORMULA_STARTS))}])")


def begins_formula(text: str) -> bool:
    """Whether a table program could take this text for a formula, now or after trimming it."""
    return text.startswith(FORMULA_STARTS) or text.lstrip().startswith(FORMULA_STARTS)


def guarded(text: str) -> str:
    """A text for a CSV cell: a leading apostrophe keeps what begins like a formula a text (P19).

    CSV has no types, so the text itself must change. The apostrophe is what people type for the same purpose.
    Where the list separator is another one (a semicolon, say), a piece of a text may become a cell of its own.
    """
    whole = f"'{text}" if begins_formula(text) else text
    return _LATER_PIECE.sub(r"\1'", whole)


def csv_text(cell: Cell) -> str:
    """A cell as CSV writes it."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M")
    return guarded(cell) if isinstance(cell, str) else str(cell)
