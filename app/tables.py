"""Every table of the house: importing this fills `Base.metadata` for migrations and their drift check."""

from app.accounts import models as accounts
from app.competition import models as competition
from app.core import changes, holds, outbox
from app.core.db import NAMES_AN_OBJECT, Base
from app.evidence import lost, upload_rows
from app.evidence import models as evidence
from app.hazards import desk_tables
from app.hazards import models as hazards
from app.notifications import models as notifications
from app.papers import models as papers
from app.units import absence
from app.units import models as units
from app.units import rule_rows as routing_rules
from app.units import settings as unit_settings

METADATA = Base.metadata
OBJECT_KEYS = tuple(
    column for table in METADATA.sorted_tables for column in table.columns if column.info == NAMES_AN_OBJECT
)
"""Every column that names an object in the store; what none of them names is an orphan."""

__all__ = [
    "METADATA",
    "OBJECT_KEYS",
    "absence",
    "accounts",
    "changes",
    "competition",
    "desk_tables",
    "evidence",
    "hazards",
    "holds",
    "lost",
    "notifications",
    "outbox",
    "papers",
    "routing_rules",
    "unit_settings",
    "units",
    "upload_rows",
]
