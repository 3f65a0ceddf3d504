"""The frame around a page: who reads it, in which role, language and size, and what the menu offers."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, cast
from urllib.parse import urlsplit

from flask import g, get_flashed_messages, request, url_for
from flask_babel import LazyString, lazy_gettext

from app.accounts.actor import Actor
from app.accounts.marks import account_mark
from app.accounts.permissions import Permission, Role
from app.edge.entrance import actor, actor_or_none, runtime
from app.edge.language import ENGLISH, chosen_locale
from app.hazards.desk import Inbox, inbox
from app.hazards.desk_groups import Urgency
from app.units.queries import Unit, units_by_id
from app.web import words
from app.web.pages import Frame, MenuItem
from app.web.rooms import MenuLine, rooms_of_app

SIZE_COOKIE: Final = "size"
LARGE: Final = "large"
ROLES: Final[Mapping[Role, LazyString]] = MappingProxyType(
    {
        Role.WORKER: lazy_gettext("%(unit)s职工"),
        Role.OFFICER: lazy_gettext("%(unit)s安全员"),
        Role.RECTIFIER: lazy_gettext("%(unit)s整改人"),
        Role.HEAD: lazy_gettext("%(unit)s负责人"),
        Role.REVIEWER: lazy_gettext("%(unit)s竞赛办"),
        Role.ADMIN: lazy_gettext("%(unit)s管理员"),
    }
)
_RANK: Final = (Role.HEAD, Role.OFFICER, Role.REVIEWER, Role.RECTIFIER, Role.ADMIN, Role.WORKER)
DESK_LINES: Final[Mapping[str, tuple[Urgency, ...]]] = MappingProxyType(
    {
        "overdue": (Urgency.OVERDUE,),
        "due_today": (Urgency.DUE_TODAY,),
        "submitted": (Urgency.TO_ACCEPT,),
        "reviewing": (Urgency.TO_REINSPECT,),
        "contested": (Urgency.CONTESTED,),
        "extension": (Urgency.EXTENSION,),
        "rectifying": (Urgency.UNDER_WAY,),
    }
)
"""The desk's groups by the word they are shown with."""
_OF_GUESTS: Final[Mapping[str, str]] = MappingProxyType({"follow": "reporter.follow", "unsent": "unsent.drafts"})
"""What stands in the menu of somebody without an account, and its page."""
_OFFICE: Final = 1
_REPORTING: Final = ("report", "mine", "unit", "follow", "unsent")
_GROUPS: Final[Mapping[str, int]] = MappingProxyType(
    dict.fromkeys(("inbox", *DESK_LINES), 0)
    | dict.fromkeys(_REPORTING, 2)
    | dict.fromkeys(("setup", "people", "places", "rules", "absence", "channels"), 3)
    | {"guide": 4}
)
"""The menu's groups in their order: what waits, the office's papers and figures, reporting, set-up, help."""


@dataclass(frozen=True)
class Reader:
    """The account that reads this page, with its units and what waits for it."""

    actor: Actor
    home: Unit
    units: Mapping[int, Unit]
    waiting: Inbox

    @property
    def has_desk(self) -> bool:
        """Whether the inbox concerns this person at all."""
        duties = (Permission.HAZARD_TRIAGE, Permission.HAZARD_OVERSEE, Permission.HAZARD_RECTIFY)
        return self.waiting.total > 0 or any(self.actor.can_somewhere(duty) for duty in duties)

    @property
    def at_desk(self) -> bool:
        """Whether this person works in the office too, not only with a phone on the floor."""
        return self.has_desk or any(
            map(self.actor.can_somewhere, (Permission.STATEMENT_READ, Permission.UNIT_MANAGE))
        )

    @property
    def accepts(self) -> bool:
        """Whether reports come to this person to be accepted."""
        return self.actor.can_somewhere(Permission.HAZARD_TRIAGE)

    @property
    def oversees_only(self) -> bool:
        """Whether the inbox holds what others do: a head's."""
        return self.actor.can_somewhere(Permission.HAZARD_OVERSEE) and not self.accepts


def reader() -> Reader:
    """Who reads, asked once per request.

    Raises:
        NotSignedIn: nobody.
    """
    if "reader" not in g:
        g.reader = _reader(actor())
    return cast("Reader", g.reader)


def _reader(who: Actor) -> Reader:
    means = runtime()
    with means.db.read() as session:
        units = units_by_id(session, [who.home_unit_id, *(grant.unit_id for grant in who.grants)])
        home = units[who.home_unit_id]
        waiting = inbox(session, by=who, at=means.now(), zone=home.zone, limit=0)
    return Reader(who, home, units, waiting)


def own_mark() -> str:
    """The mark by which a phone knows this account again; raises as `reader`."""
    with runtime().db.read() as session:
        return account_mark(session, actor().account_id)


def here() -> str:
    """The path and query of this request."""
    return request.full_path.removesuffix("?")


def local_path(wanted: str) -> str:
    """A path of ours to go on to, or the front page: never an address that leads away."""
    parts = urlsplit(wanted)
    leads_away = wanted.startswith(("//", "/\\")) or parts.scheme or parts.netloc
    return wanted if wanted.startswith("/") and not leads_away and wanted.isprintable() else "/"


def came_from() -> str:
    """The page that led here, as `?from=` names it; empty when none did."""
    wanted = request.args.get("from", "")
    return local_path(wanted) if wanted else ""


def came_as(path: str) -> dict[str, Any]:
    """The query that names `path` as the page to come back to."""
    return {"from": path} if path else {}


def bare_frame() -> Frame:
    """A frame that needs no database."""
    return Frame(
        locale="en" if chosen_locale() == ENGLISH else "zh-CN",
        large=request.cookies.get(SIZE_COOKIE) == LARGE,
        # A form that was posted cannot be come back to by its address alone, but its page often can.
        here=here() if request.method == "GET" else request.path,
    )


def frame_of(*, current: str = "", tells: bool = True) -> Frame:
    """The frame of a page; `current` is its menu line, `tells` whether it says what has just been done."""
    bare, notice = bare_frame(), _notice() if tells else ""
    if actor_or_none() is None:
        guest = tuple(
            MenuItem(code=code, word=str(words.MENU[code]), href=url_for(page), current=current == code)
            for code, page in _OF_GUESTS.items()
        )
        return Frame(locale=bare.locale, large=bare.large, here=bare.here, menu=guest, notice=notice)
    who = reader()
    return Frame(
        locale=bare.locale,
        large=bare.large,
        here=bare.here,
        person=who.actor.name,
        role=role_of(who),
        menu=menu_of(who, current=current),
        at_desk=who.at_desk,
        notice=notice,
    )


def _notice() -> str:
    told: list[Any] = list(get_flashed_messages())
    if not told:
        return ""
    every = dict(words.NOTICES)
    for room in rooms_of_app():
        every |= room.notices
    # A code, or a code with the values of its sentence.
    code, values = told[-1] if isinstance(told[-1], list | tuple) else (told[-1], {})
    sentence = str(every[str(code)])
    return sentence % values if values else sentence


def role_of(who: Reader) -> str:
    """The highest of the reader's roles with its unit: 三号车间安全员."""
    held = sorted(who.actor.grants, key=lambda grant: _RANK.index(grant.role))
    return str(ROLES[held[0].role]) % {"unit": who.units[held[0].unit_id].name} if held else ""


def menu_of(who: Reader, *, current: str) -> tuple[MenuItem, ...]:
    """What this person may open."""
    can = who.actor.can_somewhere
    lines: list[MenuLine] = []
    if who.has_desk:
        lines.append(MenuLine("inbox", url_for("officer.desk"), who.waiting.total))
        lines += [
            MenuLine(code, url_for("officer.desk", only=code), count)
            for code, groups in DESK_LINES.items()
            if code != "due_today" and (count := sum(who.waiting.counts[group] for group in groups))
        ]
    if can(Permission.HAZARD_SUBMIT):
        lines.append(MenuLine("report", url_for("reporter.report"), None))
        lines.append(MenuLine("mine", url_for("reporter.mine"), None))
        lines.append(MenuLine("unit", url_for("reporter.unit_hazards"), None))
        if not who.has_desk:  # an officer's menu is long enough; the receipt leads there too
            lines.append(MenuLine("follow", url_for("reporter.follow"), None))
    if can(Permission.STATEMENT_READ):
        lines.append(MenuLine("statement", url_for("reviewer.this_month"), None))
    if can(Permission.UNIT_MANAGE) or can(Permission.HAZARD_TRIAGE) or can(Permission.HAZARD_OVERSEE):
        lines.append(MenuLine("places", url_for("admin.places"), None))
    named = dict(words.MENU)
    for room in rooms_of_app():
        lines += room.menu(who)
        named |= room.menu_words
    # Whoever has no desk comes to report.
    rank = dict(_GROUPS) if who.has_desk else dict(_GROUPS) | dict.fromkeys(_REPORTING, 0)
    ordered = sorted(lines, key=lambda line: rank.get(line.code, _OFFICE))
    groups = [rank.get(line.code, _OFFICE) for line in ordered]
    return tuple(
        MenuItem(
            code=line.code,
            word=str(named[line.code]),
            href=line.href,
            count=line.waiting,
            current=line.code == current,
            begins_group=group != before,
        )
        for line, group, before in zip(ordered, groups, [*groups[:1], *groups], strict=False)
    )


def home_address() -> str:
    """Where this person's work begins."""
    if actor_or_none() is None:
        return url_for("account.login")
    who = reader()
    can = who.actor.can_somewhere
    desk = can(Permission.HAZARD_TRIAGE) or can(Permission.HAZARD_OVERSEE) or can(Permission.HAZARD_RECTIFY)
    if desk:
        return url_for("officer.desk")
    if can(Permission.STATEMENT_READ):
        return url_for("reviewer.this_month")
    if can(Permission.HAZARD_SUBMIT):
        return url_for("reporter.report")
    return url_for("setup.overview") if can(Permission.UNIT_MANAGE) else url_for("admin.places")
