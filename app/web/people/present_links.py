"""One-time links as pages: one person's with its QR code, and a unit's slips."""

from collections.abc import Sequence

import segno
from flask import request, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from app.accounts.invitations import Link
from app.edge.entrance import actor, runtime
from app.units.inviting import Invited
from app.units.managing import managed_unit, managed_units
from app.units.staff import member
from app.units.staff_lists import not_signed_in_yet
from app.web.frames import frame_of, reader
from app.web.pages.frame import FieldFault
from app.web.people.pages import LinkPage, LinkSlip, LinksPage, SlipsPage
from app.web.people.present_people import person_address, unit_choices
from app.web.people.workbook_sheets import LinkLine
from app.web.reachable import only_here
from app.web.times import moment


def address_of(link: Link) -> str:
    """The whole address that a link is handed out as."""
    return runtime().settings.public_url + url_for("account.welcome", secret=link.secret)


def qr_of(address: str) -> Markup:
    """An address as a QR code."""
    drawn = segno.make(address, error="m", micro=False)
    # Our own address drawn by the library: nothing in it was typed by a reader.
    return Markup(drawn.svg_inline(omitsize=True, border=0))  # noqa: S704


def link_page(login: str, link: Link) -> LinkPage:
    """A link that was made this moment; it is shown now and never again.

    Raises:
        NotFound: the person is absent or foreign.
    """
    means = runtime()
    with means.db.read() as session:
        met = member(session, login, by=actor())
    address = address_of(link)
    return LinkPage(
        frame=frame_of(current="people"),
        back_href=person_address(login),
        name=met.account.name,
        login=login,
        unit=met.home.name if met.home else "",
        address=address,
        qr_svg=qr_of(address),
        until=moment(link.expires_at, reader().home.zone, now=means.now()),
        only_here=only_here(),
        again_href=url_for("people.invite", login=login),
        next_href=url_for("people.add", unit=met.home.code) if met.home else url_for("people.add"),
    )


def links_page(*, faults: tuple[FieldFault, ...] = ()) -> LinksPage:
    """For whom links can be made, in the unit that was chosen; else in the reader's first.

    Raises:
        NotFound: the unit is absent or not managed by the reader.
    """
    means, who = runtime(), actor()
    with means.db.read() as session:
        units = managed_units(session, by=who)
        code = request.values.get("unit") or (units[0].code if units else "")
        unit = managed_unit(session, code, by=who)
        met = not_signed_in_yet(session, unit, by=who)
    now = means.now()
    waiting = sum(1 for one in met if one.link_expires_at is not None and one.link_expires_at > now)
    return LinksPage(
        frame=frame_of(current="people"),
        back_href=url_for("people.people"),
        units=unit_choices(units, chosen=unit.code),
        chosen=unit.code,
        without=len(met) - waiting,
        waiting=waiting,
        only_here=only_here(),
        faults=faults,
    )


def link_lines(invited: Sequence[Invited]) -> list[LinkLine]:
    """The links as lines of a sheet."""
    zone, now = reader().home.zone, runtime().now()
    return [
        LinkLine(
            one.unit.name, one.name, one.login, address_of(one.link), moment(one.link.expires_at, zone, now=now)
        )
        for one in invited
    ]


def link_headings() -> tuple[str, ...]:
    """What stands above those lines."""
    return (
        str(_("单位")),
        str(_("姓名")),
        str(_("账号")),
        str(_("一次性链接（勿转发）")),
        str(_("有效期至")),
    )


def slips_page(invited: Sequence[Invited]) -> SlipsPage:
    """The links as slips of paper, one for each person."""
    zone, now = reader().home.zone, runtime().now()
    return SlipsPage(
        frame=frame_of(current="people"),
        back_href=url_for("people.people"),
        slips=tuple(
            LinkSlip(name=one.name, login=one.login, unit=one.unit.name, qr_svg=qr_of(address_of(one.link)))
            for one in invited
        ),
        until=moment(invited[0].link.expires_at, zone, now=now) if invited else "",
        only_here=only_here(),
    )
