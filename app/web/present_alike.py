"""Look-alikes as pages: while somebody reports, and while an officer accepts."""

from collections.abc import Iterable
from typing import Final

from flask import Response, flash, request, session, url_for
from flask_babel import gettext as _

from app.accounts.actor import Actor, Submitter
from app.core.errors import Invalid, NotFound, NotOpen
from app.edge.entrance import actor, actor_or_none, runtime
from app.edge.looking_alike import alike_draft
from app.hazards.drafts import HazardDraft
from app.hazards.followers import follow_hazard
from app.hazards.lifecycle import Action
from app.hazards.lookalikes import Lookalike, lookalikes_of
from app.hazards.queries import Picture
from app.hazards.views import HazardLine
from app.web.answers import page_answer, see_other
from app.web.errors import SENT
from app.web.forms import kept_statements
from app.web.frames import came_as, frame_of
from app.web.kept import kept_tokens
from app.web.pages import KeptPhoto, Photo
from app.web.pages.alike import Alike, AlikePage
from app.web.present_pieces import picture_address, states_of, where_of
from app.web.times import moment

SEEN: Final = "alike_seen"
"""The field that says: the look-alikes were shown, or there were none."""
SAME: Final = "same"
"""The field that names the hazard that was met."""
_CARRIED: Final = (
    "client_id",
    "pass",
    "place_code",
    "location_text",
    "pin_lat",
    "pin_lon",
    "category",
    "description",
)


def cards_of_alike(found: Iterable[Lookalike], *, merges: str = "") -> tuple[Alike, ...]:
    """The cards in this order; `merges` is the hazard that could be merged into them, for who accepts it."""
    return tuple(_card(one.line, _near(one.metres), merges=merges) for one in found)


def _near(metres: int | None) -> str:
    return str(_("同一点位")) if metres is None else str(_("约 %(metres)s 米", metres=max(metres, 1)))


def _card(line: HazardLine, near: str, *, merges: str) -> Alike:
    at = runtime().now()
    return Alike(
        number=line.number,
        where=where_of(line),
        near=near,
        when=moment(line.submitted_at, line.unit.zone, now=at),
        states=states_of(line, at=at, zone=line.unit.zone),
        photo=_picture(line),
        mine=line.is_mine,
        href=url_for("reporter.hazard", number=line.number, **came_as(url_for("reporter.report"))),
        merge_action=url_for("officer.act", number=merges, action=Action.MERGE) if merges else "",
    )


def _picture(line: HazardLine) -> Photo | None:
    if line.photo_n is None:
        return None
    display = picture_address(line.number, line.photo_n, Picture.DISPLAY)
    thumb = picture_address(line.number, line.photo_n, Picture.THUMB)
    return Photo(n=line.photo_n, status="ready", display=display, thumb=thumb)


def alike_beside(number: str, *, may_merge: bool) -> tuple[Alike, ...]:
    """What an open hazard may be merged into, for the page on which it is accepted.

    Raises:
        NotFound: absent or foreign.
    """
    means = runtime()
    with means.db.read() as opened:
        found = lookalikes_of(opened, number, by=actor(), at=means.now())
    return cards_of_alike(found, merges=number if may_merge else "")


def joined_instead() -> Response | None:
    """Follow the hazard that the form names; None when it cannot be: the report is then sent as it is."""
    number = request.form.get(SAME, "")
    # Whoever chose to stay without a name must not be tied to the hazard by following it.
    if not number or actor_or_none() is None or "anonymous" in request.form:
        return None
    try:
        return join(number)
    except (NotFound, NotOpen):
        return None


def join(number: str) -> Response:
    """Follow a hazard, and go on to it.

    Raises:
        NotFound: absent or foreign.
        NotOpen: it has ended meanwhile.
    """
    means = runtime()
    joined = follow_hazard(number, by=actor(), at=means.now(), db=means.db)
    flash("followed")
    return see_other(url_for("reporter.hazard", number=joined, **came_as(url_for("reporter.mine"))))


def alike_first(draft: HazardDraft, *, by: Submitter, scope: str, photos: int) -> Response | None:
    """The look-alikes of a report that is complete, once; None when there are none or it is not to be asked.

    Never for somebody without a name, never twice, and only when the photos are safe: a report is not held up.
    """
    if not isinstance(by, Actor) or draft.anonymous or request.form.get(SEEN):
        return None
    if not photos or str(draft.client_id) in session.get(SENT, {}) or not _is_complete(draft):
        return None
    cards = cards_of_alike(alike_draft(draft, by=by))
    if not cards:
        return None
    kept = kept_tokens(scope=scope)
    if len(kept) < photos:
        return None
    page = AlikePage(frame=frame_of(current="report"), action=request.path, fields=_fields(kept), cards=cards)
    return page_answer("reporter/alike.html", page)


def _is_complete(draft: HazardDraft) -> bool:
    try:
        draft.check()
    except Invalid:
        return False
    return True


def _fields(kept: tuple[KeptPhoto, ...]) -> tuple[tuple[str, str], ...]:
    """Everything of the form, with the photos as the server keeps them."""
    form = request.form
    said = [(name, form[name]) for name in _CARRIED if name in form]
    positions = ("captured_positions", kept_statements(form, kept=len(kept)))
    return (*said, positions, *(("kept", one.token) for one in kept), (SEEN, "1"))
