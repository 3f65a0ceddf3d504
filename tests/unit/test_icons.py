"""The pictograms: every category has its own, and none is drawn like another."""

import re
from pathlib import Path

from app.hazards.words import Category

ICONS = Path(__file__).parents[2] / "app/web/static/icons.svg"
DRAWN = dict(re.findall(r'<symbol id="cat-(\w+)"[^>]*>(.+?)</symbol>', ICONS.read_text(encoding="utf-8")))
"""What stands inside the symbol of each category."""


def test_every_category_has_its_pictogram():
    assert set(DRAWN) == set(Category)


def test_no_two_categories_look_the_same():
    assert len(set(DRAWN.values())) == len(Category)
