"""What the pages of this room show."""

from dataclasses import dataclass

from app.web.pages import Choice, FieldFault, Frame


@dataclass(frozen=True, kw_only=True)
class MessageCard:
    """One message in the list."""

    action: str
    title: str
    lines: tuple[str, ...]
    when: str
    unread: bool
    out_of_reach: bool = False


@dataclass(frozen=True, kw_only=True)
class MessagesPage:
    """The list, unread first; `newest` is what "all read" reaches to."""

    frame: Frame
    unread: tuple[MessageCard, ...]
    read: tuple[MessageCard, ...]
    waiting: int
    newest: str = ""
    next_href: str = ""
    first_page: bool = True


@dataclass(frozen=True, kw_only=True)
class Tick:
    """One box to tick, with what it is about."""

    value: str
    label: str
    about: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class PreferencesPage:
    """What a person chose."""

    frame: Frame
    languages: tuple[Choice, ...]
    topics: tuple[Tick, ...]
    digest: bool
    hours: tuple[Choice, ...]
    has_mail_server: bool
    email: str = ""
    confirmed: bool = False
    waiting_for_code: bool = False
    faults: tuple[FieldFault, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ChannelCard:
    """One robot in the list: its state in words, never its address."""

    href: str
    code: str
    name: str
    robot: str
    host: str
    topics: str
    state: str  # ok, bad, new
    says: str
    waiting: int
    ended_badly: int


@dataclass(frozen=True, kw_only=True)
class ChannelGroup:
    """The robots of one unit."""

    unit: str
    channels: tuple[ChannelCard, ...]


@dataclass(frozen=True, kw_only=True)
class ChannelsPage:
    """Every robot of the units the reader manages, and what e-mail could not do."""

    frame: Frame
    groups: tuple[ChannelGroup, ...]
    mail_faults: int
    mail_says: str
    lists_hosts: bool
    hosts: tuple[str, ...] = ()
    settled_hosts: tuple[str, ...] = ()
    entry: str = ""
    faults: tuple[FieldFault, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ChannelFormPage:
    """The form of one robot; `code` is empty for a new one."""

    frame: Frame
    action: str
    title: str
    code: str
    units: tuple[Choice, ...]
    robots: tuple[Choice, ...]
    languages: tuple[Choice, ...]
    topics: tuple[Tick, ...]
    name: str = ""
    keyword: str = ""
    host: str = ""
    signed: bool = False
    unit: str = ""
    robot: str = ""
    trial_says: str = ""
    trial_bad: bool = False
    faults: tuple[FieldFault, ...] = ()
