"""What the pages of absences show."""

from dataclasses import dataclass

from app.web.pages import Choice, FieldFault, Frame


@dataclass(frozen=True, kw_only=True)
class AbsenceLine:
    """One absence; `stands` is a key of words.STANDS, `end_action` is empty where nothing is left to take back."""

    name: str
    unit: str
    days: str  # 11-05 至 11-12
    deputy: str  # empty: nobody was named
    warning: str = ""  # who really stands in, when it is not the deputy that was named
    stands: str
    word: str
    is_mine: bool = False
    is_for_me: bool = False
    end_action: str = ""


@dataclass(frozen=True, kw_only=True)
class AbsencesPage:
    """请假与代理."""

    frame: Frame
    now: tuple[AbsenceLine, ...] = ()
    coming: tuple[AbsenceLine, ...] = ()
    past: tuple[AbsenceLine, ...] = ()
    own_href: str = ""  # where the reader enters the own absence
    people: tuple[Choice, ...] = ()  # whose absence an administrator may enter
    new_action: str = ""


@dataclass(frozen=True, kw_only=True)
class LeavePage:
    """The form of one absence."""

    frame: Frame
    action: str
    back_href: str
    login: str
    name: str
    unit: str
    today: str
    from_on: str = ""
    until_on: str = ""
    deputies: tuple[Choice, ...] = ()
    nobody: Choice
    faults: tuple[FieldFault, ...] = ()
