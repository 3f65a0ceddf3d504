"""A unit's month as a page: the score, each figure, and its place among units of its size."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from flask import url_for
from flask_babel import LazyString, format_date, lazy_gettext
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.competition.reading import month_at, month_of_text, readable_units
from app.competition.rules import Item
from app.competition.scoring import Block as ScoredBlock
from app.competition.scoring import SizeBand, Term, half_up_hundredths
from app.competition.statements import Ranked, Statement, statement, statements_of
from app.core.errors import Invalid, NotFound
from app.edge.entrance import actor, runtime
from app.edge.language import ENGLISH, chosen_locale
from app.units.queries import Unit, UnitKind
from app.web.frames import frame_of
from app.web.pages import Block, Choice, Figure, RankRow, StatementPage
from app.web.times import moment

FIRST_YEAR: Final = 2001
CODES: Final[Mapping[Item, str]] = MappingProxyType(
    {
        Item.REPORTERS: "participation",
        Item.HAZARDS: "per_hundred",
        Item.ON_TIME: "on_time",
        Item.CLOSED: "closed_in_year",
        Item.MAJOR_DUTIES: "majors_lacking",
        Item.PASSED_AT_ONCE: "first_pass",
        Item.ANSWERED: "first_act",
        Item.MONTHLY_INSPECTION: "monthly_inspection",
        Item.PATROL: "daily_patrol",
        Item.TEN_ONES: "ten_ones",
        Item.FIRST_FOUND_MAJOR: "major_first_found",
        Item.PRIZE_PHOTO: "prize_photo",
        Item.CONGRESS_PATROL: "representative_patrol",
        Item.OTHER_BONUS: "other_bonus",
        Item.OVERDUE: "overdue",
        Item.FOUND_BY_SUPERIOR: "found_by_superior",
    }
)
"""The scored items by the code their words and addresses carry; block G has vetoes instead of figures."""
VETOES: Final[Mapping[Item, LazyString]] = MappingProxyType(
    {
        Item.SIX_ZEROS: lazy_gettext("六个零被突破，或有人重伤"),
        Item.CONCEALMENT: lazy_gettext("瞒报"),
        Item.RETALIATION: lazy_gettext("打击报复上报人"),
        Item.MAJOR_WITHOUT_DUAL_REPORT: lazy_gettext("重大隐患逾期且未双报告"),
        Item.NO_COMPETITION: lazy_gettext("没有开展竞赛"),
    }
)
BANDS: Final[Mapping[SizeBand, LazyString]] = MappingProxyType(
    {
        SizeBand.SMALL: lazy_gettext("小型组（100 人以下）"),
        SizeBand.MEDIUM: lazy_gettext("中型组（100–300 人）"),
        SizeBand.LARGE: lazy_gettext("大型组（300 人以上）"),
    }
)
_ABOVE_ENTERPRISES: Final = frozenset({UnitKind.FEDERATION, UnitKind.DISTRICT})
_WITH_HAZARDS: Final = frozenset(CODES) - {
    Item.MONTHLY_INSPECTION,
    Item.PATROL,
    Item.TEN_ONES,
    Item.PRIZE_PHOTO,
    Item.CONGRESS_PATROL,
    Item.OTHER_BONUS,
}


@dataclass(frozen=True)
class Asked:
    """A unit and a month that the reader asked for and may read; `month` is its first day."""

    unit: Unit
    month: date
    readable: tuple[Unit, ...]

    @property
    def month_code(self) -> str:
        """`2026-10`, as addresses carry it."""
        return self.month.strftime("%Y-%m")


def asked_for(session: Session, month: str, unit_code: str) -> Asked:
    """What the address names.

    Raises:
        NotFound: no month, one that has not begun, or a unit outside the reader's statements.
    """
    readable = readable_units(session, by=actor())
    unit = next((unit for unit in readable if unit.code == unit_code), None)
    try:
        first = month_of_text(month)
    except Invalid as error:
        raise NotFound from error
    if unit is None or not date(FIRST_YEAR, 1, 1) <= first <= this_month(unit):
        raise NotFound
    return Asked(unit, first, tuple(readable))


def this_month(unit: Unit) -> date:
    """The first day of the present month in the unit's zone."""
    return month_at(runtime().now(), unit.zone)


def default_address(unit_code: str = "", month: str = "") -> str:
    """The statement of the present month (or this one) for the reader's highest unit (or this one).

    Raises:
        NotFound: the reader reads no statements at all.
    """
    with runtime().db.read() as session:
        readable = readable_units(session, by=actor())
    if not readable:
        raise NotFound
    unit = min(readable, key=lambda unit: len(unit.lineage))
    return url_for(
        "reviewer.statement", month=month or this_month(unit).strftime("%Y-%m"), unit=unit_code or unit.code
    )


def statement_page(month: str, unit_code: str) -> StatementPage:
    """The statement of a unit's month.

    Raises:
        NotFound: as `asked_for`.
    """
    at = runtime().now()
    with runtime().db.read() as session:
        asked = asked_for(session, month, unit_code)
        peers = _peers(asked)
        among = statements_of(session, peers, asked.month, at=at)
        ranked = (r.statement for r in among if r.statement.unit.id == asked.unit.id)
        # Above enterprises the unit is not among those it ranks.
        own = next(ranked, None) or statement(session, asked.unit, asked.month, at=at)
        before = statements_of(session, peers, _month_before(asked.month), at=at)
    return StatementPage(
        frame=frame_of(current="statement"),
        month=month_words(asked.month),
        unit=asked.unit.name,
        score=hundredths(own.score.hundredths),
        verdict="veto" if own.score.vetoed else own.score.grade,
        status=str(_("实时计算，截至 %(when)s", when=moment(at, asked.unit.zone, now=at))),
        standing=_standing(own, among),
        basis=_basis(own),
        blocks=tuple(_block(block, own, asked) for block in own.score.blocks),
        vetoes=tuple(str(VETOES[item]) for item in own.score.vetoed),
        band="" if asked.unit.kind in _ABOVE_ENTERPRISES else str(BANDS[own.score.band]),
        ranking=_ranking(own, among, before, asked),
        previous_href=_month_address(asked, _month_before(asked.month)),
        next_href=_month_address(asked, (asked.month + timedelta(days=31)).replace(day=1)),
        units=tuple(
            Choice(value=unit.code, label=_indented(unit), chosen=unit.id == asked.unit.id)
            for unit in asked.readable
        ),
        units_href=url_for("reviewer.month", month=asked.month_code),
    )


def _peers(asked: Asked) -> list[Unit]:
    """Whom the unit is ranked among: its kind, itself included; above enterprises, those below it."""
    unit = asked.unit
    if unit.kind in _ABOVE_ENTERPRISES:
        below = (u for u in asked.readable if u.id != unit.id and unit.id in u.lineage)
        return [u for u in below if u.kind is UnitKind.ENTERPRISE]
    return [u for u in asked.readable if u.kind is unit.kind]


def _month_before(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)


def _month_address(asked: Asked, month: date) -> str:
    if not date(FIRST_YEAR, 1, 1) <= month <= this_month(asked.unit):
        return ""
    return url_for("reviewer.statement", month=month.strftime("%Y-%m"), unit=asked.unit.code)


def _indented(unit: Unit) -> str:
    return "　" * (len(unit.lineage) - 1) + unit.name


def month_words(month: date) -> str:
    """2026 年 10 月, October 2026."""
    if chosen_locale() == ENGLISH:
        return str(format_date(month, "MMMM y"))
    return str(_("%(year)s 年 %(month)s 月", year=month.year, month=f"{month.month:02d}"))


def hundredths(count: int) -> str:
    """Hundredths as a decimal with two places, exactly."""
    sign = "−" if count < 0 else ""
    return f"{sign}{abs(count) // 100}.{abs(count) % 100:02d}"


def points_words(points: Fraction) -> str:
    """Points with two places; a half is rounded away from zero, as the total is."""
    return hundredths(half_up_hundredths(points) if points >= 0 else -half_up_hundredths(-points))


def _basis(own: Statement) -> tuple[str, ...]:
    return (
        str(_("规则第 %(version)s 版", version=own.score.rules_version)),
        str(_("在册 %(people)s 人", people=own.figures.H)),
        str(_("有效隐患 %(count)s 条", count=own.figures.V)),
    )


def _standing(own: Statement, among: Sequence[Ranked]) -> str:
    place = next((r for r in among if r.statement.unit.id == own.unit.id), None)
    if place is None:
        return ""
    total = sum(1 for r in among if r.band is place.band)
    return str(_("%(band)s第 %(place)s / %(total)s", band=BANDS[place.band], place=place.place, total=total))


def _ranking(
    own: Statement, among: Sequence[Ranked], before: Sequence[Ranked], asked: Asked
) -> tuple[RankRow, ...]:
    """The own size band; above enterprises every band, named in the rank."""
    above = asked.unit.kind in _ABOVE_ENTERPRISES
    shown = [r for r in among if above or r.band is own.score.band]
    places = {r.statement.unit.id: (r.band, r.place) for r in before}
    return tuple(_rank_row(r, own, places, asked) for r in shown)


def _rank_row(r: Ranked, own: Statement, places: Mapping[int, tuple[SizeBand, int]], asked: Asked) -> RankRow:
    figures, unit = r.statement.figures, r.statement.unit
    band, place = places.get(unit.id, (None, 0))
    return RankRow(
        rank=str(r.place),
        unit=unit.name,
        href=url_for("reviewer.statement", month=asked.month_code, unit=unit.code),
        headcount=str(figures.H),
        valid=str(figures.V),
        on_time=f"{100 * figures.T // figures.D}\N{NO-BREAK SPACE}%" if figures.D else "—",
        score=hundredths(r.statement.score.hundredths),
        moved=place - r.place if band is r.band else None,
        current=unit.id == own.unit.id,
    )


def _block(block: ScoredBlock, own: Statement, asked: Asked) -> Block:
    scored = block.code in "ABCD"
    share = int(100 * block.points / block.most) if scored and block.most else None
    points = points_words(block.points)
    return Block(
        letter=block.code,
        points="" if block.code == "G" else f"+{points}" if block.code == "E" else points,
        maximum=points_words(block.most).removesuffix(".00") if scored else "",
        share=share,
        figures=tuple(figure_of(term, own, asked) for term in block.terms if term.code in CODES),
        bad=block.points < 0,
    )


def figure_of(term: Term, own: Statement, asked: Asked) -> Figure:
    """One figure with the address of the hazards behind it."""
    code = CODES[term.code]
    leads = term.in_force and term.code in _WITH_HAZARDS
    href = url_for("reviewer.figure", month=asked.month_code, unit=asked.unit.code, figure=code) if leads else ""
    return Figure(code=code, value=value_of(term, own), href=href, in_force=term.in_force)


def value_of(term: Term, own: Statement) -> str:
    """36 / 38; for the hazards per hundred people, the quotient."""
    if term.code is Item.HAZARDS and term.denominator:
        return points_words(Fraction(100 * own.figures.V, term.denominator))
    return str(term.numerator) if term.denominator is None else f"{term.numerator} / {term.denominator}"
