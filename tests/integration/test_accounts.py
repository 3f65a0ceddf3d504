"""Accounts: passwords, invitations, sessions; secrets are kept as hashes only."""

import pytest
from sqlalchemy import select, update

from app.accounts.invitations import choose_password, invite, invited_login
from app.accounts.models import AccountRow
from app.accounts.service import CredentialKind, actor_of, hash_password, sign_in, sign_out
from app.core.errors import Invalid, NotFound, NotSignedIn
from tests.conftest import PASSWORD, House
from tests.integration.hazard_world import add_person, dump

SESSION = CredentialKind.SESSION


def enter(house: House, password: str = PASSWORD, login: str = "lixia") -> str:
    return sign_in(login, password, kind=SESSION, at=house.clock(), db=house.means.db).secret


def who(house: House, secret: str) -> str | None:
    actor = actor_of(secret, kind=SESSION, at=house.clock(), db=house.means.db)
    return actor and actor.login


def test_a_session_opens_until_signed_out_or_too_old(house):
    first, second = enter(house), enter(house)
    assert first != second
    sign_out(first, at=house.clock(), db=house.means.db)
    assert (who(house, first), who(house, second)) == (None, "lixia")
    house.clock.at += SESSION.lifetime
    assert who(house, second) is None


@pytest.mark.parametrize(
    ("login", "password"),
    [("lixia", "wrong"), ("LIXIA", PASSWORD), ("lixia", PASSWORD + " "), ("nobody", PASSWORD), ("lixia", "")],
)
def test_only_the_right_password_of_an_account_signs_in(house, login, password):
    before = dump(house)["credential"]
    with pytest.raises(NotSignedIn):
        enter(house, password, login)
    assert dump(house)["credential"] == before


def test_an_account_without_a_password_or_disabled_does_not_sign_in(house):
    add_person(house, "fresh", "worker", "HBJX")
    with pytest.raises(NotSignedIn):
        enter(house, "anything-at-all", "fresh")
    with house.means.db.write() as session:
        session.execute(update(AccountRow).where(AccountRow.login == "lixia").values(disabled_at=house.clock()))
    with pytest.raises(NotSignedIn):
        enter(house)


def test_no_secret_is_kept_as_it_is(house):
    secret = enter(house)
    invitation = invite(house.actor("lixia").account_id, at=house.clock(), db=house.means.db)
    kept = str(dump(house))
    assert secret not in kept
    assert invitation not in kept
    assert PASSWORD not in kept
    with house.means.db.read() as session:
        hashes = (
            session.execute(select(AccountRow.password_hash).where(AccountRow.login == "lixia")).scalars().all()
        )
    assert all(str(h).startswith("$argon2id$") for h in hashes)


def test_an_invitation_lets_its_account_choose_a_password_once_within_seven_days(house):
    account_id = add_person(house, "fresh", "worker", "HBJX")
    db = house.means.db
    secret = invite(account_id, at=house.clock(), db=db)
    assert invited_login(secret, at=house.clock(), db=db) == "fresh"
    with pytest.raises(Invalid):
        choose_password(secret, "short", at=house.clock(), db=db)
    choose_password(secret, "long-enough-now", at=house.clock(), db=db)
    assert who(house, enter(house, "long-enough-now", "fresh")) == "fresh"
    late = invite(account_id, at=house.clock(), db=db)
    house.clock.forward(days=7)
    for used in (secret, late, "unknown"):
        with pytest.raises(NotFound):
            choose_password(used, "another-long-one", at=house.clock(), db=db)
        with pytest.raises(NotFound):
            invited_login(used, at=house.clock(), db=db)


def test_a_password_has_a_length():
    for wrong in ("", "x" * 9, "x" * 201):
        with pytest.raises(Invalid):
            hash_password(wrong)
