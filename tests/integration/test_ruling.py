"""Routing rules as administrators keep them: order, records, foreign units, what the hazards then say."""

import re

import pytest
from sqlalchemy import select, update

from app.accounts.models import AccountRow, GrantRow
from app.accounts.permissions import Role
from app.core.changes import ChangeRow
from app.core.errors import Invalid, NotFound
from app.edge.wording import CATEGORY_NAMES
from app.hazards.models import HazardRow, RoutingRow
from app.units.choosing import hide_categories
from app.units.models import AreaRow, PlaceRow
from app.units.queries import unit_by_code
from app.units.rule_rows import RoutingRuleRow
from app.units.ruling import RuleWords, change_rule, make_rule, move_rule, remove_rule, switch_rule
from tests.conftest import House
from tests.edges.visitor import Visitor, faults_of
from tests.integration.hazard_world import add_person, attempt, events, row_of, step


def means(house: House, login: str = "hbjx-admin") -> dict:
    return {"by": house.actor(login), "at": house.clock(), "db": house.means.db}


def make(house: House, unit: str = "HBJX-3", login: str = "hbjx-admin", **said) -> str:
    words = RuleWords(**{"officer": "chenjun", **said})
    return make_rule(unit, words, known=CATEGORY_NAMES, **means(house, login))


def rules_of(house: House, unit: str = "HBJX-3") -> list[RoutingRuleRow]:
    with house.means.db.read() as session:
        query = select(RoutingRuleRow).order_by(RoutingRuleRow.unit_id, RoutingRuleRow.position)
        unit_id = _unit_id(session, unit)
        return [row for row in session.execute(query).scalars() if row.unit_id == unit_id]


def _unit_id(session, code: str) -> int:
    unit = unit_by_code(session, code)
    assert unit is not None
    return unit.id


def order(house: House) -> list[tuple[int, str]]:
    return [(row.position, row.key) for row in rules_of(house)]


def changes(house: House) -> list[ChangeRow]:
    with house.means.db.read() as session:
        query = select(ChangeRow).where(ChangeRow.kind == "rule").order_by(ChangeRow.id)
        return list(session.execute(query).scalars())


def reasons(house: House, number: str) -> list[dict]:
    with house.means.db.read() as session:
        row = session.execute(
            select(RoutingRow)
            .join(HazardRow, HazardRow.id == RoutingRow.hazard_id)
            .where(HazardRow.number == number)
            .order_by(RoutingRow.id.desc())
            .limit(1)
        ).scalar_one()
        return list(row.because)


def officer_of(house: House, number: str) -> str:
    return str(house.read("chenjun", number)["routing"]["officer"])


# ── order ────────────────────────────────────────────────────────────────────────────────────────


def test_positions_stay_compact_through_moves_and_removals(house):
    first = order(house)[0][1]
    second, third = make(house, category="FIRE"), make(house)
    move_rule(third, up=True, **means(house))
    assert order(house) == [(1, first), (2, third), (3, second)]
    move_rule(first, up=True, **means(house))
    move_rule(second, up=False, **means(house))
    assert order(house) == [(1, first), (2, third), (3, second)]
    remove_rule(third, **means(house))
    assert order(house) == [(1, first), (2, second)]
    move_rule(first, up=False, **means(house))
    assert order(house) == [(1, second), (2, first)]


def test_every_change_is_on_record_with_before_and_after(house):
    key = make(house, category="FIRE")
    change_rule(key, RuleWords("wangmin", "FIRE", place="HBJX-A3"), known=CATEGORY_NAMES, **means(house))
    switch_rule(key, on=False, **means(house))
    move_rule(key, up=True, **means(house))
    remove_rule(key, **means(house))
    told = [(row.before, row.after) for row in changes(house)]
    assert [set(before) | set(after) for before, after in told[1:4]] == [
        {"officer", "place"},
        {"on"},
        {"position"},
    ]
    assert told[0][0] == {}
    assert told[0][1]["officer"] == "陈军"
    assert told[1][1] == {"officer": "王敏", "place": "冲压线 A3"}
    assert told[4][1] == {}
    assert told[4][0]["category"] == "FIRE"
    assert {row.subject for row in changes(house)} == {key}


def test_nothing_changed_is_not_on_record(house):
    key = make(house)
    known = len(changes(house))
    switch_rule(key, on=True, **means(house))
    change_rule(key, RuleWords("chenjun"), known=CATEGORY_NAMES, **means(house))
    assert len(changes(house)) == known


# ── what may be said ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("said", "field", "code"),
    [
        ({"officer": "maling"}, "officer", "unknown_officer"),
        ({"officer": "lixia"}, "officer", "unknown_officer"),
        ({"officer": ""}, "officer", "unknown_officer"),
        ({"category": "NONE"}, "category", "not_a_choice"),
        ({"category": "FOOD"}, "category", "category_hidden"),
        ({"place": "HBJX-PD"}, "spot", "unknown_spot"),  # another workshop's
        ({"place": "RMYY-7N"}, "spot", "unknown_spot"),
        ({"area": "?"}, "spot", "unknown_spot"),
    ],
)
def test_a_rule_names_only_what_is_there_in_its_unit(house, said, field, code):
    hide_categories("HBJX", ["FOOD"], known=CATEGORY_NAMES, **means(house))
    with pytest.raises(Invalid) as refused:
        make(house, **said)
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [(field, code)]


@pytest.mark.parametrize("login", ["rmyy-admin"])
def test_a_foreign_units_rules_are_absent(house, login):
    key, stranger = order(house)[0][1], means(house, login)
    for tried in (
        lambda: make(house, login=login),
        lambda: change_rule(key, RuleWords("chenjun"), known=CATEGORY_NAMES, **stranger),
        lambda: switch_rule(key, on=False, **stranger),
        lambda: move_rule(key, up=True, **stranger),
        lambda: remove_rule(key, **stranger),
    ):
        with pytest.raises(NotFound):
            tried()
    visitor = Visitor(house, login)
    absent = visitor.get("/rules/00000000-0000-0000-0000-000000000000/edit")
    for path in (f"/rules/{key}/edit", f"/rules/{key}/remove", "/rules/new?unit=HBJX-3"):
        answer = visitor.get(path)
        assert (answer.status_code, "王敏" in answer.text) == (absent.status_code, False) == (404, False)
    for path in (f"/rules/{key}/move", f"/rules/{key}/switch", f"/rules/{key}/remove", f"/rules/{key}/edit"):
        assert visitor.post(path, direction="up", on="0", officer="chenjun").status_code == 404
    assert "三号车间" not in visitor.get("/rules").text
    assert visitor.get("/rules/try?unit=HBJX-3&category=").status_code == 404
    assert visitor.get("/rules/try?place=HBJX-A3&category=").status_code == 404


@pytest.mark.parametrize("login", ["lixia", "wangmin", "liujianguo", "tianye"])
def test_only_administrators_enter(house, login):
    visitor = Visitor(house, login)
    for path in ("/rules", "/rules/try", "/rules/new"):
        assert visitor.get(path).status_code == 403
    assert "/rules" not in visitor.get("/mine").text


# ── what then happens ────────────────────────────────────────────────────────────────────────────


def test_a_report_goes_to_whom_the_first_fitting_rule_names_and_says_so(house):
    key = make(house, category="ELEC", place="HBJX-A3")
    move_rule(key, up=True, **means(house))
    number = house.report("lixia")
    assert officer_of(house, number) == "陈军"
    assert reasons(house, number)[-1] == {
        "code": "rule_won",
        "rule": "1",
        "unit": "三号车间",
        "officer": "陈军",
        "category": "ELEC",
        "spot": "冲压线 A3",
    }
    assert officer_of(house, house.report("lixia", place_code="HBJX-B1")) == "王敏"
    page = Visitor(house, "chenjun").get(f"/tickets/{number}").text
    assert "三号车间第 1 条规则（用电 · 冲压线 A3）：派给陈军" in page


def test_a_rule_for_an_area_sees_the_position_of_the_report(house):
    with house.means.db.read() as session:
        area = session.execute(select(AreaRow).where(AreaRow.name == "三号车间区域")).scalar_one().key
    move_rule(make(house, area=area), up=True, **means(house))
    number = house.report("lixia", place_code=None, location_text="东侧", pin={"lat": 38.0431, "lon": 114.5032})
    assert reasons(house, number)[-1]["spot"] == "三号车间区域"


@pytest.mark.parametrize(
    ("break_it", "flaw"),
    [
        (
            lambda s: update(AccountRow).where(AccountRow.login == "chenjun").values(disabled_at=s),
            "officer_disabled",
        ),
        (lambda s: update(PlaceRow).where(PlaceRow.code == "HBJX-B1").values(retired_at=s), "place_gone"),
    ],
)
def test_a_rule_that_cannot_work_any_more_is_shown_everywhere_and_never_silently_skipped(house, break_it, flaw):
    key = make(house, place="HBJX-B1") if flaw == "place_gone" else make(house)
    move_rule(key, up=True, **means(house))
    with house.means.db.write() as session:
        session.execute(break_it(house.clock()))
    number = house.report("lixia")
    told = reasons(house, number)
    assert [(r["code"], r.get("flaw")) for r in told][1:] == [("rule_broken", flaw), ("rule_won", None)]
    assert house.read("wangmin", number)["routing"]["officer"] == "王敏"
    visitor = Visitor(house, "hbjx-admin")
    assert "不起作用：" in visitor.get("/rules").text
    assert "第 1 条规则不起作用" in visitor.get("/rules/try?place=HBJX-A3&category=ELEC").text
    assert "第 1 条规则不起作用" in Visitor(house, "wangmin").get(f"/tickets/{number}").text


def test_a_rule_whose_officer_lost_the_role_is_broken(house):
    add_person(house, "qianlin", Role.OFFICER, "HBJX-3")
    key = make(house, officer="qianlin")
    move_rule(key, up=True, **means(house))
    with house.means.db.write() as session:
        session.execute(
            update(GrantRow)
            .where(GrantRow.account_id == house.actor("qianlin").account_id)
            .values(ended_at=house.clock())
        )
    assert reasons(house, house.report("lixia"))[1]["flaw"] == "officer_not_here"


def test_a_hidden_categorys_rule_is_broken(house):
    hide_categories("HBJX", ["ELEC"], known=CATEGORY_NAMES, **means(house))
    assert "已隐藏这个类别" in Visitor(house, "hbjx-admin").get("/rules").text
    assert reasons(house, house.report("lixia"))[1]["flaw"] == "category_hidden"


def test_a_rule_that_is_off_is_not_asked(house):
    switch_rule(order(house)[0][1], on=False, **means(house))
    assert [r["code"] for r in reasons(house, house.report("lixia"))] == ["place_scanned", "officer_on_duty_here"]


# ── 改类别 ───────────────────────────────────────────────────────────────────────────────────────


def test_another_category_goes_to_another_officer_keeping_the_units_reasons(house):
    make(house, category="FIRE")
    number = house.report("lixia")
    assert officer_of(house, number) == "王敏"
    step(house, "wangmin", number, "recategorize", category="FIRE", text="是消防问题")
    row = row_of(house, number)
    assert (row.category, row.officer_id, row.state) == ("FIRE", house.actor("chenjun").account_id, "submitted")
    codes = [r["code"] for r in reasons(house, number)]
    assert codes == ["place_scanned", "recategorized", "rule_won"]
    assert row.first_act_at is None
    assert events(house, number)[-1][0] == "HazardRecategorized"
    ticket = Visitor(house, "chenjun").get(f"/tickets/{number}").text
    assert "用电 → 消防" in ticket
    assert "王敏把类别改为消防，按规则重新派单" in ticket


def test_the_same_category_is_no_change(house):
    number = house.report("lixia")
    answer = attempt(house, "wangmin", number, "recategorize", category="ELEC")
    assert (answer.status_code, "category" in answer.json["errors"]) == (422, True)


# ── pages ────────────────────────────────────────────────────────────────────────────────────────


def test_rules_are_added_changed_and_removed_by_plain_forms(house):
    visitor = Visitor(house, "hbjx-admin")
    refused = visitor.post("/rules/new?unit=HBJX-3", officer="maling", category="FIRE", spot="place:RMYY-7N")
    assert (refused.status_code, faults_of(refused)) == (422, ["spot", "officer"])
    assert '<option value="FIRE" selected>' in refused.text
    made = visitor.post("/rules/new?unit=HBJX-3", officer="chenjun", category="FIRE", spot="place:HBJX-A3")
    assert made.status_code == 303
    key = order(house)[-1][1]
    page = visitor.get("/rules").text
    assert "消防 · 冲压线 A3" in page
    assert visitor.post(f"/rules/{key}/move", direction="sideways").status_code == 400
    assert visitor.post(f"/rules/{key}/switch", on="maybe").status_code == 400
    form = visitor.get(f"/rules/{key}/edit").text
    assert '<option value="place:HBJX-A3" selected>' in form
    assert '<option value="chenjun" selected>' in form
    visitor.post(f"/rules/{key}/move", direction="up")
    assert order(house)[0][1] == key
    visitor.post(f"/rules/{key}/remove")
    assert key not in dict(map(reversed, order(house)))
    assert visitor.get(f"/rules/{key}/edit").status_code == 404


def steps_of(page: str) -> list[tuple[str, str]]:
    return re.findall(r'<li class="(\w+)">.*?<span>(.*?)</span></li>', page)


def test_the_tester_says_every_step_and_writes_nothing(house):
    switch_rule(make(house, category="FIRE"), on=False, **means(house))
    visitor = Visitor(house, "hbjx-admin")
    with house.means.db.read() as session:
        before = session.execute(select(RoutingRow.id)).all(), session.execute(select(ChangeRow.id)).all()
    page = visitor.get("/rules/try?place=HBJX-A3&category=FIRE&unit=HBJX-3-A").text
    assert "派给王敏" in page
    assert [kind for kind, _ in steps_of(page)] == ["plain", "passed", "passed", "won"]
    assert "类别不同" in page
    assert "已暂停" in page
    page = visitor.get("/rules/try?lat=38.0431&lon=114.5032&category=&unit=HBJX-3-A").text
    assert "位置在“三号车间区域”内" in page
    page = visitor.get("/rules/try?place=HBJX-PD&category=FIRE").text
    assert "派给陈军" in page
    assert "动力车间没有安全员" in page
    for query, field in (("unit=HBJX-3&lat=x&lon=1", "lat"), ("unit=HBJX-3&lat=91&lon=1", "lat"), ("", "unit")):
        assert faults_of(visitor.get(f"/rules/try?category=&{query}")) == [field]
    assert faults_of(visitor.get("/rules/try?category=NONE&unit=HBJX-3")) == ["category"]
    with house.means.db.read() as session:
        after = session.execute(select(RoutingRow.id)).all(), session.execute(select(ChangeRow.id)).all()
    assert before == after


def test_the_pages_are_told_in_english_too(house):
    visitor = Visitor(house, "hbjx-admin", language="en")
    page = visitor.get("/rules").text + visitor.get("/rules/try?place=HBJX-A3&category=FIRE").text
    body = re.sub(r"<option[^>]*>.*?</option>|<optgroup[^>]*>", "", page)
    assert "Routing rules" in body
    assert "规则" not in body
