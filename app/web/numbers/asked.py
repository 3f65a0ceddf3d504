"""What a numbers page was asked for: a unit the reader reads, and a span."""

import re
from dataclasses import dataclass
from datetime import date

from flask import request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core.errors import NotFound
from app.edge.entrance import actor, runtime
from app.hazards.numbers import NO_PLACE, SPANS, Span, place_name, span_of, units_read
from app.units.queries import Unit
from app.web.numbers.words import SPANS as SPAN_WORDS
from app.web.pages import Choice
from app.web.unit_choices import indented


@dataclass(frozen=True)
class Asked:
    """The unit, the span, and every unit this reader may choose."""

    unit: Unit
    span: Span
    units: tuple[Unit, ...]

    def span_words(self) -> str:
        """本月, 近 3 个月, or the month."""
        this = span_of(self.span.months, at=runtime().now(), zone=self.unit.zone)
        return str(SPAN_WORDS[self.span.months]) if self.span == this else f"{self.span.first:%Y-%m}"

    def place_name(self, session: Session, code: str | None) -> str:
        """The place that narrows the figure; empty when none does.

        Raises:
            NotFound: no hazard of the unit names such a place.
        """
        if code is None:
            return ""
        if code == NO_PLACE:
            return str(_("没有点位"))
        name = place_name(session, code, unit=self.unit)
        if name is None:
            raise NotFound
        return name


def asked(session: Session) -> Asked:
    """The unit by `?unit=` (else the highest), the span by `?months=` or `?month=` (else three months).

    Raises:
        NotFound: a unit, span or month that is not there for this reader.
    """
    units = tuple(units_read(session, by=actor()))
    code = request.args.get("unit", "")
    default = min(units, key=lambda unit: len(unit.lineage), default=None)
    unit = next((unit for unit in units if unit.code == code), None) if code else default
    if unit is None:
        raise NotFound
    return Asked(unit, _span(unit), units)


def _span(unit: Unit) -> Span:
    month = request.args.get("month", "")
    if month:
        named = re.fullmatch(r"(20[0-9]{2})-(0[1-9]|1[0-2])", month)
        if named is None:
            raise NotFound
        return Span(date(int(named[1]), int(named[2]), 1), 1, unit.zone)
    months = request.args.get("months", "3")
    if months not in {str(span) for span in SPANS}:
        raise NotFound
    return span_of(int(months), at=runtime().now(), zone=unit.zone)


def unit_choices(it: Asked) -> tuple[Choice, ...]:
    """The units to choose from."""
    return indented(it.units, chosen=it.unit.code)
