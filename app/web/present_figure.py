"""The hazards behind one figure of a statement, with what is counted and how points follow."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from flask import request, url_for
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.competition.rules import FORMS, Form, Item
from app.competition.scoring import Term
from app.competition.statements import Statement, statement
from app.core.errors import NotFound
from app.edge.entrance import actor, runtime
from app.hazards.lists import lines_by_number
from app.hazards.views import HazardLine
from app.web.frames import frame_of, here
from app.web.pages import FigurePage, FigureRow
from app.web.present_pieces import card_of
from app.web.present_statement import CODES, asked_for, month_words, points_words, value_of
from app.web.present_ticket import ticket_address
from app.web.times import moment

ROWS: Final = 100
"""Hazards on one page, those that count first; the rest follow on further pages."""
ROW_REASONS: Final[Mapping[tuple[Item, bool], LazyString]] = MappingProxyType(
    {
        (Item.ANSWERED, True): _l("收到后 24 小时内答复"),
        (Item.ANSWERED, False): _l("收到后 24 小时内没有答复"),
        (Item.PASSED_AT_ONCE, True): _l("第一次复查就合格"),
        (Item.PASSED_AT_ONCE, False): _l("第一次复查不合格"),
        (Item.MAJOR_DUTIES, True): _l("五落实缺项，或到期未双报告"),
        (Item.FIRST_FOUND_MAJOR, True): _l("本单位首先查出，本月闭环"),
        (Item.FOUND_BY_SUPERIOR, True): _l("上级查出，本单位此前没有查出"),
    }
)
"""Why a hazard counts, or does not, where its dates do not say it."""
MEANINGS: Final[Mapping[Item, LazyString]] = MappingProxyType(
    {
        Item.REPORTERS: _l("上报有效隐患的人数，除以在册人数。匿名和访客不计人数；下面列出全部有效隐患，不点名。"),
        Item.HAZARDS: _l("本月受理、由本单位自己查出的隐患，折算成每百人。"),
        Item.ON_TIME: _l("期限在本月的隐患里，已闭环、且在期限前整改完成的。批准的延期算按期，复查慢不影响。"),
        Item.CLOSED: _l("期限在今年的隐患里，已闭环的。"),
        Item.MAJOR_DUTIES: _l("本月在办的重大隐患里，五落实缺项，或到期未双报告的。"),
        Item.PASSED_AT_ONCE: _l("本月第一次复查的隐患里，一次合格的。"),
        Item.ANSWERED: _l("本月收到的隐患里，安全员 24 小时内受理的。"),
        Item.FIRST_FOUND_MAJOR: _l("本单位首先查出、本月闭环的重大隐患。"),
        Item.OVERDUE: _l("期限已过、月底还没闭环的隐患。"),
        Item.FOUND_BY_SUPERIOR: _l("上级查出，而本单位此前 30 天没有在同一处查出同类隐患的。"),
    }
)


def figure_page(month: str, unit_code: str, figure: str) -> FigurePage:
    """What stands behind a figure.

    Raises:
        NotFound: as `asked_for`; or a figure without hazards behind it.
    """
    item = next((item for item, code in CODES.items() if code == figure and item in MEANINGS), None)
    if item is None:
        raise NotFound
    means = runtime()
    with means.db.read() as session:
        asked = asked_for(session, month, unit_code)
        own = statement(session, asked.unit, asked.month, at=means.now())
        behind = own.behind[item]
        counted = behind.numerator
        others = tuple(number for number in behind.denominator if number not in set(counted))
        first = _first_row()
        numbers = (*counted, *others)[first : first + ROWS]
        lines = lines_by_number(session, numbers, by=actor(), at=means.now())
    term = next(term for block in own.score.blocks for term in block.terms if term.code is item)
    return FigurePage(
        frame=frame_of(),
        code=figure,
        month=month_words(asked.month),
        unit=asked.unit.name,
        value=value_of(term, own),
        meaning=str(MEANINGS[item]),
        formula=_formula(term, own),
        rows=tuple(_row(line, item, counted=line.number in counted) for line in lines),
        counted_total=len(counted),
        others_total=len(others),
        next_href=_next_address(first, len(counted) + len(others)),
        has_denominator=FORMS[item] is Form.RATE,
        statement_href=url_for("reviewer.statement", month=asked.month_code, unit=asked.unit.code),
    )


def _first_row() -> int:
    """Where this page begins; anything but a number is the beginning."""
    asked = request.args.get("from", "0")
    return int(asked) if re.fullmatch(r"[0-9]{1,6}", asked) else 0


def _next_address(first: int, total: int) -> str:
    following = first + ROWS
    return f"{request.path}?from={following}" if following < total else ""


def _formula(term: Term, own: Statement) -> str:
    most, got = points_words(term.most), points_words(term.points)
    values = {"x": term.numerator, "n": term.denominator, "most": most, "got": got}
    match FORMS[term.code]:
        case Form.RATE:
            smoothing = own.rules.smoothing
            formula = str(_("%(most)s ×（%(x)s + %(k)s）÷（%(n)s + %(k)s）= %(got)s", k=smoothing, **values))
            return formula + str(_("。上下各加 %(k)s，数量少的单位不会因为一条就大起大落。", k=smoothing))
        case Form.SHARE:
            return str(
                _(
                    "%(x)s ÷ %(n)s，达到 %(target)s 得满分 %(most)s，现得 %(got)s",
                    target=_target(term, own),
                    **values,
                )
            )
        case _:
            return str(_("共 %(x)s，得 %(got)s", **values))


def _target(term: Term, own: Statement) -> str:
    """The share that earns all points, as a percentage."""
    target = next(rule.target for rule in own.rules.items if rule.item is term.code)
    return f"{float(100 * target):g} %"


def _row(line: HazardLine, item: Item, *, counted: bool) -> FigureRow:
    at = runtime().now()
    card = card_of(line, href=ticket_address(line.number, came=here()), at=at)
    by_deadline = item in {Item.ON_TIME, Item.CLOSED, Item.OVERDUE}
    if by_deadline and line.deadline is not None:
        due = moment(line.deadline, line.unit.zone, now=at)
        closed = moment(line.closed_at, line.unit.zone, now=at) if line.closed_at else ""
        why = (
            _("期限 %(due)s，闭环 %(closed)s", due=due, closed=closed) if closed else _("期限 %(when)s", when=due)
        )
        return FigureRow(card=card, counted=counted, why=str(why))
    why = ROW_REASONS.get((item, counted))
    return FigureRow(card=card, counted=counted, why=str(why) if why else "")
