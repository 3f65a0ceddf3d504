"""The table of routing rules, and the rules as the pure decision takes them."""

from collections.abc import Collection, Mapping
from typing import Final

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.accounts.models import AccountRow
from app.core.db import Base
from app.units.models import AreaRow, PlaceRow, fresh_key
from app.units.queries import Unit, units_by_id
from app.units.settings import settings_of_each
from app.units.surroundings import AreaFact, PlaceFact, RuleFact, Scope


class RoutingRuleRow(Base):
    """Who hears in a unit of what: category (empty: any) × place, area or anywhere → account.

    `position` counts from 1 without gaps inside the unit. `scope` keeps what was meant when the place or area is
    gone: such a rule is shown broken, it never turns into one for everywhere.
    """

    __tablename__ = "routing_rule"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True, default=fresh_key)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    position: Mapped[int]
    category: Mapped[str | None]
    scope: Mapped[str]
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id", ondelete="SET NULL"))
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id", ondelete="SET NULL"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    is_on: Mapped[bool] = mapped_column(default=True)
    __table_args__ = (
        UniqueConstraint("unit_id", "position"),
        CheckConstraint("scope IN ('anywhere','place','area')", name="scope_is_known"),
        CheckConstraint("place_id IS NULL OR scope = 'place'", name="place_is_meant"),
        CheckConstraint("area_id IS NULL OR scope = 'area'", name="area_is_meant"),
    )


_RULES: Final = (
    select(RoutingRuleRow, AccountRow.name, AccountRow.disabled_at, PlaceRow, AreaRow)
    .join(AccountRow, AccountRow.id == RoutingRuleRow.account_id)
    .outerjoin(PlaceRow, PlaceRow.id == RoutingRuleRow.place_id)
    .outerjoin(AreaRow, AreaRow.id == RoutingRuleRow.area_id)
    .where(RoutingRuleRow.unit_id.in_(bindparam("ids", expanding=True)))
    .order_by(RoutingRuleRow.unit_id, RoutingRuleRow.position)
)


def rules_in(session: Session, unit_ids: Collection[int]) -> tuple[RuleFact, ...]:
    """The rules of exactly these units, with what the decision must know of the things they name."""
    rows = session.execute(_RULES, {"ids": list(unit_ids)}).all()
    places = {place.unit_id for _rule, _name, _at, place, _area in rows if place is not None}
    areas = {area.unit_id for _rule, _name, _at, _place, area in rows if area is not None}
    units = units_by_id(session, {rule.unit_id for rule, *_rest in rows} | places | areas)
    by_category = {rule.unit_id for rule, *_rest in rows if rule.category}
    chosen = settings_of_each(session, [units[unit_id] for unit_id in by_category])
    hidden = {unit_id: chosen[unit_id].hidden_categories for unit_id in by_category}
    return tuple(
        RuleFact(
            id=rule.id,
            key=rule.key,
            position=rule.position,
            unit_id=rule.unit_id,
            account_id=rule.account_id,
            officer=name,
            category=rule.category,
            scope=Scope(rule.scope),
            place=_place(place, rule.unit_id, units),
            area=_area(area, rule.unit_id, units),
            on=rule.is_on,
            officer_disabled=disabled_at is not None,
            category_hidden=rule.category in hidden.get(rule.unit_id, ()),
        )
        for rule, name, disabled_at, place, area in rows
    )


def _place(row: PlaceRow | None, unit_id: int, units: Mapping[int, Unit]) -> PlaceFact | None:
    if row is None or row.retired_at is not None or unit_id not in units[row.unit_id].lineage:
        return None
    return PlaceFact(row.id, row.code, row.name, row.unit_id, row.lat, row.lon)


def _area(row: AreaRow | None, unit_id: int, units: Mapping[int, Unit]) -> AreaFact | None:
    if row is None or row.retired_at is not None or unit_id not in units[row.unit_id].lineage:
        return None
    return AreaFact(row.id, row.name, row.unit_id, tuple((lat, lon) for lat, lon in row.polygon), row.key)
