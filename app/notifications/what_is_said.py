"""What is said in a message: its kind and facts become a title and a few lines, in the hearer's language. Pure.

Two audiences. A person reads what was said with the act; a group reads public facts only, which have no room for a
name, a position or free text. Words are those a safety officer uses, and each message says what to do next.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final, NamedTuple

from app.notifications.facts import PrivateFacts, PublicFacts
from app.notifications.kinds import Kind
from app.notifications.language import CATEGORIES, CHINESE, MONTHS, N_, Translate, translation_into

SAID_AT_MOST: Final = 200
"""Characters of somebody's words in a message; the rest is on the ticket."""


class Wording(NamedTuple):
    """A title and what to do next, in Chinese; `deadline` is whether the deadline is told too."""

    title: str
    then: str
    deadline: bool = False


@dataclass(frozen=True)
class Saying:
    """A message in words: a title, and lines below it."""

    title: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """Everything, one line each."""
        return "\n".join((self.title, *self.lines))


TO_A_PERSON: Final[Mapping[Kind, Wording]] = MappingProxyType(
    {
        Kind.ARRIVED: Wording(N_("有新隐患等您受理"), N_("请在 24 小时内受理、退回补充或转办。")),
        Kind.MOVED_AWAY: Wording(N_("隐患已转给别人"), N_("现由%(unit)s处理，您不用再管。")),
        Kind.HANDED_ON: Wording(N_("您上报的隐患已转办"), N_("现由%(unit)s处理。")),
        Kind.ASKED: Wording(N_("请补充隐患情况"), N_("安全员还需要了解情况，补充后接着受理。")),
        Kind.ANSWERED: Wording(N_("上报人已补充情况"), N_("请接着受理。")),
        Kind.WITHDRAWN: Wording(N_("隐患已撤回"), N_("上报人撤回了，不用再处理。")),
        Kind.REJECTED: Wording(N_("您上报的隐患未予受理"), N_("不同意的话，5 个工作日内可以申诉。")),
        Kind.APPEALED: Wording(N_("有申诉等您裁定"), N_("请看过经过后维持或改判。")),
        Kind.DISPUTED: Wording(N_("您的结论有人不同意"), N_("由上级或工会裁定，您不用处理。")),
        Kind.APPEAL_UPHELD: Wording(N_("申诉结果：维持原结论"), N_("申诉已办结。")),
        Kind.APPEAL_OVERTURNED: Wording(N_("申诉成立，重新受理"), N_("现由%(unit)s受理。")),
        Kind.MERGED: Wording(
            N_("您上报的隐患已合并"), N_("同一处隐患已在办，编号 %(master)s，进展会继续告诉您。")
        ),
        Kind.JOINED_MERGED: Wording(
            N_("您跟进的隐患已合并"), N_("同一处隐患已在办，编号 %(master)s，进展会继续告诉您。")
        ),
        Kind.JOINED_REJECTED: Wording(N_("您跟进的隐患未予受理"), N_("危险还在的话，请再拍一次。")),
        Kind.UNMERGED: Wording(N_("您上报的隐患已恢复单独处理"), N_("重新等待受理。")),
        Kind.ACCEPTED: Wording(N_("隐患已受理"), N_("已安排整改，谢谢您随手一拍。")),
        Kind.MAJOR_ACCEPTED: Wording(
            N_("有重大隐患立案"), N_("请盯住五落实和双报告，销号须由负责人或上级复查。"), deadline=True
        ),
        Kind.ASSIGNED: Wording(N_("有隐患派您整改"), N_("请先签收，改好后拍整改后照片提交。"), deadline=True),
        Kind.UNASSIGNED: Wording(N_("隐患已改派他人"), N_("您不用再整改。")),
        Kind.ACKNOWLEDGED: Wording(N_("整改人已签收"), N_("正在整改。"), deadline=True),
        Kind.REMINDED: Wording(N_("催办：请抓紧整改"), N_("改好后请尽快提交整改后照片。"), deadline=True),
        Kind.EXTENSION_ASKED: Wording(N_("有延期申请等您批"), N_("请同意或不同意。"), deadline=True),
        Kind.EXTENSION_GIVEN: Wording(N_("延期已同意"), N_("请按新期限整改。"), deadline=True),
        Kind.EXTENSION_REFUSED: Wording(N_("延期未同意"), N_("请按原期限整改。"), deadline=True),
        Kind.DUAL_REPORTED: Wording(N_("重大隐患双报告已登记"), N_("请核对两份报告是否齐全。")),
        Kind.TO_REVIEW: Wording(N_("整改已提交，等您复查"), N_("请到现场或对照照片复查。")),
        Kind.REPAIRED: Wording(N_("隐患已改好，等复查"), N_("安全员到现场看过，结果会告诉您。")),
        Kind.REPAIR_RETURNED: Wording(N_("复查没通过，重新整改"), N_("还没改好，改好后再复查。"), deadline=True),
        Kind.CLOSED: Wording(N_("隐患已闭环"), N_("复查合格，谢谢您。")),
        Kind.SENT_BACK: Wording(N_("复查不合格，退回整改"), N_("请按意见重新整改后再提交。"), deadline=True),
        Kind.VOIDED: Wording(N_("受理已撤销"), N_("这条隐患不再整改。")),
        Kind.OBJECTED: Wording(N_("有人对闭环提出异议"), N_("请重新查看：重开，或由上级驳回异议。")),
        Kind.REOPENED: Wording(N_("隐患已重开"), N_("将重新整改。"), deadline=True),
        Kind.OBJECTION_DISMISSED: Wording(N_("异议未采纳"), N_("上级看过后，闭环有效。")),
        Kind.FOLLOWED: Wording(N_("又有人遇到这处隐患"), N_("已并入跟进，请尽快处理。")),
        Kind.HANDED_OVER: Wording(N_("有隐患移交给您"), N_("原经办人不再负责，请接着办。"), deadline=True),
        Kind.DUE_TOMORROW: Wording(N_("整改期限只剩一天"), N_("来不及请提前申请延期。"), deadline=True),
        Kind.DUE_TODAY: Wording(N_("整改今天到期"), N_("今天改好并提交，就不算逾期。"), deadline=True),
        Kind.OVERDUE: Wording(N_("整改已逾期"), N_("请马上整改，或说明情况。"), deadline=True),
        Kind.LONG_OVERDUE: Wording(N_("整改逾期三天未完成"), N_("请督促整改单位。"), deadline=True),
        Kind.FIRST_ACT_LATE: Wording(N_("隐患超过 24 小时无人受理"), N_("请马上受理或转办。")),
        Kind.SUPERVISED: Wording(N_("重大隐患逾期，已挂牌督办"), N_("请立即落实整改并管住现场。"), deadline=True),
        Kind.TRIAL: Wording(N_("试发一条消息"), N_("能看到这条，就说明消息已经接通。")),
    }
)
"""What one person is told, of each kind but the digest."""

TO_A_GROUP: Final[Mapping[Kind, Wording]] = MappingProxyType(
    {
        Kind.ARRIVED: Wording(N_("新隐患待受理"), N_("请安全员在 24 小时内受理。")),
        Kind.APPEALED: Wording(N_("有申诉待裁定"), N_("请上级或工会裁定。")),
        Kind.MAJOR_ACCEPTED: Wording(N_("有重大隐患立案"), N_("请远离现场，服从管控。"), deadline=True),
        Kind.ASSIGNED: Wording(N_("隐患已受理，整改中"), N_("经过时请注意安全。"), deadline=True),
        Kind.REMINDED: Wording(N_("催办：请抓紧整改"), N_("改好后请尽快提交整改后照片。"), deadline=True),
        Kind.TO_REVIEW: Wording(N_("整改已提交，待复查"), N_("请安全员复查。")),
        Kind.CLOSED: Wording(N_("隐患已闭环"), N_("复查合格。")),
        Kind.SENT_BACK: Wording(N_("复查不合格，退回整改"), N_("请重新整改。"), deadline=True),
        Kind.OBJECTED: Wording(N_("有人对闭环提出异议"), N_("请安全员重新查看。")),
        Kind.REOPENED: Wording(N_("隐患已重开"), N_("将重新整改。"), deadline=True),
        Kind.DUE_TOMORROW: Wording(N_("整改期限只剩一天"), N_("来不及请提前申请延期。"), deadline=True),
        Kind.DUE_TODAY: Wording(N_("整改今天到期"), N_("今天改好并提交，就不算逾期。"), deadline=True),
        Kind.OVERDUE: Wording(N_("整改已逾期"), N_("请马上整改，或说明情况。"), deadline=True),
        Kind.LONG_OVERDUE: Wording(N_("整改逾期三天未完成"), N_("请上级督促。"), deadline=True),
        Kind.FIRST_ACT_LATE: Wording(N_("隐患超过 24 小时无人受理"), N_("请安全员马上受理或转办。")),
        Kind.SUPERVISED: Wording(N_("重大隐患逾期，已挂牌督办"), N_("请立即落实整改并管住现场。"), deadline=True),
        Kind.TRIAL: Wording(N_("试发一条消息"), N_("群里看到这条，就说明机器人已经接通。")),
    }
)
"""What a group is told: it names nobody and addresses nobody."""

WAITING: Final[Mapping[str, str]] = MappingProxyType(
    {
        "overdue": N_("逾期 %(n)s 条"),
        "due_today": N_("今日到期 %(n)s 条"),
        "to_accept": N_("待受理 %(n)s 条"),
        "to_reinspect": N_("待复查 %(n)s 条"),
        "contested": N_("申诉或异议 %(n)s 条"),
        "extension": N_("延期申请 %(n)s 条"),
    }
)
"""The lines of a digest, most urgent first, by the inbox's groups."""


REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "not_a_hazard": N_("不属于隐患"),
        "untrue": N_("情况不实"),
        "too_little": N_("信息太少，无法判断"),
    }
)
"""Why a report was not accepted; the same words as on the pages."""

UNTIL: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        Kind.REJECTED: N_("申诉截止：%(when)s"),
        Kind.VOIDED: N_("不同意可以申诉，截止：%(when)s"),
        Kind.CLOSED: N_("没有改好的话，可以提出异议，截止：%(when)s"),
    }
)
"""What its reporter may still do, and until when."""


def said_to_person(kind: Kind, facts: PublicFacts, private: PrivateFacts, *, language: str) -> Saying:
    """The message as its addressee reads it.

    Raises:
        KeyError: a kind nobody worded.
    """
    translate = translation_into(language)
    if kind is Kind.DIGEST:
        return _digest(facts, translate)
    wording = TO_A_PERSON[kind]
    lines = _about(facts, translate, language=language, where=private.where, deadline=wording.deadline)
    reason = [translate(REASONS[private.reason])] if private.reason in REASONS else []
    quoted = [translate(N_("“%(said)s”")) % {"said": shortened(private.said)}] if private.said else []
    then = translate(wording.then) % {"unit": facts.unit, "master": facts.master}
    last = _until(kind, private, translate, language=language)
    return Saying(translate(wording.title), (*lines, *reason, *quoted, then, *last))


def _until(kind: Kind, private: PrivateFacts, translate: Translate, *, language: str) -> tuple[str, ...]:
    """Until when its reporter may say that it is not so."""
    if private.until is None or kind not in UNTIL:
        return ()
    return (translate(UNTIL[kind]) % {"when": moment(private.until, language=language)},)


def said_to_group(kind: Kind, facts: PublicFacts, *, language: str) -> Saying:
    """The message as a group reads it; it cannot say what `PublicFacts` does not hold.

    Raises:
        KeyError: a kind that no group is told.
    """
    translate = translation_into(language)
    wording = TO_A_GROUP[kind]
    lines = _about(facts, translate, language=language, where="", deadline=wording.deadline)
    return Saying(translate(wording.title), (*lines, translate(wording.then)))


def title_of(kind: Kind, *, language: str) -> str:
    """The title alone: all that is left of a message whose hazard the person may not see any more."""
    translate = translation_into(language)
    return translate(N_("每日待办") if kind is Kind.DIGEST else TO_A_PERSON[kind].title)


def shortened(said: str) -> str:
    """Somebody's words on one line, cut."""
    line = " ".join(said.split())
    return line if len(line) <= SAID_AT_MOST else line[: SAID_AT_MOST - 1] + "…"


def _about(
    facts: PublicFacts, translate: Translate, *, language: str, where: str, deadline: bool
) -> tuple[str, ...]:
    category = translate(CATEGORIES[facts.category]) if facts.category in CATEGORIES else ""
    place = facts.place or shortened(where)
    major = translate(N_("重大隐患")) if facts.major else ""
    what = " · ".join(piece for piece in (major, category, place, facts.unit) if piece)
    lines = [" ".join(piece for piece in (facts.number, what) if piece)]
    if deadline and facts.deadline is not None:
        lines.append(translate(N_("期限：%(when)s")) % {"when": moment(facts.deadline, language=language)})
    return tuple(line for line in lines if line)


def _digest(facts: PublicFacts, translate: Translate) -> Saying:
    lines = tuple(
        translate(text) % {"n": facts.waiting[group]}
        for group, text in WAITING.items()
        if facts.waiting.get(group)
    )
    then = N_("逾期的请先办。") if facts.waiting.get("overdue") else N_("请到待办里办理。")
    return Saying(translate(N_("每日待办")), (*lines, translate(then)))


def moment(at: datetime, *, language: str) -> str:
    """An instant in its own zone, as people write it."""
    if language == CHINESE:
        return f"{at.month}月{at.day}日 {at:%H:%M}"
    return f"{at.day} {MONTHS[at.month - 1]} {at:%H:%M}"
