"""The officer's, rectifier's and verifier's pages: inbox, ticket and the five acts."""

from dataclasses import dataclass

from app.web.pages.frame import Choice, FieldFault, Frame
from app.web.pages.pieces import Evidence, Fact, HazardCard, KeptPhoto, Photo, State, Step, TimelineLine


@dataclass(frozen=True, kw_only=True)
class Count:
    """A tally above the list that filters it; `code` is a key of words.STATES."""

    code: str
    number: int
    href: str
    current: bool = False


@dataclass(frozen=True, kw_only=True)
class Desk:
    """The inbox: counts, the side menu's lines and the cards in order of urgency."""

    counts: tuple[Count, ...] = ()
    cards: tuple[HazardCard, ...] = ()
    showing: str = ""  # a state code when filtered
    all_href: str = ""
    more_href: str = ""
    search: str | None = None  # None: no search box
    search_href: str = ""


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """A hazard with everything its officer, rectifier or verifier may see."""

    number: str
    href: str
    title: str
    description: str
    states: tuple[State, ...]
    before: tuple[Photo, ...] = ()
    after: tuple[Photo, ...] = ()
    after_href: str = ""  # where to take the after-photo; empty: waiting for somebody else
    after_expected: bool = True
    evidence: tuple[Evidence, ...] = ()
    because: tuple[str, ...] = ()  # why it came to whom it came
    because_of: str = ""  # whom that is; empty: the reader
    returned: str = ""  # what the last re-inspection found, while it is put right
    deadline: str = ""
    first_deadline: str = ""  # only when it differs
    deadline_state: State | None = None
    facts: tuple[Fact, ...] = ()
    timeline: tuple[TimelineLine, ...] = ()
    next_step: Step | None = None
    second_step: Step | None = None
    more_steps: tuple[Step, ...] = ()
    closed_because: str = ""  # why no move is open, one sentence
    onward_href: str = ""  # where to go on when there is nothing to do here
    onward_is_next: bool = False  # to the next hazard, not to the list


@dataclass(frozen=True, kw_only=True)
class InboxPage:
    """待办; on a desktop the first ticket stands open beside the list."""

    frame: Frame
    desk: Desk
    ticket: Ticket | None = None
    oversees: bool = False  # a head's: what is under way in the unit
    report_href: str = ""


@dataclass(frozen=True, kw_only=True)
class TicketPage:
    """One ticket; on a desktop the inbox stands beside it, if its reader has one."""

    frame: Frame
    ticket: Ticket
    back_href: str
    desk: Desk | None = None


@dataclass(frozen=True, kw_only=True)
class Subject:
    """The hazard an action page is about, shown at its head."""

    number: str
    version: int
    title: str
    where: str
    href: str
    action: str  # where the form posts
    before: Photo | None = None
    after: Photo | None = None


@dataclass(frozen=True, kw_only=True)
class AcceptPage:
    """受理派发."""

    frame: Frame
    subject: Subject
    level: str = "general"
    category: str = ""
    categories: tuple[str, ...] = ()
    factor: str = ""
    rectifiers: tuple[Choice, ...] = ()
    rectifier_name: str = ""
    measures: str = ""
    deadline_days: str = "7"
    deadline: str = ""  # datetime-local in the unit's zone
    funds: str = ""
    emergency_plan: str = ""
    interim_control: str = ""
    faults: tuple[FieldFault, ...] = ()
    text_limit: int = 200


@dataclass(frozen=True, kw_only=True)
class RejectPage:
    """不予受理."""

    frame: Frame
    subject: Subject
    reason: str = ""
    text: str = ""
    faults: tuple[FieldFault, ...] = ()
    text_limit: int = 200


@dataclass(frozen=True, kw_only=True)
class RectifyPage:
    """提交整改."""

    frame: Frame
    subject: Subject
    done: str = ""
    finished_at: str = ""
    cost: str = ""
    kept: tuple[KeptPhoto, ...] = ()
    captured_positions: str = ""
    faults: tuple[FieldFault, ...] = ()
    text_limit: int = 200
    photo_limit: int = 9


@dataclass(frozen=True, kw_only=True)
class ClosePage:
    """复查合格，闭环."""

    frame: Frame
    subject: Subject
    rectification: tuple[Fact, ...] = ()
    conclusion: str = ""
    send_back_href: str = ""
    faults: tuple[FieldFault, ...] = ()
    text_limit: int = 200


@dataclass(frozen=True, kw_only=True)
class SendBackPage:
    """复查不合格，退回整改."""

    frame: Frame
    subject: Subject
    rectification: tuple[Fact, ...] = ()
    text: str = ""
    deadline_days: str = "3"
    deadline: str = ""
    faults: tuple[FieldFault, ...] = ()
    text_limit: int = 200


@dataclass(frozen=True, kw_only=True)
class ConfirmPage:
    """A move that needs no words, confirmed by one button; `code` is a key of words.ACTIONS."""

    frame: Frame
    subject: Subject
    code: str
    faults: tuple[FieldFault, ...] = ()
