"""The reporter's pages: report, receipt, lists, one hazard, following an anonymous one."""

from dataclasses import dataclass

from app.web.ground import Ground
from app.web.pages.frame import ChoiceGroup, FieldFault, Frame
from app.web.pages.pieces import ClosedStep, Fact, HazardCard, KeptPhoto, Photo, State, Step, TimelineLine


@dataclass(frozen=True, kw_only=True)
class FixedPlace:
    """The place that was scanned."""

    code: str
    name: str
    unit: str
    enterprise: str


@dataclass(frozen=True, kw_only=True)
class PinField:
    """The pin by hand of a report form; `lat`, `lon` as they were sent if they can be read, WGS-84."""

    lat: str
    lon: str
    ground: Ground | None
    around_href: str  # empty for somebody without an account
    at: str  # the scanned place's position, "38.0431,114.5032", or empty


@dataclass(frozen=True, kw_only=True)
class ReportPage:
    """The report form, with everything already typed kept."""

    frame: Frame
    action: str
    client_id: str
    unit: str = ""
    anonymous_pass: str = ""  # the one-use pass, posted as `pass`
    place: FixedPlace | None = None
    places: tuple[ChoiceGroup, ...] = ()
    location_text: str = ""
    pin: PinField | None = None
    category: str = ""
    categories: tuple[str, ...] = ()  # codes the unit shows; the first three lead
    description: str = ""
    anonymous: bool = False
    may_be_anonymous: bool = True
    guest: bool = False
    captured_positions: str = ""
    kept: tuple[KeptPhoto, ...] = ()
    faults: tuple[FieldFault, ...] = ()
    photo_limit: int = 9
    photo_mib: int = 20
    description_limit: int = 2000
    alike_href: str = ""  # where look-alikes are asked for; empty for somebody without a name
    alike_seen: bool = False
    join_href: str = ""
    account: str = ""  # the mark of the account that writes, for the phone's own copy


@dataclass(frozen=True, kw_only=True)
class Turn:
    """Who acts next on a hazard, what they do, and until when; `mine`: it is the reader's turn."""

    who: str
    does: str
    until: str = ""  # 明天 14:20 前
    note: str = ""
    mine: bool = False


@dataclass(frozen=True, kw_only=True)
class ReceiptPage:
    """已收到: the number, who acts next, and how to follow it."""

    frame: Frame
    number: str
    photos: int
    next_step: str  # 三号车间安全员王敏 24 小时内受理
    until: str = ""  # 明天 14:20 前
    qr: str = ""  # an image that opens the hazard, or where it is followed; never the secret
    qr_says: str = ""
    because: tuple[str, ...] = ()
    points: str = ""  # 受理后 +5
    points_href: str = ""
    claim_code: str = ""  # shown for a quarter of an hour, in this browser only
    later: str = ""  # what a guest can do with the number
    claim_shown_before: bool = False  # a repeat of an anonymous report: the first answer had the code
    hazard_href: str = ""
    follow_href: str = ""
    report_href: str = ""


@dataclass(frozen=True, kw_only=True)
class HazardListPage:
    """我的上报 (`which` mine) or the public part of the unit's hazards (`which` unit)."""

    frame: Frame
    which: str
    unit: str = ""
    points: str = ""  # the reader's own, whole number
    points_href: str = ""
    cards: tuple[HazardCard, ...] = ()
    mine_href: str = ""
    unit_href: str = ""
    report_href: str = ""
    more_href: str = ""


@dataclass(frozen=True, kw_only=True)
class PointsLine:
    """One entry of the reader's points: for what, why so many, and how many there were then."""

    number: str
    href: str
    points: str  # +5, −5 or 0
    what: str  # 一般隐患
    why: str
    left: int
    at: str
    title: str = ""  # the hazard's own words, and where it is; empty once it is out of reach


@dataclass(frozen=True, kw_only=True)
class PointsPage:
    """我的积分: every entry of the reader's ledger, newest first, and how points are earned."""

    frame: Frame
    unit: str
    balance: int
    lines: tuple[PointsLine, ...] = ()
    rules: tuple[str, ...] = ()
    back_href: str = ""
    report_href: str = ""
    more_href: str = ""


@dataclass(frozen=True, kw_only=True)
class HazardPage:
    """One hazard as the reporter, a follower or a colleague sees it (`view`: mine, follow, public)."""

    frame: Frame
    view: str
    number: str
    title: str
    description: str
    states: tuple[State, ...]
    before: tuple[Photo, ...] = ()
    after: tuple[Photo, ...] = ()
    repair_rejected: bool = False  # the last photos show a repair that did not pass
    facts: tuple[Fact, ...] = ()
    timeline: tuple[TimelineLine, ...] = ()
    turn: Turn | None = None
    thanks: str = ""
    ended: str = ""  # what can still be done after the end, and until when
    points: tuple[str, ...] = ()
    points_href: str = ""  # every entry; empty for somebody without an account
    objections: tuple[Photo, ...] = ()
    guest: bool = False
    answer: str = ""  # why it was not accepted, in the officer's words
    steps: tuple[Step, ...] = ()
    closed: tuple[ClosedStep, ...] = ()  # the reporter's other moves, and what keeps them closed
    claim_number: str = ""  # a follower who is signed in may claim the points of this hazard
    back_href: str = ""
    report_href: str = ""


@dataclass(frozen=True, kw_only=True)
class FollowPage:
    """Finding an anonymous hazard again by its number and its code."""

    frame: Frame
    number: str = ""
    refused: bool = False
