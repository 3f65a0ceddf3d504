"""The gallery of repairs: before beside after."""

from flask import request, url_for

from app.edge.entrance import actor, runtime
from app.hazards.numbers import Pair, gallery
from app.hazards.queries import Picture
from app.web.frames import frame_of, here
from app.web.numbers.asked import asked, unit_choices
from app.web.numbers.pages import GalleryPage, GalleryPair
from app.web.present_pieces import picture_address, title_of, where_of
from app.web.present_ticket import ticket_address
from app.web.times import moment


def gallery_page() -> GalleryPage:
    """The closed hazards of the chosen unit that have pictures of both sides, the last closed first.

    Raises:
        NotFound: a unit that is not there for this reader.
    """
    with runtime().db.read() as session:
        it = asked(session)
        pairs, following = gallery(
            session, unit=it.unit, by=actor(), at=runtime().now(), after=request.args.get("after", "")
        )
    more = url_for("numbers.gallery", unit=it.unit.code, after=following) if following else ""
    return GalleryPage(
        frame=frame_of(current="numbers"),
        unit=it.unit.name,
        units=unit_choices(it),
        pairs=tuple(_pair(pair) for pair in pairs),
        more_href=more,
        back_href=url_for("numbers.numbers", unit=it.unit.code),
    )


def _pair(pair: Pair) -> GalleryPair:
    line = pair.line
    closed = moment(line.closed_at, line.unit.zone, now=runtime().now()) if line.closed_at else ""
    return GalleryPair(
        title=title_of(line),
        where=where_of(line),
        number=line.number,
        href=ticket_address(line.number, came=here()),
        before=picture_address(line.number, pair.before, Picture.DISPLAY),
        after=picture_address(line.number, pair.after, Picture.DISPLAY),
        closed=closed,
    )
