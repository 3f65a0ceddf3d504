"""What an empty installation begins with: the demo organisation, or a root unit and its first administrator."""

import json
import os
import secrets
from datetime import date, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.invitations import renew_link
from app.accounts.models import AccountRow, GrantRow
from app.accounts.people import Change
from app.accounts.permissions import Role
from app.accounts.service import hash_password
from app.competition.rule_sets import ensure_default_rules
from app.core.errors import Fault, Invalid, NotFound
from app.demo_organisation import DUTIES, PEOPLE, PLACES, UNITS, DemoUnit
from app.runtime import Runtime
from app.units.models import AreaRow, HeadcountRow, PlaceRow, UnitRow
from app.units.rule_rows import RoutingRuleRow
from app.units.surroundings import Scope

ACCOUNTS_FILE: Final = "demo-accounts.json"
FIRST_DAY: Final = date(2020, 1, 1)
"""Headcounts hold from here on, so that an old month has one too."""


def make_demo(means: Runtime) -> Path:
    """Fill empty data with the demo organisation; later calls change nothing. Returns the accounts' file.

    Random passwords, written to `$DATA/demo-accounts.json` (mode 0600) before the rows that they open are
    committed: a crash between the two leaves a file without accounts, and the next start writes both again.
    """
    target = means.settings.data / ACCOUNTS_FILE
    with means.db.read() as session:
        if session.execute(select(UnitRow.id).limit(1)).scalar_one_or_none() is not None:
            return target
    passwords = {person.login: secrets.token_urlsafe(9) for person in PEOPLE}
    hashes = {login: hash_password(password) for login, password in passwords.items()}
    at = means.now()
    with means.db.write() as session:
        if session.execute(select(UnitRow.id).limit(1)).scalar_one_or_none() is not None:
            return target
        units = _make_units(session, zone=means.settings.timezone, at=at)
        accounts = _make_people(session, units, hashes, at=at)
        _make_places(session, units)
        _make_rules(session, units, accounts)
        ensure_default_rules(session, at=at)
        _write_accounts(target, passwords)
    return target


def _make_units(session: Session, *, zone: str, at: datetime) -> dict[str, int]:
    ids: dict[str, int] = {}
    paths: dict[str, str] = {"": "/"}
    for unit in UNITS:
        made = UnitRow(
            code=unit.code,
            name=unit.name,
            kind=unit.kind,
            parent_id=ids.get(unit.parent),
            path=f"new-{unit.code}",
            timezone=zone,
            made_at=at,
        )
        session.add(made)
        session.flush()
        made.path = paths[unit.code] = f"{paths[unit.parent]}{made.id}/"
        ids[unit.code] = made.id
        session.add(HeadcountRow(unit_id=made.id, valid_from=FIRST_DAY, people=unit.people))
        if unit.area:
            session.add(AreaRow(name=f"{unit.name}区域", unit_id=made.id, polygon=[list(p) for p in unit.area]))
    session.flush()
    return ids


def _make_people(
    session: Session, units: dict[str, int], hashes: dict[str, str], *, at: datetime
) -> dict[str, int]:
    ids = {}
    for person in PEOPLE:
        unit_id = units[person.unit]
        account = AccountRow(
            login=person.login,
            name=person.name,
            password_hash=hashes[person.login],
            home_unit_id=units[person.home or person.unit],
            made_at=at,
        )
        session.add(account)
        session.flush()
        session.add(GrantRow(account_id=account.id, unit_id=unit_id, role=person.role, granted_at=at))
        ids[person.login] = account.id
    return ids


def _make_rules(session: Session, units: dict[str, int], accounts: dict[str, int]) -> None:
    for unit, login, category, position in (
        (duty.unit, duty.login, duty.category, sum(1 for earlier in DUTIES[:n] if earlier.unit == duty.unit) + 1)
        for n, duty in enumerate(DUTIES)
    ):
        session.add(
            RoutingRuleRow(
                unit_id=units[unit],
                position=position,
                category=category,
                scope=Scope.ANYWHERE,
                account_id=accounts[login],
                is_on=True,
            )
        )


def _make_places(session: Session, units: dict[str, int]) -> None:
    for place in PLACES:
        session.add(
            PlaceRow(
                code=place.code,
                name=place.name,
                unit_id=units[place.unit],
                lat=place.lat,
                lon=place.lon,
                allows_guests=place.allows_guests,
            )
        )


def _write_accounts(target: Path, passwords: dict[str, str]) -> None:
    units = {unit.code: unit for unit in UNITS}
    listed = [
        {
            "login": person.login,
            "password": passwords[person.login],
            "name": person.name,
            "role": person.role,
            "unit": units[person.unit].name,
            "enterprise": _enterprise_of(units, person.unit),
        }
        for person in PEOPLE
    ]
    fresh = target.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(listed, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(target)


def _enterprise_of(units: dict[str, DemoUnit], code: str) -> str | None:
    unit = units[code]
    while unit.kind != "enterprise":
        if not unit.parent:
            return None
        unit = units[unit.parent]
    return unit.name


def first_link(means: Runtime) -> str | None:
    """On empty data make a root unit and its administrator, and the one-time link to choose the password.

    As long as nobody has used it, each start makes a new link; None once somebody has.
    """
    at = means.now()
    with means.db.write() as session:
        account = session.execute(select(AccountRow).order_by(AccountRow.id).limit(1)).scalar_one_or_none()
        if account is None:
            account = _first_administrator(session, zone=means.settings.timezone, at=at)
            ensure_default_rules(session, at=at)
        elif _has_anybody_signed_in(session):
            return None
        link = renew_link(session, account.id, at=at)
    return (
        "First administrator: open this link once, within 7 days, and choose a password "
        f"(login: {account.login}):\n{means.settings.public_url}/welcome/{link.secret}"
    )


def _has_anybody_signed_in(session: Session) -> bool:
    chosen = select(AccountRow.id).where(AccountRow.password_hash.is_not(None)).limit(1)
    return session.execute(chosen).scalar_one_or_none() is not None


def link_for(login: str, *, means: Runtime) -> str:
    """A fresh one-time link for somebody who is locked out, printed on the server itself; the one before is dead.

    The password in force stays until the link is used. The record of changes names no person: whoever can run
    commands on the machine.

    Raises:
        NotFound: no such account.
        Invalid: it is disabled; another administrator opens it first.
    """
    at = means.now()
    with means.db.write() as session:
        account = session.execute(select(AccountRow).where(AccountRow.login == login)).scalar_one_or_none()
        if account is None:
            raise NotFound
        if account.disabled_at is not None:
            raise Invalid(Fault("login", "person_disabled"))
        link = renew_link(session, account.id, at=at)
        change = Change(account.login, account.name, account.home_unit_id, None, at)
        change.record(session, before={"link_until": None}, after={"link_until": link.expires_at.isoformat()})
    return f"{means.settings.public_url}/welcome/{link.secret}"


def _first_administrator(session: Session, *, zone: str, at: datetime) -> AccountRow:
    root = UnitRow(
        code="ROOT", name="本单位", kind="enterprise", parent_id=None, path="new", timezone=zone, made_at=at
    )
    session.add(root)
    session.flush()
    root.path = f"/{root.id}/"
    account = AccountRow(login="admin", name="管理员", home_unit_id=root.id, made_at=at)
    session.add(account)
    session.flush()
    session.add(GrantRow(account_id=account.id, unit_id=root.id, role=Role.ADMIN, granted_at=at))
    return account
