"""An officer's numbers as pages: the overview, and the hazards behind each figure."""

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final

from flask import request, url_for
from flask_babel import gettext as _

from app.core.errors import NotFound
from app.edge.entrance import actor, runtime
from app.hazards import numbers
from app.hazards.numbers import NO_PLACE, Figure, Slice, Span
from app.units.queries import Place, places_by_id
from app.web import words
from app.web.frames import frame_of, here
from app.web.numbers.asked import Asked, asked, unit_choices
from app.web.numbers.pages import BehindPage, GroupRow, MonthRow, NumbersPage
from app.web.numbers.pages import Figure as Shown
from app.web.numbers.words import FIGURES, MEANINGS, SPANS
from app.web.pages import Choice
from app.web.present_pieces import card_of
from app.web.present_ticket import ticket_address

PARTS: Final = (Figure.ON_TIME, Figure.HANDED_IN, Figure.LATE)
NOW: Final = frozenset({Figure.OPEN, Figure.OVERDUE, *numbers.AGES})
"""Figures that look at this moment, whatever the span."""
PLACES_SHOWN: Final = 15
NO_RATE: Final = "—"


def numbers_page() -> NumbersPage:
    """The numbers of the chosen unit and span.

    Raises:
        NotFound: a unit or span that is not there for this reader.
    """
    at = runtime().now()
    with runtime().db.read() as session:
        it = asked(session)
        months = it.span.parts() if it.span.months > 1 else numbers.span_of(12, at=at, zone=it.unit.zone).parts()
        simple = [*PARTS, Figure.DUE, Figure.OPEN, Figure.OVERDUE, *numbers.AGES]
        monthly = [Slice(figure, month) for month in months for figure in _MONTHLY]
        slices = [Slice(figure, it.span) for figure in simple] + monthly
        found = dict(zip(slices, numbers.counts(session, slices, unit=it.unit, at=at), strict=True))
        categories = numbers.by_category(session, unit=it.unit, span=it.span, at=at)
        places = numbers.by_place(session, unit=it.unit, span=it.span, at=at)
        known = places_by_id(session, [int(one.key) for one in places if one.key])
    counted = {figure: found[Slice(figure, it.span)] for figure in simple}
    due = counted[Figure.DUE]
    return NumbersPage(
        frame=frame_of(current="numbers"),
        unit=it.unit.name,
        words=FIGURES,
        units=unit_choices(it),
        spans=_span_choices(it),
        rate=percent(counted[Figure.ON_TIME], due),
        rate_words=_rate_words(counted[Figure.ON_TIME], due),
        parts=tuple(_shown(it, figure, counted[figure], of=due) for figure in PARTS),
        ages=tuple(_shown(it, age, counted[age], of=counted[Figure.OPEN]) for age in numbers.AGES),
        open=_shown(it, Figure.OPEN, counted[Figure.OPEN]),
        overdue=_shown(it, Figure.OVERDUE, counted[Figure.OVERDUE]),
        trend=_trend(it, months, found),
        categories=_groups(it, categories, lambda key: (_category_word(key), {"category": key})),
        places=_groups(it, places[:PLACES_SHOWN], lambda key: _place_word(key, known)),
        gallery_href=url_for("numbers.gallery", unit=it.unit.code),
    )


_MONTHLY: Final = (Figure.REPORTED, Figure.CLOSED, Figure.DUE, Figure.ON_TIME)


def percent(part: int, whole: int) -> str:
    """A share to one decimal, rounded half up exactly; a dash of nothing."""
    if not whole:
        return NO_RATE
    tenths = int(Fraction(1000 * part, whole) + Fraction(1, 2))
    return f"{tenths // 10}.{tenths % 10} %"


def _rate_words(part: int, whole: int) -> str:
    if not whole:
        return str(_("这段时间还没有隐患到期"))
    return str(_("到期 %(whole)s 条，按期闭环 %(part)s 条", whole=whole, part=part))


def _share(part: int, whole: int) -> int:
    return max(1, round(100 * part / whole)) if part else 0  # what exists is never drawn as nothing


def _shown(it: Asked, figure: Figure, count: int, *, of: int | None = None, **narrowed: str) -> Shown:
    share = None if of is None else _share(count, of)
    return Shown(code=figure, value=str(count), href=_address(it, figure, it.span, **narrowed), share=share)


def _address(it: Asked, figure: Figure, span: Span, **narrowed: str) -> str:
    where: dict[str, Any] = {"unit": it.unit.code, **narrowed}
    if figure not in NOW:
        where["months"] = span.months
        if span != it.span:
            where["month"] = f"{span.first:%Y-%m}"
            del where["months"]
    return url_for("numbers.behind", figure=figure, **where)


def _span_choices(it: Asked) -> tuple[Choice, ...]:
    return tuple(
        Choice(value=str(months), label=str(SPANS[months]), chosen=months == it.span.months)
        for months in numbers.SPANS
    )


def _trend(it: Asked, months: Sequence[Span], found: dict[Slice, int]) -> tuple[MonthRow, ...]:
    most = max((found[Slice(figure, month)] for month in months for figure in _MONTHLY[:2]), default=0)
    rows = []
    for month in months:
        reported, closed, due, on_time = (found[Slice(figure, month)] for figure in _MONTHLY)
        rows.append(
            MonthRow(
                month=f"{month.first:%Y-%m}",
                reported=_of_month(it, Figure.REPORTED, month, reported),
                closed=_of_month(it, Figure.CLOSED, month, closed),
                rate=percent(on_time, due),
                rate_href=_address(it, Figure.DUE, month),
                has_due=due > 0,
                reported_share=_share(reported, most),
                closed_share=_share(closed, most),
            )
        )
    return tuple(rows)


def _of_month(it: Asked, figure: Figure, month: Span, count: int) -> Shown:
    return Shown(code=figure, value=str(count), href=_address(it, figure, month))


def _groups(it: Asked, groups: Sequence[numbers.Grouped], named: Any) -> tuple[GroupRow, ...]:
    most = max((group.reported for group in groups), default=0)
    rows = []
    for group in groups:
        name, narrowed = named(group.key)
        rows.append(
            GroupRow(
                name=name,
                reported=_shown(it, Figure.REPORTED, group.reported, **narrowed),
                open=_shown(it, Figure.OPEN, group.open, **narrowed),
                overdue=_shown(it, Figure.OVERDUE, group.overdue, **narrowed),
                share=_share(group.reported, most),
            )
        )
    return tuple(rows)


def _category_word(key: str) -> str:
    return str(words.CATEGORIES[key]) if key else str(_("还没有分类"))


def _place_word(key: str, known: Any) -> tuple[str, dict[str, str]]:
    if not key:
        return str(_("没有点位")), {"place": NO_PLACE}
    place: Place = known[int(key)]
    return place.name, {"place": place.code}


def behind_page(figure: str) -> BehindPage:
    """The hazards behind one figure.

    Raises:
        NotFound: no such figure, or a unit, span, category or place that is not there for this reader.
    """
    if figure not in set(Figure):
        raise NotFound
    at, code = runtime().now(), Figure(figure)
    category, place, after = (request.args.get(name) for name in ("category", "place", "after"))
    with runtime().db.read() as session:
        it = asked(session)
        if category and category not in words.CATEGORIES:
            raise NotFound
        part = Slice(code, it.span, category=category, place=place)
        total = numbers.counts(session, [part], unit=it.unit, at=at)[0]
        lines, following = numbers.hazards_behind(
            session, part, unit=it.unit, by=actor(), at=at, after=after or ""
        )
        place_name = it.place_name(session, place)
    narrowed = [
        "" if code in NOW else it.span_words(),
        _category_word(category) if category is not None else "",
        place_name,
    ]
    query: dict[str, Any] = {**request.args.to_dict(), "after": following}
    return BehindPage(
        frame=frame_of(current="numbers"),
        word=str(FIGURES[code]),
        meaning=str(MEANINGS[code]),
        unit=it.unit.name,
        narrowed=" · ".join(word for word in narrowed if word),
        total=total,
        cards=tuple(card_of(line, href=ticket_address(line.number, came=here()), at=at) for line in lines),
        more_href=url_for("numbers.behind", figure=figure, **query) if following else "",
        back_href=url_for("numbers.numbers", unit=it.unit.code, months=_overview_months(it)),
    )


def _overview_months(it: Asked) -> int:
    return it.span.months if not re.search(r"(^|&)month=", request.query_string.decode()) else 12
