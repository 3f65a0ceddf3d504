"""How a unit counts the days of a deadline, in words: said where one is chosen, and where one is read."""

from datetime import datetime
from typing import Final, cast

from flask import g
from flask_babel import gettext as _

from app.core.working_days import KNOWN_UNTIL
from app.edge.entrance import runtime
from app.hazards.deadlines import LONGEST, Counting, chosen_deadline, rests_on_assumption
from app.hazards.words import Level
from app.units.queries import Unit
from app.units.settings import settings_of

_ASKED: Final = "counting_by_unit"


def counting_in(unit: Unit) -> Counting:
    """How this unit counts, asked once per request."""
    known = cast("dict[int, Counting]", g.setdefault(_ASKED, {}))
    if unit.id not in known:
        with runtime().db.read() as session:
            known[unit.id] = settings_of(session, unit).deadline_days
    return known[unit.id]


def counting_note(unit: Unit, *, at: datetime) -> str:
    """What whoever chooses a number of days must know; empty where a day is simply a day."""
    if counting_in(unit) == "calendar":
        return ""
    note = str(_("天数按工作日算，节假日和调休已计入。"))
    longest = chosen_deadline(LONGEST[Level.GENERAL], at=at, zone=unit.zone, counting="working")
    return note + (_calendar_ends() if rests_on_assumption(longest, zone=unit.zone, counting="working") else "")


def assumption_note(deadline: datetime | None, unit: Unit, *, level: Level | None) -> str:
    """That this deadline was counted without a published calendar; empty where it was not.

    A major hazard's deadline is a day that somebody named: nothing was counted.
    """
    if deadline is None or level is Level.MAJOR:
        return ""
    if not rests_on_assumption(deadline, zone=unit.zone, counting=counting_in(unit)):
        return ""
    return _calendar_ends()


def _calendar_ends() -> str:
    told = _("放假安排只公布到 %(day)s，之后的日子按周一至周五上班算。", day=KNOWN_UNTIL.isoformat())
    return str(told)
