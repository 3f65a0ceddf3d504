"""What happens to papers and exports, for the workers to hear."""

from dataclasses import dataclass

from app.core.events import Event


@dataclass(frozen=True)
class PaperIssued(Event):
    """A notice or an opinion was issued: it is to be printed."""

    paper_id: int


@dataclass(frozen=True)
class PrintAskedAgain(Event):
    """Somebody asks for a print that failed."""

    paper_id: int


@dataclass(frozen=True)
class ExportAsked(Event):
    """Somebody wants the register as a file."""

    export_id: int
