"""Every move as a page and as a call: situations × moves × people, cell by cell, and what the forms say."""

import html
import re
import shutil
from collections.abc import Iterator
from typing import Any
from zlib import crc32

import pytest
from flask import Response
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.errors import Problem
from app.edge.http_status import status_of
from app.edge.wording_moves import WHYS
from app.hazards.desk import Inbox
from app.hazards.lifecycle import TABLE, Action, Photos, Who
from app.hazards.policy import ClosedMove, View, Why
from app.hazards.queries import hazard_view
from app.hazards.views import HazardView
from app.web import act_words, errors, frames, words
from app.web.again import form_again
from app.web.present_inputs import ORDER
from tests.conftest import House, _house_in
from tests.edges.visitor import Visitor
from tests.integration.hazard_world import (
    SITUATIONS,
    WHOLE_CAST,
    bring,
    history,
    populate,
    populate_wholly,
    row_of,
    step,
)
from tests.integration.test_moves_matrix import MOVES, Gallery, expected

PAGE = {"open": 200, "closed": 403, "absent": 404}
CALL = {"open": 422, "closed": 403, "absent": 404}
ASKS_NOTHING = {"withdraw", "acknowledge", "remind"}
"""Where they are open, an empty form makes them: that is tried elsewhere."""
DOORS = ("page", "call", "form")


def cells_of(door: str, situation: str) -> list[tuple[str, str]]:
    """The moves and people of a situation that are tried through this door.

    What is open to whom is proven cell by cell where it is decided (tests/integration/test_moves_matrix.py). All
    doors ask that one decision, so each is tried with all that is open and with a third of the refusals, mixed.
    """

    def is_tried(action: str, who: str) -> bool:
        turn = DOORS[crc32(f"{situation} {action} {who}".encode()) % len(DOORS)]
        return turn == door or expected(situation, action, who) == "open"

    return [(action, who) for who in WHOLE_CAST for action in MOVES if is_tried(action, who)]


@pytest.mark.parametrize("door", DOORS)
def test_through_each_door_every_move_is_tried_with_every_outcome(door):
    through, wanted = set(), set()
    for situation in SITUATIONS:
        wanted |= {(a, expected(situation, a, who)) for a in MOVES for who in WHOLE_CAST}
        through |= {(a, expected(situation, a, who)) for a, who in cells_of(door, situation)}
    assert through == wanted


@pytest.fixture(scope="module")
def gallery(furnished, decoder, tmp_path_factory) -> Iterator[Gallery]:
    """One hazard in each situation; nothing in this module moves them."""
    house = populate_wholly(
        _house_in(shutil.copytree(furnished, tmp_path_factory.mktemp("pages") / "data"), decoder)
    )
    yield Gallery(house, {situation: bring(house, situation) for situation in SITUATIONS})
    house.means.db.engine.dispose()


@pytest.fixture(scope="module")
def visitors(gallery) -> dict[str, Visitor]:
    return {who: Visitor(gallery.house, login) for who, login in WHOLE_CAST.items()}


@pytest.fixture
def counted_once(monkeypatch) -> None:
    """The menu's count, made on every page, is most of a page's time: where nothing moves it is made once each."""
    made: dict[int, Inbox] = {}
    count = frames.inbox

    def inbox(session: Session, *, by: Actor, **told: Any) -> Inbox:
        if by.account_id not in made:
            made[by.account_id] = count(session, by=by, **told)
        return made[by.account_id]

    monkeypatch.setattr(frames, "inbox", inbox)


@pytest.fixture
def bare_refusals(monkeypatch) -> None:
    """Of refusals by the ten thousand only the status: how they look is seen in those of five people, below."""

    def bare(problem: Problem) -> Response:
        return form_again(problem) or Response(status=status_of(problem))

    monkeypatch.setattr(errors, "problem_page", bare)


@pytest.mark.usefixtures("counted_once", "bare_refusals")
@pytest.mark.parametrize("situation", SITUATIONS)
def test_each_page_opens_exactly_to_whom_the_move_belongs(gallery, visitors, situation):
    number = gallery.numbers[situation]
    cells = cells_of("page", situation)
    told = {(a, who): visitors[who].get(f"/tickets/{number}/{a}").status_code for a, who in cells}
    wanted = {(a, who): PAGE[expected(situation, a, who)] for a, who in cells}
    assert {c: (told[c], wanted[c]) for c in cells if told[c] != wanted[c]} == {}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_each_call_is_taken_exactly_from_whom_the_move_belongs_to(gallery, situation):
    """Told of a photo that never came, no move can be made: 422 means that it is open."""
    number, told, wanted = gallery.numbers[situation], {}, {}
    body = {"version": gallery.version(situation), "photos": [{"sha256": "0" * 64}]}
    for action, who in cells_of("call", situation):
        answer = gallery.house.api(WHOLE_CAST[who], "POST", f"/hazards/{number}/actions/{action}", json=body)
        told[action, who] = answer.status_code
        wanted[action, who] = CALL[expected(situation, action, who)]
    assert {c: (told[c], wanted[c]) for c in told if told[c] != wanted[c]} == {}


@pytest.mark.usefixtures("counted_once", "bare_refusals")
@pytest.mark.parametrize("situation", SITUATIONS)
def test_each_form_is_taken_exactly_from_whom_the_move_belongs_to_and_a_refusal_leaves_no_trace(
    gallery, visitors, situation
):
    """Sent empty but with the right version: 422 means that the move is open."""
    number, told, wanted = gallery.numbers[situation], {}, {}
    version, before = gallery.version(situation), trace(gallery.house, number)
    tokens = {who: visitor.token() for who, visitor in visitors.items()}
    for action, who in cells_of("form", situation):
        cell = expected(situation, action, who)
        if cell == "open" and action in ASKS_NOTHING:
            continue
        sent = {"csrf_token": tokens[who], "version": str(version)}
        told[action, who] = visitors[who].client.post(f"/tickets/{number}/{action}", data=sent).status_code
        wanted[action, who] = CALL[cell]
    assert {c: (told[c], wanted[c]) for c in told if told[c] != wanted[c]} == {}
    assert trace(gallery.house, number) == before


def trace(house: House, number: str) -> tuple[object, ...]:
    """What a move would leave behind."""
    row = row_of(house, number)
    return (row.state, row.version, row.changed_at, [step.version for step in history(house, number)])


def test_only_a_move_that_asks_for_nothing_is_made_by_an_empty_form():
    optional = {Photos.NONE, Photos.OPTIONAL}
    assert {
        str(move.action)
        for move in TABLE.values()
        if not (move.needs or move.one_of) and move.photos in optional and move.action is not Action.SUBMIT
    } == ASKS_NOTHING


@pytest.mark.usefixtures("counted_once")
@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_reader_is_offered_each_open_move_and_told_of_each_closed_one_of_theirs(gallery, visitors, situation):
    number = gallery.numbers[situation]
    for who in WHOLE_CAST:
        page = visitors[who].client.get(f"/tickets/{number}", follow_redirects=True)
        if page.status_code == 404:
            continue
        view = view_of(gallery, number, who)
        for action in MOVES:
            offered = f'href="/tickets/{number}/{action}"' in page.text
            assert offered == (expected(situation, action, who) == "open"), (who, action)
        told = told_of(page.text)
        concerned = [move for move in view.closed_moves if view.view is not View.OWN or is_reporters(move)]
        assert len(told) == len(concerned), who
        for move in concerned:
            sentence = told[str(words.ACTIONS[move.action])]
            assert sentence.startswith(beginning_of(move)), (who, move)
            assert sentence.endswith("。"), (who, move)
        if view.view in {View.COMMAND, View.FULL, View.ASSIGNED}:
            closed_now = {
                str(words.ACTIONS[action])
                for action in MOVES
                if view.state in TABLE[action].sources and expected(situation, action, who) == "closed"
            }
            assert closed_now <= set(told), who


def view_of(gallery: Gallery, number: str, who: str) -> HazardView:
    house = gallery.house
    with house.means.db.read() as session:
        return hazard_view(session, number, by=gallery.actor(who), at=house.clock())


def is_reporters(move: ClosedMove) -> bool:
    """On the page of the own report only what its reporter does is told of."""
    return TABLE[move.action].who is Who.REPORTER


def told_of(page: str) -> dict[str, str]:
    """Each closed move that the page tells of, with its sentence."""
    part = re.search(r'<details class="panel fold else">.*?</details>', page, re.DOTALL)
    lines = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", part[0]) if part else []
    assert len(dict(lines)) == len(lines)
    return {html.unescape(move): html.unescape(why) for move, why in lines}


def beginning_of(move: ClosedMove) -> str:
    """How the sentence begins that tells what keeps this move closed."""
    if move.awaits_state:
        return "要等隐患“"
    return "现在可以办，由" if move.why in {Why.PERMISSION, Why.WHO} else str(WHYS[move.why])


def test_every_move_has_words_and_every_field_its_place():
    moves = {str(action) for action in MOVES}
    for texts in (words.ACTIONS, words.DONE, words.NOTICES):
        assert moves <= set(texts)
    takes_photos = {str(a) for a, m in TABLE.items() if m.photos != "none" and a is not Action.SUBMIT}
    assert takes_photos == set(act_words.CAMERA)
    assert {name for move in TABLE.values() for name in move.fields} - {"rectifier_name"} <= set(ORDER)


def test_a_closed_page_says_why_and_what_would_open_it(gallery, visitors):
    number = gallery.numbers["major_reviewing"]
    refused = visitors["head"].get(f"/tickets/{number}/close")
    assert "双报告还没有记齐" in refused.text
    told = visitors["officer"].get(f"/tickets/{number}").text
    assert "重大隐患由单位负责人或上级办理这一步" in told
    assert "由上级单位或工会办" in visitors["officer"].get(f"/tickets/{gallery.numbers['rejected_appealed']}").text
    early = visitors["officer"].get(f"/tickets/{gallery.numbers['submitted']}").text
    assert "要等隐患“待复查”时" in early


OPENED_BY = [
    ("rectifier", "rectifying", "accept", "隐患现在是“整改中”。要等隐患“待受理”时，由本单位或上级的安全员办。"),
    ("rectifier", "submitted", "rectify", "隐患现在是“待受理”。要等隐患“整改中”时，由整改人"),
    ("officer", "submitted", "close", "隐患现在是“待受理”。要等隐患“待复查”时，由没有上报"),
    ("officer", "rectifying", "rectify", "现在可以办，由整改人张磊办。"),
    ("reporter", "rectifying", "rectify", "现在可以办，由整改人张磊办。"),
    ("colleague", "submitted", "accept", "现在可以办，由本单位或上级的安全员办。"),
    ("colleague", "rectifying", "rectify", "现在可以办，由整改人（没有账号的，由安全员代交）办。"),
    ("head", "major_reviewing", "close", "双报告还没有记齐"),
]


@pytest.mark.parametrize(("who", "situation", "action", "said"), OPENED_BY)
def test_page_and_call_say_whose_a_closed_move_is_and_what_opens_it(
    gallery, visitors, who, situation, action, said
):
    number = gallery.numbers[situation]
    page = visitors[who].get(f"/tickets/{number}/{action}")
    assert page.status_code == 403
    assert said in page.text
    body = {"version": gallery.version(situation)}
    call = gallery.house.api(WHOLE_CAST[who], "POST", f"/hazards/{number}/actions/{action}", json=body)
    assert call.status_code == 403
    assert call.json["title"].startswith(said)


@pytest.mark.parametrize(("who", "situation", "action"), [("officer", "rectifying", "rectify")])
def test_the_ticket_says_the_very_sentence_of_the_refusal(gallery, visitors, who, situation, action):
    number = gallery.numbers[situation]
    refused = re.search(r"<p>(现在可以办[^<]+)</p>", visitors[who].get(f"/tickets/{number}/{action}").text)
    assert refused is not None
    assert refused[1] in visitors[who].get(f"/tickets/{number}").text


@pytest.mark.parametrize("situation", SITUATIONS)
def test_no_closed_page_leaves_its_reader_with_a_bare_no(gallery, visitors, situation):
    number = gallery.numbers[situation]
    for who in ("reporter", "colleague", "rectifier", "officer", "head"):
        for action in MOVES:
            if expected(situation, action, who) == "closed":
                text = visitors[who].get(f"/tickets/{number}/{action}").text
                assert "您的角色不办这一步" not in text, (who, action)
                assert "隐患现在的状态不能办这一步" not in text, (who, action)
                assert "这一步由别人办" not in text, (who, action)


def test_whoever_only_looks_on_is_told_of_no_moves(gallery, visitors):
    number = gallery.numbers["rectifying"]
    assert "其他操作及限制条件" not in visitors["colleague"].get(f"/hazards/{number}").text


def test_a_decision_shows_what_it_answers(gallery, visitors):
    appealed = visitors["officer_above"].get(f"/tickets/{gallery.numbers['rejected_appealed']}/decide_appeal").text
    assert "提出申诉" in appealed
    assert "决定不予受理" in appealed
    asked = visitors["reporter"].get(f"/tickets/{gallery.numbers['need_info']}/answer").text
    assert "要求补充" in asked
    assert "情况说明" in asked


def test_a_state_and_a_move_of_one_chinese_word_are_two_english_words(gallery):
    english = Visitor(gallery.house, "wangmin", language="en")
    assert "Reject" in english.get(f"/tickets/{gallery.numbers['submitted']}").text
    assert "Not accepted" in english.get(f"/tickets/{gallery.numbers['rejected']}").text


def accept_fields(**other: str) -> dict[str, str]:
    return {
        "level": "general", "category": "ELEC", "factor": "thing", "rectifier": "zhanglei", "measures": "更换",
        "deadline_days": "7", **other,
    }  # fmt: skip


def made(answer) -> None:
    assert answer.status_code == 303, answer.text[answer.text.find("<main") :][:1500]


def test_a_hazard_that_leaves_the_own_sight_leads_to_the_inbox_naming_who_has_it(house: House):
    number = house.report()
    officer = Visitor(house, "wangmin")
    sent = officer.fill(f"/tickets/{number}/transfer", photos=(), unit="HBJX-D", text="配电房归设备动力部")
    made(sent)
    assert sent.location == "/inbox"
    inbox = officer.get("/inbox").text
    assert f"{number} 已转到" in inbox
    assert officer.get(f"/tickets/{number}").status_code == 404


def test_the_units_offered_are_exactly_those_the_hazard_may_go_to(house: House):
    populate(house)
    number = house.report()
    page = Visitor(house, "wangmin").get(f"/tickets/{number}/transfer").text
    assert 'value="HBJX-D"' in page
    assert 'value="HBJX-3"' not in page  # where it is
    assert "RMYY" not in page
    step(house, "wangmin", number, "transfer", unit="HBJX-D")
    # Handed on once already: only somebody above both may, and only to what lies below the common parent.
    assert Visitor(house, "qianlin").get(f"/tickets/{number}/transfer").status_code == 403
    assert 'value="HBJX-3"' in Visitor(house, "chenjun").get(f"/tickets/{number}/transfer").text


def test_a_master_is_chosen_among_likely_ones_or_by_its_number(house: House):
    near, far = house.report(), house.report(place_code=None, location_text="南门", category="FIRE")
    foreign = house.report("sunli", place_code="RMYY-7N")
    number = house.report()
    officer = Visitor(house, "wangmin")
    page = officer.get(f"/tickets/{number}/merge").text
    assert page.index(f'value="{near}"') < page.index(f'value="{far}"') if far in page else near in page
    assert foreign not in page
    assert f'value="{number}"' not in page
    made(officer.fill(f"/tickets/{number}/merge", photos=(), master=near))
    assert house.state(number) == "duplicate"
    other = house.report()
    made(officer.fill(f"/tickets/{other}/merge", photos=(), master_typed=near.lower()))
    assert f'href="/tickets/{other}"' in officer.get(f"/tickets/{near}").text


def test_likely_twins_are_shown_before_a_report_becomes_a_ticket(house: House):
    twin, number = house.report(), house.report()
    page = Visitor(house, "wangmin").get(f"/tickets/{number}/accept").text
    assert "可能是同一处" in page
    assert twin in page


def test_a_major_hazards_deadline_is_typed_and_the_ticket_says_what_is_lacking(house: House):
    number = house.report()
    officer = Visitor(house, "wangmin")
    major = {"funds": "两万元", "emergency_plan": "断电撤人", "interim_control": "围挡", "level": "major"}
    refused = officer.fill(f"/tickets/{number}/accept", photos=(), **accept_fields(**major))
    assert refused.status_code == 422
    assert 'id="deadline-fault"' in refused.text
    made(
        officer.fill(f"/tickets/{number}/accept", photos=(), **accept_fields(**major, deadline="2026-12-20T18:00"))
    )
    ticket = officer.get(f"/tickets/{number}").text
    assert ticket.count("还没有</b>") == 2  # the two reports
    assert "断电撤人" in ticket


def test_more_time_is_asked_for_and_decided_by_pages(house: House):
    number = house.report()
    house.accept(number)
    rectifier, officer = Visitor(house, "zhanglei"), Visitor(house, "wangmin")
    made(
        rectifier.fill(
            f"/tickets/{number}/request_extension", photos=(), deadline="2026-11-20T18:00", text="等配件"
        )
    )
    page = officer.get(f"/tickets/{number}/decide_extension").text
    assert "等配件" in page
    made(officer.fill(f"/tickets/{number}/decide_extension", photos=(), decision="yes"))
    assert house.read("wangmin", number)["deadline"].startswith("2026-11-20")


def test_the_before_photo_stands_once_beside_the_camera_of_the_repair(house: House):
    number = house.report()
    house.accept(number)
    house.work()
    page = Visitor(house, "zhanglei").get(f"/tickets/{number}/rectify").text
    taker = page[page.index('id="photo"') :]
    assert page.count(f'<img src="/hazards/{number}/photos/1/display"') == 1
    assert f'<img src="/hazards/{number}/photos/1/display"' in taker
