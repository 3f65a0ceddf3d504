"""The two languages of messages: Chinese is what the sources say, English comes from the pages' own catalog."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from babel.support import Translations

CHINESE: Final = "zh"
ENGLISH: Final = "en"
LANGUAGES: Final = (CHINESE, ENGLISH)
Translate = Callable[[str], str]
_CATALOGS: Final = Path(__file__).resolve().parent.parent / "translations"


def N_(text: str) -> str:  # noqa: N802  # the mark that the catalogs' tools look for
    """Mark a text for the catalogs; it is translated when it is said."""
    return text


def as_written(text: str) -> str:
    """Chinese: the text itself."""
    return text


@cache
def _english() -> Translate:
    catalog = Translations.load(str(_CATALOGS), [ENGLISH])
    return catalog.gettext


def translation_into(language: str) -> Translate:
    """How texts are said in this language; one we do not speak is Chinese."""
    return _english() if language == ENGLISH else as_written


MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

CATEGORIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "FIRE": N_("消防"),
        "ELEC": N_("用电"),
        "MECH": N_("机械"),
        "SPEC": N_("特种设备"),
        "HIGH": N_("高处临边"),
        "LIFT": N_("起重吊装"),
        "CHEM": N_("危化品"),
        "GASH": N_("燃气动火"),
        "CONF": N_("有限空间"),
        "DUST": N_("粉尘涉爆"),
        "OCCH": N_("职业健康"),
        "TRAF": N_("厂内交通"),
        "STRU": N_("建筑与作业环境"),
        "PPEQ": N_("劳动防护"),
        "BEHV": N_("三违"),
        "MGMT": N_("安全管理"),
        "FOOD": N_("食品"),
        "MEDI": N_("医疗与放射"),
        "WEAT": N_("防汛防雷"),
        "SECU": N_("治安值守"),
        "OTHR": N_("其他"),
    }
)
"""The same words as on the pages; a test compares them."""
