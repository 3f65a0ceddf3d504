"""The words of the map."""

from collections.abc import Mapping
from typing import Final

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app.hazards.on_the_map import Shown
from app.web.words import STATES

MENU: Final[Mapping[str, LazyString]] = {"map": _("地图")}
SHOWN: Final[Mapping[Shown, LazyString]] = {
    Shown.OPEN: _("在办"),
    Shown.OVERDUE: STATES["overdue"].word,
    Shown.SUBMITTED: STATES["submitted"].word,
    Shown.NEED_INFO: STATES["need_info"].word,
    Shown.RECTIFYING: STATES["rectifying"].word,
    Shown.REVIEWING: STATES["reviewing"].word,
    Shown.CLOSED: STATES["closed"].word,
    Shown.ALL: _("在办和已闭环"),
}
MARKS: Final = ("overdue", "due_today", "submitted", "need_info", "rectifying", "reviewing", "closed")
"""The states of marks, the most pressing first: one mark of several hazards shows the first of theirs."""
