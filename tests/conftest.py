"""The house that tests live in: real migrations, a named cast, unrelated noise, a clock that tests move."""

import io
import json
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app import first_steps
from app.accounts.actor import Actor, Grant
from app.accounts.models import AccountRow, GrantRow
from app.accounts.permissions import Role
from app.accounts.service import CredentialKind, _issue
from app.factory import create_app
from app.hazards.models import HazardRow
from app.runtime import Runtime
from app.units.models import PlaceRow
from config import Settings
from tests.databases import database_settings, forget, stand_on
from tests.figures import pytest_terminal_summary  # noqa: F401  # a hook
from tests.photos import photo
from tests.servers.postgres import Cluster, cluster
from tests.servers.s3 import s3_server, s3_url  # noqa: F401  # fixtures
from workers.decoder import Decoder
from workers.jobs import Tools
from workers.runner import run_all

hypothesis.settings.register_profile(
    "house", deadline=None, derandomize=True, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.register_profile("search", hypothesis.settings.get_profile("house"), derandomize=False)
hypothesis.settings.load_profile("house")
"""How long an example takes, or the making of one, says how busy the machine is, and nothing of what is true.

The same examples each time: what one run has proven the next one does not lose by chance. Who wants others asks
for `--hypothesis-profile=search`.
"""
START = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
"""A Monday, nine in the morning in Shanghai."""
PASSWORD = "correct-horse-battery"
KINDS = ("sqlite", "postgresql")
TESTS = Path(__file__).parent
SMALL = photo(size=(64, 48), seed=1)


@dataclass
class FakeClock:
    """A clock that stands still until a test moves it."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **step: float) -> datetime:
        self.at += timedelta(**step)
        return self.at


@dataclass
class House:
    """The product on a folder of its own, with the demo organisation as its cast.

    HBJX (华北机械厂): lixia worker of team HBJX-3-A, wangmin officer of workshop HBJX-3, chenjun officer, zhanglei
    rectifier and liujianguo head of the enterprise; zhaoqiang worker of team HBJX-D-P. RMYY (第二人民医院) is the
    foreign enterprise: sunli, maling and others. tianye reviews from above both.
    """

    app: Flask
    clock: FakeClock
    decoder: Decoder
    _tokens: dict[str, str] = field(default_factory=dict)

    @property
    def means(self) -> Runtime:
        return self.app.extensions["runtime"]

    def beside(self, **more: str) -> dict[str, str]:
        """What another process on the same data and database is told; `more` adds settings."""
        told = self.means.settings
        return {"DATA": str(told.data), "DATABASE_URL": told.database_url, **more}

    def actor(self, login: str) -> Actor:
        """The account as a service meets it."""
        with self.means.db.read() as session:
            account = session.execute(select(AccountRow).where(AccountRow.login == login)).scalar_one()
            grants = session.execute(
                select(GrantRow).where(GrantRow.account_id == account.id, GrantRow.ended_at.is_(None))
            ).scalars()
            return Actor(
                account.id,
                account.login,
                account.name,
                account.home_unit_id,
                tuple(Grant(Role(g.role), g.unit_id) for g in grants),
            )

    def token(self, login: str) -> str:
        if login not in self._tokens:
            credential = _issue(
                self.actor(login).account_id, kind=CredentialKind.TOKEN, at=self.clock(), db=self.means.db
            )
            self._tokens[login] = credential.secret
        return self._tokens[login]

    def api(self, login: str | None, method: str, path: str, **request: Any) -> TestResponse:
        """One call of the API, as this person (None: nobody)."""
        headers = dict(request.pop("headers", {}))
        if login is not None:
            headers.setdefault("Authorization", f"Bearer {self.token(login)}")
        return self.app.test_client().open(f"/api/v1{path}", method=method, headers=headers, **request)

    def browser(self, login: str | None = None, *, language: str = "zh-CN") -> FlaskClient:
        """A browser in which this person is signed in."""
        client = self.app.test_client()
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
        if login is not None:
            credential = _issue(
                self.actor(login).account_id, kind=CredentialKind.SESSION, at=self.clock(), db=self.means.db
            )
            with client.session_transaction() as kept:
                kept["sid"] = credential.secret
                kept.permanent = True
        return client

    def scan_code(self, code: str) -> str:
        """What the QR code of the place with this readable code carries."""
        with self.means.db.read() as session:
            return session.execute(select(PlaceRow.scan_code).where(PlaceRow.code == code)).scalar_one()

    def send(
        self, login: str | None, *, photos: tuple[bytes, ...] = (SMALL,), headers: Any = None, **fields: Any
    ) -> TestResponse:
        """`POST hazards` with sensible fields unless told otherwise (a field of None is left out).

        Nobody's report is a guest's, who has scanned the QR code of the place that is named.
        """
        told = {
            "client_id": str(uuid.uuid4()),
            "place_code": "HBJX-A3",
            "category": "ELEC",
            "description": "配电箱门锁坏，线头裸露",
            **fields,
        }
        told = {name: value for name, value in told.items() if value is not None}
        if login is None and not headers and "place_code" in told:
            told["place_code"] = self.scan_code(told["place_code"])
        parts: dict[str, Any] = {"hazard": json.dumps(told)}
        if photos:
            parts["photo"] = [(io.BytesIO(content), "photo.jpg") for content in photos]
        return self.api(
            login, "POST", "/hazards", data=parts, content_type="multipart/form-data", headers=headers or {}
        )

    def report(self, login: str = "lixia", **fields: Any) -> str:
        """A hazard that was kept; its number."""
        answer = self.send(login, **fields)
        assert answer.status_code == 201, answer.json
        return str(answer.json["number"])

    def read(self, login: str, number: str) -> dict[str, Any]:
        answer = self.api(login, "GET", f"/hazards/{number}")
        assert answer.status_code == 200, answer.json
        return dict(answer.json)

    def act(
        self, login: str, number: str, action: str, *, version: int | None = None, photos: Any = (), **told: Any
    ) -> TestResponse:
        """One move; `version` is the present one unless told otherwise."""
        if version is None:
            version = self.version(number)
        body = {"version": version, **told}
        path = f"/hazards/{number}/actions/{action}"
        if not photos:
            return self.api(login, "POST", path, json=body)
        parts = {
            "action": json.dumps(body),
            "photo": [(io.BytesIO(content), "after.jpg") for content in photos],
        }
        return self.api(login, "POST", path, data=parts, content_type="multipart/form-data")

    def version(self, number: str) -> int:
        with self.means.db.read() as session:
            return session.execute(select(HazardRow.version).where(HazardRow.number == number)).scalar_one()

    def state(self, number: str) -> str:
        with self.means.db.read() as session:
            return session.execute(select(HazardRow.state).where(HazardRow.number == number)).scalar_one()

    def accept(self, number: str, *, by: str = "wangmin", days: int = 7, **told: Any) -> None:
        fields = {
            "level": "general",
            "category": "ELEC",
            "factor": "thing",
            "rectifier": "zhanglei",
            "measures": "更换门锁，包扎线头",
            "deadline": (self.clock() + timedelta(days=days)).isoformat(),
            **told,
        }
        answer = self.act(by, number, "accept", **{k: v for k, v in fields.items() if v is not None})
        assert answer.status_code == 200, answer.json

    def rectify(self, number: str, *, by: str = "zhanglei", **told: Any) -> None:
        fields = {"done": "已更换门锁", "finished_at": self.clock().isoformat(), **told}
        answer = self.act(by, number, "rectify", photos=(photo(size=(64, 48), seed=2),), **fields)
        assert answer.status_code == 200, answer.json

    def close(self, number: str, *, by: str = "wangmin") -> None:
        answer = self.act(by, number, "close", conclusion="复查合格")
        assert answer.status_code == 200, answer.json

    def work(self) -> int:
        """Let the workers do all that is due."""
        return run_all(Tools(self.means, self.decoder))


@pytest.fixture
def long_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """The minute of the limits in this process's memory does not pass: twenty tries may take longer than it."""
    at = time.time()
    monkeypatch.setattr("limits.storage.memory.time", SimpleNamespace(time=lambda: at))


@pytest.fixture(scope="session")
def decoder() -> Iterator[Decoder]:
    with Decoder() as shared:
        yield shared


class CompiledTemplates(BytecodeCache):
    """Templates as one house compiled them, for the next: a page's first showing is mostly that."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


TEMPLATES = CompiledTemplates()


@pytest.fixture(scope="session", autouse=True)
def addresses_written_once() -> Iterator[None]:
    """Werkzeug writes the functions that build each address, anew for each application: most of a house's cost.

    They are the same for every house: they look up their converters in the rule they are bound to.
    """
    written: dict[tuple[str, str, bool], Callable[..., tuple[str, str]]] = {}
    write = Rule._compile_builder

    def once(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:  # noqa: FBT001, FBT002  # theirs
        key = (rule.rule, repr(rule.defaults), append_unknown)
        if key not in written:
            written[key] = write(rule, append_unknown)
        return written[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", once)
        yield


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every integration test that stands on a database stands on both, unless it is about one alone."""
    if Path(metafunc.module.__file__).parent.name == "integration" and "database_kind" in metafunc.fixturenames:
        alone = {mark.name.removesuffix("_only") for mark in metafunc.definition.iter_markers()}
        kinds = [kind for kind in KINDS if not alone & {*KINDS} - {kind}]
        metafunc.parametrize("database_kind", kinds, indirect=True, scope="session")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Branches are counted where rules are proven: unit tests, and integration tests on SQLite.

    Tracing doubles the time of a page, and the same lines on PostgreSQL add nothing.
    """
    for item in items:
        if item.path.parts[len(TESTS.parts)] not in {"unit", "integration"} or "[postgresql" in item.name:
            item.add_marker("no_cover")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A PostgreSQL server of this session's own."""
    with cluster() as made:
        yield made


@pytest.fixture(scope="session")
def database_kind(request: pytest.FixtureRequest) -> str:
    """sqlite or postgresql."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture(scope="session")
def furnish(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, decoder: Decoder
) -> Callable[[str], Path]:
    """A migrated database of a kind with the cast and the noise, made once; copied for each test."""

    @cache
    def furnished_on(kind: str) -> Path:
        folder = tmp_path_factory.mktemp(f"furnished-{kind}")
        if kind == "postgresql":
            stand_on(folder, request.getfixturevalue("postgres"))
        _furnish(folder, decoder)
        return folder

    return furnished_on


@pytest.fixture(scope="session")
def furnished(furnish: Callable[[str], Path], database_kind: str) -> Path:
    """The furnished folder of this test's kind of database; never opened itself."""
    return furnish(database_kind)


def _furnish(folder: Path, decoder: Decoder) -> None:
    hashed = first_steps.hash_password(PASSWORD)
    with pytest.MonkeyPatch.context() as patch:
        # One argon2 hash for all fifteen: they take 0.2 s each.
        patch.setattr(first_steps, "hash_password", lambda _password: hashed)
        house = _house_in(folder, decoder)
        with house.app.app_context():
            upgrade()
        first_steps.make_demo(house.means)
    _make_noise(house)
    house.means.db.engine.dispose()


def _house_in(folder: Path, decoder: Decoder) -> House:
    clock = FakeClock()
    settings = Settings.from_environment({"DATA": str(folder), **database_settings(folder)})
    app = create_app(settings, clock=clock)
    app.testing = False
    app.jinja_env.bytecode_cache = TEMPLATES
    return House(app, clock, decoder)


def _make_noise(house: House) -> None:
    """Hazards of the foreign enterprise in every main state: a query without its filter finds them."""
    foreign = {"place_code": "RMYY-7N", "description": "无关的隐患"}
    for stop in ("submitted", "rectifying", "reviewing", "closed", "rejected"):
        number = house.report("sunli", **foreign)
        if stop == "rejected":
            house.act("maling", number, "reject", reason="not_a_hazard", text="不是隐患")
        elif stop != "submitted":
            house.accept(number, by="maling", rectifier="guotao")
            if stop != "rectifying":
                house.rectify(number, by="guotao")
            if stop == "closed":
                house.close(number, by="maling")
    house.report("hewei", place_code="RMYY-GL", description="无关的隐患")
    house.work()


@pytest.fixture
def house(tmp_path: Path, furnished: Path, decoder: Decoder) -> Iterator[House]:
    """The product with its cast, at 09:00 in Shanghai on Monday 2 November 2026."""
    folder = tmp_path / "data"
    shutil.copytree(furnished, folder)
    made = _house_in(folder, decoder)
    yield made
    made.means.db.engine.dispose()
    forget(folder)
