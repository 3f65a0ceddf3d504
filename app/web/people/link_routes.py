"""Routes of invitations for many: a sheet of links, or slips with QR codes."""

from flask import Response, make_response, request
from flask_babel import gettext as _

from app.accounts.permissions import Permission
from app.edge.entrance import actor, needs, runtime
from app.units.inviting import invite_everybody
from app.web.again import shown_again
from app.web.answers import page_answer
from app.web.people.blueprint import pages
from app.web.people.present_links import link_headings, link_lines, links_page, slips_page
from app.web.people.typed import again
from app.web.people.workbook_sheets import XLSX, links_sheet

LINKS, SLIPS = "people/links.html", "people/slips.html"


@pages.get("/invitations")
@needs(Permission.UNIT_MANAGE)
def links() -> Response:
    """For whom links can be made."""
    return page_answer(LINKS, links_page())


@pages.post("/invitations")
@needs(Permission.UNIT_MANAGE)
@shown_again(again(LINKS, links_page))
def make_links() -> Response:
    """Make the links; the answer holds them, and nothing else ever will."""
    means, said = runtime(), request.form
    invited = invite_everybody(
        said.get("unit", ""), renew="renew" in said, by=actor(), at=means.now(), db=means.db
    )
    if said.get("as") == "slips":
        return page_answer(SLIPS, slips_page(invited))
    sheet = links_sheet(link_lines(invited), headings=link_headings(), title=str(_("邀请链接")))
    answer = make_response(sheet)
    answer.headers["Content-Type"] = XLSX
    answer.headers["Content-Disposition"] = 'attachment; filename="invitations.xlsx"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
