"""The officer's, rectifier's and verifier's pages: the inbox and the ticket."""

from dataclasses import dataclass

from app.web.pages.desk import BatchStep, CardGroup, Narrowing
from app.web.pages.frame import Frame
from app.web.pages.pieces import ClosedStep, Evidence, Fact, HazardCard, Photo, State, Step, TimelineLine


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
    first_href: str = ""  # back to the first page, from a later one
    search: str | None = None  # None: no search box
    search_href: str = ""
    found: int | None = None  # how many a search found, where all are shown
    groups: tuple[CardGroup, ...] = ()  # the cards, by urgency; empty in a search
    narrowing: Narrowing | None = None  # None: this reader has nothing to choose among
    batch: tuple[BatchStep, ...] = ()  # what can be done with several at once


@dataclass(frozen=True, kw_only=True)
class Link:
    """A way to another page, under a finished word."""

    word: str
    href: str


@dataclass(frozen=True, kw_only=True)
class Duty:
    """One thing a major hazard must have; an empty `says` is what is lacking."""

    code: str  # a key of words.FACTS or words.REPORTED_TO
    says: str = ""
    href: str = ""  # its document
    dim: str = ""  # what is noted beside it


@dataclass(frozen=True, kw_only=True)
class MajorBox:
    """五落实, interim control and the two reports of a major hazard: what is there, what is lacking."""

    duties: tuple[Duty, ...]
    reports: tuple[Duty, ...]
    lacking: int = 0
    report_href: str = ""  # where the reader records a report
    report_word: str = ""  # the report that is lacking; empty: both are there
    supervised: str = ""  # since when


@dataclass(frozen=True, kw_only=True)
class Quote:
    """What somebody said, and when."""

    text: str
    when: str


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
    objections: tuple[Photo, ...] = ()  # what its reporter photographed after the closure
    objected: Quote | None = None  # what its reporter said against the closure
    is_contested: bool = False  # an appeal or an objection waits for an answer
    after_href: str = ""  # where to take the after-photo; empty: waiting for somebody else
    after_expected: bool = True
    evidence: tuple[Evidence, ...] = ()
    because: tuple[str, ...] = ()  # why it came to whom it came
    because_of: str = ""  # whom that is; empty: the reader
    returned: str = ""  # what the last re-inspection found, while it is put right
    deadline: str = ""
    deadline_note: str = ""  # that it was counted without a published calendar
    first_deadline: str = ""  # only when it differs
    deadline_state: State | None = None
    work: tuple[Fact, ...] = ()  # who has what to do and what was done; empty before it is accepted
    facts: tuple[Fact, ...] = ()  # everything else
    timeline: tuple[TimelineLine, ...] = ()
    next_step: Step | None = None
    second_step: Step | None = None
    more_steps: tuple[Step, ...] = ()
    closed_because: str = ""  # why no move is open, one sentence
    closed: tuple[ClosedStep, ...] = ()  # what else could be done here, and what keeps it closed
    major: MajorBox | None = None
    joined: tuple[Link, ...] = ()  # the reports merged into this one, or the one this was merged into
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
