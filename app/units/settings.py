"""What a unit decides for itself: a value set on a unit holds for its subtree until a unit below sets its own."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final, Literal, cast

from sqlalchemy import JSON, ForeignKey, UniqueConstraint, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.db import Base, table_of
from app.units.queries import Unit


class UnitSettingRow(Base):
    """One value a unit has set; the names are the fields of `UnitSettings`."""

    __tablename__ = "unit_setting"
    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    name: Mapped[str]
    value: Mapped[Any] = mapped_column(JSON)
    set_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("unit_id", "name"),)


@dataclass(frozen=True)
class UnitSettings:
    """What holds in one unit.

    `deadline_days`: how days of a deadline are counted (domain.md §5). `hidden_categories`: codes that the report
    page does not offer here (domain.md §6: hidden, never renamed).
    """

    deadline_days: Literal["calendar", "working"] = "calendar"
    hidden_categories: tuple[str, ...] = ()


NAMES: Final = tuple(field.name for field in fields(UnitSettings))


_ROW: Final = table_of(UnitSettingRow).c
_CHOSEN: Final = select(_ROW.unit_id, _ROW.name, _ROW.value).where(
    _ROW.unit_id.in_(bindparam("ids", expanding=True))
)


def settings_of(session: Session, unit: Unit) -> UnitSettings:
    """What holds in `unit`: its own values, else the nearest unit's above, else ours."""
    return settings_of_each(session, [unit])[unit.id]


def settings_of_each(session: Session, units: Collection[Unit]) -> Mapping[int, UnitSettings]:
    """What holds in each of these units, by its id; one question for all of them."""
    lineages = {unit_id for unit in units for unit_id in unit.lineage}
    rows = session.execute(_CHOSEN, {"ids": list(lineages)}) if lineages else ()
    by_place = {(unit_id, name): value for unit_id, name, value in rows}
    return {unit.id: _nearest(unit, by_place) for unit in units}


def _nearest(unit: Unit, by_place: Mapping[tuple[int, str], Any]) -> UnitSettings:
    found: dict[str, Any] = {}
    for unit_id in unit.lineage:  # from the root down: the nearest speaks last
        found |= {name: by_place[unit_id, name] for name in NAMES if (unit_id, name) in by_place}
    if "hidden_categories" in found:
        found["hidden_categories"] = tuple(cast("list[str]", found["hidden_categories"]))
    return UnitSettings(**found)


def hidden_in_all(session: Session, units: Collection[Unit]) -> frozenset[str]:
    """The categories that every one of these units hides; none when there are no units."""
    rows = session.execute(
        select(UnitSettingRow.unit_id, UnitSettingRow.value).where(UnitSettingRow.name == "hidden_categories")
    )
    chosen: dict[int, frozenset[str]] = {unit_id: frozenset(value) for unit_id, value in rows}
    nearest = [next((chosen[up] for up in reversed(unit.lineage) if up in chosen), frozenset()) for unit in units]
    return frozenset.intersection(*nearest) if nearest else frozenset()
