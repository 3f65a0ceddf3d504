"""The first administrator: from an empty installation to the set-up, and the way back in when locked out."""

import re
from pathlib import Path

import pytest
from flask_migrate import upgrade
from sqlalchemy import select, update

from app.accounts.models import AccountRow
from app.accounts.service import CredentialKind, sign_in
from app.core.changes import ChangeRow
from app.factory import create_app
from app.first_steps import first_link
from config import Settings
from tests.conftest import PASSWORD, FakeClock, House
from tests.edges.visitor import Visitor


@pytest.fixture
def clean(tmp_path: Path, decoder):
    """An installation without the demo organisation."""
    app = create_app(Settings.from_environment({"DATA": str(tmp_path), "DEMO": "0"}), clock=(clock := FakeClock()))
    with app.app_context():
        upgrade()
    house = House(app, clock, decoder)
    yield house
    house.means.db.engine.dispose()


def secret_in(told: str) -> str:
    found = re.search(r"/welcome/([\w-]{40,})", told)
    assert found, told
    return found[1]


def test_the_first_link_leads_to_a_password_and_the_set_up(clean):
    secret = secret_in(first_link(clean.means) or "")
    visitor = Visitor(clean)
    chosen = visitor.post(f"/welcome/{secret}", password=PASSWORD, password_again=PASSWORD)
    assert chosen.status_code == 303
    home = visitor.get("/").location
    assert home.startswith("/setup")
    assert visitor.get(home).status_code == 200
    assert "管理员" in visitor.get("/people").text
    assert first_link(clean.means) is None


def test_until_somebody_signed_in_each_start_makes_a_new_link_and_the_old_one_dies(clean):
    old, new = secret_in(first_link(clean.means) or ""), secret_in(first_link(clean.means) or "")
    assert Visitor(clean).get(f"/welcome/{old}").status_code == 404
    assert Visitor(clean).get(f"/welcome/{new}").status_code == 200


def test_no_start_touches_links_once_anybody_has_signed_in(house):
    assert first_link(house.means) is None
    with house.means.db.write() as session:
        session.execute(update(AccountRow).where(AccountRow.login == "lixia").values(password_hash=None))
    assert first_link(house.means) is None


def test_a_locked_out_administrator_gets_a_link_from_the_machine_itself(house):
    told = house.app.test_cli_runner().invoke(args=["invite", "hbjx-admin"])
    assert told.exit_code == 0
    secret, at = secret_in(told.output), house.clock()
    # The old password holds until the link is used: nobody is locked out by a command that was mistyped.
    sign_in("hbjx-admin", PASSWORD, kind=CredentialKind.SESSION, at=at, db=house.means.db)
    new = "found-the-way-back-in"
    assert Visitor(house).post(f"/welcome/{secret}", password=new, password_again=new).status_code == 303
    sign_in("hbjx-admin", new, kind=CredentialKind.SESSION, at=at, db=house.means.db)
    with house.means.db.read() as session:
        change = session.execute(select(ChangeRow).where(ChangeRow.subject == "hbjx-admin")).scalar_one()
    assert change.account_id is None
    assert secret not in str(change.after)


def test_the_command_says_what_is_wrong(house):
    invite = house.app.test_cli_runner().invoke
    assert "no account" in invite(args=["invite", "nobody"]).output
    with house.means.db.write() as session:
        session.execute(update(AccountRow).where(AccountRow.login == "lixia").values(disabled_at=house.clock()))
    refused = invite(args=["invite", "lixia"])
    assert refused.exit_code == 1
    assert "disabled" in refused.output
