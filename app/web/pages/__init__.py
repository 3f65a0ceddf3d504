"""The typed contract between routes and templates: every page of the HTML edge as a frozen value.

A template receives exactly one object, `page`. Facts (names, places, times in the unit's zone, scores) arrive
here as finished text in the reader's language; enumerations (states, categories, actions, figures) arrive as
codes, which the templates turn into words, shapes and colours with `app.web.words`. Addresses are finished,
relative strings. Nothing here imports more than the standard library.
"""

from app.web.pages.account import ErrorPage, LoginPage, SetupPage
from app.web.pages.act import ActPage, Input, Subject
from app.web.pages.admin import PlaceGroup, PlaceRow, PlacesPage, PosterPage
from app.web.pages.frame import Choice, ChoiceGroup, FieldFault, Frame, MenuItem
from app.web.pages.officer import (
    Count,
    Desk,
    Duty,
    InboxPage,
    Link,
    MajorBox,
    Quote,
    Ticket,
    TicketPage,
)
from app.web.pages.pieces import (
    ClosedStep,
    Evidence,
    Fact,
    HazardCard,
    KeptPhoto,
    Photo,
    State,
    Step,
    TimelineLine,
    WitnessLine,
)
from app.web.pages.reporter import (
    FixedPlace,
    FollowPage,
    HazardListPage,
    HazardPage,
    PointsLine,
    PointsPage,
    ReceiptPage,
    ReportPage,
    Turn,
)
from app.web.pages.reviewer import Block, Figure, FigurePage, FigureRow, RankRow, StatementPage

__all__ = [
    "ActPage",
    "Block",
    "Choice",
    "ChoiceGroup",
    "ClosedStep",
    "Count",
    "Desk",
    "Duty",
    "ErrorPage",
    "Evidence",
    "Fact",
    "FieldFault",
    "Figure",
    "FigurePage",
    "FigureRow",
    "FixedPlace",
    "FollowPage",
    "Frame",
    "HazardCard",
    "HazardListPage",
    "HazardPage",
    "InboxPage",
    "Input",
    "KeptPhoto",
    "Link",
    "LoginPage",
    "MajorBox",
    "MenuItem",
    "Photo",
    "PlaceGroup",
    "PlaceRow",
    "PlacesPage",
    "PointsLine",
    "PointsPage",
    "PosterPage",
    "Quote",
    "RankRow",
    "ReceiptPage",
    "ReportPage",
    "SetupPage",
    "State",
    "StatementPage",
    "Step",
    "Subject",
    "Ticket",
    "TicketPage",
    "TimelineLine",
    "Turn",
    "WitnessLine",
]
