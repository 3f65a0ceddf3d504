"""The frame around every page: reader, language, size, menu, and the faults of a form."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class MenuItem:
    """One line of the menu: `code` is what `frame_of(current=…)` names; `count` is shown when not None."""

    code: str
    word: str
    href: str
    count: int | None = None
    current: bool = False
    begins_group: bool = False


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What surrounds a page: who reads it, in which language and size, and where to come back to."""

    locale: str = "zh-CN"  # zh-CN or en: the html lang
    large: bool = False
    here: str = "/"  # the path and query to return to after switching language or size
    person: str = ""  # empty: nobody is signed in
    role: str = ""  # 三号车间安全员
    menu: tuple[MenuItem, ...] = ()
    at_desk: bool = False  # works at a desk too: on a wide screen the menu stands at the side of every page
    notice: str = ""  # one sentence about what has just been done


@dataclass(frozen=True, kw_only=True)
class FieldFault:
    """One field's fault as a sentence that says what to do; `field` is the name of the input."""

    field: str
    sentence: str
    label: str = ""  # the input's own word, for the summary


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
