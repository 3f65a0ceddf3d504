"""The closed vocabularies of a hazard: categories, levels, factors, sources, reasons (domain.md §5, §6)."""

from enum import StrEnum


class Category(StrEnum):
    """The 21 categories; a unit may hide one, never rename its code."""

    FIRE = "FIRE"
    ELEC = "ELEC"
    MECH = "MECH"
    SPEC = "SPEC"
    HIGH = "HIGH"
    LIFT = "LIFT"
    CHEM = "CHEM"
    GASH = "GASH"
    CONF = "CONF"
    DUST = "DUST"
    OCCH = "OCCH"
    TRAF = "TRAF"
    STRU = "STRU"
    PPEQ = "PPEQ"
    BEHV = "BEHV"
    MGMT = "MGMT"
    FOOD = "FOOD"
    MEDI = "MEDI"
    WEAT = "WEAT"
    SECU = "SECU"
    OTHR = "OTHR"


class Level(StrEnum):
    """一般 or 重大 (总局令16号); set by an officer, never by the reporter."""

    GENERAL = "general"
    MAJOR = "major"


class Factor(StrEnum):
    """人物环管 (GB/T 13861)."""

    PERSON = "person"
    THING = "thing"
    ENVIRONMENT = "environment"
    MANAGEMENT = "management"


class FoundBy(StrEnum):
    """How the hazard was found."""

    SNAP = "snap"
    DAILY_PATROL = "daily_patrol"
    MONTHLY_INSPECTION = "monthly_inspection"
    SPECIAL_CHECK = "special_check"
    HOLIDAY_CHECK = "holiday_check"
    WORKERS_PATROL = "workers_patrol"
    SUPERIOR_INSPECTION = "superior_inspection"
    TEN_ONES = "ten_ones"


class RejectReason(StrEnum):
    """Why a report is not taken up."""

    NOT_A_HAZARD = "not_a_hazard"
    UNTRUE = "untrue"
    TOO_LITTLE = "too_little"


class AppealDecision(StrEnum):
    """What the unit above or the union decides on an appeal."""

    UPHOLD = "uphold"
    OVERTURN = "overturn"


class ExtensionDecision(StrEnum):
    """Whether more time is given."""

    YES = "yes"
    NO = "no"


class ReportedTo(StrEnum):
    """The two addressees of the dual report (安全生产法 §41)."""

    REGULATOR = "regulator"
    CONGRESS = "congress"


class Stage(StrEnum):
    """Which side of the repair a photo shows."""

    BEFORE = "before"
    AFTER = "after"
