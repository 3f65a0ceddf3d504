"""Every table of the house: importing this fills `Base.metadata` for migrations and their drift check."""

from app.accounts import models as accounts
from app.competition import models as competition
from app.core import changes, outbox
from app.core.db import Base
from app.evidence import models as evidence
from app.hazards import models as hazards
from app.units import models as units
from app.units import settings as unit_settings

METADATA = Base.metadata

__all__ = [
    "METADATA",
    "accounts",
    "changes",
    "competition",
    "evidence",
    "hazards",
    "outbox",
    "unit_settings",
    "units",
]
