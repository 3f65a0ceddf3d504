"""Monthly statements and points by JSON: every figure with its numerator, denominator and hazards."""

from fractions import Fraction
from typing import Any

from flask import Response, url_for

from app.accounts.permissions import Permission
from app.api.blueprint import answer, api
from app.api.shapes import instant, unit_shape
from app.competition.ledger import passbook_of
from app.competition.reading import month_of_text, readable_statement, readable_statements
from app.competition.rules import Item
from app.competition.scoring import Block, Term
from app.competition.statements import Statement
from app.core.errors import NotFound
from app.edge.entrance import actor, needs, runtime, signed_in


@api.get("/months/<month>/statements")
@needs(Permission.STATEMENT_READ)
def statements(month: str) -> Response:
    """The month's statements of the caller's units, ranked inside size bands."""
    means = runtime()
    with means.db.read() as session:
        ranked = readable_statements(session, month_of_text(month), by=actor(), at=means.now())
    items = [{"band": r.band, "place": r.place, **_head(r.statement, month)} for r in ranked]
    return answer({"month": month, "items": items})


@api.get("/months/<month>/statements/<unit>")
@needs(Permission.STATEMENT_READ)
def statement(month: str, unit: str) -> Response:
    """One statement: score by block, each figure with a link to the hazards behind it."""
    means = runtime()
    with means.db.read() as session:
        made = readable_statement(session, unit, month_of_text(month), by=actor(), at=means.now())
    return answer({**_head(made, month), "blocks": [_block(block, month, unit) for block in made.score.blocks]})


@api.get("/months/<month>/statements/<unit>/figures/<code>")
@needs(Permission.STATEMENT_READ)
def figure(month: str, unit: str, code: str) -> Response:
    """The hazards behind one figure."""
    if code not in set(Item):
        raise NotFound
    means = runtime()
    with means.db.read() as session:
        made = readable_statement(session, unit, month_of_text(month), by=actor(), at=means.now())
    behind = made.behind[Item(code)]
    return answer({"code": code, "numerator": list(behind.numerator), "denominator": list(behind.denominator)})


@api.get("/points")
@signed_in
def points() -> Response:
    """The caller's points: the balance, and the newest entries with their reasons."""
    who = actor()
    with runtime().db.read() as session:
        book = passbook_of(session, who.account_id)
    items = [
        {
            "hazard": entry.number,
            "rule": entry.rule,
            "points": entry.points,
            "why": entry.why,
            "values": dict(entry.values),
            "at": instant(entry.at),
            "month": f"{entry.month:%Y-%m}",
            "reversal": entry.is_reversal,
        }
        for entry, _left in book.lines
    ]
    return answer({"balance": book.balance, "items": items})


def _head(made: Statement, month: str) -> dict[str, Any]:
    whole, hundredths = divmod(made.score.hundredths, 100)
    return {
        "month": month,
        "unit": unit_shape(made.unit),
        "people": made.figures.H,
        "score": f"{whole}.{hundredths:02d}",
        "grade": made.score.grade,
        "vetoed": made.score.vetoed,
        "rules_version": made.score.rules_version,
        "valid_hazards": made.figures.V,
    }


def _block(block: Block, month: str, unit: str) -> dict[str, Any]:
    return {
        "code": block.code,
        "points": _exact(block.points),
        "most": _exact(block.most),
        "figures": [_term(term, month, unit) for term in block.terms],
    }


def _term(term: Term, month: str, unit: str) -> dict[str, Any]:
    return {
        "code": term.code,
        "numerator": term.numerator,
        "denominator": term.denominator,
        "points": _exact(term.points),
        "most": _exact(term.most),
        "in_force": term.in_force,
        "hazards": url_for("api.figure", month=month, unit=unit, code=term.code),
    }


def _exact(amount: Fraction | None) -> str | None:
    """An exact fraction as text ("49/3"): a float would not recompute bit for bit."""
    return None if amount is None else str(amount)
