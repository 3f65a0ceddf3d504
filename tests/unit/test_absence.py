"""The line of deputies: followed to somebody who is there, and never in a circle."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.units.absence import Away, closes_circle, stand_in

FIRST = date(2026, 11, 2)


def away(account: int, deputy: int | None, first: int = 0, last: int = 9) -> Away:
    return Away(account, deputy, FIRST + timedelta(days=first), FIRST + timedelta(days=last))


def test_the_deputy_stands_in():
    assert stand_in(1, {1: 2}) == 2


def test_a_deputy_who_is_away_too_is_stood_in_for_by_the_next():
    assert stand_in(1, {1: 2, 2: 3, 3: 4}) == 4


def test_the_line_may_end_with_nobody():
    assert stand_in(1, {1: None}) is None
    assert stand_in(1, {1: 2, 2: None}) is None


def test_a_circle_is_nobody():
    assert stand_in(1, {1: 2, 2: 1}) is None
    assert stand_in(1, {1: 2, 2: 3, 3: 2}) is None


def test_two_who_stand_in_for_each_other_on_one_day_are_a_circle():
    assert closes_circle(away(1, 2), [away(2, 1)])
    assert closes_circle(away(1, 2), [away(2, 3), away(3, 1)])
    assert not closes_circle(away(1, 2), [away(2, 3), away(3, 4)])
    assert not closes_circle(away(1, None), [away(2, 1)])


def test_two_who_stand_in_for_each_other_one_after_the_other_are_none():
    assert not closes_circle(away(1, 2, 0, 4), [away(2, 1, 5, 9)])
    assert closes_circle(away(1, 2, 0, 5), [away(2, 1, 5, 9)])
    # 2 is away on days 0 to 3, 3 on days 6 to 9: on no day does the line lead from 2 over 3 to 1.
    assert not closes_circle(away(1, 2), [away(2, 3, 0, 3), away(3, 1, 6, 9)])


people = st.integers(1, 6)
absences = st.lists(
    st.tuples(people, st.none() | people, st.integers(0, 12), st.integers(0, 12)).filter(lambda t: t[0] != t[1]),
    max_size=12,
)


@given(asked=absences)
def test_a_book_kept_by_the_rule_has_no_circle_on_any_day(asked):
    book: list[Away] = []
    for account, deputy, first, last in asked:
        new = away(account, deputy, min(first, last), max(first, last))
        overlaps = any(
            b.account_id == account and b.from_on <= new.until_on and new.from_on <= b.until_on for b in book
        )
        if not overlaps and not closes_circle(new, book):
            book.append(new)
    for day in (FIRST + timedelta(days=n) for n in range(14)):
        deputies = {b.account_id: b.deputy_id for b in book if b.from_on <= day <= b.until_on}
        for account, deputy in deputies.items():
            met, here = {account}, deputy
            while here is not None and here in deputies:
                assert here not in met
                met.add(here)
                here = deputies[here]
            assert here is None or here not in met
            assert stand_in(account, deputies) == here
