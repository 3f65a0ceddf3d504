"""The typed contract between routes and templates: every page of the HTML edge as a frozen value.

A template receives exactly one object, `page`. Facts (names, places, times in the unit's zone, scores) arrive here as
finished text in the reader's language; enumerations (states, categories, actions, faults) arrive as codes, which the
templates turn into words, shapes and colours with `app.web.words`. Addresses are finished, relative strings.
"""

from dataclasses import dataclass

# ── the frame around every page ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class MenuItem:
    """One line of the menu: `code` is a key of `words.MENU`; `count` is shown when not None."""

    code: str
    href: str
    count: int | None = None
    current: bool = False


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What surrounds a page: who reads it, in which language and size, and where to come back to."""

    locale: str = "zh-CN"  # zh-CN or en: the html lang
    large: bool = False
    here: str = "/"  # the path and query to return to after switching language or size
    person: str = ""  # empty: nobody is signed in
    role: str = ""  # 三号车间安全员
    menu: tuple[MenuItem, ...] = ()
    notice: str = ""  # one sentence about what has just been done


@dataclass(frozen=True, kw_only=True)
class FieldFault:
    """One field's fault as a sentence that says what to do; `field` is the name of the input."""

    field: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One option of a select."""

    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, kw_only=True)
class ChoiceGroup:
    """Options under one heading, for instance the places of one unit."""

    label: str
    choices: tuple[Choice, ...]


# ── pieces that several pages share ──────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class State:
    """A state as shape, colour and word; `label` replaces the plain word (逾期 2 天)."""

    code: str  # a key of words.STATES
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class Photo:
    """One photo's frame; addresses are empty unless `status` is ready."""

    n: int  # from 1
    status: str  # ready, pending, quarantined
    caption: str = ""  # 整改前 11-02 14:33
    thumb: str = ""
    display: str = ""
    original: str = ""  # only for those who may download it
    cause: str = ""  # why it is quarantined, one sentence


@dataclass(frozen=True, kw_only=True)
class HazardCard:
    """One hazard in a list."""

    number: str
    href: str
    title: str
    where: str  # 冲压线 A3
    category: str = ""  # a code
    who: str = ""  # 李工整改, 匿名
    states: tuple[State, ...] = ()
    photo: Photo | None = None
    when: str = ""
    current: bool = False


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One labelled line; `code` is a key of words.FACTS."""

    code: str
    value: str


@dataclass(frozen=True, kw_only=True)
class WitnessLine:
    """What one witness says: `source` is place, phone, exif, pin or time."""

    source: str
    says: str


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """A photo's witnesses, never merged, and the grade computed from their agreement."""

    n: int  # the photo's number
    grade: str  # A to D
    because: str  # one sentence: why this grade
    witnesses: tuple[WitnessLine, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TimelineLine:
    """One act in a hazard's history."""

    at: str
    who: str
    what: str
    reasons: tuple[str, ...] = ()
    state: str = ""  # the state it led to, or empty


@dataclass(frozen=True, kw_only=True)
class Step:
    """A move that is open to the reader; `action` is a code of the lifecycle table."""

    action: str
    href: str


# ── account ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class LoginPage:
    """Signing in; `refused` is bad_credentials or too_many."""

    frame: Frame
    login: str = ""
    next: str = ""
    refused: str = ""
    demo_note: bool = False


@dataclass(frozen=True, kw_only=True)
class SetupPage:
    """The first administrator, by a one-time link."""

    frame: Frame
    action: str
    login: str = ""
    name: str = ""
    unit: str = ""
    minimum_length: int = 10
    faults: tuple[FieldFault, ...] = ()


# ── reporter ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class KeptPhoto:
    """A photo the server already holds while the rest of the form is corrected."""

    token: str


@dataclass(frozen=True, kw_only=True)
class FixedPlace:
    """The place that was scanned."""

    code: str
    name: str
    unit: str
    enterprise: str


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


@dataclass(frozen=True, kw_only=True)
class ReceiptPage:
    """已收到: the number, who acts next, and how to follow it."""

    frame: Frame
    number: str
    photos: int
    next_step: str  # 三号车间安全员王敏 24 小时内受理
    because: tuple[str, ...] = ()
    points: str = ""  # 受理后 +5
    claim_code: str = ""  # shown once
    hazard_href: str = ""
    follow_href: str = ""
    report_href: str = ""


@dataclass(frozen=True, kw_only=True)
class HazardListPage:
    """我的上报 (`which` mine) or the public part of the unit's hazards (`which` unit)."""

    frame: Frame
    which: str
    unit: str = ""
    cards: tuple[HazardCard, ...] = ()
    mine_href: str = ""
    unit_href: str = ""
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
    facts: tuple[Fact, ...] = ()
    timeline: tuple[TimelineLine, ...] = ()
    next_step: str = ""
    back_href: str = ""
    report_href: str = ""


@dataclass(frozen=True, kw_only=True)
class FollowPage:
    """Finding an anonymous hazard again by its number and its code."""

    frame: Frame
    number: str = ""
    refused: bool = False


# ── officer, rectifier, verifier ─────────────────────────────────────────────────────────────────────────────────────


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
    because: tuple[str, ...] = ()  # why it came to this person
    deadline: str = ""
    first_deadline: str = ""  # only when it differs
    deadline_state: State | None = None
    facts: tuple[Fact, ...] = ()
    timeline: tuple[TimelineLine, ...] = ()
    next_step: Step | None = None
    second_step: Step | None = None
    more_steps: tuple[Step, ...] = ()
    closed_because: str = ""  # why no move is open, one sentence


@dataclass(frozen=True, kw_only=True)
class InboxPage:
    """待办; on a desktop the first ticket stands open beside the list."""

    frame: Frame
    desk: Desk
    ticket: Ticket | None = None
    report_href: str = ""


@dataclass(frozen=True, kw_only=True)
class TicketPage:
    """One ticket; on a desktop the inbox stands beside it."""

    frame: Frame
    ticket: Ticket
    desk: Desk
    back_href: str


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


# ── reviewer ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One number of a statement and what it counts; `code` is a key of words.FIGURES."""

    code: str
    value: str  # 36 / 38
    href: str = ""  # empty: nothing lies behind it
    in_force: bool = True


@dataclass(frozen=True, kw_only=True)
class Block:
    """One block A to G of a statement."""

    letter: str
    points: str  # 16.61, +1.00, −1.00; G: empty
    maximum: str = ""
    share: int | None = None  # whole per cent of the maximum, for the meter
    figures: tuple[Figure, ...] = ()
    bad: bool = False


@dataclass(frozen=True, kw_only=True)
class RankRow:
    """One unit in the ranking."""

    rank: str
    unit: str
    href: str
    headcount: str
    valid: str
    on_time: str
    score: str
    moved: int | None = None  # places gained since last month; None: not known
    current: bool = False


@dataclass(frozen=True, kw_only=True)
class StatementPage:
    """A unit's month, explained down to the photos."""

    frame: Frame
    month: str  # 2026 年 10 月
    unit: str
    score: str
    verdict: str  # outstanding, pass, below, veto
    status: str = ""  # 实时计算，截至 11-22 09:30
    standing: str = ""  # 大型组（>300 人）第 4 / 11，上月第 7
    basis: tuple[str, ...] = ()  # 规则第 3 版, 612 人, 有效隐患 41 条
    blocks: tuple[Block, ...] = ()
    vetoes: tuple[str, ...] = ()
    band: str = ""
    ranking: tuple[RankRow, ...] = ()
    previous_href: str = ""
    next_href: str = ""


@dataclass(frozen=True, kw_only=True)
class FigureRow:
    """A hazard behind a figure; `counted` says whether it stands in the numerator, `why` in one sentence."""

    card: HazardCard
    counted: bool
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class FigurePage:
    """The hazards behind one figure, and how the points follow from it."""

    frame: Frame
    code: str
    month: str
    unit: str
    value: str
    meaning: str  # what is counted, one sentence
    formula: str = ""
    rows: tuple[FigureRow, ...] = ()
    people: tuple[str, ...] = ()
    has_denominator: bool = True
    statement_href: str = ""


# ── administrator ────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class PlaceRow:
    """One place with its code."""

    name: str
    code: str
    guests: bool
    poster_href: str
    report_href: str


@dataclass(frozen=True, kw_only=True)
class PlaceGroup:
    """The places of one unit."""

    unit: str
    places: tuple[PlaceRow, ...]


@dataclass(frozen=True, kw_only=True)
class PlacesPage:
    """点位与二维码."""

    frame: Frame
    groups: tuple[PlaceGroup, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PosterPage:
    """One A6 poster; `qr_svg` is a `markupsafe.Markup` (an str), so that only markup made on purpose is not escaped."""

    frame: Frame
    place: str
    unit: str
    enterprise: str
    code: str
    qr_svg: str
    address: str
    guests: bool
    back_href: str


# ── errors ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class ErrorPage:
    """What went wrong and what to do next; `code` is a stable code of `app.core.errors`."""

    frame: Frame
    status: int
    code: str
    detail: str = ""  # a finished sentence when the error carries values
    retry_after: int | None = None  # seconds
    next_href: str = ""  # where the blue button leads; empty: home
    request_id: str = ""
