"""The words of the desk: filters, acts on several hazards."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

FILTERS: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        "unit": _("单位"),
        "category": _("类别"),
        "level": _("级别"),
        "place": _("点位"),
        "rectifier": _("整改人"),
        "older": _("上报多久"),
    }
)
BATCH: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        "accept": _("一起受理"),
        "reassign": _("一起改派"),
        "remind": _("一起催办"),
        "print": _("打印通知书"),
    }
)
BATCH_DONE: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        "accept": _("已受理并派发"),
        "reassign": _("已改派"),
        "remind": _("已催办"),
    }
)
