"""A room: pages that belong together in a package of their own, with their lines in the menu and their notices.

A room is registered in `app.web.register_pages`; the frame asks the registered rooms what the menu offers, so that
adding a room touches no other room.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from flask import Blueprint, Flask, current_app
from flask_babel import LazyString

if TYPE_CHECKING:
    from app.web.frames import Reader

_ROOMS: Final = "rooms"


class MenuLine(NamedTuple):
    """One line of the menu: its code (what `frame_of(current=…)` names), where it leads, and how much waits."""

    code: str
    href: str
    waiting: int | None = None


def _no_lines(_reader: "Reader") -> list[MenuLine]:
    return []


@dataclass(frozen=True, kw_only=True)
class Room:
    """What a package of pages gives the house.

    `menu` says which lines this reader is offered; `menu_words` names those lines; `notices` are the sentences
    about what has just been done, by the code that was flashed.
    """

    pages: Blueprint
    menu: "Callable[[Reader], list[MenuLine]]" = _no_lines
    menu_words: Mapping[str, LazyString] = field(default_factory=dict)
    notices: Mapping[str, LazyString] = field(default_factory=dict)


def register_rooms(app: Flask, rooms: tuple[Room, ...]) -> None:
    """Give `app` these rooms, in the order of the menu."""
    for room in rooms:
        app.register_blueprint(room.pages)
    app.extensions[_ROOMS] = rooms


def rooms_of_app() -> tuple[Room, ...]:
    """The rooms of the app that answers this request."""
    rooms: tuple[Room, ...] = current_app.extensions[_ROOMS]
    return rooms
