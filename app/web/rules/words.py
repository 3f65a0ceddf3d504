"""The words of the routing rules: why one cannot work, why one was not for a hazard, what was done."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

MENU: Mapping[str, LazyString] = {"rules": _("派单规则")}

NOTICES: Mapping[str, LazyString] = {
    "rule_made": _("规则已加好，排在本单位最后。试一试它派给谁。"),
    "rule_changed": _("规则已改好，新上报的隐患马上按它派。"),
    "rule_on": _("规则已启用。"),
    "rule_off": _("规则已暂停，还在原来的位置。"),
    "rule_moved": _("顺序已调整。"),
    "rule_removed": _("规则已删除，后面的依次前移。"),
}

LABELS: Mapping[str, LazyString] = {
    "category": _("类别"),
    "spot": _("地点"),
    "officer": _("派给谁"),
    "place": _("点位"),
    "lat": _("纬度"),
    "lon": _("经度"),
    "unit": _("上报人所在单位"),
}
