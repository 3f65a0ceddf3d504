"""我的积分: what each point was for, newest first, and how points are earned."""

from collections.abc import Mapping

from flask import request, url_for
from flask_babel import gettext as _

from app.competition.ledger import Entry, passbook_of
from app.competition.points import PointRules
from app.competition.reading import month_at
from app.competition.rule_sets import point_rules_in
from app.edge.cursors import sealed, unsealed
from app.edge.entrance import runtime
from app.hazards.lists import lines_by_number
from app.hazards.views import HazardLine
from app.web import words
from app.web.frames import came_as, came_from, frame_of, reader
from app.web.pages import PointsLine, PointsPage
from app.web.present_next import signed
from app.web.present_pieces import title_of, where_of
from app.web.times import moment


def points_page() -> PointsPage:
    """The reader's own points, one page of them; nobody else's are ever asked for.

    Raises:
        Invalid: the cursor is none of ours.
    """
    means, who = runtime(), reader()
    at = means.now()
    cursor = request.args.get("cursor")
    after = unsealed(cursor, parts=2)
    with means.db.read() as session:
        book = passbook_of(session, who.actor.account_id, before=(after[0], after[1]) if after else None)
        numbers = sorted({entry.number for entry, _left in book.lines})
        hazards = {line.number: line for line in lines_by_number(session, numbers, by=who.actor, at=at)}
        rules = point_rules_in(session, month_at(at, who.home.zone))
    came = url_for("reporter.points", cursor=cursor)
    return PointsPage(
        frame=frame_of(current="mine"),
        unit=who.home.name,
        balance=book.balance,
        lines=tuple(_line(entry, left, hazards, came=came) for entry, left in book.lines),
        rules=how_points_come(rules),
        back_href=came_from() or url_for("reporter.mine"),
        report_href=url_for("reporter.report"),
        more_href=url_for("reporter.points", cursor=sealed(*book.next)) if book.next else "",
    )


def _line(entry: Entry, left: int, hazards: Mapping[str, HazardLine], *, came: str) -> PointsLine:
    hazard = hazards.get(entry.number)
    return PointsLine(
        number=entry.number,
        href=url_for("reporter.hazard", number=entry.number, **came_as(came)),
        points=signed(entry.points),
        what=str(words.POINTS_RULES[entry.rule]),
        why=str(words.POINTS_WHY[entry.why]) % dict(entry.values),
        left=left,
        at=moment(entry.at, reader().home.zone, now=runtime().now()),
        title=f"{title_of(hazard)} · {where_of(hazard)}" if hazard else "",
    )


def how_points_come(rules: PointRules) -> tuple[str, ...]:
    """The rules in force, as they are told to a worker."""
    return (
        str(
            _(
                "安全员受理了才计分：一般隐患 +%(general)s，三违 +%(violation)s，重大隐患 +%(major)s；"
                "当场改好的再 +%(spot)s。",
                general=rules.general,
                violation=rules.violation,
                major=rules.major,
                spot=rules.fixed_on_the_spot,
            )
        ),
        str(
            _(
                "同一处同一类，每月前 %(same)s 条计分；一般隐患每天前 %(day)s 条、每月最多 %(month)s 分。",
                same=rules.same_place_a_month,
                day=rules.general_a_day,
                month=rules.general_points_a_month,
            )
        ),
        str(_("没受理的、同一处别人先报了的，不加分，也不倒扣。匿名上报的，凭领奖码领。")),
    )
