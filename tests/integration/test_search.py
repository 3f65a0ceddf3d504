"""The search: by number, words, place and person; nothing beyond what its reader sees."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, text, update

from app.hazards.words_dialects import as_fts5, as_tsquery
from app.hazards.words_index import phrase_of, terms_of, words_of
from app.units.models import PlaceRow
from tests.conftest import House
from tests.integration.hazard_world import add_person, bring, populate, step


@pytest.fixture
def world(house: House) -> House:
    return populate(house)


def found(house: House, login: str, words: str, **asked: str) -> set[str]:
    answer = house.api(login, "GET", "/hazards", query_string={"q": words, **asked})
    assert answer.status_code == 200, answer.json
    return {line["number"] for line in answer.json["items"]}


@pytest.mark.parametrize(
    "words",
    [
        "配电",
        "电箱",
        "配电箱门锁",
        "裸露",
        "箱",
        "露",
        "线头 配电",
        "配电箱门锁坏，线头裸露",
        "门锁坏 线头",
        "ＨＺ",
    ],
)
def test_words_are_found_however_short(world, words):
    number = bring(world, "submitted")
    assert number in found(world, "wangmin", words)


@pytest.mark.parametrize(
    "words",
    [
        "电配",
        "坏线",
        "配电柜",
        "配电 灭火器",
        "%",
        "_",
        "，",
        '"',
        "' OR 1",
        "NOT 配电",
        "*",
        "a*",
        "配\x00柜",
        "§1",
        "{told}",
        "told:配电",
    ],
)
def test_what_is_not_said_is_not_found_and_signs_mean_nothing(world, words):
    bring(world, "submitted")
    assert found(world, "wangmin", words) == set()


def test_a_number_is_found_whole_in_part_and_without_its_noughts(world):
    number = bring(world, "submitted")
    running = number.rpartition("-")[2]
    for words in (number, number.lower(), f"2026-{running}", running, str(int(running))):
        assert found(world, "wangmin", words) == {number}, words
    assert number in found(world, "wangmin", "HZ-2026")


def test_closed_hazards_are_found_too_and_filters_narrow_the_search(world):
    open_one, closed = bring(world, "submitted"), bring(world, "closed")
    assert found(world, "wangmin", "配电") == {open_one, closed}
    assert found(world, "wangmin", "配电", state="closed") == {closed}
    assert found(world, "wangmin", "配电", unit="HBJX-3") == {open_one, closed}
    assert found(world, "wangmin", "配电", unit="RMYY") == set()


def test_the_words_of_a_place_without_code_are_found_by_whoever_may_see_the_hazard(world):
    number = world.report("lixia", place_code=None, location_text="东门外三号变压器旁")
    assert found(world, "wangmin", "变压") == {number}
    assert found(world, "gaoyang", "变压") <= {number}
    assert found(world, "sunli", "变压") == set()


def test_a_place_is_found_by_the_name_it_has_now(world):
    number = bring(world, "submitted")
    with world.means.db.write() as session:
        session.execute(update(PlaceRow).where(PlaceRow.code == "HBJX-A3").values(name="新冲压区"))
    assert found(world, "wangmin", "新冲压") == {number}
    assert found(world, "wangmin", "HBJX-A3") >= {number}


def test_the_rectifier_is_found_by_name_and_after_a_change_the_new_one(world):
    number = bring(world, "rectifying")
    before, after = world.actor("zhanglei").name, world.actor("luping").name
    assert (found(world, "wangmin", before), found(world, "wangmin", after)) == ({number}, set())
    step(world, "wangmin", number, "reassign", rectifier="luping")
    assert (found(world, "wangmin", before), found(world, "wangmin", after)) == (set(), {number})
    step(world, "wangmin", number, "reassign", rectifier=None, rectifier_name="电工班老周")
    assert found(world, "wangmin", "电工班") == {number}
    assert found(world, "gaoyang", "电工班") == set()


def test_the_reporters_name_finds_for_who_may_read_it_and_never_an_anonymous_report(world):
    number = bring(world, "rectifying")
    name = world.actor("lixia").name
    knows = {
        login: found(world, login, name) for login in ("wangmin", "chenjun", "liujianguo", "tianye", "gaoyang")
    }
    assert knows == {
        "wangmin": {number},
        "chenjun": {number},
        "liujianguo": {number},
        "tianye": set(),
        "gaoyang": set(),
    }
    with world.means.db.write() as session:
        session.execute(
            text("UPDATE hazard SET anonymous = true, reporter_id = NULL, claimed_by_id = :me WHERE number = :n"),
            {"me": world.actor("lixia").account_id, "n": number},
        )
    assert found(world, "wangmin", name) == set()
    assert found(world, "lixia", "配电") == {number}


def test_a_handed_on_hazard_is_found_where_it_lies_now(world):
    number = bring(world, "submitted")
    assert (found(world, "wangmin", "配电"), found(world, "qianlin", "配电")) == ({number}, set())
    step(world, "wangmin", number, "transfer", unit="HBJX-D")
    assert (found(world, "wangmin", "配电"), found(world, "qianlin", "配电")) == (set(), {number})
    assert found(world, "lixia", "配电") == {number}


def test_nobody_finds_what_lies_outside_the_own_units(world):
    number = bring(world, "rectifying")
    for login in ("maling", "dongfang", "sunli", "qianlin", "hbjx-admin"):
        for words in (number, "配电", "张磊", world.actor("lixia").name, "冲压"):
            assert number not in found(world, login, words), (login, words)


def test_a_withdrawn_hazard_is_found_by_officers_and_its_reporter_alone(world):
    number = bring(world, "withdrawn")
    seen = {login: number in found(world, login, number) for login in ("wangmin", "lixia", "gaoyang")}
    assert seen == {"wangmin": True, "lixia": True, "gaoyang": False}


def test_a_cursor_is_sealed_and_one_made_by_hand_is_refused(world):
    for _one in range(3):
        bring(world, "submitted")
    page = world.api("wangmin", "GET", "/hazards?limit=1").json
    assert not page["next"].isdecimal()
    assert world.api("wangmin", "GET", f"/hazards?limit=1&cursor={page['next']}").status_code == 200
    # Another first letter of the seal: its last one carries bits that nobody reads.
    said, seal = page["next"].rsplit(".", 1)
    other = f"{said}.{'B' if seal[0] == 'A' else 'A'}{seal[1:]}"
    for forged in ("7", page["items"][0]["number"], other, page["next"] + ".x", "A" * 9000):
        assert world.api("wangmin", "GET", f"/hazards?cursor={forged}").status_code == 422


def test_a_search_is_paged_without_loss_and_without_offset(world):
    made = {bring(world, "submitted") for _one in range(5)}
    seen: list[str] = []
    asked: list[tuple[str, tuple[object, ...]]] = []
    event.listen(world.means.db.engine, "before_cursor_execute", lambda *call: asked.append((call[2], call[3])))
    cursor = ""
    while cursor is not None:
        page = world.api("wangmin", "GET", f"/hazards?q=配电&limit=2{cursor}").json
        seen += [line["number"] for line in page["items"]]
        cursor = f"&cursor={page['next']}" if page["next"] else None
    assert seen == sorted(made, reverse=True)
    assert asked
    # SQLite's dialect writes the word always; what stands there must be nought.
    skipped = [values[-1] for sql, values in asked if sql.rstrip().endswith("OFFSET ?")]
    assert set(skipped) <= {0}
    assert len([sql for sql, _values in asked if "OFFSET" in sql]) == len(skipped)


@pytest.mark.sqlite_only  # reads SQLite's plans
@pytest.mark.parametrize("query", ["?q=配电", "?q=张磊", "", "?state=closed", "?mine=true"])
def test_no_list_or_search_reads_the_whole_table(world, query):
    bring(world, "rectifying")
    asked: list[tuple[str, object]] = []
    listener = lambda *call: asked.append((call[2], call[3]))  # noqa: E731
    event.listen(world.means.db.engine, "before_cursor_execute", listener)
    assert world.api("wangmin", "GET", f"/hazards{query}").status_code == 200
    event.remove(world.means.db.engine, "before_cursor_execute", listener)
    with world.means.db.read() as session:
        plans = [
            (sql, [row[3] for row in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)])
            for sql, values in asked
            if sql.startswith("SELECT") and ("FROM hazard" in sql or "hazard_search" in sql)
        ]
    assert any("hazard_search" in sql for sql, _plan in plans) is (query != "?mine=true")
    for sql, plan in plans:
        assert not [line for line in plan if line.startswith("SCAN hazard") and "VIRTUAL TABLE" not in line], sql


def tells(session, said, piece):
    """Whether the database's own index of what is said finds the piece."""
    phrase = phrase_of(piece, ("told",))
    if session.connection().dialect.name == "postgresql":
        match = "SELECT words_behind('t', :said) @@ CAST(:sought AS tsquery)"
        return session.execute(text(match), {"said": words_of(said), "sought": as_tsquery(phrase)}).scalar_one()
    session.execute(text("CREATE VIRTUAL TABLE temp.seek USING fts5(told, tokenize='ascii', prefix='1')"))
    session.execute(text("INSERT INTO temp.seek VALUES (:said)"), {"said": words_of(said)})
    match = text("SELECT count(*) FROM temp.seek WHERE seek MATCH :sought")
    found_in = session.execute(match, {"sought": as_fts5(phrase)}).scalar_one()
    session.execute(text("DROP TABLE temp.seek"))
    return bool(found_in)


WORDS = st.text(alphabet="配电箱门锁线头裸露AaBb39 ，。-", max_size=24)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(said=WORDS, begins=st.integers(0, 20), length=st.integers(1, 6))
def test_every_piece_of_a_chinese_text_finds_it_and_no_piece_of_another_does(house, said, begins, length):
    piece = said[begins : begins + length]
    with house.means.db.read() as session:
        if piece and all("\u4e00" <= c <= "\u9fff" for c in piece):
            assert tells(session, said, piece)
        assert not tells(session, said, "危险")


def test_terms_are_bounded():
    assert len(terms_of("配电 " * 5000)) == 8
    assert sum(map(len, terms_of("配" * 5000))) == 100


def test_everybody_of_a_common_name_is_looked_for_inside_only(world):
    add_person(world, "stranger", "rectifier", "RMYY")
    number = bring(world, "rectifying")
    assert found(world, "wangmin", "某stranger") == set()
    assert number not in found(world, "wangmin", "某")
