"""The list beside a ticket, what a re-inspection compares, and the menu at the side of a wide screen."""

import re

from app.accounts.permissions import Role
from tests.conftest import House
from tests.edges.visitor import Visitor
from tests.integration.hazard_world import add_person
from tests.photos import photo

CONTESTED = "异议待核实"


def card_of(page: str, number: str) -> str:
    """The card that leads to this hazard."""
    found = re.search(rf'<a class="card" href="/(?:tickets|hazards)/{number}.*?</a>', page, re.DOTALL)
    assert found is not None, number
    return found[0]


def objected(house: House) -> str:
    """A closure that its reporter says is no repair."""
    number = house.report()
    house.accept(number)
    house.rectify(number)
    house.close(number)
    assert house.act("lixia", number, "object", text="还松着").status_code == 200
    return number


def test_a_contested_closure_says_so_in_every_list_of_its_officer(house):
    number = objected(house)
    officer = Visitor(house, "wangmin")
    for path in ("/inbox", "/inbox?only=contested", f"/inbox?q={number}"):
        assert CONTESTED in card_of(officer.get(path).text, number), path
    assert CONTESTED in officer.get(f"/tickets/{number}").text
    house.act("wangmin", number, "reopen", text="现场看过，确实松", deadline="2026-11-09T10:00:00Z")
    assert CONTESTED not in card_of(officer.get("/inbox").text, number)


def test_a_refusal_that_is_appealed_says_so_to_who_decides_it(house):
    number = house.report()
    house.act("wangmin", number, "reject", reason="not_a_hazard", text="正常检修")
    assert "申诉待裁定" not in card_of(Visitor(house, "wangmin").get(f"/inbox?q={number}").text, number)
    assert house.act("lixia", number, "appeal", text="真的松了").status_code == 200
    assert "申诉待裁定" in card_of(Visitor(house, "chenjun").get("/inbox?only=contested").text, number)
    assert "等上级单位或工会裁定您的申诉" in card_of(Visitor(house, "lixia").get("/mine").text, number)


def test_that_a_closure_is_contested_is_told_to_its_reporter_and_to_no_colleague(house):
    number = objected(house)
    add_person(house, "qianyi", Role.WORKER, "HBJX-3")
    colleague = card_of(Visitor(house, "qianyi").get("/hazards").text, number)
    assert "已闭环" in colleague
    assert CONTESTED not in colleague
    own = card_of(Visitor(house, "lixia").get("/mine").text, number)
    assert CONTESTED in own
    assert "等安全员或上级核实您的异议" in own
    assert "已整改，谢谢您" not in own


def test_a_ticket_opened_from_a_narrowed_list_keeps_the_list_as_it_was(house):
    elec, fire = house.report(), house.report(category="FIRE", description="灭火器压力不足")
    officer = Visitor(house, "wangmin")
    card = card_of(officer.get("/inbox?only=submitted&category=FIRE").text, fire)
    assert f'href="/tickets/{fire}?only=submitted&amp;category=FIRE"' in card
    page = officer.get(f"/tickets/{fire}?only=submitted&category=FIRE").text
    assert 'aria-current="true"' in card_of(page, fire)
    assert f'href="/tickets/{elec}' not in page
    assert "筛选：消防" in page
    assert 'class="back" href="/inbox?only=submitted&amp;category=FIRE"' in page
    sought = officer.get(f"/tickets/{elec}?q={elec}").text
    assert 'aria-current="true"' in card_of(sought, elec)
    assert f'href="/tickets/{fire}' not in sought


def test_beside_a_ticket_the_list_can_be_narrowed_and_ticked(house):
    number = house.report()
    page = Visitor(house, "wangmin").get(f"/tickets/{number}").text
    for piece in ("data-narrow", "data-several", 'form="batch"', 'action="/desk/accept"'):
        assert piece in page, piece


def test_who_reinspects_compares_photos_promise_and_repair_before_anything_is_asked(house):
    number = house.report(photos=(photo(seed=1), photo(seed=2)))
    house.accept(number, measures="补焊横杆")
    house.rectify(number, done="先焊了一根")
    house.act("wangmin", number, "send_back", text="还缺一根", deadline="2026-11-05T10:00:00Z")
    house.rectify(number, done="两根都焊好了")
    house.work()
    officer = Visitor(house, "wangmin")
    form = officer.get(f"/tickets/{number}/close").text
    at = [
        form.index(piece)
        for piece in ("photos/1/display", "补焊横杆", "两根都焊好了", "还缺一根", 'id="conclusion"')
    ]
    assert at == sorted(at)
    shown = set(re.findall(r"photos/(\d+)/", form))
    assert len(shown) == len(house.read("wangmin", number)["photos"])
    ticket = officer.get(f"/tickets/{number}").text
    at = [ticket.index(f"<dt>{word}</dt>") for word in ("期限", "整改措施", "整改情况", "单位", "类别")]
    assert at == sorted(at)
    assert ticket.count("<dt>整改措施</dt>") == 1


def test_whoever_acknowledges_reads_what_is_to_be_done_and_until_when(house):
    number = house.report()
    house.accept(number, measures="更换门锁")
    form = Visitor(house, "zhanglei").get(f"/tickets/{number}/acknowledge").text
    assert "更换门锁" in form
    assert "11-09 09:00" in form


def test_an_officer_reminds_with_the_button_beside_the_way_on(house):
    number = house.report()
    house.accept(number)
    page = Visitor(house, "wangmin").get(f"/tickets/{number}").text
    assert f'class="btn ghost" href="/tickets/{number}/remind"' in page


def test_the_menu_stands_at_the_side_for_who_works_at_a_desk_and_on_no_paper(house):
    house.report()
    side = 'class="side"'
    officer = Visitor(house, "wangmin")
    for path in ("/inbox", "/papers", "/papers/register", "/numbers", "/map", "/messages", "/mine"):
        assert side in officer.get(path).text, path
    admin = Visitor(house, "hbjx-admin")
    assert side in admin.get("/setup").text
    assert side not in admin.get("/places/sheet").text
    assert side not in Visitor(house, "lixia").get("/mine").text
    assert side not in Visitor(house).get("/login").text
