"""The help of one role, with links to what this reader may open."""

from flask import url_for

from app.accounts.permissions import Role
from app.core.errors import NotFound
from app.edge.entrance import actor_or_none
from app.web.frames import frame_of
from app.web.guide.pages import GuidePage, StepShown, Tab
from app.web.guide.words import GUIDES


def guide_page(role: str = "") -> GuidePage:
    """The help for `role`, or for the reader's own first role; whoever is nobody here is helped as a worker.

    Raises:
        NotFound: no such role.
    """
    if role and role not in set(Role):
        raise NotFound
    who = actor_or_none()
    held = {grant.role for grant in who.grants} if who else set()
    # In the order of GUIDES from the desk down: whoever commands is first helped to command.
    own: list[Role] = [each for each in GUIDES if each in held and each is not Role.WORKER]
    own += [Role.WORKER] if not held or Role.WORKER in held or own else []
    shown = Role(role) if role else own[0]
    frame = frame_of(current="guide")
    leads = {item.code: item.href for item in frame.menu}
    guide = GUIDES[shown]
    return GuidePage(
        frame=frame,
        role=str(guide.role),
        steps=tuple(
            StepShown(what=str(step.what), how=str(step.how), href=leads.get(step.menu, ""))
            for step in guide.steps
        ),
        promise=str(guide.promise),
        tabs=tuple(
            Tab(word=str(GUIDES[each].role), href=url_for("guide.guide", role=each), current=each is shown)
            for each in own
        ),
    )
