"""The pieces of a hazard that several pages show: states, photos, cards, witnesses, timelines, steps."""

from dataclasses import dataclass


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
    side: str = ""  # 整改前
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
    then: str = ""  # whose turn it is, and until when, for who reported it
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
    edition: str = ""  # of its page, where the phone carries the move and keeps the page; see shell_owner


@dataclass(frozen=True, kw_only=True)
class ClosedStep:
    """A move that is closed to the reader, with why and what would open it; `later` when its time is to come."""

    action: str
    why: str
    later: bool = False


@dataclass(frozen=True, kw_only=True)
class KeptPhoto:
    """A photo the server already holds while the rest of the form is corrected."""

    token: str
