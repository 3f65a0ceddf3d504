"""The life of a hazard against a plain model of domain.md §5: random people, random moves, nothing unexpected."""

import json
import shutil
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from app.competition.models import LedgerRow
from app.core.errors import Invalid, NotFound, NotOpen, VersionConflict
from app.evidence.signature import PhotoFormat
from app.hazards.drafts import StoredPhoto
from app.hazards.lifecycle import Action
from app.hazards.models import DualReportRow, HazardRow
from app.hazards.moves import move_hazard
from app.hazards.told import Told
from app.tables import METADATA
from app.units.queries import unit_by_id
from tests.conftest import SMALL, START, House, _house_in
from tests.integration.hazard_world import events, fields_of, history, populate, row_of, sha256
from workers.decoder import Decoder

ZONE = ZoneInfo("Asia/Shanghai")
LAST = START + timedelta(days=48)
"""Before the year's end: the model knows weekends and no holidays."""
PICTURE = StoredPhoto(sha256(SMALL), len(SMALL), PhotoFormat.JPEG)
ABOVE = {"HBJX-3": ("HBJX", "SZH"), "HBJX-D": ("HBJX", "SZH"), "HBJX": ("SZH",)}
PEOPLE = {
    "lixia": ("worker", "HBJX-3-A"),
    "gaoyang": ("worker", "HBJX-3"),
    "wangmin": ("officer", "HBJX-3"),
    "chenjun": ("officer", "HBJX"),
    "qianlin": ("officer", "HBJX-D"),
    "maling": ("officer", "RMYY-W"),
    "zhanglei": ("rectifier", "HBJX"),
    "luping": ("rectifier", "HBJX-3"),
    "songtao": ("head", "HBJX-3"),
    "liujianguo": ("head", "HBJX"),
    "tianye": ("reviewer", "SZH"),
    "hbjx-admin": ("admin", "HBJX"),
}
"""Who holds which role where."""
SUBMITTED, NEED_INFO, RECTIFYING, REVIEWING = "submitted", "need_info", "rectifying", "reviewing"
CLOSED, REJECTED, DUPLICATE, WITHDRAWN = "closed", "rejected", "duplicate", "withdrawn"
WAYS: dict[str, tuple[set[str], str]] = {
    "ask": ({SUBMITTED}, NEED_INFO),
    "answer": ({NEED_INFO}, SUBMITTED),
    "withdraw": ({SUBMITTED, NEED_INFO}, WITHDRAWN),
    "reject": ({SUBMITTED, NEED_INFO}, REJECTED),
    "appeal": ({REJECTED}, REJECTED),
    "decide_appeal": ({REJECTED}, REJECTED),
    "recategorize": ({SUBMITTED}, SUBMITTED),
    "transfer": ({SUBMITTED}, SUBMITTED),
    "return_transfer": ({SUBMITTED}, SUBMITTED),
    "merge": ({SUBMITTED, NEED_INFO, RECTIFYING}, DUPLICATE),
    "unmerge": ({DUPLICATE}, SUBMITTED),
    "accept": ({SUBMITTED}, RECTIFYING),
    "fix_on_the_spot": ({SUBMITTED}, REVIEWING),
    "acknowledge": ({RECTIFYING}, RECTIFYING),
    "reassign": ({RECTIFYING}, RECTIFYING),
    "remind": ({RECTIFYING}, RECTIFYING),
    "request_extension": ({RECTIFYING}, RECTIFYING),
    "decide_extension": ({RECTIFYING}, RECTIFYING),
    "record_dual_report": ({RECTIFYING, REVIEWING}, ""),
    "rectify": ({RECTIFYING}, REVIEWING),
    "close": ({REVIEWING}, CLOSED),
    "send_back": ({REVIEWING}, RECTIFYING),
    "void": ({RECTIFYING, REVIEWING}, REJECTED),
    "object": ({CLOSED}, CLOSED),
    "reopen": ({CLOSED}, RECTIFYING),
    "dismiss_objection": ({CLOSED}, CLOSED),
}
"""domain.md §5 by hand: from where each move starts and where it ends ("": where it was)."""
ENDINGS = {"withdraw", "reject", "merge"}
FIRST_ACTS = {"ask", "reject", "transfer", "merge", "accept", "fix_on_the_spot"}
UNDER_WAY = {RECTIFYING, REVIEWING, CLOSED}


@dataclass
class Model:
    """What a person with pencil and paper knows of one hazard."""

    unit: str
    reporter: str | None
    state: str = SUBMITTED
    version: int = 1
    level: str | None = None
    category: str = "ELEC"
    transfers: int = 0
    came_from: str | None = None
    returns: int = 0
    acted: bool = False
    rejected_by: str | None = None
    rejected_at: datetime | None = None
    appealed: bool = False
    appeal_pending: bool = False
    merged_at: datetime | None = None
    acceptances: int = 0
    rectifier: str | None = None
    repaired_by: str | None = None
    acknowledged: bool = False
    deadline: datetime | None = None
    first_deadline: datetime | None = None
    wanted: datetime | None = None
    asked_by: str | None = None
    extensions: int = 0
    dual: set[str] = field(default_factory=set)
    times_returned: int = 0
    closed_at: datetime | None = None
    objection_pending: bool = False
    paid: bool = False

    def over(self, who: str, *roles: str) -> bool:
        role, unit = PEOPLE[who]
        return role in roles and unit in {self.unit, *ABOVE[self.unit]}

    def superior(self, who: str) -> bool:
        role, unit = PEOPLE[who]
        return role in {"officer", "head"} and unit in ABOVE[self.unit]

    def verifies(self, who: str) -> bool:
        parts = {self.reporter, self.rectifier, self.repaired_by}
        if who in parts:
            return False
        if self.level == "major":
            return self.over(who, "head") or self.superior(who)
        nobody = not {p for p in PEOPLE if self.over(p, "officer")} - parts
        return self.over(who, "officer") or (nobody and self.over(who, "head"))

    def allows(self, action: str, who: str, at: datetime) -> bool:
        """Whether this person may make this move now, as domain.md §5 and decision 0005 say."""
        if self.state not in WAYS[action][0]:
            return False
        officer, is_reporter = self.over(who, "officer"), who == self.reporter
        commands = officer or self.superior(who)
        repairs = who == self.rectifier or (officer and self.rectifier is None)
        decides = self.over(who, "head" if self.level == "major" else "officer")
        after_closure = self.closed_at is not None and at <= self.closed_at + timedelta(days=30)
        return {
            "ask": officer and self.reporter is not None,
            "answer": is_reporter,
            "withdraw": is_reporter,
            "reject": officer,
            "appeal": is_reporter and not self.appealed and self.in_time_to_appeal(at),
            "decide_appeal": self.appeal_pending
            and (self.superior(who) or self.over(who, "reviewer"))
            and who != self.rejected_by,
            "recategorize": officer,
            "transfer": officer and (self.transfers == 0 or self.superior(who)),
            "return_transfer": officer and self.came_from is not None and self.transfers == 1 and not self.acted,
            "merge": officer,
            "unmerge": officer and self.merged_at is not None and at <= self.merged_at + timedelta(days=30),
            "accept": officer,
            "fix_on_the_spot": self.over(who, "officer", "rectifier"),
            "acknowledge": who == self.rectifier and not self.acknowledged,
            "reassign": officer,
            "remind": commands,
            "request_extension": repairs and self.wanted is None,
            "decide_extension": decides and self.wanted is not None and who not in {self.asked_by, self.rectifier},
            "record_dual_report": officer and self.level == "major",
            "rectify": repairs,
            "close": self.verifies(who) and (self.level != "major" or len(self.dual) == 2),
            "send_back": self.verifies(who),
            "void": commands and (not self.paid or self.superior(who)),
            "object": is_reporter and not self.objection_pending and after_closure,
            "reopen": commands and after_closure,
            "dismiss_objection": self.objection_pending and self.superior(who),
        }[action]

    def in_time_to_appeal(self, at: datetime) -> bool:
        if self.rejected_at is None:
            return False
        day: date = self.rejected_at.astimezone(ZONE).date()
        left = 5
        while left:
            day += timedelta(days=1)
            left -= day.weekday() < 5
        return at.astimezone(ZONE).date() <= day

    def make(self, action: str, who: str, told: dict[str, Any], at: datetime) -> None:
        """What the move changes."""
        self.version += 1
        self.state = WAYS[action][1] or self.state
        if action in FIRST_ACTS:
            self.acted = True
        change = getattr(self, f"_{action}", None)
        if change is not None:
            change(who, told, at)

    def _reject(self, who: str, _told: dict[str, Any], at: datetime) -> None:
        self.rejected_by, self.rejected_at = who, at

    _void = _reject

    def _appeal(self, _who: str, _told: dict[str, Any], _at: datetime) -> None:
        self.appealed = self.appeal_pending = True

    def _decide_appeal(self, _who: str, told: dict[str, Any], _at: datetime) -> None:
        self.appeal_pending = False
        if told["decision"] == "overturn":
            self.state, self.unit, self.acted = SUBMITTED, "HBJX", False

    def _recategorize(self, _who: str, told: dict[str, Any], _at: datetime) -> None:
        self.category = told["category"]

    def _transfer(self, _who: str, told: dict[str, Any], _at: datetime) -> None:
        self.came_from, self.unit, self.acted = self.unit, told["unit"], False
        self.transfers += 1

    def _return_transfer(self, _who: str, _told: dict[str, Any], _at: datetime) -> None:
        assert self.came_from is not None
        self.unit, self.came_from, self.acted = self.came_from, None, False
        self.returns += 1

    def _merge(self, _who: str, _told: dict[str, Any], at: datetime) -> None:
        self.merged_at = at

    def _begin(self, told: dict[str, Any], level: str, deadline: datetime) -> None:
        self.acceptances += 1
        self.category = told["category"]
        self.level, self.rectifier, self.acknowledged = level, told.get("rectifier"), False
        self.deadline = self.first_deadline = deadline
        self.repaired_by = self.wanted = self.asked_by = None

    def _accept(self, _who: str, told: dict[str, Any], _at: datetime) -> None:
        self._begin(told, told["level"], told["deadline"])

    def _fix_on_the_spot(self, who: str, told: dict[str, Any], at: datetime) -> None:
        self._begin(told, "general", at)
        self.repaired_by = who

    def _acknowledge(self, _who: str, _told: dict[str, Any], _at: datetime) -> None:
        self.acknowledged = True

    def _reassign(self, _who: str, told: dict[str, Any], _at: datetime) -> None:
        self.rectifier, self.acknowledged = told.get("rectifier"), False

    def _request_extension(self, who: str, told: dict[str, Any], _at: datetime) -> None:
        self.wanted, self.asked_by = told["deadline"], who

    def _decide_extension(self, _who: str, told: dict[str, Any], _at: datetime) -> None:
        if told["decision"] == "yes":
            self.deadline = self.wanted
            self.extensions += 1
        self.wanted = self.asked_by = None

    def _record_dual_report(self, _who: str, told: dict[str, Any], _at: datetime) -> None:
        self.dual.add(told["to"])

    def _rectify(self, who: str, _told: dict[str, Any], _at: datetime) -> None:
        self.repaired_by, self.wanted, self.asked_by = who, None, None

    def _close(self, _who: str, _told: dict[str, Any], at: datetime) -> None:
        self.closed_at, self.objection_pending = at, False

    def _send_back(self, _who: str, told: dict[str, Any], _at: datetime) -> None:
        self.deadline = told["deadline"]
        self.times_returned += 1

    def _object(self, _who: str, _told: dict[str, Any], _at: datetime) -> None:
        self.objection_pending = True

    def _dismiss_objection(self, _who: str, _told: dict[str, Any], _at: datetime) -> None:
        self.objection_pending = False

    def _reopen(self, _who: str, told: dict[str, Any], _at: datetime) -> None:
        self.deadline, self.closed_at = told["deadline"], None
        self.acknowledged = self.objection_pending = False


def snapshot(house: House) -> list[Any]:
    """Every row of every table."""
    with house.means.db.read() as session:
        connection = session.connection()
        tables = METADATA.sorted_tables
        return [sorted(map(repr, connection.exec_driver_sql(f'SELECT * FROM "{t.name}"'))) for t in tables]  # noqa: S608


def report_as(house: House, kind: str) -> tuple[str, Model]:
    """A report by a worker, an officer, nobody with a pass, or a guest."""
    if kind == "guest":
        answer = house.send(None, place_code="HBJX-DM")
    elif kind == "anonymous":
        shown = house.api("lixia", "POST", "/passes").json["pass"]
        answer = house.send(None, anonymous=True, headers={"Authorization": f"Pass {shown}"})
    else:
        answer = house.send(kind)
    assert answer.status_code == 201, answer.json
    unit = "HBJX" if kind == "guest" else "HBJX-3"
    return str(answer.json["number"]), Model(unit, kind if kind in PEOPLE else None)


class Life(RuleBasedStateMachine):
    """One hazard, lived by chance."""

    template: Path
    decoder: Decoder
    folder: Path
    made: Counter[str]
    refused: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.template, self.folder)
        self.house = _house_in(self.folder, self.decoder)

    @initialize(kind=st.sampled_from(["lixia", "wangmin", "lixia", "anonymous", "guest"]))
    def is_reported(self, kind: str) -> None:
        self.masters = {
            "HBJX-3": self.house.report("gaoyang"),
            "HBJX-D": self.house.report("zhaoqiang", place_code="HBJX-PD"),
            "HBJX": self.house.report("gaoyang", place_code="HBJX-DM"),
        }
        self.number, self.model = report_as(self.house, kind)

    def told_for(self, action: str, draw: Any) -> dict[str, Any]:
        """Valid fields for the move, chosen where there is a choice."""
        model, at = self.model, self.house.clock()
        major = action == "accept" and draw(st.booleans(), "major")
        told = fields_of(self.house, action, major=major)
        for name in ("deadline", "finished_at"):
            if name in told:
                told[name] = datetime.fromisoformat(told[name])
        if "on" in told:
            told["on"] = at.astimezone(ZONE).date()
        choices = {
            "decide_appeal": ("decision", ["uphold", "overturn"]),
            "decide_extension": ("decision", ["yes", "no"]),
            "record_dual_report": ("to", ["regulator", "congress"]),
            "recategorize": ("category", sorted({"ELEC", "FIRE", "MECH"} - {model.category})),
            "transfer": ("unit", sorted({"HBJX-3", "HBJX-D"} - {model.unit})),
            "merge": ("master", [self.masters[model.unit]]),
        }
        if action in choices:
            name, options = choices[action]
            told[name] = draw(st.sampled_from(options), name)
        if "rectifier" in told:
            told["rectifier"] = draw(
                st.sampled_from(["zhanglei", "luping", "wangmin", "chenjun", None]), "by whom"
            )
            if told["rectifier"] is None:
                del told["rectifier"]
                told["rectifier_name"] = "外来维修工"
        if action == "request_extension" and model.deadline is not None:
            told["deadline"] = max(model.deadline, at) + timedelta(days=1)
        return told

    def is_too_far(self, action: str, told: dict[str, Any]) -> bool:
        longest = 60 if self.model.level == "major" else 30
        limit = self.house.clock() + timedelta(days=longest + 1)
        return action == "request_extension" and told["deadline"] > limit

    def try_move(self, who: str, action: str, told: dict[str, Any], version: int) -> str:
        photos = (PICTURE,) if action in {"rectify", "fix_on_the_spot"} else ()
        try:
            move_hazard(
                self.number,
                Action(action),
                Told(**told),
                version=version,
                photos=photos,
                by=self.house.actor(who),
                at=self.house.clock(),
                store=self.house.means.store,
                db=self.house.means.db,
            )
        except (NotFound, NotOpen):
            return "not open"
        except VersionConflict:
            return "too late"
        except Invalid:
            return "invalid"
        return "made"

    @rule(
        chance=st.data(),
        meanwhile=st.sampled_from(["", "", "time", "", "work", "", "late"]),
        eager=st.sampled_from([True, True, False]),
    )
    def somebody_tries(self, chance: Any, meanwhile: str, *, eager: bool) -> None:
        """Mostly a move that its state knows, by a person who may; sometimes anything by anybody."""
        if meanwhile == "time":
            self.time_passes(chance.draw(st.sampled_from([1, 5, 30, 24 * 7, 24 * 31]), "hours"))
        elif meanwhile == "work":
            self.the_workers_work()
        elif meanwhile == "late":
            self.somebody_is_late(chance.draw(st.sampled_from(sorted(WAYS)), "late action"))
        model = self.model
        at = self.house.clock.forward(minutes=1)
        known = [(a, p) for a in WAYS for p in PEOPLE if model.allows(a, p, at)]
        # What ends a life early is rarer than what carries it on.
        ends = chance.draw(st.sampled_from([True, False, False]), "ends")
        going_on = sorted({a for a, _ in known} - (set() if ends else ENDINGS)) or sorted({a for a, _ in known})
        actions = going_on if eager and known else list(WAYS)
        if not eager and chance.draw(st.booleans(), "of this state"):
            # Then only the person or a guard can be what keeps it closed.
            actions = [a for a, (sources, _) in WAYS.items() if model.state in sources] or actions
        if eager and "return_transfer" in actions and chance.draw(st.booleans(), "returned"):
            actions = ["return_transfer"]
        action = chance.draw(st.sampled_from(actions), "action")
        people = [p for a, p in known if a == action] if eager and known else list(PEOPLE)
        who = chance.draw(st.sampled_from(people), "who")
        told = self.told_for(action, chance.draw)
        expected = "made" if model.allows(action, who, at) else "not open"
        if expected == "made" and self.is_too_far(action, told):
            expected = "invalid"
        before = snapshot(self.house) if expected != "made" else None
        outcome = self.try_move(who, action, told, model.version)
        assert outcome == expected, (action, who, told, model)
        if outcome == "made":
            self.made[action] += 1
            model.make(action, who, told, at)
        else:
            self.refused[action] += 1
            assert snapshot(self.house) == before

    def somebody_is_late(self, action: str) -> None:
        """The move was decided on a version that is no longer the present one."""
        told = {"text": "晚了"}
        before = snapshot(self.house)
        assert self.try_move("tianye", action, told, self.model.version - 1) == "too late"
        assert snapshot(self.house) == before

    def time_passes(self, hours: int) -> None:
        if self.house.clock() + timedelta(hours=hours) < LAST:
            self.house.clock.forward(hours=hours)

    def the_workers_work(self) -> None:
        self.house.work()
        model, paid = self.model, row_of(self.house, self.number).points_paid_at is not None
        if model.state not in UNDER_WAY or model.reporter != "lixia":
            assert not paid
        elif model.acceptances == 1:
            assert paid
        # From the second acceptance on the caps of domain.md §9 speak, which are not this model's.
        model.paid = paid

    @invariant()
    def the_row_is_what_the_model_says(self) -> None:
        if not hasattr(self, "model"):
            return
        row, model = row_of(self.house, self.number), self.model
        with self.house.means.db.read() as session:
            unit = unit_by_id(session, row.unit_id).code
            dual = set(
                session.execute(select(DualReportRow.to).where(DualReportRow.hazard_id == row.id)).scalars()
            )
        seen = (row.state, row.version, unit, row.level, row.transfers, row.times_returned, row.extensions, dual)
        known = (model.state, model.version, model.unit, model.level, model.transfers, model.times_returned)
        assert seen == (*known, model.extensions, model.dual)
        assert (row.deadline, row.first_deadline) == (model.deadline, model.first_deadline)
        assert (row.extension_deadline, row.extension_asked_at is not None) == (
            model.wanted,
            model.wanted is not None,
        )
        assert (row.points_paid_at is not None) == model.paid
        assert model.returns <= 1
        self.stands_to_reason(row)

    def stands_to_reason(self, row: HazardRow) -> None:
        """What holds of every hazard at every moment."""
        times = [row.submitted_at, row.accepted_at, row.finished_at, row.rectified_at, row.closed_at]
        standing = [at for at in times if at is not None]
        assert standing == sorted(standing)
        if self.model.reporter is None:
            assert (row.reporter_id, row.claimed_by_id) == (None, None)
        if row.state == CLOSED:
            assert row.closed_by_id not in {row.reporter_id, row.rectifier_id, row.rectified_by_id}

    @invariant()
    def every_step_has_one_history_row_and_one_event(self) -> None:
        if not hasattr(self, "model"):
            return
        steps = history(self.house, self.number)
        whole = list(range(1, self.model.version + 1))
        assert [step.version for step in steps] == whole
        told = [v for name, v in events(self.house, self.number) if name != "PhotosAdded"]
        assert told == whole
        assert sum(step.action == "return_transfer" for step in steps) <= 1
        last = steps[-1]
        if last.version > 1:
            sources, target = WAYS[last.action]
            overturned = last.action == "decide_appeal" and last.detail["decision"] == "overturn"
            assert last.from_state in sources
            assert last.to_state == (SUBMITTED if overturned else target or last.from_state)

    def ledger(self) -> list[Any]:
        with self.house.means.db.read() as session:
            return list(session.execute(select(LedgerRow.__table__).order_by(LedgerRow.id)))

    def teardown(self) -> None:
        try:
            self.house.work()
            ledger = self.ledger()
            self.house.work()
            assert self.ledger() == ledger
        finally:
            self.house.means.db.engine.dispose()


@pytest.fixture(scope="module")
def template(furnished: Path, decoder: Decoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The furnished house with the newcomers of `hazard_world`."""
    folder = tmp_path_factory.mktemp("template") / "data"
    shutil.copytree(furnished, folder)
    house = populate(_house_in(folder, decoder))
    house.means.db.engine.dispose()
    return folder


def test_a_hazard_lives_as_the_model_says(template: Path, decoder: Decoder, tmp_path: Path) -> None:
    made: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    told = {
        "template": template,
        "decoder": decoder,
        "folder": tmp_path / "life",
        "made": made,
        "refused": refused,
    }
    run_state_machine_as_test(
        type("Lived", (Life,), told),
        settings=settings(
            max_examples=15,
            stateful_step_count=20,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    # The model would also agree with a house in which nothing ever happens.
    assert len(made) >= 15, json.dumps(made)
    assert sum(refused.values()) >= 10
