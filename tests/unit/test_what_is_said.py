"""What messages say: in both languages, whole, short, and to a group never who or exactly where."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from flask_babel import force_locale
from hypothesis import given
from hypothesis import strategies as st

from app.edge.wording import CATEGORY_NAMES
from app.hazards.words import Category
from app.notifications.facts import PrivateFacts, PublicFacts
from app.notifications.kinds import Kind
from app.notifications.language import CATEGORIES, LANGUAGES, translation_into
from app.notifications.what_is_said import TO_A_GROUP, said_to_group, said_to_person, title_of

CHINESE = re.compile(r"[一-鿿]")
FACTS = PublicFacts(
    number="HZ-2026-000381",
    category="ELEC",
    place="A3",
    unit="Workshop 3",
    state="rectifying",
    major=True,
    deadline=datetime(2026, 11, 9, 18, 0, tzinfo=ZoneInfo("Asia/Shanghai")),
    master="HZ-2026-000001",
    waiting={"overdue": 2, "due_today": 1},
)


@pytest.mark.parametrize("kind", list(Kind))
def test_every_message_has_whole_words_in_both_languages(kind):
    for language in LANGUAGES:
        said = said_to_person(kind, FACTS, PrivateFacts(said="go", where="gate"), language=language)
        assert said.title
        assert said.title == title_of(kind, language=language)
        assert "%(" not in said.text
        assert len(said.text) < 400
        assert bool(CHINESE.search(said.text)) is (language == "zh"), said.text


@pytest.mark.parametrize("kind", list(TO_A_GROUP))
def test_every_message_to_a_group_is_translated(kind):
    assert not CHINESE.search(said_to_group(kind, FACTS, language="en").text)
    assert FACTS.number in said_to_group(kind, FACTS, language="zh").text


def test_a_message_says_what_where_until_when_and_in_whose_words():
    said = said_to_person(Kind.SENT_BACK, FACTS, PrivateFacts(said="门还是\n关不上"), language="zh")
    assert said.title == "复查不合格，退回整改"
    assert said.lines == (
        "HZ-2026-000381 重大隐患 · 用电 · A3 · Workshop 3",
        "期限：11月9日 18:00",
        "“门还是 关不上”",
        "请按意见重新整改后再提交。",
    )
    english = said_to_person(Kind.SENT_BACK, FACTS, PrivateFacts(), language="en")
    assert english.lines[1] == "Due: 9 Nov 18:00"


def test_a_digest_counts_what_waits_most_urgent_first():
    said = said_to_person(Kind.DIGEST, FACTS, PrivateFacts(), language="zh")
    assert said.lines[:2] == ("逾期 2 条", "今日到期 1 条")


words = st.text(alphabet=st.characters(categories=["L", "N", "P", "Zs"]), min_size=3, max_size=60)


@given(
    kind=st.sampled_from(list(TO_A_GROUP)),
    name=words,
    description=words,
    said=words,
    lat=st.floats(18, 53),
    lon=st.floats(74, 134),
    language=st.sampled_from(LANGUAGES),
)
def test_a_group_message_cannot_carry_a_name_a_position_or_free_text(
    kind, name, description, said, lat, lon, language
):
    """Whatever a case holds: the facts a group is told have no room for it, so the words are the same without."""
    case = {
        **FACTS.as_values(),
        **PrivateFacts(said=f"{name}：{said}", where=f"{lat},{lon}").as_values(),
        "reporter": name,
        "description": f"{description}{name}",
        "lat": lat,
        "lon": lon,
    }
    told = said_to_group(kind, PublicFacts.from_values(case), language=language).text
    assert told == said_to_group(kind, FACTS, language=language).text


def test_facts_survive_their_row():
    assert PublicFacts.from_values(FACTS.as_values()) == FACTS
    assert PublicFacts.from_values({"number": "X", "later": 1}) == PublicFacts(number="X")


def test_categories_are_said_as_on_the_pages(house):
    assert set(CATEGORIES) == set(Category)
    for language in LANGUAGES:
        with house.app.test_request_context(), force_locale(language):
            pages = {code: str(word) for code, word in CATEGORY_NAMES.items()}
        assert {code: translation_into(language)(word) for code, word in CATEGORIES.items()} == pages
