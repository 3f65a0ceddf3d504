"""The page of a move: the hazard at its head, what the move does, what was said before, and its inputs."""

from dataclasses import dataclass

from app.web.pages.alike import Alike
from app.web.pages.frame import Choice, FieldFault, Frame
from app.web.pages.pieces import Fact, HazardCard, KeptPhoto, Photo, TimelineLine


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
    others: tuple[Photo, ...] = ()  # the photos of both sides that are not the two


@dataclass(frozen=True, kw_only=True)
class Input:
    """One input of a move's form; `kind` is the macro of `_inputs.html` that draws it."""

    name: str
    kind: str  # area, line, radios, select, rectifier, deadline, moment, day, money, master, document
    label: str
    hint: str = ""
    placeholder: str = ""
    value: str = ""
    second: str = ""  # what stands beside it: the typed name, days, or number
    note: str = ""  # how the unit counts days, where a day is not simply a day
    required: bool = True
    is_now: bool = False  # preset is the moment at which the page was made
    choices: tuple[Choice, ...] = ()
    cards: tuple[HazardCard, ...] = ()
    limit: int = 200  # characters


@dataclass(frozen=True, kw_only=True)
class ActPage:
    """One move of the lifecycle table as a form."""

    frame: Frame
    subject: Subject
    code: str  # the move's, a key of words.ACTIONS
    button: str
    says: str = ""  # what the move does
    context: tuple[TimelineLine, ...] = ()  # what was said before and is answered now
    change: str = ""  # the deadline now and the one asked for
    promised: tuple[Fact, ...] = ()  # what was to be done, by whom, until when
    facts: tuple[Fact, ...] = ()  # the repair that is judged
    judges: bool = False  # photos, promise and repair are compared side by side
    inputs: tuple[Input, ...] = ()
    major: tuple[Input, ...] = ()  # only for a major hazard
    alike: tuple[Alike, ...] = ()  # open hazards this one may repeat
    camera: str = ""  # what the photos show; empty: none are taken
    beside: bool = False  # they show the repair: taken beside the before-photo, to be compared with it
    takes_files: bool = False
    kept: tuple[KeptPhoto, ...] = ()
    captured_positions: str = ""
    photo_limit: int = 9
    other_code: str = ""  # the second choice: another move
    other_href: str = ""
    account: str = ""  # the mark of the account that acts, for the phone's own copy; empty: the phone keeps none
    done: str = ""  # what is said afterwards, where the phone acts by itself
    zone: str = ""  # the unit's, in which times are typed
    made: str = ""  # when, so that a page can be told from a later one at the same address
    back_word: str = ""  # how to leave without making a move that cannot be taken back
    faults: tuple[FieldFault, ...] = ()
