"""Robots as pages: the list with what went wrong in words, and the form."""

from itertools import groupby

from flask import request, url_for
from flask_babel import gettext as _

from app.accounts.permissions import Permission
from app.edge.entrance import actor, runtime
from app.notifications.channel_list import FOR_GROUPS, Channel, channel_of, channels_of, mail_trouble
from app.notifications.listed_hosts import listed_hosts, manages_whole_tree
from app.units.queries import subtree
from app.web.frames import frame_of, reader
from app.web.messages.pages import ChannelCard, ChannelFormPage, ChannelGroup, ChannelsPage, Tick
from app.web.messages.words import FAULTS, GROUP_TOPICS, LANGUAGES, ROBOTS
from app.web.pages import Choice, FieldFault
from app.web.times import moment


def fault_words(code: str) -> str:
    """A delivery's fault as a sentence."""
    return str(FAULTS[code if code in FAULTS else "robot_other"])


def channels_page(*, faults: tuple[FieldFault, ...] = ()) -> ChannelsPage:
    """Every robot of the units the reader manages."""
    means = runtime()
    with means.db.read() as session:
        channels = channels_of(session, by=actor(), at=means.now())
        trouble = mail_trouble(session, by=actor(), at=means.now())
        lists_hosts = manages_whole_tree(session, actor())
        hosts = listed_hosts(session) if lists_hosts else ()
    return ChannelsPage(
        frame=frame_of(current="channels"),
        groups=tuple(
            ChannelGroup(unit=unit.name, channels=tuple(_card(channel) for channel in group))
            for unit, group in groupby(channels, key=lambda channel: channel.unit)
        ),
        mail_faults=trouble.count,
        mail_says=fault_words(trouble.fault) if trouble.count else "",
        lists_hosts=lists_hosts,
        hosts=hosts,
        settled_hosts=means.settings.outgoing_allowed if lists_hosts else (),
        entry=request.form.get("entry", ""),
        faults=faults,
    )


def _card(channel: Channel) -> ChannelCard:
    state, says = _state(channel)
    return ChannelCard(
        href=url_for("messages.channel", code=channel.code),
        code=channel.code,
        name=channel.name,
        robot=str(ROBOTS[channel.kind]),
        host=channel.host,
        topics=str(_("、")).join(str(GROUP_TOPICS[topic].name) for topic in channel.topics),
        state=state,
        says=says,
        waiting=channel.waiting,
        ended_badly=channel.ended_badly,
    )


def _state(channel: Channel) -> tuple[str, str]:
    zone, now = reader().home.zone, runtime().now()
    if channel.fault and channel.failed_at:
        when = moment(channel.failed_at, zone, now=now)
        return "bad", str(_("%(when)s：%(fault)s", when=when, fault=fault_words(channel.fault)))
    if channel.sent_at:
        return "ok", str(_("最近一次发出：%(when)s", when=moment(channel.sent_at, zone, now=now)))
    return "new", str(_("还没有发过消息。"))


def new_channel_page(*, faults: tuple[FieldFault, ...] = ()) -> ChannelFormPage:
    """The form of a new robot."""
    with runtime().db.read() as session:
        units = subtree(session, actor().units_where(Permission.UNIT_MANAGE))
    typed = request.form
    return ChannelFormPage(
        frame=frame_of(current="channels"),
        action=url_for("messages.add"),
        title=str(_("添加机器人")),
        code="",
        units=tuple(
            Choice(value=unit.code, label=unit.name, chosen=unit.code == typed.get("unit")) for unit in units
        ),
        robots=tuple(
            Choice(value=robot, label=str(word), chosen=robot == typed.get("kind", "wecom"))
            for robot, word in ROBOTS.items()
        ),
        languages=_languages(typed.get("language", "zh")),
        topics=_topics(typed.getlist("topic") if typed else ["new", "clocks", "major"]),
        name=typed.get("name", ""),
        keyword=typed.get("keyword", ""),
        faults=faults,
    )


def channel_page(
    code: str, *, faults: tuple[FieldFault, ...] = (), trial: str | None = None, tried: bool = False
) -> ChannelFormPage:
    """The form of a robot that is there; `trial` is the fault of a trial message that was just `tried`.

    Raises:
        NotFound: absent, or of a unit the reader does not manage.
    """
    means = runtime()
    with means.db.read() as session:
        channel = channel_of(session, code, by=actor(), at=means.now())
    typed = request.form if faults else None
    chosen = typed.getlist("topic") if typed is not None else [topic.value for topic in channel.topics]
    says = fault_words(trial) if trial else str(_("机器人已收下，请到群里看看。")) if tried else ""
    return ChannelFormPage(
        frame=frame_of(current="channels"),
        action=url_for("messages.change", code=code),
        title=channel.name,
        code=code,
        units=(),
        robots=(),
        languages=_languages(channel.language if typed is None else typed.get("language", "")),
        topics=_topics(chosen),
        name=channel.name if typed is None else typed.get("name", ""),
        keyword=channel.keyword if typed is None else typed.get("keyword", ""),
        host=channel.host,
        signed=channel.signed,
        unit=channel.unit.name,
        robot=str(ROBOTS[channel.kind]),
        trial_says=says,
        trial_bad=trial is not None,
        faults=faults,
    )


def _languages(chosen: str) -> tuple[Choice, ...]:
    return tuple(Choice(value=code, label=word, chosen=code == chosen) for code, word in LANGUAGES.items())


def _topics(chosen: list[str]) -> tuple[Tick, ...]:
    return tuple(
        Tick(
            value=topic,
            label=str(GROUP_TOPICS[topic].name),
            about=str(GROUP_TOPICS[topic].about),
            chosen=topic in chosen,
        )
        for topic in FOR_GROUPS
    )
