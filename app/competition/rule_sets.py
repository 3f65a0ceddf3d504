"""Which version of the rules is in force in a month."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.competition.models import RuleSetRow
from app.competition.points import DEFAULT_POINT_RULES, PointRules, point_rules
from app.competition.rules import VERSION_ONE, RuleSet, rule_set

EVER: Final = date(2000, 1, 1)
"""Version 1 is in force since before the first hazard."""


class RuleKind(StrEnum):
    """Points are people's, the score is units'."""

    SCORE = "score"
    POINTS = "points"


def ensure_default_rules(session: Session, *, at: datetime) -> None:
    """Insert version 1 of both kinds where it is absent; repeatable, and never changes a version."""
    for kind, body in ((RuleKind.SCORE, VERSION_ONE), (RuleKind.POINTS, DEFAULT_POINT_RULES)):
        known = session.execute(
            select(RuleSetRow.version).where(RuleSetRow.kind == kind, RuleSetRow.version == body["version"])
        ).scalar_one_or_none()
        if known is None:
            add_rules(session, kind, body, valid_from=EVER, at=at)


def add_rules(
    session: Session, kind: RuleKind, body: Mapping[str, Any], *, valid_from: date, at: datetime
) -> None:
    """Keep a version of the rules, in force from a month (its first day) on.

    Raises:
        Invalid: the rules are malformed.
        IntegrityError: this version exists.
    """
    checked = rule_set(body) if kind is RuleKind.SCORE else point_rules(body)
    session.execute(
        insert(RuleSetRow).values(
            kind=kind, version=checked.version, body=dict(body), valid_from=valid_from, made_at=at
        )
    )


def score_rules_in(session: Session, month: date) -> RuleSet:
    """The score's rules in force in a month (its first day).

    Raises:
        NoResultFound: none were ever made.
    """
    return rule_set(_body_in(session, RuleKind.SCORE, month))


def point_rules_in(session: Session, month: date) -> PointRules:
    """The points' rules in force in a month (its first day).

    Raises:
        NoResultFound: none were ever made.
    """
    return point_rules(_body_in(session, RuleKind.POINTS, month))


def _body_in(session: Session, kind: RuleKind, month: date) -> dict[str, Any]:
    body: dict[str, Any] = session.execute(
        select(RuleSetRow.body)
        .where(RuleSetRow.kind == kind, RuleSetRow.valid_from <= month)
        .order_by(RuleSetRow.version.desc())
        .limit(1)
    ).scalar_one()
    return body
