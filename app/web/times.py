"""Instants as people read and type them, always in the zone of the unit they belong to."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import ngettext

DAY: Final = timedelta(days=1)
HOUR: Final = timedelta(hours=1)
YEAR: Final = timedelta(days=365)


def moment(at: datetime, zone: ZoneInfo, *, now: datetime) -> str:
    """`11-02 15:10`, with the year when it is not the present one; the same digits in every language."""
    local = at.astimezone(zone)
    return local.strftime("%m-%d %H:%M" if local.year == now.astimezone(zone).year else "%Y-%m-%d %H:%M")


def clock(at: datetime, zone: ZoneInfo) -> str:
    """`15:10`."""
    return at.astimezone(zone).strftime("%H:%M")


def by_when(at: datetime, zone: ZoneInfo, *, now: datetime) -> str:
    """Until when, as it is said: 今天 14:20 前, 明天 14:20 前, 11-09 18:00 前."""
    days = (at.astimezone(zone).date() - now.astimezone(zone).date()).days
    if days == 0:
        return str(_("今天 %(time)s 前", time=clock(at, zone)))
    if days == 1:
        return str(_("明天 %(time)s 前", time=clock(at, zone)))
    return str(_("%(when)s 前", when=moment(at, zone, now=now)))


def typed(at: datetime, zone: ZoneInfo) -> str:
    """The value of a `datetime-local` input."""
    return at.astimezone(zone).strftime("%Y-%m-%dT%H:%M")


def late_by(span: timedelta) -> str:
    """How long past its deadline something is: 逾期 2 天, 逾期 5 小时."""
    if span >= DAY:
        return str(ngettext("逾期 %(num)s 天", "逾期 %(num)s 天", span // DAY))
    hours = span // HOUR
    return str(ngettext("逾期 %(num)s 小时", "逾期 %(num)s 小时", hours)) if hours else str(_("刚刚逾期"))


def span_words(span: timedelta) -> str:
    """A length of time in its largest whole unit: 18 年, 3 天, 19 小时, 5 分钟."""
    if span > YEAR:
        return str(ngettext("%(num)s 年", "%(num)s 年", span // YEAR))
    if span >= DAY:
        return str(ngettext("%(num)s 天", "%(num)s 天", span // DAY))
    if span >= HOUR:
        return str(ngettext("%(num)s 小时", "%(num)s 小时", span // HOUR))
    return str(ngettext("%(num)s 分钟", "%(num)s 分钟", max(1, span // timedelta(minutes=1))))
