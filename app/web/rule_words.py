"""What routing rules ask for, and why one cannot work or was not for a hazard, in words."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from app.units.surroundings import Flaw, Mismatch
from app.web import words

_l = lazy_gettext
FLAWS: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        Flaw.UNIT_GONE: _l("%(unit)s已停用"),
        Flaw.PLACE_GONE: _l("点位已停用，或不属于%(unit)s了"),
        Flaw.AREA_GONE: _l("区域已删除，或不属于%(unit)s了"),
        Flaw.OFFICER_DISABLED: _l("%(officer)s的账号已停用"),
        Flaw.OFFICER_NOT_HERE: _l("%(officer)s不再是%(unit)s或上级的安全员"),
        Flaw.CATEGORY_HIDDEN: _l("%(unit)s已隐藏这个类别"),
    }
)
"""Why a routing rule cannot work."""
MISMATCHES: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        Mismatch.OFF: _l("已暂停"),
        Mismatch.OTHER_CATEGORY: _l("类别不同"),
        Mismatch.OTHER_PLACE: _l("不是这个点位"),
        Mismatch.OTHER_AREA: _l("不在这个区域"),
    }
)
"""Why a routing rule was not for a hazard."""


def asks_line(category: str, spot: str) -> str:
    """What a routing rule asks for: 用电 · 冲压线 A3; empty means any."""
    asks = [str(words.CATEGORIES[category]) if category else "", spot]
    return " · ".join(filter(None, asks)) or str(_("所有隐患"))


def flaw_line(flaw: str, *, officer: str, unit: str) -> str:
    """Why a routing rule cannot work."""
    return str(FLAWS[flaw]) % {"officer": officer, "unit": unit}


def rule_values(reason: Mapping[str, str]) -> dict[str, str]:
    """What the sentence about a rule needs beside the reason's own values."""
    told: dict[str, str] = {}
    if "rule" in reason and "spot" in reason:
        told["asks"] = asks_line(reason["category"], reason["spot"])
    if "flaw" in reason:
        told["why"] = flaw_line(reason["flaw"], officer=reason["officer"], unit=reason["unit"])
    if "mismatch" in reason:
        told["why"] = str(MISMATCHES[reason["mismatch"]])
    return told
