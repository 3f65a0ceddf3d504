"""The code of an anonymous reporter: speakable, unguessable, kept only as a salted hash."""

import re

from app.hazards.following import ALPHABET, CLAIM_HASH, make_code, opens


def test_a_code_is_three_groups_of_letters_that_no_hand_mistakes():
    code, kept = make_code()
    assert re.fullmatch(r"(\w{4})-(\w{4})-(\w{4})", code)
    assert set(code) - {"-"} <= set(ALPHABET)
    assert not set("01ILO") & set(ALPHABET)
    assert CLAIM_HASH.fullmatch(kept)


def test_no_two_codes_or_salts_are_alike():
    made = [make_code() for _ in range(3)]
    assert len({code for code, _ in made}) == len({kept.split(":")[1] for _, kept in made}) == 3
    assert not opens(made[0][1], made[1][0])
