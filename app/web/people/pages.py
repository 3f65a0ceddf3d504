"""What the people's pages show; frozen, finished words."""

from dataclasses import dataclass, field

from app.web.pages.frame import Choice, FieldFault, Frame


@dataclass(frozen=True, kw_only=True)
class PersonLine:
    """One person in the list; `state` is active, waiting, expired or disabled."""

    href: str
    name: str
    login: str
    unit: str
    roles: tuple[str, ...]
    state: str


@dataclass(frozen=True, kw_only=True)
class PeopleGroup:
    """The people of one unit, one after the other."""

    unit: str
    people: tuple[PersonLine, ...]


@dataclass(frozen=True, kw_only=True)
class PeoplePage:
    """人员: the list with its filters."""

    frame: Frame
    groups: tuple[PeopleGroup, ...]
    units: tuple[Choice, ...]
    roles: tuple[Choice, ...]
    onlys: tuple[Choice, ...]
    words: str
    is_narrowed: bool
    is_chosen: bool  # by more than words
    add_href: str
    import_href: str
    links_href: str
    next_href: str = ""
    first_href: str = ""


@dataclass(frozen=True, kw_only=True)
class RoleChip:
    """A role that a form offers."""

    value: str
    label: str
    hint: str
    chosen: bool = False


@dataclass(frozen=True, kw_only=True)
class AddPage:
    """添加人员."""

    frame: Frame
    back_href: str
    login: str
    name: str
    units: tuple[Choice, ...]
    roles: tuple[RoleChip, ...]
    role_units: tuple[Choice, ...]
    faults: tuple[FieldFault, ...] = ()


@dataclass(frozen=True, kw_only=True)
class HeldRole:
    """A role with the way to end it."""

    role: str
    unit: str
    end_href: str


@dataclass(frozen=True, kw_only=True)
class PersonPage:
    """One person; what is closed is left out, with `closed` saying why."""

    frame: Frame
    back_href: str
    name: str
    login: str
    unit: str
    state: str
    link_until: str
    roles: tuple[HeldRole, ...]
    is_wholly_managed: bool
    is_self: bool
    typed_name: str
    role_choices: tuple[Choice, ...]
    unit_choices: tuple[Choice, ...]
    home_choices: tuple[Choice, ...]
    actions: dict[str, str] = field(default_factory=dict)  # what may be done → where
    faults: tuple[FieldFault, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LinkPage:
    """A one-time link, shown once, with its QR code; `qr_svg` is a `markupsafe.Markup` (an str)."""

    frame: Frame
    back_href: str
    name: str
    login: str
    unit: str
    address: str
    qr_svg: str
    until: str
    again_href: str
    next_href: str
    only_here: str = ""  # the host that no phone can open


@dataclass(frozen=True, kw_only=True)
class HandOverTask:
    """The open hazards of one unit in one duty, and who could take them over."""

    key: str
    duty: str
    unit: str
    hazards: tuple[str, ...]
    more: int
    heirs: tuple[Choice, ...]


@dataclass(frozen=True, kw_only=True)
class LeavePage:
    """停用、撤销角色或调动: what it does and who takes the open hazards."""

    frame: Frame
    back_href: str
    action: str
    what: str  # disable, role or move
    name: str
    role: str
    unit: str
    target: str
    tasks: tuple[HandOverTask, ...]
    is_closed: bool = False
    faults: tuple[FieldFault, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Counted:
    """One sheet's rows by what becomes of them."""

    sheet: str
    make: int
    change: int
    same: int


@dataclass(frozen=True, kw_only=True)
class CellLine:
    """One fault of one cell; `cell` is B7, empty for a whole row or sheet."""

    sheet: str
    row: int
    cell: str
    heading: str
    value: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class PlannedLine:
    """One row that would be made or changed."""

    sheet: str
    row: int
    doing: str
    name: str
    key: str
    facts: str  # what the administrator checks: whose it is, and what it may do


@dataclass(frozen=True, kw_only=True)
class ImportPage:
    """导入: the upload, and after it what it would do."""

    frame: Frame
    back_href: str
    template_href: str
    limit_mib: int
    rows_most: int
    token: str = ""  # empty: nothing was uploaded yet, or it cannot be imported
    counted: tuple[Counted, ...] = ()
    planned: tuple[PlannedLine, ...] = ()
    more: int = 0
    cells: tuple[CellLine, ...] = ()
    changes_nothing: bool = False
    faults: tuple[FieldFault, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LinkSlip:
    """One person's slip to cut out and hand over."""

    name: str
    login: str
    unit: str
    qr_svg: str


@dataclass(frozen=True, kw_only=True)
class LinksPage:
    """邀请链接: for everybody of a unit who has not signed in yet."""

    frame: Frame
    back_href: str
    units: tuple[Choice, ...]
    chosen: str
    without: int  # have no link that works
    waiting: int  # have one that nobody has used
    faults: tuple[FieldFault, ...] = ()
    only_here: str = ""  # the host that no phone can open


@dataclass(frozen=True, kw_only=True)
class SlipsPage:
    """The slips on paper."""

    frame: Frame
    back_href: str
    slips: tuple[LinkSlip, ...]
    until: str
    only_here: str = ""  # the host that no phone can open
