"""The form of a notice: its hazards as they would be printed, open to be reworded before they are."""

import uuid
from collections.abc import Iterator, Sequence
from typing import Final

from flask import url_for
from werkzeug.datastructures import MultiDict

from app.core.errors import Invalid, Problem
from app.edge.entrance import actor, runtime
from app.papers.composing import items_of_notice
from app.papers.content import Item
from app.papers.issuing import Matter, matter_of
from app.papers.proofreading import word_faults
from app.papers.words import REQUIREMENT
from app.web.frames import came_from, frame_of
from app.web.papers.pages import DraftLine, NoticeFormPage, Reworded
from app.web.papers.present import draft_lines, inspectors_of
from app.web.papers.typed import REQUIREMENT_LONGEST, TEXT_LONGEST, faults_of

ROOM_BYTES: Final = 96 * 1024
"""So much of a form's limit the texts of the hazards may fill as they are sent; a long notice has inputs only
where it must."""
_SENT_AS: Final = 3
"""Bytes for each byte of a text in an address-encoded form."""


def notice_form_page(
    numbers: Sequence[str], form: MultiDict[str, str], *, problem: Problem | None = None
) -> NoticeFormPage:
    """The form of a notice about these hazards: what was typed, else what can be proposed.

    What may not be printed as it stands is said at once, before anybody has filled in the rest.

    Raises:
        NotFound, Forbidden, Invalid: see `matter_of`.
    """
    at, limits = runtime().now(), runtime().settings.limits
    with runtime().db.read() as session:
        matter = matter_of(session, numbers, by=actor())
        lines = draft_lines(session, matter.hazards, form=form, chosen=set())
        items = items_of_notice(session, matter.hazards, bases={})
        if problem is None and (found := word_faults(session, matter.hazards, items, requirement="")):
            problem = Invalid(*found)
    faults = faults_of(problem) if problem else ()
    earliest = max(filter(None, (matter.last_deadline_on, at.astimezone(matter.unit.zone).date()))).isoformat()
    return NoticeFormPage(
        frame=frame_of(current="papers"),
        unit=matter.unit.name,
        lines=tuple(_reworded(matter, lines, items, form, faulty={fault.field for fault in faults})),
        action=url_for("papers.issue"),
        back_href=came_from() or url_for("papers.new_notice"),
        draft_id=form.get("draft_id") or str(uuid.uuid4()),
        requirement=form.get("requirement", REQUIREMENT),
        requirement_limit=REQUIREMENT_LONGEST,
        reinspection_on=form.get("reinspection_on", earliest),
        earliest=earliest,
        text_limit=TEXT_LONGEST,
        problem_limit=limits.description,
        faults=faults,
        **inspectors_of(form),
    )


def _reworded(
    matter: Matter,
    lines: Sequence[DraftLine],
    items: Sequence[Item],
    form: MultiDict[str, str],
    *,
    faulty: set[str],
) -> Iterator[Reworded]:
    """The hazards' inputs, open while there is room in the form, and wherever something is to be reworded."""
    filled = 0
    for hazard, line, item in zip(matter.hazards, lines, items, strict=True):
        number = item.number
        has_name = hazard.place_id is not None or not hazard.location_text
        reworded = Reworded(
            line=line,
            is_open=False,
            problem=form.get(f"problem-{number}", item.problem),
            measures=form.get(f"measures-{number}", item.measures),
            where=None if has_name else form.get(f"where-{number}", item.place),
        )
        filled += _SENT_AS * len((reworded.problem + reworded.measures + (reworded.where or "")).encode())
        must_be = faulty & {f"{part}-{number}" for part in ("problem", "measures", "where")}
        is_open = filled <= ROOM_BYTES or bool(must_be) or f"problem-{number}" in form
        yield Reworded(**{**vars(reworded), "is_open": is_open})
