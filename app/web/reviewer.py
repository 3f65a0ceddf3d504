"""Pages of the tally: a unit's month, and the hazards behind each figure."""

from flask import Blueprint, Response, request

from app.accounts.permissions import Permission
from app.edge.entrance import needs
from app.web.answers import page_answer, see_other
from app.web.present_figure import figure_page
from app.web.present_statement import default_address, statement_page

pages = Blueprint("reviewer", __name__)


@pages.get("/months")
@needs(Permission.STATEMENT_READ)
def this_month() -> Response:
    """The present month of the reader's highest unit."""
    return see_other(default_address())


@pages.get("/months/<month>")
@needs(Permission.STATEMENT_READ)
def month(month: str) -> Response:
    """The same month of the unit that was chosen."""
    return see_other(default_address(request.args.get("unit", ""), month))


@pages.get("/months/<month>/<unit>")
@needs(Permission.STATEMENT_READ)
def statement(month: str, unit: str) -> Response:
    """A unit's month."""
    return page_answer("reviewer/statement.html", statement_page(month, unit))


@pages.get("/months/<month>/<unit>/<figure>")
@needs(Permission.STATEMENT_READ)
def figure(month: str, unit: str, figure: str) -> Response:
    """The hazards behind a figure."""
    return page_answer("reviewer/figure.html", figure_page(month, unit, figure))
