"""Words longer than an index can hold: the report is taken all the same, on both databases."""

import pytest

from tests.conftest import House

LONG = {"thai": "ก" * 1900, "cyrillic": "ж" * 1900, "ligatures": "ﬃ" * 1900, "beyond_the_first_plane": "𐐨" * 1900}


@pytest.mark.parametrize("words", LONG.values(), ids=LONG.keys())
def test_an_unbroken_run_of_letters_is_taken_and_found_by_the_rest_of_its_words(house: House, words: str):
    number = house.report(description=f"{words} 配电箱")
    found = house.api("wangmin", "GET", "/hazards?q=配电箱").json["items"]
    assert number in [line["number"] for line in found]
