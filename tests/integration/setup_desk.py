"""The desk of a unit's administrator in tests: every use case with the three words it always needs."""

import pytest

from app.core.errors import Invalid
from app.units.arranging import make_unit
from app.units.correcting import UnitWords
from app.units.queries import unit_by_code
from app.units.record import changes_made
from tests.conftest import House

YARD = ((38.0460, 114.5000), (38.0460, 114.5010), (38.0470, 114.5010), (38.0470, 114.5000))


class Desk:
    """An administrator at work: every use case with the three words it always needs."""

    def __init__(self, house: House, login: str = "hbjx-admin") -> None:
        self.house = house
        self.by = house.actor(login)

    @property
    def rest(self) -> dict:
        return {"by": self.by, "at": self.house.clock(), "db": self.house.means.db}

    def make(self, parent: str, name: str = "铸造车间", kind: str = "workshop", **more):
        headcount = more.pop("headcount", None)
        return make_unit(parent, UnitWords(name, kind, **more), headcount=headcount, **self.rest)

    def changes(self, **asked):
        with self.house.means.db.read() as session:
            return changes_made(session, by=self.by, **asked).items

    def unit(self, code: str):
        with self.house.means.db.read() as session:
            return unit_by_code(session, code)


def codes(refused: pytest.ExceptionInfo[Invalid]) -> set[tuple[str, str]]:
    return {(fault.field, fault.code) for fault in refused.value.faults}
