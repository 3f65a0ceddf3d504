"""What the desk has beside its list: groups, filters, and acts on several hazards at once."""

from dataclasses import dataclass

from app.web.pages.alike import Alike
from app.web.pages.frame import Choice, FieldFault, Frame
from app.web.pages.pieces import HazardCard, Photo


@dataclass(frozen=True, kw_only=True)
class CardGroup:
    """Cards of one urgency; `code` is a key of words.STATES."""

    code: str
    cards: tuple[HazardCard, ...]


@dataclass(frozen=True, kw_only=True)
class FilterSelect:
    """One select of the filter."""

    name: str
    word: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, kw_only=True)
class Narrowing:
    """The filter's form: its selects, what is chosen as one line, and the way out."""

    selects: tuple[FilterSelect, ...]
    supervised: bool = False
    said: str = ""  # empty: nothing is chosen
    kept: tuple[tuple[str, str], ...] = ()  # what the form carries on hidden
    clear_href: str = ""


@dataclass(frozen=True, kw_only=True)
class BatchStep:
    """One thing to do with the ticked hazards; `code` is a key of words.ACTIONS or "print"."""

    code: str
    word: str
    href: str


@dataclass(frozen=True, kw_only=True)
class BatchItem:
    """One ticked hazard with the version that was seen; one with `twins` is done only when ticked once more."""

    number: str
    version: int
    title: str
    where: str
    href: str
    photo: Photo | None = None
    twins: tuple[Alike, ...] = ()  # what it may repeat
    alone_href: str = ""  # where it is accepted or merged alone
    taken: bool = True


@dataclass(frozen=True, kw_only=True)
class BatchPage:
    """One form for several hazards; the fields are those of the single form."""

    frame: Frame
    code: str
    word: str
    items: tuple[BatchItem, ...]
    action: str  # where the form posts
    back_href: str
    left_out: int = 0  # ticked beyond the most that are taken at once
    category: str = ""
    categories: tuple[str, ...] = ()
    factor: str = ""
    rectifiers: tuple[Choice, ...] = ()
    rectifier_name: str = ""
    measures: str = ""
    deadline_days: str = "7"
    deadline: str = ""
    text: str = ""
    faults: tuple[FieldFault, ...] = ()
    text_limit: int = 200


@dataclass(frozen=True, kw_only=True)
class BatchLine:
    """What became of one hazard; `why` is a finished sentence when nothing was done."""

    number: str
    title: str
    href: str
    done: bool
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class BatchDonePage:
    """What became of each."""

    frame: Frame
    word: str  # what was done: 已改派
    lines: tuple[BatchLine, ...]
    done: int
    back_href: str
    print_href: str = ""
    left_alone: tuple[BatchLine, ...] = ()  # looked alike and were not ticked
