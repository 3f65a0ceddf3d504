"""The pages of the set-up as templates see them."""

from dataclasses import dataclass

from app.web.ground import Ground
from app.web.pages.frame import Choice, FieldFault, Frame


@dataclass(frozen=True, kw_only=True)
class Step:
    """One line of the first hour's list; `state` is done, todo or open (good to have)."""

    state: str
    title: str
    text: str
    href: str
    also: str = ""  # a second way to the same end, as a word
    also_href: str = ""


@dataclass(frozen=True, kw_only=True)
class OverviewPage:
    """单位设置."""

    frame: Frame
    unit: str
    unit_href: str
    todo: int
    steps: tuple[Step, ...]
    others: tuple[Choice, ...] = ()
    tree_href: str
    changes_href: str
    places_href: str
    only_here: str = ""  # the host that no phone can open


@dataclass(frozen=True, kw_only=True)
class Branch:
    """One unit in the tree; `depth` from 0, at most 5."""

    depth: int
    name: str
    kind: str
    code: str
    href: str
    facts: str


@dataclass(frozen=True, kw_only=True)
class TreePage:
    """单位树."""

    frame: Frame
    back_href: str
    add_href: str
    branches: tuple[Branch, ...]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One thing of a unit that has its own page."""

    name: str
    text: str
    href: str


@dataclass(frozen=True, kw_only=True)
class UnitFact:
    """One fact about a unit with the page that changes it."""

    label: str
    value: str
    href: str = ""
    doing: str = ""


@dataclass(frozen=True, kw_only=True)
class UnitPage:
    """One unit."""

    frame: Frame
    name: str
    kind: str
    retired: bool
    back_href: str
    edit_href: str
    facts: tuple[UnitFact, ...]
    units: tuple[Line, ...]
    add_unit_href: str
    places: tuple[Line, ...]
    add_place_href: str
    sheet_href: str
    areas: tuple[Line, ...]
    add_area_href: str
    changes_href: str
    move_href: str = ""
    retire_href: str = ""
    has_new_place: bool = False  # one was made a moment ago


@dataclass(frozen=True, kw_only=True)
class Input:
    """One input of a form: `kind` is text, number, date, select, tick or radios."""

    name: str
    kind: str
    label: str
    value: str = ""
    hint: str = ""
    choices: tuple[Choice, ...] = ()
    required: bool = False
    limit: int = 0
    own_position: bool = False  # a button fills in where the phone is


@dataclass(frozen=True, kw_only=True)
class FormPage:
    """A form of the set-up; `renew_*` makes its QR code anew, `retire_*` is the way to end what it is about."""

    frame: Frame
    title: str
    about: str
    back_href: str
    action: str
    button: str
    inputs: tuple[Input, ...]
    hint: str = ""
    past: tuple[UnitFact, ...] = ()
    past_title: str = ""
    renew_action: str = ""
    poster_href: str = ""
    retire_action: str = ""
    retire_word: str = ""
    retire_hint: str = ""
    faults: tuple[FieldFault, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RetirePage:
    """What retiring a unit means, or what keeps it from being retired."""

    frame: Frame
    name: str
    back_href: str
    action: str
    remains: tuple[str, ...]
    goes_along: str = ""


@dataclass(frozen=True, kw_only=True)
class AreaPage:
    """The editor of an area; `shapes` is what the map draws, as JSON."""

    frame: Frame
    title: str
    unit: str
    back_href: str
    action: str
    name: str
    name_limit: int
    corners: str
    datums: tuple[Choice, ...]
    shapes: str
    ground: Ground | None  # None: corners are typed; `shapes` is drawn in its datum
    size: str = ""
    retire_action: str = ""
    faults: tuple[FieldFault, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CategoryTick:
    """One category and whether it is offered."""

    code: str
    name: str
    shown: bool
    fixed: bool = False


@dataclass(frozen=True, kw_only=True)
class CategoriesPage:
    """Which categories a unit's forms offer."""

    frame: Frame
    unit: str
    back_href: str
    action: str
    follows: bool
    above: str  # whose choice holds when the unit makes none
    may_follow: bool
    ticks: tuple[CategoryTick, ...]
    faults: tuple[FieldFault, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ChangedField:
    """One field's way from before to after; an empty side was not there."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class ChangeLine:
    """One change in words."""

    at: str
    who: str
    what: str
    unit: str
    fields: tuple[ChangedField, ...]


@dataclass(frozen=True, kw_only=True)
class ChangesPage:
    """变更记录."""

    frame: Frame
    back_href: str
    units: tuple[Choice, ...]
    kinds: tuple[Choice, ...]
    lines: tuple[ChangeLine, ...]
    older_href: str = ""
    newest_href: str = ""
